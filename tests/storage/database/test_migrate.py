"""Promises of storage/database/migrate.py: old files are brought up whole, new ones are refused."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from bot.channels.slack.inbound import SlackProfile, from_actions, from_profile
from bot.channels.slack.payloads.fields import short_name
from storage.conversations import inbox
from storage.conversations.inbox import InboundRow
from storage.database import migrate
from storage.database.address_keys import AddressKeys
from storage.database.backup import check
from storage.database.connection import Database
from storage.errors import DatabaseTooNew
from storage.privacy.consent_answers import answers_against_consents, contradicted_answers
from tests.support import earlier_database

pytestmark = pytest.mark.usefixtures("as_in_production")

IDENTITY = AddressKeys(bytes(32))


@pytest.fixture
def path(tmp_path):
    """A database of this version, closed."""
    made = tmp_path / "said.sqlite"
    Database.open(made, identity=IDENTITY).close()
    return made


PROGRAM = "INSERT INTO program (id, slug, title, settings, hash, loaded_at)"


def run(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def found(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


ABOUT_WORDS = ("excerpt", "coding", "safety_look", "safety_case")
"""Tables whose rows are about an answer or a remark."""


@pytest.fixture
def lived_in(tmp_path):
    """A database with something in each table, brought to this version."""
    made = earlier_database.make(tmp_path / "lived_in.sqlite")
    migrate.prepare(made)
    return made


def snapshot(folder):
    return {found.name: found.read_bytes() for found in folder.iterdir()}


def test_the_migrations_make_what_the_models_say(path):
    """Between a migrated database and the models there is no difference."""
    assert migrate.differences(path) == []


def test_a_difference_would_be_seen(path):
    """The comparison is not blind: a column too many and an index too few are both found."""
    run(path, "ALTER TABLE address ADD COLUMN nickname TEXT", "DROP INDEX ix_inbox_unhandled")
    found = str(migrate.differences(path))
    assert "nickname" in found
    assert "ix_inbox_unhandled" in found


def test_the_partial_indexes_are_partial(path):
    """The indexes on unfinished rows hold those only, whatever the migration was made from."""
    with closing(sqlite3.connect(path)) as connection:
        made = dict(
            connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        )
    for name in (
        "ix_inbox_unhandled",
        "ix_conversation_unfinished",
        "ix_timer_unfinished",
        "ix_outbox_unsent",
    ):
        assert " WHERE " in made[name], name


def test_there_is_one_line_of_migrations():
    """One head, and every migration can be found from it."""
    scripts = ScriptDirectory.from_config(migrate._config())
    assert len(scripts.get_heads()) == 1
    files = list((migrate.FOLDER / "versions").glob("[0-9]*.py"))
    assert len(list(scripts.walk_revisions())) == len(files)


def test_a_database_that_is_up_to_date_is_not_written_to(path):
    """Opening and closing once more changes no byte and leaves nothing beside the file."""
    before = snapshot(path.parent)
    migrate.prepare(path)
    assert snapshot(path.parent) == before


@pytest.mark.parametrize("revision", ["9999", "a-name-of-later"])
def test_a_newer_file_is_refused_and_not_changed(path, revision):
    """A file of a later version is refused with what to do; not a byte changes and no journal is left."""
    run(path, f"UPDATE alembic_version SET version_num = '{revision}'", "PRAGMA wal_checkpoint(TRUNCATE)")
    before = snapshot(path.parent)
    with pytest.raises(DatabaseTooNew, match="newer version") as caught:
        Database.open(path, identity=IDENTITY)
    assert "backup" in str(caught.value)
    assert revision in str(caught.value)
    assert snapshot(path.parent) == before


def test_a_newer_file_is_refused_even_if_only_its_journal_says_so(path, tmp_path):
    """After a crash the version may be in the journal only: it is seen there, and file and journal stay."""
    with closing(sqlite3.connect(path, isolation_level=None)) as live:
        live.execute("UPDATE alembic_version SET version_num = '9999'")
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for found in tmp_path.glob("said.sqlite*"):
            shutil.copy(found, crashed / found.name)
    before = snapshot(crashed)
    assert before["said.sqlite-wal"]
    with pytest.raises(DatabaseTooNew):
        Database.open(crashed / path.name, identity=IDENTITY)
    after = snapshot(crashed)
    for name in ("said.sqlite", "said.sqlite-wal"):
        assert after[name] == before[name]


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    """Rows that refer to nothing stop a migration, and all of it is undone."""
    path = tmp_path / "said.sqlite"
    run(
        path,
        "PRAGMA journal_mode=WAL",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id))",
        "INSERT INTO child VALUES (1, 77)",
    )
    with pytest.raises(Exception, match="refer to rows that are not there"):
        migrate.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"parent", "child"}


def test_rebuilding_a_parent_table_keeps_its_children(path):
    """Rebuilding a table that others refer to loses nothing: foreign keys are off while migrating."""
    run(path, *(f"{PROGRAM} VALUES ({n}, 'p{n}', 't', '{{}}', 'h', '2026-01-01')" for n in (1, 2)))
    run(path, *(f"INSERT INTO theme VALUES ({n}, {n}, 'c', 'l')" for n in (1, 2)))
    engine = migrate._engine(path)
    with engine.begin() as connection:
        from alembic.migration import MigrationContext
        from alembic.operations import Operations

        migrate.drop_views(connection)  # as before all migrations
        operations = Operations(MigrationContext.configure(connection, opts=migrate.OPTIONS))
        with operations.batch_alter_table("program", recreate="always") as batch:
            batch.alter_column("title", new_column_name="heading")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM theme").fetchone() == (2,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_new_migration_can_be_written(tmp_path, monkeypatch):
    """The command for developers writes a migration that runs, from the models as they are."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder, ignore=shutil.ignore_patterns("[0-9]*.py", "__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", folder)
    migrate.make_revision("All tables")
    (written,) = (folder / "versions").glob("*.py")
    assert "auto generated" not in written.read_text()
    path = tmp_path / "said.sqlite"
    migrate.prepare(path)
    assert migrate.differences(path) == []


