"""Redactions of what is promised and reported

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORDS = ("commitment", "commitmentrevision", "implementation")


def upgrade() -> None:
    for table in WORDS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("redaction", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
            batch_op.add_column(
                sa.Column("redaction_rules", sa.Integer(), server_default=sa.text("0"), nullable=False)
            )


def downgrade() -> None:
    for table in WORDS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("redaction_rules")
            batch_op.drop_column("redaction")
