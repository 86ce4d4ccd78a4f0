"""Compute local times from a given now. Moments go in and come out aware and in UTC; zones are IANA names.

A local time that the clocks leave out (spring) means the first moment after the gap; one that they repeat
(autumn) means the first of the two. Nothing here reads a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.program.weekdays import Weekday

if TYPE_CHECKING:
    from flows.program.model import Window

_WEEKDAYS: Final = tuple(Weekday)
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_SMALLEST: Final = timedelta(microseconds=1)

EVENING: Final = time(19)
"""What 'this evening' means: after work and the usual dinner, before most people put the telephone away."""

EVENING_UNTIL: Final = time(18)
"""From here on 'this evening' is too near to be worth offering."""

MORNING: Final = time(10)
"""What a bare day ('tomorrow', 'Monday') means."""


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """Return the zone of that name."""
    return ZoneInfo(name)


def known_zone(*names: str | None) -> str:
    """Return the first of these zones that this system knows, else UTC: for what is only planned, and decided later."""
    return next((name for name in names if name and is_known(name)), "UTC")


def is_known(name: str) -> bool:
    """Return whether this system has the data of a zone; it may have it later, or no more."""
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # `America` is a folder of zones
        return False
    return True


def local(moment: datetime, zone: str) -> datetime:
    """Return the same moment on the clocks of the zone.

    Raises:
        ValueError: The moment has no time zone, so that nobody can say when it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware moment")
    return moment.astimezone(_zone(zone))


def at_local(day: date, at: time, zone: str) -> datetime:
    """Return the moment when the clocks of the zone show that time on that day.

    Where they skip it, the first moment after the gap; where they show it twice, the first of the two.
    """
    place = _zone(zone)
    first = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=place)
    moment = first.astimezone(UTC)
    if moment.astimezone(place).replace(tzinfo=None) == first.replace(tzinfo=None):
        return moment
    # In a gap, `fold` 0 reads with the offset before it and so lands after it; `fold` 1 the other way round.
    return _first_after_jump(first.replace(fold=1).astimezone(UTC), moment, place)


def _first_after_jump(low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """Return the first moment with another offset than at `low`, found by halving.

    There is one jump between `low` and `high`; both are in UTC.
    """
    before = _offset(low, place)
    while high - low > _SMALLEST:
        middle = low + (high - low) / 2
        if _offset(middle, place) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(moment: datetime, place: ZoneInfo) -> timedelta | None:
    """Return the zone's offset from UTC at a moment."""
    return moment.astimezone(place).utcoffset()


def in_window(moment: datetime, window: "Window", zone: str) -> bool:
    """Tell whether a participant in the zone may be written to of our own accord at the moment."""
    here = local(moment, zone)
    return _open_on(here.date(), window) and window.start <= here.time() < window.end


def _open_on(day: date, window: "Window") -> bool:
    """Tell whether the window is open on a day."""
    return _WEEKDAYS[day.weekday()] in window.days


def next_in_window(moment: datetime, window: "Window", zone: str) -> datetime:
    """Return the moment itself if it is inside the window, else the next opening.

    Raises:
        ValueError: The window does not open in the next 15 days (its end is not after its start, for one).
    """
    if in_window(moment, window, zone):
        return moment.astimezone(UTC)
    today = local(moment, zone).date()
    # Two weeks and a day: a window of one weekday may be closed today already, and lie in a gap a week from
    # now.
    for ahead in range(16):
        openings = [at for at in _openings(today + timedelta(days=ahead), window, zone) if at > moment]
        if openings:
            return min(openings)
    raise ValueError(f"the window {window.start}-{window.end} on {[*window.days]} never opens in {zone}")


def _openings(day: date, window: "Window", zone: str) -> list[datetime]:
    """Return the moments of a day at which the window opens.

    One, or none, or two where the clocks go back across it.
    """
    if not _open_on(day, window):
        return []
    again = datetime.combine(day, window.start, tzinfo=_zone(zone)).replace(fold=1).astimezone(UTC)
    moments = {at_local(day, window.start, zone), again, *_jumps(day, zone)}
    return [at for at in moments if in_window(at, window, zone)]


def _jumps(day: date, zone: str) -> list[datetime]:
    """Return the moment of a day at which the clocks of the zone jump, if they do."""
    place = _zone(zone)
    start = datetime.combine(day, time(), tzinfo=place).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), tzinfo=place).replace(fold=1).astimezone(UTC)
    return [] if _offset(start, place) == _offset(end, place) else [_first_after_jump(start, end, place)]


