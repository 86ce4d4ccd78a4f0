"""Permission and method

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"


def upgrade() -> None:
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("foreseen_other", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("baseline_did", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("baseline_had", sa.Integer(), nullable=True))

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("after_start", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )

    op.create_table(
        "quotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("remark_id", sa.Integer(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=False),
        sa.Column("released_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(ONE_SOURCE, name=op.f("ck_quotation_one_source")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_quotation_answer_id_answer")),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_quotation_remark_id_remark")),
        sa.ForeignKeyConstraint(
            ["released_by"], ["coordinator.id"], name=op.f("fk_quotation_released_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["coordinator.id"], name=op.f("fk_quotation_withdrawn_by_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation")),
    )
    with op.batch_alter_table("quotation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotation_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotation_remark_id"), ["remark_id"], unique=False)
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_answer_picks",
            ["question_key"],
            unique=False,
            sqlite_where=sa.text("kind = 'select_many' AND superseded_at IS NULL"),
            postgresql_where=sa.text("kind = 'select_many' AND superseded_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_picks")
    op.drop_table("quotation")

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_column("after_start")

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_column("baseline_had")
        batch_op.drop_column("baseline_did")
        batch_op.drop_column("foreseen_other")
