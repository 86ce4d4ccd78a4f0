"""Supporters' cuts

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supporter_cut",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("report", "export", name="cutkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("shown_tables", sa.JSON(), nullable=False),
        sa.Column("shown_cells", sa.JSON(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.Column("handed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handed_by"], ["coordinator.id"], name=op.f("fk_supporter_cut_handed_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_supporter_cut_program_id_program")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporter_cut")),
    )
    with op.batch_alter_table("supporter_cut", schema=None) as batch_op:
        batch_op.create_index("ix_supporter_cut_program", ["program_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("supporter_cut", schema=None) as batch_op:
        batch_op.drop_index("ix_supporter_cut_program")
    op.drop_table("supporter_cut")
