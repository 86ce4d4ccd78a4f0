"""Work out the days that phrases and shortcuts mean: 'tomorrow', 'end of next month', three weeks from today."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, assert_never

ShortcutName = Literal["today", "tomorrow", "end_of_week", "end_of_month", "end_of_next_month"]


def end_of_month(day: date) -> date:
    """Return the last day of the day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later; the last day of the month if that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


def made(year: int, month: int, day: int) -> date | None:
    """Return that day, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shortcut_day(name: str, today: date) -> date:
    """Return the day that a shortcut (`tomorrow`, `end_of_month`) means, said today. A week ends on Sunday."""
    shortcut: ShortcutName = name  # type: ignore[assignment]  # the script's model admits no other
    match shortcut:
        case "today":
            return today
        case "tomorrow":
            return today + timedelta(days=1)
        case "end_of_week":
            return today + timedelta(days=6 - today.weekday())
        case "end_of_month":
            return end_of_month(today)
        case "end_of_next_month":
            return end_of_month(add_months(today.replace(day=1), 1))
        case _:
            assert_never(shortcut)


def _next_week(today: date) -> date:
    """Return the Monday of next week."""
    return today + timedelta(days=7 - today.weekday())


def _next_month(today: date) -> date:
    """Return the first day of next month."""
    return end_of_month(today) + timedelta(days=1)


DayRule = Callable[[date], date]

RULES: Final[Mapping[str, DayRule]] = MappingProxyType(
    {
        "today": lambda today: today,
        "tomorrow": lambda today: today + timedelta(days=1),
        "day_after_tomorrow": lambda today: today + timedelta(days=2),
        "yesterday": lambda today: today - timedelta(days=1),
        "day_before_yesterday": lambda today: today - timedelta(days=2),
        "this_week": lambda today: shortcut_day("end_of_week", today),
        "next_week": _next_week,
        "end_of_next_week": lambda today: _next_week(today) + timedelta(days=6),
        "fortnight": lambda today: today + timedelta(days=14),
        "this_month": end_of_month,
        "next_month": _next_month,
        "end_of_next_month": lambda today: end_of_month(_next_month(today)),
        "this_year": lambda today: date(today.year, 12, 31),
        "next_year": lambda today: date(today.year + 1, 1, 1),
    }
)
"""What each set of phrases in a vocabulary's `dates` means."""


_DISTANCE: Final = re.compile(r"(\d+)([dwmy])")


def at_distance(today: date, count: int, distance: str) -> date | None:
    """Return the day so many times a distance ('2w', '1m') from today; None beyond the calendar.

    A negative count goes back.
    """
    found = _DISTANCE.fullmatch(distance)
    if found is None:
        return None
    total = count * int(found[1])
    try:
        match found[2]:
            case "d":
                return today + timedelta(days=total)
            case "w":
                return today + timedelta(weeks=total)
            case "m":
                return add_months(today, total)
            case _:
                return add_months(today, total * 12)
    except (ValueError, OverflowError):
        return None


def weekday_of_month(year: int, month: int, weekday: int, place: int) -> date | None:
    """Return the first, second ... such weekday of a month by its place from 1, the last for -1; None for none."""
    first = date(year, month, 1)
    days = range((weekday - first.weekday()) % 7 + 1, end_of_month(first).day + 1, 7)
    found = list(days)[place - 1 if place > 0 else place :][:1]
    return date(year, month, found[0]) if found else None


def next_numbered(number: int, today: date) -> date | None:
    """Return the next day with this number in its month."""
    if not 1 <= number <= 31:  # noqa: PLR2004 - days of a month
        return None
    first = today.replace(day=1)
    candidates = (
        made(month.year, month.month, number) for later in range(3) for month in [add_months(first, later)]
    )
    return next((day for day in candidates if day is not None and day >= today), None)
