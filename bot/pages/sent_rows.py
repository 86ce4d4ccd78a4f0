"""Read what a row of the outbox says that was sent to a page, and the numbers by which messages are named there.

A number is that of the microseconds since 1970.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from flows.engine.effects import Prompt
from storage.conversations.page_history import SentRow

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_decode_prompt = msgspec.json.Decoder(Prompt).decode


def prompt_of(row: SentRow) -> Prompt | None:
    """Return the prompt of a message; None where its words are gone."""
    try:
        return _decode_prompt(row.payload)
    except msgspec.MsgspecError:
        return None


def number_of(message_id: str | None) -> int:
    """Return the number of a message by its name; 0 where that is no number of ours."""
    return (
        int(message_id) if message_id is not None and message_id.isascii() and message_id.isdecimal() else 0
    )


def moment_of(number: int) -> datetime:
    """Return the moment that a number names."""
    return _EPOCH + number * _MICROSECOND


def number_at(moment: datetime) -> int:
    """Return the number that names a moment."""
    return (moment - _EPOCH) // _MICROSECOND
