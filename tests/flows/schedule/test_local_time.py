from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.program.model import Weekday, Window
from flows.schedule.local_time import (
    LaterName,
    at_local,
    in_window,
    later_options,
    local,
    next_allowed,
    next_in_window,
    reminder_due,
    wave_due,
)

ZONES = [
    *("Asia/Kolkata", "Asia/Kathmandu", "Australia/Eucla", "America/St_Johns", "Australia/Lord_Howe"),
    *("Europe/Vienna", "America/New_York", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "UTC"),
]
DEFAULT = Window()

zones = st.sampled_from(ZONES)
_FIRST, _LAST = datetime(2011, 6, 1), datetime(2032, 12, 31)  # noqa: DTZ001 - made aware below
moments = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))
hours = st.times().map(lambda at: at.replace(microsecond=0))


@st.composite
def windows(draw):
    start, end = sorted((draw(hours), draw(hours)))
    assume(start < end)
    days = draw(st.lists(st.sampled_from(list(Weekday)), min_size=1, unique=True))
    return Window(days=tuple(days), start=start, end=end)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 2, 2), time(14), "Europe/Vienna", "2026-02-02T13:00"),
        (date(2026, 7, 2), time(14), "Europe/Vienna", "2026-07-02T12:00"),
        (date(2026, 7, 2), time(14), "Asia/Kathmandu", "2026-07-02T08:15"),
        (
            date(2026, 3, 29),
            time(2, 30),
            "Europe/Vienna",
            "2026-03-29T01:00",
        ),  # skipped: 3:00 is the first after it
        (
            date(2026, 10, 25),
            time(2, 30),
            "Europe/Vienna",
            "2026-10-25T00:30",
        ),  # twice: the first, in summer time
        (date(2026, 3, 8), time(2), "America/New_York", "2026-03-08T07:00"),
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", "2026-10-03T15:30"),  # a gap of half an hour
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45"),
        (date(2011, 12, 30), time(12), "Pacific/Apia", "2011-12-30T10:00"),  # a whole day left out
        (date(2028, 2, 29), time(12), "UTC", "2028-02-29T12:00"),
    ],
)
def test_local_time(day, at, zone, expected):
    """A skipped local time is the first moment after the gap, one that comes twice the first of the two."""
    assert at_local(day, at, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(st.dates(date(2011, 6, 1), date(2032, 12, 31)), hours, zones)
def test_local_time_round_trip(day, at, zone):
    """The clocks show what was asked for, or lie right behind a jump; the microsecond before is never
    later.
    """
    moment = at_local(day, at, zone)
    shown = local(moment, zone).replace(tzinfo=None)
    asked = datetime.combine(day, at)
    assert moment.tzinfo is UTC
    assert shown >= asked
    if shown != asked:
        assert local(moment - timedelta(microseconds=1), zone).replace(tzinfo=None) < asked


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-02-02T13:00", "2026-02-02T13:00"),  # Monday 14:00 in Vienna: inside
        ("2026-02-02T10:59", "2026-02-02T11:00"),  # before: today's opening
        ("2026-02-02T18:00", "2026-02-03T11:00"),  # 19:00: the end is not included
        ("2026-02-05T18:30", "2026-02-09T11:00"),  # Thursday evening: Monday
        ("2026-03-26T18:30", "2026-03-30T10:00"),  # over the change to summer time
        ("2026-10-22T17:30", "2026-10-26T11:00"),  # and back
    ],
)
def test_next_in_window(moment, expected):
    """A moment inside stays; another goes to the next opening, by the local clock."""
    moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert next_in_window(moment, DEFAULT, "Europe/Vienna") == datetime.fromisoformat(expected).replace(
        tzinfo=UTC
    )


@given(moments, windows(), zones)
def test_next_in_window_is_inside_and_idempotent(moment, window, zone):
    """What comes out is inside the window, not before what went in, and stays where it is."""
    due = next_in_window(moment, window, zone)
    assert due >= moment
    assert in_window(due, window, zone)
    assert next_in_window(due, window, zone) == due


@given(moments, st.integers(0, 14 * 24 * 60), windows(), zones)
def test_next_in_window_keeps_the_order(moment, minutes, window, zone):
    """A later moment never goes out before an earlier one."""
    later = moment + timedelta(minutes=minutes)
    assert next_in_window(moment, window, zone) <= next_in_window(later, window, zone)


