"""The bot of that commit on a clock moved by hand, with a plan of what happens when, and people who answer it."""

import json
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.channels.base import Inbound, InboundKind, MessageRejected, button_payload
from bot.clock import MovableClock
from bot.delivery import Delivery
from bot.hearing import Hearing
from bot.language import LanguageDetector
from bot.runtime import Runtime
from bot.scheduler import Scheduler
from flows.editions import Editions, Policy
from flows.effects import Prompt, PromptKind
from flows.loader import PROGRAMS, library, load_program
from flows.plan import read_slot
from flows.program import ProgramFile
from flows.program_words import translations_beside
from flows.script import Flow, Role
from flows.state import decode_state
from storage import invitations, key_rotation, programs, timers
from storage.database import Database
from storage.identity import Identity
from storage.invitations import NewInvitation

FIRST_KEY = b"the test key before it was chang"
TEST_KEY = b"a test key, no secret of anybody"
"""32 bytes each. The second one seals the addresses of the file, and its test must use the same one."""
START = datetime(2026, 3, 23, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 9, 9, 12, 30, tzinfo=UTC)
"""A Wednesday, inside the window of the program in London, when the bot of that commit stopped."""
LAST_TICK = NOW - timedelta(hours=2)
"""From here on nobody looks at what is due, and nothing is sent: both are to be found in the file."""
LANGUAGES = ("en", "ar", "de", "es", "fr", "it", "pt")
EDITIONS = Editions(policy=Policy(only=LANGUAGES))
T = SQLModel.metadata.tables
RICH = {
    "en": "I will give every patient a plan on one page at each visit, from Monday.",
    "ar": "سأعطي كل مريض خطة في صفحة واحدة في كل زيارة ابتداء من يوم الاثنين.",
    "de": "Ab Montag bekommen alle bei jedem Besuch den Plan auf einer Seite.",
    "es": "Voy a dar a todos el plan en una página, en cada visita.",
    "fr": "Je donne à tous le plan sur une page, à chaque visite.",
    "it": "Da lunedì do a tutti il piano su una pagina, a ogni visita.",
    "pt": "Vou dar a todos o plano numa página, em cada visita.",
}
THIN = {
    "en": "It was short", "ar": "كانت قصيرة", "de": "Er war kurz", "es": "Fue corta", "fr": "C'était court",
    "it": "È stata breve", "pt": "Foi curta",
}  # fmt: skip
"""So short that a further question is asked, where a script has one."""
Reply = int | str | date | tuple[int, ...]


