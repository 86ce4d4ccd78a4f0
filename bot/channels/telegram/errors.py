"""Turn what python-telegram-bot raises into our own errors, whose flags the sender reads.

The order matters: BadRequest and TimedOut are kinds of NetworkError, and whoever asks for that first repeats
for ever what Telegram will never take. What is unknown is called unknown: only where Telegram itself
answered, or the connection never stood, is nothing known to have been delivered.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    NotPaidFor,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
    SendError,
)

TOKEN_REMEDY = "get a new token from @BotFather and set telegram.token"  # noqa: S105 - no secret, advice
WEBHOOK_REMEDY = "check telegram.webhook_url (https, port 443, 80, 88 or 8443) and telegram.webhook_secret"
HOOKED_REMEDY = (
    "another program set a webhook, which is taken away after a minute:"
    " stop that program, or get a new token from @BotFather"
)
CONFLICT_REMEDY = "stop the other program that uses this bot's token"

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the library raises where an answer is JSON of another shape than it takes for granted."""

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{6,}|(?<=/bot)[^/\s'\"]+")
_GONE = ("chat not found", "user not found", "peer_id_invalid", "chat_id_invalid")
_BLOCKED = ("blocked by the user",)
_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NO_STARS = ("balance_too_low", "not enough stars")
_UNCHANGED = ("message is not modified",)
_UNEDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
)
_STALE = ("query is too old", "query id is invalid")


def hide_token(text: str) -> str:
    """Replace what looks like a bot's token in a text by `[token]`; some of the library's messages hold it."""
    return _TOKEN.sub("[token]", text)


def reason_of(error: Exception) -> str:
    """Return an error's message in one line, without a token and without the answer if it could not be read."""
    if isinstance(error, TimeoutError):
        return "no answer to a poll"
    if not isinstance(error, TelegramError):
        return f"an answer of another shape ({type(error).__name__})"
    return hide_token(error.message.partition(". Parsing the server response")[0])


def as_send_error(error: TelegramError) -> SendError:
    """Turn an error that python-telegram-bot raised into a `SendError`, whose class and flags say what to do."""
    reason = reason_of(error)
    problem: SendError
    match error:
        case RetryAfter():
            problem = RateLimited(reason, retry_after=wait_of(error))
        case Forbidden():
            problem = _forbidden(reason)
        case ChatMigrated():
            problem = AddressGone("the chat became a group")
        case InvalidToken() | EndPointNotFound():
            problem = ChannelRefused(f"Telegram refuses the token ({reason}); {TOKEN_REMEDY}")
        case Conflict():
            problem = ChannelRefused(f"{reason}; {CONFLICT_REMEDY}")
        case BadRequest():
            problem = _bad_request(error, reason)
        case NetworkError():  # after BadRequest; TimedOut is among these
            problem = _network(error, reason)
        case _:  # a success whose answer could not be read
            problem = OutcomeUnknown(reason)
    return problem


async def checked(error: TelegramError, get_me: Callable[[], Awaitable[object]]) -> SendError:
    """Turn an error into a `SendError`, as `as_send_error` does, but check a refused token by asking `get_me`.

    Unless that is refused too the error is `ChannelDown`: one stray 401 or 404 is no verdict on the token, which would
    stop all sending.
    """
    if not isinstance(error, InvalidToken):
        return as_send_error(error)
    try:
        await get_me()
    except InvalidToken:
        return as_send_error(error)
    except TelegramError:
        pass  # nothing is known; the next try will tell
    return ChannelDown(reason_of(error))


def wait_of(error: RetryAfter) -> timedelta:
    """Return how long Telegram asks us to wait, whether the library tells it as seconds or as a span."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def asked_to_wait(error: Exception) -> float:
    """Return the seconds for which an error asks us to wait, 0 where it asks for nothing."""
    return wait_of(error).total_seconds() if isinstance(error, RetryAfter) else 0.0


def mentions(error: TelegramError, words: tuple[str, ...]) -> bool:
    """Say whether an error's text holds one of some `words`, which are in lower case; the text may be in any.

    Telegram tells most of its errors apart by text alone.
    """
    text = error.message.lower()
    return any(word in text for word in words)


def is_quiet_edit(error: TelegramError) -> bool:
    """Say whether an edit failed without loss: it changes nothing, or its message is gone or past editing."""
    return isinstance(error, BadRequest) and mentions(error, _UNCHANGED + _UNEDITABLE)


def is_stale_tap(error: TelegramError) -> bool:
    """Say whether the acknowledgement of a tap failed because it came too late."""
    return isinstance(error, BadRequest) and mentions(error, _STALE)


def _bad_request(error: BadRequest, reason: str) -> SendError:
    """Tell a person who is gone, and a bot without Stars to pay with, from a message that is at fault."""
    if mentions(error, _NO_STARS):
        return NotPaidFor(reason)
    return (AddressGone if mentions(error, _GONE) else MessageRejected)(reason)


def _forbidden(reason: str) -> SendError:
    """Tell who blocked us, and may come back, from a deleted account or one that never wrote to us."""
    if any(word in reason.lower() for word in _BLOCKED):
        return ParticipantBlocked(reason)
    return AddressGone(reason)


def _network(error: NetworkError, reason: str) -> SendError:
    cause = error.__cause__
    if isinstance(cause, UnicodeError):
        return MessageRejected("the text holds characters that cannot be sent")
    if "entity too large" in reason.lower():
        return MessageRejected(reason)
    if cause is None or isinstance(cause, (*_NEVER_CONNECTED, RuntimeError)):
        return ChannelDown(reason)  # Telegram's own "no", no connection, or a client that is closed
    return OutcomeUnknown(reason)


class _HideToken(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide_token(record.getMessage()), ()
        return True


_HIDE = _HideToken()


def quieten_wire_logs() -> None:
    """Keep the token and people's words out of the log, whatever level the root logger has.

    httpx writes each URL, and so the token, at INFO; python-telegram-bot writes payloads at DEBUG and, when
    an answer is not JSON, at ERROR. Every error that matters reaches the log through us.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).addFilter(_HIDE)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
