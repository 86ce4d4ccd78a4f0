"""Unfinished conversations, pauses and stops, as stories with a clock moved by hand."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel_policy import ChannelPolicy
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime
from flows.engine.events import MediaKind, MediaSent, Replied, Tapped
from flows.script.loader import load_flow_text
from flows.script.model import AskConsent, Role
from flows.script.reconsent import with_renewals
from storage.conversations import outbox
from storage.follow_up import cosignatures, timers, waves
from storage.privacy.erasure import ErasureRequest, erase_participant
from storage.schema import ConversationStatus, SafetyKind, SafetyStatus
from tests.support.wave_world import MONDAY, Person, World, flows, make_world

EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "20:00"}
GONE = "took back what they wrote"
CONSENT = """
flow: hcp_consent
title: A consent
language: en
audience: [hcp]
steps:
  - {key: again, kind: consent, purpose: contact_again, text: May we write again?}
  - {key: bye, kind: end, text: Goodbye.}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, schedule={"window": EVERY_DAY})
    yield made
    made.database.close()


def sent_after(world: World, kind: str) -> list[float]:
    """When contacts of a kind were made, in hours from the start."""
    rows = world.column(
        "SELECT (julianday(at) - julianday(:start)) * 24 FROM contact"
        " WHERE timer_kind = :kind AND action = 'sent' ORDER BY id",
        kind=kind,
        start=MONDAY.strftime("%Y-%m-%d %H:%M:%S"),
    )
    return [round(hours, 1) for hours in rows]


async def test_unfinished_conversation_is_reminded_twice_then_expires(world: World) -> None:
    """An unfinished conversation is reminded of after 24 and 72 hours, and expires after 14 days."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    await world.pass_time(days=13, hours=23)
    assert sent_after(world, "interview_reminder") == [24, 72]
    assert world.rows("SELECT status FROM conversation WHERE id = :id", id=conversation) == [("open",)]
    await world.pass_time(hours=1)
    assert world.rows("SELECT status, outcome FROM conversation WHERE id = :id", id=conversation) == [
        ("ended", "expired")
    ]
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]


async def test_turns_write_no_timers(world: World) -> None:
    """The timers are set once for a conversation; each silence is counted from its own last turn."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    await world.pass_time(hours=23)
    world.execute("UPDATE conversation SET last_turn_at = :at, turns = turns + 1", at=world.clock.now())
    await world.pass_time(hours=23)
    assert sent_after(world, "interview_reminder") == []
    await world.pass_time(hours=2)
    assert sent_after(world, "interview_reminder") == [47]
    world.execute("UPDATE conversation SET last_turn_at = :at, turns = turns + 1", at=world.clock.now())
    await world.pass_time(hours=49)
    assert sent_after(world, "interview_reminder")[:2] == [47, 72]
    assert world.column("SELECT count(*) FROM timer WHERE conversation_id = :id", id=conversation) == [2]


async def test_reminders_of_our_own_accord_keep_the_window(tmp_path: Path) -> None:
    """A reminder whose time falls outside the window waits for it, and the story says so."""
    world = make_world(tmp_path)  # Monday to Thursday
    world.clock.move(timedelta(days=3))  # Thursday
    await world.person().begin_conversation()
    await world.pass_time(days=2)
    assert world.story() == [("interview_reminder", "deferred", "outside_window")]
    await world.pass_time(days=3)
    assert sent_after(world, "interview_reminder") == [6 * 24 + 20.5]  # Monday, 12:00 in Vienna
    world.database.close()


async def test_reminders_keep_their_distance_after_an_outage(world: World) -> None:
    """When both reminders are overdue, one goes out, and the other no sooner than two days after it."""
    await world.person().begin_conversation()
    await world.outage(days=5)
    assert sent_after(world, "interview_reminder") == [120]
    await world.pass_time(days=3)
    assert sent_after(world, "interview_reminder") == [120, 168]


async def test_finished_conversation_is_not_reminded_of(world: World) -> None:
    """Nothing is left to fire for a conversation that has ended."""
    ann = world.person()
    await ann.tell(await ann.begin_conversation(), Replied("no"))
    await world.pass_time(days=30)
    assert world.story() == []


