"""Read a day by its distance from today: 'tomorrow', 'in two weeks', 'three days ago', 'end of next month'."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from flows.parsing.dates.day_rules import RULES, DayRule, at_distance
from flows.parsing.number_words import word_number
from flows.parsing.numbers import without_roughly
from flows.parsing.vocabulary import vocabulary


def _without_linking(words: Iterable[str], language: str) -> str:
    """Join the words that are not linking words ('of', 'the') of dates."""
    linking = vocabulary(language).dates.linking
    return " ".join(word for word in words if word not in linking)


@lru_cache(maxsize=64)
def _phrases(language: str) -> Mapping[str, DayRule]:
    """Map the phrases of a language, without their linking words, to the rules that give their day."""
    return {
        _without_linking(phrase.split(), language): RULES[name]
        for name, phrases in vocabulary(language).dates.phrases.items()
        for phrase in phrases
    }


def named_day(key: str, today: date, language: str) -> date | None:
    """Read a phrase such as 'tomorrow' or a time from today, after as few words that change nothing as may be."""
    words, tokens = vocabulary(language).dates, key.split()
    is_ahead = _without_start(key, words.ahead) is not None
    for start in range(len(tokens)):
        rest = tokens[start:]
        relative = None if start and is_ahead else _relative(" ".join(rest), today, language)
        rule = _phrases(language).get(_without_linking(rest, language))
        if rule in _ENDS and _names_start(tokens, language):
            return None  # 'comienzos de este año' is not its end
        if relative is not None or rule is not None:
            return relative or (None if rule is None else rule(today))
        if rest[0] not in words.filler:
            break
    return None


_ENDS: Final = frozenset(RULES[name] for name in ("this_week", "this_month", "this_year"))
"""The rules that give the last day of a span."""


def _names_start(tokens: list[str], language: str) -> bool:
    """Return whether a reply names the start of a span."""
    key = f" {' '.join(tokens)} "
    return any(f" {phrase} " in key for phrase in vocabulary(language).dates.start_of)


_SINGLE: Final = ("today", "tomorrow", "day_after_tomorrow", "yesterday", "day_before_yesterday")
"""The sets of phrases that mean one day, and no span."""


def is_plain_distance(key: str, today: date, language: str) -> bool:
    """Return whether a folded reply names a day by a phrase for that very day, or by a counted distance."""
    words, tokens = vocabulary(language).dates, key.split()
    single = {
        _without_linking(phrase.split(), language) for name in _SINGLE for phrase in words.phrases[name]
    }
    for start in range(len(tokens)):
        rest = tokens[start:]
        if _without_linking(rest, language) in single or _relative(" ".join(rest), today, language):
            return True
        if rest[0] not in words.filler:
            break
    return False


def _relative(key: str, today: date, language: str) -> date | None:
    """Read 'in two weeks', '3 years from today', 'il y a 3 jours' by the words of the language."""
    words = vocabulary(language).dates
    rest, is_ahead = key, False
    for phrase in sorted(words.from_now | words.phrases["today"], key=len, reverse=True):
        if key.endswith(f" {phrase}"):
            rest, is_ahead = key.removesuffix(f" {phrase}"), phrase in words.from_now
            break
    ahead = _without_start(rest, words.ahead)
    ago = None if is_ahead or ahead is not None else _without_end(rest, words.ago)
    distance = ago or ahead or (rest if is_ahead else None)
    return None if distance is None else _at_distance(distance, today, language, back=ago is not None)


def _without_start(key: str, phrases: Iterable[str]) -> str | None:
    """Return a key without the longest of the phrases that it begins with; None where it begins with none."""
    found = (key[len(phrase) + 1 :] for phrase in phrases if key.startswith(f"{phrase} "))
    return min(found, key=len, default=None)


def _without_end(key: str, phrases: Iterable[str]) -> str | None:
    """Return a key without the phrase that it begins or ends with; None where it does with none."""
    ends = (key[: -len(phrase) - 1] for phrase in phrases if key.endswith(f" {phrase}"))
    return _without_start(key, phrases) or min(ends, key=len, default=None)


_ARTICLES: Final = frozenset({"a", "an", "une"})
"""Words for one that are no number words."""


def _at_distance(key: str, today: date, language: str, *, back: bool) -> date | None:
    """Return the day at a distance from today, or so long ago: the key is that of '3 weeks' or 'about a month'."""
    words = vocabulary(language).dates
    tokens = (without_roughly(key) or key).split()
    distance, counted = (
        words.distances.get(tokens[-1]),
        [word for word in tokens[:-1] if word not in _ARTICLES],
    )
    spelled = " ".join(counted)
    number = int(spelled) if spelled.isdecimal() and len(spelled) < 5 else word_number(spelled, language)  # noqa: PLR2004
    if not counted:
        number = 1
    if distance is None or number is None or number > 1000:  # noqa: PLR2004 - nobody plans as far
        return None
    return at_distance(today, -number if back else number, distance)
