"""Read 'away until Monday' and 'on holiday until 3 August', in any language.

Somebody who is away says until when, and is not contacted before then.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from flows.parsing.dates.days import find_date
from flows.parsing.vocabulary import base_of, languages, vocabulary
from flows.schedule.local_time import MORNING, at_local, local
from flows.text.emoji import without_emoji
from flows.text.folding import fold

LONGEST_HOLD: Final = timedelta(days=366)
"""Nobody is held longer by a few words: a later year is more likely a slip."""
_LONGEST_MESSAGE: Final = 60
"""Characters. A longer message tells a story, and is an answer."""
_MOST_WORDS: Final = 6
"""Of the words before the date, and of the date."""


def may_be_away(text: str) -> bool:
    """Tell whether a message may say that its writer is away.

    A cheap test before `read_away`: the message is short, and its first word begins one of the phrases.
    """
    words = without_emoji(text).split(maxsplit=1) if len(text) <= _LONGEST_MESSAGE else []
    return len(words) > 1 and fold(words[0]) in _first_words()


def read_away(text: str, *, now: datetime, zone: str, language: str) -> datetime | None:
    """Read until when somebody is away: the morning of that day, as an aware moment in UTC.

    The whole message must say it and nothing else ('I was ill until May' is an answer). None otherwise, and
    where the day is over or more than a year ahead.
    """
    found = _led(text)
    if found is None:
        return None
    spoken, named = found
    own = base_of(language)
    return _morning(named, now, zone, own if own in spoken else spoken[0])


def begins_as_absence(text: str) -> bool:
    """Tell whether a message begins as `read_away` needs it, whatever comes then: no other can be an absence."""
    return _led(text) is not None


def _led(text: str) -> tuple[tuple[str, ...], str] | None:
    """Return the languages of the phrase before a date that a message begins with, and the words behind it.

    None where it begins with none, or has too many words behind it.
    """
    if not may_be_away(text):
        return None
    words = without_emoji(text).split()
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        spoken = _leads().get(fold(" ".join(words[:count])), ())
        if spoken and len(words) - count <= _MOST_WORDS:
            return spoken, " ".join(words[count:])
    return None


@cache
def _leads() -> Mapping[str, tuple[str, ...]]:
    """Map each phrase that stands before the date ('away until') to the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for name in languages():
        for phrase in vocabulary(name).away:
            found[phrase] = (*found.get(phrase, ()), name)
    return found


@cache
def _first_words() -> frozenset[str]:
    """Return the first words of all phrases that may begin such a message."""
    return frozenset(phrase.split()[0] for phrase in _leads())


def _morning(text: str, now: datetime, zone: str, language: str) -> datetime | None:
    """Return the morning of the day that the words name; None if they name none, or none within a year from now."""
    day = find_date(text, local(now, zone).date(), language)
    if not isinstance(day, date):
        return None
    at = at_local(day, MORNING, zone)
    return at if now < at <= now + LONGEST_HOLD else None
