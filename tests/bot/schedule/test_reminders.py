"""Reminders of an unfinished conversation, as stories with a clock moved by hand: how many, when, and where to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.channel_policy import ChannelPolicy
from bot.schedule.scheduler import Scheduler
from bot.schedule.timers import FiringTimer
from flows.script.loader import load_flow_text
from flows.script.model import Role
from storage.follow_up import timers
from storage.programs import programs
from storage.schema import AddressStatus, TimerKind
from tests.support.opener_town import Town
from tests.support.wave_world import COMMIT, MONDAY, World, make_world

SCHEDULE = {
    "window": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "20:00"},
    "channels": ["email"],
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, schedule=SCHEDULE)
    yield made
    made.database.close()


def told(world: World) -> list[tuple[str, str, float]]:
    """What the story tells of reminders, after so many hours from the start."""
    rows = world.rows(
        "SELECT action, reason, (julianday(at) - julianday(:start)) * 24 FROM contact"
        " WHERE timer_kind = 'interview_reminder' ORDER BY id",
        start=MONDAY.strftime("%Y-%m-%d %H:%M:%S"),
    )
    return [(action, reason, round(hours, 1)) for action, reason, hours in rows]


def channels(world: World) -> list[str]:
    """The channels of waves and reminders, in the order in which they were queued."""
    return world.column(
        "SELECT channel FROM address JOIN outbox ON address.id = address_id"
        " WHERE lane = 'reminder' ORDER BY outbox.id"
    )


@pytest.mark.parametrize(("most", "hours"), [(0, []), (1, [24]), (9, [24, 72])])
async def test_a_script_may_allow_fewer_reminders(world: World, most: int, hours: list[int]) -> None:
    """Its conversation is reminded of so often at most, and no more often than the program says."""
    fewer = load_flow_text(f"{COMMIT}limits: {{reminders: {most}}}\n")
    world.runtime.flows = {**world.runtime.flows, "hcp_commitment": fewer}
    await world.person().begin_conversation()
    await world.pass_time(days=10)
    assert told(world) == [("sent", "due", after) for after in hours]


async def test_reminders_wait_while_their_program_is_paused(world: World) -> None:
    """Each day says so, and until when; a day after the program goes on at most they come."""
    await world.person().begin_conversation()
    world.database.write_now(lambda c: programs.pause(c, world.program_id, MONDAY))
    await world.pass_time(days=3)
    assert told(world) == [("deferred", "program_paused", hours) for hours in (24, 48, 72)]
    until = [datetime.fromisoformat(at) for at in world.column("SELECT new_due_at FROM contact ORDER BY id")]
    assert until == [MONDAY.replace(tzinfo=None) + timedelta(days=days) for days in (2, 3, 4)]
    world.database.write_now(lambda c: programs.resume(c, world.program_id, MONDAY))
    await world.pass_time(days=1)
    assert told(world)[3:] == [("sent", "due", 96)]


async def test_no_reminder_comes_into_another_conversation(world: World) -> None:
    """Who wrote there ten minutes ago is reminded of this one no sooner than an hour after that."""
    ann = world.person()
    await ann.begin_conversation()
    other = await ann.begin_conversation()
    await world.pass_time(hours=23.5)
    world.update("conversation", other, last_turn_at=world.clock.now())
    await world.pass_time(hours=2)
    assert [one for one in told(world) if one[0] == "sent"] == [("sent", "due", 24.5)]


@pytest.mark.parametrize(
    ("here", "there", "found"),
    [
        (AddressStatus.ACTIVE, AddressStatus.ACTIVE, "terminal"),
        (AddressStatus.UNREACHABLE, AddressStatus.ACTIVE, "email"),
        (AddressStatus.UNREACHABLE, AddressStatus.UNREACHABLE, None),
    ],
)
async def test_a_reminder_goes_where_the_conversation_is(
    world: World, here: AddressStatus, there: AddressStatus, found: str | None
) -> None:
    """Though the program tries another channel first; it goes there only if nobody is reached where the talk is."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    mail = world.address(ann.id, "email:ann@example.org", "email")
    slack = world.address(ann.id, "slack:ann", "slack")
    world.update("address", ann.address, status=here)
    for address in (mail, slack):
        world.update("address", address, status=there)
    await world.pass_time(hours=25)
    sent = ("sent", "due", 24) if found else ("not_sent", "unreachable", 24)
    assert told(world) == [sent]
    assert set(channels(world)) == ({found} if found else set())
    assert world.column("SELECT address_id FROM conversation WHERE id = :id", id=conversation) == [
        mail if found == "email" else ann.address
    ]


