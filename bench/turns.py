"""Durable turns per second, beside what one would write instead and beside the limits of SQLite itself.

One turn: a reply is stored, answered by the engine, and the answer, the state and the next question are
committed (WAL, synchronous=FULL). The contenders take turns, so that a busy machine is busy for all of them.
"""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import Connection

from bench.common import arguments, fresh_folder, in_turn, median, percentile, show, show_json
from bench.turns_ptb import ptb_turns
from bot.channels.base import Inbound, InboundKind
from bot.clock import SystemClock
from bot.turns.loading import settle
from bot.turns.runtime import BATCH, Runtime, RuntimeOptions
from flows.program.loader import PROGRAMS, load_program
from flows.script.loader import library
from flows.script.model import Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database, after_commit
from storage.database.wakeups import EmbeddedWakeups, WorkKind
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind

REPLIES = (
    "yes",
    "yes",
    "physician",
    "1",
    "7",
    "I will ask every patient on treatment about numbness at each visit",
)
"""Replies to the first questions of the shipped commitment script: two consents, choices, own words."""
TOKEN = "bench"
IDENTITY = AddressKeys(bytes(32))
OFFERED_PER_SECOND = 100


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with people at the first question."""

    database: Database
    runtime: Runtime
    people: int

    def round(self, number: int, text: str) -> list[Inbound]:
        """One message of each person."""
        return [message(person, number, text) for person in range(self.people)]


def message(person: int, number: int, text: str, kind: InboundKind = InboundKind.TEXT) -> Inbound:
    """Make a message as a channel hands it over."""
    return Inbound(
        address=f"telegram:{1_000_000 + person}",
        external_id=f"{person}.{number}",
        kind=kind,
        text=text,
        message_id=str(number),
    )


async def set_up(folder: Path, people: int, wake: EmbeddedWakeups | None = None) -> Stage:
    """Make a database and let everybody in."""
    database = Database.open(folder / "said.sqlite", identity=IDENTITY)
    program = load_program(PROGRAMS / "myeloma.yaml")

    def invite(connection: Connection) -> None:
        now = datetime.now(UTC)
        loaded = programs.load(connection, program, "h", now)
        activity_id = programs.activity_id(connection, loaded.program_id, program.activities[0].slug)
        invitation = NewInvitation(
            program_id=loaded.program_id,
            role=Role.HCP,
            flow="hcp_commitment",
            source="bench",
            activity_id=activity_id,
            kind=InvitationKind.GROUP,
        )
        invitations.make_invitation(connection, invitation, token_hash=IDENTITY.token_hash(TOKEN), now=now)

    database.write_now(invite)
    options = RuntimeOptions() if wake is None else RuntimeOptions(wakeups=wake)
    stage = Stage(database, Runtime(database, library(), SystemClock(), options), people)
    await stage.runtime.receive([message(person, 0, TOKEN, InboundKind.START) for person in range(people)])
    await stage.runtime.drain()
    return stage


async def play(stage: Stage) -> float:
    """Everybody answers every question; the seconds that it took."""
    began = perf_counter()
    for number, text in enumerate(REPLIES, start=1):
        await asyncio.gather(*(stage.runtime.receive([one]) for one in stage.round(number, text)))
        await stage.runtime.drain()
    return perf_counter() - began


def ours(folder: Path, *, people: int) -> float:
    """Measure turns a second through inbox, engine and commit."""

    async def run() -> float:
        stage = await set_up(folder, people)
        seconds = await play(stage)
        stage.database.close()
        return people * len(REPLIES) / seconds

    return asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Rows:
    """What our turns wrote, to be written again without us."""

    source: Path
    inbox: list[tuple[Any, ...]]
    added: dict[str, list[tuple[Any, ...]]]
    """All other rows, by table: answers, consents, the audit trail, the outbox and whatever else grew."""
    states: dict[int, str]
    turns: int

    def part(self, rows: Sequence[tuple[Any, ...]], begin: int, end: int) -> Sequence[tuple[Any, ...]]:
        """Return the rows that belong to these turns, by their share."""
        size = len(rows)
        return rows[size * begin // self.turns : size * end // self.turns]


def record_rows(folder: Path, people: int) -> Rows:
    """Play once, and keep the rows of the turns; `source` is a database as it was before them."""

    async def run() -> None:
        stage = await set_up(folder, people)
        with closing(sqlite3.connect(stage.database.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(stage.database.path, folder / "before.sqlite")
        await play(stage)
        stage.database.close()

    asyncio.run(run())
    with closing(sqlite3.connect(folder / "said.sqlite")) as connection:
        connection.execute("ATTACH ? AS before", [str(folder / "before.sqlite")])
        added = {table: rows for table in _tables(connection) if (rows := _added(connection, table))}
        return Rows(
            source=folder / "before.sqlite",
            inbox=added.pop("inbox"),
            added=added,
            states=dict(connection.execute("SELECT id, state FROM conversation")),
            turns=people * len(REPLIES),
        )


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables with numbered rows."""
    found = connection.execute(
        "SELECT t.name FROM main.sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'id'"
        " WHERE t.type = 'table' ORDER BY t.name"
    )
    return [name for (name,) in found]


