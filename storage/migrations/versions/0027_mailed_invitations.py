"""Mailed invitations

Revision: 0027
Follows: 0026
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_hash", sa.LargeBinary(), nullable=False),
        sa.Column("refused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_refusal")),
        sa.UniqueConstraint("mailbox_hash", name=op.f("uq_mail_refusal_mailbox_hash")),
    )
    op.create_table(
        "invitation_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("mailbox_hash", sa.LargeBinary(), nullable=True),
        sa.Column("ends_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "sending",
                "mailed",
                "refused",
                "bounced",
                "complained",
                "ended",
                name="invitationmailstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("mailed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_invitation_mail_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_mail")),
        sa.UniqueConstraint("ends_hash", name=op.f("uq_invitation_mail_ends_hash")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_invitation_mail_invitation_id")),
        sa.UniqueConstraint("name_hash", name=op.f("uq_invitation_mail_name_hash")),
    )
    with op.batch_alter_table("invitation_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_mail_mailbox_hash"), ["mailbox_hash"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("invitation_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_mail_mailbox_hash"))

    op.drop_table("invitation_mail")
    op.drop_table("mail_refusal")
