"""Waves of follow-up, as stories with a clock moved by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.engine.events import Replied, Tapped
from flows.engine.state import decode_state
from flows.script.conditions import holds
from flows.script.loader import library
from storage.follow_up.holds import hold_for_team
from storage.reports import operators
from storage.schema import AddressStatus, ParticipantStatus
from tests.support.wave_world import MONDAY, World, make_world, program

FULL, PARTLY, DROPPED = 0, 1, 2
WAVES = "SELECT wave_days, status, reason FROM follow_up ORDER BY id"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def local_hours(world: World, kind: str = "wave", zone: str = "Europe/Vienna") -> list[str]:
    """When contacts of a kind were made, on the person's clock."""
    rows = world.rows(
        "SELECT at FROM contact WHERE timer_kind = :kind AND action = 'sent' ORDER BY id", kind=kind
    )
    at = [datetime.fromisoformat(row[0]).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for row in rows]
    return [f"{moment:%a %m-%d %H:%M}" for moment in at]


async def test_waves_come_after_30_60_and_90_days(world: World) -> None:
    """The bot comes back at each wave, at the local hour of the commitment, also after the clocks changed."""
    ann = world.person()
    ann.commit("Ask about pain")
    for days in (31, 32, 29):
        await world.pass_time(days=days)
        await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    assert ann.messages() == ["Ask about pain: where is it now?", "Thank you."] * 3
    assert ann.waves() == [(30, "answered", None), (60, "answered", None), (90, "answered", None)]
    assert local_hours(world) == ["Wed 04-01 15:30", "Mon 05-04 15:30", "Mon 06-01 15:30"]


async def test_lanes_of_what_we_begin_and_what_answers(world: World) -> None:
    """What answers a person is in the lane of replies, and so are first words before it; a reminder is in its own."""
    ann, ben = world.person(), world.person()
    for one in (ann, ben):
        one.commit("Ask about pain")
    await world.pass_time(days=31)
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    await world.pass_time(days=5)
    lanes = "SELECT DISTINCT lane FROM outbox WHERE address_id = :at AND status = 'queued' ORDER BY id"
    assert world.column(lanes, at=ann.address) == ["reply"]  # the first words are promoted with them
    assert world.column(lanes, at=ben.address) == ["reminder"]


@pytest.mark.parametrize("consent", [False, None])
async def test_without_consent_nothing_is_scheduled(world: World, consent: bool | None) -> None:
    """No consent to be contacted again, or a no: no follow-up is made, and the story says why."""
    ann = world.person(consent=consent)
    ann.commit("Ask about pain")
    assert ann.waves() == []
    assert world.story() == [("wave", "not_sent", "no_consent")]


async def test_consent_is_looked_at_again(world: World) -> None:
    """Who takes the consent back is not contacted; the follow-ups say so."""
    ann = world.person()
    ann.commit("Ask about pain")
    ann.decide(granted=False)
    await world.pass_time(days=100)
    assert ann.waves() == [(days, "opted_out", "no_consent") for days in (30, 60, 90)]
    assert ann.messages() == []
    assert world.story() == [("wave", "not_sent", "no_consent")] * 3


async def test_silence_is_reminded_twice_then_closed(world: World) -> None:
    """Reminders come after 3 and 7 days inside the window; the wave closes after 14, the conversation stays open."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=46)
    assert local_hours(world) == ["Wed 04-01 15:30"]
    assert local_hours(world, "wave_reminder") == ["Mon 04-06 12:00", "Wed 04-08 15:30"]
    assert ann.waves()[0] == (30, "no_response", "no_response")
    assert world.rows("SELECT reminded FROM follow_up LIMIT 1") == [(2,)]
    assert ann.messages().count("Ask about pain: where is it now?") == 3


async def test_late_answer_keeps_its_date(world: World) -> None:
    """An answer after the close is kept with its real date, as late; the wave stays without response."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=50)
    await ann.tell(ann.open_conversation(), Tapped(0, FULL))
    assert ann.waves()[0] == (30, "no_response", "no_response")
    [(status, late, reported, answered)] = world.rows(
        "SELECT i.status, late, reported_at, answered_at"
        " FROM implementation i JOIN follow_up f ON f.id = follow_up_id"
    )
    assert (status, late) == ("full", 1)
    assert reported == answered
    assert reported.startswith("2026-04-21")


