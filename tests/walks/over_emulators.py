"""The same walks through the emulated platforms, with the bot's real channels and the platforms' client libraries."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from bot.clock import MovableClock
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.telegram.server import TelegramEmulator
from tests.walks.emulated.slack import EmulatedSlack
from tests.walks.emulated.telegram import EmulatedTelegram
from tests.walks.evidence import Evidence
from tests.walks.phone import Playground
from tests.walks.town import Town, TownPlan, town


@asynccontextmanager
async def emulated_town(plan: TownPlan) -> AsyncIterator[Town]:
    """A town whose people are on one of the emulated platforms each, or on both, and the bot connected to them."""
    async with TelegramEmulator() as telegram, SlackEmulator() as slack, AsyncExitStack() as stack:

        def make(evidence: Evidence, clock: MovableClock) -> Mapping[str, Playground]:
            return {
                "telegram": EmulatedTelegram(telegram, evidence, clock),
                "slack": EmulatedSlack(slack, evidence, clock),
            }

        made = stack.enter_context(town(plan, make))
        for playground in made.platforms.values():
            await stack.enter_async_context(_connected(playground, made))
        await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
        yield made


@asynccontextmanager
async def _connected(playground: Playground, made: Town) -> AsyncIterator[None]:
    """The bot's channel hears while this lasts; what it hears is stored by the bot that is awake."""
    channel = playground.channel

    async def receive(inbounds: list[Any]) -> None:
        await made.runtime.receive(inbounds)

    task = asyncio.create_task(channel.run(receive))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
