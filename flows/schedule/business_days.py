"""Compute business days of a country, and when a safety report is due, from a given moment.

Source of the one business day: the BHBIA's guidance on adverse events in market research,
https://www.bhbia.org.uk/guidelines/abpiadverseeventguidelines/frequentlyaskedquestionsaer.aspx.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flows.heavy_packages import load
from flows.schedule.local_time import at_local, local

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_LONGEST: Final = 60
"""Days in a row without a business day that are believed; more is a wrong calendar."""
BANDS: Final = (1.0, 0.8, 0.5)
"""Shares of a safety report's clock that are told apart, the gravest first."""


def is_business_day(day: date, country: str | None, subdivision: str | None = None) -> bool:
    """Tell whether a day is a business day in a country: neither its weekend nor a public holiday there.

    `country` is an ISO 3166-1 code such as GB; None is Monday to Friday. `subdivision` is a part of it with
    holidays of its own, such as ENG.
    """
    if country is None:
        return day.weekday() < _SATURDAY
    return bool(_calendar(country, subdivision).is_working_day(day))


def report_due(
    stored_at: datetime, zone: str, country: str | None, subdivision: str | None = None
) -> datetime:
    """Return when a safety report is due: the same local time on the next business day after a text was stored.

    The time is that of `zone`; `country` None counts Monday to Friday. What is stored on Friday 17:30 is due on
    Monday 17:30, or on Tuesday where Monday is a holiday. What comes on a weekend is due on the next business
    day too. Where the clocks leave the time out, it is the first moment after the gap.
    """
    stored = local(stored_at, zone)
    day = stored.date() + _DAY
    for _ in range(_LONGEST):
        if is_business_day(day, country, subdivision):
            break
        day += _DAY
    return at_local(day, stored.time(), zone)


def warm(country: str, subdivision: str | None = None) -> None:
    """Load the calendar of a country or a part of it, ahead of the first report that is due by it."""
    _calendar(country, subdivision)


def share_used(opened_at: datetime, due_at: datetime, now: datetime) -> float:
    """Return which part of the time from `opened_at` to `due_at` has gone by now, weekends and all.

    1.0 when it is due, more after; also 1.0 where there is no time between the two.
    """
    whole = (due_at - opened_at).total_seconds()
    return (now.astimezone(UTC) - opened_at).total_seconds() / whole if whole > 0 else 1.0


@lru_cache(maxsize=64)
def _calendar(country: str, subdivision: str | None) -> "HolidayBase":
    """Return the calendar of public holidays and weekends of a country or a part of it."""
    calendar: HolidayBase = load("holidays").country_holidays(country, subdiv=subdivision)
    return calendar
