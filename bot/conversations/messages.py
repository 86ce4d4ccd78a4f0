"""Turn what came in into the payload of an inbox row, and back.

It is an `Inbound` without who sent it: that is kept apart and sealed.
"""

from datetime import date, datetime

import msgspec

from bot.channels.base import Inbound, InboundKind
from flows.engine.events import MediaKind


class Message(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing that came in (a text, a tap, a start), with the fields of `Inbound` except who sent it."""

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
    language: str | None = None


def _sound(text: str) -> str:
    """Return the text with lone surrogates, which no file can hold, as question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


_SILENT = frozenset({InboundKind.PROFILE, InboundKind.BLOCKED, InboundKind.REACTION, InboundKind.DELETED})
"""What nobody waits for an answer to."""
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Message)


def to_payload(inbound: Inbound) -> str:
    """Return what came in as JSON for an inbox row, without who sent it. Lone surrogates become question marks."""
    message = Message(
        kind=inbound.kind,
        text=_sound(inbound.text),
        message_id=inbound.message_id,
        button=inbound.button,
        options=inbound.options,
        day=inbound.day,
        media=inbound.media,
        locale=inbound.locale,
        timezone=inbound.timezone,
        order=inbound.order,
        written_at=inbound.written_at,
        about=inbound.about,
        threaded=inbound.threaded,
        language=inbound.language,
    )
    return _encoder.encode(message).decode()


def from_payload(payload: str) -> Message:
    """
    Read the JSON of an inbox row back as a message.

    Raises:
        msgspec.MsgspecError: the payload is no message.
    """
    return _decoder.decode(payload)


def says_nothing(payload: str) -> bool:
    """Return whether a payload is something that the platform told us, so that nobody waits for an answer.

    False for one that cannot be read.
    """
    try:
        return from_payload(payload).kind in _SILENT
    except msgspec.MsgspecError:
        return False
