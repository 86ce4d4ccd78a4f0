"""Promises of the views: they are in every database, keep their columns, hold no identity, and count as exports do."""

import asyncio
import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.simulation.run import Simulation, SimulationPlan, simulated_identity
from flows.program.loader import load_program, program_paths
from flows.script.loader import library
from flows.text.phone_regions import nowhere
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import WordsTable
from storage.database import migrate
from storage.database.backup import check
from storage.database.connection import Database
from storage.export.links import links
from storage.export.measures.loop import loop_table
from storage.export.measures.measure import Figure
from storage.export.tables.answers import answers_long
from storage.export.tables.commitments import commitments
from storage.export.tables.consents import consents
from storage.export.tables.remarks import remarks
from storage.export.tables.table import ExportSelection, ExportTable
from storage.redaction import RULES
from storage.schema import VIEWS, view_statements
from storage.schema.views import HIDDEN, READ_BY_RULES
from tests.support import earlier_database

COLUMNS = {
    "v_answers": (
        "participant role program activity flow flow_version conversation answer question_key item kind shown_text"
        " value raw status language detected_language detected_probability channel asked_at answered_at"
        " superseded_at message_deleted_at superseded"
    ),
    "v_remarks": (
        "participant role program activity flow flow_version conversation remark number slot shown_text raw language"
        " detected_language detected_probability channel said_at superseded_at taken_as message_deleted_at superseded"
    ),
    "v_consents": (
        "decision participant role program activity conversation purpose granted flow flow_version text_hash"
        " source_hash language channel decided_at newest"
    ),
    "v_commitments": (
        "participant role program activity commitment slot statement suggestion type theme objective if_then start_on"
        " level confidence foreseen_barriers coping foreseen_other made_at revisions confirmed baseline_did"
        " baseline_had"
    ),
    "v_follow_ups": (
        "participant role program activity commitment theme confirmed wave_days after_start due_at sent_at reminded"
        " answered_at closed_at follow_up_status follow_up_reason implementation reported_at late barriers_met"
        " no_response details"
    ),
    "v_response": (
        "program activity source role flow links for_one for_groups uses opened people began first_made_at"
        " last_made_at finished"
    ),
    "v_loop": (
        "program theme label raised activities objectives commitments clinicians responded due done done_in_full"
        " asked_later"
    ),
}
"""Columns stay, in this order; new ones come at the end."""
MADE_AT = ("0027", "91ea5f5b29408feb")
"""The newest migration that made the views, and the digest of their texts then."""


