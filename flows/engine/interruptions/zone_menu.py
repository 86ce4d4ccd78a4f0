"""Ask what the clock shows where the participant is, so that what we send comes at a good hour there.

Asked once, in one tap, where a follow-up or a reminder will come and nothing tells the time zone: the choices are the
times that it may be now in the program's countries. A city, a country or a time that is typed is understood too, and
what a clock is called ('UTC+2', 'CET'): then it is asked whether it is that time there now, for many write what holds
in another season.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from flows.engine.effects import (
    NoteZoneAsked,
    Option,
    Prompt,
    PromptKind,
    RecordConsent,
    ScheduleWaves,
    SendMessage,
    SetTimeZone,
)
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.later_menu import ask_when_to_come_back
from flows.engine.interruptions.menu import Menu
from flows.engine.state import is_over, sealed
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply, read_yes_no
from flows.parsing.commands import GlobalWord
from flows.parsing.places import (
    NamedClock,
    asked_clock,
    asked_zone,
    is_clock,
    is_offset_alone,
    is_zone_wish,
    told_clock,
    zone_by_clock,
    zones_named,
)
from flows.program.safety import country_of
from flows.schedule.local_time import local
from flows.schedule.time_zones import MOST_OFFERED, city_of, differing, offset_of, zones_to_offer
from flows.script.model import Purpose

ZONE: Final = "@zone"
"""The slot of the menu, as stored."""
BEFORE_LATER: Final = "@zone.later"
"""The slot of the menu where the question when to come back follows."""
CHECK: Final = "@clock"
"""The slot of the question whether it is that time there."""
CHECK_BEFORE_LATER: Final = "@clock.later"
"""The same where the question when to come back follows."""
_ASKED_IN: Final = {CHECK: ZONE, CHECK_BEFORE_LATER: BEFORE_LATER}
"""The menu whose reply each of these questions is about."""
_CHECKED_IN: Final = {menu: check for check, menu in _ASKED_IN.items()}
_FEWEST = 2
"""Times to choose from, for there to be a question."""


class ZoneMenu(Menu):
    """Ask which time is nearest to the participant's now. Each button stands for a time zone; its code is the name."""

    slot = ZONE
    sentence = Sentence.ZONE_WHICH
    says_when_it_gives_up = True

    def label(self, turn: Turn, code: str) -> str:
        """Return the time in the zone called `code` and its city, such as '14:05 Vienna'."""
        return f"{_clock(turn.now, code)} {city_of(code, turn.state.language)}"

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the menu as a message; where all clocks show the same, it asks for the city."""
        asked = super().prompt(turn, ask)
        if len({_clock(turn.now, code) for code in turn.codes_at(ask)}) > 1:
            return asked
        return replace(asked, text=say(Sentence.ZONE_CITY, turn.state.language))

    def means(self, turn: Turn, text: str) -> bool:
        """Return whether words tell a clock ('UTC+2'): they are no part of a story."""
        return is_clock(text)

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read words as a clock's name, a time of day, a choice of the menu, a city or a country.

        The value is a zone's name; a tuple of zones where several are meant, such as those of a country; a `NamedClock`
        where it is to be asked whether it is that time there. A place that is named counts more than the time beside
        it, which may be that of a label of an hour ago.
        """
        clock = told_clock(text)
        if clock is not None:
            known = clock.zones((*codes, *_offers(turn)), turn.now)
            if known == codes and len(codes) > 1:  # which of these it is was asked already
                known = ()
            return ReadReply(clock) if known else UnreadReply(Sentence.ZONE_UNKNOWN)
        named = zones_named(text)
        by_clock = zone_by_clock(text, named or codes, turn.now)
        if by_clock is not None:
            agreeing = _agreeing(by_clock, named or codes, turn.now)
            asked_already = agreeing == codes and len(codes) > 1
            return UnreadReply(Sentence.ZONE_UNKNOWN) if asked_already else ReadReply(agreeing)
        if named:
            return ReadReply(named)
        chosen = super().read(turn, text, codes)
        return chosen if isinstance(chosen, ReadReply) else UnreadReply(Sentence.ZONE_UNKNOWN)

    def choose(self, turn: Turn, value: Any) -> Reaction:
        """Keep the zone that was chosen, and go on; ask again where a place has several times, or a clock was named."""
        slot = _menu_slot(turn)
        if isinstance(value, NamedClock):
            ZoneCheck().put(turn, _CHECKED_IN[slot], value.zones((*_codes(turn), *_offers(turn)), turn.now))
            return Reaction.TAKEN
        if not set_zone(turn, value if isinstance(value, tuple) else (value,), slot):
            return Reaction.TAKEN
        if slot == BEFORE_LATER:
            ask_when_to_come_back(turn)
            return Reaction.TAKEN
        return Reaction.ASK_AGAIN

    def skip(self, turn: Turn) -> Reaction:
        """Leave the zone unknown; where 'later' was said, go on to when to come back."""
        return self._leave(turn) or super().skip(turn)

    def give_up(self, turn: Turn) -> Reaction:
        """Stay with the zone of now after the second reply that told none, and say which it is."""
        _say_zone(turn)
        return self._leave(turn) or super().give_up(turn)

    def _leave(self, turn: Turn) -> Reaction | None:
        """Go on to when to come back where 'later' was said; None elsewhere."""
        if _menu_slot(turn) != BEFORE_LATER:
            return None
        turn.change(aside=None, misses=0)
        ask_when_to_come_back(turn)
        return Reaction.TAKEN