@given(st.sampled_from(["2026-10-25", "2026-11-01", "2026-04-05", "2026-03-29", "2026-10-04"]), st.data())
def test_order_holds_while_clocks_change(day, data):
    """The order holds minute by minute over a change of the clocks, also with a window that opens inside
    it.
    """
    zone = data.draw(zones)
    start = data.draw(st.integers(0, 4 * 60 - 2))
    end = data.draw(st.integers(start + 1, 4 * 60 - 1))
    window = Window(days=tuple(Weekday), start=time(start // 60, start % 60), end=time(end // 60, end % 60))
    first = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=14)
    dues = [next_in_window(first + timedelta(minutes=20 * step), window, zone) for step in range(90)]
    assert dues == sorted(dues)
    assert all(in_window(due, window, zone) for due in dues)


def test_no_zone_no_guess():
    """A moment without a zone is refused: nobody can say when it is."""
    with pytest.raises(ValueError, match="time zone"):
        in_window(datetime(2026, 2, 2, 12), DEFAULT, "UTC")  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    ("committed", "days", "zone", "preferred", "expected"),
    [
        ("2026-02-02T13:20", 30, "Europe/Vienna", None, "2026-03-04T13:20"),
        ("2026-02-02T13:20:40", 30, "Europe/Vienna", None, "2026-03-04T13:20"),
        (
            "2026-02-02T13:20",
            60,
            "Europe/Vienna",
            None,
            "2026-04-06T12:20",
        ),  # a Friday: Monday, in summer time
        ("2026-02-02T07:00", 30, "Europe/Vienna", None, "2026-03-04T11:00"),  # at 8:00: the window's start
        (
            "2026-02-02T21:30",
            30,
            "Europe/Vienna",
            None,
            "2026-03-04T17:00",
        ),  # at 22:30: an hour before its end
        ("2026-02-02T21:30", 30, "Europe/Vienna", time(15), "2026-03-04T14:00"),
        ("2026-02-02T20:00", 30, "Asia/Kolkata", None, "2026-03-05T06:30"),  # already the third there
        ("2028-01-30T13:00", 30, "UTC", None, "2028-02-29T13:00"),  # a leap day
        ("2026-01-31T13:00", 30, "UTC", None, "2026-03-02T13:00"),  # over a short month
    ],
)
def test_wave_due(committed, days, zone, preferred, expected):
    """So many local days later, at the person's hour, inside the window."""
    committed = datetime.fromisoformat(committed).replace(tzinfo=UTC)
    due = wave_due(committed, days, DEFAULT, zone, preferred)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(moments, st.integers(1, 730), windows(), zones, st.none() | hours)
def test_waves_never_leave_the_window(committed, days, window, zone, preferred):
    """In every zone, over every change of the clocks, month end and leap day, a wave is due inside the
    window.
    """
    due = wave_due(committed, days, window, zone, preferred)
    assert in_window(due, window, zone)
    assert due > committed
    assert timedelta(days=days - 1) <= local(due, zone).date() - local(committed, zone).date() + timedelta(
        days=1
    )
    assert wave_due(committed, days, window, zone, preferred) == due
    assert due <= wave_due(committed, days + 1, window, zone, preferred)


@given(moments, st.integers(1, 30), windows(), zones)
def test_reminders_never_leave_the_window(sent, days, window, zone):
    """A reminder is due inside the window, and not before its day."""
    due = reminder_due(sent, days, window, zone)
    assert in_window(due, window, zone)
    assert local(due, zone).date() >= local(sent, zone).date() + timedelta(days=days)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-02-03T09:00", {LaterName.EVENING: "2026-02-03T18:00", LaterName.TOMORROW: "2026-02-04T09:00"}),
        ("2026-02-03T16:59", {LaterName.EVENING: "2026-02-03T18:00"}),
        ("2026-02-03T17:00", {LaterName.EVENING: None, LaterName.TOMORROW: "2026-02-04T09:00"}),
        ("2026-02-03T09:00", {LaterName.NEXT_WEEK: "2026-02-09T09:00"}),
        ("2026-02-08T09:00", {LaterName.NEXT_WEEK: None, LaterName.TOMORROW: "2026-02-09T09:00"}),  # a Sunday
        ("2026-03-28T20:00", {LaterName.TOMORROW: "2026-03-29T08:00"}),  # the night of the change
    ],
)
def test_later(now, expected):
    """This evening, tomorrow and next Monday, by the local clock; what makes no sense is not offered."""
    offered = {
        option.name: option.at
        for option in later_options(datetime.fromisoformat(now).replace(tzinfo=UTC), "Europe/Vienna")
    }
    for name, at in expected.items():
        assert offered.get(name) == (at and datetime.fromisoformat(at).replace(tzinfo=UTC))


@given(moments, zones)
def test_later_is_later(now, zone):
    """Every time that is offered lies ahead, soonest first, and there are at least two but on Sunday
    evenings.
    """
    times = [option.at for option in later_options(now, zone)]
    assert times == sorted(set(times))
    assert times[0] > now


def at(day, hour=12):
    return datetime(2026, 2, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contacts", "limit", "now", "expected"),
    [
        ([], 1, at(10), at(10)),
        ([at(9)], 2, at(10), at(10)),
        ([at(9)], 1, at(10), at(16)),
        ([at(3)], 1, at(10), at(10)),  # exactly seven days ago: no longer counted
        ([at(3, 13)], 1, at(10), at(10, 13)),
        ([at(6), at(7), at(8), at(9)], 4, at(10), at(13)),
        ([at(9), at(6), at(8), at(7)], 2, at(10), at(15)),
        ([at(9), at(12)], 1, at(10), at(19)),  # one that is planned counts once its time has come
    ],
)
def test_next_allowed(contacts, limit, now, expected):
    """The first moment at which the week behind it holds fewer contacts than the limit."""
    assert next_allowed(contacts, limit, now) == expected


@given(st.lists(st.integers(0, 14 * 24), max_size=12), st.integers(1, 5))
def test_budget_is_kept(hours_ago, limit):
    """Then there is room for one more; a minute earlier there was none, unless it is now."""
    now = at(20)
    contacts = [now - timedelta(hours=hours) for hours in hours_ago]
    allowed = next_allowed(contacts, limit, now)
    assert _week_of(contacts, allowed) < limit
    assert allowed == now or _week_of(contacts, allowed - timedelta(minutes=1)) >= limit
    assert next_allowed(contacts, limit, allowed) == allowed


def _week_of(contacts, moment):
    return sum(moment - timedelta(days=7) < contact <= moment for contact in contacts)