def read(path: Path, query: str) -> list[dict[str, Any]]:
    """The rows that a query finds, opened to read only."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def views_in(path: Path) -> dict[str, str]:
    return {
        row["name"]: row["sql"]
        for row in read(path, "SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    }


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A new database."""
    path = tmp_path / "said.sqlite"
    migrate.prepare(path)
    return path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small program, played for some months, with its words redacted."""
    path = tmp_path_factory.mktemp("played") / "said.sqlite"
    plan = SimulationPlan(patients=8, hcps=6, educators=1, months=3, seed=5)
    with Database.open(path, identity=simulated_identity(5), durable=False, threads=False) as database:
        simulation = Simulation(database, library(), load_program(program_paths()[0]), plan)
        asyncio.run(simulation.run(lambda _share: None))
    redact_all(path)
    return path


def redact_all(path: Path) -> None:
    """Keep the redacted form of all words, as is done after the turns."""
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        for kind in WordsTable:
            found = kept_redactions.find_unredacted(connection, kind, 0, 1_000_000)
            made = [kept_redactions.redact(words, nowhere) for words in found.words]
            if made:
                kept_redactions.keep(connection, kind, made)


def test_a_new_database_has_the_views(new: Path):
    """Each, with its text; and the check accepts them."""
    assert views_in(new) == view_statements()
    assert migrate.differences(new) == []


def test_a_database_of_before_gets_the_views(tmp_path: Path):
    """Each can be queried there, with what had been said before."""
    path = earlier_database.make(tmp_path / "before.sqlite")
    migrate.prepare(path)
    assert views_in(path) == view_statements()
    assert migrate.differences(path) == []
    empty = {name for name in VIEWS if not read(path, f"SELECT * FROM {name}")}
    assert empty == {"v_remarks"}, "there were no remarks then"


def test_a_later_migration_makes_them_anew(tmp_path: Path):
    """A table that a view reads can be made anew: the views are not there meanwhile."""
    path = tmp_path / "said.sqlite"
    migrate.upgrade(path, "0010")
    run(path, "CREATE VIEW v_loop AS SELECT raw FROM answer")
    migrate.prepare(path)
    assert views_in(path) == view_statements()


def test_an_older_schema_has_none(tmp_path: Path):
    """They are made after the last migration alone."""
    path = tmp_path / "said.sqlite"
    migrate.upgrade(path, "0010")
    assert views_in(path) == {}


def test_the_check_sees_a_view_that_is_another_or_missing(new: Path):
    """By its name."""
    run(new, "DROP VIEW v_loop", "DROP VIEW v_answers", "CREATE VIEW v_answers AS SELECT 1")
    found = str(check(new))
    assert "view v_loop is missing" in found
    assert "view v_answers is another one" in found


def test_columns_stay(new: Path):
    """By name and in order."""
    with closing(sqlite3.connect(new)) as connection:
        found = {
            name: [one[0] for one in connection.execute(f"SELECT * FROM {name}").description]
            for name in VIEWS
        }
    assert found == {name: columns.split() for name, columns in COLUMNS.items()}


def test_a_changed_view_has_a_migration():
    """Else older databases would keep the view of before: with a change, add a migration and put both down here."""
    texts = "\n".join(view_statements().values())
    assert (migrate.head(), hashlib.sha256(texts.encode()).hexdigest()[:16]) == MADE_AT


def test_the_views_trust_the_rules_of_today():
    """With new rules of redaction the views trust these: a changed view, with a migration."""
    assert READ_BY_RULES == RULES


def test_nothing_can_be_written_through_them(new: Path):
    """A view takes no row."""
    for name in VIEWS:
        with pytest.raises(sqlite3.OperationalError, match="because it is a view"):
            run(new, f"DELETE FROM {name}")


# Words


MAIL = "wanda@planted.example"
NAME = "with Frau Huberova"
PHONE = "ring +43 664 1234567 first"
PERSONAL = "only for the bot"


def with_words(path: Path) -> None:
    """Put planted words into a played program's first answers in text, one of them personal, and a remark."""
    [first, second, *_] = read(path, "SELECT id, conversation_id FROM answer WHERE kind = 'text' ORDER BY id")
    raw, value = f"write to {MAIL}", f'"write to {MAIL}"'
    here = second["conversation_id"]
    run(
        path,
        f"UPDATE answer SET raw = '{raw}', value = '{value}', redaction_rules = 0 WHERE id = {first['id']}",
        f"UPDATE answer SET raw = '{PERSONAL}', personal = 1 WHERE id = {second['id']}",
        "INSERT INTO remark (conversation_id, number, slot, raw, shown_text, language, channel, said_at, personal,"
        f" identifiers, unheard) VALUES ({here}, 90, '', '{raw}', 'What?', 'en', 'terminal',"
        " '2026-03-02 09:00:00.000000', 0, 1, 0)",
        f"UPDATE \"commitment\" SET statement = '{raw}', if_then = '{NAME}', coping = '{PHONE}',"
        f" foreseen_other = '{raw}', redaction_rules = 0",
        f'UPDATE implementation SET details = \'{{"helped": ["{NAME}", "{PHONE}"]}}\', redaction_rules = 0',
    )


