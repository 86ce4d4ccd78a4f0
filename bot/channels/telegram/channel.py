"""Telegram, through python-telegram-bot's `Bot`: updates come by long polling or a webhook, messages go out.

One rule for both ways in: an update is confirmed to Telegram only after `receive` has returned, which is
after the commit. The polling loop is our own for that reason (docs/why/telegram-polling.md).
"""

import asyncio
import contextlib
import os
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from starlette.routing import Route
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.base import ChannelRefused, Diagnosis, FindingLevel, MessageRejected, Outbound, Receive
from bot.channels.telegram.command_menu import set_menus
from bot.channels.telegram.diagnostics import bot_findings, webhook_findings
from bot.channels.telegram.errors import (
    CONFLICT_REMEDY,
    TOKEN_REMEDY,
    WEBHOOK_REMEDY,
    as_send_error,
    checked,
    is_quiet_edit,
    is_stale_tap,
    quieten_wire_logs,
    reason_of,
    wait_of,
)
from bot.channels.telegram.inbound import ALLOWED_UPDATES, SCHEME, Albums, bot_number, read_update
from bot.channels.telegram.outbound import Part, Rows, to_parts
from bot.channels.telegram.webhook import webhook_route
from flows.engine.effects import PromptKind

log = structlog.get_logger(__name__)

# Without it the library warns at every 429; `wait_of` reads both forms all the same.
os.environ.setdefault("PTB_TIMEDELTA", "1")
# Asked for raw on purpose: an update that the library cannot read would stop its `get_updates` for ever.
warnings.filterwarnings("ignore", message=r"Please use 'Bot\.getUpdates'")

