"""Telegram, through python-telegram-bot's `Bot`: updates come by long polling or a webhook, messages go out.

One rule for both ways in: an update is confirmed to Telegram only after `receive` has returned, which is
after the commit. The polling loop is our own for that reason (docs/why/telegram-polling.md).
"""

import asyncio
import time
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
import structlog
from starlette.routing import Route
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.base import ChannelRefused, Diagnosis, Inbound, InboundKind, Outbound, Receive
from bot.channels.hearing import PlatformHearing
from bot.channels.telegram.albums import AlbumFilter
from bot.channels.telegram.client import make_bot, make_requests
from bot.channels.telegram.command_menu import keep_menus
from bot.channels.telegram.diagnostics import look
from bot.channels.telegram.errors import (
    UNREADABLE,
    as_send_error,
    asked_to_wait,
    quieten_wire_logs,
    reason_of,
)
from bot.channels.telegram.inbound import ALLOWED_UPDATES, SCHEME, bot_number, read_update
from bot.channels.telegram.options import TelegramOptions
from bot.channels.telegram.sending import TelegramSender
from bot.channels.telegram.taps import TapAnswers, tap_patience
from bot.channels.telegram.webhook import webhook_route
from bot.channels.telegram.webhook_keeper import WebhookKeeper

log = structlog.get_logger(__name__)

# Asked for raw on purpose: an update that the library cannot read would stop its `get_updates` for ever.
warnings.filterwarnings("ignore", message=r"Please use 'Bot\.getUpdates'")

ALBUM_PATIENCE = 1.5
"""Seconds without another item after which an album has no words."""

T = TypeVar("T")


