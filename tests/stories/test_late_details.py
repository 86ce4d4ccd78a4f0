"""What a clinician tells of a plan after its wave has closed is kept whole, whatever ends the talk."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from bot.schedule.rechecks import OpenerRecheck
from flows.engine.events import Tapped
from flows.script.loader import load_flow_text
from storage.schema import TIMER, TimerKind
from tests.support import wave_world
from tests.support.wave_world import World, make_world

FOLLOW_UP = """
flow: hcp_follow_up
title: How did it go?
language: en
audience: [hcp]
steps:
  - key: each
    kind: block
    repeat: {for_each: commitments, as: commitment}
    steps:
      - key: d1
        kind: select_one
        text: "{commitment.statement}: where is it now?"
        choices:
          - {code: full, label: Done}
          - {code: partial, label: Partly}
      - {key: save, kind: do, effect: record_implementation, fields: {status: d1}}
      - {key: d2_of_10, kind: scale, text: With how many?, low_label: few, high_label: many}
      - {key: d4, kind: text, text: What helped?}
      - {key: details, kind: do, effect: record_implementation, fields: {status: d1, of_10: d2_of_10}}
  - {key: bye, kind: end, text: Thank you.}
"""
PARTLY = 1


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    flows = wave_world.flows() | {"hcp_follow_up": load_flow_text(FOLLOW_UP)}
    monkeypatch.setattr(wave_world, "flows", lambda: flows)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def _wave_due(connection: Connection) -> datetime:
    """When the next wave comes."""
    due = sa.select(sa.func.min(TIMER.c.due_at, type_=TIMER.c.due_at.type))
    found = connection.scalar(due.where(TIMER.c.kind == TimerKind.WAVE, TIMER.c.done_at.is_(None)))
    assert found is not None
    return found


async def test_details_are_kept_of_what_is_told_while_the_next_wave_waits_for_its_delivery(
    world: World,
) -> None:
    """Its first words are queued, an answer to the earlier one comes, and the bot is off for a day before they go."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=50)
    earlier = ann.open_conversation()
    await ann.tell(earlier, Tapped(0, PARTLY))
    world.runtime.openers_wait = True
    due = await world.database.read(_wave_due)
    await world.pass_time(days=(due - world.clock.now()).total_seconds() / 86_400)
    [later] = world.column("SELECT conversation_id FROM contact WHERE action = 'queued'")
    await ann.tell(earlier, Tapped(1, 3))
    world.clock.move(timedelta(days=1, minutes=30))
    queued = world.column("SELECT id FROM outbox WHERE conversation_id = :id AND status = 'queued'", id=later)
    recheck, now = OpenerRecheck(world.runtime), world.clock.now()
    assert world.database.write_now(lambda c: recheck(c, queued, now)) == frozenset()
    assert world.column("SELECT status FROM conversation WHERE id = :id", id=earlier) == ["ended"]
    [(of_ten,)] = world.rows("SELECT json_extract(details, '$.of_10') FROM implementation")
    assert of_ten == 4


@pytest.mark.parametrize("days", [32, 50])
async def test_details_are_kept_when_the_next_wave_ends_the_talk(world: World, days: int) -> None:
    """Status and number, then silence: both are there once the next wave has begun, in time or late."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=days)
    conversation = ann.open_conversation()
    await ann.tell(conversation, Tapped(0, PARTLY))
    await ann.tell(conversation, Tapped(1, 3))
    await world.pass_time(days=65 - days)
    assert [status for _, status, _ in ann.waves()[1:]] == ["sent", "scheduled"]
    [(late, of_ten)] = world.rows("SELECT late, json_extract(details, '$.of_10') FROM implementation")
    assert (late, of_ten) == (int(days > 44), 4)
