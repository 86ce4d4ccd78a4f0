"""`said run` under load in browsers, killed again and again: a form is posted until it is answered."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from tests.crash.bot_process import Bot, BotEnded, Life
from tests.crash.lives import (
    DATABASE,
    SETTLE_SECONDS,
    UP_SECONDS,
    Lives,
    Moment,
    Outcome,
    Plan,
    free_port,
    invitations,
    live_through,
    owes,
)
from tests.crash.web_audit import audit_pages
from tests.crash.web_people import Visitor

GLANCE_SECONDS = 0.002
"""Between two looks whether a moment has come."""


async def crash_pages(plan: Plan, folder: Path) -> Outcome:
    """Make a program and invitations, let people in, kill and start, let them finish, and look."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SAID_DATABASE": DATABASE,
        "SAID_TICK_SECONDS": "1",
        "SAID_READING_SECONDS": "0",  # people here answer at once
        "SAID_WEB__PORT": str(port),
        "SAID_WEB__PUBLIC_URL": url,
        "SAID_WEB__BEHIND_PROXY": "true",
    }
    async with Bot(folder, settings) as bot:
        lives = _InBrowsers(plan, bot, await invitations(bot), url)
        try:
            return await live_through(lives, lambda: audit_pages(folder / DATABASE, lives.people))
        finally:
            for someone in lives.people:
                await someone.close()


class _InBrowsers(Lives[Visitor]):
    """Lives of a bot with pages."""

    def __init__(self, plan: Plan, bot: Bot, tokens: Sequence[str], url: str) -> None:
        super().__init__(plan, bot, tokens)
        self._url = url

    def somebody(self, number: int) -> Visitor:
        return Visitor(number, self._url, random.Random(f"{self.plan.seed} {number}"))

    async def until_up(self, life: Life) -> None:
        """Until a page comes."""
        async with asyncio.timeout(UP_SECONDS), httpx.AsyncClient(base_url=self._url) as client:
            while not life.ended.done():
                with suppress(httpx.TransportError):
                    if (await client.get("/", headers={"x-forwarded-for": "10.99.99.99"})).status_code == 200:
                        return
                await asyncio.sleep(GLANCE_SECONDS)

    async def until(self, moment: Moment) -> None:
        """Until the moment has come; a second at the most, should nothing happen."""
        uptime = self.rng.uniform(0.1, 0.8)
        with suppress(TimeoutError):
            match moment:
                case Moment.TAKING:
                    await asyncio.sleep(uptime / 2)
                    await self._until_taken(acknowledged=self.rng.random() < 0.5)
                case Moment.SENDING:
                    await asyncio.sleep(uptime / 2)
                    await self._until(lambda: owes(self.bot.folder / DATABASE))
                    await asyncio.sleep(self.rng.uniform(0, 0.02))
                case _:
                    await asyncio.sleep(uptime)

    async def _until_taken(self, *, acknowledged: bool) -> None:
        """Until the instant in which a form is answered, or a moment after one was posted."""
        stored, posts = self._stored(), self._posts()
        if acknowledged:
            await self._until(lambda: self._stored() > stored)
        else:
            await self._until(lambda: self._posts() > posts)
            await asyncio.sleep(self.rng.uniform(0, 0.04))

    async def _until(self, has_come: Callable[[], bool]) -> None:
        async with asyncio.timeout(1):
            while not has_come():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(GLANCE_SECONDS)

    def _stored(self) -> int:
        return sum(len(one.stored) for one in self.people)

    def _posts(self) -> int:
        return sum(one.posts for one in self.people)

    async def until_finished(self, life: Life) -> None:
        """Until everybody has finished, and has read all of their history."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while not all(one.finished for one in self.people):
                if life.ended.done():
                    raise BotEnded(life.ended.result())
                self.raise_failed()
                await asyncio.sleep(0.1)
            for someone in self.people:
                await someone.read_all()
