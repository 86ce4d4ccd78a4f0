"""A database of an earlier program as a file, what was lost on the way from one to the next, and who plays on in it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from bot.channels.base import Inbound, InboundKind, button_payload
from bot.clock import MovableClock
from bot.conversations.language_detector import LanguageDetector
from bot.delivery.sender import Delivery, DeliveryOptions
from bot.schedule.language_detection import BackgroundDetection
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.effects import Prompt, PromptKind
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.script.loader import library
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.follow_up import timers
from tests.support.fake_channel import FakeChannel

SQL = Path(__file__).parents[1] / "data" / "database_49bc841.sql"
TEST_KEY = b"a test key, no secret of anybody"
"""The key that the addresses in the file are sealed with; it guards nothing."""
NOW = datetime(2026, 9, 9, 12, 30, tzinfo=UTC)
"""When the earlier program stopped."""
LANGUAGES = Localizations(policy=LanguagePolicy(only=("en", "ar", "de", "es", "fr", "it", "pt")))
WORDS = "It went well, and we go on with it as we planned."
_ROUNDS = 400
_LOOKS = 2_000

Row = Mapping[str, Any]
Rows = dict[str, dict[Any, Row]]
"""The rows of every table, by their primary key."""

SHORT_LIVED = frozenset({"link_code", "link_attempt", "timer", "alembic_version"})
"""Tables whose rows go in the ordinary course of things: codes used, tries forgotten, timers set anew."""
SAID = (
    "conversation_id", "slot", "question_key", "item", "kind", "value", "raw", "status", "shown_text", "language",
    "channel", "asked_at", "answered_at", "personal", "identifiers",
)  # fmt: skip
"""What an answer says. The rest tells what was found out about it later."""
KEPT_AS_THEY_ARE: Mapping[str, tuple[str, ...]] = {
    "answer": SAID,
    "implementation": ("commitment_id", "follow_up_id", "conversation_id", "status"),
    "commitmentrevision": ("commitment_id", "statement", "if_then", "start_on", "replaced_at"),
    **dict.fromkeys(
        ("consent", "barrier", "audit_event", "tombstone", "flowversion", "enrollment",
         "review_decision", "excerpt", "coding", "contact"),
        (),
    ),
}  # fmt: skip
"""Columns that are written once, whatever people do later; no names for all columns of a table."""


def make(path: Path, *changes: str) -> Path:
    """The database of the fixture as a file, with these statements run on it."""
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SQL.read_text("utf-8"))
        for change in changes:
            assert connection.execute(change).rowcount > 0, change
        connection.commit()
    return path


def read(path: Path) -> Rows:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {table: dict(_rows_of(connection, table)) for table in sorted(tables)}


def _rows_of(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, Row]]:
    keys = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})") if row["pk"]]
    for row in connection.execute(f"SELECT * FROM {table}"):
        found = dict(row)
        yield tuple(found[key] for key in keys or found), found


def lost_by_migrating(before: Rows, after: Rows) -> list[str]:
    """What was in a database and is not there, or is otherwise, once it has been migrated; empty if all is well.

    Answers that said yes to a consent that was taken back are superseded by a no: that is looked at, and is no loss.
    """
    after = _without_noes(before, after)
    lost = [
        f"{table}: {len(rows)} rows, then {len(after.get(table, {}))}"
        for table, rows in before.items()
        if len(rows) != len(after.get(table, {}))
    ]
    for table, rows in before.items():
        if table != "alembic_version":
            lost += _changed(table, rows, after.get(table, {}))
    return lost


def _without_noes(before: Rows, after: Rows) -> Rows:
    """The rows after a migration without the noes that it put in place of answers, and those answers as they were."""
    answers, conversations = dict(after["answer"]), dict(after["conversation"])
    for key in after["answer"].keys() - before["answer"].keys():
        no = answers.pop(key)
        of = no["conversation_id"], no["slot"]
        [old] = [
            one
            for one, row in before["answer"].items()
            if (row["conversation_id"], row["slot"], row["superseded_at"]) == (*of, None)
        ]
        assert (before["answer"][old]["value"], no["value"], no["raw"]) == ("true", "false", "")
        assert answers[old]["superseded_at"] == no["answered_at"]
        answers[old] = {**answers[old], "superseded_at": None}
        changed = msgspec.json.decode(after["conversation"][of[0],]["state"] or b"{}")
        assert changed.get("answers", {}).get(of[1], [False])[0] is False
        conversations[of[0],] = before["conversation"][of[0],]
    return {**after, "answer": answers, "conversation": conversations}


def _changed(
    table: str, rows: dict[Any, Row], after: dict[Any, Row], names: tuple[str, ...] = ()
) -> list[str]:
    """The rows that are gone, and the values that are others."""
    lost = [f"{table} {key} is gone" for key in rows if key not in after]
    for key in rows.keys() & after.keys():
        was, now = rows[key], after[key]
        lost += [
            f"{table} {key}: {name} was {was[name]!r} and is {now.get(name)!r}"
            for name in names or was
            if was[name] != now.get(name)
        ]
    return lost


def lost_by_going_on(before: Rows, after: Rows) -> list[str]:
    """What was in a database and is not there once everybody has come to an end; empty if all is well."""
    lost: list[str] = []
    for table, rows in before.items():
        if table not in SHORT_LIVED and table not in KEPT_AS_THEY_ARE:
            lost += [f"{table} {key} is gone" for key in rows if key not in after[table]]
    for table, names in KEPT_AS_THEY_ARE.items():
        lost += _changed(table, before[table], after[table], names)
    return lost + _unsaid(before, after)


def _unsaid(before: Rows, after: Rows) -> list[str]:
    """Commitments whose words are neither theirs any more nor kept as a revision."""
    known = {(row["commitment_id"], row["statement"]) for row in after["commitmentrevision"].values()}
    known |= {(key[0], row["statement"]) for key, row in after["commitment"].items()}
    said = {(key[0], row["statement"]) for key, row in before["commitment"].items()}
    return [f"commitment {number}: its words {words!r} are gone" for number, words in said - known]


@dataclass
class House:
    """The program of today over that database, and everybody in it, who answer whatever they are asked.

    Only of the follow-ups that are begun from now on some are left unanswered, so that they are closed by silence.
    """

    database: Database
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOW))
    replied_to: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        flows = library()
        identity = self.database.identity
        self.runtime = Runtime(
            self.database, flows, self.clock, RuntimeOptions(pick=Random(7).choice, localizations=LANGUAGES)
        )
        self.scheduler = Scheduler(self.database, self.runtime, self.clock, localizations=LANGUAGES)
        self.detection = BackgroundDetection(
            self.database, self.runtime, self.clock, LanguageDetector(LANGUAGES.enabled(flows.values()))
        )
        self.channels = {
            name: FakeChannel(self.clock.now, name) for name in ("terminal", "telegram", "slack")
        }
        self.delivery = Delivery(
            self.database,
            self.channels,
            self.clock,
            DeliveryOptions(
                identity=identity,
                rates={},
                rng=Random(7),
                localizations=LANGUAGES,
            ),
        )

        self.last_of_before = self.count("SELECT max(id) FROM conversation")

    def rows(self, query: str) -> list[Any]:
        return list(self.database.read_now(lambda c: c.exec_driver_sql(query).all()))

    def count(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    async def settle(self) -> None:
        """Answer what came in, find its language, and send what is ready."""
        await self.runtime.drain()
        await self.detection.drain()
        await self.delivery.drain()

    async def takes(self, *inbounds: Inbound) -> None:
        await self.runtime.receive(list(inbounds))
        await self.settle()

    def inbound(self, address: str, kind: InboundKind, **what: Any) -> Inbound:
        return Inbound(address=address, external_id=f"today/{next(self.numbers)}", kind=kind, **what)

    async def pass_time(self, span: timedelta | None = None, *, answering: bool) -> None:
        """Time goes by, with the scheduler at work whenever something is due; without a span until nothing is."""
        end = None if span is None else self.clock.now() + span
        for _ in range(_LOOKS):
            due = self.database.read_now(timers.next_due)
            if due is None or (end is not None and due > end):
                break
            self.clock.set(max(due, self.clock.now()))
            await self.scheduler.tick()
            await self.settle()
            if answering:
                await self.everybody_answers()
        else:
            raise AssertionError(f"something is due again and again: {due}")
        if end is not None:
            self.clock.set(end)

    async def everybody_answers(self) -> None:
        """Each person replies to the question that is open for them, until nobody has one that is new."""
        for _ in range(_ROUNDS):
            asked = [row for row in self.rows(_OPEN_QUESTIONS) if row[0] not in self.replied_to]
            replies = [self.reply(*row) for *row, flow in asked if not self.is_left_alone(row[1], flow)]
            if not replies:
                return
            await self.takes(*replies)
            self.clock.move(timedelta(seconds=30))
        raise AssertionError("people are asked for ever")

    def is_left_alone(self, conversation: int, flow: str) -> bool:
        """Whether this is a follow-up that nobody answers: every fourth conversation that was begun by now."""
        return flow == "hcp_follow_up" and conversation > self.last_of_before and conversation % 4 == 0

    def reply(self, message: int, conversation: int, payload: str, sealed: bytes) -> Inbound:
        """What somebody answers: the first choice, the middle of a scale, or some words."""
        self.replied_to.add(message)
        prompt = msgspec.json.decode(payload, type=Prompt)
        assert prompt.ask is not None
        address = self.database.identity.open(sealed)
        choices = [place for place, option in enumerate(prompt.options) if not option.control]
        if prompt.kind is PromptKind.TEXT or not choices:
            text = {PromptKind.NUMBER: "3", PromptKind.DATE: "tomorrow"}.get(prompt.kind, WORDS)
            return self.inbound(address, InboundKind.TEXT, text=text)
        if prompt.kind is PromptKind.SELECT_MANY:
            button = button_payload(conversation, prompt.ask)
            return self.inbound(address, InboundKind.PICKS, button=button, options=tuple(choices[:1]))
        place = choices[len(choices) // 2] if prompt.kind is PromptKind.SCALE else choices[0]
        button = button_payload(conversation, prompt.ask, place)
        return self.inbound(address, InboundKind.TAP, button=button)

    async def team_settles_cases(self) -> None:
        """A coordinator sees to whoever is at risk, and says of every report that it was sent."""
        for number, kind in self.rows(
            "SELECT id, kind FROM safety_case WHERE status IN ('new', 'reviewing')"
        ):
            done = "clear we spoke on the phone" if kind == "distress" else "sent"
            await self.takes(self.inbound("terminal:cora", InboundKind.TEXT, text=f"/safety {number} {done}"))


_OPEN_QUESTIONS = """
SELECT outbox.id, conversation.id, payload, sealed, flow FROM conversation
JOIN outbox ON outbox.id = (
    SELECT max(id) FROM outbox AS asked
    WHERE asked.conversation_id = conversation.id AND asked.ask IS NOT NULL AND asked.kind = 'message'
)
JOIN address ON address.id = conversation.address_id
WHERE conversation.status IN ('open', 'paused') ORDER BY conversation.id
"""


def open_house(path: Path) -> House:
    """The program of today, started on the database; its file is migrated first."""
    return House(Database.open(path, identity=AddressKeys(TEST_KEY), durable=False, threads=False))
