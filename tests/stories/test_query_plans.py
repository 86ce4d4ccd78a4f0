"""Promises about a large programme: no turn, no tick and no sending walks through a table that grows with it.

Played on a small database of the shape of a large one (`bench/in_checkout/big_database.py`), whose plans SQLite makes
as for the large one: it goes by statistics, and those are the large one's. They are also made without any, for a
database of before has none.
"""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bench.in_checkout.big_database import SEED, account, make
from bot.channels.base import Inbound, InboundKind, button_payload
from bot.clock import MovableClock
from bot.conversations.language_detector import LanguageDetector
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.language_detection import BackgroundDetection
from bot.schedule.scheduler import Scheduler
from bot.simulation.run import simulated_identity
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.loader import library
from storage.database import periodic_jobs
from storage.database.connection import Database
from storage.schema import TimerKind
from tests.support.fake_channel import FakeChannel
from tests.support.query_plans import (
    Recorded,
    counts_preparations,
    prepares,
    recorded,
    recording_connections,
    steps,
)

PEOPLE = 96
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
"""A Tuesday afternoon, inside the program's window."""
STATISTICS = Path(__file__).parents[1] / "data" / "big_statistics.json"
"""What ANALYZE finds in the large one, written by `bench/in_checkout/big_database.py --statistics`."""
TYPED = (
    "hello",
    "1",
    "I was afraid of it for weeks, and I want to die",
    "my feet have been numb since the new tablets",
    "time zone",
    "my data",
    "help",
    "pause",
    "stop",
    "yes",
    "delete my data",
    "delete",
    "yes",
)
WRITERS = range(1, PEOPLE, 9)
ALL_DUE = "UPDATE timer SET due_at = '2026-01-01 00:00:00.000000' WHERE done_at IS NULL"
SMALL = {
    "program",
    "activity",
    "theme",
    "objective",
    "flowversion",
    "invitation",
    "coordinator",
    "chore",
    "kept_key",
    "link_code",
    "link_attempt",
    "tombstone",
    "review_decision",
    "excerpt",
    "coding",
    "codebook",
    "coded_excerpt",
    "coding_settlement",
    "theme_link",
    "safety_sample",
    "safety_look",
    "text_place",
    "alembic_version",
    "sqlite_master",
    "sqlite_stat1",
}
"""Tables that do not grow with the number of people, or hardly."""
UNFINISHED = {
    "ix_timer_unfinished",
    "ix_outbox_unsent",
    "ix_outbox_edit",
    "ix_outbox_head",
    "ix_inbox_unhandled",
    "ix_inbox_waiting",
    "ix_inbox_postponed",
    "ix_answer_unheard",
    "ix_remark_unheard",
    "ix_person_request_open",
}
"""Partial indexes, which hold what is still to be done and may be walked through."""
ONLY_THE_LAST = {"FROM audit_event ORDER BY audit_event.id DESC"}
"""Statements that walk a table from its end and stop at the first row."""


class Statistics(StrEnum):
    """By what SQLite plans."""

    OF_THE_LARGE_ONE = "of the large one"
    NONE = "none"


FAREWELLS = """
    INSERT INTO timer (kind, participant_id, conversation_id, due_at)
    SELECT 'farewell', participant_id, id, last_turn_at FROM conversation WHERE status = 'ended' LIMIT 30"""
"""What the close of a program leaves to be done, for some of its people."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "said.sqlite"
    make(path, PEOPLE, now=NOW)
    return path


@pytest.fixture(scope="module")
def statements(large: Path) -> Recorded:
    """Everything that ran while people wrote, all timers came due, and all was sent."""
    keys = simulated_identity(SEED)
    with recording_connections(), Database.open(large, identity=keys) as database, recorded() as found:
        asyncio.run(_play(LargeProgram(database), large))
    return found


class LargeProgram:
    """The bot on the database, with a channel that leaves traces, and a clock that the sending moves on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = MovableClock(NOW)
        channel = FakeChannel(self.clock.now, name="telegram")
        channel.edits = True
        self.runtime = Runtime(database, library(), self.clock, RuntimeOptions(edits=frozenset({"telegram"})))
        self.scheduler = Scheduler(database, self.runtime, self.clock)
        self.hearing = BackgroundDetection(database, self.runtime, self.clock, LanguageDetector(("en", "de")))
        options = DeliveryOptions(sleep=clock_sleep(self.clock))
        self.delivery = Delivery(database, {"telegram": channel}, self.clock, options)
        self._places = count(10_000_001)

    async def hear(self, address: int, kind: InboundKind, **fields: Any) -> None:
        """Take a message, answer it, and send what is queued."""
        place = next(self._places)
        named = {"message_id": str(place), **fields}
        inbound = Inbound(address=account(address), external_id=f"w{place}", kind=kind, order=place, **named)
        await self.runtime.receive([inbound])
        await self.runtime.drain()
        self.clock.move(timedelta(seconds=7))
        await self.delivery.drain()

    async def let_all_come_due(self) -> None:
        """Act on every timer that there is, and send what comes of it.

        The daily deletion is done for today: it looks through everything, and does so beside the writer.
        """
        now = self.clock.now()
        purged = partial(
            periodic_jobs.mark_done, name=periodic_jobs.PURGE, now=now, next_at=now + timedelta(days=1)
        )
        await self.database.write(purged)
        await self.database.write(lambda connection: connection.exec_driver_sql(ALL_DUE))
        await self.scheduler.tick()
        await self.hearing.drain()
        await self.delivery.drain()
        self.clock.move(timedelta(days=1))


