"""A world for tests of turns: a real database, the shipped flows, the example program, people who write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import sqlalchemy as sa

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.channels.base import Inbound, InboundKind, button_payload
from bot.clock import MovableClock
from bot.conversations.inbound_turn import asking_for_invitation
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.effects import Prompt
from flows.i18n.localized_flow import Localizations
from flows.i18n.localized_program import StoredTranslations
from flows.i18n.say import Sentence, say
from flows.program.model import ProgramFile
from flows.script.loader import library, load_flow_text
from flows.script.model import Flow, Role
from flows.script.reconsent import may_be_opened
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind
from tests.support import fresh
from tests.support.said_in_a_row import steps_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
IDENTITY = AddressKeys(bytes(32))
SMALL_FLOW = """
flow: small
title: A small talk
language: en
audience: [hcp]
steps:
  - key: colour
    kind: select_one
    text: Which colour?
    choices:
      - {code: red, label: Red}
      - {code: blue, label: Blue}
      - {code: green, label: Green}
  - key: words
    kind: text
    text: Say something.
  - key: sure
    kind: scale
    text: How sure?
    low_label: not
    high_label: very
  - key: bye
    kind: end
    text: Goodbye.
"""


@dataclass
class Shown:
    """One thing that was said, as it stands in the outbox: several in a row are one message."""

    prompt: Prompt
    conversation: int | None
    kind: str

    @property
    def text(self) -> str:
        return self.prompt.text


def _said(prompt: Prompt, conversation: int | None) -> list[Prompt]:
    """The things that a message says; what is said outside a conversation is one."""
    return [prompt] if conversation is None else steps_of(prompt)


@dataclass
class Someone:
    """A person at an address. What they do is stored, answered, and the answers are returned."""

    world: "World"
    address: str
    seen: int = 0
    shown: list[Shown] = field(default_factory=list)

    async def does(self, kind: InboundKind, **what: Any) -> list[Shown]:
        await self.world.runtime.receive([self.inbound(kind, **what)])
        await self.world.runtime.drain()
        return self.look()

    def inbound(self, kind: InboundKind, external_id: str | None = None, **what: Any) -> Inbound:
        name = external_id or f"x{next(self.world.numbers)}"
        return Inbound(address=self.address, external_id=name, kind=kind, **what)

    async def start(self, token: str = "", **what: Any) -> list[Shown]:
        return await self.does(InboundKind.START, text=token, **what)

    async def say(self, text: str, **what: Any) -> list[Shown]:
        return await self.does(InboundKind.TEXT, text=text, **what)

    async def tap(self, shown: Shown, option: int) -> list[Shown]:
        button = button_payload(shown.conversation or 0, shown.prompt.ask or 0, option)
        return await self.does(InboundKind.TAP, button=button)

    def look(self) -> list[Shown]:
        """What was said to them since the last look."""
        query = sa.text(
            "SELECT outbox.id, payload, conversation_id, kind FROM outbox"
            " JOIN address ON address.id = address_id"
            " WHERE lookup = :lookup AND outbox.id > :seen AND kind != 'edit' ORDER BY outbox.id"
        )
        values = {"lookup": IDENTITY.lookup(self.address), "seen": self.seen}
        rows = self.world.database.read_now(lambda connection: connection.execute(query, values).all())
        self.seen = rows[-1][0] if rows else self.seen
        sent = [(msgspec.json.decode(row[1], type=Prompt), row) for row in rows]
        self.shown = [Shown(step, row[2], row[3]) for prompt, row in sent for step in _said(prompt, row[2])]
        return self.shown


@dataclass
class World:
    """All of it."""

    database: Database
    clock: MovableClock
    runtime: Runtime
    program_id: int
    activity_id: int | None
    numbers: Any = field(default_factory=count)

    def someone(self, name: str = "ann") -> Someone:
        return Someone(self, f"terminal:{name}")

    def token(self, flow: str = "small", *, role: Role = Role.HCP, **more: Any) -> str:
        """A new invitation; its token, as long as real ones are."""
        token = f"Token-{next(self.numbers):026}"
        wanted = NewInvitation(
            program_id=self.program_id, role=role, flow=flow, source="test", activity_id=self.activity_id
        )
        self.database.write_now(
            lambda connection: invitations.make_invitation(
                connection,
                replace(wanted, **more),
                token_hash=IDENTITY.token_hash(token),
                now=self.clock.now(),
            )
        )
        return token

    def group(self, flow: str = "small", **more: Any) -> str:
        return self.token(flow, kind=InvitationKind.GROUP, **more)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        text = sa.text(query)
        return [tuple(row) for row in self.database.read_now(lambda c: c.execute(text, values).all())]

    def restart(self) -> None:
        """A new process: nothing in memory is left."""
        path = self.database.path
        self.database.close()
        self.database = Database.open(path, identity=IDENTITY)
        self.runtime = make_runtime(self.database, self.clock)


def asking(sentence: Sentence, channel: str = "terminal") -> str:
    """A sentence that asks for an invitation, in English, with how it is used on a channel."""
    return asking_for_invitation(sentence, channel, "en").text


COLOUR, WORDS, SURE, BYE = "Which colour?", "Say something.", "How sure?", "Goodbye."
"""What the small conversation says."""


def texts(shown: Sequence[Shown]) -> list[str]:
    return [one.text for one in shown]


def said(sentence: Sentence, **fields: object) -> str:
    """A sentence of the bot's own in English."""
    return say(sentence, "en", **fields)


async def through(someone: Someone, *lines: str) -> list[str]:
    """Say the lines; the texts of the last answer."""
    shown: list[Shown] = []
    for line in lines:
        shown = await someone.say(line)
    return texts(shown)


def expire(world: World, days: int) -> None:
    """Have the conversations run out of time after so many days."""
    world.clock.move(timedelta(days=days))
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE conversation SET status = 'ended', outcome = 'expired', ended_at = ?",
            (world.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f"),),
        )
    )


def flows() -> dict[str, Flow]:
    return {**library(), "small": load_flow_text(SMALL_FLOW)}


def opens(flow: Flow) -> bool:
    """A link leads also to the small conversation, which asks for no consent."""
    return flow.flow == "small" or may_be_opened(flow)


def make_runtime(
    database: Database,
    clock: MovableClock,
    policy: ChannelPolicy = EVERYWHERE,
    localizations: Localizations | None = None,
) -> Runtime:
    pick = Random(7).choice
    return Runtime(
        database,
        flows(),
        clock,
        RuntimeOptions(pick=pick, policy=policy, localizations=localizations or Localizations(), opens=opens),
    )


def make_world(
    folder: Path,
    localizations: Localizations | None = None,
    in_others: Callable[[ProgramFile], StoredTranslations] | None = None,
) -> World:
    """A world with the example program loaded and nobody in it; its words in other languages as shipped."""
    database = fresh.database(folder / "said.sqlite", IDENTITY)
    clock = MovableClock(START)
    program, words = fresh.program()
    words = in_others(program) if in_others else words
    version = programs.program_hash(program, words)
    loaded = database.write_now(lambda connection: programs.load(connection, program, version, START, words))
    activity = database.read_now(
        lambda connection: programs.activity_id(connection, loaded.program_id, program.activities[0].slug)
    )
    return World(
        database,
        clock,
        make_runtime(database, clock, localizations=localizations),
        loaded.program_id,
        activity,
    )
