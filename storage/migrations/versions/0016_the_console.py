"""The console

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_console_link_coordinator_id_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_console_link_token_hash")),
    )
    with op.batch_alter_table("console_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_console_link_coordinator_id"), ["coordinator_id"], unique=False)

    op.create_table(
        "console_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_console_session_coordinator_id_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_console_session_secret_hash")),
    )
    with op.batch_alter_table("console_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_console_session_coordinator_id"), ["coordinator_id"], unique=False
        )

    op.create_table(
        "coordinator_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "coordinator",
                "safety",
                "author",
                "admin",
                name="teamrole",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("program_id", sa.Integer(), nullable=True),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coordinator_id"],
            ["coordinator.id"],
            name=op.f("fk_coordinator_role_coordinator_id_coordinator"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_coordinator_role_program_id_program")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordinator_role")),
        sa.UniqueConstraint(
            "coordinator_id",
            "role",
            "program_id",
            name=op.f("uq_coordinator_role_coordinator_id_role_program_id"),
        ),
    )
    with op.batch_alter_table("coordinator_role", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_coordinator_role_coordinator_id"), ["coordinator_id"], unique=False
        )

    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))

    # Whoever is of the team keeps what they could do.
    for role in ("coordinator", "safety"):
        op.execute(
            "INSERT INTO coordinator_role (coordinator_id, role, given_at)"
            f" SELECT id, '{role}', created_at FROM coordinator"
            " WHERE address_id IS NOT NULL OR token_hash IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_sealed")

    with op.batch_alter_table("coordinator_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coordinator_role_coordinator_id"))

    op.drop_table("coordinator_role")
    with op.batch_alter_table("console_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_console_session_coordinator_id"))

    op.drop_table("console_session")
    with op.batch_alter_table("console_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_console_link_coordinator_id"))

    op.drop_table("console_link")
