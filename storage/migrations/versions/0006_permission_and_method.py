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


def upgrade() -> None:
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("foreseen_other", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("baseline_did", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("baseline_had", sa.Integer(), nullable=True))

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("after_start", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_column("after_start")

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_column("baseline_had")
        batch_op.drop_column("baseline_did")
        batch_op.drop_column("foreseen_other")
