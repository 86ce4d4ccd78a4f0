"""Lanes

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LANES = ("safety", "reply", "team", "reminder", "bulk", "edit")
_UNSENT = "status IN ('queued', 'sending')"


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        lane = sa.Enum(*LANES, name="lane", native_enum=False, length=32)
        batch_op.add_column(sa.Column("lane", lane, server_default="reply", nullable=False))
        batch_op.add_column(sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    _put_in_lanes(op.get_bind())


def _put_in_lanes(connection: sa.Connection) -> None:
    """Give the rows of before their lanes, and those that are still to be sent the channel of their address."""
    connection.exec_driver_sql("UPDATE outbox SET lane = kind WHERE kind IN ('team', 'edit')")
    connection.exec_driver_sql(f"UPDATE outbox SET lane = 'safety' WHERE kind = 'help' AND {_UNSENT}")  # noqa: S608
    connection.exec_driver_sql(
        "UPDATE outbox SET channel = (SELECT channel FROM address WHERE address.id = outbox.address_id)"  # noqa: S608
        f" WHERE {_UNSENT}"
    )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("channel")
        batch_op.drop_column("lane")
