"""Ask what the clock shows where the participant is, so that what we send comes at a good hour there.

Asked once, in one tap, where a follow-up or a reminder will come and nothing tells the time zone: the choices are the
times that it may be now in the program's countries. A city, a country or a time that is typed is understood too.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from flows.engine.effects import NoteZoneAsked, RecordConsent, ScheduleWaves, SendMessage, SetTimeZone
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.later_menu import ask_when_to_come_back
from flows.engine.interruptions.menu import Menu
from flows.engine.state import is_over, sealed
from flows.engine.turn import Turn
from flows.i18n.say import Sentence
from flows.parsing.answers import ReadReply, UnreadReply
from flows.parsing.places import zone_by_clock, zones_named
from flows.program.safety import country_of
from flows.schedule.local_time import local
from flows.schedule.time_zones import MOST_OFFERED, city_of, offset_of, zones_to_offer
from flows.script.model import Purpose

ZONE: Final = "@zone"
"""The slot of the menu, as stored."""
BEFORE_LATER: Final = "@zone.later"
"""The slot of the menu where the question when to come back follows."""
_FEWEST = 2
"""Times to choose from, for there to be a question."""


class ZoneMenu(Menu):
    """Ask which time is nearest to the participant's now. Each button stands for a time zone; its code is the name."""

    slot = ZONE
    sentence = Sentence.ZONE_WHICH

    def label(self, turn: Turn, code: str) -> str:
        """Return the time in the zone called `code` and its city, such as '14:05 Vienna'."""
        return f"{_clock(turn.now, code)} {city_of(code, turn.state.language)}"

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read words as a time of day, a choice of the menu, a city or a country; the value is a zone's name.

        A place that is named counts more than the time beside it, which may be that of a label of an hour ago. A
        country with several times opens the menu anew, with these: the value is then a tuple of zones.
        """
        named = zones_named(text)
        by_clock = zone_by_clock(text, named or codes, turn.now)
        if by_clock is not None:
            return ReadReply(by_clock)
        if named:
            return ReadReply(named)
        chosen = super().read(turn, text, codes)
        return chosen if isinstance(chosen, ReadReply) else UnreadReply(Sentence.ZONE_UNKNOWN)

    def choose(self, turn: Turn, value: Any) -> Reaction:
        """Keep the zone that was chosen, and go on; ask again where a place has several times."""
        zones = value if isinstance(value, tuple) else (value,)
        ask = turn.state.aside
        slot = ZONE if ask is None else turn.state.asks[ask].slot
        if not set_zone(turn, zones, slot):
            return Reaction.TAKEN
        if slot == BEFORE_LATER:
            ask_when_to_come_back(turn)
            return Reaction.TAKEN
        return Reaction.ASK_AGAIN

    def skip(self, turn: Turn) -> Reaction:
        """Leave the zone unknown; where 'later' was said, go on to when to come back."""
        return self._leave(turn) or super().skip(turn)

    def give_up(self, turn: Turn) -> Reaction:
        """Leave the zone unknown after the second reply that told none."""
        return self._leave(turn) or super().give_up(turn)

    def _leave(self, turn: Turn) -> Reaction | None:
        """Go on to when to come back where 'later' was said; None elsewhere."""
        ask = turn.state.aside
        if ask is None or turn.state.asks[ask].slot != BEFORE_LATER:
            return None
        turn.change(aside=None, misses=0)
        ask_when_to_come_back(turn)
        return Reaction.TAKEN


def set_zone(turn: Turn, zones: tuple[str, ...], slot: str = ZONE) -> bool:
    """Keep the participant's zone and say so; return whether it is known now.

    Where clocks in `zones` show several times, the menu is opened with them instead. An open interruption is closed.
    """
    turn.change(aside=None, paused=False, misses=0)
    offered = _differing(zones, turn.now)
    if len(offered) >= _FEWEST:
        ZoneMenu().put(turn, slot, offered)
        return False
    zone = zones[0]
    participant = {**(turn.state.facts.get("participant") or {}), "timezone": zone, "countries": []}
    turn.change(sealed_facts=sealed({**turn.state.facts, "participant": participant}))
    turn.emit(SetTimeZone(zone))
    turn.say(Sentence.ZONE_SET, city=city_of(zone, turn.state.language), time=_clock(turn.now, zone))
    return True


def show_zone(turn: Turn) -> None:
    """Say which zone everything goes by, and open the menu to change it; the zone of now is one of its choices."""
    zone = turn.zone
    turn.say(Sentence.ZONE_NOW, city=city_of(zone, turn.state.language), time=_clock(turn.now, zone))
    if _countries(turn):
        turn.emit(NoteZoneAsked())
    countries = _countries(turn) or (country_of(zone, None) or "",)
    ZoneMenu().put(turn, ZONE, _differing((zone, *zones_to_offer(countries, turn.now)), turn.now))


_MOST = MOST_OFFERED + 1
"""Times on offer, at most: the zone of now stands beside those that are offered."""


def ask_zone_before_later(turn: Turn) -> bool:
    """Ask for the zone before the question when to come back, where it is not known; return whether it was asked."""
    offered = _to_ask(turn)
    if offered:
        _ask(turn, BEFORE_LATER, offered)
    return bool(offered)


def ask_zone_once_needed(turn: Turn) -> None:
    """Ask for the zone before the question that this turn puts, if the turn has led to follow-ups and it is not known.

    That question is sent once this one is over.
    """
    if not _lead_to_follow_ups(turn.effects):
        return
    state = turn.state
    if is_over(state) or state.aside is not None or state.care is not None or state.open is None:
        return
    offered = _to_ask(turn)
    if not offered:
        return
    turn.effects[:] = [
        effect
        for effect in turn.effects
        if not (isinstance(effect, SendMessage) and effect.prompt.ask is not None)
    ]
    _ask(turn, ZONE, offered)


def _ask(turn: Turn, slot: str, offered: tuple[str, ...]) -> None:
    """Open the menu of our own accord, which is done once for a participant."""
    turn.emit(NoteZoneAsked())
    ZoneMenu().put(turn, slot, offered)


def _to_ask(turn: Turn) -> tuple[str, ...]:
    """Return the zones to offer; none where the zone is known, only one is possible, or it was asked before."""
    if any(asked.slot.startswith(ZONE) for asked in turn.state.asks):
        return ()
    offered = zones_to_offer(_countries(turn), turn.now)
    return offered if len(offered) >= _FEWEST else ()


def _countries(turn: Turn) -> tuple[str, ...]:
    """Return the program's countries where the participant's zone is not known; none where it is."""
    return tuple((turn.state.facts.get("participant") or {}).get("countries") or ())


def _lead_to_follow_ups(effects: Iterable[object]) -> bool:
    """Return whether what comes of a turn lets us write later."""
    for effect in effects:
        if isinstance(effect, RecordConsent):
            if effect.granted and effect.purpose is Purpose.CONTACT_AGAIN:
                return True
        elif isinstance(effect, ScheduleWaves):
            return True
    return False


def _differing(zones: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return the first of the zones for each time that their clocks show now, the earliest time first."""
    found: dict[str, str] = {}
    for zone in zones:
        found.setdefault(_clock(now, zone), zone)
    return tuple(sorted(list(found.values())[:_MOST], key=lambda zone: offset_of(zone, now)))


def _clock(now: datetime, zone: str) -> str:
    """Return what clocks in a zone show, such as '14:05'."""
    return f"{local(now, zone):%H:%M}"