def _added(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    last = f"(SELECT coalesce(max(id), 0) FROM before.{table})"
    return connection.execute(f"SELECT * FROM main.{table} WHERE id > {last} ORDER BY id").fetchall()


def raw(folder: Path, *, rows: Rows, together: int) -> float:
    """Measure turns a second of `sqlite3` writing the same rows with `together` turns a commit, and nothing else."""
    shutil.copy(rows.source, folder / "raw.sqlite")
    with closing(sqlite3.connect(folder / "raw.sqlite", isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        began = perf_counter()
        for begin in range(0, rows.turns, together):
            _write(connection, rows, begin, min(begin + together, rows.turns))
        seconds = perf_counter() - began
    return rows.turns / seconds


def _write(connection: sqlite3.Connection, rows: Rows, begin: int, end: int) -> None:
    """Write the two transactions of these turns: what came in, then what came of it."""
    inbox = rows.part(rows.inbox, begin, end)
    handled, conversation = 7, 8  # columns of the inbox
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        f"INSERT INTO inbox VALUES ({_marks(inbox)})",
        [(*row[:handled], None, None, *row[conversation + 1 :]) for row in inbox],
    )
    connection.executemany(
        "UPDATE address SET next_seq = next_seq + 1 WHERE id = ?", [(row[1],) for row in inbox]
    )
    if len(inbox) > 1:  # one commit a turn writes it all at once: the limit of that contender
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
    for table, of_turns in rows.added.items():
        part = rows.part(of_turns, begin, end)
        if part:
            connection.executemany(f"INSERT INTO {table} VALUES ({_marks(part)})", part)
    connection.executemany(
        "UPDATE conversation SET state = ?, status = 'open', turns = turns + 1, last_turn_at = ?"
        " WHERE id = ?",
        [(rows.states[row[conversation]], row[handled], row[conversation]) for row in inbox],
    )
    connection.executemany(
        "UPDATE inbox SET handled_at = ?, conversation_id = ? WHERE id = ?",
        [(row[handled], row[conversation], row[0]) for row in inbox],
    )
    connection.execute("COMMIT")


def _marks(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join("?" * len(rows[0]))


class TimedWakeups(EmbeddedWakeups):
    """Notes when the turn of an address was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: dict[int, float] = {}
        self._more = asyncio.Event()
        self.listen(WorkKind.OUTBOX, self._more.set)

    async def all_committed(self, count: int) -> None:
        """Wait until so many addresses had a turn."""
        while len(self.committed) < count:
            await self._more.wait()
            self._more.clear()

    def defer(self, connection: Connection, work: WorkKind, addresses: Collection[int]) -> None:
        if work is WorkKind.OUTBOX:
            after_commit(connection, object(), partial(self._note, addresses))
        super().defer(connection, work, addresses)

    def _note(self, addresses: Collection[int]) -> None:
        now = perf_counter()
        self.committed.update(dict.fromkeys(addresses, now))


def latencies(folder: Path, *, people: int) -> list[float]:
    """Milliseconds from when each message was due, 100 a second, until its turn was durable."""

    async def run() -> list[float]:
        wake = TimedWakeups()
        stage = await set_up(folder, people, wake)
        wake.committed.clear()
        loop = asyncio.create_task(stage.runtime.run())
        began = perf_counter() + 0.1
        due = [began + person / OFFERED_PER_SECOND for person in range(people)]
        await asyncio.gather(*(_arrive(stage, person, at) for person, at in enumerate(due)))
        await wake.all_committed(people)
        loop.cancel()
        await asyncio.wait([loop])
        stage.database.close()
        return [(wake.committed[person + 1] - at) * 1000 for person, at in enumerate(due)]

    return asyncio.run(run())


async def _arrive(stage: Stage, person: int, at: float) -> None:
    await asyncio.sleep(max(0.0, at - perf_counter()))
    await stage.runtime.receive([message(person, 1, REPLIES[0])])


OURS = "Said & Done"
PTB = "python-telegram-bot ConversationHandler + SQLModel session"
SINGLE = "sqlite3 alone, the same rows, one commit a turn"
GROUPED = f"sqlite3 alone, the same rows, {BATCH} turns a commit"


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=1_000, help="conversations (default 1000)")
    chosen = parser.parse_args()
    with fresh_folder(chosen.folder) as folder:
        rows = record_rows(folder, chosen.people)
        settle()  # as `said run` does; it is for the whole process, the other contenders included
        contenders: dict[str, Callable[[Path], float]] = {
            OURS: partial(ours, people=chosen.people),
            PTB: partial(ptb_turns, people=chosen.people, replies=REPLIES),
            SINGLE: partial(raw, rows=rows, together=1),
            GROUPED: partial(raw, rows=rows, together=BATCH),
        }
        figures = in_turn(contenders, chosen.repeats, chosen.folder)
    with fresh_folder(chosen.folder) as folder:
        waits = latencies(folder, people=chosen.people)
    report(figures, waits, as_json=chosen.json)


def report(figures: dict[str, list[float]], waits: Sequence[float], *, as_json: bool) -> None:
    """Print the figures: medians, and how many times each contender we are, run by run."""
    ratios = {
        name: median([mine / theirs for mine, theirs in zip(figures[OURS], runs, strict=True)])
        for name, runs in figures.items()
    }
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    if as_json:
        turns = {
            name: {"turns_per_second": runs, "median": median(runs), "ours_is_times": ratios[name]}
            for name, runs in figures.items()
        }
        show_json(
            {
                "contenders": turns,
                "one_turn_ms": {"p50": p50, "p99": p99, "offered_per_second": OFFERED_PER_SECOND},
            }
        )
        return
    show(
        "Durable turns per second (median of the runs)",
        ("contender", "turns/s", "lowest", "highest", "ours is"),
        [
            (name, f"{median(runs):,.0f}", f"{min(runs):,.0f}", f"{max(runs):,.0f}", f"{ratios[name]:.2f} x")
            for name, runs in figures.items()
        ],
    )
    show(
        f"One turn at {OFFERED_PER_SECOND} turns/s offered, from due to durable",
        ("", "milliseconds"),
        [("p50", f"{p50:.1f}"), ("p99", f"{p99:.1f}")],
    )


if __name__ == "__main__":
    main()
