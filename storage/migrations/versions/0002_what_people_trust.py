"""What people trust

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["coordinator.id"], name=op.f("fk_safety_sample_drawn_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_safety_sample_program_id_program")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_sample")),
    )
    op.create_table(
        "safety_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("looked_by", sa.Integer(), nullable=True),
        sa.Column("looked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["looked_by"], ["coordinator.id"], name=op.f("fk_safety_look_looked_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["safety_sample.id"], name=op.f("fk_safety_look_sample_id_safety_sample")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_look")),
        sa.UniqueConstraint("sample_id", "answer_id", name=op.f("uq_safety_look_sample_id_answer_id")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unheard", sa.Boolean(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("detected_language", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("detected_probability", sa.Float(), nullable=True))
        batch_op.create_index(
            "ix_answer_unheard",
            ["id"],
            unique=False,
            sqlite_where=sa.text("unheard"),
            postgresql_where=sa.text("unheard"),
        )

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flow", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("source_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_conversation_about",
            ["about_id"],
            unique=False,
            sqlite_where=sa.text("about_id IS NOT NULL"),
            postgresql_where=sa.text("about_id IS NOT NULL"),
        )

    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_hold_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.add_column(sa.Column("translations", sa.JSON(), nullable=True))

    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("flagged_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("flagged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_safety_case_flagged_by_coordinator"), "coordinator", ["flagged_by"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_safety_case_owner_id_coordinator"), "coordinator", ["owner_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("safety_case", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_safety_case_owner_id_coordinator"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_safety_case_flagged_by_coordinator"), type_="foreignkey")
        batch_op.drop_column("flagged_at")
        batch_op.drop_column("flagged_by")
        batch_op.drop_column("owner_id")

    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.drop_column("translations")

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("team_hold_until")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("about_id")

    with op.batch_alter_table("coordinator", schema=None) as batch_op:
        batch_op.drop_column("language")

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_conversation_about",
            sqlite_where=sa.text("about_id IS NOT NULL"),
            postgresql_where=sa.text("about_id IS NOT NULL"),
        )
        batch_op.drop_column("about_id")

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_column("source_hash")
        batch_op.drop_column("flow")

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_answer_unheard", sqlite_where=sa.text("unheard"), postgresql_where=sa.text("unheard")
        )
        batch_op.drop_column("detected_probability")
        batch_op.drop_column("detected_language")
        batch_op.drop_column("unheard")

    op.drop_table("safety_look")
    op.drop_table("safety_sample")
