"""A program of many people that is closed: they are found some hundred a transaction, each once, after a crash too."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from storage.privacy import closing
from storage.programs.programs import ProgramError
from tests.support.wave_world import World, make_world

PLANNED = "SELECT participant_id FROM timer WHERE kind = 'farewell' ORDER BY participant_id"
ALWAYS = {
    "window": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "20:00"},
    "waves": [30, 60],
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(closing, "PEOPLE_AT_ONCE", 2)
    made = make_world(tmp_path, schedule=ALWAYS)
    for number in range(7):
        person = made.person()
        if number != 3:
            person.commit("I give a plan")
    made.database.write_now(partial(closing.close, program_id=made.program_id, now=made.clock.now()))
    yield made
    made.database.close()


def step(world: World, after: int) -> int | None:
    now = world.clock.now()
    return world.database.write_now(
        partial(closing.plan_farewells, program_id=world.program_id, after=after, now=now)
    )


def test_closing_looks_at_nobody(world: World) -> None:
    """The transaction that closes a program sets no timer: it takes as long with one person as with 100,000."""
    assert world.column(PLANNED) == []
    assert world.database.read_now(closing.ended) == (world.program_id,)


def test_each_step_looks_at_a_few_and_says_where_to_go_on(world: World) -> None:
    """Whoever waits for something gets one timer; nobody is looked at twice, and the last step says so."""
    place: int | None = 0
    grown, places = [], []
    while place is not None:
        places.append(place)
        place = step(world, place)
        grown.append(len(world.column(PLANNED)))
    assert grown == [2, 3, 5, 6]
    assert places == [0, 2, 4, 6]
    assert world.column(PLANNED) == [1, 2, 3, 5, 6, 7]


def test_what_was_begun_begins_anew_and_sets_no_second_timer(world: World) -> None:
    """A process that dies between two steps leaves what its successor finishes, from the first person on."""
    assert step(world, 0) == 2
    assert step(world, 0) == 2
    place: int | None = 0
    while place is not None:
        place = step(world, place)
    assert world.column(PLANNED) == [1, 2, 3, 5, 6, 7]


def test_who_is_not_planned_yet_has_not_heard(world: World) -> None:
    """They are counted as those who wait, from the close on; nothing is put away until all are through."""
    for after, planned in ((None, 0), (0, 2)):
        if after is not None:
            step(world, after)
        work = world.database.read_now(partial(closing.going_on, program_id=world.program_id))
        assert (work.farewells, len(world.column(PLANNED))) == (6, planned)
    world.execute("UPDATE follow_up SET status = 'cancelled' WHERE participant_id < 7")
    with pytest.raises(ProgramError, match="something goes on"):
        world.database.write_now(partial(closing.archive, program_id=world.program_id, now=world.clock.now()))


async def test_a_turn_is_answered_between_two_steps(world: World) -> None:
    """What writes while a tick plans waits for one step at most, and not for all of them."""
    seen: list[int] = []

    async def writes() -> None:
        while len(seen) < 3:
            await world.database.write(lambda c: seen.append(len(world.column(PLANNED))))

    await asyncio.gather(world.scheduler.tick(), writes())
    assert min(seen) < 6
    assert len(world.column(PLANNED)) == 6
