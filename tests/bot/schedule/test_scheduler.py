"""A tick with much due: nothing waits behind a wave, the clock is read anew, and a stop ends it."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot import turn_context
from bot.clock import MovableClock
from bot.conversations import conversations
from bot.schedule import scheduler
from bot.schedule.scheduler import LOOK_PAST
from flows.program.model import ProgramFile
from storage.conversations.conversations import ConversationRecord
from storage.database import audit, periodic_jobs
from storage.follow_up import openers, timers
from storage.follow_up.timers import NewTimer
from storage.privacy import resumed_programs
from storage.programs import programs
from storage.schema import AuditKind, TimerKind
from tests.support.wave_world import MONDAY, Person, World, make_world, program

PEOPLE = 40
WAVE = MONDAY + timedelta(days=30)
OPENING = datetime(2026, 4, 2, 10, tzinfo=MONDAY.tzinfo)
"""When the window opens on the day after the wave."""
SENT = "SELECT count(*) FROM contact WHERE timer_kind = 'wave' AND action = 'sent'"
LEFT = "SELECT count(*) FROM timer WHERE kind = 'wave' AND done_at IS NULL AND due_at <= :now"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def many(world: World, people: int = PEOPLE) -> list[Person]:
    """People whose wave is due now, all at once."""
    found = [world.person() for _ in range(people)]
    for one in found:
        one.commit("Ask about pain")
    world.clock.move(timedelta(days=30))
    return found


class PassingClock(MovableClock):
    """A clock on which time passes whenever somebody looks."""

    def __init__(self, start: datetime, step: timedelta) -> None:
        super().__init__(start)
        self.step = step

    def now(self) -> datetime:
        self.move(self.step)
        return super().now()


async def test_who_chose_an_hour_does_not_wait_behind_a_wave(world: World) -> None:
    """What a participant asked for comes with the first of a wave, though it was due after all of it."""
    ben = world.person()
    conversation = await ben.begin_conversation()
    many(world)
    asked = NewTimer(TimerKind.RESUME, ben.id, world.clock.now(), conversation_id=conversation, turns=1)
    world.database.write_now(lambda c: timers.arm(c, asked))
    await world.scheduler.tick(limit=5)
    assert "resume" in world.column("SELECT timer_kind FROM contact ORDER BY id LIMIT 6")
    assert world.column(SENT) == [PEOPLE]


@pytest.mark.parametrize("kind", [TimerKind.WAVE_CLOSE, TimerKind.EXPIRE, TimerKind.INTERVIEW_REMINDER])
async def test_nothing_of_an_open_conversation_waits_behind_a_wave(world: World, kind: TimerKind) -> None:
    """The reminders and ends of conversations move on with a wave, not after it."""
    ben = world.person()
    conversation = await ben.begin_conversation()
    many(world)
    world.execute("DELETE FROM timer WHERE participant_id = :ben", ben=ben.id)
    late = NewTimer(kind, ben.id, world.clock.now(), conversation_id=conversation)
    number = world.database.write_now(lambda c: timers.arm(c, late))
    seen: list[int] = []

    def count(connection: sa.Connection) -> None:
        done = "SELECT count(*) FROM timer WHERE id = :id AND (done_at IS NOT NULL OR due_at > :now)"
        now = world.clock.now().replace(tzinfo=None).isoformat(" ")
        if connection.scalar(sa.text(done), {"id": number, "now": now}):
            seen.append(connection.scalar(sa.text(SENT)))

    begin_all = world.runtime.begin_all

    def watched(connection, news, *, now):  # type: ignore[no-untyped-def]
        count(connection)
        return begin_all(connection, news, now=now)

    world.runtime.begin_all = watched  # type: ignore[method-assign]
    await world.scheduler.tick(limit=5)
    assert seen[0] == 0


async def test_each_batch_is_decided_at_its_own_time(world: World) -> None:
    """A wave that takes until the window closes stops there: what is left comes the next day."""
    many(world)
    clock = PassingClock(world.clock.now(), timedelta(minutes=10))
    world.scheduler._clock = clock
    await world.scheduler.tick(limit=5)
    sent = world.column(SENT)[0]
    assert 0 < sent < PEOPLE
    late = world.column("SELECT reason FROM contact WHERE timer_kind = 'wave' AND action = 'deferred'")
    assert late == ["outside_window"] * (PEOPLE - sent)


async def test_a_stop_ends_a_tick_at_once(world: World) -> None:
    """A stop waits for the transaction that is under way and for no other; what is left is due still."""
    many(world)
    begin_all = world.runtime.begin_all
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def watched(connection, news, *, now):  # type: ignore[no-untyped-def]
        loop.call_soon_threadsafe(begun.set)
        return begin_all(connection, news, now=now)

    world.runtime.begin_all = watched  # type: ignore[method-assign]
    tick = asyncio.create_task(world.scheduler.tick(limit=1))
    await begun.wait()
    await world.scheduler.stop()
    await tick
    sent = world.column(SENT)[0]
    assert 0 < sent < PEOPLE
    now = world.clock.now().replace(tzinfo=None).isoformat(" ")
    assert world.column(LEFT, now=now) == [PEOPLE - sent]


@pytest.mark.parametrize("people", [5, 20])
async def test_a_wave_reads_by_the_set(world: World, people: int) -> None:
    """How many reads a batch takes does not depend on how many participants are in it."""
    many(world, people)
    world.runtime.openers_wait = True
    reads: list[str] = []

    def trace(connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_trace_callback(lambda text: reads.append(text) if text.startswith("SELECT") else None)

    world.database.write_now(trace)
    await world.scheduler.tick(limit=people)
    assert world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [people]
    assert len(reads) < 40


@pytest.mark.parametrize("kind", list(TimerKind))
def test_finding_what_is_due_looks_at_nothing_else(world: World, kind: TimerKind) -> None:
    """The timers of one kind are found in an index, in the order in which they are due: nothing is sorted."""
    plan = world.database.read_now(
        lambda c: c.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM timer WHERE done_at IS NULL AND kind = ? AND due_at <= ?"
            " ORDER BY due_at, id LIMIT 25",
            (kind.value, "2027-01-01"),
        ).all()
    )
    steps = [row[3] for row in plan]
    assert len(steps) == 1
    assert "ix_timer_unfinished" in steps[0]
    assert "kind=? AND due_at<?" in steps[0]


async def test_what_has_no_room_stays_due(world: World) -> None:
    """While a channel has more to send than a minute's worth, nothing more is begun there; then it goes on."""
    many(world)
    room = [True, True, False]
    world.scheduler.has_room = lambda _connection, _channel: room.pop(0) if room else False
    await world.scheduler.tick(limit=5)
    assert world.column(SENT) == [10]
    now = world.clock.now().replace(tzinfo=None).isoformat(" ")
    assert world.column(LEFT, now=now) == [PEOPLE - 10]
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick(limit=5)
    assert world.column(SENT) == [PEOPLE]


