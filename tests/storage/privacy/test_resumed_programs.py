"""A program that goes on after a pause: what waited is made due some a transaction, and each of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.privacy import resumed_programs
from storage.programs import programs
from tests.support.wave_world import World, make_world

WAITS = "SELECT count(*) FROM timer WHERE reason = 'program_paused' AND done_at IS NULL"


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(resumed_programs, "AT_ONCE", 3)
    made = make_world(tmp_path)
    for _ in range(5):
        made.person().commit("I give a plan")
    made.database.write_now(lambda c: programs.pause(c, made.program_id, made.clock.now()))
    await made.pass_time(days=31)
    yield made
    made.database.close()


async def test_each_step_reaches_the_next_timers(world: World) -> None:
    """None is left, however few a step looks at; those of another program stay."""
    assert world.column(WAITS) == [5]
    now = world.clock.now()
    places = world.database.read_now(resumed_programs.places)
    assert len(places) > 1
    other = [
        world.database.write_now(lambda c, at=at: resumed_programs.go_on(c, 99, at, now)) for at in places
    ]
    assert (sum(other), world.column(WAITS)) == (0, [5])
    made = [
        world.database.write_now(lambda c, at=at: resumed_programs.go_on(c, world.program_id, at, now))
        for at in places
    ]
    assert (sum(made), max(made) <= 3, world.column(WAITS)) == (5, True, [0])


async def test_what_a_crash_left_goes_on_by_itself(world: World) -> None:
    """Whatever no step reached is decided on when it was put off to: nobody is forgotten."""
    world.database.write_now(lambda c: programs.resume(c, world.program_id, world.clock.now()))
    await world.pass_time(days=4)
    assert world.column(WAITS) == [0]
    assert world.column("SELECT count(*) FROM contact WHERE action = 'sent'") == [5]
