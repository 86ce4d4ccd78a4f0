"""Decide whether whoever typed words could have seen the question that is open.

Theory. In a private chat the names of messages rise with every message of either side (`Inbound.order`). So words that
stand before the question's own message were not about it, and neither are words that come while that message is still
to be sent. The question's own message is the first one that showed it whole, in the language of now: repetitions do
not move it, or a person who answers the first one would be told to answer the second.

| the question's own message | words typed at the same address |
|---|---|
| stands before them | are about it, unless they came sooner than it could be read |
| stands after them | are not |
| is still to be sent | are not |
| is on its way, or may have arrived | wait for the outcome (`WAIT`), then count as about it; a consent is shown again |
| stands after them, and may have come twice | are about it if it asks for own words |
| never arrived | are not, and it is sent again |
| is not on record (an older database, a copy) | are about it |

Where the question stands at another address of the participant, times are compared. A consent is shown where they write
first; so is whether to take one back, and whether to delete all. A channel without an order hands words over only once
everything was shown. Taps name their question, and never come here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from bot.channels.base import message_order
from flows.engine.effects import Prompt
from flows.engine.events import Sight
from storage.conversations.showings import Showing
from storage.schema import OutboxStatus

WAIT = timedelta(seconds=30)
"""How long words wait for the outcome of a sending; then the question counts as shown."""

_decode_prompt = msgspec.json.Decoder(Prompt).decode


class OutcomePending(Exception):
    """The words may be about a question whose sending has no known outcome: they are to be handled later."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"waits for a sending until {until}")
        self.until = until
        """When they are to be handled at the latest, whatever is known by then."""


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """How long a question must have been shown before words typed under it can be its answer.

    One second, and one more for each `words_a_second` words that it shows, at most `most`; none at all where that is
    zero.
    """

    most: timedelta = timedelta(0)
    words_a_second: int = 15

    def needed_for(self, prompt: Prompt) -> timedelta:
        """Return how long it takes to read a question with its choices."""
        shown = " ".join([prompt.whole_text, *(option.label for option in prompt.options)])
        return min(self.most, timedelta(seconds=1 + len(shown.split()) / self.words_a_second))


NO_READING_TIME = ReadingTime()


class WrittenWords(NamedTuple):
    """When and where words were typed: at which address, at what place in its chat, and when.

    `order` is as in `Inbound`. `received_at` is by our clock, `written_at` by the platform's; None where it does not
    say. `reading` is none for words that need no reading: those that work everywhere, and words of distress.
    """

    address_id: int
    order: int
    received_at: datetime
    written_at: datetime | None = None
    reading: ReadingTime = NO_READING_TIME

    @property
    def at(self) -> datetime:
        """When they were typed: the platform's word for it, unless that is later than we had them."""
        return self.received_at if self.written_at is None else min(self.written_at, self.received_at)


def sight_of(
    showings: Sequence[Showing],
    words: WrittenWords,
    *,
    now: datetime,
    is_consent: bool,
    is_text: bool = False,
) -> Sight:
    """Decide whether a question, by its messages (`showings`, oldest first), could be seen by whoever typed words.

    `is_consent` says that the question asks for a consent, or whether to take one back: in doubt it is shown again.
    `is_text` says that it asks for own words, which would be lost between two copies of it.

    Raises:
        OutcomePending: that cannot be said yet.
    """
    if not showings:
        return Sight.SEEN
    here = [one for one in showings if one.address_id == words.address_id]
    if not here:
        return _sight_elsewhere(showings, words, is_consent=is_consent)
    own = next((one for one in here if one.status is OutboxStatus.SENT), None)
    if own is None:
        return _sight_of_unsent(here, words, is_consent=is_consent, now=now)
    if not _is_after(words, own):
        # A first copy of it may have arrived before: own words count as said to that, closed answers are given again.
        return Sight.SEEN if own.possibly_duplicate and is_text else Sight.BEFORE
    if _comes_too_soon(own, words):
        return Sight.BEFORE if _is_shown_after(here, words) else Sight.UNREAD
    return Sight.SEEN


def _sight_elsewhere(showings: Sequence[Showing], words: WrittenWords, *, is_consent: bool) -> Sight:
    """Decide by time, for a question that was shown at other addresses only."""
    first = next((one.sent_at for one in showings if one.status is OutboxStatus.SENT), None)
    could_be_seen = first is not None and first <= words.at
    return Sight.SEEN if could_be_seen and not is_consent else Sight.UNREAD


def _sight_of_unsent(
    here: Sequence[Showing], words: WrittenWords, *, is_consent: bool, now: datetime
) -> Sight:
    """Decide for a question of which no message is known to have arrived."""
    if any(one.is_in_doubt for one in here):
        until = words.received_at + WAIT
        if now < until:
            raise OutcomePending(until)
        return Sight.UNREAD if is_consent else Sight.SEEN
    waits = any(one.status is OutboxStatus.QUEUED for one in here)
    return Sight.BEFORE if waits else Sight.UNREAD


def _is_after(words: WrittenWords, own: Showing) -> bool:
    """Return whether words stand after a message in the chat; by time where the message has no place there."""
    order = message_order(own.message_id)
    if order is None:
        return own.sent_at is None or own.sent_at <= words.at
    return words.order > order


def _comes_too_soon(own: Showing, words: WrittenWords) -> bool:
    """Return whether words came before a message could be read."""
    most = words.reading.most
    if own.sent_at is None or not most or words.received_at - own.sent_at >= most:
        return False  # a reply may come before we know that the question was sent: with no time to wait for, it counts
    return words.received_at - own.sent_at < words.reading.needed_for(_decode_prompt(own.payload))


def _is_shown_after(here: Sequence[Showing], words: WrittenWords) -> bool:
    """Return whether a message shows the question after the words, or will."""
    return any(
        one.status in (OutboxStatus.QUEUED, OutboxStatus.SENDING)
        or (one.status is OutboxStatus.SENT and not _is_after(words, one))
        for one in here
    )
