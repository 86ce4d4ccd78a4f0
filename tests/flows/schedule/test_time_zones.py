"""Which time zones are offered to choose from, and where somebody may be who has chosen one."""

from datetime import UTC, datetime

import pytest

from flows.schedule.time_zones import MOST_OFFERED, countries_meant, zones_to_offer

JANUARY, JULY = datetime(2026, 1, 15, 12, 5, tzinfo=UTC), datetime(2026, 7, 15, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize("now", [JANUARY, JULY], ids=["January", "July"])
@pytest.mark.parametrize(
    ("country", "most_people", "few"),
    [
        ("US", "America/Los_Angeles", "America/Phoenix"),
        ("CA", "America/Toronto", "America/Blanc-Sablon"),
        ("CA", "America/Vancouver", "America/Whitehorse"),
        ("CA", "America/Winnipeg", "America/Atikokan"),
        ("AU", "Australia/Sydney", "Australia/Lord_Howe"),
        ("UA", "Europe/Kyiv", "Europe/Simferopol"),
    ],
)
def test_clocks_that_agree_for_half_a_year_stand_for_most_people(country, most_people, few, now):
    """Of zones whose clocks agree now that of most people is offered: it stays right for them in the other half."""
    offered = zones_to_offer((country,), now)
    assert most_people in offered
    assert few not in offered or len({zone for zone in offered if zone in (most_people, few)}) == 2


@pytest.mark.parametrize(
    ("zone", "countries", "meant"),
    [
        ("Europe/Berlin", ("DE", "FR", "GB"), {"DE", "FR"}),
        ("Europe/London", ("DE", "FR", "GB"), {"GB"}),
        ("Europe/Paris", ("DE", "FR", "GB"), set()),
        ("Atlantic/Reykjavik", ("IS", "GB", "DE"), {"IS", "GB"}),
        ("Asia/Tokyo", ("DE", "GB"), set()),
    ],
)
def test_where_somebody_may_be_who_chose_a_time(zone, countries, meant):
    """In every country whose clocks agree at some time of the year; a zone that was not on offer was named."""
    assert countries_meant(zone, countries, JULY) == meant


@pytest.mark.parametrize("now", [JANUARY, JULY], ids=["January", "July"])
def test_of_many_times_those_of_most_people_are_offered(now):
    """Not the earliest dozen: that would leave out Sydney and keep a roadhouse."""
    offered = zones_to_offer(("US", "GB", "DE", "JP", "AU", "NZ"), now)
    assert len(offered) == MOST_OFFERED
    assert {"America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland"} <= set(
        offered
    )
    assert "Australia/Eucla" not in offered
