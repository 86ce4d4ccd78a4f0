"""Timers: rows with a due time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.program.model import Schedule
from flows.schedule.contact_policy import ContactReason
from storage.conversations.conversations import load_conversation
from storage.database.commit_notes import JournalNote, noted_so_far
from storage.follow_up import timers
from storage.follow_up.timers import NewTimer, TimerPlace, WaveConversation
from storage.schema import JournalKind, TimerKind
from tests.support.wave_world import MONDAY, World, make_world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


def put(
    world: World, participant: int, kind: TimerKind, at: datetime, conversation: int | None = None
) -> int:
    """Set a timer of a kind; its number."""
    return world.database.write_now(
        lambda c: timers.arm(c, NewTimer(kind, participant, at, conversation_id=conversation))
    )


def kept(world: World) -> list[tuple[str, datetime, str | None]]:
    """What is set: kind, when it is due, and why it was put off."""
    found = world.database.read_now(lambda c: timers.due(c, MONDAY + 1_000 * DAY, 100))
    return [(timer.kind.value, timer.due_at, timer.reason) for timer in found]


def ended(world: World) -> list[tuple[int, str]]:
    """What has ended: number and reason."""
    return [(row[0], row[1]) for row in world.rows("SELECT id, reason FROM timer WHERE done_at IS NOT NULL")]


def test_what_is_due_is_looked_for_by_kind_and_place(world: World) -> None:
    """Of the kinds asked for, and from behind a place on: of one moment those with a higher number."""
    ann = world.person().id
    one, two, three = (put(world, ann, TimerKind.RESUME, MONDAY - hours * HOUR) for hours in (2, 2, 1))
    other = put(world, ann, TimerKind.EXPIRE, MONDAY - 3 * HOUR)

    def found(*asked: object) -> list[int]:
        return world.database.read_now(lambda c: [one.id for one in timers.due(c, MONDAY, 10, *asked)])  # type: ignore[arg-type]

    assert found() == [other, one, two, three]
    assert found([TimerKind.EXPIRE]) == [other]
    assert found([TimerKind.RESUME], TimerPlace(MONDAY - 2 * HOUR, one)) == [two, three]


def test_what_found_the_window_closed_goes_before_what_is_due_as_it_opens(world: World) -> None:
    """Also where only some are asked for; what is due later in that second for another reason does not."""
    ann = world.person().id
    opening, place = MONDAY - HOUR, timedelta(milliseconds=300)
    as_it_opens = put(world, ann, TimerKind.WAVE, opening)
    second, first, other = (put(world, ann, TimerKind.WAVE, MONDAY - DAY) for _ in range(3))
    for timer, at, reason in (
        (second, opening + 2 * place, ContactReason.OUTSIDE_WINDOW),
        (first, opening + place, ContactReason.OUTSIDE_WINDOW),
        (other, opening + 3 * place, ContactReason.CONTACT_BUDGET),
    ):
        world.database.write_now(lambda c, of=(timer, at, reason): timers.put_off(c, *of))
    later = put(world, ann, TimerKind.WAVE, opening + HOUR / 2)

    def found(limit: int) -> list[int]:
        return world.database.read_now(
            lambda c: [one.id for one in timers.due_in_order(c, MONDAY, limit, [TimerKind.WAVE])]
        )

    assert found(10) == [first, second, as_it_opens, other, later]
    assert found(1) == [first]
    assert found(2) == [first, second]
    still = world.database.read_now(
        lambda c: timers.still_due(c, [later, as_it_opens, first, second], MONDAY)
    )
    assert [one.id for one in still] == [first, second, as_it_opens, later]


def test_nothing_is_due_in_order_where_nothing_is_due(world: World) -> None:
    """What is to come is not looked at."""
    put(world, world.person().id, TimerKind.WAVE, MONDAY + HOUR)
    assert world.database.read_now(lambda c: timers.due_in_order(c, MONDAY, 5, [TimerKind.WAVE])) == ()


def test_many_are_put_off_together(world: World) -> None:
    """To one time and with one reason, and no others."""
    ann = world.person().id
    one, two, _ = (put(world, ann, TimerKind.WAVE, MONDAY) for _ in range(3))
    world.database.write_now(lambda c: timers.put_off_all(c, [one, two], MONDAY + DAY, "full"))
    assert kept(world) == [("wave", MONDAY, None), *[("wave", MONDAY + DAY, "full")] * 2]


def test_timers_of_a_conversation_end_by_their_kinds(world: World) -> None:
    """They are returned as they were set; other kinds and other conversations keep theirs."""
    ann = world.person()
    talk, other = ann.commit(), ann.commit()
    one = put(world, ann.id, TimerKind.RESUME, MONDAY + DAY, talk)
    put(world, ann.id, TimerKind.EXPIRE, MONDAY + DAY, talk)
    put(world, ann.id, TimerKind.RESUME, MONDAY + DAY, other)
    gone = world.database.write_now(
        lambda c: timers.finish_of_conversation(
            c, talk, "moved_on", now=MONDAY, kinds=[TimerKind.RESUME, TimerKind.WAVE]
        )
    )
    assert [(timer.id, timer.kind, timer.due_at) for timer in gone] == [(one, TimerKind.RESUME, MONDAY + DAY)]
    assert ended(world) == [(one, "moved_on")]


def test_all_timers_of_a_participant_end_and_may_be_given_a_truer_reason(world: World) -> None:
    """Whatever their kind; a reason is changed where it was the one named, and only for that participant."""
    ann, ben = world.person().id, world.person().id
    done, one = (put(world, ann, kind, MONDAY + DAY) for kind in (TimerKind.WAVE, TimerKind.RESUME))
    world.database.write_now(lambda c: timers.finish(c, done, "due", now=MONDAY))
    bens = put(world, ben, TimerKind.RESUME, MONDAY + DAY)
    gone = world.database.write_now(lambda c: timers.finish_of_participant(c, ann, "withdrawn", now=MONDAY))
    assert [timer.id for timer in gone] == [one]
    world.database.write_now(lambda c: timers.finish_of_participant(c, ben, "withdrawn", now=MONDAY))
    world.database.write_now(lambda c: timers.change_reason(c, ann, of="withdrawn", to="erased"))
    assert ended(world) == [(done, "due"), (one, "erased"), (bens, "withdrawn")]


@pytest.mark.parametrize("hours", [(), (72, 24)])
def test_a_conversation_has_a_timer_for_its_end_and_one_for_reminders(
    tmp_path: Path, hours: tuple[int, ...]
) -> None:
    """The one for reminders is due at the first of them; a program without reminders sets none."""
    world = make_world(tmp_path, schedule={"interview_reminder_hours": hours, "expire_after": 9})
    people = [world.person(), world.person()]
    talks = [one.commit() for one in people]
    world.database.write_now(
        lambda c: timers.conversations_started(c, [load_conversation(c, talk) for talk in talks], now=MONDAY)
    )
    reminder = [("interview_reminder", MONDAY + DAY, None)] if hours else []
    assert sorted(kept(world)) == sorted([*reminder, ("expire", MONDAY + 9 * DAY, None)] * 2)
    whose = "SELECT DISTINCT participant_id, conversation_id FROM timer ORDER BY 1"
    assert world.rows(whose) == [(one.id, talk) for one, talk in zip(people, talks, strict=True)]
    world.database.close()


def test_a_wave_has_its_reminders_its_close_and_its_end(world: World) -> None:
    """Reminders that would come when it is closed are not set; while it is open it is known when it closes."""
    ann = world.person()
    talk = ann.commit()
    schedule = Schedule(reminders=(2, 6, 7, 8), close_after=7)
    begun = WaveConversation(talk, ann.id, schedule, "Europe/Vienna", MONDAY)
    closes = world.database.read_now
    assert closes(lambda c: timers.closes_at(c, talk, ann.id)) is None
    world.database.write_now(lambda c: timers.wave_started(c, begun))
    assert kept(world) == [
        ("wave_reminder", MONDAY + 2 * DAY, None),
        (
            "wave_reminder",
            MONDAY.replace(hour=11, minute=0) + 7 * DAY,
            None,
        ),  # no Sunday: as the window opens
        ("wave_close", MONDAY + 7 * DAY, None),
        ("expire", MONDAY + timers.LATE_ANSWERS, None),
    ]
    assert closes(lambda c: timers.closes_at(c, talk, ann.id)) == MONDAY + 7 * DAY
    assert closes(lambda c: timers.closes_at(c, talk + 1, ann.id)) is None


def test_of_reminders_that_are_due_together_the_later_is_known(world: World) -> None:
    """One of the same conversation and kind, planned after it and due by now."""
    ann = world.person()
    talk, other = ann.commit(), ann.commit()
    kind = TimerKind.WAVE_REMINDER
    first = put(world, ann.id, kind, MONDAY - DAY, talk)
    put(world, ann.id, kind, MONDAY, other)
    put(world, ann.id, TimerKind.RESUME, MONDAY, talk)
    second = put(world, ann.id, kind, MONDAY + HOUR, talk)

    def later(number: int, now: datetime) -> bool:
        [timer] = world.database.read_now(lambda c: timers.still_due(c, [number], MONDAY + DAY))
        return world.database.read_now(lambda c: timers.later_reminder_due(c, timer, now))

    assert not later(first, MONDAY)
    assert later(first, MONDAY + HOUR)
    assert not later(second, MONDAY + HOUR)


def test_the_close_of_a_wave_outlives_its_conversation(world: World) -> None:
    """All other timers of a conversation that ended are ended with it, and those of another stay."""
    ann = world.person()
    talk, other = ann.commit(), ann.commit()
    reminder = put(world, ann.id, TimerKind.WAVE_REMINDER, MONDAY + DAY, talk)
    put(world, ann.id, TimerKind.WAVE_CLOSE, MONDAY + 2 * DAY, talk)
    put(world, ann.id, TimerKind.EXPIRE, MONDAY + 3 * DAY, other)
    world.database.write_now(
        lambda c: timers.conversation_ended(c, conversation_id=talk, participant_id=ann.id, now=MONDAY)
    )
    assert ended(world) == [(reminder, ContactReason.TALK_ENDED)]
    assert [kind for kind, _, _ in kept(world)] == ["wave_close", "expire"]


def test_timers_move_with_what_they_are_about(world: World) -> None:
    """What is still set for a conversation is set for the other; what was done there stays with it."""
    ann = world.person()
    talk, other = ann.commit(), ann.commit()
    done, one = (put(world, ann.id, TimerKind.RESUME, MONDAY, talk) for _ in range(2))
    world.database.write_now(lambda c: timers.finish(c, done, "due", now=MONDAY))
    world.database.write_now(
        lambda c: timers.move(c, participant_id=ann.id, from_conversation=talk, to_conversation=other)
    )
    assert world.rows("SELECT id, conversation_id FROM timer ORDER BY id") == [(done, talk), (one, other)]


def snooze(world: World, conversation: int, participant: int, until: datetime) -> list[JournalNote]:
    """Choose an hour; what the journal is told."""

    def work(connection: object) -> list[JournalNote]:
        timers.snooze(
            connection,  # type: ignore[arg-type]
            conversation_id=conversation,
            participant_id=participant,
            until=until,
            now=MONDAY,
        )
        return list(noted_so_far(connection))  # type: ignore[arg-type]

    return world.database.write_now(work)


def test_an_hour_that_was_chosen_is_kept_and_reminders_keep_their_distance(world: World) -> None:
    """Those that would come within a day of it come a day after it; what was chosen before counts no more."""
    ann = world.person()
    talk, other = ann.commit(), ann.commit()
    until, quiet = MONDAY + DAY, MONDAY + 2 * DAY
    for kind, at, conversation in (
        (TimerKind.INTERVIEW_REMINDER, until - HOUR, talk),
        (TimerKind.WAVE_REMINDER, quiet - HOUR, talk),
        (TimerKind.INTERVIEW_REMINDER, quiet + HOUR, talk),
        (TimerKind.INTERVIEW_REMINDER, until, other),
        (TimerKind.EXPIRE, until + HOUR, talk),
    ):
        put(world, ann.id, kind, at, conversation)
    assert world.database.read_now(lambda c: timers.resumes_at(c, talk)) is None
    snooze(world, talk, ann.id, MONDAY + HOUR)
    told = snooze(world, talk, ann.id, until)
    assert told == [JournalNote(JournalKind.SNOOZE, MONDAY, conversation_id=talk, until=until)]
    assert sorted(kept(world)) == [
        ("expire", until + HOUR, None),
        ("interview_reminder", until, None),
        ("interview_reminder", quiet, None),
        ("interview_reminder", quiet + HOUR, None),
        ("resume", until, None),
        ("wave_reminder", quiet, None),
    ]
    assert [reason for _, reason in ended(world)] == [ContactReason.SNOOZED_AGAIN]
    assert world.column("SELECT turns FROM timer WHERE kind = 'resume'") == [3, 3]
    assert world.database.read_now(lambda c: timers.resumes_at(c, talk)) == until
    assert world.database.read_now(lambda c: timers.resumes_at(c, other)) is None


def test_a_pause_without_an_end_takes_the_place_of_an_hour(world: World) -> None:
    """The hour that was chosen counts no more, with its reason, and the journal is told; all else stays."""
    ann = world.person()
    talk = ann.commit()
    put(world, ann.id, TimerKind.EXPIRE, MONDAY + DAY, talk)
    snooze(world, talk, ann.id, MONDAY + HOUR)

    def pause(connection: object) -> list[JournalNote]:
        timers.pause(connection, conversation_id=talk, now=MONDAY)  # type: ignore[arg-type]
        return list(noted_so_far(connection))  # type: ignore[arg-type]

    told = world.database.write_now(pause)
    assert told == [JournalNote(JournalKind.PAUSE, MONDAY, conversation_id=talk)]
    assert [reason for _, reason in ended(world)] == [ContactReason.TALK_MOVED_ON]
    assert world.database.read_now(lambda c: timers.resumes_at(c, talk)) is None
    assert [kind for kind, _, _ in kept(world)] == ["expire"]