class People:
    """A channel that takes what is sent and shows it to nobody; messages to one address are refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = 0

    async def run(self, _receive: Any) -> None:
        """Nothing comes by itself."""

    async def send(self, message: Any) -> str:
        if message.address == "telegram:refused":
            raise MessageRejected("a message that the platform does not take")
        self.sent += 1
        return f"{self.name[0]}{self.sent}"

    async def send_document(self, _address: str, _name: str, _content: str, _caption: str, /) -> str:
        self.sent += 1
        return f"{self.name[0]}{self.sent}"

    async def close(self) -> None:
        """Nothing to let go of."""


class House:
    """The bot of that commit, and a plan of what happens when."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = MovableClock(START)
        self.nonces = random.Random("nonces").randbytes
        self.letters = random.Random("codes").choice
        # Nobody sits at the terminals: what is said there stays queued, until a program that has them sends it.
        self.channels = {name: People(name) for name in ("telegram", "slack")}
        self.numbers = 0
        self.people: dict[str, Person] = {}
        self.plan: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self.open(FIRST_KEY)
        self.program_id = self.load()

    def open(self, key: bytes) -> None:
        """Open the file, and wire the parts."""
        self.identity = Identity(key, random_bytes=self.nonces)
        self.database = Database.open(self.path, identity=self.identity, durable=False, threads=False)
        self.identity = self.database.identity
        self.runtime, self.scheduler = self.wire(dict(library()))
        self.hearing = Hearing(
            self.database, self.runtime, self.clock, LanguageDetector(EDITIONS.enabled(library().values()))
        )
        self.delivery = Delivery(
            self.database, self.channels, self.clock, self.identity, paces={},
            rng=random.Random("retries"), alert=lambda *_: None, editions=EDITIONS,
        )  # fmt: skip

    def wire(self, flows: dict[str, Flow]) -> tuple[Runtime, Scheduler]:
        """A runtime and a scheduler with these scripts."""
        runtime = Runtime(
            self.database, flows, self.clock, self.identity, pick=self.letters, editions=EDITIONS
        )
        return runtime, Scheduler(self.database, runtime, self.clock, editions=EDITIONS)

    def change_key(self) -> None:
        """The operator changes the key; the links that were sent stay good."""
        self.database.close()
        old, new = (Identity(key, random_bytes=self.nonces) for key in (FIRST_KEY, TEST_KEY))
        key_rotation.rotate(self.path, old, new, now=self.clock.now())
        self.open(TEST_KEY)

    def load(self) -> int:
        """Load the example program, with one more change that is told of later, and one more review."""
        path = PROGRAMS / "myeloma.yaml"
        found = load_program(path).model_dump(mode="json")
        later = {"code": "taught_together", "on": "2026-10-05", "text": "We teach it together now."}
        found["changes"].append(later)
        del found["activities"][0]["suggestions"][3:]
        program = ProgramFile.model_validate(found)
        words = translations_beside(path, program)
        version = programs.hash_of(program, words)
        return self.write(lambda c: programs.load(c, program, version, START, words)).program_id

    def write(self, work: Callable[[sa.Connection], Any]) -> Any:
        return self.database.write_now(work)

    def rows(self, query: str, **values: Any) -> list[Any]:
        return list(self.database.read_now(lambda c: c.execute(sa.text(query), values).all()))

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def token(self, flow: str, role: Role, *, item: str = "", name: str = "", **more: Any) -> str:
        """A new invitation; its token. Clinicians come from the symposium, patients from nowhere in particular."""
        token = name or f"token-{self.number()}"
        item = item or ("spring_symposium" if role is Role.HCP else "")
        activity = (
            self.database.read_now(lambda c: programs.activity_id(c, self.program_id, item)) if item else None
        )
        wanted = NewInvitation(
            program_id=self.program_id, role=role, flow=flow, source="fixture", activity_id=activity, **more
        )
        hashed, now = self.identity.token_hash(token), self.clock.now()
        self.write(lambda c: invitations.make(c, wanted, token_hash=hashed, now=now))
        return token

    def person(self, name: str, channel: str = "terminal", language: str = "en") -> "Person":
        """Whoever is at that address, known from before or not."""
        address = f"{channel}:{name}"
        return self.people.setdefault(address, Person(self, address, language))

    async def settle(self) -> None:
        """Answer what came in, find its language, and send what is ready."""
        await self.runtime.drain()
        await self.hearing.drain()
        if self.clock.now() < LAST_TICK:
            await self.delivery.drain()

    async def go_to(self, at: datetime) -> None:
        """Time goes by, with the scheduler at work whenever something is due, until the last tick."""
        until = min(at, LAST_TICK)
        while (due := self.database.read_now(timers.next_due)) is not None and due <= until:
            self.clock.set(max(due, self.clock.now()))
            await self.scheduler.tick()
            await self.settle()
        self.clock.set(max(at, self.clock.now()))

    def at(self, days: float, hours: float, what: Callable[[], Awaitable[None]]) -> None:
        """Plan something so many days before the end, at an hour of that day in UTC."""
        day = (NOW - timedelta(days=days)).replace(hour=0, minute=0)
        self.plan.append((day + timedelta(hours=hours), len(self.plan), what))

    async def live(self) -> None:
        """All that is planned, in its order."""
        for at, _, what in sorted(self.plan, key=lambda one: one[:2]):
            await self.go_to(at)
            await what()
        await self.go_to(NOW)