async def test_snooze(world: World) -> None:
    """'Later' brings the question back at the chosen hour, also outside the window, no reminder before."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    until = MONDAY + timedelta(hours=60)  # at half past two in the morning
    await snooze(world, conversation, ann.id, until)
    await world.pass_time(hours=61)
    assert sent_after(world, "resume") == [60]
    assert sent_after(world, "interview_reminder") == []
    await world.pass_time(hours=48)
    assert len(sent_after(world, "interview_reminder")) == 1
    assert sent_after(world, "interview_reminder")[0] >= 84


async def test_who_comes_back_early_is_not_asked_again(world: World) -> None:
    """Who wrote before the chosen hour is not asked again at it, and the story says why."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    await snooze(world, conversation, ann.id, MONDAY + timedelta(hours=60))
    await world.pass_time(hours=59)
    world.execute("UPDATE conversation SET last_turn_at = :at, turns = turns + 1", at=world.clock.now())
    await world.pass_time(hours=2)
    assert world.story() == [("resume", "not_sent", "talk_moved_on")]


async def test_a_sticker_is_no_coming_back(world: World) -> None:
    """Who chose an hour, and then sent something that answers nothing, is asked at that hour all the same."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    for event in (Replied("later"), Replied("tomorrow"), MediaSent(MediaKind.STICKER)):
        await ann.tell(conversation, event)
    await world.pass_time(days=2)
    assert world.story()[0] == ("resume", "sent", "due")


async def test_who_wrote_after_later_is_welcomed_back_once(world: World) -> None:
    """Who answered before the chosen hour is not welcomed back at it."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    for event in (Replied("later"), Replied("tomorrow"), Replied("help")):
        await ann.tell(conversation, event)
    await world.pass_time(days=1)
    assert world.story()[0] == ("resume", "not_sent", "talk_moved_on")


async def test_snoozing_again_replaces_the_hour(world: World) -> None:
    """Only the last chosen hour counts."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    await snooze(world, conversation, ann.id, MONDAY + timedelta(hours=10))
    await snooze(world, conversation, ann.id, MONDAY + timedelta(hours=20))
    await world.pass_time(hours=30)
    assert sent_after(world, "resume") == [20]


async def test_waiting_conversation_begins_when_the_open_one_expires(world: World) -> None:
    """What waited behind a conversation that ran out of time begins."""
    ann = world.person()
    first = await ann.begin_conversation()
    second = await ann.begin_conversation()
    world.update("conversation", second, status=ConversationStatus.WAITING, state="")
    world.execute("DELETE FROM timer WHERE conversation_id = :id", id=second)
    await world.pass_time(days=15)
    assert world.column("SELECT outcome FROM conversation WHERE id = :id", id=first) == ["expired"]
    assert world.column("SELECT status FROM conversation WHERE id = :id", id=second) == ["open"]


async def test_stop_ends_everything(world: World) -> None:
    """Stop ends every conversation, timer and follow-up of the person, each with its reason; nothing more is sent."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    conversation = ann.open_conversation()
    now = world.clock.now()
    world.database.write_now(lambda c: waves.withdraw(c, participant_id=ann.id, now=now))
    await world.pass_time(days=100)
    assert ann.waves() == [(days, "opted_out", "withdrawn") for days in (30, 60, 90)]
    assert world.rows("SELECT status, outcome FROM conversation WHERE id = :id", id=conversation) == [
        ("ended", "withdrawn")
    ]
    assert world.column("SELECT status FROM participant") == ["withdrawn"]
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]
    assert set(world.column("SELECT status FROM outbox")) == {"dropped"}
    silenced = [row for row in world.story() if row[1:] == ("not_sent", "withdrawn")]
    assert sorted(row[0] for row in silenced) == ["wave", "wave", "wave_reminder", "wave_reminder"]


