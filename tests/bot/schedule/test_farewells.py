"""What people of a closed program hear, and what they hear no more."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.privacy import closing
from storage.programs import programs
from storage.programs.programs import ProgramError
from storage.schema import ProgramClose, SafetyKind, SafetyStatus
from tests.support.turn_world import make_world as make_turn_world
from tests.support.turn_world import said, texts
from tests.support.wave_world import MONDAY, World, flows, make_world, program

ALWAYS = {
    "window": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "20:00"},
    "waves": [30, 60],
}
GOODBYE = say(Sentence.PROGRAM_CLOSED, "en", title="T", contact="us@example.org")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, schedule=ALWAYS)
    yield made
    made.database.close()


def close(world: World) -> ProgramClose:
    """Close the program, and find who is to hear so, as the next tick does."""
    number, now = world.program_id, world.clock.now()
    how = world.database.write_now(lambda c: closing.close(c, number, now))
    if how is ProgramClose.END:
        assert world.database.write_now(lambda c: closing.plan_farewells(c, number, 0, now)) is None
    return how


async def test_who_was_promised_something_hears_once_that_it_is_over(world: World) -> None:
    """One goodbye each; the waves end with their reason, and nothing is sent after."""
    promised, refused = world.person(), world.person(consent=False)
    promised.commit("I give a plan", "I ask about pain")
    refused.commit("I give no leave")
    assert close(world) is ProgramClose.END
    await world.pass_time(days=200)
    assert promised.messages() == [GOODBYE]
    assert refused.messages() == []
    assert {(status, reason) for _, status, reason in promised.waves()} == {("cancelled", "program_closed")}
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]


async def test_a_talk_ends_and_keeps_what_was_said(world: World) -> None:
    """Whoever is in a talk hears goodbye once they have been silent for an hour; its answers stay."""
    person = world.person(consent=None)
    await person.begin_conversation()
    world.clock.move(timedelta(minutes=5))
    close(world)
    await world.scheduler.tick()
    assert GOODBYE not in person.messages()
    assert world.column("SELECT status FROM conversation") == ["ended"]
    await world.pass_time(days=30)
    assert person.messages()[-1] == GOODBYE
    assert person.messages().count(GOODBYE) == 1


async def test_what_is_queued_and_not_sent_is_not_sent_any_more(tmp_path: Path) -> None:
    """First words of a wave that wait for their turn are dropped with it; the goodbye comes in their place."""
    world = make_world(tmp_path, schedule=ALWAYS)
    world.runtime = Runtime(world.database, flows(), world.clock, RuntimeOptions(openers_wait=True))
    world.scheduler = Scheduler(world.database, world.runtime, world.clock)
    person = world.person()
    person.commit("I give a plan")
    world.clock.move(timedelta(days=30))
    await world.scheduler.tick()
    assert world.column("SELECT status FROM conversation ORDER BY id") == ["ended", "waiting"]
    close(world)
    await world.pass_time(days=2)
    assert world.column("SELECT status FROM outbox ORDER BY id") == ["dropped", "queued"]
    assert person.messages()[-1] == GOODBYE
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]
    world.database.close()


async def test_a_goodbye_waits_for_its_hour_and_for_a_pause_to_end(world: World) -> None:
    """Nobody is woken by it, and a program that is paused says nothing, not even this."""
    person = world.person(timezone="UTC")
    person.commit("I give a plan")
    world.clock.set(MONDAY.replace(hour=23))
    world.database.write_now(lambda c: programs.pause(c, world.program_id, world.clock.now()))
    close(world)
    await world.pass_time(days=3)
    assert person.messages() == []
    world.database.write_now(lambda c: programs.resume(c, world.program_id, world.clock.now()))
    await world.pass_time(days=2)
    [sent_at] = world.column("SELECT strftime('%H', at) FROM contact WHERE action = 'sent'")
    assert 8 <= int(sent_at) < 20
    assert person.messages() == [GOODBYE]


async def test_help_stands_before_goodbye(world: World) -> None:
    """While somebody may be at risk all is left as it is; the goodbye comes when a coordinator has cleared it."""
    person = world.person()
    person.commit("I give a plan")
    case = world.insert(
        "safety_case",
        participant_id=person.id,
        program_id=world.program_id,
        kind=SafetyKind.DISTRESS,
        status=SafetyStatus.NEW,
        opened_at=MONDAY,
        due_at=MONDAY,
    )
    close(world)
    await world.pass_time(days=3)
    assert person.messages() == []
    world.update("safety_case", case, status=SafetyStatus.CLEARED)
    await world.pass_time(days=3)
    assert person.messages() == [GOODBYE]


async def test_a_program_may_keep_its_promises(tmp_path: Path) -> None:
    """With `at_close: go_on` the waves come as they were agreed to, nobody hears goodbye, and nobody new is let in."""
    world = make_world(tmp_path, schedule=ALWAYS, at_close="go_on")
    person = world.person()
    person.commit("I give a plan")
    assert close(world) is ProgramClose.GO_ON
    await world.pass_time(days=31)
    assert len(person.messages()) == 1
    assert GOODBYE not in person.messages()
    world.database.close()


def test_nobody_new_is_let_in(world: World) -> None:
    """No link is made for a closed program, and its file is not loaded again."""
    close(world)
    wanted = NewInvitation(program_id=world.program_id, role=Role.HCP, flow="hcp_commitment", source="x")
    with pytest.raises(ProgramError, match="nobody new"):
        world.database.write_now(
            lambda c: invitations.make_invitation(c, wanted, token_hash=b"x", now=MONDAY)
        )
    with pytest.raises(ProgramError, match="is closed"):
        world.load(program(title="Another"))
    with pytest.raises(ProgramError, match="already"):
        close(world)


async def test_a_link_of_a_closed_program_says_so(tmp_path: Path) -> None:
    """Whoever opens one hears that it has ended and where the team is, and the link is not used up."""
    world = make_turn_world(tmp_path)
    token = world.token()
    world.database.write_now(lambda c: closing.close(c, world.program_id, world.clock.now()))
    file = world.database.read_now(lambda c: programs.program_file(c, world.program_id))
    expected = said(Sentence.INVITATION_CLOSED, title=file.title, contact=file.contact)
    assert texts(await world.someone("ann").start(token)) == [expected]
    assert world.rows("SELECT uses FROM invitation") == [(0,)]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]
    world.database.close()


async def test_it_is_put_away_once_nothing_goes_on(world: World) -> None:
    """Not while somebody has not heard that it is over; then it is only read."""
    world.person().commit("I give a plan")

    def archive() -> None:
        world.database.write_now(lambda c: closing.archive(c, world.program_id, world.clock.now()))

    with pytest.raises(ProgramError, match="close it first"):
        archive()
    close(world)
    with pytest.raises(ProgramError, match="something goes on"):
        archive()
    await world.pass_time(days=2)
    archive()
    assert world.column("SELECT archived_at IS NOT NULL FROM program") == [1]