@pytest.fixture
def planted(played: Path, tmp_path: Path) -> Path:
    """The played program with planted words, not yet redacted."""
    path = tmp_path / "planted.sqlite"
    with closing(sqlite3.connect(played)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    with_words(path)
    return path


def shown_by(path: Path) -> str:
    """All that the views show, as one text."""
    return "\n".join(str(row) for name in VIEWS for row in read(path, f"SELECT * FROM {name}"))


def test_words_are_hidden_until_they_are_redacted(planted: Path):
    """Before the rules have read them nothing of them is seen; then their redacted form is."""
    assert MAIL not in shown_by(planted)
    assert read(planted, f"SELECT 1 FROM v_answers WHERE raw = '{HIDDEN}'")
    promised = "SELECT DISTINCT statement, if_then, coping, foreseen_other FROM v_commitments"
    reported = "SELECT DISTINCT details FROM v_follow_ups WHERE details IS NOT NULL"
    assert [set(row.values()) for row in read(planted, promised)] == [{HIDDEN}]
    assert read(planted, reported) == [{"details": f'"{HIDDEN}"'}]
    redact_all(planted)
    shown = shown_by(planted)
    assert [told for told in (MAIL, "Huberova", "664") if told in shown] == []
    with_phone = ["write to [email]", "with Frau [name]", "ring [phone] first", "write to [email]"]
    assert [list(row.values()) for row in read(planted, promised)] == [with_phone]
    assert read(planted, reported) == [{"details": '{"helped":["with Frau [name]","ring [phone] first"]}'}]
    assert read(planted, "SELECT 1 FROM v_answers WHERE raw = 'write to [email]'")
    assert read(planted, "SELECT 1 FROM v_answers WHERE value = '\"write to [email]\"'")
    assert read(planted, "SELECT 1 FROM v_remarks WHERE raw = 'write to [email]'")


def test_what_hangs_on_a_country_is_hidden(planted: Path):
    """A form that holds for some countries only is not shown: SQL does not know where its author is."""
    for table in WordsTable:
        run(planted, f'UPDATE "{table}" SET redaction_rules = 1, redaction = \'{{"places": ["AT"]}}\'')
    shown = shown_by(planted)
    assert [told for told in (MAIL, "Huberova", "664") if told in shown] == []
    assert {row["raw"] for row in read(planted, "SELECT raw FROM v_answers")} <= {HIDDEN, ""}


def test_personal_answers_are_not_there(planted: Path):
    """As in exports."""
    redact_all(planted)
    assert PERSONAL not in shown_by(planted)


def test_nobody_is_told(played: Path):
    """No address, keyed hash, token, name of a platform's message or number of an address is in any view."""
    shown = shown_by(played)
    identity = simulated_identity(5)
    rows = read(played, "SELECT lookup, sealed FROM address")
    secrets = {identity.open(row["sealed"]) for row in rows} | {repr(row["lookup"]) for row in rows}
    secrets |= {one.partition(":")[2] for one in secrets if ":" in one and len(one.partition(":")[2]) > 5}
    secrets |= {row["external_id"] for row in read(played, "SELECT external_id FROM inbox")}
    secrets |= {repr(row["token_hash"]) for row in read(played, "SELECT token_hash FROM invitation")}
    assert len(secrets) > len(rows)
    assert [one for one in secrets if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", shown)] == []
    assert re.search(r"b['\"]\\x", shown) is None


# The same as exports


def exported(path: Path, table: Any) -> list[dict[str, Any]]:
    """The rows of a table of the export."""
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        made: ExportTable = table(connection, ExportSelection())
        return [dict(zip(made.columns, row, strict=True)) for row in made.rows]


def differing(
    view: list[dict[str, Any]], export: list[dict[str, Any]], *, but: tuple[str, ...] = ()
) -> list[Any]:
    """Where rows in the same order differ in the columns that both have; hidden words aside."""
    assert len(view) == len(export)
    assert view
    both = [name for name in view[0] if name in export[0] and name not in but]
    return [
        (name, one[name], other[name])
        for one, other in zip(view, export, strict=True)
        for name in both
        if one[name] not in (HIDDEN, other[name])
    ]


def test_answers_are_those_of_the_export(played: Path):
    """The same rows; words are hidden where they hang on a country alone."""
    view = read(played, "SELECT * FROM v_answers ORDER BY conversation, answer")
    assert differing(view, exported(played, answers_long), but=("value",)) == []
    assert sum(row["raw"] == HIDDEN for row in view) < len(view) / 5


def test_remarks_are_those_of_the_export(planted: Path):
    """The same rows."""
    redact_all(planted)
    view = read(planted, "SELECT * FROM v_remarks ORDER BY conversation, remark")
    assert differing(view, exported(planted, remarks)) == []


def test_consents_are_those_of_the_export(played: Path):
    """The same decisions; what stands is among the newest, where a purpose is asked in one family of flows."""
    view = read(played, "SELECT * FROM v_consents ORDER BY decision")
    export = sorted(exported(played, consents), key=lambda row: row["decision"])
    assert differing(view, export) == []
    assert all(other["stands"] for one, other in zip(view, export, strict=True) if one["newest"])


def test_commitments_and_waves_are_those_of_the_export(played: Path):
    """A row of the export is one of `v_commitments` with one of `v_follow_ups`."""
    view = read(
        played,
        'SELECT * FROM v_commitments LEFT JOIN (SELECT "commitment", wave_days, due_at, sent_at, reminded, answered_at,'
        " closed_at, follow_up_status, follow_up_reason, implementation, reported_at, late, barriers_met, no_response,"
        ' after_start FROM v_follow_ups) USING ("commitment") ORDER BY "commitment", wave_days',
    )
    assert differing(view, exported(played, commitments)) == []
    assert any(row["statement"] != HIDDEN for row in view)


def test_links_are_those_of_the_export(played: Path):
    """By source."""
    view = read(played, "SELECT * FROM v_response ORDER BY program, activity, source, role, flow")
    assert differing(view, exported(played, links)) == []
    assert sum(row["finished"] for row in view) > 0


def test_the_loop_is_that_of_the_measures(played: Path):
    """Theme by theme."""
    table = loop_table()
    with sa.create_engine(f"sqlite:///{played}").connect() as connection:
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.count(connection, "myeloma")]
    counted = []
    for row in rows:
        done, due, full = row["done_of_responders"], row["done_of_due"], row["full_of_due"]
        assert isinstance(done, Figure)
        assert isinstance(due, Figure)
        assert isinstance(full, Figure)
        same = {name: row[name] for name in COLUMNS["v_loop"].split() if name in row}
        counted.append({**same, "responded": done.of, "due": due.of, "done": due.n, "done_in_full": full.n})
    view = read(played, "SELECT * FROM v_loop WHERE program = 'myeloma'")
    order = lambda row: row["theme"]  # noqa: E731 - two lines below
    assert differing(sorted(view, key=order), sorted(counted, key=order)) == []
    assert sum(row["due"] for row in view) > 0
    assert sum(row["raised"] for row in view) > 0