async def test_stop_keeps_what_was_answered(world: World) -> None:
    """What the person had answered before the stop stays answered."""
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    await ann.tell(ann.open_conversation(), Tapped(0, 0))
    now = world.clock.now()
    world.database.write_now(lambda c: waves.withdraw(c, participant_id=ann.id, now=now))
    assert [row[1] for row in ann.waves()] == ["answered", "opted_out", "opted_out"]


async def snooze(world: World, conversation: int, participant: int, until: object) -> None:
    """As the runtime does at the end of a turn."""
    now = world.clock.now()
    await world.database.write(
        lambda c: timers.snooze(
            c, conversation_id=conversation, participant_id=participant, until=until, now=now
        )
    )


async def test_after_an_outage_no_reminder_comes_with_the_end(world: World) -> None:
    """Both are due in the same tick: the conversation ends, and no reminder is counted that nobody got."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    await world.outage(days=40)
    assert world.rows("SELECT status, outcome FROM conversation WHERE id = :id", id=conversation) == [
        ("ended", "expired")
    ]
    assert sent_after(world, "interview_reminder") == []
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]


async def test_a_hold_puts_the_end_off(world: World) -> None:
    """Of somebody who is away a conversation ends so many days after they are back, and not meanwhile."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    world.update("participant", ann.id, hold_until=MONDAY + timedelta(days=20))
    await world.pass_time(days=33, hours=23)
    assert world.rows("SELECT status FROM conversation WHERE id = :id", id=conversation) == [("open",)]
    await world.pass_time(hours=2)
    assert world.rows("SELECT status, outcome FROM conversation WHERE id = :id", id=conversation) == [
        ("ended", "expired")
    ]


async def test_a_conversation_ends_once_nobody_is_at_risk(world: World) -> None:
    """While its participant may be at risk it stays, though its end is due, and is looked at once a day."""
    ann = world.person()
    conversation = await ann.begin_conversation()
    case = distress(world, ann)
    status = "SELECT status, outcome FROM conversation WHERE id = :id"
    await world.pass_time(days=14)
    assert world.column("SELECT due_at FROM timer WHERE kind = 'expire'") == ["2026-03-17 14:30:00.000000"]
    await world.pass_time(days=6)
    assert world.rows(status, id=conversation) == [("open", None)]
    world.update("safety_case", case, status=SafetyStatus.ACKNOWLEDGED)
    await world.pass_time(days=1)
    assert world.rows(status, id=conversation) == [("ended", "expired")]


async def test_a_follow_up_waits_longer_for_a_late_answer(tmp_path: Path) -> None:
    """For 90 days since it was sent, whenever it is looked at; then it ends."""
    world = make_world(tmp_path, schedule={"waves": [30], "window": EVERY_DAY})
    ann = world.person()
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    conversation = ann.open_conversation()
    world.execute("UPDATE timer SET due_at = :at WHERE kind = 'expire'", at=MONDAY + timedelta(days=50))
    await world.pass_time(days=30 + 90 - 31 - 1)
    assert ann.open_conversation() == conversation
    await world.pass_time(days=2)
    assert world.column("SELECT outcome FROM conversation WHERE id = :id", id=conversation) == ["expired"]
    world.database.close()


async def test_a_reminder_keeps_to_the_channels_of_the_role(world: World) -> None:
    """Where a role may not be served on the channel of a conversation any more, no reminder goes there."""
    policy = ChannelPolicy({"terminal": frozenset({Role.EDUCATOR})})
    world.scheduler = Scheduler(world.database, world.runtime, world.clock, policy=policy)
    await world.person().begin_conversation()
    await world.pass_time(days=2)
    assert world.story() == [("interview_reminder", "not_sent", "not_allowed")]


def distress(world: World, person: Person) -> int:
    """The number of a case of distress that nobody has acknowledged."""
    now = world.clock.now()
    return world.insert(
        "safety_case",
        participant_id=person.id,
        program_id=world.program_id,
        kind=SafetyKind.DISTRESS,
        status=SafetyStatus.NEW,
        opened_at=now,
        due_at=now,
    )


