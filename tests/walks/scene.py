"""Play a short scene in a town of two, to show that an invariant can fail."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.walks.invariants import check
from tests.walks.town import Town, TownPlan, town
from tests.walks.world import Chat

Acts = Callable[["Scene"], Any]


class Scene:
    """A few people who do what a test says."""

    def __init__(self, made: Town) -> None:
        self.town = made
        self.chats = [walker.phone for walker in made.walkers]
        made.walkers.clear()

    @property
    def ann(self) -> Chat:
        return self.chats[0]

    @property
    def ben(self) -> Chat:
        return self.chats[1]

    async def start(self, chat: Chat, flow: str) -> None:
        await chat.start(self.town.tokens[flow])

    async def bot(self) -> None:
        """The bot answers and sends."""
        await self.town.round()

    async def say(self, *texts: str) -> None:
        """Ann writes, one after the other, and reads what comes in between."""
        for text in texts:
            await self.ann.write(text)
            await self.bot()

    def broken(self) -> set[str]:
        return {one.invariant for one in check(self.town.evidence)}


@contextmanager
def scene() -> Iterator[Scene]:
    with town(TownPlan("scene", 2)) as made:
        yield Scene(made)


def played(acts: Acts) -> set[str]:
    """What is broken after these acts, once everything was handled."""
    with scene() as one:

        async def play() -> None:
            await acts(one)
            await one.town.settle()

        asyncio.run(play())
        return one.broken()
