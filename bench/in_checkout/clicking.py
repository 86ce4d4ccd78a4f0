"""Coordinators who click through the team's pages while a wave goes out, in the process of the bot as they do."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from sqlalchemy import Connection
from starlette.applications import Starlette

from bench.in_checkout.skipping_clock import LoopClock, SkippingLoop
from bot import app as parts
from bot.console.options import ConsoleConfig
from bot.console.routes import ConsoleRoutes
from bot.console.visit import ConsoleParts
from storage.database.connection import Database
from storage.people import coordinators
from storage.schema import TeamRole
from storage.team import roles, sign_in
from storage.team.roles import GivenRole

OURS = "http://localhost:8082"
CLICK_SECONDS = 10.0
"""How long a page is looked at, on average."""
CLICKING_SECONDS = 3_600.0
"""They click in the first hour, in which the openers go out and most replies come."""


@dataclass(slots=True)
class Clicking:
    """Coordinators who each open a page, look at it for a while, and open another; `pages` are below `/team`."""

    app: parts.App
    loop: SkippingLoop
    clock: LoopClock
    pages: Sequence[str]
    waited: list[float] = field(default_factory=list)
    """Seconds from each click to the whole page."""

    async def run(self, count: int, seed: int) -> None:
        """Have so many coordinators sign in and click for an hour.

        Raises:
            RuntimeError: a page was refused or failed.
        """
        made = ConsoleParts(
            self.app.database, self.clock, self.app.settings, self.app.runtime, ConsoleConfig(OURS)
        )
        pages = Starlette(routes=ConsoleRoutes(made).routes())
        await asyncio.gather(
            *(self._click(pages, number, random.Random(seed + number)) for number in range(count))
        )

    async def _click(self, pages: Starlette, number: int, chance: random.Random) -> None:
        # Each from a network of their own: how often one may ask is by the clock on the wall, which is not moved here.
        served = httpx.ASGITransport(pages, client=(f"10.0.{number}.1", 1))
        token = f"sign-in-by-the-bench-{number}"
        enrol(self.app.database, f"CLICK{number}", token, self.clock.now())
        async with httpx.AsyncClient(transport=served, base_url=OURS, follow_redirects=True) as browser:
            await browser.post(f"/team/in/{token}")
            while self.clock.seconds() < CLICKING_SECONDS:
                await asyncio.sleep(chance.expovariate(1 / CLICK_SECONDS))
                await self._open(browser, chance.choice(self.pages))

    async def _open(self, browser: httpx.AsyncClient, page: str) -> None:
        began = self.clock.seconds()
        self.loop.at_work += 1
        try:
            response = await browser.get(f"/team{page}")
        finally:
            self.loop.at_work -= 1
        if response.status_code != httpx.codes.OK:
            raise RuntimeError(f"{page}: {response.status_code}")
        self.waited.append(self.clock.seconds() - began)


def enrol(database: Database, code: str, token: str, now: datetime) -> None:
    """Add a coordinator with every role, who may sign in by this token."""
    hashed = database.identity.token_hash(token)

    def work(connection: Connection) -> None:
        coordinators.enrol(connection, code, token_hash=code.encode(), now=now)
        who = coordinators.by_code(connection, code)
        roles.give_roles(connection, who, [GivenRole(role) for role in TeamRole], now)
        sign_in.make_link(connection, who.id, hashed, now)

    database.write_now(work)
