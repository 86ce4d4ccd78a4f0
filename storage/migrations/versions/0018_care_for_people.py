"""Care for people

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requested_erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["coordinator.id"], name=op.f("fk_requested_erasure_asked_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["coordinator.id"], name=op.f("fk_requested_erasure_confirmed_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_requested_erasure_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requested_erasure")),
    )
    with op.batch_alter_table("requested_erasure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_requested_erasure_participant_id"), ["participant_id"], unique=False
        )

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_conversation_last_turn", ["last_turn_at", "status", "participant_id", "turns"], unique=False
        )

    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("coordinator_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_link_code_coordinator_id_coordinator"), "coordinator", ["coordinator_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_link_code_coordinator_id_coordinator"), type_="foreignkey")
        batch_op.drop_column("coordinator_id")

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_last_turn")

    with op.batch_alter_table("requested_erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requested_erasure_participant_id"))

    op.drop_table("requested_erasure")
