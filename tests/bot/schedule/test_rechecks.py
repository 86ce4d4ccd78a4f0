"""What we begin of our own accord, from its queueing to its hand-over: with a delivery, and a network that may fail."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channels.base import (
    MessageRejected,
    OutcomeUnknown,
    ParticipantBlocked,
)
from flows.engine.effects import Prompt
from flows.engine.events import Tapped
from storage.conversations import inbox, outbox
from storage.follow_up import openers
from storage.privacy import resumed_programs
from storage.programs import programs
from storage.schema import Lane
from tests.support.opener_town import QUESTION, WEDNESDAY, Town, contacts, due
from tests.support.wave_world import Person, make_world


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    world = make_world(tmp_path)
    yield Town(world)
    world.database.close()


async def test_a_contact_is_queued_until_it_is_handed_over(town: Town) -> None:
    """What was fired is queued, and sent from its hand-over on: so says the contact, and the wave has no date yet."""
    ann = due(town)
    await town.world.scheduler.tick()
    assert contacts(town) == [("wave", "queued", "due")]
    assert town.world.rows("SELECT status, sent_at FROM follow_up LIMIT 1") == [("scheduled", None)]
    town.world.clock.move(timedelta(minutes=7))
    await town.delivery.drain()
    assert [text for _, text in town.heard(ann)] == [QUESTION]
    assert contacts(town) == [("wave", "sent", "due")]
    at = (WEDNESDAY + timedelta(minutes=7)).replace(tzinfo=None)
    [(status, sent_at)] = town.world.rows("SELECT status, sent_at FROM follow_up LIMIT 1")
    assert (status, datetime.fromisoformat(sent_at)) == ("sent", at)
    closes = "SELECT due_at FROM timer WHERE kind = 'wave_close'"
    assert [datetime.fromisoformat(one) for one in town.world.column(closes)] == [at + timedelta(days=14)]


async def test_after_an_outage_an_opener_is_decided_anew(town: Town) -> None:
    """Fired on Wednesday, with the network away until Friday night, it arrives in the window: Monday; not at night."""
    ann = due(town)
    town.network(is_there=False)
    said = set()
    while town.world.clock.now() < WEDNESDAY + timedelta(days=1, hours=11, minutes=30):
        await town.pass_time(hours=0.5, every=0.5)
        said |= {action for _, action, _ in contacts(town)}
    assert "sent" not in said
    town.network(is_there=True)
    town.start()
    await town.pass_time(hours=24 * 4, every=0.5)
    [(at, text)] = town.heard(ann)
    assert text == QUESTION
    assert (at.strftime("%a"), at.hour) == ("Mon", 10)
    assert contacts(town)[-1] == ("wave", "sent", "due")


@pytest.mark.parametrize("change", ["consent", "stop", "hold", "pause"])
async def test_what_may_not_go_any_more_does_not(town: Town, change: str) -> None:
    """A consent taken back, a stop, a hold or a paused program since the firing: the opener is not sent."""
    ann = due(town)
    await town.world.scheduler.tick()
    world = town.world
    match change:
        case "consent":
            ann.decide(granted=False)
        case "stop":
            world.execute("UPDATE participant SET status = 'withdrawn'")
        case "hold":
            world.update("participant", ann.id, team_hold_until=WEDNESDAY + timedelta(days=2))
        case _:
            world.database.write_now(lambda c: programs.pause(c, world.program_id, WEDNESDAY))
    await town.delivery.drain()
    assert town.heard(ann) == []
    assert world.column("SELECT count(*) FROM conversation WHERE flow = 'hcp_follow_up'") == [0]
    assert world.column("SELECT count(*) FROM outbox") == [0]
    await town.step()
    [(_, action, reason)] = contacts(town)
    expected = {
        "consent": ("not_sent", "no_consent"),
        "stop": ("not_sent", "withdrawn"),
        "hold": ("deferred", "team_hold"),
        "pause": ("deferred", "program_paused"),
    }
    assert (action, reason) == expected[change]
    assert town.heard(ann) == []


@pytest.mark.parametrize(
    ("moved", "comes"),
    [(timedelta(), timedelta(hours=1)), (timedelta(hours=2, minutes=45), timedelta(hours=20, minutes=30))],
)
async def test_another_contact_meanwhile_puts_it_off_by_an_hour(
    town: Town, moved: timedelta, comes: timedelta
) -> None:
    """It is taken back whole and comes once, an hour after the other; where the window closes first, the next noon."""
    ann = due(town)
    town.world.clock.move(moved)
    await town.world.scheduler.tick()
    town.world.insert(
        "contact",
        participant_id=ann.id,
        timer_kind="interview_reminder",
        action="sent",
        reason="due",
        at=town.world.clock.now(),
    )
    await town.delivery.drain()
    assert town.heard(ann) == []
    assert town.world.column("SELECT count(*) FROM outbox") == [0]
    await town.pass_time(hours=30, every=0.25)
    assert ("wave", "deferred", "just_written_to") in contacts(town)
    [(at, text)] = town.heard(ann)
    assert (at, text) == (WEDNESDAY + comes, QUESTION)
    assert ann.waves()[0][1] == "sent"


async def test_who_writes_meanwhile_gets_it_at_once(town: Town) -> None:
    """Somebody who writes while their opener waits is answered by it, whatever the hour."""
    ann = due(town)
    await town.world.scheduler.tick()
    town.world.clock.move(timedelta(hours=8))  # at night, outside the window
    await town.says(ann, "hello?")
    assert town.world.column("SELECT lane FROM outbox") == ["reply"]
    await town.delivery.drain()
    assert [text for _, text in town.heard(ann)] == [QUESTION]
    assert contacts(town) == [("wave", "sent", "due")]
    await ann.tell(ann.open_conversation(), Tapped(0, 0))
    assert ann.waves()[0] == (30, "answered", None)


async def test_an_earlier_wave_goes_on_until_the_next_is_handed_over(tmp_path: Path) -> None:
    """Whoever answers the wave before while the next one waits is heard in it, and the next one waits."""
    town = Town(make_world(tmp_path, schedule={"contacts_per_week": 9, "quiet_days_after_talk": 0}))
    ann = due(town)
    await town.step()
    earlier = ann.open_conversation()
    town.world.clock.set(WEDNESDAY + timedelta(days=33))
    await town.world.scheduler.tick()
    second = town.world.column("SELECT id FROM conversation WHERE status = 'waiting'")
    assert len(second) == 1
    await town.says(ann, "Partly")
    assert town.world.column("SELECT status FROM conversation WHERE id = :id", id=earlier) != ["expired"]
    assert town.world.column("SELECT count(*) FROM conversation WHERE status = 'waiting'") == [0]
    assert ann.waves()[0][1] in {"answered", "no_response"}
    town.world.database.close()


async def test_a_wave_that_gave_way_ends_with_the_hand_over_of_the_next(tmp_path: Path) -> None:
    """The wave before stays open as long as the next one is not handed over, and ends with that."""
    town = Town(make_world(tmp_path, schedule={"contacts_per_week": 9, "quiet_days_after_talk": 0}))
    ann = due(town)
    await town.step()
    earlier = ann.open_conversation()
    town.world.clock.set(WEDNESDAY + timedelta(days=33))
    await town.world.scheduler.tick()
    status = "SELECT status FROM conversation WHERE id = :id"
    assert town.world.column(status, id=earlier) == ["open"]
    await town.delivery.drain()
    assert town.world.column(status, id=earlier) == ["ended"]
    assert ann.open_conversation() != earlier
    town.world.database.close()


async def test_a_reminder_counts_from_its_hand_over(town: Town) -> None:
    """A reminder that could not be sent is no reminder; it is decided anew, and comes in the window."""
    ann = due(town)
    await town.step()
    town.network(is_there=False)
    await town.pass_time(hours=24 * 5 + 2)
    assert ("wave_reminder", "sent", "due") not in contacts(town)
    assert town.world.column("SELECT max(reminded) FROM follow_up") == [0]
    town.network(is_there=True)
    town.start()
    await town.pass_time(hours=36)
    sent = [one for one in contacts(town) if one == ("wave_reminder", "sent", "due")]
    assert len(sent) == 1
    assert town.world.column("SELECT max(reminded) FROM follow_up") == [1]
    assert all(10 <= at.hour <= 17 for at, _ in town.heard(ann))


async def test_what_waits_is_counted_once_after_a_crash(town: Town) -> None:
    """A process that dies between firing and sending leaves an opener that goes out once."""
    ann = due(town)
    await town.world.scheduler.tick()
    town.start()
    await town.step()
    await town.step()
    assert [text for _, text in town.heard(ann)] == [QUESTION]
    assert contacts(town) == [("wave", "sent", "due")]


async def test_a_paused_program_goes_on_when_it_is_resumed(town: Town) -> None:
    """A wave that a pause stopped goes on at once when the pause ends, in its hours."""
    ann, world = due(town), town.world
    world.database.write_now(lambda c: programs.pause(c, world.program_id, WEDNESDAY))
    await town.step()
    assert town.heard(ann) == []
    now = world.clock.now()
    world.database.write_now(lambda c: programs.resume(c, world.program_id, WEDNESDAY))
    assert world.database.write_now(lambda c: resumed_programs.go_on(c, world.program_id, 0, now)) == 1
    await town.step()
    assert [text for _, text in town.heard(ann)] == [QUESTION]


async def test_a_block_ends_what_was_queued(town: Town) -> None:
    """Whoever blocked the bot before their opener came is not written to, and the wave closes with that reason."""
    ann = due(town)
    town.channel.fail("*", ParticipantBlocked("blocked"))
    await town.step()
    await town.pass_time(hours=2)
    assert town.heard(ann) == []
    assert ann.waves()[0] == (30, "no_response", "blocked")
    assert town.world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]
    assert town.world.column("SELECT count(*) FROM conversation WHERE status != 'ended'") == [0]


@pytest.mark.parametrize("is_back", [True, False])
async def test_whoever_came_back_meanwhile_is_asked_all_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch, is_back: bool
) -> None:
    """That they had blocked us is written late: the opener waits as before, so that nothing is said under it."""
    ann, found = due(town), list[str]()

    def has_come(connection: Connection, address_id: int, _since: datetime) -> bool:
        return is_back and ann.address == address_id

    def wait_again(connection: Connection, conversations: Collection[int]) -> None:
        waited(connection, conversations)
        newest = sa.text("SELECT status FROM conversation ORDER BY id DESC LIMIT 1")
        found.extend(connection.execute(newest).scalars())

    waited = openers.wait_again
    monkeypatch.setattr(inbox, "has_come_since", has_come)
    monkeypatch.setattr(openers, "wait_again", wait_again)
    town.channel.fail("*", ParticipantBlocked("blocked"))
    await town.step()
    assert [text for _, text in town.heard(ann)] == ([QUESTION] if is_back else [])
    assert found[0] == ("waiting" if is_back else "open")


async def test_what_the_platform_refuses_for_good_is_asked_again(town: Town) -> None:
    """An opener that the platform refuses is no sent contact; the reminders of its conversation ask again."""
    ann = due(town)
    town.channel.fail("*", MessageRejected("too strange"))
    await town.step()
    assert contacts(town) == [("wave", "not_sent", "failed")]
    await town.pass_time(hours=24 * 6)
    assert [text for _, text in town.heard(ann)].count(QUESTION) == 1


async def test_a_stop_while_it_waits_leaves_nothing(town: Town) -> None:
    """Whoever says stop while their opener waits gets their farewell, and nothing else; the story says why."""
    ann = due(town)
    await town.world.scheduler.tick()
    await town.says(ann, "stop")
    await town.delivery.drain()
    assert QUESTION not in [text for _, text in town.heard(ann)]
    assert {one[1:] for one in contacts(town)} == {("not_sent", "withdrawn")}
    assert [one[1] for one in ann.waves()] == ["opted_out"] * 3


DISTRESS = "I cannot go on, I want to kill myself"


async def clear(town: Town) -> None:
    """The team saw to whoever was at risk."""
    town.world.execute("UPDATE safety_case SET status = 'cleared'")


async def test_help_in_place_of_an_opener_is_told_and_the_opener_comes_later(town: Town) -> None:
    """Somebody at risk gets help and no opener: the story says so, nobody waits unseen, and it comes after the hold."""
    ann = due(town)
    await town.world.scheduler.tick()
    await town.says(ann, DISTRESS)
    await town.delivery.drain()
    assert QUESTION not in [text for _, text in town.heard(ann)]
    assert len(town.heard(ann)) == 1
    assert contacts(town) == [("wave", "not_sent", "crisis_help")]
    assert town.world.column("SELECT count(*) FROM conversation WHERE status != 'ended'") == [0]
    await town.pass_time(hours=30)
    assert set(contacts(town)[1:]) == {("wave", "deferred", "safety_hold")}
    assert len(town.heard(ann)) == 1
    await clear(town)
    await town.pass_time(hours=24 * 5)
    assert [text for _, text in town.heard(ann)].count(QUESTION) == 1
    assert contacts(town)[-1][1] != "queued"


async def test_help_in_place_of_a_reminder_is_told_and_the_reminder_comes_later(town: Town) -> None:
    """A reminder that waits makes way, is told as not sent, and is decided on again when the hold is over."""
    ann = due(town)
    await town.step()
    town.network(is_there=False)
    while ("wave_reminder", "queued", "due") not in contacts(town):
        await town.pass_time(hours=1)
    await town.says(ann, DISTRESS)
    assert ("wave_reminder", "not_sent", "crisis_help") in contacts(town)
    assert town.world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]
    assert town.world.column("SELECT reason FROM outbox WHERE lane = 'reminder'") == ["crisis_help"]
    town.network(is_there=True)
    town.world.clock.move(timedelta(minutes=10))
    await town.delivery.drain()
    await town.pass_time(hours=30)
    assert ("wave_reminder", "sent", "due") not in contacts(town)
    due_again = (
        "SELECT count(*) FROM timer WHERE kind = 'wave_reminder' AND reason = 'queued' AND done_at IS NULL"
    )
    assert town.world.column(due_again) == [0]


async def test_an_opener_that_may_have_been_seen_is_not_sent_again_after_help(town: Town) -> None:
    """Where nobody knows whether the opener arrived its conversation stays open, and no second one begins."""
    ann = due(town)
    town.channel.fail("*", OutcomeUnknown("cut off"))
    await town.step()
    assert town.world.column("SELECT possibly_duplicate FROM outbox") == [1]
    await town.says(ann, DISTRESS)
    town.world.clock.move(timedelta(minutes=10))
    await town.delivery.drain()
    assert contacts(town) == [("wave", "not_sent", "crisis_help")]
    assert town.world.column("SELECT status FROM conversation WHERE flow = 'hcp_follow_up'") == ["paused"]
    await clear(town)
    await town.pass_time(hours=24)
    assert town.world.column("SELECT count(*) FROM conversation WHERE flow = 'hcp_follow_up'") == [1]


async def test_help_at_one_address_leaves_what_waits_elsewhere(town: Town) -> None:
    """What waits for others goes out as it would have, and nothing is told of it."""
    ann, ben = town.world.person(), town.world.person()
    for one in (ann, ben):
        one.commit("Ask about pain")
    town.world.clock.set(WEDNESDAY)
    await town.world.scheduler.tick()
    await town.says(ann, DISTRESS)
    await town.delivery.drain()
    assert [text for _, text in town.heard(ben)] == [QUESTION]
    story = "SELECT action, reason FROM contact WHERE participant_id = :who"
    assert town.world.rows(story, who=ben.id) == [("sent", "due")]
    assert town.world.rows(story, who=ann.id) == [("not_sent", "crisis_help")]


async def test_what_no_timer_waits_for_is_told_too(town: Town) -> None:
    """A message of ours that no timer brought, such as what began after another talk, is told as not sent."""
    ann = due(town)
    row = {
        "address_id": ann.address,
        "payload": '{"text": "Your partner took it back."}',
        "created_at": WEDNESDAY,
        "lane": Lane.REMINDER,
    }
    town.world.database.write_now(lambda c: outbox.queue(c, [row]))
    await town.says(ann, DISTRESS)
    await town.delivery.drain()
    assert len(town.heard(ann)) == 1
    assert town.world.story("timer_kind", "action", "reason", "conversation_id") == [
        (None, "not_sent", "crisis_help", None)
    ]


NEWS = "Your text was co-signed."
NIGHT = timedelta(hours=9)
"""Half past midnight in Vienna."""


def unasked(town: Town, person: Person) -> None:
    """Somebody is told something that they did not write for just now: a co-signed text, a language that was found."""
    row = {
        "address_id": person.address,
        "payload": msgspec.json.encode(Prompt(NEWS)).decode(),
        "created_at": town.world.clock.now(),
    }
    town.world.database.write_now(lambda c: outbox.queue(c, [row]))


def texts(town: Town, person: Person) -> list[str]:
    return [text for _, text in town.heard(person)]


@pytest.mark.parametrize("change", ["night", "consent", "hold", "pause"])
async def test_what_nobody_wrote_for_takes_no_opener_along_unchecked(town: Town, change: str) -> None:
    """A message that answers nobody goes; the opener before it is checked as always, and comes when it may."""
    ann, world = due(town), town.world
    await world.scheduler.tick()
    match change:
        case "night":
            world.clock.move(NIGHT)
        case "consent":
            ann.decide(granted=False)
        case "hold":
            world.update("participant", ann.id, team_hold_until=WEDNESDAY + timedelta(days=2))
        case _:
            world.database.write_now(lambda c: programs.pause(c, world.program_id, WEDNESDAY))
    unasked(town, ann)
    assert set(world.column("SELECT lane FROM outbox")) == {"reply"}
    await town.delivery.drain()
    assert texts(town, ann) == [NEWS]
    await town.step()
    assert contacts(town)[-1][1] == ("not_sent" if change == "consent" else "deferred")
    if change == "night":
        await town.pass_time(hours=24, every=0.5)
        assert texts(town, ann) == [NEWS, QUESTION]
        [_, (at, _)] = town.heard(ann)
        assert 10 <= at.hour <= 16


async def test_what_nobody_wrote_for_keeps_the_order_in_the_window(town: Town) -> None:
    """Where the opener may go it goes first: nothing in a chat is overtaken."""
    ann = due(town)
    await town.world.scheduler.tick()
    unasked(town, ann)
    await town.delivery.drain()
    assert texts(town, ann) == [QUESTION, NEWS]
    assert contacts(town) == [("wave", "sent", "due")]


async def test_who_wrote_gets_the_opener_though_something_else_came_first(town: Town) -> None:
    """Whoever wrote since their opener was queued gets it at whatever hour, with what nobody wrote for behind it."""
    ann = due(town)
    await town.world.scheduler.tick()
    town.world.clock.move(NIGHT)
    await town.says(ann, "hello?")
    unasked(town, ann)
    await town.delivery.drain()
    assert texts(town, ann) == [QUESTION, NEWS]


async def test_what_nobody_wrote_for_takes_no_reminder_along_unchecked(town: Town) -> None:
    """A reminder that waits is checked too: it does not come at night with a message that answers nobody."""
    ann = due(town)
    await town.step()
    town.network(is_there=False)
    while ("wave_reminder", "queued", "due") not in contacts(town):
        await town.pass_time(hours=1)
    town.world.clock.move(timedelta(hours=12))
    unasked(town, ann)
    town.network(is_there=True)
    town.start()
    await town.delivery.drain()
    assert texts(town, ann) == [QUESTION, NEWS]
    assert ("wave_reminder", "queued", "due") not in contacts(town)
    assert town.world.column("SELECT max(reminded) FROM follow_up") == [0]
    await town.pass_time(hours=24, every=0.5)
    assert texts(town, ann) == [QUESTION, NEWS, QUESTION]
    assert town.world.column("SELECT max(reminded) FROM follow_up") == [1]