T = TypeVar("T")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_REMEMBERED = 1000
"""Messages that are out in part; a bound for memory, never reached in practice."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramOptions:
    """How to reach Telegram. With `webhook_url` updates are posted to us, without it we ask for them.

    webhook_url     the full https address that leads to `webhook_path` here
    languages       those in which the bot speaks: each gets a command menu of its own
    connections     how many messages may be on their way at once
    rebuild_after   without one good poll for this long, the client is thrown away and made anew
    """

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    webhook_path: str = "/telegram"
    webhook_connections: int = 40
    poll_timeout: timedelta = timedelta(seconds=50)
    request_timeout: timedelta = timedelta(seconds=20)
    rebuild_after: timedelta = timedelta(minutes=5)
    longest_backoff: timedelta = timedelta(seconds=60)
    connections: int = 32
    languages: tuple[str, ...] = ()
    typing: bool = True


class TelegramChannel:
    """The Telegram channel. `now` tells the time in UTC, `monotonic` seconds; `sleep` waits some of them."""

    name = SCHEME

    def __init__(
        self,
        options: TelegramOptions,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
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
        self._albums = Albums()
        self._receive: Receive | None = None
        self._acknowledging: set[asyncio.Task[None]] = set()
        self._partly_sent: dict[Outbound, list[int]] = {}
        self.last_success: datetime | None = None
        """When Telegram last answered a poll or posted an update; None before. The channel's health."""
        self.rebuilt = 0
        """How often the watchdog made the client anew."""
        self._heard_at = monotonic()
        self._send_requests = self._requests_with(connections=options.connections)
        self._connect_poller()

    # Receiving

    async def run(self, receive: Receive) -> None:
        """Receive until cancelled.

        Raises:
            ChannelRefused: Telegram does not know the token (any more), or does not take the webhook.
        """
        self._receive = receive
        try:
            await self._persist(self._set_up)
            if self._options.webhook_url is None:
                await self._poll(receive)
            else:
                await asyncio.Event().wait()  # the route does the work
        finally:
            self._receive = None  # from now on the route sends Telegram away until later

    def routes(self) -> list[Route]:
        """The webhook's route, to be mounted at the root; none when polling."""
        if self._options.webhook_url is None:
            return []
        return [webhook_route(self._options.webhook_path, self._options.webhook_secret, self._take)]

    async def _set_up(self) -> None:
        """Who we are, the command menu, and how updates come. Waiting updates are never dropped."""
        await self._bot.get_me()
        await set_menus(self._bot, self._options.languages)
        if self._options.webhook_url is None:
            await self._bot.delete_webhook(drop_pending_updates=False)
        else:
            await self._set_webhook(self._options.webhook_url)

    async def _set_webhook(self, url: str) -> None:
        try:
            await self._bot.set_webhook(
                url,
                secret_token=self._options.webhook_secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=self._options.webhook_connections,
                drop_pending_updates=False,
            )
        except BadRequest as error:
            reason = reason_of(error)
            raise ChannelRefused(f"Telegram refuses the webhook ({reason}); {WEBHOOK_REMEDY}") from error

    async def _take(self, payload: Any) -> bool:
        if self._receive is None:
            return False
        await self._hand_on([payload], self._receive)
        self._alive()
        return True

    async def _poll(self, receive: Receive) -> None:
        """Ask, hand on, and only then ask for what comes after: that is what confirms.

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
            failed = 0
            offset = _after(updates)

    async def _get_updates(self, offset: int | None) -> list[Any]:
        """One long poll, raw, with a deadline of its own: a poll that hangs is given up."""
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
        self._alive()
        return list(updates)

    async def _hand_on(self, payloads: list[Any], receive: Receive) -> None:
        """Store a batch in the order of its numbers, then acknowledge its taps.

        What `receive` raises goes up: nothing is confirmed.
        """
        received = sorted(
            (read_update(payload) for payload in payloads), key=lambda update: update.update_id or 0
        )
        if not all(update.readable for update in received):
            log.warning("update_unreadable", channel=SCHEME)
        wanted = [update.inbound for update in received if update.inbound and self._albums.wanted(update)]
        inbounds = [replace(one, external_id=f"{self._bot_number}:{one.external_id}") for one in wanted]
        if inbounds:
            await receive(inbounds)
        for update in received:
            if update.callback_id is not None:
                self._start_acknowledging(update.callback_id)

    def _start_acknowledging(self, callback_id: str) -> None:
        """Nothing waits for it, and nothing comes of its failing: the tap is stored."""
        task = asyncio.create_task(self._acknowledge(callback_id))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    async def _acknowledge(self, callback_id: str) -> None:
        """Take the hourglass off the button."""
        try:
            await self._bot.answer_callback_query(callback_id)
        except TelegramError as error:
            if not is_stale_tap(error):
                log.info("tap_not_acknowledged", channel=SCHEME, error=type(error).__name__)

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
            except (TelegramError, TimeoutError) as error:
                failed += 1
                pause = max(self._backoff(failed), _asked_to_wait(error))
                await self._consider(error, pause)
            await self._rebuild_if_stuck()
            await self._sleep(pause)

    async def _consider(self, error: TelegramError | TimeoutError, pause: float) -> None:
        """Say what went wrong, and give up if only the operator can mend it."""
        if isinstance(error, InvalidToken):
            await self._make_sure_of_refusal()
        reason = reason_of(error) if isinstance(error, TelegramError) else "no answer to a poll"
        if isinstance(error, Conflict):
            reason = f"{reason}; {CONFLICT_REMEDY}"
        log.warning("telegram_unreachable", channel=SCHEME, reason=reason, retry_after_s=pause)

    async def _make_sure_of_refusal(self) -> None:
        try:
            await self._bot.get_me()
        except InvalidToken as error:
            problem = as_send_error(error)
            log.error("telegram_refused", channel=SCHEME, reason=problem.reason)  # noqa: TRY400 - no trace
            raise ChannelRefused(problem.reason) from None
        except TelegramError:
            return

    def _backoff(self, failed: int) -> float:
        """Seconds: 1, 2, 4, ... up to the longest."""
        return min(2.0 ** min(failed - 1, 16), self._options.longest_backoff.total_seconds())

    def _alive(self) -> None:
        self.last_success = self._now()
        self._heard_at = self._monotonic()

    async def _rebuild_if_stuck(self) -> None:
        """A pool of connections can lock up for good; a fresh one costs nothing."""
        if self._monotonic() - self._heard_at < self._options.rebuild_after.total_seconds():
            return
        stuck = self._poll_requests
        self._connect_poller()
        self._heard_at = self._monotonic()
        self.rebuilt += 1
        log.warning("telegram_client_rebuilt", channel=SCHEME)
        await stuck.shutdown()

    def _connect_poller(self) -> None:
        """A bot whose polls have a client of their own; the one that sends stays as it is."""
        self._poll_requests = self._requests_with(connections=2)
        self._bot = Bot(
            self._options.token,
            base_url=f"{self._options.api_url.rstrip('/')}/bot",
            base_file_url=f"{self._options.api_url.rstrip('/')}/file/bot",
            request=self._send_requests,
            get_updates_request=self._poll_requests,
        )

    def _requests_with(self, *, connections: int) -> HTTPXRequest:
        """A client with every time-out named. Servers on this machine are never asked for through a proxy, and
        need no certificates to be read where they speak plainly.
        """
        seconds = self._options.request_timeout.total_seconds()
        server = urlsplit(self._options.api_url)
        local = {"trust_env": False, "verify": server.scheme != "http"}
        return HTTPXRequest(
            connection_pool_size=connections,
            read_timeout=seconds,
            write_timeout=seconds,
            connect_timeout=seconds / 2,
            pool_timeout=seconds / 2,
            httpx_kwargs=local if server.hostname in LOOPBACK else None,
        )

    # Sending

    async def send(self, message: Outbound) -> str | None:
        """Send or refresh one message; see `Channel.send`.

        What is longer than a message goes out in parts. If a later part fails for now, the next try goes on
        with it (as long as this process lives).
        """
        chat_id = _chat_id(message.address)
        if message.refresh:
            return await self._refresh(chat_id, message)
        parts = to_parts(message)
        sent = self._partly_sent.pop(message, [])
        if self._options.typing and not sent:
            with contextlib.suppress(TelegramError):
                await self._bot.send_chat_action(chat_id, ChatAction.TYPING)
        try:
            for part in parts[len(sent) :]:
                sent.append(await self._send_part(chat_id, part))
        except TelegramError as error:
            problem = await checked(error, self._bot.get_me)
            if sent and problem.retryable:
                self._remember(message, sent)
            raise problem from error
        return str(sent[-1])

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send a file; see `Channel.send_document`. Captions may have 1024 characters, and ours are shorter."""
        try:
            sent = await self._bot.send_document(
                _chat_id(address), InputFile(content.encode(), filename=name), caption=caption
            )
        except TelegramError as error:
            raise as_send_error(error) from error
        return str(sent.message_id)

    async def _send_part(self, chat_id: int, part: Part) -> int:
        sent = await self._bot.send_message(
            chat_id, part.text, reply_markup=_keyboard(part.rows), link_preview_options=_NO_PREVIEW
        )
        return sent.message_id

    def _remember(self, message: Outbound, sent: list[int]) -> None:
        while len(self._partly_sent) >= MOST_REMEMBERED:
            del self._partly_sent[next(iter(self._partly_sent))]
        self._partly_sent[message] = sent

    async def _refresh(self, chat_id: int, message: Outbound) -> str | None:
        """Show a message anew where it stands. Toggles change marks alone, so its text is left as it is."""
        if message.message_id is None:
            return None
        part = to_parts(message)[-1]
        try:
            if message.prompt.kind is PromptKind.SELECT_MANY:
                await self._bot.edit_message_reply_markup(
                    chat_id, int(message.message_id), reply_markup=_keyboard(part.rows)
                )
            else:
                await self._bot.edit_message_text(
                    part.text,
                    chat_id,
                    int(message.message_id),
                    reply_markup=_keyboard(part.rows),
                    link_preview_options=_NO_PREVIEW,
                )
        except TelegramError as error:
            if not is_quiet_edit(error):
                raise await checked(error, self._bot.get_me) from error
        return message.message_id

    # The operator's side

    async def check(self) -> list[Diagnosis]:
        """What `said doctor` reports: the token, the bot (getMe), and how updates come (getWebhookInfo)."""
        try:
            me = await self._bot.get_me()
            info = await self._bot.get_webhook_info()
        except InvalidToken:
            return [Diagnosis(FindingLevel.ERROR, "Telegram refuses the token", TOKEN_REMEDY)]
        except TelegramError as error:
            text = f"Telegram cannot be reached: {reason_of(error)}"
            return [Diagnosis(FindingLevel.ERROR, text, "check the network, the proxy and telegram.api_url")]
        return bot_findings(me) + webhook_findings(info, self._options.webhook_url, self._now())

    async def close(self) -> None:
        """Let go of connections, after a moment for the last taps to be acknowledged."""
        if self._acknowledging:
            _, late = await asyncio.wait(self._acknowledging, timeout=2)
            for task in late:
                task.cancel()
        await self._poll_requests.shutdown()
        await self._send_requests.shutdown()


def _after(updates: list[Any]) -> int | None:
    """The number that confirms these; None when there is nothing to confirm."""
    numbers = [number for update in updates if (number := read_update(update).update_id) is not None]
    return max(numbers) + 1 if numbers else None


def _asked_to_wait(error: TelegramError | TimeoutError) -> float:
    return wait_of(error).total_seconds() if isinstance(error, RetryAfter) else 0.0


def _chat_id(address: str) -> int:
    scheme, _, number = address.partition(":")
    if scheme != SCHEME or not number.lstrip("-").isdigit():
        raise MessageRejected(f"the address is not one of {SCHEME}")
    return int(number)


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.payload) for button in row] for row in rows]
    )
