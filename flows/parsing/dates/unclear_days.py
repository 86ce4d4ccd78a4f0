"""Tell a day that was named in full from one that the words may mean otherwise, and that must be said back.

Theory. A day is named in full by its number and month, with the year or where no such day has just passed; by 'today',
'tomorrow' and the like; and by a counted distance from today ('in two weeks'). All else is said back with its date,
so that a person who meant another day sees it: a weekday ('next Sunday' is the coming one to some and the one after it
to others), a span of which one day is taken ('next month'), a day without its month, digits whose order the language's
locale decides ('03/04/2026'), a year of two digits, and a day more than ten years ago.
"""

import re
from datetime import date, timedelta
from typing import Final

from flows.parsing.dates.named_days import is_plain_distance, named_day
from flows.parsing.dates.names import base_name, joined_numbers, months, spelled_out, with_months
from flows.parsing.vocabulary import others
from flows.text.emoji import without_emoji
from flows.text.folding import fold, plain_digits

_LONG_AGO: Final = timedelta(days=3653)
_JUST_PASSED: Final = timedelta(days=92)
"""A day without its year that lies so close behind today is meant as often as the next one."""
_FULL = re.compile(r"^\D*(\d{4})([-/.])\d{1,2}\2\d{1,2}\D*$")
_NUMERIC = re.compile(r"^\D*(\d{1,2})\s?([-/.])\s?(\d{1,2})(?:\s?[-/.]\s?(\d{4}|\d{2})?)?\D*$")


def is_named_in_full(text: str, day: date, today: date, language: str) -> bool:
    """Return whether a reply in which `day` was found means that day and can mean no other.

    Words of other languages count too: a day may be named in any of them.
    """
    typed = plain_digits(without_emoji(text))
    if today - day > _LONG_AGO:
        return False
    numeric = _NUMERIC.match(typed)
    if numeric is not None and not _FULL.match(typed):
        return _is_sure_in_digits(numeric, day, today)
    with_year = str(day.year) in typed or not _may_be_past(day, today)
    spoken = (base_name(language), *others(language))
    return bool(_FULL.match(typed)) or any(_names(typed, day, today, name, with_year) for name in spoken)


def _names(typed: str, day: date, today: date, base: str, with_year: bool) -> bool:  # noqa: FBT001 - one way to ask
    """Return whether a reply names the day in full in a language; `with_year` says that its year is no matter."""
    joined = joined_numbers(typed, base)
    key = fold(joined)
    if is_plain_distance(key, today, base) and named_day(key, today, base) == day:
        return True
    return with_year and _has_day_and_month(joined, day, base)


def _is_sure_in_digits(numeric: re.Match[str], day: date, today: date) -> bool:
    """Return whether a date in digits means one day alone, in whatever order."""
    first, second, year = int(numeric[1]), int(numeric[3]), numeric[4]
    ordered = numeric[2] == "." or first == second or max(first, second) > 12  # noqa: PLR2004 - months
    if year is None:
        return ordered and not _may_be_past(day, today)
    return ordered and (len(year) == 4 or day.year >= 2000)  # noqa: PLR2004 - a year in full, of this century


def _has_day_and_month(typed: str, day: date, base: str) -> bool:
    """Return whether a folded reply has the number of the day and the name of its month, in the language."""
    tokens = with_months(fold(typed).split(), base)
    spelled = {spelled_out(token, base) for token in tokens}
    named = {months(base).get(token) for token in spelled}
    return day.month in named and str(day.day) in {token.lstrip("0") for token in spelled}


def _may_be_past(day: date, today: date) -> bool:
    """Return whether a day that was named without its year, the next one, lay just behind today a year before."""
    try:
        before = day.replace(year=day.year - 1)
    except ValueError:
        return False  # 29 February
    return day > today and today - before <= _JUST_PASSED
