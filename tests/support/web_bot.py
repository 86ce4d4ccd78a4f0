"""A whole bot with pages, on a port of loopback, as `said run` starts it; and browsers that open them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bot.app import App, build, make_channels, serve
from bot.channels.base import Channel
from bot.channels.email.channel import EmailChannel
from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.clock import Clock, MovableClock, SystemClock
from bot.opening import open_database
from bot.settings.mail import email_config
from bot.settings.settings import LanguageSettings, Settings, WebSettings
from flows.script.model import Role
from storage.database.connection import Database
from storage.follow_up import timers
from storage.people import coordinators, invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind
from tests.support import fresh
from tests.support.web_browser import Browser

PATIENCE = 100.0
"""Seconds that a bot may take to start on a machine that is busy with others."""
PATIENT = RequestLimits(device=RequestRate(10_000, 0.001), range=RequestRate(10_000, 0.001))
"""Lets through what answers faster than any person."""
_tokens = count()


@dataclass
class WebBot:
    """A bot that runs; `url` is where its pages are."""

    app: App
    url: str
    program_id: int
    said: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.app.database

    def token(self, role: Role = Role.PATIENT, flow: str = "patient_interview", **changes: Any) -> str:
        """A new invitation; its token."""
        token = f"Token-{next(_tokens):026}"
        wanted = NewInvitation(
            **{
                "program_id": self.program_id,
                "role": role,
                "flow": flow,
                "source": "test",
                "language": "en",
                "activity_id": self.activity_id,
                **changes,
            }
        )
        hashed, now = self.database.identity.token_hash(token), self.app.clock.now()
        self.database.write_now(lambda c: invitations.make_invitation(c, wanted, token_hash=hashed, now=now))
        return token

    def group_token(self, **changes: Any) -> str:
        """A new invitation for as many as come; its token."""
        return self.token(kind=InvitationKind.GROUP, **changes)

    def team_token(self) -> str:
        """A new link for a coordinator; its token."""
        token, now = coordinators.new_team_token(), self.app.clock.now()
        hashed = self.database.identity.token_hash(token)
        settings = coordinators.CoordinatorSettings("UTC", 9, "en")
        self.database.write_now(
            lambda c: coordinators.enrol(c, "C-1", token_hash=hashed, settings=settings, now=now)
        )
        return token

    async def until(self, query: str, value: object) -> None:
        """Wait until the one value that a query finds is this."""
        async with asyncio.timeout(PATIENCE):
            while self.rows(query)[0][0] != value:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)

    async def pass_time(self, until: datetime) -> None:
        """Let the clock go on to a moment; what is due on the way happens at its own time."""
        clock = self.app.clock
        assert isinstance(clock, MovableClock)
        while (due := self.database.read_now(timers.next_due)) is not None and due < until:
            clock.set(max(due, clock.now()))
            await self.app.scheduler.tick()
            await self.until("SELECT count(*) FROM outbox WHERE status = 'queued'", 0)
        clock.set(until)
        await self.app.scheduler.tick()

    @property
    def activity_id(self) -> int | None:
        slug = fresh.program()[0].activities[0].slug
        return self.database.read_now(lambda c: programs.activity_id(c, self.program_id, slug))

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return [
            tuple(row) for row in self.database.read_now(lambda c: c.execute(sa.text(query), values).all())
        ]

    @asynccontextmanager
    async def browser(self, language: str = "en") -> AsyncIterator[Browser]:
        """A browser with cookies of its own."""
        headers = {"accept-language": language}
        async with httpx.AsyncClient(
            base_url=self.url, follow_redirects=True, headers=headers, timeout=PATIENCE
        ) as client:
            yield Browser(client)


def settings_for(folder: Path, **web: Any) -> Settings:
    """The settings of a bot with pages, in a folder of its own."""
    known = {"port": 0, "public_url": "http://127.0.0.1", **web}
    return Settings(
        database=str(folder / "said.sqlite"),
        web=WebSettings(**known),
        languages=LanguageSettings(offered=("en", "de", "ar")),
        tick_seconds=1,
    )


@contextmanager
def free_port() -> Iterator[int]:
    """A port of loopback that nobody else is given meanwhile, for a bot that must know it before it is started."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _channels(settings: Settings, limits: RequestLimits, clock: Clock) -> dict[str, Channel]:
    """The channels of the settings, with these limits; e-mail goes by the clock."""
    made = make_channels(settings)
    public_url = settings.web.public_url or ""
    made["web"] = WebChannel(WebConfig(public_url=public_url, limits=limits))
    if settings.email is not None:
        made["email"] = EmailChannel(
            email_config(settings.email, public_url),
            now=clock.now,
            monotonic=lambda: clock.passed().total_seconds(),
        )
    return made


@asynccontextmanager
async def web_bot(
    settings: Settings, limits: RequestLimits = PATIENT, clock: Clock | None = None
) -> AsyncIterator[WebBot]:
    """A bot with the example program, its pages served; at the end it stops as on Ctrl-C.

    Without a `clock` it goes by the machine's.
    """
    clock = clock or SystemClock()
    program, words = fresh.program()
    version = programs.program_hash(program, words)
    said: list[str] = []
    stop = asyncio.Event()
    with open_database(settings) as database:
        loaded = database.write_now(lambda c: programs.load(c, program, version, clock.now(), words))
        channels = _channels(settings, limits, clock)
        app = build(settings, database, channels, clock=clock, say=said.append)
        task = asyncio.create_task(serve(app, stop=stop, say=said.append))
        try:
            async with asyncio.timeout(PATIENCE):
                while not any("running on" in line for line in said):
                    assert not task.done(), task.result()
                    await asyncio.sleep(0.01)
            start = "webhooks are received at "
            url = next(line for line in said if line.startswith(start)).removeprefix(start)
            yield WebBot(app, url, loaded.program_id, said)
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
