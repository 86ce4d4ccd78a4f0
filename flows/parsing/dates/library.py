"""Read dates in words by dateparser, for languages that have no vocabulary of their own."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Literal

from flows.heavy_packages import load
from flows.parsing.dates.names import months, spelled_out

_InYear = Callable[[int | None, int, int, date], date | None]


def day_by_library(tokens: list[str], today: date, base: str, in_year: _InYear) -> date | None:
    """Read a relative or written-out date; `in_year` returns a month's day in a year, or the next one.

    All numbers must be in the date, or something else was meant.
    """
    if not 1 <= len(tokens) <= 6 or sum(map(len, tokens)) < 4:  # noqa: PLR2004 - 'in two weeks from today'; 'a'
        return None
    spelled = [spelled_out(token, base) for token in tokens]
    numbers = {int(token) for token in spelled if token.isdecimal()}
    month = next((token for token in spelled if token in months(base)), None)
    if month is None:
        day = _parsed(" ".join(spelled), today, base, "relative-time")
        return day if day is not None and _accounts_for(numbers, day, today) else None
    if not numbers:
        return None
    day = _parsed(" ".join(spelled), today, base, "absolute-time")
    # All that was typed must be in the date, or something else was meant ('1 March at 5').
    if day is None or not numbers <= {day.day, day.year, day.year % 100}:
        return None
    return day if len(numbers) > 1 else in_year(None, day.month, day.day, today)


def _accounts_for(numbers: set[int], day: date, today: date) -> bool:
    """Tell whether the only number typed is the distance to the day, so that '5 a day' is no date."""
    days = abs((day - today).days)
    months = abs((day.year - today.year) * 12 + day.month - today.month)
    return len(numbers) <= 1 and all(number in {days, days / 7, months, months / 12} for number in numbers)


def _parsed(
    phrase: str, today: date, base: str, parser: Literal["relative-time", "absolute-time"]
) -> date | None:
    """Return the day that dateparser finds with one of its parsers.

    None if it finds none, or one beyond the calendar.
    """
    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "future",
        "PREFER_DAY_OF_MONTH": "first" if parser == "absolute-time" else "current",
        "PREFER_MONTH_OF_YEAR": "first" if parser == "absolute-time" else "current",
        "DATE_ORDER": "DMY",
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "PARSERS": [parser],
    }
    known = base if base in load("dateparser.data.languages_info").language_order else "en"
    try:
        parser_of_language = load("dateparser.date").DateDataParser(languages=[known], settings=settings)
        found: datetime | None = parser_of_language.get_date_data(phrase).date_obj
    except (ValueError, OverflowError):
        return None  # a day beyond the calendar
    return None if found is None else found.date()
