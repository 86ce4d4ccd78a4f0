"""Coding by a codebook

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"
ONE_OF_THREE = (
    "(CASE WHEN answer_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN remark_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN commitment_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    op.create_table(
        "codebook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("loaded_by", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["loaded_by"], ["coordinator.id"], name=op.f("fk_codebook_loaded_by_coordinator")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_codebook_program_id_program")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codebook")),
        sa.UniqueConstraint("program_id", "version", name=op.f("uq_codebook_program_id_version")),
    )
    op.create_table(
        "theme_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column(
            "from_kind",
            sa.Enum(
                "theme",
                "objective",
                "suggestion",
                "commitment",
                "behaviour",
                name="linkedkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("from_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "to_kind",
            sa.Enum(
                "theme",
                "objective",
                "suggestion",
                "commitment",
                "behaviour",
                name="linkedkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("to_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("removed_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["coordinator.id"], name=op.f("fk_theme_link_made_by_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_theme_link_program_id_program")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["coordinator.id"], name=op.f("fk_theme_link_removed_by_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_link")),
    )
    with op.batch_alter_table("theme_link", schema=None) as batch_op:
        batch_op.create_index(
            "ix_theme_link_standing", ["program_id"], unique=False, sqlite_where=sa.text("removed_at IS NULL")
        )

    op.create_table(
        "coded_excerpt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("excerpt_id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=False),
        sa.Column("codebook_id", sa.Integer(), nullable=True),
        sa.Column("coded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["codebook_id"], ["codebook.id"], name=op.f("fk_coded_excerpt_codebook_id_codebook")
        ),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinator.id"], name=op.f("fk_coded_excerpt_coordinator_id_coordinator")
        ),
        sa.ForeignKeyConstraint(
            ["excerpt_id"], ["excerpt.id"], name=op.f("fk_coded_excerpt_excerpt_id_excerpt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coded_excerpt")),
        sa.UniqueConstraint(
            "excerpt_id", "coordinator_id", name=op.f("uq_coded_excerpt_excerpt_id_coordinator_id")
        ),
    )
    op.create_table(
        "coding_settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("excerpt_id", sa.Integer(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("codebook_id", sa.Integer(), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["codebook_id"], ["codebook.id"], name=op.f("fk_coding_settlement_codebook_id_codebook")
        ),
        sa.ForeignKeyConstraint(
            ["excerpt_id"], ["excerpt.id"], name=op.f("fk_coding_settlement_excerpt_id_excerpt")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["coordinator.id"], name=op.f("fk_coding_settlement_settled_by_coordinator")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_settlement")),
        sa.UniqueConstraint("excerpt_id", name=op.f("uq_coding_settlement_excerpt_id")),
    )
    with op.batch_alter_table("excerpt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_excerpt_one_source"), type_="check")
        batch_op.add_column(sa.Column("commitment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_excerpt_commitment_id"), ["commitment_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_excerpt_commitment_id_commitment"), "commitment", ["commitment_id"], ["id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_excerpt_one_source"), ONE_OF_THREE)

    # Whoever gave an excerpt a code had coded it.
    op.execute(
        "INSERT INTO coded_excerpt (excerpt_id, coordinator_id, coded_at)"
        " SELECT excerpt_id, coordinator_id, max(coded_at) FROM coding GROUP BY excerpt_id, coordinator_id"
    )


def downgrade() -> None:
    op.drop_table("coding_settlement")
    op.drop_table("coded_excerpt")
    # What is of a commitment has no place in the older form.
    op.execute(
        "DELETE FROM coding WHERE excerpt_id IN (SELECT id FROM excerpt WHERE commitment_id IS NOT NULL)"
    )
    op.execute("DELETE FROM excerpt WHERE commitment_id IS NOT NULL")
    with op.batch_alter_table("excerpt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_excerpt_one_source"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_excerpt_commitment_id_commitment"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_excerpt_commitment_id"))
        batch_op.drop_column("made_at")
        batch_op.drop_column("commitment_id")
        batch_op.create_check_constraint(batch_op.f("ck_excerpt_one_source"), ONE_SOURCE)

    with op.batch_alter_table("theme_link", schema=None) as batch_op:
        batch_op.drop_index("ix_theme_link_standing", sqlite_where=sa.text("removed_at IS NULL"))

    op.drop_table("theme_link")
    op.drop_table("codebook")
