"""Read spans of time and moments as people type them at the command line: `30d`, `3h`, `90m`, `2w`, `1d12h`."""

import re
from datetime import UTC, date, datetime, timedelta

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_SPAN = re.compile(r"(?:\d{1,5}[wdhm])+")
_PART = re.compile(r"(\d{1,5})([wdhm])")


def parse_duration(text: str) -> timedelta | None:
    """Read the span of time that a text names in weeks, days, hours and minutes; None if it names none.

    >>> parse_duration("1d12h")
    datetime.timedelta(days=1, seconds=43200)
    """
    plain = text.strip().lower()
    if _SPAN.fullmatch(plain) is None:
        return None
    parts = [timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PART.findall(plain)]
    try:
        return sum(parts, timedelta())
    except OverflowError:
        return None


def parse_moment(text: str) -> datetime | None:
    """Read the moment that a date or an ISO 8601 time names, in UTC where no offset is given; None if it names none.

    >>> parse_moment("2026-03-02").isoformat()
    '2026-03-02T00:00:00+00:00'
    """
    plain = text.strip()
    try:
        day = date.fromisoformat(plain)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(plain)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the last hours of the year 9999 have no such time in UTC
        return None
