"""What came in, as it is stored: an `Inbound` without who sent it, which is kept apart and sealed."""

from datetime import date

import msgspec

from bot.channels.base import Inbound, InboundKind
from flows.engine.events import MediaKind


class Message(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing that a person did; the fields are those of `Inbound`."""

    kind: InboundKind
    text: str = ""
    message_id: str | None = None
    button: str | None = None
    options: tuple[int, ...] = ()
    day: date | None = None
    media: MediaKind | None = None
    locale: str | None = None
    timezone: str | None = None


def _sound(text: str) -> str:
    """The text with halves of characters, which no file can hold, as question marks; all else as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Message)


def to_payload(inbound: Inbound) -> str:
    """The JSON of an inbox row."""
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
    )
    return _encoder.encode(message).decode()


def from_payload(payload: str) -> Message:
    """The message of an inbox row."""
    return _decoder.decode(payload)
