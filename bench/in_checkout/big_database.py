"""Make a database of the shape of a large programme: 100,344 people, a million answers, 11,495 timers due.

A small rehearsal is played by the real bot first. Its people are then copied, table by table and in sets, until there
are enough of them: each copy has numbers of its own and is otherwise the same. All times are moved so that the
rehearsal ends now, and the addresses become Telegram's, sealed with the key beside the file. What no copy can be is
made anew: the addresses, and the chain of the audit trail.

    python bench/in_checkout/big_database.py FILE [--people N] [--statistics JSON]
"""

import argparse
import asyncio
import base64
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import sqlalchemy as sa
from sqlalchemy import Connection

from bot import logs
from bot.settings.settings import LogLevel
from bot.simulation.behaviour import Behaviour
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity, simulated_key
from flows.program.loader import PROGRAMS, load_program
from flows.script.loader import library
from storage.database import audit
from storage.database.address_keys import AddressKeys, key_path
from storage.database.connection import Database
from storage.schema import METADATA, AuditKind

PEOPLE = 100_344
DUE_SHARE = 11_495 / PEOPLE
"""Timers that are due at start, for each participant."""
SEED = 7
REHEARSED = SimulationPlan(
    patients=45, hcps=15, educators=1, months=1.2, seed=SEED, behaviour=Behaviour(breaks_off=0.085)
)
"""Ends while first waves are out, other timers lie ahead, and some are in the middle of a talk."""
FIRST_CHAT = 1_000_000
CHANNEL = "telegram"
WITHOUT_KEY = {
    "conversation_id": "conversation",
    "participant_id": "participant",
    "address_id": "address",
    "follow_up_id": "follow_up",
    "answer_id": "answer",
    "about_id": "conversation",
}
"""Columns that name a row of another table without a foreign key."""
MADE_UNIQUE = {
    "participant": {"code": "'P-' || printf('%06X', {new})"},
    "inbox": {"external_id": "external_id || ':' || copies.k"},
    "address": {"lookup": "CAST('made:' || {new} AS BLOB)"},
}
"""Columns of which no two rows may be the same, and what each copy has there."""
CHAINED = 20_000
"""Rows of the audit trail that are chained in one transaction."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table whose rows belong to participants; `stride` is how far the numbers of a copy lie from those before."""

    name: str
    stride: int


def make(
    path: Path, people: int = PEOPLE, *, now: datetime | None = None, plan: SimulationPlan = REHEARSED
) -> None:
    """Make the database at `path`, and its key beside it, with at least so many people, as of `now` (None: now).

    `plan` is the rehearsal whose people are copied.
    """
    now = now or datetime.now(UTC)
    rehearse(path, plan)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000", "journal_mode=OFF"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        raw.execute("BEGIN")
        move_times(raw, now - plan.end)
        indexes = drop_indexes(raw)
        tables = copied_tables(raw)
        copies = -(-people // row_count(raw, "participant")) - 1
        for table in tables.values():
            copy_rows(raw, table, tables, copies)
        keep_addresses(raw, simulated_identity(SEED))
        make_due(raw, now)
        for index in indexes:
            raw.execute(index)
        raw.execute("COMMIT")
    chain_audit(path, copies)


def rehearse(path: Path, plan: SimulationPlan) -> None:
    """Play the rehearsal into a new file, and lay its key beside it."""
    key = key_path(path)
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(simulated_key(SEED)) + b"\n")
    program = load_program(PROGRAMS / "myeloma.yaml")
    with Database.open(path, identity=simulated_identity(SEED), durable=False, threads=False) as database:
        asyncio.run(Simulation(database, library(), program, plan).run(lambda _share: None))


def move_times(raw: sqlite3.Connection, by: timedelta) -> None:
    """Move every time by so much, in whole days, and put everything on Telegram.

    The audit trail keeps its times: it is made anew.
    """
    days = by.days
    for table in METADATA.tables.values():
        times = [column.name for column in table.c if isinstance(column.type, sa.DateTime)]
        if times and table.name != "audit_event":
            moved = ", ".join(
                f"{name} = strftime('%Y-%m-%d %H:%M:%f000', {name}, '+{days} days')" for name in times
            )
            raw.execute(f"UPDATE {table.name} SET {moved}")
        for name in {"channel", "line"} & {column.name for column in table.c}:
            raw.execute(f"UPDATE {table.name} SET {name} = ?", (CHANNEL,))
    raw.execute("UPDATE answer SET unheard = 0")
    raw.execute("UPDATE outbox SET message_id = substr(message_id, 2) WHERE message_id LIKE 'm%'")


def drop_indexes(raw: sqlite3.Connection) -> list[str]:
    """Drop the indexes that may be dropped, and return the statements that make them again: rows come in quicker."""
    made = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in made:
        raw.execute(f"DROP INDEX {name}")
    return [sql for _, sql in made]


def copied_tables(raw: sqlite3.Connection) -> dict[str, CopiedTable]:
    """Return the tables to copy, by name: those that lead to a participant, but for the audit trail."""
    found = {"participant"}
    for table in METADATA.sorted_tables:
        if {key.column.table.name for key in table.foreign_keys} & found:
            found.add(table.name)
    return {name: CopiedTable(name, last_row(raw, name)) for name in sorted(found) if last_row(raw, name)}


def references(table: sa.Table) -> Iterator[tuple[str, str]]:
    """Yield the columns that name a row of another table, with the name of that table."""
    for column in table.c:
        keys = [key.column.table.name for key in column.foreign_keys]
        if keys:
            yield column.name, keys[0]
        elif column.name in WITHOUT_KEY:
            yield column.name, WITHOUT_KEY[column.name]