@pytest.mark.parametrize("looked_at", [LOOK_PAST, 7])
async def test_a_full_channel_holds_up_no_other(
    world: World, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is written to on a channel with room does not wait behind those of a channel without, however many."""
    monkeypatch.setattr(scheduler, "LOOK_PAST", looked_at)
    found = many(world)
    world.execute("UPDATE address SET channel = 'slack' WHERE participant_id = :id", id=found[-1].id)
    world.scheduler.has_room = lambda _connection, channel: channel == "slack"
    for _ in range(1 + PEOPLE // looked_at):
        await world.scheduler.tick(limit=5)
    assert world.column("SELECT participant_id FROM contact WHERE action = 'sent'") == [found[-1].id]
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick()
    assert world.column(SENT) == [PEOPLE]


@pytest.mark.parametrize(("people", "told"), [(PEOPLE, True), (5, False)])
async def test_coordinators_hear_what_goes_on_the_next_day(world: World, people: int, told: bool) -> None:
    """What was due in the window and found no room in it goes on when it opens again, and the team hears how much."""
    many(world, people)
    await enrol(world)
    world.scheduler.has_room = lambda _connection, _channel: False
    await world.scheduler.tick()
    world.clock.move(timedelta(hours=5))
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick()
    texts = world.column("SELECT json_extract(payload, '$.text') FROM outbox WHERE kind = 'team'")
    late = [text for text in texts if "go on" in text]
    assert len(late) == told
    if told:
        assert late[0].startswith("Programme myeloma:")
        assert late[0].endswith(": 40")
        assert "12:00" in late[0]
        assert world.column("SELECT DISTINCT action FROM contact WHERE timer_kind = 'wave'") == ["deferred"]


def told_late(world: World) -> list[str]:
    """What coordinators were told of what goes on another day."""
    texts = world.column("SELECT json_extract(payload, '$.text') FROM outbox WHERE kind = 'team' ORDER BY id")
    return [text for text in texts if "go on" in text]


@pytest.mark.parametrize("handed_over", [0, 7])
async def test_what_was_queued_as_the_window_closed_is_counted_once(world: World, handed_over: int) -> None:
    """Who was queued and not handed over goes on with the others: one message with the right number, also later."""
    many(world)
    await enrol(world)
    world.runtime.openers_wait = True
    world.scheduler.has_room = room_for(world, 12)
    await world.scheduler.tick(limit=1)
    assert world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [12]
    gone = world.column("SELECT conversation_id FROM contact ORDER BY id")[:handed_over]
    now = world.clock.now()
    world.database.write_now(lambda c: openers.handed_over(c, gone, now))
    world.clock.move(timedelta(hours=5))
    for _ in range(3):
        await world.scheduler.tick(limit=5)
        world.clock.move(timedelta(seconds=20))
    assert [text.rpartition(": ")[2] for text in told_late(world)] == [str(PEOPLE - handed_over)]
    assert world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]
    assert world.column("SELECT count(*) FROM conversation WHERE status = 'waiting'") == [0]


async def test_what_comes_back_after_the_message_is_no_second_one(world: World) -> None:
    """A first message that was on its way as the window closed and came back goes on too; a restart forgets nothing."""
    many(world)
    await enrol(world)
    world.runtime.openers_wait = True
    world.scheduler.has_room = room_for(world, 12)
    await world.scheduler.tick(limit=1)
    world.execute(
        "UPDATE outbox SET status = 'sending' WHERE id = (SELECT min(id) FROM outbox WHERE lane = 'bulk')"
    )
    world.clock.move(timedelta(hours=5))
    await world.scheduler.tick()
    assert [text.rpartition(": ")[2] for text in told_late(world)] == [str(PEOPLE - 1)]
    world.execute("UPDATE outbox SET status = 'queued' WHERE status = 'sending'")
    world.scheduler = scheduler.Scheduler(world.database, world.runtime, world.clock)
    await world.scheduler.tick()
    assert world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]
    assert len(told_late(world)) == 1
    world.clock.set(OPENING + timedelta(seconds=1))
    world.scheduler.has_room = lambda _connection, _channel: False
    await world.scheduler.tick()
    world.clock.move(timedelta(hours=9))
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick()
    assert [text.rpartition(": ")[2] for text in told_late(world)] == [str(PEOPLE - 1), str(PEOPLE)]


async def test_it_is_told_once_all_is_put_off(world: World) -> None:
    """While some of a wave finds no room to be looked at nothing is told: the number would be wrong."""
    many(world)
    await enrol(world)
    world.scheduler.has_room = lambda _connection, _channel: False
    await world.scheduler.tick()
    world.clock.move(timedelta(hours=5))
    room = [True] * 3
    world.scheduler.has_room = lambda _connection, _channel: bool(room and room.pop())
    await world.scheduler.tick(limit=5)
    assert world.column("SELECT count(*) FROM contact WHERE action = 'deferred'") != [PEOPLE]
    assert told_late(world) == []
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick(limit=5)
    assert [text.rpartition(": ")[2] for text in told_late(world)] == [str(PEOPLE)]


async def enrol(world: World) -> None:
    """A coordinator in Vienna opens their link."""
    address = world.address(None, "terminal:team")
    world.insert(
        "coordinator",
        code="C-1",
        address_id=address,
        timezone="Europe/Vienna",
        digest_hour=7,
        created_at=world.clock.now(),
    )


async def test_no_tick_parses_a_file_while_it_holds_the_writer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs are parsed by who reads, at the first firing of a wave and after another version was loaded."""
    parsed: list[str] = []
    validate = ProgramFile.model_validate

    def watched(*values: object, **more: object) -> ProgramFile:
        parsed.append(threading.current_thread().name)
        return validate(*values, **more)  # type: ignore[arg-type]

    many(world, 2)
    monkeypatch.setattr(programs, "_parsed", programs._Parsed())
    monkeypatch.setattr(ProgramFile, "model_validate", watched)
    await world.scheduler.tick()
    assert world.column(SENT) == [2]
    assert len(parsed) == 1
    monkeypatch.setattr(ProgramFile, "model_validate", validate)
    world.load(program(title="Another title"))
    monkeypatch.setattr(ProgramFile, "model_validate", watched)
    await world.pass_time(days=40)
    assert len(parsed) == 2
    assert not [name for name in parsed if "writer" in name]


async def put_off_in_any_order(world: World, people: list[Person], hours: float) -> None:
    """The window closes before anybody was written to, and those due are looked at in batches of whatever order."""
    world.scheduler.has_room = lambda _connection, _channel: False
    await world.scheduler.tick()
    world.clock.move(timedelta(hours=hours))
    world.scheduler.has_room = lambda _connection, _channel: True
    wanted = "SELECT id FROM timer WHERE participant_id = :who AND kind = 'wave' AND done_at IS NULL"
    first = [world.column(f"{wanted} ORDER BY due_at LIMIT 1", who=one.id)[0] for one in people]
    for numbers in (first[1::2], first[::2]):
        await world.scheduler._batch(numbers, world.clock.now())


@pytest.mark.parametrize("days", [[1], [1, 5], [1, 5, 6]])
async def test_what_goes_on_another_day_goes_in_order(world: World, days: list[int]) -> None:
    """The order of a wave holds over its put-offs: who was due first, then who would have gone first."""
    people = many(world, 6)
    for place, one in zip((4, 2, 0, 5, 1, 3), people, strict=True):  # not the order of the timers' numbers
        plan(world, one, WAVE + timedelta(minutes=place))
    world.clock.move(timedelta(minutes=10))
    for day in days:  # Thursday, and after the days without a window Monday and Tuesday
        await put_off_in_any_order(world, people, 5)
        world.clock.set(WAVE + timedelta(days=day))
    await world.scheduler.tick(limit=2)
    sent = world.column("SELECT participant_id FROM contact WHERE action = 'sent' ORDER BY id")
    assert [people.index(one) for number in sent for one in people if one.id == number] == [2, 4, 1, 5, 0, 3]


async def test_who_was_due_the_day_before_goes_before_who_is_due_as_the_window_opens(world: World) -> None:
    """What was put off to the opening is older than what is due at that very minute."""
    early, *people = many(world, 6)
    plan(world, early, OPENING)
    await put_off_in_any_order(world, people, 5)
    world.clock.set(WAVE + timedelta(days=1))
    await world.scheduler.tick(limit=2)
    sent = world.column("SELECT participant_id FROM contact WHERE action = 'sent' ORDER BY id")
    assert sent == [*(one.id for one in people), early.id]


def plan(world: World, person: Person, due_at: datetime) -> None:
    """Have the first wave of somebody be due at another time."""
    first = "follow_up_id = (SELECT min(id) FROM follow_up WHERE participant_id = :who)"
    world.execute(f"UPDATE timer SET due_at = :at WHERE {first}", at=due_at, who=person.id)
    mine = "id = (SELECT min(id) FROM follow_up WHERE participant_id = :who)"
    world.execute(f"UPDATE follow_up SET due_at = :at WHERE {mine}", at=due_at, who=person.id)


async def test_what_is_taken_back_keeps_its_place(world: World) -> None:
    """Whoever was queued when the window closed goes first when it opens again; so it is after a pause, too."""
    people = many(world, 6)[::-1]
    for place, one in enumerate(people):
        plan(world, one, WAVE + timedelta(minutes=place))
    world.clock.move(timedelta(minutes=10))
    world.runtime.openers_wait = True
    world.scheduler.has_room = room_for(world, 2)
    await world.scheduler.tick(limit=1)
    queued = world.column("SELECT participant_id FROM contact WHERE action = 'queued' ORDER BY id")
    assert queued == [people[0].id, people[1].id]
    world.clock.move(timedelta(hours=5))
    await world.scheduler.tick(limit=1)
    world.clock.move(timedelta(hours=19))
    now = world.clock.now()
    world.database.write_now(lambda c: programs.pause(c, world.program_id, now))
    world.scheduler.has_room = lambda _connection, _channel: True
    await world.scheduler.tick()
    world.database.write_now(lambda c: programs.resume(c, world.program_id, now))
    assert world.database.write_now(lambda c: resumed_programs.go_on(c, world.program_id, 0, now)) == 6
    world.execute("DELETE FROM contact")
    await world.scheduler.tick(limit=2)
    assert world.column("SELECT participant_id FROM contact ORDER BY id") == [one.id for one in people]


def room_for(world: World, most: int):  # type: ignore[no-untyped-def]
    """A channel that has room while fewer openers than this are queued."""

    def has_room(connection: sa.Connection, _line: str) -> bool:
        queued = sa.text("SELECT count(*) FROM contact WHERE action = 'queued'")
        return int(connection.scalar(queued)) < most

    return has_room


YEAR = timedelta(days=365)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


async def test_a_clock_set_a_year_ahead_is_told_and_does_nothing_at_once(
    world: World, logged: list[MutableMapping[str, Any]]
) -> None:
    """A wrong year that is put right soon sends no wave, ends no conversation and deletes nothing."""
    many(world, 3)
    world.clock.move(-timedelta(days=30))
    before = world.column("SELECT count(*) FROM timer WHERE done_at IS NULL")
    await world.scheduler.tick()
    world.clock.jump(YEAR)
    assert await world.scheduler.tick() == 0
    world.clock.jump(-YEAR)
    assert await world.scheduler.tick() == 0
    assert world.column(SENT) == [0]
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == before
    told = [line["event"] for line in logged if line["event"].startswith("clock_set")]
    assert told == ["clock_set_back", "clock_set_ahead", "clock_set_back"]


async def test_a_start_with_a_clock_a_year_ahead_does_nothing_at_once(
    world: World, logged: list[MutableMapping[str, Any]]
) -> None:
    """What a restart hides looks like a long absence: for ten minutes nothing is done by that clock, then it is."""
    many(world, 3)
    world.clock.move(-timedelta(days=30))
    await world.scheduler.tick()
    world.clock.jump(YEAR)
    for _ in range(2):  # also where it dies once more meanwhile
        world.scheduler = scheduler.Scheduler(world.database, world.runtime, world.clock)
        world.scheduler.ask_for_absence()
        assert await world.scheduler.tick() == 0
        world.clock.move(timedelta(minutes=9))
        assert await world.scheduler.tick() == 0
    assert [line["event"] for line in logged].count("clock_far_ahead_at_start") == 2
    world.clock.move(timedelta(minutes=1))
    assert await world.scheduler.tick() > 0


async def test_a_start_with_a_wrong_year_before_the_first_purge_does_nothing(world: World) -> None:
    """A bot that died in its first minutes was at work all the same: the audit trail knows when."""
    many(world, 3)
    world.database.write_now(
        lambda c: audit.record(c, AuditKind.ENTERED, participant_id=1, now=world.clock.now(), invitation=1)
    )
    world.clock.jump(YEAR)
    world.scheduler = scheduler.Scheduler(world.database, world.runtime, world.clock)
    world.scheduler.ask_for_absence()
    assert await world.scheduler.tick() == 0
    assert world.column("SELECT count(*) FROM audit_event WHERE kind = 'purge'") == [0]


async def test_a_start_after_a_night_acts_at_once(world: World) -> None:
    """An absence of a day is an ordinary one: what came due in it is acted on with the first tick."""
    many(world, 3)
    world.clock.move(-timedelta(days=1))
    await world.scheduler.tick()
    world.clock.move(timedelta(days=1))
    world.scheduler = scheduler.Scheduler(world.database, world.runtime, world.clock)
    world.scheduler.ask_for_absence()
    assert await world.scheduler.tick() > 0


async def test_a_clock_that_stays_ahead_is_believed_after_ten_minutes(world: World) -> None:
    """So it was wrong before, or the machine stood still: what is due comes."""
    ben = world.person()
    ben.commit("Ask about pain")
    await world.scheduler.tick()
    world.clock.jump(timedelta(days=30))
    await world.scheduler.tick()
    world.clock.move(scheduler.TIME_TO_CORRECT - timedelta(seconds=1))
    await world.scheduler.tick()
    assert world.column(SENT) == [0]
    world.clock.move(timedelta(seconds=1))
    await world.scheduler.tick()
    assert world.column(SENT) == [1]


SET_FOR = "SELECT due_at, reason FROM timer WHERE done_at IS NULL AND kind = :kind ORDER BY id"


async def nothing() -> None:
    """Do nothing meanwhile."""


async def wrong_for_a_while(
    world: World, ahead: timedelta, meanwhile: Callable[[], Awaitable[None]] = nothing
) -> None:
    """The clock is far ahead for longer than it is doubted, outside the window; then right, and the bot restarts."""
    await world.scheduler.tick()
    world.clock.jump(ahead)
    await world.scheduler.tick()
    world.clock.move(scheduler.TIME_TO_CORRECT)
    await world.scheduler.tick()
    await meanwhile()
    world.clock.jump(-ahead)
    world.scheduler = scheduler.Scheduler(world.database, world.runtime, world.clock)
    world.scheduler.ask_for_absence()


async def test_a_wave_that_a_wrong_clock_put_off_comes_as_it_was_planned(
    world: World, logged: list[MutableMapping[str, Any]]
) -> None:
    """It does not wait until the year has come to which the clock was set, and jobs of each day go on."""
    ben = world.person()
    ben.commit("Ask about pain")
    planned = world.column("SELECT due_at FROM follow_up ORDER BY id")
    await wrong_for_a_while(world, timedelta(days=365, hours=9))
    await world.scheduler.tick()
    assert world.rows(SET_FOR, kind="wave") == [(planned[-1], None)]
    assert [line["count"] for line in logged if line["event"] == "clock_was_ahead"] == [1]
    assert world.database.read_now(lambda c: periodic_jobs.last_done(c, "purge")) == world.clock.now()
    await world.pass_time(days=91)
    assert [status for _, status, _ in ben.waves()][-1] == "sent"
    assert world.column("SELECT sent_at FROM follow_up WHERE sent_at IS NOT NULL")[0] >= planned[-1]
    assert [line["event"] for line in logged].count("clock_was_ahead") == 1


async def test_reminders_that_a_wrong_clock_put_off_come_at_their_days(world: World) -> None:
    """Those of a wave by the days of the program, that of an unfinished conversation by its last turn, and its end."""
    ann, ben = world.person(), world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=29, hours=13)
    await ben.begin_conversation()
    await world.pass_time(hours=12)
    kinds = ("wave_reminder", "interview_reminder", "expire")
    before = {kind: world.rows(SET_FOR, kind=kind) for kind in kinds}
    assert [len(found) for found in before.values()] == [2, 1, 2]
    await wrong_for_a_while(world, timedelta(days=4, hours=9))
    await world.scheduler.tick()
    assert {kind: world.rows(SET_FOR, kind=kind) for kind in kinds} == before


