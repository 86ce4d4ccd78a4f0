"""The invariants of the second reader can fail: a product or a record that is spoilt breaks them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.schedule import second_reading
from bot.schedule.second_reading import SecondReading
from flows.engine import advance
from flows.engine.interruptions import crisis_help
from tests.walks.evidence import Evidence
from tests.walks.invariants.suspicions import HELP
from tests.walks.kinds import Noise
from tests.walks.people import INDIRECT
from tests.walks.scene import Scene, played, scene


async def _indirect(one: Scene) -> None:
    """Words of risk that the rules miss, twice; then Ann has all deleted, and Ben goes on."""
    for chat in (one.ann, one.ben):
        await one.start(chat, "small")
        await one.bot()
        await chat.write("1")
        await one.bot()
        await chat.write(f"{INDIRECT[0]} mark{'bc' if chat is one.ann else 'bd'}", noise=Noise.INDIRECT)
        await one.bot()
        await one.town.reading.drain()
        await one.bot()
    await one.say("delete my data", "yes")
    await one.ben.write(f"{INDIRECT[1]} markbf")
    await one.bot()


def test_a_suspicion_that_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing were said, nobody would learn where help is."""
    assert played(_indirect) == set()
    monkeypatch.setattr(advance, "tell_of_help", lambda *_: None)
    assert played(_indirect) == {"a_suspicion_is_answered_once"}


async def _heard_before_a_trace_is_sent(one: Scene) -> None:
    """The words are read twice before the trace under their question is sent: help goes first, and drops it."""
    await one.start(one.ann, "small")
    await one.bot()
    await one.say("1")
    await one.ann.write(f"{INDIRECT[0]} markbc", noise=Noise.INDIRECT)
    await one.ann.write("and so on, day after day markbd")
    for platform in one.town.platforms.values():
        await platform.hand_over(one.town.runtime.receive)
    await one.town.runtime.drain()
    await one.town.reading.drain()
    await one.bot()


def test_help_that_takes_the_number_of_a_dropped_trace() -> None:
    """What is said is known by what was not there before: the number of a message may be that of a dropped edit."""
    assert played(_heard_before_a_trace_is_sent) == set()


def test_a_suspicion_that_stops_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """If what the second reader hears halted the script, people would be stopped for what may be a mistake."""
    monkeypatch.setattr(advance, "tell_of_help", crisis_help.halt)
    assert "a_suspicion_stops_nothing" in played(_indirect)


def _a_suspicion_after_all_was_deleted(evidence: Evidence) -> None:
    erased = next(turn.participant for turn in evidence.turns.values() if turn.erased)
    heard = next(one for one in evidence.suspicions if one.participant == erased)
    evidence.suspicions.append(replace(heard, place=evidence.place()))


def _help_after_all_was_deleted(evidence: Evidence) -> None:
    erased = next(turn for turn in evidence.turns.values() if turn.erased)
    screen = evidence.screens[erased.address]
    help_shown = next(shown for shown in screen if shown.prompt.text.startswith(HELP))
    screen.append(replace(help_shown, place=evidence.place()))


@pytest.mark.parametrize("spoil", [_a_suspicion_after_all_was_deleted, _help_after_all_was_deleted])
def test_help_for_somebody_who_deleted_all(spoil: Callable[[Evidence], None]) -> None:
    """If a suspicion were played, or its help shown, after that, the deletion would not have been one."""
    with scene() as one:

        async def play() -> None:
            await _indirect(one)
            await one.town.settle()

        asyncio.run(play())
        assert one.broken() == set()
        spoil(one.town.evidence)
        assert "nothing_is_said_to_whoever_deleted_all" in one.broken()


def test_a_text_that_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the place went on without the text, what it says would not be noted."""
    monkeypatch.setattr(SecondReading, "_noticed", lambda *_: _nothing())
    assert played(_indirect) == {"all_that_stands_is_read_twice"}


async def _nothing() -> Any:
    return second_reading._NOT_READ
