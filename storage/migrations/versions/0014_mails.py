"""Mails

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_address_request_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_address_request_token_hash")),
    )
    with op.batch_alter_table("address_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_request_lookup"), ["lookup"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_address_request_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "mail_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "question",
                "unsubscribe",
                "name",
                "code",
                name="mailtokenpurpose",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_mail_token_address_id_address")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mail_token_token_hash")),
    )
    with op.batch_alter_table("mail_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_token_address_id"), ["address_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("mail_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_token_address_id"))

    op.drop_table("mail_token")
    with op.batch_alter_table("address_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_request_participant_id"))
        batch_op.drop_index(batch_op.f("ix_address_request_lookup"))

    op.drop_table("address_request")
