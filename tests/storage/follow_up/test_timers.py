"""Timers: rows with a due time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.follow_up import timers
from storage.schema import TimerKind
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def arm(world: World, participant: int, hours: float) -> int:
    due_at = MONDAY + timedelta(hours=hours)
    return world.database.write_now(
        lambda c: timers.arm(c, timers.NewTimer(TimerKind.RESUME, participant_id=participant, due_at=due_at))
    )


def due(world: World, limit: int = 10) -> list[int]:
    return world.database.read_now(lambda c: [timer.id for timer in timers.due(c, MONDAY, limit)])


def test_due_in_order_and_no_more_than_asked(world: World) -> None:
    """Timers whose time has come are given in due order, at most so many, and none that is still to come."""
    ann = world.person().id
    late, early, future, now = (arm(world, ann, hours) for hours in (-1, -2, 1, 0))
    assert due(world) == [early, late, now]
    assert due(world, limit=2) == [early, late]
    assert future not in due(world)


def test_done_or_put_off_is_not_due(world: World) -> None:
    """A timer that is done or put off is found no more, and keeps its reason."""
    ann = world.person().id
    done, later = arm(world, ann, -1), arm(world, ann, -1)
    world.database.write_now(lambda c: timers.finish(c, done, "due", now=MONDAY))
    world.database.write_now(lambda c: timers.put_off(c, later, MONDAY + timedelta(days=1), "on_hold"))
    assert due(world) == []
    assert world.database.read_now(lambda c: timers.still_due(c, [later], MONDAY)) == ()
    assert world.column("SELECT reason FROM timer ORDER BY id") == ["due", "on_hold"]


def test_next_due(world: World) -> None:
    """The next due time is that of the earliest unfinished timer; none when nothing is set."""
    assert world.database.read_now(timers.next_due) is None
    ann = world.person().id
    arm(world, ann, 5)
    arm(world, ann, 3)
    assert world.database.read_now(timers.next_due) == MONDAY + timedelta(hours=3)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM timer WHERE done_at IS NULL AND kind = 'wave' AND due_at < '2026' ORDER BY due_at LIMIT 9",
            "ix_timer_unfinished",
        ),
        (
            "SELECT * FROM timer WHERE participant_id = 1 AND done_at IS NULL",
            "ix_timer_participant_unfinished",
        ),
        (
            (
                "SELECT min(id) FROM outbox WHERE outbox.status IN ('queued', 'sending')"
                " AND outbox.kind != 'edit' AND address_id = 1 AND is_head IN (0, 1) AND lane = 'reply'"
            ),
            "ix_outbox_unsent (address_id=? AND is_head=? AND lane=?)",
        ),
        ("SELECT * FROM contact WHERE participant_id = 1 AND at > '2026'", "ix_contact_participant_at"),
        (
            "SELECT * FROM conversation WHERE participant_id = 1 AND conversation.status != 'ended'",
            "ix_conversation_unfinished",
        ),
    ],
)
def test_look_ups_use_their_index(world: World, query: str, index: str) -> None:
    """What the tick and the delivery look up reads the unfinished rows only, however long the history is."""
    assert index in str(world.rows(f"EXPLAIN QUERY PLAN {query}"))


def test_end_of_a_conversation_pulls_forward_what_waited(world: World) -> None:
    """What was put off by an open conversation is due when that ends; what waits for another reason is not."""
    ann, ben = world.person(), world.person()
    behind, held, others = (arm(world, person, -1) for person in (ann.id, ann.id, ben.id))
    until = MONDAY + timedelta(days=1)
    for timer, reason in ((behind, "other_talk_open"), (held, "contact_budget"), (others, "other_talk_open")):
        world.database.write_now(
            lambda c, timer=timer, reason=reason: timers.put_off(c, timer, until, reason)
        )
    conversation = ann.commit()
    world.database.write_now(
        lambda c: timers.conversation_ended(
            c, conversation_id=conversation, participant_id=ann.id, now=MONDAY
        )
    )
    assert due(world) == [behind]
