"""Remarks

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"


def upgrade() -> None:
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slot", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("raw", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("shown_text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("superseded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("taken_as", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("identifiers", sa.Boolean(), nullable=False),
        sa.Column("unheard", sa.Boolean(), nullable=False),
        sa.Column("detected_language", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("detected_probability", sa.Float(), nullable=True),
        sa.Column("message_deleted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_remark_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.create_index("ix_remark_conversation_number", ["conversation_id", "number"], unique=False)
        batch_op.create_index("ix_remark_unheard", ["id"], unique=False, sqlite_where=sa.text("unheard"))

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed", sa.Boolean(), server_default=sa.text("1"), nullable=False))

    with op.batch_alter_table("excerpt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remark_id", sa.Integer(), nullable=True))
        batch_op.alter_column("answer_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_excerpt_remark_id"), ["remark_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_excerpt_remark_id_remark"), "remark", ["remark_id"], ["id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_excerpt_one_source"), ONE_SOURCE)

    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remark_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_safety_case_remark_id_remark"), "remark", ["remark_id"], ["id"]
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_safety_case_one_source"), "answer_id IS NULL OR remark_id IS NULL"
        )

    with op.batch_alter_table("safety_look", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remark_id", sa.Integer(), nullable=True))
        batch_op.alter_column("answer_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_unique_constraint("uq_safety_look_sample_id_remark_id", ["sample_id", "remark_id"])
        batch_op.create_check_constraint(batch_op.f("ck_safety_look_one_source"), ONE_SOURCE)


def downgrade() -> None:
    # What a remark was the source of goes with it: without it there is nothing that it is about.
    op.execute("DELETE FROM coding WHERE excerpt_id IN (SELECT id FROM excerpt WHERE remark_id IS NOT NULL)")
    op.execute("DELETE FROM excerpt WHERE remark_id IS NOT NULL")
    op.execute("DELETE FROM safety_look WHERE remark_id IS NOT NULL")
    with op.batch_alter_table("safety_look", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_safety_look_one_source"), type_="check")
        batch_op.drop_constraint("uq_safety_look_sample_id_remark_id", type_="unique")
        batch_op.alter_column("answer_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("remark_id")

    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_safety_case_one_source"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_safety_case_remark_id_remark"), type_="foreignkey")
        batch_op.drop_column("remark_id")

    with op.batch_alter_table("excerpt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_excerpt_one_source"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_excerpt_remark_id_remark"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_excerpt_remark_id"))
        batch_op.alter_column("answer_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("remark_id")

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_column("confirmed")

    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.drop_index("ix_remark_unheard", sqlite_where=sa.text("unheard"))
        batch_op.drop_index("ix_remark_conversation_number")

    op.drop_table("remark")
