"""Walks at random through whole conversations with all that goes wrong: what must hold, holds."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.walks.evidence import Evidence
from tests.walks.invariants import INVARIANTS, Findings
from tests.walks.kinds import Noise
from tests.walks.telling.shrinking import walked, walked_over_emulators
from tests.walks.telling.transcript import transcript
from tests.walks.town import TownPlan, town

PLAN = TownPlan("suite", 110)
OVER_EMULATORS = TownPlan("emulated", 12)


@dataclass(frozen=True, slots=True)
class Walk:
    """What happened in the walk of this module, and what was looked up in it."""

    evidence: Evidence
    found: Findings


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """One walk for all tests here, its database open."""
    with town(PLAN) as made:
        asyncio.run(made.walk())
        yield Walk(made.evidence, Findings(made.evidence))


@pytest.mark.parametrize("name", INVARIANTS)
def test_what_must_hold(walk: Walk, name: str) -> None:
    """Each invariant, over every turn and every screen of the walk; what breaks it is told as a story."""
    broken = list(INVARIANTS[name](walk.found))
    for address, place, what in broken[:3]:
        print(f"{what}\n{transcript(walk.evidence, address, place)}\n")
    assert [what for _, _, what in broken] == []


def test_over_both_emulators() -> None:
    """The same people on emulated Telegram and Slack, through the bot's real channels: what must hold, holds."""
    evidence, broken, _ = walked_over_emulators(OVER_EMULATORS)
    for one in broken[:3]:
        print(f"{one.what}\n{transcript(evidence, one.address, one.place)}\n")
    assert broken == []
    assert evidence.figures["conversation"] >= OVER_EMULATORS.people


def test_every_kind_of_noise_is_met(walk: Walk) -> None:
    """The walk has each of them, and people come to the end in spite of it."""
    assert [noise for noise in Noise if not walk.evidence.noises[noise]] == []
    outcomes = [outcome for turn in walk.found.turns for outcome in turn.outcomes.values() if outcome]
    assert outcomes.count("completed") > len(walk.evidence.persons) / 3


def test_the_second_reader_has_its_say(walk: Walk) -> None:
    """It answers people in between turns; some had left, or were shown help, so that it kept silent."""
    suspicions = walk.evidence.suspicions
    assert sum(bool(one.said) for one in suspicions) > 10
    assert any(not one.said for one in suspicions)


def test_the_same_seed_is_the_same_walk() -> None:
    """Whatever chance decides comes from the seed: what is shown and done is the same, to the word."""
    stories = []
    for _ in range(2):
        evidence, _, _ = walked(TownPlan("twice", 6))
        stories.append([transcript(evidence, address) for address in evidence.persons])
    assert stories[0] == stories[1]
