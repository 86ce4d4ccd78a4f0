"""Where somebody is, in their own words: cities, countries, and the file of further names."""

from collections import Counter
from datetime import timedelta
from zoneinfo import available_timezones

import pytest

from flows.parsing.place_names import places_file
from flows.parsing.places import asked_clock, asked_zone, beside_zone, is_clock, told_clock, zones_named
from flows.parsing.vocabulary import phrases
from flows.schedule.time_zones import zones_of

FILE = places_file()


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Manchester", "Europe/London"),
        ("I live in Munich", "Europe/Berlin"),
        ("München", "Europe/Berlin"),
        ("Milano", "Europe/Rome"),
        ("in Barcelona, please", "Europe/Madrid"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Boston", "America/New_York"),
        ("Mumbai, India", "Asia/Kolkata"),
        ("الرباط", "Africa/Casablanca"),
        ("the UK", "Europe/London"),
        ("Granada", "Europe/Madrid"),
        ("EST", "America/New_York"),
        ("Pacific time", "America/Los_Angeles"),
        ("MESZ", "Europe/Berlin"),
        ("BST", "Europe/London"),
    ],
)
def test_a_place(words, zone):
    """A city that has no time zone of its own name is one all the same, in any of our languages."""
    assert zones_named(words) == (zone,)


def test_a_country_by_its_everyday_name():
    """All of its zones, the largest first."""
    assert zones_named("USA") == zones_named("United States") == zones_of("US")
    assert asked_zone("time zone USA")[0] == "America/New_York"


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("zona horaria Madrid", "madrid"),
        ("Zona horaria", ""),
        ("J'ai un zona", "J'ai un zona"),
        ("Time zone: I want to die in Vienna", "i want to die in vienna"),
        ("zona horaria no la se", "zona horaria no la se"),
        ("zona horaria UTC+2", "utc 2"),
    ],
)
def test_what_is_said_beside_a_wish(words, rest):
    """What is scanned for illnesses and distress is all but the words for a time zone."""
    assert beside_zone(words) == rest


def test_the_file_names_each_place_once():
    """A name stands for one place, whose zone or country is known."""
    cities = [name for names in FILE.cities.values() for name in phrases(names)]
    countries = [name for names in FILE.countries.values() for name in phrases(names)]
    clocks = [name for names in FILE.clocks.values() for name in phrases(names)]
    assert [name for name, times in Counter([*cities, *countries, *clocks]).items() if times > 1] == []
    assert {*FILE.cities, *FILE.clocks} <= available_timezones()
    assert all(zones_of(country) for country in FILE.countries)


@pytest.mark.parametrize(
    ("words", "zones"),
    [
        ("my time zone is Berlin", ("Europe/Berlin",)),
        ("Zeitzone ist jetzt Wien, bitte", ("Europe/Vienna",)),
        ("time zone differences with my doctor in Berlin", ()),
        ("Time zone changes made me tired in Spain", ()),
        ("التوقيت لم يكن مناسبا لي في القاهرة", ()),
    ],
)
def test_a_wish_is_short(words, zones):
    """An answer that begins with these words and ends with a place is no wish for a time zone."""
    assert asked_zone(words) == zones


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("UTC+2", 2),
        ("GMT-5", -5),
        ("gmt − 3", -3),  # noqa: RUF001 - the sign that phones type
        ("+02:00", 2),
        ("-5", -5),
        ("GMT+0530", 5.5),
        ("UTC+5.5", 5.5),
        ("UTC 0", 0),
        ("GMT moins 5", -5),
        ("GMT menos 5", -5),
        ("The time is UTC+2 here", 2),
    ],
)
def test_an_offset(words, hours):
    """A number of hours with its sign, named or not."""
    clock = told_clock(words)
    assert clock is not None
    assert (clock.offset, is_clock(words)) == (timedelta(hours=hours), True)


@pytest.mark.parametrize(
    "words",
    ["2", "14:05", "UTC 14:05", "UTC+25", "UTC+2:10", "10-12", "UTC+1 (Berlin)", "Vienna", "x" * 99, ""],
)
def test_no_clock(words):
    """Numbers of choices, times of day, what no clock shows, and a city beside it, which tells more."""
    assert (told_clock(words), is_clock(words)) == (None, is_clock(words) and "Berlin" in words)


def test_the_end_of_a_story_is_no_clock():
    """Only a name alone is sure to be one; where a clock is asked for, more is understood."""
    assert not is_clock("I was in Greenwich")
    assert told_clock("we have Eastern time") == (None, "America/New_York")


@pytest.mark.parametrize("words", ["+2", "-5", "CET", "est", "wet", "UTC+1 was too early for me", "GMT", "2"])
def test_what_alone_is_no_wish(words):
    """Without the words for a time zone only 'UTC+2' tells it: all these may be answers."""
    assert asked_clock(words) is None
    assert asked_clock("UTC+2") is not None
