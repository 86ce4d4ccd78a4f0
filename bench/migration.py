"""Time and memory of the migration of a large database from the schema of revision 0002 to that of now.

The file is made first: people with an interview each, of which three answers say yes to a consent; as many rows in the
inbox and the outbox as there are answers; one person in a hundred took a consent back outside of its question, and one
in four is on Slack, with taps under the names that rows had before. It is migrated in a process of its own, whose peak
of resident memory is that of the migration, and is gone afterwards.
"""

import json
import sqlite3
import subprocess
import sys
from argparse import SUPPRESS
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice, product
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))


from bench.common import arguments, fresh_folder, show, show_json
from flows.script.loader import library
from flows.script.model import Flow
from storage.database import migrate

BEFORE = "0002"
FLOW = "patient_interview"
CONSENTS = (("a01", "take_part"), ("a02", "use_words"), ("a03", "contact_again"))
WHEN = "2026-03-02 14:30:00.000000"
TOOK_BACK_EVERY = 100
SLACK_EVERY = 4
WORDS = "The nurse sat down with us and went through each of the tablets again."
ASKED = "What went well at your last visit?"
ROWS_AT_ONCE = 20_000
Row = dict[str, Any]


def make(path: Path, people: int, answers_each: int) -> None:
    """Make a database of the earlier revision with so many people and answers."""
    migrate.upgrade(path, BEFORE)
    with closing(sqlite3.connect(path)) as connection:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        for table, rows in tables(people, answers_each, library()[FLOW]).items():
            fill(connection, table, rows)
        connection.commit()


def tables(people: int, answers_each: int, flow: Flow) -> dict[str, Iterable[Row]]:
    """Return the rows of each table."""
    slots = [key for key, _ in CONSENTS] + [f"a{number}" for number in range(4, answers_each + 1)]
    state = state_of(slots)
    everybody, places = range(1, people + 1), range(answers_each)
    return {
        "program": [{"id": 1, "slug": "m", "title": "M", "settings": "{}", "hash": "h", "loaded_at": WHEN}],
        "flowversion": [
            {
                "hash": flow.hash,
                "flow": FLOW,
                "source": flow.model_dump_json(by_alias=True),
                "first_used_at": WHEN,
            }
        ],
        "participant": (
            {"id": one, "code": f"P{one}", "role": "patient", "status": "active", "created_at": WHEN}
            for one in everybody
        ),
        "address": (address(one, answers_each) for one in everybody),
        "conversation": (conversation(one, flow.hash, state) for one in everybody),
        "consent": (consent for one in everybody for consent in consents(one)),
        "answer": (answer(one, at, slots[at]) for one, at in product(everybody, places)),
        "inbox": (inbound(one, at) for one, at in product(everybody, places)),
        "outbox": (outbound(one, at) for one, at in product(everybody, places)),
    }


def state_of(slots: Sequence[str]) -> str:
    """Return the state of somebody's conversation after its end."""
    agreed = dict(CONSENTS)
    return json.dumps(
        {
            "language": "en",
            "sealed_facts": {"program": {"team": "T", "contact": "C"}},
            "answers": {slot: [True if slot in agreed else WORDS, "answered"] for slot in slots},
            "asks": [[slot, 1_772_461_800] for slot in slots],
            "outcome": "completed",
        }
    )


def address(person: int, answers_each: int) -> Row:
    """Return somebody's address."""
    return {
        "id": person,
        "participant_id": person,
        "channel": channel(person),
        "lookup": person.to_bytes(32, "big"),
        "sealed": bytes(48),
        "status": "active",
        "next_seq": answers_each + 1,
        "created_at": WHEN,
    }


def conversation(person: int, version: str, state: str) -> Row:
    """Return somebody's conversation, which has ended."""
    return {
        "id": person,
        "participant_id": person,
        "address_id": person,
        "program_id": 1,
        "flow": FLOW,
        "flow_hash": version,
        "channel": channel(person),
        "status": "ended",
        "outcome": "completed",
        "state": state,
        "turns": 0,
        "started_at": WHEN,
        "last_turn_at": WHEN,
        "ended_at": WHEN,
    }


def consents(person: int) -> Iterator[Row]:
    """Yield somebody's decisions: three times yes, and of some later a no outside of any question."""
    for _, purpose in CONSENTS:
        yield decision(person, purpose, granted=True)
    if person % TOOK_BACK_EVERY == 0:
        yield decision(person, "use_words", granted=False)