async def test_a_reminder_leaves_a_channel_that_the_role_may_not_use(world: World) -> None:
    """It goes by the address that they have on another channel."""
    policy = ChannelPolicy({"terminal": frozenset({Role.EDUCATOR})})
    world.scheduler = Scheduler(world.database, world.runtime, world.clock, policy=policy)
    ann = world.person()
    await ann.begin_conversation()
    world.address(ann.id, "email:ann@example.org", "email")
    await world.pass_time(hours=25)
    assert told(world) == [("sent", "due", 24)]
    assert set(channels(world)) == {"email"}


async def test_a_wave_goes_round_by_the_addresses(world: World) -> None:
    """Asked at the one that the program tries first, it is reminded of at the other, and then at the first again."""
    ann = world.person()
    world.address(ann.id, "email:ann@example.org", "email")
    ann.commit("Ask about pain")
    await world.pass_time(days=41)
    assert channels(world) == ["email", "terminal", "email"]


async def test_who_takes_the_consent_back_is_not_reminded(world: World) -> None:
    """Of a wave that was sent before; the story says why, and so does the timer."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    world.clock.move(timedelta(minutes=1))
    ann.decide(granted=False)
    await world.pass_time(days=4)
    assert world.story()[1:2] == [("wave_reminder", "not_sent", "no_consent")]
    assert world.column("SELECT reason FROM timer WHERE kind = 'wave_reminder' LIMIT 1") == ["no_consent"]


async def test_a_wave_is_not_reminded_of_where_nobody_is_reached(world: World) -> None:
    """The story says why, once for each reminder."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    world.update("address", ann.address, status=AddressStatus.BLOCKED)
    await world.pass_time(days=5)
    assert world.story()[1:] == [("wave_reminder", "not_sent", "blocked")]


async def test_a_reminder_that_waits_for_its_platform_is_queued_once(world: World) -> None:
    """It is decided on again each hour: so says the story, and so much is sent in the end."""
    town = Town(world)
    ann = world.person()
    await ann.begin_conversation()
    await town.step()
    town.network(is_there=False)
    await town.pass_time(hours=28)
    assert [row for row in world.story() if row[1] == "queued"] == [("interview_reminder", "queued", "due")]
    assert world.column("SELECT status FROM outbox WHERE lane = 'reminder'") == ["queued"]
    [due_at] = world.column("SELECT due_at FROM timer WHERE kind = 'interview_reminder'")
    assert datetime.fromisoformat(due_at) == MONDAY.replace(tzinfo=None) + timedelta(hours=29)


def test_nothing_is_looked_at_twice_in_one_tick(world: World) -> None:
    """A timer that is to look again at a time which has passed is due a second from now."""
    ann = world.person()
    new = timers.NewTimer(TimerKind.EXPIRE, ann.id, MONDAY)

    def look_again(connection):
        timers.arm(connection, new)
        [due] = timers.due(connection, MONDAY, 1)
        FiringTimer(connection, world.runtime, due, MONDAY).look_again(MONDAY - timedelta(hours=1))

    world.database.write_now(look_again)
    assert world.database.read_now(timers.next_due) == MONDAY + timedelta(seconds=1)