async def test_two_commitments_are_asked_in_one_conversation(world: World) -> None:
    """What is due on one local day is one conversation: the oldest commitment first, one after another."""
    ann = world.person()
    ann.commit("Ask about pain", "Check kidneys")
    world.clock.move(timedelta(hours=2))
    ann.commit("Explain the plan")
    await world.pass_time(days=31)
    conversation = ann.open_conversation()
    for ask in range(3):
        await ann.tell(conversation, Tapped(ask, PARTLY))
    assert [text.partition(":")[0] for text in ann.messages()] == [
        "Ask about pain",
        "Check kidneys",
        "Explain the plan",
        "Thank you.",
    ]
    assert world.story() == [("wave", "sent", "due")]
    assert {row[1] for row in ann.waves() if row[0] == 30} == {"answered"}


async def test_facts_of_a_follow_up(world: World) -> None:
    """The conversation knows each commitment with the latest report, and which wave this is."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=33)
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    await world.pass_time(days=33)
    [state] = world.column("SELECT state FROM conversation WHERE status != 'ended'")
    facts = decode_state(state).facts
    expected = {
        "days": 60,
        "last": False,
        "final": False,
        "late": False,
        "next_on": "2026-06-01",
        "last_on": "2026-06-01",
    }
    assert facts["wave"] == expected
    [commitment] = facts["commitments"]
    assert commitment["statement"] == "Ask about pain"
    assert commitment["made_on"] == "2026-03-02"
    assert commitment["status"] == "partial"
    assert commitment["foreseen_barriers"] == ["time"]
    assert (commitment["last"], commitment["starts_later"]) == (False, False)


async def test_a_late_start_is_asked_about_with_the_others(world: World) -> None:
    """One conversation for all plans; what starts later says so, and has its last wave later."""
    ann = world.person()
    ann.commit("Ask about pain")
    world.clock.move(timedelta(hours=2))
    ann.commit("Send the plan", start_on=date(2026, 6, 20))
    seen = []
    for day in (33, 30, 30, 60):
        await world.pass_time(days=day)
        [state] = world.column("SELECT state FROM conversation WHERE status != 'ended'")
        facts = decode_state(state).facts
        plans = [(one["statement"], one["last"], one["starts_later"]) for one in facts["commitments"]]
        seen.append((facts["wave"]["days"], facts["wave"]["last"], facts["wave"]["final"], plans))
        for ask in range(len(plans)):
            await ann.tell(ann.open_conversation(), Tapped(ask, PARTLY))
    both = [("Ask about pain", False, False), ("Send the plan", False, True)]
    assert seen == [
        (30, False, False, both),
        (60, False, False, both),
        (90, False, False, [("Ask about pain", True, False), both[1]]),
        (140, True, True, [("Send the plan", True, False)]),
    ]


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        (PARTLY, "answered", "answered"),
        (FULL, "cancelled", "answered"),  # asked at the last wave whether it lasts
        (DROPPED, "cancelled", "cancelled"),
    ],
)
async def test_what_is_left_to_ask(world: World, first: int, second: str, third: str) -> None:
    """Open ones are asked at every wave, full ones at the last one only, dropped ones never again."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=33)
    await ann.tell(ann.open_conversation(), Tapped(0, first))
    for _ in range(2):
        await world.pass_time(days=33)
        for conversation in world.column("SELECT id FROM conversation WHERE status != 'ended'"):
            await ann.tell(conversation, Tapped(0, first))
    assert [row[1] for row in ann.waves()] == ["answered", second, third]
    assert {row[2] for row in ann.waves() if row[1] == "cancelled"} <= {"nothing_left_to_ask"}


