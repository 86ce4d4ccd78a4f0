"""Answer Slack's taps by their `response_url`, and count the updates of messages that go another way.

A `response_url` takes five answers in half an hour, and no scope or pace of a workspace counts them. It comes with the
tap, and is kept in memory alone: after a restart nothing is lost but a trace or a toast.
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import asyncio
import logging
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.models.blocks import PlainTextObject, SectionBlock
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels.base import ChannelDown, Inbound, MessageRejected, Outbound, RateLimited, SendError
from bot.channels.slack.errors import FAILURES
from bot.channels.slack.inbound import CHANNEL
from bot.channels.slack.outbound import SlackMessage, escape
from bot.channels.slack.payloads.fields import Payload, word

USES = 5
SECONDS = 30 * 60.0
REMEMBERED = 2000
"""Taps whose addresses for answers are kept; a bound for memory."""
UPDATES = 50
"""Calls of chat.update in a minute for a workspace (Slack's tier 3)."""
MINUTE = 60.0
TIMEOUT_SECONDS = 5
OK = 200
GONE = frozenset({403, 404, 410})
"""HTTP statuses of an address for answers that has expired, was used up, or is not known any more."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _ResponseUrl:
    """Where one tap may be answered, how often still, and until when."""

    url: str
    until: float
    left: int = USES


class _ResponseOver(MessageRejected):
    """A tap can not be answered by its address any more: it has expired, or was used up."""


class TapResponses:
    """Remembers where taps may be answered, and answers them. `monotonic` tells seconds."""

    def __init__(self, logger: logging.Logger, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._logger = logger
        self._monotonic = monotonic
        self._messages: OrderedDict[tuple[str, str], _ResponseUrl] = OrderedDict()
        self._taps: OrderedDict[str, _ResponseUrl] = OrderedDict()
        self._updates: defaultdict[str, deque[float]] = defaultdict(deque)
        """When messages were updated within the last minute, by their workspace."""
        self.whispering: set[asyncio.Task[None]] = set()
        """Toasts on their way."""

    def came(self, body: Payload, taps: Sequence[Inbound]) -> Sequence[Inbound]:
        """Remember where what was tapped in a message may be answered, if the payload says so; return the taps."""
        response = _ResponseUrl(word(body, "response_url"), self._monotonic() + SECONDS)
        for tap in taps if response.url else ():
            _keep(self._taps, tap.external_id, response)
            if tap.message_id is not None:
                _keep(self._messages, (tap.address, tap.message_id), response)
        return taps

    def whisper(self, external_id: str, text: str | None) -> None:
        """Answer a tap in the background, by words that only whoever tapped sees, if any.

        Nothing comes of its failing.
        """
        response = self._usable(self._taps.get(external_id))
        if response is not None and text is not None:
            section = SectionBlock(text=PlainTextObject(text=text, emoji=True)).to_dict()
            said = {
                "response_type": "ephemeral",
                "replace_original": False,
                "text": escape(text),
                "blocks": [section],
            }
            task = asyncio.create_task(self._say(response, said))
            self.whispering.add(task)
            task.add_done_callback(self.whispering.discard)

    async def replace(self, message: Outbound, part: SlackMessage) -> bool:
        """Show a trace by the newest tap on its message; False where the message must be updated, which is counted.

        What is no trace is always updated: its pace is kept before it comes here.

        Raises:
            SendError: it was not taken, or the workspace has had its updates of this minute.
        """
        is_trace = message.trace is not None
        response = self._usable(self._messages.get((message.address, message.message_id or "")))
        if is_trace and response is not None and await self._replaced(response, part):
            return True
        updates, now = self._updates[message.address.rpartition("/")[0]], self._monotonic()
        while updates and updates[0] <= now - MINUTE:
            updates.popleft()
        if is_trace and len(updates) >= UPDATES:
            raise RateLimited("as many updates as Slack takes in a minute")
        updates.append(now)
        return False

    async def _replaced(self, response: _ResponseUrl, part: SlackMessage) -> bool:
        """Show a message anew by a tap; False, and that tap is not used again, where Slack takes no answer to it more.

        Raises:
            SendError: it was not taken for another reason.
        """
        try:
            await self._post(response, {"replace_original": True, "text": part.text, "blocks": part.blocks})
        except _ResponseOver:
            response.left = 0
            return False
        return True

    def _usable(self, response: _ResponseUrl | None) -> _ResponseUrl | None:
        """Return the response if it may be used once more."""
        if response is None or response.left <= 0 or response.until <= self._monotonic():
            return None
        return response

    async def _say(self, response: _ResponseUrl, said: dict[str, Any]) -> None:
        try:
            await self._post(response, said)
        except SendError as error:
            log.info("tap_not_answered", channel=CHANNEL, reason=error.reason)

    async def _post(self, response: _ResponseUrl, body: dict[str, Any]) -> None:
        response.left -= 1
        client = AsyncWebhookClient(
            response.url, timeout=TIMEOUT_SECONDS, logger=self._logger, retry_handlers=[]
        )
        try:
            answer = await client.send_dict(body)
        except FAILURES as error:
            raise ChannelDown(f"Slack could not be reached ({type(error).__name__})") from error
        if answer.status_code in GONE or (answer.status_code == OK and _is_refusal(answer.body)):
            raise _ResponseOver(f"the response is over: HTTP {answer.status_code}")
        if answer.status_code != OK:
            raise MessageRejected(f"the response was not taken: HTTP {answer.status_code}")


def _is_refusal(body: str) -> bool:
    """Return whether the body of an answer says that the response was not taken, though its HTTP status is 200."""
    return body.replace(" ", "").startswith('{"ok":false')


def _keep(kept: "OrderedDict[Any, _ResponseUrl]", key: Any, response: _ResponseUrl) -> None:
    """Keep a response under a key as the newest; the oldest make room."""
    kept[key] = response
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
