"""A full run with planted people: each has a name, an account and a number of their own, and writes them to the bot.

One house on both platforms: a patient, a reviewer and a patient partner on Telegram, a clinician and a team on
Slack, a coordinator on each.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.slack.channel import SlackChannel
from bot.channels.telegram.channel import TelegramChannel
from flows.script.model import Role
from storage.people import coordinators
from tests.emulators.faults import Fault
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.telegram import state as telegram_state
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.cosigning_world import AGREES, SUBMISSION
from tests.support.dialogue import begins
from tests.support.follow_on_world import COMMITMENT, INTERVIEW
from tests.support.platforms.drivers import COMMITTED_AT, PlatformDriver, receiving
from tests.support.platforms.slack import SHORTLY, SlackDriver
from tests.support.platforms.telegram import TelegramDriver
from tests.support.platforms.wired import IDENTITY, House, house
from tests.support.review_replies import REVIEW
from tests.support.slack_channel import config
from tests.support.telegram_channel import TapPatience, Waits, options

TEAM = "TWORKSPACE77"
SAFETY = {"What happened": "skip", "Which medicine": "skip", "Who": "skip", "May our": "skip"}
IN_OWN_WORDS = (
    "What is missing",
    "Where would you",
    "Is there a part",
    "What is your team",
    "Which activity",
    "How did you find",
    "What changed",
    "What would have",
    "What did not",
    "Which three",
    "Say it",
    "You picked",
)
"""Where the other tests type something of their own, and here all that is planted is written."""
_MOVES = 60


def taps(*replies: Mapping[str, str]) -> dict[str, str]:
    """What is chosen, by the beginning of the question."""
    every = [*SAFETY.items(), *(pair for some in replies for pair in some.items())]
    return {start: reply for start, reply in every if start not in IN_OWN_WORDS}


_NAMED: dict[int, tuple[str, str, str]] = {}
"""What Telegram tells of people: first and last name, and the name by which they are found."""


def tell_names(patched: pytest.MonkeyPatch) -> None:
    """Telegram says who people are, with every message."""
    for payload in ("user_payload", "chat_payload"):
        plain = getattr(telegram_state.TelegramState, payload)
        patched.setattr(telegram_state.TelegramState, payload, _with_names(plain))


def _with_names(plain: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def payload(state: telegram_state.TelegramState, person: telegram_state.Person) -> dict[str, Any]:
        fields = ("first_name", "last_name", "username")
        return {**plain(state, person), **dict(zip(fields, _NAMED.get(person.id, ()), strict=False))}

    return payload


@dataclass
class Planted:
    """Somebody, and what is nobody else's."""

    name: str
    driver: PlatformDriver
    phone: str
    who: tuple[str, ...]
    """What their app knows of them: names, user, chat."""
    heard: list[str] = field(default_factory=list)

    @property
    def mail(self) -> str:
        return f"{self.name.casefold()}@planted.example"

    @property
    def record(self) -> str:
        return f"83-551-{self.phone[-4:]}"

    @property
    def typed(self) -> tuple[str, ...]:
        """What they write of themselves and others, and nobody is to read."""
        return (self.phone, self.mail, self.record)

    @property
    def words(self) -> str:
        """What they say where they are asked for their own words."""
        return f"Ring {self.phone} or {self.mail}, MRN {self.record}, {self.mark}"

    @property
    def mark(self) -> str:
        """A word that names nobody."""
        return f"markof{self.name.casefold()}"

    async def begins(self, token: str, replies: Mapping[str, str]) -> None:
        """Open a link and answer until the conversation has ended."""
        await self.driver.enter(token)
        await self.driver.house.settle()
        self.heard += [seen.text for seen in self.driver.look()]
        for _ in range(_MOVES):
            if not self.driver.house.count("SELECT count(*) FROM conversation WHERE status != 'ended'"):
                return
            question = self.heard[-1]
            await self.says(
                next((reply for start, reply in replies.items() if begins(question, start)), self.words)
            )
        raise AssertionError(self.heard[-3:])

    async def says(self, text: str) -> list[str]:
        told = [seen.text for seen in await self.driver.type(text)]
        self.heard += told
        return told


@dataclass
class Run:
    """Everybody, in one house."""

    home: House
    telegram: TelegramEmulator
    slack: SlackEmulator
    tasks: tuple[asyncio.Task[None], ...]
    telegram_channel: TelegramChannel
    slack_channel: SlackChannel
    people: dict[str, Planted] = field(default_factory=dict)

    def on_telegram(self, name: str, number: int, phone: str) -> Planted:
        """Somebody with a chat; their number is that of the chat too."""
        driver = TelegramDriver(self.home, self.tasks[0], self.telegram, self.telegram_channel)
        driver.person = self.telegram.person(number)
        names = _NAMED[number] = (f"{name}-first", f"{name}-last", f"{name}_user")
        return self._known(Planted(name, driver, phone, (str(number), *names)))

    def on_slack(self, name: str, user: str, room: str, phone: str) -> Planted:
        """Somebody in the workspace, with a room for what they and the bot say."""
        driver = SlackDriver(self.home, self.tasks[1], self.slack, self.slack_channel)
        driver.person = self.slack.person(f"{name}-first {name}-last", id=user, room=room)
        return self._known(Planted(name, driver, phone, (user, room, f"{name}-first", f"{name}-last")))

    def _known(self, person: Planted) -> Planted:
        self.people[person.name] = person
        return person

    async def enrol(self, person: Planted, code: str) -> None:
        """They become a coordinator."""
        token, now = coordinators.new_team_token(), self.home.clock.now()
        self.home.database.write_now(
            lambda c: coordinators.enrol(c, code, token_hash=IDENTITY.token_hash(token), now=now)
        )
        await person.driver.enter(token)
        await self.home.settle()
        person.heard += [seen.text for seen in person.driver.look()]

    def token(self, flow: str, role: Role, slug: str | None = None) -> str:
        """A link, to this piece of teaching where one is named."""
        if slug is not None:
            self.home.is_about(slug)
        return self.home.token(flow, role)


