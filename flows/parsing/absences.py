"""'Away until Monday', 'on holiday until 3 August': a person who is away says until when, in any language."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from flows.parsing.dates import find_date
from flows.parsing.vocabulary import base_of, languages, vocabulary
from flows.schedule.local_time import MORNING, at_local, local
from flows.text.folding import fold

LONGEST_HOLD: Final = timedelta(days=366)
"""Nobody is held longer by a few words: a later year is more likely a slip."""
_LONGEST_MESSAGE: Final = 60
"""Characters. A longer message tells a story, and is an answer."""
_MOST_WORDS: Final = 6
"""Of the words before the date, and of the date."""


def may_be_away(text: str) -> bool:
    """Whether it is short, and begins with a word of those who are away; most replies do not."""
    words = text.split(maxsplit=1) if len(text) <= _LONGEST_MESSAGE else []
    return len(words) > 1 and fold(words[0]) in _first_words()


def read_away(text: str, *, now: datetime, zone: str, language: str) -> datetime | None:
    """The morning of the day until which the person is away, in UTC; None if this is not what they say.

    The whole message must be it: 'I was ill until May' is an answer.
    """
    if not may_be_away(text):
        return None
    words = text.split()
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        spoken = _leads().get(fold(" ".join(words[:count])), ())
        if spoken and len(words) - count <= _MOST_WORDS:
            own = base_of(language)
            name = own if own in spoken else spoken[0]
            return _morning(" ".join(words[count:]), now, zone, name)
    return None


@cache
def _leads() -> Mapping[str, tuple[str, ...]]:
    """What stands before the date, and the languages in which it does."""
    found: dict[str, tuple[str, ...]] = {}
    for name in languages():
        for phrase in vocabulary(name).away:
            found[phrase] = (*found.get(phrase, ()), name)
    return found


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase.split()[0] for phrase in _leads())


def _morning(text: str, now: datetime, zone: str, language: str) -> datetime | None:
    day = find_date(text, local(now, zone).date(), language)
    if not isinstance(day, date):
        return None
    at = at_local(day, MORNING, zone)
    return at if now < at <= now + LONGEST_HOLD else None