class ZoneCheck(ZoneMenu):
    """Ask whether it is the time that was told by a clock's name; its codes are the zones in which it may be meant."""

    slot = CHECK

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return 'Is it 14:05 where you are?' with yes and no."""
        language = turn.state.language
        text = say(Sentence.ZONE_IS_IT, language, time=_clock(turn.now, turn.codes_at(ask)[0]))
        options = tuple(Option(say(button, language)) for button in _YES_NO)
        return Prompt(text, PromptKind.SELECT_ONE, ask, options=options, language=language)

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read a yes, or the time itself, as all the zones, a no as none of them, and all else as the menu does."""
        language = turn.state.language
        agree, decline = (say(button, language) for button in _YES_NO)
        decided = read_yes_no(text, agree=agree, decline=decline, language=language)
        if isinstance(decided, ReadReply):
            return ReadReply(codes if decided.value else ())
        clock = told_clock(text)
        if clock is not None and clock.offset_at(turn.now) == offset_of(codes[0], turn.now):
            return ReadReply(codes)
        if not zones_named(text) and zone_by_clock(text, codes, turn.now) is not None:
            return ReadReply(codes)
        return super().read(turn, text, codes)

    def choose(self, turn: Turn, value: Any) -> Reaction:
        """Keep the zone, asking for the city where there are several; put the menu once more after a no."""
        if value != ():
            return super().choose(turn, value)
        offered = _offers(turn)
        if len(offered) < _FEWEST:
            return self.give_up(turn)
        ZoneMenu().put(turn, _menu_slot(turn), offered)
        turn.change(misses=1)
        return Reaction.TAKEN

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Take a yes or no while this question is open; say afterwards that it is over."""
        if ask == turn.state.aside and 0 <= option < len(_YES_NO):
            return self.choose(turn, turn.codes_at(ask) if _YES_NO[option] is Sentence.YES else ())
        turn.hint(Sentence.BUTTON_OVER)
        return Reaction.TAKEN


_YES_NO: Final = (Sentence.YES, Sentence.NO)


def grant_zone_wish(turn: Turn, text: str) -> bool:
    """Grant a wish such as 'time zone Vienna', or a clock's offset ('UTC+2'); return whether the words are one.

    Of a clock it is asked first whether it is that time there. Where this is asked already, an offset alone is a reply.
    """
    slot = _menu_slot(turn)
    is_asked = turn.state.aside is not None and slot in _CHECKED_IN
    if not is_zone_wish(text) and (is_asked or not is_offset_alone(text)):
        return False
    clock, place = asked_clock(text), asked_zone(text)
    if clock is not None or place:
        turn.command = GlobalWord.TIME_ZONE
    if clock is not None:
        zones = clock.zones(_offers(turn), turn.now)
        if zones:
            turn.change(aside=None, paused=False)
            ZoneCheck().put(turn, _CHECKED_IN.get(slot, CHECK), zones)
        else:
            turn.say(Sentence.ZONE_UNKNOWN)
            show_zone(turn)
    elif place and set_zone(turn, place):
        turn.show_open()
    return clock is not None or bool(place)


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
    """Say which zone everything goes by, and open the menu to change it; the zone of now is one of its choices.

    Where there is no other choice it is said how to change it, and the open question comes again.
    """
    offered = _offers(turn)
    if len(offered) < _FEWEST:
        _say_zone(turn)
        turn.show_open()
        return
    zone = turn.zone
    turn.say(Sentence.ZONE_NOW, city=city_of(zone, turn.state.language), time=_clock(turn.now, zone))
    if _countries(turn):
        turn.emit(NoteZoneAsked())
    ZoneMenu().put(turn, ZONE, offered)


def _say_zone(turn: Turn) -> None:
    """Say which zone everything goes by, and how to change it."""
    zone = turn.zone
    turn.say(Sentence.ZONE_NOW, city=city_of(zone, turn.state.language), time=_clock(turn.now, zone))
    turn.say(Sentence.ZONE_HOW)


def _offers(turn: Turn) -> tuple[str, ...]:
    """Return the zones to choose from: that of now, and those of the countries in which somebody may be."""
    countries = _countries(turn) or (country_of(turn.zone, None) or "",)
    return _differing((turn.zone, *zones_to_offer(countries, turn.now)), turn.now)


def _menu_slot(turn: Turn) -> str:
    """Return the slot of the menu that is open, or whose reply is being checked; the ordinary one where none is."""
    slot = ZONE if turn.state.aside is None else turn.state.asks[turn.state.aside].slot
    return _ASKED_IN.get(slot, slot)


def _codes(turn: Turn) -> tuple[str, ...]:
    """Return the zones that are kept with the open question."""
    return () if turn.state.aside is None else turn.codes_at(turn.state.aside)


def _agreeing(zone: str, zones: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return those of the zones whose clocks agree now with that of one of them."""
    return tuple(one for one in zones if offset_of(one, now) == offset_of(zone, now))


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
    if any(asked.slot.startswith((ZONE, CHECK)) for asked in turn.state.asks):
        return ()
    offered = zones_to_offer(_countries(turn), turn.now)
    return offered if len(offered) >= _FEWEST else ()


def _countries(turn: Turn) -> tuple[str, ...]:
    """Return the program's countries where the participant's zone is not known; none where it is."""
    return tuple((turn.state.facts.get("participant") or {}).get("countries") or ())


_MAY_LEAD: Final = frozenset({RecordConsent, ScheduleWaves})


def _lead_to_follow_ups(effects: Sequence[object]) -> bool:
    """Return whether what comes of a turn lets us write later."""
    if _MAY_LEAD.isdisjoint(map(type, effects)):
        return False  # most turns
    for effect in effects:
        if isinstance(effect, RecordConsent):
            if effect.granted and effect.purpose is Purpose.CONTACT_AGAIN:
                return True
        elif isinstance(effect, ScheduleWaves):
            return True
    return False


def _differing(zones: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Return the first of the zones for each course of their clocks in a year, the earliest time now first."""
    return tuple(sorted(differing(zones, now)[:_MOST], key=lambda zone: offset_of(zone, now)))


def _clock(now: datetime, zone: str) -> str:
    """Return what clocks in a zone show, such as '14:05'."""
    return f"{local(now, zone):%H:%M}"
