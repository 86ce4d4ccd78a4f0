"""Labels in a chain

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_invitation_replaces",
            ["replaces_id"],
            unique=False,
            sqlite_where=sa.text("replaces_id IS NOT NULL"),
        )
    # A link in the place of another has its label as it was sealed then; no two others are sealed alike.
    op.execute(
        "UPDATE invitation SET replaces_id = (SELECT max(before.id) FROM invitation AS before"
        " WHERE before.label_sealed = invitation.label_sealed AND before.id < invitation.id)"
        " WHERE label_sealed IN (SELECT label_sealed FROM invitation GROUP BY label_sealed HAVING count(*) > 1)"
    )


def downgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_replaces")
        batch_op.drop_column("replaces_id")
