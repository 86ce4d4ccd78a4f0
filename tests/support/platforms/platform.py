"""The platforms on which people talk to the bot, for what is tested once and run on each."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.base import Channel
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.slack import SHORTLY, slack_driver
from tests.support.platforms.telegram import telegram_driver
from tests.support.platforms.web import web_driver

Start = Callable[..., AbstractAsyncContextManager[PlatformDriver]]


@dataclass(frozen=True)
class Platform:
    """An emulated platform: how a person and the bot are started on it, by its own client."""

    name: str
    start_driver: Start
    when_posted: str
    """The option of `start_driver` by which the platform posts to the bot, instead of being asked or connected."""
    retries_posts_alone: bool
    """Whether a message that could not be stored comes again only to a bot that is posted to."""
    gathers: bool
    """Whether the channel can be told how long to wait for an earlier message of the same person."""

    def start(
        self,
        folder: Path,
        at: datetime,
        *,
        posted: bool = False,
        gather: timedelta = SHORTLY,
        beside: Sequence[Channel] = (),
    ) -> AbstractAsyncContextManager[PlatformDriver]:
        """Start the platform, the bot in `folder`, and a person who writes to it, at this time.

        `gather` is how long a message waits for an earlier one, where the platform hands them over one by one;
        `beside` are other channels of the same bot.
        """
        gathering = {"gather": gather} if self.gathers else {}
        others = {"beside": beside} if beside else {}
        return self.start_driver(folder, at, **{self.when_posted: posted}, **gathering, **others)


TELEGRAM = Platform(
    "telegram", telegram_driver, when_posted="webhook", retries_posts_alone=False, gathers=False
)
SLACK = Platform("slack", slack_driver, when_posted="http", retries_posts_alone=True, gathers=True)
PLATFORMS = (TELEGRAM, SLACK)
"""Those that are apps."""
WEB = Platform("web", web_driver, when_posted="posted", retries_posts_alone=True, gathers=False)
EVERYWHERE = (*PLATFORMS, WEB)
"""Wherever a whole conversation is had."""