def test_a_downgrade_and_an_upgrade_come_back_to_the_same(path):
    """The newest migration can be taken back and run again; what no earlier program knows is left out."""
    from alembic import command

    run(
        path,
        "INSERT INTO outbox (address_id, kind, payload, status, created_at, attempts, possibly_duplicate)"
        " VALUES (1, 'edit', '{}', 'queued', '2026-03-02', 0, 0)",
    )
    engine = migrate._engine(path)
    config = migrate._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0, (
            "a kind not known before"
        )
    for step in (command.downgrade, command.upgrade):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            step(config, "base" if step is command.downgrade else "head")
    engine.dispose()
    assert migrate.differences(path) == []
    assert sa.inspect(engine).has_table("answer")


def test_remarks_go_with_their_table_and_leave_nothing_behind(lived_in):
    """A downgrade to before there were remarks: what is about answers stays, and a case of a remark keeps its clock."""
    from alembic import command

    path = lived_in
    [(conversation, answer)] = found(path, "SELECT conversation_id, id FROM answer ORDER BY id LIMIT 1")
    run(
        path,
        "INSERT INTO remark (id, conversation_id, number, slot, raw, shown_text, language, channel, said_at, personal,"
        f" identifiers, unheard) VALUES (1, {conversation}, 0, 'a1', 'words', 'Who?', 'en', 'slack', '2026-03-02',"
        " 0, 0, 0)",
        'INSERT INTO excerpt (remark_id, start, "end") VALUES (1, 0, 2)',
        "INSERT INTO coding (excerpt_id, theme_id, coordinator_id, coded_at)"
        " SELECT max(excerpt.id), (SELECT min(id) FROM theme), (SELECT min(id) FROM coordinator), '2026-03-02'"
        " FROM excerpt",
        "INSERT INTO safety_look (sample_id, remark_id, found) SELECT min(id), 1, 0 FROM safety_sample",
        "UPDATE safety_case SET answer_id = NULL, remark_id = 1 WHERE id = (SELECT max(id) FROM safety_case)",
    )
    counted = {table: len(found(path, f"SELECT id FROM {table}")) for table in ABOUT_WORDS}
    engine = migrate._engine(path)
    config = migrate._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    engine.dispose()
    left = {table: len(found(path, f"SELECT id FROM {table}")) for table in ABOUT_WORDS}
    assert left == {name: number - (name != "safety_case") for name, number in counted.items()}
    assert found(path, f"SELECT count(*) FROM answer WHERE id = {answer}") == [(1,)]
    assert found(path, "PRAGMA foreign_key_check") == []
    migrate.prepare(path)
    assert migrate.differences(path) == []