async def test_open_conversation_defers_a_wave(world: World) -> None:
    """Two conversations are never interleaved: the wave waits for the open one, and comes when that has ended."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=29)
    conversation = await ann.begin_conversation()
    await world.pass_time(days=2)
    assert world.story()[-1] == ("wave", "deferred", "other_talk_open")
    world.clock.set(datetime(2026, 4, 6, 12, 0, tzinfo=UTC))
    await ann.tell(conversation, Replied("no"))
    await world.scheduler.tick()
    assert world.story()[-1] == ("wave", "deferred", "quiet_after_talk")
    await world.pass_time(days=1)
    assert world.story()[-1] == ("wave", "sent", "due")
    assert ann.messages()[-1] == "Ask about pain: where is it now?"


async def test_next_wave_takes_over_from_an_unanswered_one(world: World) -> None:
    """An earlier wave's conversation that nobody answered expires when the next begins; both facts are kept."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=64)
    assert ann.waves()[:2] == [(30, "no_response", "no_response"), (60, "sent", None)]
    assert world.rows("SELECT status, outcome FROM conversation WHERE id > 1 ORDER BY id") == [
        ("ended", "expired"),
        ("open", None),
    ]


async def test_live_conversation_is_left_to_the_person(tmp_path: Path) -> None:
    """Who is in the middle of an earlier wave's questions is not torn out of them by the next wave."""
    world = make_world(
        tmp_path, schedule={"waves": [7, 14], "contacts_per_week": 9, "quiet_days_after_talk": 0}
    )
    ann = world.person()
    ann.commit("Ask about pain", "Check kidneys")
    await world.pass_time(days=13, hours=23)
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    await world.pass_time(hours=2)
    assert set(world.story()[-3:]) == {
        ("wave", "deferred", "other_talk_open"),
        ("wave_reminder", "not_sent", "later_wave_due"),
    }
    await ann.tell(ann.open_conversation(), Tapped(1, PARTLY))
    await world.scheduler.tick()
    assert world.story()[-1] == ("wave", "sent", "due")
    world.database.close()


async def test_two_programs_at_once_are_never_mixed(world: World) -> None:
    """Of two that are due in the same minute one is sent; the other waits for its end and for a quiet day."""
    other = world.load(program("lymphoma"))
    ann = world.person()
    ann.decide(granted=True, program_id=other)
    ann.commit("Ask about pain")
    ann.commit("Check kidneys", program_id=other)
    await world.pass_time(days=31)
    assert world.story()[:2] == [("wave", "sent", "due"), ("wave", "deferred", "other_talk_open")]
    assert [text for text in ann.messages() if "now?" in text] == ["Ask about pain: where is it now?"]
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    await world.scheduler.tick()
    assert world.story()[-1] == ("wave", "deferred", "quiet_after_talk")
    await world.pass_time(days=4)
    assert ann.messages()[-1] == "Check kidneys: where is it now?"


async def test_ten_days_down(tmp_path: Path) -> None:
    """After ten days down what is overdue goes out once, in order; no reminders pile up, each says why."""
    world = make_world(tmp_path, schedule={"waves": [7, 12]})
    ann, ben = world.person(), world.person()
    ann.commit("Ask about pain")
    ben.commit("Check kidneys")
    await world.pass_time(days=7, hours=1)
    await world.outage(days=10)  # both reminders of the first wave, and the second wave, are overdue
    told = [
        row for row in world.story("participant_id", "timer_kind", "action", "reason") if row[0] == ann.id
    ]
    assert sorted(row[1:] for row in told) == [
        ("wave", "sent", "due"),
        ("wave", "sent", "due"),
        ("wave_reminder", "not_sent", "later_reminder_due"),
        ("wave_reminder", "not_sent", "later_wave_due"),
    ]
    assert ann.messages() == ["Ask about pain: where is it now?"] * 2
    assert ben.messages() == ["Check kidneys: where is it now?"] * 2
    world.database.close()


async def test_closed_wave_sends_no_reminder(world: World) -> None:
    """A reminder whose wave has closed meanwhile is not sent, and says so."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    await world.outage(days=20)
    await world.pass_time(days=1)
    assert world.story()[1:] == [("wave_reminder", "not_sent", "wave_closed")] * 2
    assert len(ann.messages()) == 1
    assert ann.waves()[0] == (30, "no_response", "closed_late")


async def test_only_the_latest_of_overdue_waves_is_asked(world: World) -> None:
    """Of two waves of a commitment that are overdue, it is asked about once; the earlier says why not."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.outage(days=63)
    await world.pass_time(days=1)
    assert ann.waves()[:2] == [(30, "cancelled", "later_wave_due"), (60, "sent", None)]
    assert len(ann.messages()) == 1