async def wrong_for_minutes(world: World, ahead: timedelta, meanwhile: Callable[[], Awaitable[None]]) -> None:
    """The clock is far ahead for less time than it is doubted; then it is right again, in the same process."""
    await world.scheduler.tick()
    world.clock.jump(ahead)
    await world.scheduler.tick()
    await meanwhile()
    world.clock.jump(-ahead)
    await world.scheduler.tick()


@pytest.mark.parametrize("wrong", [wrong_for_a_while, wrong_for_minutes])
async def test_what_is_promised_by_a_wrong_clock_counts_from_when_it_is_right(
    world: World, wrong: Callable[..., Awaitable[None]]
) -> None:
    """A commitment of a day to come has the waves of one that is made now, and a talk its reminder and its end."""
    ann, ben, eva = world.person(), world.person(), world.person()

    async def meanwhile() -> None:
        ann.commit("Ask about pain")
        await ben.begin_conversation()

    await wrong(world, timedelta(days=365, hours=1), meanwhile)
    await world.scheduler.tick()
    now = world.clock.now().replace(tzinfo=None)
    assert world.column("SELECT made_at FROM commitment") == [str(now) + ".000000"]
    planned = world.column("SELECT due_at FROM follow_up ORDER BY wave_days")
    assert world.rows(SET_FOR, kind="wave") == [(due_at, None) for due_at in planned]
    eva.commit("Ask about sleep")
    assert world.column("SELECT due_at FROM follow_up ORDER BY id")[len(planned) :] == planned
    assert world.column("SELECT last_turn_at FROM conversation WHERE state <> ''") == [str(now) + ".000000"]
    for kind in ("interview_reminder", "expire"):
        ((due_at, _),) = world.rows(SET_FOR, kind=kind)
        assert now < datetime.fromisoformat(due_at) < now + timedelta(days=60)