def wave_due(
    committed_at: datetime, days: int, window: "Window", zone: str, preferred: time | None = None
) -> datetime:
    """Return when a follow-up is due: `days` after the commitment, at the participant's hour, inside the window.

    The participant's hour is `preferred`, or else the local time (to the minute) at which they committed,
    moved into the window. When the window is closed that day, the same hour on the next open day; if the
    clocks skip it there, the next moment inside the window.
    """
    committed = local(committed_at, zone)
    hour = _clamped(preferred or committed.time().replace(second=0, microsecond=0), window)
    day = committed.date() + timedelta(days=days)
    while not _open_on(day, window):
        day += _DAY
    return next_in_window(at_local(day, hour, zone), window, zone)


def _clamped(at: time, window: "Window") -> time:
    """Return the time moved into the window.

    The window's end is not included, so the latest time is an hour before it (or the window's start).
    """
    if window.start <= at < window.end:
        return at
    if at < window.start:
        return window.start
    latest = (datetime.combine(date.min, window.end) + _DAY - timedelta(hours=1)).time()
    return latest if window.start <= latest < window.end else window.start


def reminder_due(sent_at: datetime, days: int, window: "Window", zone: str) -> datetime:
    """Return when a reminder of something sent is due: the same local time `days` later, inside the window."""
    sent = local(sent_at, zone)
    return next_in_window(at_local(sent.date() + timedelta(days=days), sent.time(), zone), window, zone)


def next_allowed(contacts: Sequence[datetime], limit: int, now: datetime) -> datetime:
    """Return the earliest moment, not before now, with fewer than `limit` contacts in the seven days before it.

    A contact counts until exactly seven days have passed. `limit` is at least 1. Later contacts that are
    planned count too once their time has come.
    """
    latest = sorted(contacts)
    moment = now
    while sum(moment - _WEEK < contact <= moment for contact in latest) >= limit:
        moment = min(contact for contact in latest if moment - _WEEK < contact <= moment) + _WEEK
    return moment.astimezone(UTC)


class LaterName(StrEnum):
    """The names of the times that can be tapped when asked when to come back."""

    EVENING = "evening"
    TOMORROW = "tomorrow"
    NEXT_WEEK = "next_week"


@dataclass(frozen=True, slots=True)
class LaterOption:
    """A time to come back that is offered, with its name; `at` is aware and in UTC."""

    name: LaterName
    at: datetime


def later_options(now: datetime, zone: str) -> tuple[LaterOption, ...]:
    """Return the times to come back that are offered, soonest first.

    This evening at 19:00 (not offered from 18:00 on), tomorrow and next Monday at 10:00, all local. Next
    Monday is left out on a Sunday, when it is tomorrow.
    """
    here = local(now, zone)
    today = here.date()
    monday = today + timedelta(days=7 - today.weekday())
    tomorrow = today + _DAY
    options = [LaterOption(LaterName.TOMORROW, at_local(tomorrow, MORNING, zone))]
    if here.time() < EVENING_UNTIL:
        options.insert(0, LaterOption(LaterName.EVENING, at_local(today, EVENING, zone)))
    if monday != tomorrow:
        options.append(LaterOption(LaterName.NEXT_WEEK, at_local(monday, MORNING, zone)))
    return tuple(options)
