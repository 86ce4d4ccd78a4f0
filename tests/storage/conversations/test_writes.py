"""Promises of the rows of a turn: order at an address, one row a delivery, true types."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

from flows.engine.effects import PromptKind
from flows.script.roles import Purpose
from storage.conversations import inbox, writes
from storage.conversations.inbox import BLANK, InboundRow
from storage.conversations.writes import CommitStage, Writes, commit
from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import JournalNote, noted_so_far
from storage.database.connection import Database
from storage.database.statements import BulkWrite, TupleQuery
from storage.database.wakeups import WorkKind
from storage.schema import INBOX, AddressStatus, JournalKind, OutboxKind
from tests.support.wave_world import make_world

IDENTITY = AddressKeys(bytes(32))
NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    with Database.open(tmp_path / "said.sqlite", identity=IDENTITY) as opened:
        yield opened


def arrival(address, external_id):
    return InboundRow(f"terminal:{address}", "terminal", external_id, '{"kind":"text"}')


def store(database, *arrivals):
    return database.write_now(lambda c: inbox.store(c, arrivals, IDENTITY, NOW))


def taken(database, limit=100):
    return database.read_now(lambda c: inbox.take(c, limit, NOW))


def rows(database, query):
    return [tuple(row) for row in database.read_now(lambda c: c.execute(sa.text(query)).all())]


def handle(database, *found):
    marks = [{"of": one.inbox_id, "at": NOW, "conversation": None, "problem": None} for one in found]
    database.write_now(lambda c: inbox.mark_handled(c, marks))


def test_each_address_counts_its_own_messages(database):
    """`seq` is the order at an address, from 1, over several batches and in one."""
    store(database, arrival("a", "1"), arrival("b", "2"), arrival("a", "3"))
    store(database, arrival("a", "4"))
    assert rows(database, "SELECT address_id, seq, external_id FROM inbox ORDER BY id") == [
        (1, 1, "1"),
        (2, 1, "2"),
        (1, 2, "3"),
        (1, 3, "4"),
    ]


def test_the_same_delivery_is_kept_once(database):
    """In one batch, in a later one, and from another channel with the same name."""
    store(database, arrival("a", "1"), arrival("a", "1"))
    store(database, arrival("a", "1"), InboundRow("slack:a", "slack", "1", "{}"))
    assert rows(database, "SELECT channel, count(*) FROM inbox GROUP BY channel ORDER BY channel") == [
        ("slack", 1),
        ("terminal", 1),
    ]


def renamed(address, external_id, former_id):
    return arrival(address, external_id)._replace(former_id=former_id)


def test_a_delivery_is_known_by_its_former_name(database):
    """What was stored under the name of a version before is not stored again; what is new goes to its place."""
    store(database, arrival("a", "Ev1"), arrival("b", "Ev2"))
    found = store(
        database,
        renamed("a", "message:1", "Ev1"),
        renamed("a", "message:3", "Ev3"),
        renamed("b", "message:2", "Ev2"),
        InboundRow("slack:a", "slack", "message:1", "{}", former_id="Ev1"),
    )
    assert rows(database, "SELECT channel, address_id, seq, external_id FROM inbox ORDER BY id") == [
        ("terminal", 1, 1, "Ev1"),
        ("terminal", 2, 1, "Ev2"),
        ("terminal", 1, 2, "message:3"),
        ("slack", 3, 1, "message:1"),
    ]
    assert found == {1, 3}
    assert store(database, renamed("a", "message:1", "Ev1")) == set()


def test_many_former_names_are_looked_up(database):
    """More names than a statement takes parameters are no matter."""
    store(database, *[arrival("a", f"Ev{n}") for n in range(2000)])
    store(database, *[renamed("a", f"message:{n}", f"Ev{n}") for n in range(2500)])
    assert rows(database, "SELECT count(*) FROM inbox") == [(2500,)]


def test_nothing_is_looked_up_for_a_name_that_never_changed(database, monkeypatch):
    """Arrivals without a former name cost no query more."""
    monkeypatch.setattr(inbox, "_FIND_DELIVERIES", None)
    store(database, arrival("a", "1"))
    with pytest.raises(sa.exc.ObjectNotExecutableError):
        store(database, renamed("a", "2", "1"))


def test_many_addresses_are_found_in_one_call(database):
    """More addresses than a statement takes parameters are no matter."""
    people = [arrival(f"p{n}", str(n)) for n in range(2500)]
    assert len(store(database, *people)) == 2500
    assert len(store(database, *people)) == 2500
    assert rows(database, "SELECT count(*) FROM address") == [(2500,)]
    assert rows(database, "SELECT count(*) FROM inbox") == [(2500,)]


def test_one_message_an_address_the_longest_waiting_first(database):
    """A batch holds the oldest of each address; those that waited longest come first, at most `limit`."""
    store(database, arrival("a", "1"), arrival("a", "2"), arrival("b", "3"), arrival("c", "4"))
    assert [one.inbox_id for one in taken(database)] == [1, 3, 4]
    assert [one.inbox_id for one in taken(database, limit=2)] == [1, 3]
    handle(database, taken(database)[0])
    assert [one.inbox_id for one in taken(database)] == [2, 3, 4]


def test_what_is_handled_is_not_taken_again(database):
    """Neither in a batch nor by its number."""
    store(database, arrival("a", "1"))
    [one] = taken(database)
    assert database.read_now(lambda c: inbox.take_one(c, one.inbox_id)).inbox_id == 1
    handle(database, one)
    assert taken(database) == []
    assert database.read_now(lambda c: inbox.take_one(c, one.inbox_id)) is None


def test_taken_rows_have_the_types_of_their_columns(database):
    """Times are aware and in UTC, closed sets are members, nobody is None."""
    store(database, arrival("a", "1"))
    [one] = taken(database)
    assert one.received_at == NOW
    assert one.received_at.tzinfo is UTC
    assert one.address_status is AddressStatus.ACTIVE
    assert one.participant is None
    assert one.conversations == []


def test_looking_for_work_reads_no_handled_rows(database):
    """However long the history, the search for unhandled rows walks the small index."""
    with database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT address_id, min(seq) FROM inbox"
            " WHERE handled_at IS NULL GROUP BY address_id"
        ).all()
    assert "ix_inbox_unhandled" in str(plan)


def test_writes_of_several_turns_are_one(database):
    """What is added keeps its order; what is rare runs before the messages are queued and may add to them."""
    store(database, arrival("a", "1"))
    order = []

    def step(connection, writes):
        order.append(connection.scalar(sa.text("SELECT count(*) FROM outbox")))
        writes.outbox.append(message("second"))

    def message(payload):
        return {
            "address_id": 1,
            "kind": OutboxKind.MESSAGE,
            "ask": None,
            "payload": payload,
            "created_at": NOW,
        }

    one, two = Writes(outbox=[message("first")]), Writes()
    two.add_step(CommitStage.EFFECT, step)
    one.add(two)
    assert database.write_now(lambda c: commit(c, one)) == {1}
    assert order == [0]
    assert rows(database, "SELECT payload FROM outbox ORDER BY id") == [("first",), ("second",)]


def test_the_steps_of_a_commit_run_in_the_order_of_their_stages(database):
    """Turn by turn, each in order of the stages; steps that a step adds come last, rechecks after all."""
    ran = []

    def step(name, *more):
        def run(_connection, writes):
            ran.append(name)
            for stage, name_of_more in more:
                writes.add_step(stage, step(name_of_more))

        return run

    batch = Writes()
    for turn in ("one", "two"):
        writes = Writes()
        for stage in reversed(CommitStage):
            more = ((CommitStage.END, "begun"),) if stage is CommitStage.BEGIN and turn == "one" else ()
            writes.add_step(stage, step(f"{turn} {stage.name}", *more))
        batch.add(writes)
    database.write_now(lambda c: commit(c, batch))
    stages = [stage.name for stage in CommitStage if stage is not CommitStage.RECHECK]
    turns = [f"{turn} {stage}" for turn in ("one", "two") for stage in stages]
    assert ran == [*turns, "begun", "one RECHECK", "two RECHECK"]


def test_what_may_not_be_kept_is_blanked_once_it_is_handled(database):
    """The words of its conversation alone, those that this very batch handles among them; what waits is not lost."""
    store(database, *(arrival(name, name) for name in ("refused", "other", "waiting")))
    handled = [
        {"of": row, "at": NOW, "conversation": conversation, "problem": None}
        for row, conversation in ((1, 7), (2, 8))
    ]
    batch = Writes(handled=handled, forgotten=[{"conversation": 7}])
    database.write_now(lambda c: commit(c, batch))
    said = '{"kind":"text"}'
    assert rows(database, "SELECT payload FROM inbox ORDER BY id") == [(BLANK,), (said,), (said,)]
    assert [one.inbox_id for one in taken(database)] == [3]


def test_a_refusal_is_noted_for_the_journal(tmp_path):
    """A backup of before must be told of a no: when, in which conversation, and to what. A yes is not noted."""
    world = make_world(tmp_path)
    ann = world.person(consent=None)
    conversation = ann.commit("Ask first")
    decided = {
        "participant_id": ann.id,
        "program_id": world.program_id,
        "conversation_id": conversation,
        "shown_text": "May we?",
        "text_hash": "h",
        "language": "en",
        "decided_at": NOW,
        "flow": "hcp_commitment",
        "source_hash": None,
    }
    yes = {**decided, "purpose": Purpose.TAKE_PART, "granted": True}
    no = {**decided, "purpose": Purpose.CONTACT_AGAIN, "granted": False}

    def work(connection):
        commit(connection, Writes(consents=[yes, no]))
        return list(noted_so_far(connection))

    assert world.database.write_now(work) == [
        JournalNote(JournalKind.CONSENT, NOW, conversation_id=conversation, purpose=Purpose.CONTACT_AGAIN)
    ]
    assert world.rows("SELECT purpose, granted FROM consent ORDER BY id") == [
        ("take_part", 1),
        ("contact_again", 0),
    ]
    world.database.close()


@pytest.mark.parametrize(
    ("said", "work"),
    [
        (Writes(), set()),
        (Writes(answers=[{"unheard": True, "raw": "", "kind": PromptKind.TEXT}]), {WorkKind.WORDS}),
        (Writes(answers=[{"unheard": False, "raw": "ill", "kind": PromptKind.TEXT}]), {WorkKind.READING}),
        (Writes(answers=[{"unheard": False, "raw": "3", "kind": PromptKind.SCALE}]), set()),
        (Writes(remarks=[{"unheard": True, "raw": "ill"}]), {WorkKind.WORDS, WorkKind.READING}),
    ],
)
def test_words_are_work_for_those_who_read_them(said, work):
    """Their language is to be found, and somebody's own words are to be read, said as an answer or beside it."""
    assert said.work() == {WorkKind.OUTBOX, *work}


