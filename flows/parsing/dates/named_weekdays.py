"""Read a day by its weekday: 'Friday', 'third Tuesday of September', 'Wednesday of next week', 'last Sunday'."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from flows.parsing.dates.day_rules import weekday_of_month
from flows.parsing.dates.names import months, starts_with_weekday, weekdays, with_months
from flows.parsing.number_words import word_ordinal
from flows.parsing.vocabulary import vocabulary
from flows.text.folding import fold


def next_weekday(tokens: list[str], today: date, base: str) -> date | None:
    """Return the first such weekday after today; 'this Friday' said on a Friday is today."""
    full, short = weekdays(base)
    words = vocabulary(base).dates
    if any(words.distances.get(token, "d")[-1] in "my" for token in tokens):
        return None  # 'mardi du mois prochain'
    kept = [word for word in tokens if word not in words.pointing]
    name = " ".join(kept)
    number = full.get(name, full.get(" ".join(tokens)))
    if number is None and len(kept) < len(tokens):
        number = short.get(name)
    if number is None:
        return None
    ahead = (number - today.weekday()) % 7
    return today + timedelta(days=ahead or (0 if words.this.intersection(tokens) else 7))


def weekday_of_week(tokens: list[str], today: date, base: str) -> date | None:
    """Read a weekday of this week or the next ('Wednesday of next week'); None for all else."""
    words = vocabulary(base).dates
    kept = [word for word in tokens if word not in words.linking]
    for phrase, weeks in _weeks(base):
        length = len(phrase)
        if len(kept) <= length or phrase not in (tuple(kept[:length]), tuple(kept[-length:])):
            continue
        rest = kept[length:] if tuple(kept[:length]) == phrase else kept[:-length]
        number = _weekday_alone(rest, base)
        if number is not None:
            return today + timedelta(days=number - today.weekday() + 7 * weeks)
    return None


@lru_cache(maxsize=16)
def _weeks(base: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Return the phrases for this week and the next, long ones first, each with how many weeks ahead it is."""
    words = vocabulary(base).dates
    found = {
        (tuple(word for word in phrase.split() if word not in words.linking), weeks)
        for name, weeks in (("this_week", 0), ("next_week", 1))
        for phrase in words.phrases[name]
    }
    return tuple(sorted(found, key=lambda one: (-len(one[0]), one)))


def past_weekday(tokens: list[str], today: date, base: str) -> date | None:
    """Read 'last Sunday' as the latest such day before today; None for all else."""
    past = vocabulary(base).dates.past
    rest = [word for word in tokens if word not in past]
    number = _weekday_alone(rest, base) if len(rest) < len(tokens) else None
    return None if number is None else today - timedelta(days=(today.weekday() - number) % 7 or 7)


def _weekday_alone(tokens: list[str], base: str) -> int | None:
    """Return the weekday that tokens name, with small words of dates round it; None for anything else."""
    words = vocabulary(base).dates
    passed = words.linking | words.pointing | words.filler
    for start in range(len(tokens)):
        number, length = starts_with_weekday(tokens[start:], base, short=True)
        if number is not None:
            return number if passed.issuperset(tokens[start + length :]) else None
        if tokens[start] not in passed:
            return None
    return None


_SHORT = re.compile(r"([^\W\d_]{2,4})(\.?)")
_SHORTEST: Final = 3
"""Letters of a short weekday without its dot: shorter ones are other words too easily ('so', 'do')."""


def short_weekday(typed: str, today: date, base: str) -> date | None:
    """Read a weekday in its short form and nothing else: 'mon.', 'seg'; None for all else.

    English ones need their dot: 'sun' and 'sat' are words. What is a month too ('mar') names none.
    """
    found = _SHORT.fullmatch(typed.strip())
    key = fold(found[1]) if found else ""
    number = weekdays(base)[1].get(key)
    if found is None or number is None or key in months(base):
        return None
    is_bare = not found[2]
    if is_bare and (base == "en" or len(key) < _SHORTEST or key in vocabulary(base).ordinary):
        return None
    return today + timedelta(days=(number - today.weekday()) % 7 or 7)


_LAST: Final = -1


def numbered_weekday(tokens: list[str], today: date, base: str) -> date | None:
    """Read 'third Tuesday of September', with a year or as the next one from today on; 'last' for the last."""
    words = vocabulary(base)
    place = _LAST if tokens[0] in words.last else _ordinal(tokens[0], base)
    weekday, length = starts_with_weekday(tokens[1:], base)
    if place is None or not _LAST <= place <= 5 or weekday is None:  # noqa: PLR2004 - of a weekday in a month
        return None
    dated = _month_and_year(tokens[1 + length :], base)
    if dated is None:
        return None
    month, year = dated
    if year is not None:
        return weekday_of_month(year, month, weekday, place)
    found = (weekday_of_month(today.year + later, month, weekday, place) for later in range(9))
    return next((day for day in found if day is not None and day >= today), None)


def _month_and_year(tokens: list[str], base: str) -> tuple[int, int | None] | None:
    """Return the month that the tokens name, with its year if there is one; None for anything else."""
    words = vocabulary(base).dates
    passed = words.linking | words.pointing | words.ahead
    left = [token for token in with_months(tokens, base) if token not in passed]
    month = months(base).get(left[0]) if left else None
    if month is None or any(not is_year(token) for token in left[1:]) or len(left) > 2:  # noqa: PLR2004 - month, year
        return None
    return month, int(left[1]) if len(left) > 1 else None


def _ordinal(word: str, base: str) -> int | None:
    """Return the place that an ordinal names ('third', 'primeira'); None for none."""
    if word.isdecimal():
        return None
    return word_ordinal(word, base)


def is_year(token: str) -> bool:
    """Return whether a token is a year in four digits."""
    return token.isdecimal() and len(token) == 4 and token[0] in "12"  # noqa: PLR2004 - digits of a year
