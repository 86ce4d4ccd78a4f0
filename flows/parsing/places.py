"""Read where somebody is, for their time zone: a city or country in any of our languages, or what their clock says."""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale

from flows.parsing.clock_offsets import offset_told, with_sign_words
from flows.parsing.place_names import places_file
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import languages, phrases, vocabulary
from flows.schedule.time_zones import cities_in, offset_of, zones_at, zones_of
from flows.text.emoji import without_emoji
from flows.text.folding import fold

_LONGEST = 60
"""Characters, as for the other words that work everywhere."""
_HALF = r"(?:(?P<half>[ap])\s?m)"
_CLOCK = re.compile(
    rf"(?:^|\s)(?P<hours>\d{{1,2}})(?:[\sh](?P<minutes>\d{{2}})\s*{_HALF}?|\s*{_HALF.replace('half', 'of')})(?:\s|$)"
)
"""A time of day in folded words, in which a colon is a space; minutes are only left out before 'am' and 'pm'."""
_BARE_OFFSET = re.compile(
    r"\s*(?:utc|gmt|[غج]ريني?تش)\s*[+\u2212-]?\s*\d{1,2}(?:[:.]?\d{1,2})?\s*$", re.IGNORECASE
)
"""'UTC+2' and no more: an answer to no question about one's health, so whoever writes it tells their time zone."""
_MOST_BETWEEN = 2
"""Words between those for 'time zone' and the place, such as 'is now'."""
_NEAR = timedelta(minutes=20)
"""How far a clock may be off that somebody reads."""
_DAY = timedelta(days=1)
_NOON = 12


class NamedClock(NamedTuple):
    """Hold what somebody calls their clock by: its offset from UTC ('UTC+2'), else a zone where it is right ('CET').

    The zone is 'UTC' for UTC itself. Many more places have that time: which is theirs must be asked.
    """

    offset: timedelta | None
    zone: str | None = None

    def offset_at(self, now: datetime) -> timedelta:
        """Return how far this clock is from UTC now."""
        return self.offset if self.offset is not None else offset_of(self.zone or "UTC", now)

    def zones(self, near: tuple[str, ...], now: datetime) -> tuple[str, ...]:
        """Return the zones that may be meant now, one for each course of clocks: of those in `near`, else of all."""
        places = tuple(zone for zone in (*near, self.zone or "") if "/" in zone)
        return zones_at(self.offset_at(now), places, now)


def zones_named(text: str) -> tuple[str, ...]:
    """Return the time zones that a text names: of a city one, of a country all of its; none where it names none."""
    if len(text) > _LONGEST:
        return ()
    key = fold(without_emoji(text))
    names, plain = _names(), plainly(key) or key
    return next((names[name] for name in (key, plain, _last_part(plain, names)) if name in names), ())


def asked_zone(text: str) -> tuple[str, ...]:
    """Return the time zones of the place in a message such as 'time zone Vienna'; none where it is not of this form.

    'Time zone changes made me tired in Spain' is an answer: few words stand between a wish and its place.
    """
    rest = _after_phrase(text)
    if not rest:
        return ()
    words, names = (plainly(rest) or rest).split(), _names()
    ends = (" ".join(words[count:]) for count in range(_MOST_BETWEEN + 1))
    return next((names[end] for end in (rest, *ends) if end in names), ())


def told_clock(text: str) -> NamedClock | None:
    """Return the clock that a text names, by its offset or by what it is called; None where it names none.

    A city that is named with it counts more: then it is None.
    """
    if len(text) > _LONGEST:
        return None
    offset = offset_told(text)
    if offset is not None:
        named = zones_named(text)
        return None if named and _clock_called(text) is None else NamedClock(offset)
    zone = _clock_called(text)
    return None if zone is None else NamedClock(None, zone)


def is_clock(text: str) -> bool:
    """Return whether a text is a clock's name or offset and nothing else, which is never part of a story."""
    return len(text) <= _LONGEST and (offset_told(text) is not None or fold(text) in _clocks())


def is_offset_alone(text: str) -> bool:
    """Return whether a text is 'UTC+2' or the like and no more: it needs no words for 'time zone' before it."""
    return _BARE_OFFSET.match(text) is not None


def asked_clock(text: str) -> NamedClock | None:
    """Return the clock in a message such as 'time zone UTC+2', or just 'UTC+2'; None where it is not of this form."""
    if is_offset_alone(text):
        return told_clock(text)
    rest = _after_phrase(with_sign_words(text)) if is_zone_wish(text) else None
    if not rest:
        return None
    offset = offset_told(rest)
    words = (plainly(rest) or rest).split()
    ends = (" ".join(words[count:]) for count in range(_MOST_BETWEEN + 1))
    zone = next((_clocks()[end] for end in ends if end in _clocks()), None)
    return None if offset is None and zone is None else NamedClock(offset, zone)


def is_zone_wish(text: str) -> bool:
    """Return whether a text begins with the words for 'time zone'."""
    return _after_phrase(text) is not None


def names_zone(text: str) -> bool:
    """Return whether a message is the wish for a time zone that it names, by a place or by a clock."""
    return bool(asked_zone(text)) or asked_clock(text) is not None


