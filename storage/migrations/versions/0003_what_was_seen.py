"""What was seen when it was answered

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("message_deleted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(
            "ix_inbox_postponed",
            ["address_id"],
            unique=False,
            sqlite_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
            postgresql_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_unsent",
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_unsent",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
            postgresql_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
        )
        batch_op.add_column(sa.Column("thread", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_index(
            "ix_outbox_edit",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("kind = 'edit'"),
            postgresql_where=sa.text("kind = 'edit'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_edit", sqlite_where=sa.text("kind = 'edit'"), postgresql_where=sa.text("kind = 'edit'")
        )
        batch_op.drop_column("thread")
        batch_op.drop_index(
            "ix_outbox_unsent",
            sqlite_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
            postgresql_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
        )
        batch_op.create_index(
            "ix_outbox_unsent",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_postponed",
            sqlite_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
            postgresql_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
        )
        batch_op.drop_column("not_before")

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("message_deleted_at")