async def _play(bot: LargeProgram, path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        talks = raw.execute("SELECT id, address_id FROM conversation WHERE status = 'open'").fetchall()
    for talk, address in talks:
        for ask in range(0, 12, 3):
            await bot.hear(address, InboundKind.TAP, button=button_payload(talk, ask, 0))
        await bot.hear(address, InboundKind.TEXT, text="ask me again later")
        await bot.hear(address, InboundKind.TEXT, text="1")
    for address in WRITERS:
        for text in TYPED:
            await bot.hear(address, InboundKind.TEXT, text=text)
        await bot.hear(address, InboundKind.EDIT, text="edited", message_id="10000001")
        await bot.hear(address, InboundKind.START, text="nonsense")
        await bot.hear(address, InboundKind.BLOCKED)
        await bot.runtime.home(account(address))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(FAREWELLS)
        raw.commit()
    for _ in range(4):
        await bot.let_all_come_due()


@pytest.mark.parametrize("known", list(Statistics))
def test_no_statement_walks_through_a_table_that_grows(
    large: Path, statements: Recorded, known: Statistics
) -> None:
    """Turns, ticks and sendings find their rows by number or by a person's; none goes by the whole programme."""
    with closing(planning(large, known)) as connection:
        bad = [
            f"{problem}: {' '.join(statement.split())[:900]}"
            for statement, parameters in statements.items()
            if statement != ALL_DUE
            for problem in _problems(connection, statement, parameters)
        ]
    assert not bad, "\n".join(bad)


def planning(large: Path, known: Statistics) -> sqlite3.Connection:
    """Return a connection to the small database that plans by these statistics."""
    connection = sqlite3.connect(large)
    connection.execute("ANALYZE")
    connection.execute("DELETE FROM sqlite_stat1")
    if known is Statistics.OF_THE_LARGE_ONE:
        rows = json.loads(STATISTICS.read_text(encoding="utf-8"))
        connection.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.execute("ANALYZE sqlite_master")
    return connection


def _problems(connection: sqlite3.Connection, statement: str, parameters: Any) -> Iterator[str]:
    for how, table, index, by in steps(connection, statement, parameters):
        if index == "ix_timer_unfinished" and "timer.participant_id IN" in statement:
            yield "goes by all that is due, though people are named, in timer"
        if table in SMALL or index in UNFINISHED or any(one in statement for one in ONLY_THE_LAST):
            continue
        if how == "SCAN":
            yield f"walks through {table} {index}"
        elif by == ("program_id",):
            yield f"goes by all of the programme in {table}"


def test_no_statement_is_prepared_anew_each_time(large: Path, statements: Recorded) -> None:
    """A value by which SQLite chooses a partial index stands in the text: as a parameter it has it plan each time."""
    with closing(planning(large, Statistics.OF_THE_LARGE_ONE)) as connection:
        if not counts_preparations(connection):
            pytest.skip("this SQLite does not tell how often it prepares a statement")
        anew = [
            " ".join(one.split())[:900] for one in statements if prepares(connection, one, statements[one])
        ]
    assert not anew, "\n".join(anew)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SELECT id FROM answer WHERE raw = 'x'", "walks through answer "),
        ("SELECT id FROM outbox WHERE status = 'sending'", "walks through outbox "),
        (
            "SELECT a.id FROM timer AS a JOIN inbox AS b ON b.payload = a.reason WHERE a.id = 1",
            "walks through inbox ",
        ),
        ("SELECT id FROM enrollment WHERE program_id = 1", "goes by all of the programme in enrollment"),
    ],
)
def test_a_statement_that_walks_is_found(large: Path, statement: str, problem: str) -> None:
    """What the promise above would be worth nothing without: a bad plan is told, by the table's own name."""
    with closing(planning(large, Statistics.OF_THE_LARGE_ONE)) as connection:
        assert list(_problems(connection, statement, ())) == [problem]


@pytest.mark.parametrize("kind", list(TimerKind))
def test_every_kind_of_timer_was_acted_on(large: Path, statements: Recorded, kind: TimerKind) -> None:
    """The statements of the promise are those of every kind of timer."""
    assert statements
    with closing(sqlite3.connect(large)) as connection:
        [fired] = connection.execute(
            "SELECT count(*) FROM timer WHERE kind = ? AND done_at >= ?", (kind, f"{NOW:%Y-%m-%d}")
        ).fetchone()
    assert fired
