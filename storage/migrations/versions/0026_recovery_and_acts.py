"""Recovery codes, and what the team did

Revision: 0026
Follows: 0025

A table of the codes that stand in for one of a second step, and an index of the entries of the audit trail that tell
of what the team did.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEAM_ACTS = (
    "kind IN ('safety', 'view', 'export', 'deletion', 'purge', 'settings', 'key', 'quotation', 'coding', 'rereading',"
    " 'flag')"
)


def upgrade() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_recovery_code_coordinator_id_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint(
            "coordinator_id", "code_hash", name=op.f("uq_recovery_code_coordinator_id_code_hash")
        ),
    )
    columns = ["at", "kind", "participant_id"]
    op.create_index("ix_audit_event_team", "audit_event", columns, sqlite_where=sa.text(TEAM_ACTS))


def downgrade() -> None:
    op.drop_index("ix_audit_event_team", "audit_event")
    op.drop_table("recovery_code")