async def taken_back(world: World) -> tuple[Person, int]:
    """A partner whose conversation was closed as its author left, and the number of one that waits behind it."""
    ann = world.person()
    first, second = await ann.begin_conversation(), await ann.begin_conversation()
    world.update("conversation", second, status=ConversationStatus.WAITING, state="")
    world.execute("DELETE FROM timer WHERE conversation_id = :id", id=second)
    now = world.clock.now()
    world.database.write_now(lambda c: cosignatures.close(c, first, now=now))
    return ann, second


def told_and_begun(world: World, partner: Person, waiting: int) -> tuple[int, str]:
    """How often a partner was told that a submission was taken back, and how the conversation stands that waited."""
    [status] = world.column("SELECT status FROM conversation WHERE id = :id", id=waiting)
    return sum(GONE in text for text in partner.messages()), status


async def test_what_was_taken_back_is_told_and_what_waited_begins(world: World) -> None:
    """The partner is told once, and the conversation that waited behind the one that ended begins."""
    ann, waiting = await taken_back(world)
    await world.pass_time(hours=1)
    assert told_and_begun(world, ann, waiting) == (1, "open")


@pytest.mark.parametrize("at_risk", [False, True])
async def test_what_was_taken_back_is_told_after_a_hold(world: World, at_risk: bool) -> None:
    """While the partner is away, or may be at risk, they hear nothing and nothing begins; then both are done."""
    ann, waiting = await taken_back(world)
    now = world.clock.now()
    if at_risk:
        case = distress(world, ann)
    else:
        world.update("participant", ann.id, hold_until=now + timedelta(days=3))
    await world.pass_time(days=2, hours=23)
    assert told_and_begun(world, ann, waiting) == (0, "waiting")
    if at_risk:
        world.update("safety_case", case, status=SafetyStatus.ACKNOWLEDGED)
    await world.pass_time(hours=1)
    assert told_and_begun(world, ann, waiting) == (1, "open")


@pytest.mark.parametrize(("replies", "reason"), [([], "consent_unanswered"), (["yes"], "expired")])
async def test_silence_at_a_consent_asked_again_has_its_own_reason(
    world: World, replies: list[str], reason: str
) -> None:
    """What expires there says so in what it had queued; once the consent is decided it is as any other silence."""
    asks = load_flow_text(CONSENT).steps[0]
    assert isinstance(asks, AskConsent)
    asking = with_renewals(flows()["hcp_commitment"], [("hcp_consent", asks)])
    world.runtime = Runtime(world.database, {**flows(), "hcp_commitment": asking}, world.clock)
    world.scheduler = Scheduler(world.database, world.runtime, world.clock)
    ann = world.person()
    conversation = await ann.begin_conversation()
    for reply in replies:
        await ann.tell(conversation, Replied(reply))
    await world.pass_time(days=15)
    assert world.column("SELECT outcome FROM conversation WHERE id = :id", id=conversation) == ["expired"]
    found = set(world.column("SELECT reason FROM outbox WHERE address_id = :id", id=ann.address))
    assert found & {"consent_unanswered", "expired"} == {reason}


async def test_an_erased_address_goes_after_its_last_message(world: World) -> None:
    """While that waits it is looked for once a minute; once it is out, nothing of the address is left."""
    ann, now = world.person(), world.clock.now()
    asked = ErasureRequest(ann.id, ann.address, inbox_id=0)
    last, _ = world.database.write_now(lambda c: erase_participant(c, asked, now))
    row = {"address_id": last, "payload": '{"text": "All is deleted."}', "created_at": now}
    world.database.write_now(lambda c: outbox.queue(c, [row]))
    await world.pass_time(hours=0.01)
    assert world.database.read_now(timers.next_due) == now + timedelta(minutes=1, seconds=1)
    world.execute("UPDATE outbox SET status = 'sent', is_head = 0")
    await world.pass_time(hours=0.1)
    assert world.column("SELECT count(*) FROM address WHERE id = :id", id=last) == [0]
    assert world.column("SELECT reason FROM timer WHERE kind = 'erase'") == ["due"]
    assert world.column("SELECT count(*) FROM timer WHERE done_at IS NULL") == [0]
