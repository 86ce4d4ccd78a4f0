"""Waves as rows: made, answered, corrected, revised."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.engine.effects import RecordImplementation, ReviseCommitment
from flows.engine.events import Replied
from flows.program.model import Window
from flows.schedule.local_time import in_window
from storage.follow_up import timers, waves
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def report(world: World, *, at: datetime = MONDAY, follow_up: int = 1, **fields: object) -> None:
    [(commitment, conversation)] = world.rows("SELECT c.id, c.conversation_id FROM commitment c LIMIT 1")
    effect = RecordImplementation(commitment, follow_up, dict(fields))
    world.database.write_now(
        lambda c: waves.record_implementation(c, effect, conversation_id=conversation, now=at)
    )


@pytest.mark.parametrize(
    ("zone", "start", "local"),
    [
        ("Europe/Vienna", MONDAY, ["04-01 15:30", "05-04 15:30", "06-01 15:30"]),
        ("America/New_York", MONDAY, ["04-01 12:00", "05-04 12:00", "06-01 12:00"]),
        ("Asia/Kathmandu", MONDAY, ["04-01 18:00", "05-04 18:00", "06-01 18:00"]),
        (
            "Europe/Vienna",
            datetime(2026, 9, 24, 21, tzinfo=UTC),
            ["10-26 18:00", "11-23 18:00", "12-23 18:00"],
        ),
        (
            "Europe/Vienna",
            datetime(2028, 1, 31, 12, tzinfo=UTC),
            ["03-01 13:00", "04-03 13:00", "05-01 13:00"],
        ),
    ],
)
def test_waves_at_the_local_hour(world: World, zone: str, start: datetime, local: list[str]) -> None:
    """Waves keep to the person's own clock and the window, over changes of the clocks and ends of months."""
    world.clock._at = start
    world.person(timezone=zone).commit("Ask about pain")
    due = [
        datetime.fromisoformat(at).replace(tzinfo=UTC) for at in world.column("SELECT due_at FROM follow_up")
    ]
    assert [f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for at in due] == local
    assert all(in_window(at, Window(), zone) for at in due)  # type: ignore[call-arg]
    assert world.column("SELECT due_at FROM timer") == world.column("SELECT due_at FROM follow_up")


def test_scheduling_twice_makes_nothing_twice(world: World) -> None:
    """Scheduling again adds only what is missing."""
    conversation = world.person().commit("Ask about pain")
    world.database.write_now(lambda c: waves.schedule_waves(c, conversation_id=conversation, now=MONDAY))
    assert world.column("SELECT wave_days FROM follow_up") == [30, 60, 90]
    assert world.column("SELECT count(*) FROM timer") == [3]


def test_latest_consent_counts(world: World) -> None:
    """Of several decisions the last one holds, for its own program only."""
    ann = world.person(consent=False)
    ann.decide(granted=True)
    ann.commit("Ask about pain")
    assert len(ann.waves()) == 3


def test_report(world: World) -> None:
    """A report keeps status, barriers and details, and answers the wave."""
    ann = world.person()
    ann.commit("Ask about pain")
    report(world, status="partial", barriers=["time", "cost", "time"], helped="a list", patients_band=None)
    assert world.rows("SELECT status, details, late FROM implementation") == [
        ("partial", '{"helped": "a list"}', 0)
    ]
    assert world.column("SELECT code FROM barrier ORDER BY id") == ["time", "cost"]
    assert ann.waves()[0] == (30, "answered", None)


def test_corrected_report(world: World) -> None:
    """A second report of a wave corrects the first; what it does not name stays, as does the first date."""
    world.person().commit("Ask about pain")
    report(world, status="partial", barriers=["time"], helped="a list")
    report(world, at=MONDAY + timedelta(days=1), status="full")
    [(status, details, reported)] = world.rows("SELECT status, details, reported_at FROM implementation")
    assert (status, details, reported[:10]) == ("full", '{"helped": "a list"}', "2026-03-02")
    assert world.column("SELECT code FROM barrier") == ["time"]
    report(world, status="full", barriers=["none"])
    assert world.column("SELECT code FROM barrier") == []


def test_skipped_status_is_no_report(world: World) -> None:
    """No answer is not a status: nothing is kept, and the wave stays unanswered."""
    ann = world.person()
    ann.commit("Ask about pain")
    report(world, status=None, helped="a list")
    assert world.column("SELECT count(*) FROM implementation") == [0]
    assert ann.waves()[0] == (30, "scheduled", None)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [(("hmm, well", "it depends"), "answered"), (("skip",), "no_response")],
)
async def test_words_that_are_no_status(world: World, replies: tuple[str, ...], expected: str) -> None:
    """Who answered in words of their own did respond, and nothing is reported for them; who skipped did not."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    said_at = world.clock.now()
    conversation = ann.open_conversation()
    for reply in replies:
        await ann.tell(conversation, Replied(reply))
    await world.pass_time(days=16)
    assert world.column("SELECT count(*) FROM implementation") == [0]
    assert ann.waves()[0][1] == expected
    [answered_at] = world.column("SELECT answered_at FROM follow_up WHERE wave_days = 30")
    assert answered_at == (f"{said_at:%Y-%m-%d %H:%M:%S.%f}" if expected == "answered" else None)


async def test_begun_again(world: World) -> None:
    """A follow-up conversation that is begun again takes along what it asks about, and the close of its wave."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    old, new = ann.open_conversation(), ann.commit()
    now = world.clock.now()
    world.database.write_now(
        lambda c: timers.conversation_ended(c, conversation_id=old, participant_id=ann.id, now=now)
    )
    world.database.write_now(
        lambda c: waves.move(c, participant_id=ann.id, from_conversation=old, to_conversation=new)
    )
    await world.pass_time(days=16)
    assert world.column("SELECT conversation_id FROM follow_up WHERE wave_days = 30") == [new]
    assert ann.waves()[0] == (30, "no_response", "no_response")


def test_revision_keeps_the_old_words(world: World) -> None:
    """New words of a commitment take the place of the old, which are kept; what is None changes nothing."""
    world.person().commit("Ask about pain")
    effect = ReviseCommitment(1, {"statement": "Ask about sleep", "if_then": None, "start_on": "2026-04-01"})
    world.database.write_now(lambda c: waves.revise_commitment(c, effect, now=MONDAY))
    assert world.rows("SELECT statement, start_on FROM commitment") == [("Ask about sleep", "2026-04-01")]
    assert world.column("SELECT statement FROM commitmentrevision") == ["Ask about pain"]