class Person:
    """Somebody at an address, who answers what is asked by the key of the question."""

    def __init__(self, house: House, address: str, language: str) -> None:
        self.house, self.address, self.language = house, address, language
        self.sent = 0

    async def does(self, kind: InboundKind, **what: Any) -> None:
        await self.house.runtime.receive([self.inbound(kind, **what)])
        await self.house.settle()
        self.house.clock.move(timedelta(seconds=11))

    def inbound(self, kind: InboundKind, **what: Any) -> Inbound:
        self.sent += 1
        return Inbound(address=self.address, external_id=f"{self.address}/{self.sent}", kind=kind, **what)

    async def start(self, token: str, **what: Any) -> "Person":
        locale = {"pt": "pt-BR", "es": "es-MX"}.get(self.language, self.language)
        await self.does(InboundKind.START, text=token, locale=locale, **what)
        return self

    async def say(self, text: str, **what: Any) -> None:
        await self.does(InboundKind.TEXT, text=text, message_id=f"{self.sent + 1}", **what)

    @property
    def conversation(self) -> Any:
        """Their open conversation."""
        found = self.house.rows(
            "SELECT conversation.id, state FROM conversation JOIN participant p ON p.id = conversation.participant_id"
            " JOIN address a ON a.participant_id = p.id"
            " WHERE conversation.status IN ('open', 'paused') AND a.lookup = :lookup",
            lookup=self.house.identity.lookup(self.address),
        )
        return found[0] if found else None

    def asked(self) -> tuple[int, int, str] | None:
        """The conversation, the number and the key of the question that waits for them."""
        conversation = self.conversation
        if conversation is None:
            return None
        state = decode_state(conversation.state)
        ask = state.open if state.aside is None else state.aside
        assert ask is not None
        slot = state.asks[ask].slot
        return conversation.id, ask, slot if slot.startswith("@") else read_slot(slot)[0]

    def prompt(self, conversation: int, ask: int) -> Prompt:
        """The question as it was shown last."""
        found = self.house.rows(
            "SELECT payload FROM outbox WHERE conversation_id = :conversation AND ask = :ask ORDER BY id DESC LIMIT 1",
            conversation=conversation, ask=ask,
        )  # fmt: skip
        return msgspec.json.decode(found[0].payload, type=Prompt)

    async def play(self, until: str | None = None, **replies: Reply) -> None:
        """Answer until a question is open, or until the conversation has ended."""
        for _ in range(80):
            asked = self.asked()
            if asked is None or asked[2] == until:
                break
            conversation, ask, key = asked
            await self.reply(conversation, ask, replies.get(key, replies.get(f"{key}_")))
        found = None if asked is None else asked[2]
        assert found == until, f"{self.address} is asked {found}, not {until}"

    async def reply(self, conversation: int, ask: int, wanted: Reply | None) -> None:
        prompt = self.prompt(conversation, ask)
        wanted = self.usual(prompt) if wanted is None else wanted
        match wanted:
            case int():
                await self.does(InboundKind.TAP, button=button_payload(conversation, ask, wanted))
            case str():
                await self.say(wanted)
            case tuple():
                await self.does(InboundKind.PICKS, button=button_payload(conversation, ask), options=wanted)
            case _:
                await self.does(InboundKind.DATE, button=button_payload(conversation, ask), day=wanted)

    def usual(self, prompt: Prompt) -> Reply:
        """A reply for everybody: the first choice, or some words."""
        choices = [place for place, option in enumerate(prompt.options) if not option.control]
        match prompt.kind:
            case PromptKind.SELECT_MANY:
                return (choices[0],)
            case PromptKind.TEXT:
                return RICH[self.language]
            case PromptKind.SCALE:
                return choices[len(choices) // 2]
            case PromptKind.NUMBER if not choices:
                return "3"
            case _:
                return choices[0]


def planned(house: House, days: float, hours: float) -> Callable[[Any], Any]:
    """Plan the function that follows."""

    def take(what: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        house.at(days, hours, what)
        return what

    return take


def opens(
    house: House, name: str, flow: str, role: Role, until: str, *, days: float = 0, hours: float = 10.6,
    language: str = "en", channel: str = "terminal", item: str = "", **replies: Reply,
) -> None:  # fmt: skip
    """Somebody opens a link and answers until a question is open."""

    @planned(house, days, hours)
    async def _() -> None:
        person = house.person(name, channel, language)
        await person.start(house.token(flow, role, item=item))
        await person.play(until, **replies)


def code_of(house: House, person: Person) -> str:
    [found] = house.rows(
        "SELECT code FROM participant p JOIN address a ON a.participant_id = p.id WHERE a.lookup = :lookup",
        lookup=house.identity.lookup(person.address),
    )
    return str(found.code)


def last_token(house: House, person: Person) -> str:
    """The token of the link that somebody was given to pass on."""
    found = house.rows(
        "SELECT payload FROM outbox JOIN address a ON a.id = address_id WHERE a.lookup = :lookup"
        " ORDER BY outbox.id DESC LIMIT 3",
        lookup=house.identity.lookup(person.address),
    )
    texts = [json.loads(row.payload)["text"] for row in found]
    return next(match[1] for text in texts if (match := re.search(r"start[ =]([\w-]+)$", text)))


def code_in(house: House, person: Person) -> list[str]:
    found = house.rows(
        "SELECT payload FROM outbox JOIN address a ON a.id = address_id WHERE a.lookup = :lookup"
        " ORDER BY outbox.id DESC LIMIT 2",
        lookup=house.identity.lookup(person.address),
    )
    texts = [json.loads(row.payload)["text"] for row in found]
    return [match[1] for text in texts if (match := re.search(r"link (\w{8})$", text))]