async def test_contact_budget_over_all_programs(tmp_path: Path) -> None:
    """No more contacts in seven days than allowed, whichever program made them; the rest waits."""
    world = make_world(tmp_path, schedule={"waves": [30], "contacts_per_week": 1})
    other = world.load(program("other", schedule={"waves": [31], "contacts_per_week": 1}))
    ann = world.person()
    ann.decide(granted=True, program_id=other)
    ann.commit("Ask about pain")
    ann.commit("Check kidneys", program_id=other)
    await world.pass_time(days=30, hours=1)
    await ann.tell(ann.open_conversation(), Tapped(0, FULL))
    await world.pass_time(days=2)
    [*_, (action, reason, again)] = world.story("action", "reason", "new_due_at")
    assert (action, reason, again[:16]) == ("deferred", "contact_budget", "2026-04-08 13:30")
    await world.pass_time(days=6)
    assert local_hours(world) == ["Wed 04-01 15:30", "Wed 04-08 15:30"]
    world.database.close()


@pytest.mark.parametrize(
    ("table", "values", "status", "reason"),
    [
        ("address", {"status": AddressStatus.BLOCKED}, "no_response", "blocked"),
        ("address", {"status": AddressStatus.UNREACHABLE}, "no_response", "unreachable"),
        ("participant", {"status": ParticipantStatus.WITHDRAWN}, "opted_out", "withdrawn"),
    ],
)
async def test_who_cannot_be_written_to(
    world: World, table: str, values: dict[str, object], status: str, reason: str
) -> None:
    """A wave to somebody who may not or cannot be reached is not sent; the wave and the story say why."""
    ann = world.person()
    ann.commit("Ask about pain")
    world.update(table, 1, **values)
    await world.pass_time(days=33)
    assert ann.waves()[0] == (30, status, reason)
    assert world.story() == [("wave", "not_sent", reason)]
    assert ann.messages() == []


async def test_other_address_is_used(world: World) -> None:
    """Who blocked one channel is asked on the other one that they have."""
    ann = world.person()
    ann.commit("Ask about pain")
    world.update("address", ann.address, status=AddressStatus.BLOCKED)
    second = world.address(ann.id, "slack:ann", "slack")
    await world.pass_time(days=33)
    assert set(world.column("SELECT address_id FROM outbox")) == {second}


async def test_missing_flow_loses_no_wave(tmp_path: Path) -> None:
    """A flow that is not there puts the wave off until the operator has put it right."""
    world = make_world(tmp_path, follow_ups={"hcp": "no_such_flow"})
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=33)
    assert ann.waves()[0] == (30, "scheduled", None)
    assert world.story() == [("wave", "deferred", "flow_missing")]  # once, not each day
    world.load(program())
    await world.pass_time(days=5)
    assert ann.waves()[0][1] == "sent"
    world.database.close()


async def test_person_on_hold_is_left_alone(world: World) -> None:
    """Nothing is sent of our own accord before the hour until which a person is on hold."""
    ann = world.person()
    ann.commit("Ask about pain")
    world.update("participant", ann.id, hold_until=MONDAY + timedelta(days=40))
    await world.pass_time(days=39)
    assert world.story("action", "reason") == [("deferred", "on_hold")]
    await world.pass_time(days=5)
    assert local_hours(world) == ["Mon 04-13 12:00"]