@pytest.mark.parametrize("table", ["excerpt", "safety_look"])
def test_what_is_about_words_is_about_an_answer_or_a_remark(lived_in, table):
    """Exactly one of the two, whoever writes the row."""
    for values in ("NULL, NULL", "1, 1"):
        with pytest.raises(sqlite3.IntegrityError, match="one_source"):
            run(lived_in, f"UPDATE {table} SET (answer_id, remark_id) = ({values})")


def test_a_case_is_about_an_answer_or_a_remark_or_neither(lived_in):
    """Words outside of all talks stand with the case; both at once cannot be."""
    run(lived_in, "UPDATE safety_case SET (answer_id, remark_id) = (NULL, NULL)")
    with pytest.raises(sqlite3.IntegrityError, match="one_source"):
        run(lived_in, "UPDATE safety_case SET (answer_id, remark_id) = (1, 1)")


def test_a_long_migration_says_that_it_goes_on(tmp_path, monkeypatch, caplog):
    """Whoever waits for a large file is told to which schema it is brought, and for how long already; else nothing."""
    # A command that ran before in this process may have asked for errors only.
    caplog.set_level("WARNING", migrate.__name__)
    migrate.prepare(earlier_database.make(tmp_path / "short.sqlite"))
    assert caplog.messages == []
    monkeypatch.setattr(migrate, "_TELL_AFTER", 0)
    monkeypatch.setattr(migrate, "_LOOK_EVERY", 100)
    migrate.prepare(earlier_database.make(tmp_path / "long.sqlite"))
    assert caplog.messages[0] == f"the database is brought to schema {migrate.head()}: 0 s so far"


# What was answered before consents superseded answers.


def contradictions(path):
    """The answers of a migrated database that still say yes to what was taken back, and what `said db check` says."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = contradicted_answers(connection)
    engine.dispose()
    return len(found), [*check(path), *answers_against_consents(path)]


TAKEN_BACK = """
    INSERT INTO consent (participant_id, program_id, conversation_id, purpose, granted, shown_text, text_hash, language,
        decided_at, flow, source_hash)
    SELECT participant_id, program_id, {where}, purpose, 0, shown_text, text_hash, language,
        '2026-09-09 12:00:00.000000', flow, source_hash
    FROM consent WHERE granted AND purpose = '{purpose}' AND id IN
        (SELECT max(id) FROM consent WHERE granted AND purpose = '{purpose}' GROUP BY participant_id)
"""


@pytest.mark.parametrize("where", ["NULL", "conversation_id"])
@pytest.mark.parametrize("purpose", ["take_part", "contact_again", "use_words"])
def test_answers_agree_with_consents_from_before(tmp_path, purpose, where):
    """Whatever was taken back, outside of a question or in one: after the migration no answer says yes to it."""
    path = earlier_database.make(tmp_path / "said.sqlite", TAKEN_BACK.format(purpose=purpose, where=where))
    before = earlier_database.read(path)
    migrate.prepare(path)
    after = earlier_database.read(path)
    noes = [row for key, row in after["answer"].items() if key not in before["answer"]]
    assert noes
    assert {(row["value"], row["raw"], row["status"]) for row in noes} == {("false", "", "answered")}
    assert contradictions(path) == (0, [])
    assert earlier_database.lost_by_migrating(before, after) == []


def test_an_answer_against_a_consent_is_found(path):
    """`said db check` counts answers that say yes to what was taken back later, and names their rows."""
    fixture = earlier_database.make(path.with_name("before.sqlite"))
    migrate.prepare(fixture)
    run(fixture, TAKEN_BACK.format(purpose="contact_again", where="NULL"))
    number, [problem] = contradictions(fixture)
    assert number > 0
    assert problem.startswith(f"an answer says yes to a consent that was taken back: {number} found, rows ")
    assert answers_against_consents(earlier_database.make(path.with_name("older.sqlite"))) == []


# Names of deliveries that told whose they were.


ARRIVED = """
    INSERT INTO inbox (address_id, channel, external_id, seq, payload, received_at, handled_at)
    SELECT min(address_id), '{channel}', '{name}', 900, '{{}}', '2026-09-09 12:00:00', '2026-09-09 12:00:00' FROM inbox
