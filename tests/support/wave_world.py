"""A world for tests of follow-ups: people with commitments in a real database, and a clock moved by hand."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.clock import MovableClock
from bot.conversations.new_conversation import NewConversation
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime
from flows.program.model import ProgramFile
from flows.script.loader import load_flow_text
from flows.script.model import Flow, Purpose, Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.follow_up import timers
from storage.follow_up import waves as follow_ups
from storage.programs import flow_versions, programs
from storage.schema import AddressStatus, ConversationStatus, ParticipantStatus

MONDAY = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""Inside the default window in UTC and in Vienna."""
IDENTITY = AddressKeys(bytes(32))
TABLES = SQLModel.metadata.tables

COMMIT = """
flow: hcp_commitment
title: A commitment
language: en
audience: [hcp]
steps:
  - {key: note, kind: text, text: Anything else?}
  - {key: bye, kind: end, text: Goodbye.}
"""
FOLLOW_UP = """
flow: hcp_follow_up
title: How did it go?
language: en
audience: [hcp]
steps:
  - key: each
    kind: block
    repeat: {for_each: commitments, as: commitment}
    steps:
      - key: d1
        kind: select_one
        text: "{commitment.statement}: where is it now?"
        choices:
          - {code: full, label: Done}
          - {code: partial, label: Partly}
          - {code: dropped, label: Dropped}
      - {key: save, kind: do, effect: record_implementation, fields: {status: d1}}
  - {key: bye, kind: end, text: Thank you.}
"""


def program(slug: str = "myeloma", **more: Any) -> ProgramFile:
    """A small program; its waves are the defaults unless `schedule` says otherwise, and nothing follows on."""
    known = {"title": "T", "team": "The team", "contact": "us@example.org", "condition": "myeloma"}
    known |= {"follow_on": ()}
    return ProgramFile.model_validate(
        {"program": slug, **known, "emergency_numbers": {"default": "112"}, **more}
    )


@dataclass
class World:
    """A database with a program, the runtime and the scheduler."""

    database: Database
    clock: MovableClock
    program_id: int
    runtime: Runtime
    scheduler: Scheduler
    numbers: Any = field(default_factory=count)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        text = sa.text(query)
        return [tuple(row) for row in self.database.read_now(lambda c: c.execute(text, values).all())]

    def column(self, query: str, **values: Any) -> list[Any]:
        return [row[0] for row in self.rows(query, **values)]

    def insert(self, table: str, **values: Any) -> int:
        statement = TABLES[table].insert().values(**values)
        return self.database.write_now(lambda c: c.execute(statement).inserted_primary_key[0])

    def update(self, table: str, row_id: int, **values: Any) -> None:
        found = TABLES[table]
        self.database.write_now(
            lambda c: c.execute(found.update().where(found.c.id == row_id).values(**values))
        )

    def execute(self, statement: str, **values: Any) -> None:
        times = [
            sa.bindparam(name, type_=UTCDateTime)
            for name, value in values.items()
            if isinstance(value, datetime)
        ]
        text = sa.text(statement).bindparams(*times)
        self.database.write_now(lambda c: c.execute(text, values))

    def load(self, file: ProgramFile) -> int:
        return load(self.database, file, self.clock.now())

    def person(self, *, timezone: str | None = "Europe/Vienna", consent: bool | None = True) -> "Person":
        """A clinician at an address of their own; `consent` to be contacted again, None if never asked."""
        number, now = next(self.numbers), self.clock.now()
        participant = self.insert(
            "participant",
            code=f"P-{number}",
            role=Role.HCP,
            language="en",
            timezone=timezone,
            status=ParticipantStatus.ACTIVE,
            created_at=now,
        )
        someone = Person(self, participant, self.address(participant, f"terminal:{number}"))
        if consent is not None:
            someone.decide(granted=consent)
        return someone

    def address(self, participant: int | None, name: str, channel: str = "terminal") -> int:
        return self.insert(
            "address",
            participant_id=participant,
            channel=channel,
            lookup=IDENTITY.lookup(name),
            sealed=IDENTITY.seal(name),
            workspace=IDENTITY.workspace(name),
            status=AddressStatus.ACTIVE,
            next_seq=1,
            created_at=self.clock.now(),
        )

    async def pass_time(self, *, days: float = 0, hours: float = 0) -> None:
        """Time goes by with the scheduler at work: it ticks whenever something is due."""
        end = self.clock.now() + timedelta(days=days, hours=hours)
        while (due := await self.database.read(timers.next_due)) is not None and due <= end:
            self.clock.set(max(due, self.clock.now()))
            await self.scheduler.tick()
        self.clock.set(end)

    async def outage(self, *, days: float) -> None:
        """Time goes by with nobody at work, and then the work is taken up again."""
        self.clock.move(timedelta(days=days))
        await self.scheduler.tick()

    def story(self, *columns: str) -> list[tuple[Any, ...]]:
        names = ", ".join(columns or ("timer_kind", "action", "reason"))
        return self.rows(f"SELECT {names} FROM contact ORDER BY id")