@pytest.mark.parametrize("ended_early", [False, True])
async def test_a_hold_of_the_team_is_told_as_theirs(world: World, ended_early: bool) -> None:
    """It is the team that wanted quiet, not the person; it goes on by itself at the end, or when they end it."""
    ann = world.person()
    ann.commit("Ask about pain")
    hold = partial(hold_for_team, participant_id=ann.id)
    now, until = world.clock.now(), MONDAY + timedelta(days=40)
    world.database.write_now(lambda c: hold(c, until=until, now=now))
    await world.pass_time(days=35)
    assert world.story("action", "reason") == [("deferred", "team_hold")]
    [(code,)] = world.rows("SELECT code FROM participant")
    story = partial(operators.participant_story, code=code)
    first, *_ = world.database.read_now(partial(story, now=world.clock.now())).to_come
    assert (first.at, first.phrase, first.reason) == (until, "hold_ends", "team_hold")
    if ended_early:
        world.database.write_now(lambda c: hold(c, until=None, now=world.clock.now()))
    await world.pass_time(days=3 if ended_early else 8)
    assert ann.waves()[0][1] == "sent"
    told = world.database.read_now(partial(story, now=world.clock.now()))
    assert "hold_ends" not in [line.phrase for line in told.to_come]


async def test_a_timer_in_an_unknown_zone_holds_up_no_other(world: World) -> None:
    """It waits for the zone, and all the others go on."""
    ann, ben, eve = world.person(), world.person(), world.person()
    for person in (ann, ben, eve):
        person.commit("Ask about pain")
    world.update("participant", ben.id, timezone="Nowhere/Land")
    await world.outage(days=30)
    assert [person.waves()[0][1] for person in (ann, ben, eve)] == ["sent", "scheduled", "sent"]
    assert world.column("SELECT reason FROM timer WHERE reason LIKE 'failed%'") == []
    assert ("wave", "deferred", "environment") in world.story()


async def test_tick_goes_through_a_backlog_in_batches(world: World) -> None:
    """A backlog longer than a batch is worked off in one tick, in due order."""
    people = [world.person() for _ in range(7)]
    for person in people:
        person.commit("Ask about pain")
        world.clock.move(timedelta(minutes=1))
    world.clock.move(timedelta(days=30))
    assert await world.scheduler.tick(limit=3) == 7
    assert world.column("SELECT participant_id FROM contact ORDER BY id") == [person.id for person in people]


async def test_a_wave_that_is_asked_late_is_told_so(world: World) -> None:
    """Day 30 that is asked on day 49, after an outage, is no early day any more."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.outage(days=49)
    [state] = world.column("SELECT state FROM conversation WHERE status != 'ended'")
    wave = decode_state(state).facts["wave"]
    assert (wave["days"], wave["late"]) == (30, True)


@pytest.mark.parametrize(("late", "said"), [(False, True), (True, False)])
def test_early_days_are_said_in_time_alone(late: bool, said: bool) -> None:
    """The shipped script's own condition."""
    [early] = [step for step in library()["hcp_follow_up"].steps if step.key == "early"]
    assert early.when is not None
    assert holds(early.when, {"wave": {"days": 30, "late": late}}.__getitem__) is said


@pytest.mark.parametrize("hours", [0.0, 9.0])
async def test_no_reminder_comes_on_the_day_of_the_next_wave(world: World, hours: float) -> None:
    """The next wave asks the same, minutes or hours later: one contact is enough."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=33)
    [next_wave] = world.column(
        "SELECT due_at FROM timer WHERE kind = 'wave' AND done_at IS NULL ORDER BY due_at LIMIT 1"
    )
    world.execute(
        "UPDATE timer SET due_at = :at WHERE kind = 'wave_reminder' AND done_at IS NULL",
        at=datetime.fromisoformat(next_wave).replace(tzinfo=UTC) - timedelta(hours=hours),
    )
    world.execute("UPDATE timer SET due_at = :at WHERE kind = 'wave_close'", at=MONDAY + timedelta(days=90))
    await world.pass_time(days=31)
    told = [row for row in world.story() if row[0] == "wave_reminder"]
    assert told
    assert {row[1:] for row in told} <= {("not_sent", "later_wave_due"), ("not_sent", "later_reminder_due")}


@pytest.mark.parametrize(("outage", "reason"), [(False, "no_response"), (True, "closed_late")])
async def test_a_wave_that_closed_during_an_outage_is_marked(world: World, outage: bool, reason: str) -> None:
    """Whoever would have answered could not; the funnel and the rates can leave it out."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=33)
    await (world.outage(days=20) if outage else world.pass_time(days=20))
    assert ann.waves()[0] == (30, "no_response", reason)
