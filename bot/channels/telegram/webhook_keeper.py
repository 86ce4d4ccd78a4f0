"""Keep the bot's webhook as the settings want it: ours, or none, also where another program sets its own.

A bot has one webhook. Whoever has its token may set another, and from then on no poll and no post brings us anything.
"""

from collections.abc import Callable

import structlog
from telegram import Bot
from telegram.error import BadRequest, Conflict, TelegramError

from bot.channels.base import ChannelRefused
from bot.channels.telegram.errors import (
    CONFLICT_REMEDY,
    HOOKED_REMEDY,
    UNREADABLE,
    WEBHOOK_REMEDY,
    asked_to_wait,
    mentions,
    reason_of,
)
from bot.channels.telegram.inbound import ALLOWED_UPDATES, SCHEME
from bot.channels.telegram.options import TelegramOptions

log = structlog.get_logger(__name__)

STANDS_FOR = 60.0
"""Seconds that a webhook which another program set while we poll is left standing: its owner may be looking."""


class WebhookKeeper:
    """Sets our webhook and sets it again; or, where updates are polled, takes others' away.

    `bot` returns the bot and is called each time, since the channel may make it anew. `monotonic` tells seconds.
    """

    def __init__(
        self, bot: Callable[[], Bot], options: TelegramOptions, monotonic: Callable[[], float]
    ) -> None:
        self._bot = bot
        self._options = options
        self._monotonic = monotonic
        self._polled = False
        self._found_at: float | None = None
        self._not_before = 0.0

    async def set_webhook(self, url: str) -> None:
        """Have updates posted to `url`; those that wait are kept.

        Raises:
            ChannelRefused: Telegram does not take the webhook.
            TelegramError: trouble of another kind.
        """
        try:
            await self._bot().set_webhook(
                url,
                secret_token=self._options.webhook_secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=self._options.webhook_connections,
                drop_pending_updates=False,
            )
        except BadRequest as error:
            reason = reason_of(error)
            raise ChannelRefused(f"Telegram refuses the webhook ({reason}); {WEBHOOK_REMEDY}") from error

    async def set_right(self, url: str) -> None:
        """Look whether our webhook stands, and set it again where another program replaced or removed it.

        Raises:
            TelegramError: Telegram cannot be asked.
        """
        info = await self._bot().get_webhook_info()
        if info.url == url and set(ALLOWED_UPDATES) <= set(info.allowed_updates):
            return
        found = (
            "it leaves out updates"
            if info.url == url
            else "another one is set"
            if info.url
            else "none is set"
        )
        log.warning(
            "webhook_replaced", channel=SCHEME, reason=f"{found}; ours is set again; {CONFLICT_REMEDY}"
        )
        try:
            await self.set_webhook(url)
        except ChannelRefused as error:  # taken at the start, so that it may be taken the next time
            log.error("webhook_not_set", channel=SCHEME, reason=error.reason)  # noqa: TRY400 - no trace

    def polled(self) -> None:
        """Note that a poll was answered: no webhook stands in the way."""
        self._polled = True
        self._found_at = None

    async def remedy_of(self, conflict: Conflict) -> str:
        """Say what to do about a poll that was refused, and take a webhook away that stands in its way.

        One from before the first good poll goes at once, a later one once it has stood for a minute. Nothing is raised:
        the next poll that is refused tries again.
        """
        if not await self._is_hooked(conflict):
            return CONFLICT_REMEDY
        now = self._monotonic()
        if self._found_at is None:
            self._found_at = now
        if now >= self._not_before and (not self._polled or now - self._found_at >= STANDS_FOR):
            await self._take_away(now)
        return HOOKED_REMEDY

    async def _is_hooked(self, conflict: Conflict) -> bool:
        """Tell a webhook from a second poller: by Telegram's words, and where they are new by asking."""
        if mentions(conflict, ("webhook is active",)):
            return True
        if mentions(conflict, ("terminated by other getupdates",)):
            return False
        try:
            return bool((await self._bot().get_webhook_info()).url)
        except (TelegramError, *UNREADABLE):
            return False

    async def _take_away(self, now: float) -> None:
        try:
            await self._bot().delete_webhook(drop_pending_updates=False)
        except (TelegramError, *UNREADABLE) as error:
            self._not_before = now + asked_to_wait(error)
            log.warning("webhook_not_taken_away", channel=SCHEME, reason=reason_of(error))
            return
        self._found_at = None
        log.warning("webhook_taken_away", channel=SCHEME)