@pytest.mark.parametrize(("back", "was_ahead"), [(5, False), (3_599, False), (3_600, True)])
async def test_a_clock_set_back_a_little_after_a_purge_was_not_far_ahead(
    world: World, logged: list[MutableMapping[str, Any]], back: int, was_ahead: bool
) -> None:
    """Nothing is made due, and no job of the day is done anew, for less than an hour."""
    ann = world.person()
    await ann.begin_conversation()
    await world.scheduler.tick()
    before = world.rows(SET_FOR, kind="expire")
    purged = world.database.read_now(lambda c: periodic_jobs.last_done(c, "purge"))
    assert purged is not None
    world.clock.set(purged - timedelta(seconds=back))
    await world.scheduler.tick()
    assert ("clock_was_ahead" in [line["event"] for line in logged]) is was_ahead
    assert world.rows(SET_FOR, kind="expire") == before
    again = world.database.read_now(lambda c: periodic_jobs.last_done(c, "purge"))
    assert (again != purged) is was_ahead


async def test_a_clock_that_is_set_back_stops_no_tick(world: World) -> None:
    """What is due by the clock as it is now comes with the next tick."""
    ben = world.person()
    ben.commit("Ask about pain")
    await world.scheduler.tick()
    world.clock.move(timedelta(days=30))
    world.clock.move(-timedelta(hours=3))
    await world.scheduler.tick()
    assert world.column(SENT) == [0]
    world.clock.move(timedelta(hours=3))
    await world.scheduler.tick()
    assert world.column(SENT) == [1]