def decision(person: int, purpose: str, *, granted: bool) -> Row:
    """Return a decision on a consent: a yes in the conversation, or a no outside of it."""
    return {
        "participant_id": person,
        "program_id": 1,
        "conversation_id": person if granted else None,
        "purpose": purpose,
        "granted": granted,
        "shown_text": ASKED,
        "text_hash": "t",
        "language": "en",
        "decided_at": WHEN,
        "flow": FLOW,
    }


def answer(person: int, place: int, slot: str) -> Row:
    """Return an answer: yes to the consents, else words."""
    is_consent = place < len(CONSENTS)
    return {
        "conversation_id": person,
        "slot": slot,
        "question_key": slot,
        "item": "",
        "kind": "consent" if is_consent else "text",
        "value": "true" if is_consent else json.dumps(WORDS),
        "raw": WORDS,
        "status": "answered",
        "shown_text": ASKED,
        "language": "en",
        "channel": channel(person),
        "asked_at": WHEN,
        "answered_at": WHEN,
    }


def inbound(person: int, place: int) -> Row:
    """Return a message that came in and was handled."""
    return {
        "address_id": person,
        "channel": channel(person),
        "external_id": delivery(person, place),
        "seq": place + 1,
        "payload": json.dumps({"kind": "text", "text": WORDS}),
        "received_at": WHEN,
        "handled_at": WHEN,
        "conversation_id": person,
    }


def outbound(person: int, place: int) -> Row:
    """Return a message that was sent."""
    return {
        "address_id": person,
        "conversation_id": person,
        "ask": place,
        "kind": "message",
        "status": "sent",
        "payload": json.dumps({"text": ASKED, "kind": "text"}),
        "created_at": WHEN,
        "sent_at": WHEN,
    }


def channel(person: int) -> str:
    """Return the channel that somebody is on."""
    return "telegram" if person % SLACK_EVERY else "slack"


def delivery(person: int, place: int) -> str:
    """Return the name of one of somebody's deliveries, of a tap on Slack with their user id in clear."""
    return f"{person}-{place}" if person % SLACK_EVERY else f"action:U{person:010}:{place}"


def fill(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert rows; columns that may not be null and are not named get nothing of their type."""
    nothing = {"INTEGER": 0, "BOOLEAN": 0, "FLOAT": 0.0, "BLOB": b""}
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    needed = [
        (name, kind) for _, name, kind, must, default, key in columns if must and not key and default is None
    ]
    blank = {name: nothing.get(kind, "") for name, kind in needed}
    for some in batched(blank | row for row in rows):
        names = list(some[0])
        places = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", some)


def batched(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows some thousands at a time."""
    every = iter(rows)
    while some := list(islice(every, ROWS_AT_ONCE)):
        yield some


def migrated(path: Path) -> dict[str, float]:
    """Migrate a file in this process; return the seconds, and the megabytes of memory before and at most."""
    before, start = peak_mb(), perf_counter()
    migrate.prepare(path)
    return {"seconds": perf_counter() - start, "memory_before_mb": before, "memory_peak_mb": peak_mb()}


def peak_mb() -> float:
    """Return the most resident memory that this process has had, in MB (10^6 bytes). Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmHWM in /proc/self/status")


def main(options: Sequence[str] | None = None) -> None:
    """Make the file, migrate it in a process of its own, and print what that took."""
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000, help="participants (default 100000)")
    parser.add_argument("--answers", type=int, default=10, help="answers of each (default 10)")
    parser.add_argument("--migrate", type=Path, help=SUPPRESS)
    asked = parser.parse_args(options)
    if asked.migrate is not None:
        print(json.dumps(migrated(asked.migrate)))
        return
    with fresh_folder(asked.folder) as folder:
        path, start = folder / "said.sqlite", perf_counter()
        make(path, asked.people, asked.answers)
        figures: dict[str, float] = {
            "making_seconds": perf_counter() - start,
            "file_mb": path.stat().st_size / 1e6,
        }
        worker = [sys.executable, __file__, "--migrate", str(path)]
        figures |= json.loads(subprocess.run(worker, check=True, stdout=subprocess.PIPE).stdout)
    if asked.json:
        show_json(figures)
        return
    title = f"Migrating {asked.people:,} people and {asked.people * asked.answers:,} answers from {BEFORE}"
    show(
        title,
        ["", "figure"],
        [[name.replace("_", " "), f"{figure:,.1f}"] for name, figure in figures.items()],
    )


if __name__ == "__main__":
    main()