def beside_zone(text: str) -> str:
    """Return what a wish for a time zone says beside these words, folded; any other text as it is.

    For whoever scans for illnesses: the first word of 'zona horaria' is one in French.
    """
    rest = _after_phrase(text)
    is_all = rest is not None and (not rest or zones_named(rest) or asked_clock(text) is not None)
    return rest if rest is not None and is_all else text


def _after_phrase(text: str) -> str | None:
    """Return what follows the words for 'time zone' that a text begins with, folded; None where it does not."""
    if len(text) > _LONGEST or (text.isascii() and not _has_an_end(text)):
        return None
    key = fold(without_emoji(text))
    known = _openers().get(key.partition(" ")[0], ())
    phrase = next((one for one in known if key == one or key.startswith(f"{one} ")), None)
    return None if phrase is None else key[len(phrase) + 1 :]


def zone_by_clock(text: str, zones: tuple[str, ...], now: datetime) -> str | None:
    """Return the one of these zones in which it is the time now that a text tells ('15:05'); None for none of them.

    Where it is that time nowhere, '3:05' is taken as 15:05: many write no 'pm'.
    """
    found = _CLOCK.search(fold(without_emoji(text)))
    if found is None:
        return None
    hours, minutes, half = int(found["hours"]), int(found["minutes"] or 0), found["half"] or found["of"]
    if half is not None:
        hours = hours % _NOON + (_NOON if half == "p" else 0)
    later = (hours + _NOON,) if half is None and hours <= _NOON else ()
    nearest = (_nearest(timedelta(hours=hour, minutes=minutes), zones, now) for hour in (hours, *later))
    return next(filter(None, nearest), None)


def _nearest(told: timedelta, zones: tuple[str, ...], now: datetime) -> str | None:
    """Return the zone whose clocks are nearest to a time of day; None where none is near."""
    off = {zone: _apart(told, now, zone) for zone in zones}
    nearest = min(zones, key=lambda zone: off[zone], default=None)
    return nearest if nearest is not None and off[nearest] <= _NEAR else None


def _apart(told: timedelta, now: datetime, zone: str) -> timedelta:
    """Return how far a time of day is from what clocks in a zone show, at most half a day."""
    utc = now.astimezone(ZoneInfo("UTC"))
    here = (timedelta(hours=utc.hour, minutes=utc.minute) + offset_of(zone, now)) % _DAY
    apart = (told - here) % _DAY
    return min(apart, _DAY - apart)


def _last_part(key: str, names: Container[str]) -> str:
    """Return the last words of a reply such as 'i am in vienna': a place of up to three words; '' for none."""
    words = key.split()
    ends = (" ".join(words[-count:]) for count in (3, 2, 1) if len(words) > count)
    return next((end for end in ends if end in names), "")


def _clock_called(text: str) -> str | None:
    """Return the zone of the clock whose name is all of a text, or its end; None for none."""
    key = fold(without_emoji(text))
    plain = plainly(key) or key
    end = _last_part(plain, _names())
    return next((_clocks()[name] for name in (key, plain, end) if name in _clocks()), None)


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    """Map the folded names of cities and countries, in every language that has a vocabulary, to their zones.

    The file of places wins over the names of the time zone database.
    """
    known = available_timezones()
    table = dict(_further_names())
    for zone in sorted(known):
        table.setdefault(fold(zone), (zone,))
        if "/" in zone and not zone.startswith("Etc/"):
            table.setdefault(fold(zone.rpartition("/")[2]), (zone,))
    for language in languages():
        for zone, city in cities_in(language):
            if zone in known and not zone.startswith("Etc/"):
                table.setdefault(fold(city), (zone,))
        for country, name in Locale(language).territories.items():
            zones = zones_of(country)
            if zones:
                table.setdefault(fold(name), zones)
    return table


def _further_names() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the folded names of the file of places, each with its time zones."""
    file = places_file()
    for zone, names in file.cities.items():
        for name in phrases(names):
            yield name, (zone,)
    for name, zone in _clocks().items():
        yield name, (zone,)
    for country, names in file.countries.items():
        for name in phrases(names):
            yield name, zones_of(country)


@cache
def _clocks() -> Mapping[str, str]:
    """Map the folded names of clocks in the file of places to a zone in which each is right."""
    return {name: zone for zone, names in places_file().clocks.items() for name in phrases(names)}


def _has_an_end(text: str) -> bool:
    """Return whether the last word of some phrase for 'time zone' is in a text without accents.

    Nearly every message is asked whether it begins with such a phrase, and folding it takes longer than this.
    """
    lowered = text.lower()
    for end in _ends():  # noqa: SIM110 - `any` takes three times as long
        if end in lowered:
            return True
    return False


@cache
def _ends() -> tuple[str, ...]:
    ends = {phrase.split()[-1] for known in _openers().values() for phrase in known}
    return tuple(sorted(end for end in ends if end.isascii()))


@cache
def _openers() -> Mapping[str, tuple[str, ...]]:
    """Group the phrases for 'time zone' in every language by their first word, the longest first."""
    phrases = {phrase for name in languages() for phrase in vocabulary(name).globals["time_zone"]}
    table: dict[str, tuple[str, ...]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        first = phrase.split()[0]
        table[first] = (*table.get(first, ()), phrase)
    return table