def copy_rows(
    raw: sqlite3.Connection, copied: CopiedTable, tables: Mapping[str, CopiedTable], copies: int
) -> None:
    """Copy the rows of a table so many times, each copy under numbers of its own, which lie one after another."""
    table = METADATA.tables[copied.name]
    names = [column.name for column in table.c]
    values: dict[str, str] = {name: f'"{name}"' for name in names}
    for name, target in references(table):
        if target in tables:
            values[name] = f"{name} + copies.k * {tables[target].stride}"
    new = f"(row + copies.k * {copied.stride})"
    if "id" in values:
        values["id"] = new
    values |= {name: how.format(new=new) for name, how in MADE_UNIQUE.get(copied.name, {}).items()}
    listed = ", ".join(f'"{name}"' for name in names)
    raw.execute(f"CREATE TEMP TABLE played AS SELECT rowid AS row, * FROM {copied.name} ORDER BY rowid")
    raw.execute(
        f"WITH RECURSIVE copies(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copies WHERE k < {copies})"
        f" INSERT INTO {copied.name} ({listed}) SELECT {', '.join(values[name] for name in names)}"
        f" FROM copies CROSS JOIN played WHERE copies.k <= {copies}"
    )
    raw.execute("DROP TABLE played")


def keep_addresses(raw: sqlite3.Connection, keys: AddressKeys) -> None:
    """Give every address an account of its own on Telegram; those that were erased stay so."""
    raw.execute("UPDATE address SET lookup = CAST('erased:' || id AS BLOB) WHERE sealed = x''")
    numbers = [number for (number,) in raw.execute("SELECT id FROM address WHERE sealed <> x''").fetchall()]
    accounts = ((account(number), number) for number in numbers)
    raw.executemany(
        "UPDATE address SET lookup = ?, sealed = ? WHERE id = ?",
        ((keys.lookup(name), keys.seal(name), number) for name, number in accounts),
    )


def account(address_id: int) -> str:
    """Return the address whose row has this number, such as `telegram:1000007`."""
    return f"{CHANNEL}:{FIRST_CHAT + address_id}"


def make_due(raw: sqlite3.Connection, now: datetime) -> None:
    """Make as many of the unfinished timers due as the share says, spread over everybody, and all others not yet."""
    due = round(row_count(raw, "participant") * DUE_SHARE)
    soon, later = (stored(now + span) for span in (timedelta(minutes=-1), timedelta(days=1)))
    raw.execute("UPDATE timer SET due_at = max(due_at, ?) WHERE done_at IS NULL", (later,))
    raw.execute(
        "UPDATE timer SET due_at = ? WHERE id IN (SELECT id FROM timer WHERE done_at IS NULL"
        " ORDER BY (id * 7919) % 104729, id LIMIT ?)",
        (soon, due),
    )


def chain_audit(path: Path, copies: int) -> None:
    """Write the audit trail anew: the rehearsal's rows, and those of each copy after them, as one chain."""
    with Database.open(path, identity=simulated_identity(SEED), durable=False, threads=False) as database:
        with database.reading() as connection:
            stride = int(connection.exec_driver_sql("SELECT count(*) FROM participant").scalar() or 0)
            kept = connection.exec_driver_sql(
                "SELECT at, kind, participant_id, details FROM audit_event"
            ).all()
        stride //= copies + 1
        played = [
            (datetime.fromisoformat(at).replace(tzinfo=UTC), AuditKind(kind), who, json.loads(details))
            for at, kind, who, details in kept
        ]
        database.write_now(lambda connection: connection.exec_driver_sql("DELETE FROM audit_event"))
        entries = (
            audit.AuditEntry(at, kind, None if who is None else who + copy * stride, details)
            for copy in range(copies + 1)
            for at, kind, who, details in played
        )
        for some in batched(entries):
            database.write_now(partial(_append, entries=some))


def _append(connection: Connection, *, entries: Sequence[audit.AuditEntry]) -> None:
    audit.append(connection, entries)


def batched(rows: Iterable[audit.AuditEntry]) -> Iterator[list[audit.AuditEntry]]:
    """Yield rows some thousands at a time."""
    every = iter(rows)
    while some := list(islice(every, CHAINED)):
        yield some


def stored(at: datetime) -> str:
    """Return a time as the database keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def row_count(raw: sqlite3.Connection, table: str) -> int:
    """Return how many rows a table has."""
    return int(raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def last_row(raw: sqlite3.Connection, table: str) -> int:
    """Return the highest number of a row in a table; 0 for none."""
    return int(raw.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0)


def shape(path: Path) -> dict[str, Any]:
    """Return how many rows each table has that has any, and how large the file is, in MB (10^6 bytes)."""
    with closing(sqlite3.connect(path)) as raw:
        rows = {name: row_count(raw, name) for name in METADATA.tables}
    return {name: count for name, count in rows.items() if count} | {
        "file_mb": round(path.stat().st_size / 1e6)
    }


def statistics(path: Path) -> list[tuple[str, str | None, str]]:
    """Have SQLite look at the whole database, and return what it goes by: table, index, and its figures."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ANALYZE")
        return raw.execute("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx").fetchall()


def main() -> None:
    """Make the file that is asked for, and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("file", type=Path, help="the database to make; must not be there")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"participants (default {PEOPLE})")
    parser.add_argument("--statistics", type=Path, help="where to write what ANALYZE finds in it, for tests")
    asked = parser.parse_args()
    logs.configure(LogLevel.ERROR, None)
    make(asked.file, asked.people)
    if asked.statistics is not None:
        rows = [f"  {json.dumps(row)}" for row in statistics(asked.file)]
        asked.statistics.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
    print(json.dumps(shape(asked.file), indent=2))


if __name__ == "__main__":
    main()