class TelegramChannel:
    """The channel to a Telegram bot: it receives by long polling or a webhook, and sends.

    `now` tells the time in UTC, `monotonic` seconds; `sleep` waits some of them. `patience` returns when a tap is to be
    answered plainly, though its turn is still to come.
    """

    name = SCHEME
    edits = True

    def __init__(
        self,
        options: TelegramOptions,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: Callable[[], Awaitable[None]] = tap_patience,
    ) -> None:
        if options.webhook_url is not None and not options.webhook_secret:
            raise ValueError(
                "a webhook needs a secret: anybody could post to it; set telegram.webhook_secret"
            )
        quieten_wire_logs()
        self._options = options
        self._bot_number = bot_number(options.token)
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._albums = AlbumFilter()
        self._receive: Receive | None = None
        self._gathering: dict[str, asyncio.Task[None]] = {}
        self.taps = TapAnswers(lambda: self._bot, patience=patience)
        self.last_success: datetime | None = None
        """When Telegram last answered a poll or posted an update; None before. The channel's health."""
        self.rebuilt = 0
        """How often the watchdog made the client anew."""
        self._heard_at = monotonic()
        polls = options.poll_timeout + options.request_timeout
        wait = polls if options.webhook_url is None else options.webhook_check
        self.hearing = PlatformHearing(2 * wait, monotonic)
        self._send_requests = make_requests(options, connections=options.connections)
        self._connect_poller()
        self._sender = TelegramSender(lambda: self._bot, typing=options.typing)
        self._webhooks = WebhookKeeper(lambda: self._bot, options, monotonic)

    @property
    def account(self) -> str:
        """The bot's number, by which Telegram counts messages and updates; '' where the token has none."""
        return self._bot_number

    # Receiving

    async def run(self, receive: Receive) -> None:
        """Hand each update that is for us to `receive` to be stored, until cancelled; none that waits is dropped.

        With a webhook updates come in through `routes()`, and are turned away while this does not run. The command menu
        is set beside it.

        Raises:
            ChannelRefused: Telegram does not know the token (any more), or does not take the webhook.
        """
        self._receive = receive
        menus = asyncio.create_task(keep_menus(lambda: self._bot, self._options.languages, self._sleep))
        try:
            if self._options.webhook_url is None:
                await self._poll(receive)
            else:
                await self._keep_webhook(self._options.webhook_url)  # the route does the work
        finally:
            self._receive = None  # from now on the route sends Telegram away until later
            menus.cancel()
            await asyncio.gather(menus, return_exceptions=True)
            await self._end_gathering(receive)

    def routes(self) -> list[Route]:
        """Return the webhook's route, to be mounted at the root; an empty list when updates are polled."""
        if self._options.webhook_url is None:
            return []
        return [webhook_route(self._options.webhook_path, self._options.webhook_secret, self._take)]

    async def _keep_webhook(self, url: str) -> None:
        """Set the webhook, and look now and then whether it is still ours."""
        await self._persist(partial(self._webhooks.set_webhook, url))
        self.hearing.heard()
        while True:
            await asyncio.sleep(self._options.webhook_check.total_seconds())
            await self._persist(partial(self._webhooks.set_right, url))
            self.hearing.heard()

    async def _take(self, payload: Any) -> bool:
        if self._receive is None:
            return False
        await self._hand_on([payload], self._receive)
        self._alive()
        return True

    async def _poll(self, receive: Receive) -> None:
        """Ask for updates, hand them on, and only then ask for what comes after: that is what confirms.

        After an empty answer nothing is left to confirm, and the next question names no number: Telegram may
        begin a new series of them after a quiet week.
        """
        offset: int | None = None
        failed = 0
        while True:
            updates = await self._persist(partial(self._get_updates, offset))
            (outcome,) = await asyncio.gather(self._hand_on(updates, receive), return_exceptions=True)
            if isinstance(outcome, BaseException):
                # Whatever the store raised: the batch stays with Telegram and comes again.
                failed += 1
                log.error("batch_not_stored", channel=SCHEME, error=type(outcome).__name__)
                await self._sleep(self._backoff(failed))
                continue
            offset = _after(updates)
            failed = failed + 1 if updates and offset is None else 0
            if failed:  # nothing has a number, so that nothing can be confirmed
                await self._sleep(self._backoff(failed))

    async def _get_updates(self, offset: int | None) -> list[Any]:
        """Do one long poll, raw, with a deadline of its own: a poll that hangs is given up."""
        asked: dict[str, Any] = {
            "timeout": int(self._options.poll_timeout.total_seconds()),
            "allowed_updates": ALLOWED_UPDATES,
            "limit": 100,
        }
        patience = (self._options.poll_timeout + self._options.request_timeout).total_seconds()
        async with asyncio.timeout(2 * patience):
            updates = await self._bot.do_api_request(
                "getUpdates",
                api_kwargs=asked if offset is None else asked | {"offset": offset},
                read_timeout=patience,
            )
        if not isinstance(updates, list):
            raise TelegramError("the answer to a poll is no list of updates")
        self._alive()
        self._webhooks.polled()
        return updates

    async def _hand_on(self, payloads: list[Any], receive: Receive) -> None:
        """Store a batch in the order of its numbers. A tap among them is answered by its turn, or when patience ends.

        What `receive` raises goes up: nothing is confirmed.
        """
        received = sorted(
            (read_update(payload) for payload in payloads), key=lambda update: update.update_id or 0
        )
        if not all(update.readable for update in received):
            log.warning("update_unreadable", channel=SCHEME)
        for update in received:
            if update.callback_id is not None:
                is_tap = update.inbound is not None and update.inbound.kind is InboundKind.TAP
                name = self._named(update.inbound).external_id if update.inbound and is_tap else None
                self.taps.came(update.callback_id, name)
        inbounds = [self._named(one) for one in self._albums.let_through(received)]
        if inbounds:
            await receive(inbounds)
        for album in set(self._albums.held()) - self._gathering.keys():
            self._gathering[album] = asyncio.create_task(self._gather(album, receive))

    def _named(self, inbound: Inbound) -> Inbound:
        """Put the bot's number before the name of a delivery, which Telegram counts for each bot."""
        return msgspec.structs.replace(inbound, external_id=f"{self._bot_number}:{inbound.external_id}")

    async def _gather(self, album: str, receive: Receive) -> None:
        """Wait for the words of an album while it grows; store one item of it where none come."""
        seen, failed = 0, 0
        while (items := self._albums.items(album)) != seen:
            seen = items
            await self._sleep(ALBUM_PATIENCE)
        inbound = self._albums.release(album)
        while inbound is not None:
            (outcome,) = await asyncio.gather(receive([self._named(inbound)]), return_exceptions=True)
            if not isinstance(outcome, BaseException):
                break
            failed += 1
            log.error("album_not_stored", channel=SCHEME, error=type(outcome).__name__)
            await self._sleep(self._backoff(failed))
        self._gathering.pop(album, None)

    async def _end_gathering(self, receive: Receive) -> None:
        """Store at once, for at most two seconds, what stands for the albums that are waited for."""
        for task in self._gathering.values():
            task.cancel()
        self._gathering.clear()
        held = [inbound for album in self._albums.held() if (inbound := self._albums.release(album))]
        if held:
            stored = asyncio.ensure_future(receive([self._named(inbound) for inbound in held]))
            await asyncio.wait([stored], timeout=2)
            stored.cancel()
            await asyncio.gather(stored, return_exceptions=True)

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Answer a tap in the background, now that its turn is committed: by a toast, or plainly (None)."""
        self.taps.answer(external_id, toast)

    # Going on

    async def _persist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds, waiting longer each time.

        Raises:
            ChannelRefused: the token is refused, and getMe says so too; one stray 401 or 404 is no verdict.
        """
        failed = 0
        while True:
            try:
                return await call()
            except (TelegramError, TimeoutError, *UNREADABLE) as error:
                failed += 1
                pause = max(self._backoff(failed), asked_to_wait(error))
                await self._consider(error, pause)
            await self._rebuild_if_stuck()
            await self._sleep(pause)

    async def _consider(self, error: Exception, pause: float) -> None:
        """Say what went wrong, and give up if only the operator can mend it."""
        if isinstance(error, InvalidToken):
            await self._make_sure_of_refusal()
        reason = reason_of(error)
        if isinstance(error, Conflict):
            reason = f"{reason}; {await self._webhooks.remedy_of(error)}"
        log.warning("telegram_unreachable", channel=SCHEME, reason=reason, retry_after_s=pause)

    async def _make_sure_of_refusal(self) -> None:
        try:
            await self._bot.get_me()
        except InvalidToken as error:
            problem = as_send_error(error)
            log.error("telegram_refused", channel=SCHEME, reason=problem.reason)  # noqa: TRY400 - no trace
            raise ChannelRefused(problem.reason) from None
        except (TelegramError, *UNREADABLE):
            return

    def _backoff(self, failed: int) -> float:
        """Return the seconds to wait after so many failures: 1, 2, 4, ... up to the longest."""
        return min(2.0 ** min(failed - 1, 16), self._options.longest_backoff.total_seconds())

    def _alive(self) -> None:
        self.last_success = self._now()
        self._heard_at = self._monotonic()
        self.hearing.heard()

    async def _rebuild_if_stuck(self) -> None:
        """Make the polling client anew if no poll succeeded for long: a pool of connections can lock up for good."""
        is_fresh = self._monotonic() - self._heard_at < self._options.rebuild_after.total_seconds()
        if is_fresh or self._options.webhook_url is not None:
            return
        stuck = self._poll_requests
        self._connect_poller()
        self._heard_at = self._monotonic()
        self.rebuilt += 1
        log.warning("telegram_client_rebuilt", channel=SCHEME)
        await stuck.shutdown()

    def _connect_poller(self) -> None:
        """Make a bot whose polls have a client of their own; the client that sends stays as it is."""
        self._poll_requests = make_requests(self._options, connections=2)
        self._bot = make_bot(self._options, self._send_requests, self._poll_requests)

    # Sending

    async def send(self, message: Outbound) -> str | None:
        """Send one message, or show it anew where it stands; return Telegram's id of its last part.

        None comes back for a message that was to be shown anew and has no `message_id`.

        Raises:
            SendError: with flags that say what to do.
        """
        return await self._sender.send(message)

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send a text file with the words `caption` beside it; return Telegram's id of the message.

        Raises:
            SendError: with flags that say what to do.
        """
        return await self._sender.send_document(address, name, content, caption)

    # The operator's side

    async def check(self) -> list[Diagnosis]:
        """Check the token, the bot (getMe) and how updates come (getWebhookInfo), for `said doctor`.

        What was found comes back, good and bad, whatever Telegram or what stands in its place answers.
        """
        return await look(self._bot, self._options.webhook_url, self._now())

    async def close(self) -> None:
        """Close the connections to Telegram, after at most two seconds for the last taps to be acknowledged."""
        await self.taps.close()
        await self._poll_requests.shutdown()
        await self._send_requests.shutdown()


def _after(updates: list[Any]) -> int | None:
    """Return the number that confirms these updates; None when there is nothing to confirm."""
    numbers = [number for update in updates if (number := read_update(update).update_id) is not None]
    return max(numbers) + 1 if numbers else None
