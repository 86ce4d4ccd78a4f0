"""The team's pages on a world of a test: members who are signed in, each with a browser of their own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from sqlalchemy import Connection
from starlette.applications import Starlette

from bot.console.access.account_provider import AccountProvider
from bot.console.jobs import JobRunner
from bot.console.options import ConsoleConfig
from bot.console.routes import ConsoleRoutes
from bot.console.visit import ConsoleParts
from bot.settings.settings import Settings
from storage.people import coordinators
from storage.schema import TeamRole
from storage.team import roles, sign_in
from storage.team.roles import GivenRole
from tests.support.turn_world import IDENTITY, World
from tests.support.web_browser import Browser

OURS = "https://team.example.org"
_tokens = count()


@dataclass
class Console:
    """The pages, and whoever opens them."""

    world: World
    app: Starlette
    stack: AsyncExitStack
    browsers: dict[str, Browser] = field(default_factory=dict)
    jobs: Any = None

    async def stranger(self) -> Browser:
        """A browser in which nobody is signed in."""
        transport = httpx.ASGITransport(self.app)
        client = httpx.AsyncClient(transport=transport, base_url=OURS, follow_redirects=True)
        return Browser(await self.stack.enter_async_context(client))

    def enrol(self, code: str, *given: TeamRole | GivenRole) -> None:
        """Somebody of the team, with these roles in all programs or where they say."""
        now = self.world.clock.now()

        def work(connection: Connection) -> None:
            if coordinators.find_by_code(connection, code) is None:
                coordinators.enrol(connection, code, token_hash=code.encode(), now=now)
            who = coordinators.by_code(connection, code)
            held = [one if isinstance(one, GivenRole) else GivenRole(one) for one in given]
            roles.give_roles(connection, who, held, now)

        self.world.database.write_now(work)

    def link(self, code: str) -> str:
        """A link that lets somebody of the team in once; its path."""
        token, now = f"sign-in-{next(_tokens):024}", self.world.clock.now()

        def work(connection: Connection) -> None:
            who = coordinators.by_code(connection, code)
            sign_in.make_link(connection, who.id, IDENTITY.token_hash(token), now)

        self.world.database.write_now(work)
        return f"/team/in/{token}"

    async def member(self, code: str, *given: TeamRole | GivenRole) -> Browser:
        """A browser in which somebody of the team is signed in; `page` is the first page."""
        self.enrol(code, *given)
        browser = await self.stranger()
        await browser.open(self.link(code))
        await browser.press("Sign in")
        self.browsers[code] = browser
        return browser


@asynccontextmanager
async def console(
    world: World,
    settings: Settings | None = None,
    *,
    jobs: JobRunner | None = None,
    provider: AccountProvider | None = None,
) -> AsyncIterator[Console]:
    """The pages of the bot of this world; `jobs` runs what takes long, nothing does without it."""
    ours, config = settings or Settings(), ConsoleConfig(OURS)
    parts = ConsoleParts(
        world.database, world.clock, ours, world.runtime, config, jobs=jobs, provider=provider
    )
    app = Starlette(routes=ConsoleRoutes(parts).routes())
    async with AsyncExitStack() as stack:
        yield Console(world, app, stack, jobs=jobs)
