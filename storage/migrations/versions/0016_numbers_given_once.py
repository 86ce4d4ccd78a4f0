"""Numbers given once

Revision: 0016
Follows: 0015

The audit trail, alerts, digests and reports name cases, answers, remarks, quotations, excerpts and links by number.
SQLite gives the number of a row that was deleted to the next one, unless the table says AUTOINCREMENT: then the
highest number ever given is kept. A table can only be told so by being made anew.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAMED_ELSEWHERE = {
    "safety_case": (
        "SELECT json_extract(details, '$.case') FROM audit_event WHERE kind IN ('flag', 'safety', 'view')",
    ),
    "answer": (
        "SELECT json_extract(details, '$.answer') FROM audit_event WHERE kind = 'flag'",
        "SELECT answer_id FROM safety_look",
        "SELECT answer_id FROM text_place",
    ),
    "remark": (
        "SELECT json_extract(details, '$.remark') FROM audit_event WHERE kind = 'flag'",
        "SELECT remark_id FROM safety_look",
        "SELECT remark_id FROM text_place",
    ),
    "quotation": ("SELECT json_extract(details, '$.quotation') FROM audit_event WHERE kind = 'quotation'",),
    "excerpt": ("SELECT json_extract(details, '$.excerpt') FROM audit_event WHERE kind = 'coding'",),
    "theme_link": ("SELECT json_extract(details, '$.link') FROM audit_event WHERE kind = 'coding'",),
}
"""The tables, each with where numbers are still named whose rows may be gone."""
PLAIN = "id INTEGER NOT NULL,"
COUNTED = "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,"
AROUND = (
    "SELECT sql FROM sqlite_master WHERE tbl_name = '{}' AND type IN ('index', 'trigger') AND sql IS NOT NULL"
)


def upgrade() -> None:
    connection = op.get_bind()
    for table, places in NAMED_ELSEWHERE.items():
        made = _made(connection, table).replace(PLAIN, COUNTED, 1)
        _make_anew(connection, table, re.sub(rf",\s*CONSTRAINT pk_{table} PRIMARY KEY \(id\)", "", made))
        _count_from(connection, table, places)


def downgrade() -> None:
    connection = op.get_bind()
    for table in NAMED_ELSEWHERE:
        body = _made(connection, table).replace(COUNTED, PLAIN, 1).rstrip().removesuffix(")").rstrip()
        _make_anew(connection, table, f"{body}, \n\tCONSTRAINT pk_{table} PRIMARY KEY (id)\n)")


def _made(connection: sa.Connection, table: str) -> str:
    """Return the statement that made a table."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return str(connection.scalar(query, {"table": table}))


def _make_anew(connection: sa.Connection, table: str, statement: str) -> None:
    """Make a table anew by a statement, with the columns in the same order: rows, indexes and triggers stay."""
    around = connection.exec_driver_sql(AROUND.format(table)).scalars().all()
    named = re.sub(rf"^CREATE TABLE \"?{table}\"?", f'CREATE TABLE "{table}_anew"', statement)
    connection.exec_driver_sql(named)
    connection.exec_driver_sql(f"INSERT INTO {table}_anew SELECT * FROM {table}")  # noqa: S608 - our own tables
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for made in around:
        connection.exec_driver_sql(made)


def _count_from(connection: sa.Connection, table: str, places: tuple[str, ...]) -> None:
    """Have numbers go on above the highest that a row has, or that is named somewhere."""
    rows = " UNION ALL ".join(("SELECT NULL AS number", f"SELECT id FROM {table}", *places))  # noqa: S608 - our tables
    highest = connection.exec_driver_sql(f"SELECT max(number) FROM ({rows})").scalar()  # noqa: S608 - our tables
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    connection.exec_driver_sql(
        "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, int(highest or 0))
    )
