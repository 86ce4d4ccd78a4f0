"""Readings that a person of the team puts right

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "rereading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("remark_id", sa.Integer(), nullable=True),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(ONE_SOURCE, name=op.f("ck_rereading_one_source")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_rereading_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_rereading_coordinator_id_coordinator")
        ),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_rereading_remark_id_remark")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rereading")),
    )
    with op.batch_alter_table("rereading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rereading_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rereading_remark_id"), ["remark_id"], unique=False)

    # A column behind all others: nothing of the rows that are there is written anew.
    op.add_column("answer", sa.Column("uncertain", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_answer_uncertain",
        "answer",
        ["id"],
        unique=False,
        sqlite_where=sa.text("uncertain AND superseded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_answer_uncertain", table_name="answer")
    op.drop_column("answer", "uncertain")
    op.drop_table("rereading")