@contextlib.asynccontextmanager
async def full_house(folder: Path) -> AsyncIterator[Run]:
    """Nobody in it yet."""
    async with TelegramEmulator() as telegram, SlackEmulator(team=TEAM) as slack:
        first = TelegramChannel(options(telegram), sleep=Waits(), patience=TapPatience())
        second = SlackChannel(config(slack, socket=True, gather=SHORTLY))
        async with (
            house(folder, first, COMMITTED_AT, second) as home,
            receiving(first, home) as one,
            receiving(second, home) as two,
        ):
            await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
            slack.clock = telegram.state.seconds = lambda: home.clock.now().timestamp()
            yield Run(home, telegram, slack, (one, two), first, second)


def patient_reviews(home: House) -> str:
    """The piece of teaching that the example program has reviewed."""
    return str(home.rows("SELECT slug FROM activity ORDER BY id DESC")[0][0])


async def lives(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody does what they came for, and some of it goes wrong."""
    cora, carl = (
        run.on_telegram("Cora", 7_351_902_001, "+44 20 7946 0951"),
        run.on_slack("Carl", "UCARL00001", "DCARL00001", "+44 20 7946 0952"),
    )
    await run.enrol(cora, "TEAM-1")
    await run.enrol(carl, "TEAM-2")
    pat = run.on_telegram("Pat", 7_351_902_002, "+44 20 7946 0953")
    await pat.begins(run.token("patient_interview", Role.PATIENT), taps(INTERVIEW))
    for words in (f"Since I started Revlimid I have a rash. {pat.words}", "human", "my data", "link"):
        await pat.says(words)
    ian = run.on_slack("Ian", "UIAN000001", "DIAN000001", "+44 20 7946 0954")
    run.slack.faults.add("chat.postMessage", Fault.SERVER_ERROR)
    await ian.begins(
        run.token("hcp_commitment", Role.HCP),
        taps(COMMITMENT, {"Pick one": "write my own"}),
    )
    await ian.says(f"A patient on Velcade got a bad rash. {ian.words}")
    rae = run.on_telegram("Rae", 7_351_902_003, "+44 20 7946 0955")
    run.telegram.faults.add("sendMessage", Fault.SERVER_ERROR)
    await rae.begins(
        run.token("content_review", Role.PATIENT, patient_reviews(run.home)),
        taps(REVIEW),
    )
    run.telegram.faults.add("sendMessage", Fault.SERVER_ERROR, status=400)
    await rae.says(f"I don't want to live any more. {rae.words}")
    await _submits(run)
    await _goes_wrong(run, monkeypatch)
    for coordinator in (cora, carl):
        await _is_told(run, coordinator)


async def a_month_goes_by(run: Run) -> None:
    """Digests, a nudge, the first wave."""
    await run.home.pass_time(COMMITTED_AT + timedelta(days=33))
    for person in run.people.values():
        person.heard += [seen.text for seen in person.driver.look()]


async def _submits(run: Run) -> None:
    """A team on Slack submits, and its patient partner on Telegram asks for a change."""
    eve = run.on_slack("Eve", "UEVE000001", "DEVE000001", "+44 20 7946 0956")
    await eve.begins(run.token("best_practice", Role.EDUCATOR), taps(SUBMISSION))
    [token] = [found[1] for text in eve.heard[-3:] if (found := re.search(r"start[ =]([\w-]+)$", text))]
    pia = run.on_telegram("Pia", 7_351_902_004, "+44 20 7946 0957")
    await pia.begins(token, taps(AGREES, {"Do you agree": "some of it should change"}))


async def _goes_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn raises with the person's words in the error, and is put aside."""
    pat = run.people["Pat"]

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"cannot read {pat.words} of {pat.who}")  # as a library's error may quote it

    with monkeypatch.context() as broken:
        broken.setattr("bot.turns.dispatch.TurnDispatcher._follow", fail)
        await pat.says(f"Hello again, {pat.words}")
    assert len(run.home.put_aside()) == 1


async def _is_told(run: Run, coordinator: Planted) -> None:
    """All that a coordinator may ask; the digest of the next morning comes by itself."""
    codes = [row[0] for row in run.home.rows("SELECT code FROM participant")]
    asked = ["safety", "safety 1", "safety 2", "safety 3", "due", "stuck", *(f"why {code}" for code in codes)]
    for words in asked:
        if isinstance(coordinator.driver, SlackDriver):
            driver = coordinator.driver
            await driver.received(await driver.person.command(f"/said {words}"))
            coordinator.heard += [seen.text for seen in await driver.after()]
            coordinator.heard += driver.person.ephemerals
        else:
            await coordinator.says(f"/{words}")
