"""Lanes

Revision: 0004
Follows: 0003
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from alembic.operations import BatchOperations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LANES = ("safety", "reply", "team", "reminder", "bulk", "edit")
_UNSENT = "status IN ('queued', 'sending')"
_UNSENT_MESSAGES = f"{_UNSENT} AND kind != 'edit'"
_HEADS = "is_head AND status = 'queued'"


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        lane = sa.Enum(*LANES, name="lane", native_enum=False, length=32)
        batch_op.add_column(sa.Column("lane", lane, server_default="reply", nullable=False))
        batch_op.add_column(sa.Column("line", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("is_head", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        batch_op.drop_index("ix_outbox_unsent", **_where(_UNSENT_MESSAGES))
        batch_op.create_index(
            "ix_outbox_unsent",
            ["address_id", "is_head", "lane", "id"],
            unique=False,
            **_where(_UNSENT_MESSAGES),
        )
        batch_op.create_index(
            "ix_outbox_head", ["line", "lane", "not_before", "id"], unique=False, **_where(_HEADS)
        )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        _index_timers(batch_op, ["kind", "due_at"])
    with op.batch_alter_table("contact", schema=None) as batch_op:
        where = sa.text("action = 'queued'")
        batch_op.create_index(
            "ix_contact_queued",
            ["conversation_id"],
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )
    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    _index_what_grows()
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("zone_asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("workspace", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_table(
        "paid_month",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("month", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("openers", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "month", name=op.f("pk_paid_month")),
    )
    _put_in_lanes(op.get_bind())


def _index_what_grows() -> None:
    """Have what turn, tick and deletion look for found by an index, also where SQLite has no statistics."""
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_program_id")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_program_id")
        batch_op.create_index(
            "ix_commitment_activity_suggestion", ["activity_id", "suggestion", "participant_id"], unique=False
        )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_address_id", ["address_id"], unique=False)
        batch_op.create_index("ix_inbox_waiting", ["id"], unique=False, **_where("handled_at IS NULL"))
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_address_id", ["address_id"], unique=False)
    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.create_index("ix_safety_case_participant_id", ["participant_id"], unique=False)


def _do_not_index_what_grows() -> None:
    """Undo `_index_what_grows`."""
    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.drop_index("ix_safety_case_participant_id")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_address_id")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_waiting", **_where("handled_at IS NULL"))
        batch_op.drop_index("ix_inbox_address_id")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_activity_suggestion")
        batch_op.create_index("ix_commitment_program_id", ["program_id"], unique=False)
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_program_id", ["program_id"], unique=False)


def _index_timers(batch_op: BatchOperations, columns: list[str]) -> None:
    """Index the timers that are still set by these columns, in place of the index that there is."""
    batch_op.drop_index("ix_timer_unfinished", **_where("done_at IS NULL"))
    batch_op.create_index("ix_timer_unfinished", columns, unique=False, **_where("done_at IS NULL"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _put_in_lanes(connection: sa.Connection) -> None:
    """Give the rows of before their lanes.

    Those that are still to be sent get the channel of their address, and the first of each address is marked: what was
    being sent, then help for somebody at risk, then the oldest.
    """
    connection.exec_driver_sql("UPDATE outbox SET lane = kind WHERE kind IN ('team', 'edit')")
    connection.exec_driver_sql(f"UPDATE outbox SET lane = 'safety' WHERE kind = 'help' AND {_UNSENT}")  # noqa: S608
    connection.exec_driver_sql(  # what a reply waits behind goes with it
        f"UPDATE outbox SET lane = 'reply' WHERE lane = 'team' AND {_UNSENT} AND EXISTS (SELECT 1 FROM outbox AS later"  # noqa: S608
        " WHERE later.address_id = outbox.address_id AND later.id > outbox.id AND later.lane = 'reply'"
        f" AND later.{_UNSENT})"
    )
    connection.exec_driver_sql(
        "UPDATE outbox SET line = (SELECT channel FROM address WHERE address.id = outbox.address_id)"  # noqa: S608
        f" WHERE {_UNSENT}"
    )
    connection.exec_driver_sql(
        "UPDATE outbox SET is_head = 1 WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER ("  # noqa: S608
        "PARTITION BY address_id ORDER BY status = 'sending' DESC, lane = 'safety' DESC, id) AS place"
        f" FROM outbox WHERE {_UNSENT_MESSAGES}) WHERE place = 1)"
    )


def downgrade() -> None:
    _do_not_index_what_grows()
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("zone_asked_at")
    op.drop_table("paid_month")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("workspace")
    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.drop_column("paused_at")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_queued")
    with op.batch_alter_table("timer", schema=None) as batch_op:
        _index_timers(batch_op, ["due_at"])
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_head", **_where(_HEADS))
        batch_op.drop_index("ix_outbox_unsent", **_where(_UNSENT_MESSAGES))
        batch_op.create_index(
            "ix_outbox_unsent", ["address_id", "id"], unique=False, **_where(_UNSENT_MESSAGES)
        )
        batch_op.drop_column("is_head")
        batch_op.drop_column("line")
        batch_op.drop_column("lane")
