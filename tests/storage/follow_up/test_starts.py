"""The wave more for a commitment that starts late."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.engine.effects import RecordImplementation, ReviseCommitment
from storage.follow_up import waves
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def planned(world: World) -> list[tuple[int, bool]]:
    """The waves that are there: days after the commitment, and whether it was added for a late start."""
    return [(days, bool(added)) for days, added in world.rows("SELECT wave_days, after_start FROM follow_up")]


AS_EVER = [(30, False), (60, False), (90, False)]


@pytest.mark.parametrize(
    ("start_on", "added"),
    [
        (None, []),
        (date(2026, 3, 2), []),  # on the day itself: three follow
        (date(2026, 4, 20), []),  # two follow, 60 and 90
        (date(2026, 5, 10), [(120, True)]),  # day 69: one follows; day 99 is too near to it
        (date(2026, 5, 31), [(120, True)]),  # day 90
        (date(2026, 7, 30), [(180, True)]),  # day 150: none follows
    ],
)
def test_one_wave_more_for_a_late_start(
    world: World, start_on: date | None, added: list[tuple[int, bool]]
) -> None:
    """The waves keep their days; where fewer than two follow the start, one comes thirty days after it."""
    world.person().commit("Ask about pain", start_on=start_on)
    assert planned(world) == [*AS_EVER, *added]
    assert world.column("SELECT due_at FROM timer") == world.column("SELECT due_at FROM follow_up")


def test_the_wave_more_keeps_to_window_and_hour(world: World) -> None:
    """It comes at the hour of the others, on the next day that is open: day 180 is a Saturday."""
    world.person().commit("Ask about pain", start_on=date(2026, 7, 30))
    assert world.column("SELECT due_at FROM follow_up")[-1].startswith("2026-08-31 13:30")


def test_scheduling_twice_adds_one(world: World) -> None:
    """What was added for the start is not added again."""
    conversation = world.person().commit("Ask about pain", start_on=date(2026, 7, 30))
    world.database.write_now(lambda c: waves.schedule_waves(c, conversation_id=conversation, now=MONDAY))
    assert planned(world) == [*AS_EVER, (180, True)]


def test_a_new_start_moves_no_wave(world: World) -> None:
    """Another date leaves what is planned, and adds a wave only where too few follow that day."""
    world.person().commit("Ask about pain", start_on=date(2026, 5, 31))
    for start in ("2026-05-20", "2026-07-30"):
        effect = ReviseCommitment(1, {"statement": "Ask about pain", "start_on": start})
        world.database.write_now(lambda c, e=effect: waves.revise_commitment(c, e, now=MONDAY))
    assert planned(world) == [*AS_EVER, (120, True), (180, True)]


@pytest.mark.parametrize(
    ("start", "added"),
    [
        ("2026-06-10", [(140, True)]),  # earlier: day 140 is forty days after it
        ("2026-06-25", [(140, True)]),  # later: 25 days after it, which is about thirty
        ("2026-07-05", [(140, True), (155, True)]),  # 15 days: thirty days are day 155
        ("2026-07-19", [(140, True), (169, True)]),  # the day before
        ("2026-07-30", [(140, True), (180, True)]),  # ten days after it
    ],
)
def test_a_wave_of_an_earlier_start_comes_too_soon_for_a_later_one(
    world: World, start: str, added: list[tuple[int, bool]]
) -> None:
    """A start that is put off is asked about thirty days after it, though the wave for the first start still comes."""
    world.person().commit("Ask about pain", start_on=date(2026, 6, 20))
    effect = ReviseCommitment(1, {"statement": "Ask about pain", "start_on": start})
    for _ in range(2):
        world.database.write_now(lambda c: waves.revise_commitment(c, effect, now=MONDAY))
    assert planned(world) == [*AS_EVER, *added]


def test_a_wave_before_the_start_never_stands_for_it(tmp_path: Path) -> None:
    """Also where a program leaves a wave open for longer than the thirty days: the one at day 140 is before day 150."""
    world = make_world(tmp_path, schedule={"close_after": 45})
    world.person().commit("Ask about pain", start_on=date(2026, 6, 20))
    effect = ReviseCommitment(1, {"statement": "Ask about pain", "start_on": "2026-07-30"})
    world.database.write_now(lambda c: waves.revise_commitment(c, effect, now=MONDAY))
    assert planned(world) == [*AS_EVER, (140, True), (185, True)]
    world.database.close()


def test_not_started_yet_is_a_report(world: World) -> None:
    """'Still starting then' answers the wave; a commitment of before, without a wave to come, gets one."""
    conversation = world.person().commit("Ask about pain")
    world.update("commitment", 1, start_on=date(2026, 7, 30))
    effect = RecordImplementation(1, 3, {"status": "not_started_yet"})
    at = datetime(2026, 6, 1, 14, tzinfo=UTC)
    world.database.write_now(
        lambda c: waves.record_implementation(c, effect, conversation_id=conversation, now=at)
    )
    assert world.column("SELECT status FROM implementation") == ["not_started_yet"]
    assert planned(world) == [*AS_EVER, (180, True)]


def test_new_words_without_a_new_start_add_nothing(world: World) -> None:
    """A revision of the words alone plans nothing; '' empties a plan, and None leaves it."""
    world.person().commit("Ask about pain", start_on=date(2026, 7, 30))
    world.update("commitment", 1, if_then="When I see", coping="Ask the nurse")
    effect = ReviseCommitment(1, {"statement": "Ask about sleep", "if_then": "", "coping": None})
    world.database.write_now(lambda c: waves.revise_commitment(c, effect, now=MONDAY))
    assert len(planned(world)) == 4
    assert world.rows("SELECT if_then, coping FROM commitment") == [(None, "Ask the nurse")]


def test_a_program_with_one_wave_keeps_one(tmp_path: Path) -> None:
    """Where a program asks once, one wave after the start is enough."""
    world = make_world(tmp_path, schedule={"waves": [30]})
    world.person().commit("Ask about pain", start_on=date(2026, 3, 6))
    assert planned(world) == [(30, False)]
    world.database.close()
