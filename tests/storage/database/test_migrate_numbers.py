"""Numbers by which rows are named elsewhere are given once: in new databases, and in those of earlier programs."""

import sqlite3
from contextlib import closing

import pytest

from storage.database import migrate
from storage.schema import METADATA
from tests.support import earlier_database

pytestmark = pytest.mark.usefixtures("as_in_production")


def run(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def found(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def path(tmp_path):
    """A database of this version, closed."""
    made = tmp_path / "said.sqlite"
    migrate.prepare(made)
    return made


NUMBERED_ONCE = {"safety_case", "answer", "remark", "quotation", "excerpt", "theme_link"}
"""Tables whose rows the audit trail names by number."""


def test_numbers_that_are_named_elsewhere_are_given_once(path):
    """These tables keep the highest number ever given; a later migration that makes one anew must keep that."""
    made = found(
        path, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%PRIMARY KEY AUTOINCREMENT%'"
    )
    assert {name for (name,) in made} == NUMBERED_ONCE
    assert {
        table.name for table in METADATA.sorted_tables if table.kwargs.get("sqlite_autoincrement")
    } == NUMBERED_ONCE
    assert migrate.differences(path) == []


@pytest.fixture
def of_before(tmp_path):
    """A database with something in each table, at the schema before numbers were given once."""
    made = earlier_database.make(tmp_path / "before.sqlite")
    migrate.upgrade(made, "0015")
    run(made, "CREATE TRIGGER told AFTER INSERT ON safety_case BEGIN SELECT 1; END")
    return made


AROUND = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql NOTNULL ORDER BY 1"


def contents(path):
    """The rows of all tables, the indexes and triggers, and what refers to what."""
    tables = [name for (name,) in found(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: found(path, f'SELECT * FROM "{name}"') for name in tables}
    for not_ours in ("alembic_version", "sqlite_sequence"):
        rows.pop(not_ours, None)
    return (
        rows,
        found(path, AROUND),
        {name: found(path, f"PRAGMA foreign_key_list({name})") for name in rows},
    )


def test_tables_made_anew_keep_all(of_before):
    """Rows, columns in their order, indexes, triggers and references are as before, and again when it is undone."""
    before = contents(of_before)
    assert {name for name in NUMBERED_ONCE if before[0][name]} >= {"safety_case", "answer", "excerpt"}
    migrate.upgrade(of_before, "0016")
    assert contents(of_before) == before
    assert (
        found(of_before, "PRAGMA foreign_key_check") == found(of_before, "PRAGMA integrity_check")[1:] == []
    )
    downgrade(of_before, "0015")
    assert contents(of_before)[::2] == before[::2]
    assert found(of_before, "SELECT * FROM sqlite_sequence") == []
    migrate.upgrade(of_before, "0016")
    assert contents(of_before) == before
    migrate.upgrade(of_before)
    assert migrate.differences(of_before) == []


def test_numbers_go_on_above_what_is_named(of_before):
    """A case that is gone but named in the audit trail keeps its number, and so do words that were looked at."""
    event = (
        "INSERT INTO audit_event SELECT {number}, at, '{kind}', participant_id, '{details}', prev_hash, hash"
    )
    gone = {
        "safety_case": ("safety", '{"case":901}'),
        "quotation": ("quotation", '{"quotation":902}'),
        "excerpt": ("coding", '{"excerpt":903,"what":"coded"}'),
        "theme_link": ("coding", '{"link":904,"what":"link"}'),
        "remark": ("flag", '{"case":1,"remark":905}'),
    }
    for number, (kind, details) in enumerate(gone.values(), 5_000):
        run(of_before, event.format(number=number, kind=kind, details=details) + " FROM audit_event LIMIT 1")
    run(
        of_before,
        "UPDATE safety_look SET answer_id = 906, remark_id = NULL WHERE id = (SELECT max(id) FROM safety_look)",
    )
    migrate.prepare(of_before)
    kept = dict(found(of_before, "SELECT name, seq FROM sqlite_sequence"))
    assert kept == {
        "safety_case": 901,
        "quotation": 902,
        "excerpt": 903,
        "theme_link": 904,
        "remark": 905,
        "answer": 906,
    }
    copied = "INSERT INTO safety_case (participant_id, program_id, kind, status, opened_at, due_at, elements, products,"
    copied += " details) SELECT participant_id, program_id, kind, status, opened_at, due_at, '[]', '[]', '{}'"
    run(of_before, f"{copied} FROM safety_case LIMIT 1")
    assert found(of_before, "SELECT max(id) FROM safety_case") == [(902,)]


def downgrade(path, to):
    """Take migrations back."""
    from alembic import command

    engine = migrate._engine(path)
    config = migrate._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
    engine.dispose()