@dataclass
class Person:
    """A clinician."""

    world: World
    id: int
    address: int

    def decide(self, *, granted: bool, program_id: int | None = None) -> None:
        """On being contacted again; they agreed to take part before."""
        self._decide(Purpose.TAKE_PART, granted=True, program_id=program_id)
        self._decide(Purpose.CONTACT_AGAIN, granted=granted, program_id=program_id)

    def _decide(self, purpose: Purpose, *, granted: bool, program_id: int | None) -> None:
        self.world.insert(
            "consent",
            participant_id=self.id,
            program_id=program_id or self.world.program_id,
            purpose=purpose,
            granted=granted,
            shown_text="May we?",
            text_hash="h",
            language="en",
            decided_at=self.world.clock.now(),
        )

    def commit(self, *statements: str, program_id: int | None = None, start_on: date | None = None) -> int:
        """Make commitments in a conversation that ends at once; its number. The waves are scheduled."""
        world, now = self.world, self.world.clock.now()
        version = world.runtime.flows["hcp_commitment"]
        world.database.write_now(lambda c: flow_versions.keep(c, version, now))
        conversation = world.insert(
            "conversation",
            participant_id=self.id,
            address_id=self.address,
            program_id=program_id or world.program_id,
            flow=version.flow,
            flow_hash=version.hash,
            channel="terminal",
            status=ConversationStatus.ENDED,
            state="",
            turns=3,
            started_at=now,
            last_turn_at=now,
            ended_at=now,
        )
        for place, statement in enumerate(statements):
            world.insert(
                "commitment",
                participant_id=self.id,
                program_id=program_id or world.program_id,
                conversation_id=conversation,
                slot=f"c[{place}]",
                statement=statement,
                foreseen_barriers=["time"],
                level=4,
                start_on=start_on,
                made_at=now,
            )
        world.database.write_now(
            lambda c: follow_ups.schedule_waves(c, conversation_id=conversation, now=now)
        )
        return conversation

    async def begin_conversation(self) -> int:
        """An interview begins; its number."""
        world, now = self.world, self.world.clock.now()
        return await world.database.write(
            lambda c: world.runtime.begin(
                c,
                NewConversation(
                    participant_id=self.id,
                    address_id=self.address,
                    program_id=world.program_id,
                    activity_id=None,
                    flow="hcp_commitment",
                    facts={},
                ),
                now=now,
            )
        )

    async def tell(self, conversation: int, event: Any) -> None:
        """The person does something in a conversation."""
        now = self.world.clock.now()
        await self.world.database.write(lambda c: self.world.runtime.apply(c, conversation, event, now=now))

    def open_conversation(self) -> int:
        [conversation] = self.world.column(
            "SELECT id FROM conversation WHERE participant_id = :id AND status != 'ended'", id=self.id
        )
        return int(conversation)

    def waves(self) -> list[tuple[Any, ...]]:
        """Each follow-up: days, status, reason."""
        return self.world.rows(
            "SELECT wave_days, status, reason FROM follow_up WHERE participant_id = :id ORDER BY id",
            id=self.id,
        )

    def messages(self) -> list[str]:
        """The texts queued for them, in order."""
        return self.world.column(
            "SELECT json_extract(payload, '$.text') FROM outbox WHERE address_id = :id ORDER BY id",
            id=self.address,
        )


def flows() -> dict[str, Flow]:
    return {"hcp_commitment": load_flow_text(COMMIT), "hcp_follow_up": load_flow_text(FOLLOW_UP)}


def make_world(folder: Path, *, start: datetime = MONDAY, **settings: Any) -> World:
    """A world with one program; `settings` are those of its file."""
    database = Database.open(folder / "said.sqlite", identity=IDENTITY)
    clock = MovableClock(start)
    file = program(**settings)
    program_id = load(database, file, start)
    runtime = Runtime(database, flows(), clock)
    return World(database, clock, program_id, runtime, Scheduler(database, runtime, clock))


def load(database: Database, file: ProgramFile, now: datetime) -> int:
    """Load a program; its number."""
    source_hash = sha256(file.model_dump_json().encode()).hexdigest()
    return database.write_now(lambda c: programs.load(c, file, source_hash, now)).program_id
