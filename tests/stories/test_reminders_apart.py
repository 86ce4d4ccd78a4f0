"""However people answer, leave and come back, reminders never come beside something else that is ours.

Somebody with two conversations at once (two addresses were joined), or with follow-ups of several plans, answers here
and there, says nothing for hours or days, begins anew and stops. The clock is moved by hand, and chance has a seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from flows.engine.events import Replied
from flows.script.loader import load_flow_text
from tests.support.wave_world import Person, World, make_world

TALK = """
flow: hcp_commitment
title: A talk
language: en
audience: [hcp]
steps:
  - {key: a, kind: text, text: One?}
  - {key: b, kind: text, text: Two?}
  - key: c
    kind: select_one
    text: Three?
    choices: [{code: go, label: Go on}, {code: leave, label: Leave, goto: gone}]
  - {key: bye, kind: end, text: Goodbye.}
  - {key: gone, kind: end, text: Gone., outcome: declined}
"""
APART = timedelta(minutes=1)
A_TALK = timedelta(hours=1)
NEXT_REMINDER = "SELECT min(due_at) FROM timer WHERE done_at IS NULL AND kind LIKE '%reminder'"
REMINDERS = frozenset({"wave_reminder", "interview_reminder"})


class Contact(NamedTuple):
    """Something that was sent of our own accord."""

    at: datetime
    kind: str
    conversation: int


def contacts(world: World) -> list[Contact]:
    """What was sent of our own accord, in order."""
    rows = world.rows(
        "SELECT at, timer_kind, conversation_id FROM contact WHERE action = 'sent'"
        " AND timer_kind != 'resume' ORDER BY at, id"
    )
    return [Contact(datetime.fromisoformat(at).replace(tzinfo=UTC), *rest) for at, *rest in rows]


def too_near(sent: list[Contact]) -> Iterator[str]:
    """What breaks the promise: a reminder within a minute of another one, or of what another conversation says."""
    for first, second in pairwise(sent):
        if REMINDERS & {first.kind, second.kind} and second.at - first.at < APART:
            yield f"{second.kind} of {second.conversation} at {second.at}, beside {first.kind} of {first.conversation}"


def beside_a_talk(sent: list[Contact], wrote: list[tuple[datetime, int]]) -> Iterator[str]:
    """What breaks the promise: a reminder within an hour of what its person wrote, in whatever conversation."""
    for one in sent:
        for at, conversation in wrote:
            if one.kind in REMINDERS and timedelta(0) <= one.at - at < A_TALK:
                yield f"{one.kind} of {one.conversation} at {one.at}, after words in {conversation} at {at}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, schedule={"contacts_per_week": 50, "quiet_days_after_talk": 0})
    made.runtime.flows["hcp_commitment"] = load_flow_text(TALK)
    yield made
    made.database.close()


OPEN = "SELECT id FROM conversation WHERE participant_id = :id AND status IN ('open', 'paused')"
REPLIES = ("An answer", "1", "Leave", "restart", "pause", "An answer", "skip")


@dataclass
class Wanderer:
    """Somebody who answers here and there. `wrote` is when, and in which conversation."""

    world: World
    ann: Person
    chance: Random
    wrote: list[tuple[datetime, int]] = field(default_factory=list)

    async def reply(self, words: str) -> None:
        """Write in one of the conversations that are open, if one is."""
        there = self.world.column(OPEN, id=self.ann.id)
        if there:
            conversation = self.chance.choice(there)
            self.world.clock.move(timedelta(seconds=5))
            self.wrote.append((self.world.clock.now(), conversation))
            await self.ann.tell(conversation, Replied(words))

    async def step(self) -> None:
        """Answer, begin something, or let time go by."""
        match self.chance.randrange(6):
            case 0 | 1:
                await self.reply(self.chance.choice(REPLIES))
            case 2:
                await self.world.pass_time(hours=self.chance.choice((0.005, 0.5, 3, 22, 24)))
            case 3:
                await self.world.pass_time(days=self.chance.choice((1, 3, 4, 9)))
            case 4 if len(self.world.column(OPEN, id=self.ann.id)) < 2:
                await self.ann.begin_conversation()
            case _:  # right after a reminder is when people answer
                await self.until_reminded()
                await self.reply("Leave")

    async def until_reminded(self) -> None:
        """Time goes by until a reminder is due."""
        due = self.world.column(NEXT_REMINDER)[0]
        if due is not None:
            until = datetime.fromisoformat(due).replace(tzinfo=UTC) - self.world.clock.now()
            await self.world.pass_time(hours=max(until.total_seconds() / 3600, 0) + 0.002)


@pytest.mark.parametrize("seed", range(12))
async def test_reminders_never_come_beside_anything_else(world: World, seed: int) -> None:
    """No reminder within a minute of another one, or of what another conversation says; none into a talk."""
    ann = world.person()
    wanderer = Wanderer(world, ann, Random(seed))
    ann.commit("Ask about pain")
    await world.pass_time(days=wanderer.chance.randrange(20, 31))
    ann.commit("Explain the plan")
    for _ in range(2):
        await ann.begin_conversation()
    for _ in range(60):
        await wanderer.step()
    sent = contacts(world)
    assert REMINDERS & {one.kind for one in sent}
    assert [*too_near(sent), *beside_a_talk(sent, wanderer.wrote)] == []
