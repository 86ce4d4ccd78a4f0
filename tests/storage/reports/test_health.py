"""What waits in the database of a running bot, counted."""

from datetime import timedelta

import pytest

from flows.script.roles import Role
from storage.reports.health import HealthFigures, read_health
from storage.schema import Lane
from tests.support.safety_world import ADVERSE
from tests.support.turn_world import START, make_world

NOTHING = HealthFigures(0, None, dict.fromkeys(Lane, 0), 0, 0, 0)


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def look(world, after: timedelta = timedelta(0)) -> HealthFigures:
    return world.database.read_now(lambda c: read_health(c, world.clock.now() + after))


async def test_what_waits_is_counted(world):
    """Messages without an answer with the age of the oldest, and messages to be sent by their lane."""
    assert look(world) == NOTHING
    person = world.someone()
    await person.start(world.token())
    sent = look(world)
    assert (sent.unanswered, sent.oldest_at) == (0, None)
    assert sent.lanes[Lane.REPLY] > 0
    assert sum(sent.lanes.values()) == sent.lanes[Lane.REPLY]
    await world.runtime.receive([person.inbound("text", text="red")])
    world.clock.move(timedelta(minutes=3))
    await world.runtime.receive([world.someone("bea").inbound("text", text="hello")])
    waiting = look(world)
    assert (waiting.unanswered, waiting.oldest_at) == (2, START)


async def test_cases_are_near_their_time_and_over_it(world):
    """Half of the time makes a case near, all of it overdue; a settled one counts no more."""
    person = world.someone()
    await person.start(world.token(role=Role.PATIENT))
    await person.say("red")
    await person.say(ADVERSE)
    [(due,)] = world.rows("SELECT (julianday(due_at) - julianday(opened_at)) * 24 FROM safety_case")
    hours = {0.0: (1, 0, 0), 0.51: (1, 1, 0), 1.01: (1, 0, 1)}
    for share, expected in hours.items():
        found = look(world, timedelta(hours=due * share))
        assert (found.open_cases, found.near, found.overdue) == expected