def test_bulk_rows_are_what_core_would_write(database):
    """A row that goes in in bulk is the same, byte for byte, as one that SQLAlchemy writes by itself."""
    table = SQLModel.metadata.tables["address"]
    values = {
        "channel": "x",
        "sealed": b"s",
        "status": AddressStatus.BLOCKED,
        "next_seq": 1,
        "created_at": NOW,
    }
    one, two = {**values, "lookup": b"1"}, {**values, "lookup": b"2"}
    database.write_now(lambda c: c.execute(table.insert(), [one]))
    database.write_now(lambda c: BulkWrite(table.insert(), list(two)).run(c, [two]))
    first, second = rows(
        database, "SELECT channel, status, next_seq, created_at, reason FROM address ORDER BY id"
    )
    assert first == second
    query = sa.select(table.c.status, table.c.created_at).order_by(table.c.id)
    assert database.read_now(TupleQuery(query).run) == [(AddressStatus.BLOCKED, NOW)] * 2


def test_bulk_without_rows_does_nothing(database):
    """No rows, no statement."""
    table = SQLModel.metadata.tables["address"]
    database.write_now(lambda c: BulkWrite(table.insert(), ["channel"]).run(c, []))
    assert rows(database, "SELECT count(*) FROM address") == [(0,)]


def test_statements_of_the_hot_path_are_understood_by_postgresql():
    """The same statements compile for the database of a larger installation."""
    from sqlalchemy.dialects import postgresql

    for bulk in (
        inbox._COUNT_UP,
        writes._SUPERSEDE,
        writes._UPDATE_CONVERSATION,
        inbox._HANDLED,
        writes._INSERT_ANSWER,
    ):
        assert str(bulk._statement.compile(dialect=postgresql.dialect(), column_keys=bulk._names or None))
    assert "ON CONFLICT (channel, external_id) DO NOTHING" in str(
        inbox._insert_inbox("postgresql")._statement.compile(dialect=postgresql.dialect())
    )
    assert "LIMIT" in str(inbox._TAKE._statement.compile(dialect=postgresql.dialect()))
    [unhandled] = [one for one in INBOX.indexes if one.name == "ix_inbox_unhandled"]
    assert "WHERE handled_at IS NULL" in str(CreateIndex(unhandled).compile(dialect=postgresql.dialect()))
