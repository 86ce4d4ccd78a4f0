"""Choose the time zones that somebody in one of some countries may be in, and name the city of one.

A zone is always an IANA name, never a bare offset: what the clock shows there in another season follows from it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError, get_global

_FEW_PEOPLE: Final = frozenset(
    {
        "America/Adak",
        "America/Phoenix",
        "America/Atikokan",
        "America/Blanc-Sablon",
        "America/Creston",
        "America/Dawson",
        "America/Dawson_Creek",
        "America/Fort_Nelson",
        "America/Regina",
        "America/Swift_Current",
        "America/Whitehorse",
        "America/Ciudad_Juarez",
        "America/Matamoros",
        "America/Ojinaga",
        "America/Coyhaique",
        "America/Punta_Arenas",
        "Antarctica/Macquarie",
        "Australia/Eucla",
        "Australia/Hobart",
        "Australia/Lord_Howe",
        "Europe/Simferopol",
    }
)
"""Where clocks agree, for half a year or more, with those of far more people in the country: these come after the
others, whose name stands for both where they agree all year.
"""
_HARDLY_ANYBODY: Final = frozenset(
    {
        "America/Adak",
        "America/Atikokan",
        "America/Blanc-Sablon",
        "America/Coyhaique",
        "America/Creston",
        "America/Dawson",
        "America/Dawson_Creek",
        "America/Fort_Nelson",
        "America/Ojinaga",
        "Antarctica/Macquarie",
        "Australia/Eucla",
        "Australia/Lord_Howe",
    }
)
"""Not offered beside a larger place of the country that has the same time now: who is there can type it."""
_LARGEST: Final = (
    *(
        "Asia/Shanghai",
        "Asia/Kolkata",
        "Asia/Tokyo",
        "Asia/Jakarta",
        "Asia/Karachi",
        "Asia/Dhaka",
        "Asia/Dubai",
    ),
    *("Asia/Riyadh", "Asia/Tehran", "Asia/Bangkok", "Asia/Jerusalem", "Asia/Beirut"),
    *(
        "Europe/London",
        "Europe/Berlin",
        "Europe/Athens",
        "Europe/Istanbul",
        "Europe/Moscow",
        "Atlantic/Azores",
    ),
    *(
        "Africa/Lagos",
        "Africa/Cairo",
        "Africa/Johannesburg",
        "Africa/Nairobi",
        "Africa/Casablanca",
        "Africa/Abidjan",
    ),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Halifax", "America/Mexico_City", "America/Bogota"),
    *("America/Caracas", "America/Sao_Paulo", "America/Santiago"),
    *("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth", "Pacific/Auckland"),
)
"""Cities whose names tell most people what time is meant, where only the time is known."""
MOST_OFFERED: Final = 12
"""Times to choose from, at most."""
_SEASONS: Final = (1, 4, 7, 10)
"""Months whose clocks tell zones apart."""
_WEEK: Final = timedelta(weeks=1)
_WEEKS: Final = 53
"""What a year is looked at by: no summer time begins or ends for less than a week."""


def zones_to_offer(countries: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return a zone for each course that clocks in these countries (`GB`) take in a year, the earliest time now first.

    Of zones whose clocks agree all year the first of the first country is taken; those that agree now and not in
    another season are all offered. Where there are more than `MOST_OFFERED`, those that agree now with another are left
    out first, then the smallest of each country. None where the countries are not known.
    """
    return _zones_to_offer(countries, int(now.timestamp()) // 3600)


def differing(zones: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Return the first of these zones for each course that clocks take in the year from now on, in this order.

    Left out are those in which hardly anybody is, where an earlier one has the same time now.
    """
    found: dict[tuple[timedelta, ...], str] = {}
    shown: set[timedelta] = set()
    for zone in zones:
        offset = offset_of(zone, now)
        if zone not in _HARDLY_ANYBODY or offset not in shown:
            found.setdefault(clocks_of(zone, now), zone)
        shown.add(offset)
    return tuple(found.values())


def zones_at(offset: timedelta, near: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return zones whose clocks are this far from UTC now, one for each course that they take in the year.

    They are of those in `near` where it is that time there, else of all; none where it is that time nowhere.
    """
    for zones in (near, _well_known()):
        found = differing((zone for zone in zones if offset_of(zone, now) == offset), now)
        if found:
            return found[:MOST_OFFERED]
    return ()


def clocks_of(zone: str, now: datetime) -> tuple[timedelta, ...]:
    """Return how far a zone's clocks are from UTC now, and in each week of the year from now on."""
    return _clocks_of(zone, int(now.timestamp()) // 3600)


@lru_cache(maxsize=2048)
def _clocks_of(zone: str, hour: int) -> tuple[timedelta, ...]:
    now = datetime.fromtimestamp(hour * 3600, ZoneInfo("UTC"))
    return tuple(offset_of(zone, now + week * _WEEK) for week in range(_WEEKS))


@lru_cache(maxsize=256)
def _zones_to_offer(countries: tuple[str, ...], hour: int) -> tuple[str, ...]:
    """Return what `zones_to_offer` does, `hour` whole hours after 1970."""
    now = datetime.fromtimestamp(hour * 3600, ZoneInfo("UTC"))
    found: dict[tuple[timedelta, ...], tuple[bool, int, str]] = {}
    shown: set[timedelta] = set()
    for country in countries:
        for place, zone in enumerate(differing(zones_of(country), now)):
            offset = offset_of(zone, now)
            found.setdefault(clocks_of(zone, now), (offset in shown, place, zone))
            shown.add(offset)
    largest = sorted(found.values(), key=lambda one: one[:2])[:MOST_OFFERED]
    return tuple(sorted((zone for _, _, zone in largest), key=lambda zone: offset_of(zone, now)))


def countries_meant(zone: str, countries: tuple[str, ...], asked_at: datetime) -> frozenset[str]:
    """Return those of the countries in which somebody may be who has chosen a zone out of `zones_to_offer`.

    One choice stands for all whose clocks agree at some time of that year. None where the zone is none of the choices:
    then its city was named, or an app told it.
    """
    moments = [asked_at, *(asked_at.replace(month=month, day=1) for month in _SEASONS)]
    if not any(zone in zones_to_offer(countries, moment) for moment in moments):
        return frozenset()
    return frozenset(
        country
        for country in countries
        if any(offset_of(zone, at) == offset_of(one, at) for one in zones_of(country) for at in moments)
    )


def offset_of(zone: str, now: datetime) -> timedelta:
    """Return how far a zone's clocks are from UTC at a moment."""
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def zones_of(country: str) -> tuple[str, ...]:
    """Return the zones of a country (`GB`), the largest first; none where it is not known."""
    return _zones_by_country().get(country, ())


def city_of(zone: str, language: str) -> str:
    """Return the name of the city that a zone is called after, in a language where it has one there."""
    return _cities(language).get(zone) or zone.rpartition("/")[2].replace("_", " ")


@cache
def _cities(language: str) -> Mapping[str, str]:
    """Map zones to the names of their cities in a language, as far as Babel has them."""
    return dict(cities_in(language))


def cities_in(language: str) -> Iterator[tuple[str, str]]:
    """Yield each zone whose city has a name of its own in a language, with that name."""
    try:
        zones = Locale.parse(language, sep="-").time_zones
    except (UnknownLocaleError, ValueError):
        return
    for zone, names in zones.items():
        if "city" in names:
            yield zone, names["city"]


@cache
def _well_known() -> tuple[str, ...]:
    """Return the zones by which computers everywhere are set: those of many people, the largest first."""
    named = set(get_global("windows_zone_mapping").values()).difference(_LARGEST)
    return (*_LARGEST, *sorted(zone for zone in named if not zone.startswith("Etc/")))


@cache
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """Map countries to their zones in the order of the time zone database, those of many people first."""
    table: dict[str, list[str]] = {}
    listed = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table.setdefault(country, []).append(zone)
    well_known = frozenset(_well_known())
    return {
        country: tuple(sorted(zones, key=lambda zone: (zone in _FEW_PEOPLE, zone not in well_known)))
        for country, zones in table.items()
    }
