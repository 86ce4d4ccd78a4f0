"""`said run` under load on Telegram, killed again and again: people answer at once, it dies, and starts anew."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.crash.audit import audit
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
from tests.crash.people import Respondent
from tests.emulators.telegram.server import TelegramEmulator

SECRET = "a-secret-of-the-webhook-0123456789"
SILENCE_SECONDS = 4.0
"""After so long without a message or a reply, and with nothing left that the bot owes, whoever has not finished asks
for help. Far above the second that Telegram's pace puts between two messages."""
PATIENCE = 3
"""Calls for help without an end of the conversation after which the rest is left to the audit to tell."""


async def crash(plan: Plan, folder: Path) -> Outcome:
    """Make a program and invitations, let people in, kill and start, let them finish, and look."""
    async with TelegramEmulator() as telegram, Bot(folder, settings(plan, telegram)) as bot:
        lives = _OnTelegram(plan, bot, await invitations(bot), telegram)
        return await live_through(lives, lambda: audit(folder / DATABASE, telegram.state, lives.people))


def settings(plan: Plan, telegram: TelegramEmulator) -> dict[str, str]:
    """The environment of the bot."""
    given = {
        "SAID_DATABASE": DATABASE,
        "SAID_TICK_SECONDS": "1",
        "SAID_READING_SECONDS": "0",  # people here answer at once
        "SAID_TELEGRAM__TOKEN": telegram.token,
        "SAID_TELEGRAM__API_URL": telegram.url,
    }
    if plan.webhook:
        port = free_port()
        given |= {
            "SAID_WEB__PORT": str(port),
            "SAID_TELEGRAM__MODE": "webhook",
            "SAID_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
            "SAID_TELEGRAM__WEBHOOK_SECRET": SECRET,
        }
    return given


class _OnTelegram(Lives[Respondent]):
    """Lives of a bot on Telegram."""

    def __init__(self, plan: Plan, bot: Bot, tokens: Sequence[str], telegram: TelegramEmulator) -> None:
        super().__init__(plan, bot, tokens)
        self._telegram = telegram

    def somebody(self, number: int) -> Respondent:
        person, rng = self._telegram.person(number), random.Random(f"{self.plan.seed} {number}")
        return Respondent(person, self._telegram.state, rng)

    async def until_up(self, life: Life) -> None:
        """Until Telegram hears that it is ready to take updates."""
        sign = "setWebhook" if self.plan.webhook else "getUpdates"
        before = self._called(sign)
        await self._telegram.wait_until(lambda: self._called(sign) > before or life.ended.done(), UP_SECONDS)

    async def until(self, moment: Moment) -> None:
        """Until the moment has come; a second at the most, should nothing happen."""
        telegram, uptime = self._telegram, self.rng.uniform(0.1, 0.8)
        with suppress(TimeoutError):
            match moment:
                case Moment.TAKING:
                    await asyncio.sleep(uptime / 2)
                    await self._until_taken(acknowledged=self.rng.random() < 0.5)
                case Moment.SENDING:
                    sign = self.rng.choice(("sendMessage", "sendMessage", "sendChatAction"))
                    enough = self._called(sign) + self.rng.randint(1, 12)
                    await telegram.wait_until(lambda: self._called(sign) >= enough, 1)
                case _:
                    await asyncio.sleep(uptime)

    async def _until_taken(self, *, acknowledged: bool) -> None:
        """Until the instant in which a reply is acknowledged, or a moment after it was there to be had."""
        state = self._telegram.state
        before = len(state.confirmed)
        if acknowledged:
            await self._telegram.wait_until(lambda: len(state.confirmed) > before, 1)
        else:
            await self._telegram.wait_until(lambda: state.pending, 1)
            await asyncio.sleep(self.rng.uniform(0, 0.04))

    def _called(self, method: str) -> int:
        return sum(call.method == method for call in self._telegram.calls)

    async def until_finished(self, life: Life) -> None:
        """Until everybody has finished; after a long silence they ask for help."""
        while unfinished := self._waiting():
            before = len(self._telegram.calls)
            with suppress(TimeoutError):
                await self._telegram.wait_until(
                    lambda: not self._waiting() or life.ended.done(),
                    SILENCE_SECONDS,
                )
            if life.ended.done():
                raise BotEnded(life.ended.result())
            is_silent = len(self._telegram.calls) <= before + 1  # a long poll may have come round
            if is_silent and not self._telegram.state.pending and not owes(self.bot.folder / DATABASE):
                for someone in unfinished:
                    await someone.call_for_help()
        await self._telegram.wait_until(lambda: not self._telegram.state.pending, SETTLE_SECONDS)

    def _waiting(self) -> list[Respondent]:
        """Those who have not finished and have not given up."""
        return [one for one in self.people if not one.finished and one.calls_for_help < PATIENCE]