"""


SEEN_BEFORE = {
    "action:U0ANN:1.5:tap:7.1.0": from_actions(
        {
            "team": {"id": "T1"},
            "user": {"id": "U0ANN"},
            "actions": [{"action_id": "tap:7.1.0", "action_ts": "1.5", "value": "7.1.0"}],
        }
    ),
    "profile:U0ANN:17": (from_profile("slack:T1/U0ANN", SlackProfile("U0ANN", "en", "UTC", "17")),),
}
"""What was handed over before the update, by the name that it was stored under, and how it is read now."""


@pytest.mark.parametrize("name", SEEN_BEFORE)
def test_what_comes_before_and_after_the_update_is_one(tmp_path, name):
    """A tap and a profile that Slack hands over again just after the update are known by their names."""
    path = earlier_database.make(tmp_path / "said.sqlite", ARRIVED.format(channel="slack", name=name))
    migrate.prepare(path)
    before = earlier_database.read(path)["inbox"]
    [again] = SEEN_BEFORE[name]
    row = InboundRow(again.address, "slack", again.external_id, "{}", former_id=again.former_id)
    now = datetime(2026, 9, 9, 13, tzinfo=UTC)
    engine = migrate._engine(path)
    with engine.begin() as connection:
        inbox.store(connection, [row], IDENTITY, now)
    engine.dispose()
    assert earlier_database.read(path)["inbox"] == before
    assert again.former_id is None, "so that nothing is looked up"


def test_deliveries_of_before_name_nobody(tmp_path):
    """A tap and a profile that were stored under a user's id have the name that the bot gives them now."""
    new = from_profile("slack:T/U0ANN", SlackProfile("U0ANN", "en", "UTC", "17")).external_id
    old = "profile:U0ANN:17"
    tap = f"action:{short_name('W0BEA')}:1.5:a:b"
    arrived = [
        ("slack", old),
        ("slack", "action:W0BEA:1.5:a:b"),
        ("telegram", "action:U0ANN:1"),
        ("slack", "Ev1:U0ANN"),
    ]
    path = tmp_path / "said.sqlite"
    earlier_database.make(path, *(ARRIVED.format(channel=channel, name=name) for channel, name in arrived))
    migrate.prepare(path)
    names = {(row["channel"], row["external_id"]) for row in earlier_database.read(path)["inbox"].values()}
    assert {("slack", new), ("slack", tap), ("telegram", "action:U0ANN:1"), ("slack", "Ev1:U0ANN")} <= names
    assert not {("slack", old), ("slack", "action:W0BEA:1.5:a:b")} & names


def test_a_name_that_is_there_already_is_given_once(tmp_path):
    """Where a delivery is stored under both of its names, the row of before keeps neither."""
    new = f"action:{short_name('U0ANN')}:1.5"
    arrived_as = "action:U0ANN:1.5"
    arrived = [ARRIVED.format(channel="slack", name=name) for name in (arrived_as, new)]
    path = earlier_database.make(tmp_path / "said.sqlite", *arrived)
    before = earlier_database.read(path)["inbox"]
    migrate.prepare(path)
    after = earlier_database.read(path)["inbox"]
    changed = [key for key in before if before[key]["external_id"] != after[key]["external_id"]]
    assert [before[key]["external_id"] for key in changed] == [arrived_as]
    assert [after[key]["external_id"] for key in changed] == [f"erased:{changed[0][0]}"]
    assert [row["external_id"] for row in after.values()].count(new) == 1


# Links in the place of others.


LABELLED = """
    INSERT INTO invitation (id, token_hash, program_id, role, flow, source, kind, uses, created_at, label_sealed)
    SELECT {number}, x'{number}', min(id), 'hcp', 'small', 'test', 'single', 0, '2026-09-09 12:00:00', {label}
    FROM program
"""


def test_links_of_before_know_in_whose_place_they_stand(path):
    """A copied label tells, as it was sealed once for all of a chain; who has a label of their own stands alone."""
    from alembic import command

    earlier = earlier_database.make(path.with_name("before.sqlite"))
    migrate.prepare(earlier)
    engine, config = migrate._engine(earlier), migrate._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0020")
    engine.dispose()
    labels = {9001: "x'aa'", 9002: "x'bb'", 9003: "x'aa'", 9004: "NULL", 9005: "x'aa'", 9006: "NULL"}
    run(earlier, *(LABELLED.format(number=number, label=label) for number, label in labels.items()))
    migrate.prepare(earlier)
    chain = found(earlier, "SELECT id, replaces_id FROM invitation WHERE replaces_id IS NOT NULL ORDER BY id")
    assert chain == [(9003, 9001), (9005, 9003)]