NOWHERE = "Mars/Olympus_Mons"
WAITING = "SELECT count(*) FROM follow_up WHERE status = 'scheduled'"


async def test_a_zone_that_is_not_known_ends_no_wave(world: World) -> None:
    """It waits, is told once in the story and once a day to the team, and comes when the zone is known."""
    await enrol(world)
    ann, ben = world.person(), world.person()
    ann.commit("Ask about pain")
    ben.commit("Check kidneys")
    world.update("participant", ann.id, timezone=NOWHERE)
    await world.pass_time(days=30, hours=20)
    assert world.column(WAITING) == [5]
    assert world.rows("SELECT action, reason FROM contact WHERE participant_id = :ann", ann=ann.id) == [
        ("deferred", "environment")
    ]
    texts = world.column("SELECT json_extract(payload, '$.text') FROM outbox WHERE kind = 'team'")
    assert len([text for text in texts if "lacks something" in text]) == 1
    world.update("participant", ann.id, timezone="Europe/Vienna")
    await world.pass_time(days=3)
    assert ann.waves()[0][1] == "sent"
    assert world.column(SENT) == [2]


async def test_who_is_in_a_zone_that_is_not_known_gets_waves(world: World) -> None:
    """They are planned by the program's zone: each is decided on again at its time."""
    ann = world.person(timezone=NOWHERE)
    ann.commit("Ask about pain")
    assert [wave[:2] for wave in ann.waves()] == [(30, "scheduled"), (60, "scheduled"), (90, "scheduled")]


