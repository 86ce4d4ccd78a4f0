"""The contract of every channel: it turns a payload into an `Inbound`, and an `Outbound` into a request.

Channels know neither storage nor each other. Converting is pure; only `Channel.run` and `Channel.send` touch the
network.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from flows.engine.effects import Prompt, Trace
from flows.engine.events import MediaKind


class InboundKind(StrEnum):
    """What kind of thing came in: something that a participant did, or that the platform told of them."""

    TEXT = "text"
    TAP = "tap"
    PICKS = "picks"
    DATE = "date"
    FORM = "form"
    EDIT = "edit"
    DELETED = "deleted"
    """The person took back a message of theirs on the platform; `message_id` names it."""
    REACTION = "reaction"
    """An emoji that the person put on a message (`message_id`): never an answer."""
    MEDIA = "media"
    START = "start"
    """`/start TOKEN`, `/said start TOKEN` or the Start button; `text` is the token, '' when there was none."""
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    PROFILE = "profile"
    """The platform told us a locale or a time zone; nothing was said."""


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a participant did, or that the platform told of them, in the same shape for every channel.

    `address` is `channel:id`, for example `telegram:1234`; it is taken out before the rest is stored. `external_id` is
    the platform's name of this delivery: the same one twice is the same thing once. `message_id` is the platform's name
    of the message that was written, edited, or has the button. `button` is a button's payload as `button_payload` made
    it, `options` are the places of what was ticked, from 0. What a `kind` has no use for stays empty.

    `order` is the place of what was written in its chat, a number that rises with every message of either side; see
    `message_order`. A channel without one (None) promises to hand words over only once everything that was queued for
    their writer has been shown. `written_at` is when the platform says that it was written, aware; None where it does
    not say. `about` is the platform's name of our message that the words quote, or under which they stand in a thread;
    with `threaded` what is said to them belongs in that thread. `former_id` is the `external_id` that the program gave
    the same delivery before an update; None where the names have not changed. `language` is the one that whoever
    begins by a START has chosen for themselves; None where they chose none.
    """

    address: str
    external_id: str
    kind: InboundKind
    text: str = ""
    message_id: str | None = None
    button: str | None = None
    options: tuple[int, ...] = ()
    day: date | None = None
    media: MediaKind | None = None
    locale: str | None = None
    timezone: str | None = None
    order: int | None = None
    written_at: datetime | None = None
    about: str | None = None
    threaded: bool = False
    former_id: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One message to send to `address`; with `refresh`, one to show anew where it stands, at `message_id`.

    With `trace` too: as it was shown, with the trace in place of its buttons. That is cosmetic, and tried once.

    `conversation` is the number that the payloads of its buttons carry; None where it belongs to no conversation.
    `thread` is the platform's name of the message under which it goes out; None in the chat itself, and on platforms
    without threads. `paid` asks the platform to take payment for it, so that it goes beyond the free pace; the message
    is the same.
    """

    address: str
    prompt: Prompt
    conversation: int | None = None
    message_id: str | None = None
    refresh: bool = False
    thread: str | None = None
    trace: Trace | None = None
    paid: bool = field(default=False, compare=False)


TOAST_LENGTH = 200
"""Characters of a toast, at most: Telegram takes no more (answerCallbackQuery)."""


def message_order(message_id: str | None) -> int | None:
    """Return the place of a message in its chat by the platform's name of it; None where the name has no order.

    Telegram numbers the messages of a chat; Slack's name is a time in seconds with six decimals. Both rise with every
    message of either side, and are compared within one chat only.
    """
    seconds, dot, decimals = (message_id or "").partition(".")
    digits = seconds + decimals.ljust(6, "0") if dot else seconds
    return int(digits) if digits.isascii() and digits.isdecimal() else None


LARGEST = 2**63 - 1
"""The largest number in a button's payload: what a database can hold."""
_NUMBER = "(0|[1-9a-f][0-9a-f]{0,15})"
_PAYLOAD = re.compile(rf"{_NUMBER}\.{_NUMBER}(?:\.{_NUMBER})?")

HOUSE = 0
"""The conversation in the buttons of what the bot asks outside any: whether all data is to be deleted."""


def button_payload(conversation: int, ask: int, option: int | None = None) -> str:
    """Make the payload of a button: the text, at most 40 bytes, that the platform sends back when it is tapped.

    It tells nothing to whoever reads it: the numbers of the conversation, of the question in it (`ask`), and of the
    option in the question, from 0. `option` None names the whole question (a date picker, a form, a set of checkboxes).
    """
    tail = "" if option is None else f".{option:x}"
    return f"{conversation:x}.{ask:x}{tail}"


