"""Readings

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"
ONE_TEXT = (
    "(CASE WHEN answer_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN remark_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) = 1"
)
NEWEST = """
    INSERT INTO text_place (name, answer_id, remark_id)
    SELECT name,
        (SELECT coalesce(max(id), 0) FROM answer),
        (SELECT coalesce(max(id), 0) FROM remark)
    FROM (SELECT 'update' AS name UNION ALL SELECT 'second_reader' UNION ALL SELECT 'read') AS places
"""


def upgrade() -> None:
    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    op.create_table(
        "text_place",
        sa.Column(
            "name",
            sa.Enum("update", "second_reader", "read", name="textplacename", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("remark_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_text_place")),
    )
    op.create_table(
        "text_signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("remark_id", sa.Integer(), nullable=True),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column(
            "reading_class",
            sa.Enum("risk", "event", "plain", name="readingclass", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("rules", "second_reader", name="signalsource", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum("care", "queue", name="signallevel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("noted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(ONE_SOURCE, name=op.f("ck_text_signal_one_source")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_text_signal_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_text_signal_participant_id_participant")
        ),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_text_signal_remark_id_remark")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_signal")),
    )
    with op.batch_alter_table("text_signal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_text_signal_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_text_signal_remark_id"), ["remark_id"], unique=False)

    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("remark_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("text", "same_words", "case", "sample", name="readingway", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("shown_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(ONE_TEXT, name=op.f("ck_reading_one_text")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_reading_answer_id_answer")),
        sa.ForeignKeyConstraint(["case_id"], ["safety_case.id"], name=op.f("fk_reading_case_id_safety_case")),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_reading_coordinator_id_coordinator")
        ),
        sa.ForeignKeyConstraint(["remark_id"], ["remark.id"], name=op.f("fk_reading_remark_id_remark")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("answer_id", "coordinator_id", name=op.f("uq_reading_answer_id_coordinator_id")),
        sa.UniqueConstraint("case_id", "coordinator_id", name=op.f("uq_reading_case_id_coordinator_id")),
        sa.UniqueConstraint("remark_id", "coordinator_id", name=op.f("uq_reading_remark_id_coordinator_id")),
    )

    # Nobody can say of what was there before whether somebody has read it: it is marked so, and not counted.
    op.execute(NEWEST)


def downgrade() -> None:
    op.drop_table("reading")
    with op.batch_alter_table("text_signal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_signal_remark_id"))
        batch_op.drop_index(batch_op.f("ix_text_signal_answer_id"))

    op.drop_table("text_signal")
    op.drop_table("text_place")

    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.drop_column("words_at")