async def test_a_wave_whose_turn_takes_too_long_is_put_aside_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named in the log and in the story of its participant; nobody else waits for it."""
    slow, other = many(world, 2)
    engine_time, is_slow = conversations.EngineTime, [False]

    def noted(conversation: ConversationRecord) -> AbstractContextManager[None]:
        is_slow[0] = conversation.participant_id == slow.id
        return engine_time(conversation)

    class Limit:
        def __init__(self, seconds: float) -> None:
            assert seconds == turn_context.MOST_SECONDS
            self.is_reached = lambda: is_slow[0]

    monkeypatch.setattr(conversations, "EngineTime", noted)
    monkeypatch.setattr(turn_context, "UNTIMED", 0)
    monkeypatch.setattr(turn_context, "ProcessorTimeLimit", Limit)
    with capture_logs() as logged:
        await world.scheduler.tick()
    assert [wave[1] for person in (slow, other) for wave in person.waves()[:1]] == ["scheduled", "sent"]
    [(reason,)] = world.rows(
        "SELECT reason FROM timer WHERE participant_id = :slow AND reason IS NOT NULL", slow=slow.id
    )
    assert reason.startswith("failed: TurnTooLong at ")
    assert world.rows("SELECT action, reason FROM contact WHERE participant_id = :slow", slow=slow.id) == [
        ("not_sent", "failed")
    ]
    assert {"turn_too_long", "timer_put_aside"} <= {line["event"] for line in logged}
