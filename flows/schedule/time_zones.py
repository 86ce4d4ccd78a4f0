"""Choose the time zones that somebody in one of some countries may be in, and name the city of one.

A zone is always an IANA name, never a bare offset: what the clock shows there in another season follows from it.
"""

from collections.abc import Iterator, Mapping
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
"""Where clocks agree for half a year with those of far more people in the country, who would be offered this name: it
would be wrong for them in the other half. (Hobart's agree all year; its name does not tell people of Sydney.)
"""
MOST_OFFERED: Final = 12
"""Times to choose from, at most."""
_SEASONS: Final = (1, 4, 7, 10)
"""Months whose clocks tell zones apart."""


def zones_to_offer(countries: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return a zone for each time that clocks in these countries (`GB`) show now, the earliest time first.

    Of zones whose clocks agree now the first of the first country is taken; a country's largest come first, and where
    there are more than `MOST_OFFERED` its smallest are left out. None where the countries are not known.
    """
    return _zones_to_offer(countries, int(now.timestamp()) // 3600)


@lru_cache(maxsize=256)
def _zones_to_offer(countries: tuple[str, ...], hour: int) -> tuple[str, ...]:
    """Return what `zones_to_offer` does, `hour` whole hours after 1970."""
    now = datetime.fromtimestamp(hour * 3600, ZoneInfo("UTC"))
    found: dict[timedelta, tuple[int, str]] = {}
    for country in countries:
        for place, zone in enumerate(zones_of(country)):
            found.setdefault(offset_of(zone, now), (place, zone))
    largest = sorted(found.values(), key=lambda one: one[0])[:MOST_OFFERED]
    return tuple(sorted((zone for _, zone in largest), key=lambda zone: offset_of(zone, now)))


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
def _zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """Map countries to their zones in the order of the time zone database, those of many people first."""
    table: dict[str, list[str]] = {}
    listed = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table.setdefault(country, []).append(zone)
    well_known = frozenset(get_global("windows_zone_mapping").values())
    return {
        country: tuple(sorted(zones, key=lambda zone: (zone in _FEW_PEOPLE, zone not in well_known)))
        for country, zones in table.items()
    }