def read_button(payload: str) -> tuple[int, int, int | None] | None:
    """Return the conversation, the `ask` and the option in a button's payload, as `button_payload` has them.

    The option is None where the payload names a whole question. None alone comes back for a payload that is not ours:
    one that `button_payload` would have written otherwise, or with a number above `LARGEST`.
    """
    found = _PAYLOAD.fullmatch(payload)
    if found is None:
        return None
    conversation, ask, option = (None if part is None else int(part, 16) for part in found.groups())
    if conversation is None or ask is None or max(conversation, ask, option or 0) > LARGEST:
        return None
    return conversation, ask, option


class SendError(Exception):
    """A message could not be sent; the sender reads the flags here, and never a platform's own codes.

    The flags say whether it may succeed later (`retryable`), may have arrived all the same (`ambiguous`), and whether
    nobody is reached at this address (`stops_contact`) or on the whole channel (`stops_channel`). `retry_after` is how
    long to wait before the next attempt; None where the platform did not say.
    """

    retryable = False
    """The same request may succeed later."""
    ambiguous = False
    """The platform may have stored it: a retry may be a duplicate, and is marked so."""
    stops_contact = False
    """Nobody is reached at this address any more."""
    stops_channel = False
    """The whole channel (or workspace) is out of order until the operator acts."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class RateLimited(SendError):
    """The platform did not take the message now, and asked us to wait."""

    retryable = True


class NotPaidFor(SendError):
    """The platform takes no payment for a message that was to be paid for: it may go at the free pace."""

    retryable = True


class ChannelDown(SendError):
    """The platform could not be reached or failed: nothing was delivered, and a retry may succeed."""

    retryable = True


class OutcomeUnknown(SendError):
    """No answer came from the platform: the message may have been delivered, and a retry may be a duplicate."""

    retryable = True
    ambiguous = True


class MessageRejected(SendError):
    """The platform will never take this message; the fault is ours."""


class ParticipantBlocked(SendError):
    """The person blocked us; they may come back."""

    stops_contact = True


class AddressGone(SendError):
    """The account is gone or may not be written to: nobody is reached at this address any more."""

    stops_contact = True


class ChannelRefused(SendError):
    """The token was revoked or the app removed: the operator must act; until then it is tried only now and then."""

    stops_channel = True


class FindingLevel(StrEnum):
    """How bad a finding of `said doctor` is: fine, a warning, or an error."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that a check of the set-up found. `remedy` says what to do; '' where nothing need be done."""

    level: FindingLevel
    text: str
    remedy: str = ""


Receive = Callable[[list[Inbound]], Awaitable[None]]
"""Stores what came in. Returns only when it is committed; raises when it is not, and then nothing is acknowledged."""


@dataclass(frozen=True, slots=True)
class CatchUpPoint:
    """Up to where somebody was heard: what they wrote later and was not delivered is to be asked for.

    `message_id` is the platform's name of the newest message of theirs that is stored; None where the newest thing
    stored is something else, such as a tap. `at` is when it was stored, aware. `asked` says whether an open
    conversation waits for them: they come first.
    """

    address: str
    message_id: str | None
    at: datetime
    asked: bool


CatchUpPoints = Callable[[timedelta], Awaitable[Sequence[CatchUpPoint]]]
"""Finds the catch-up points of all who are in a conversation or wrote in the last week, as they were so long ago."""


@runtime_checkable
class CatchingUpChannel(Protocol):
    """A channel that can ask its platform for what was written while nobody listened."""

    def catch_up_from(self, points: CatchUpPoints) -> None:
        """Take what finds the catch-up points; without it nothing is asked for. To be called before `run`."""


@runtime_checkable
class AccountChannel(Protocol):
    """A channel whose names of messages and deliveries are those of one account of ours, such as a bot of Telegram."""

    @property
    def account(self) -> str:
        """What stands before the name of each delivery, up to a colon: the account's number; '' where it has none."""


class Channel(Protocol):
    """A platform on which participants are met: Telegram, Slack, the terminal, or one in memory for tests."""

    name: str
    """The scheme of its addresses."""
    edits: bool
    """Whether a question can be shown with its trace, and a tap answered by a toast."""

    async def run(self, receive: Receive) -> None:
        """Take what comes in, and hand it to `receive` to be stored, until cancelled.

        Raises:
            ChannelRefused: the operator must act. Nothing else is raised.
        """

    async def send(self, message: Outbound) -> str | None:
        """Send one message, or show it anew where it stands (`message.refresh`).

        Returns:
            The platform's name of the message (its last part, when it had to be split), None if it has none.

        Raises:
            SendError: with flags that say what to do.
        """

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Answer a tap in the background, now that its turn is committed: by a toast, or plainly (None).

        `external_id` names the tap as its `Inbound` did. Nothing comes of its failing, or of a tap that is not known.
        """

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send a text file to an address: `content` under the file name `name`, with the words `caption` beside it.

        Returns:
            The platform's name of the message, None if it has none.

        Raises:
            SendError: with flags that say what to do.
        """

    async def close(self) -> None:
        """Close the channel's connections."""
