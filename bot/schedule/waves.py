"""What the timers of a wave do: the first message over all that is due, its reminders, its close."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import assert_never

from bot.schedule.timers import Fire, remind, silence
from flows.program.model import ProgramFile
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactLater, ContactNow, ContactReason, NoContact, decide_contact
from flows.script.model import Flow
from storage.follow_up import due_waves, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import ContactConversation, ContactedParticipant, DueWave, SentWave
from storage.programs import programs
from storage.schema import ContactAction, FollowUpStatus

LIVE_CONVERSATION = timedelta(days=1)
"""A talk in which the person wrote so lately is left to them: no reminder, no later wave in its place."""


def fire_wave(fire: Fire) -> None:
    """Begin one talk over all that is due today for this person, or say why not."""
    assert fire.timer.follow_up_id is not None
    program_id = due_waves.scheduled(fire.connection, fire.timer.follow_up_id)
    if program_id is None:
        fire.finish(ContactReason.NOTHING_LEFT_TO_ASK)
        return
    program = programs.program_file(fire.connection, program_id)
    person = due_waves.person(fire.connection, fire.timer.participant_id)
    due = due_waves.due_waves(
        fire.connection,
        participant_id=person.id,
        program_id=program_id,
        until=end_of_day(fire.now, person.zone(program.timezone)),
    )
    group = _group(fire, _latest_of_each(fire, due))
    if group:
        _send_wave(fire, person, program_id, program, group)


def _latest_of_each(fire: Fire, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """After a long silence several waves of a commitment may be due: only the latest asks."""
    latest = {wave.commitment_id: wave for wave in due}
    overtaken = [wave for wave in due if latest[wave.commitment_id] is not wave]
    _cancel(fire, overtaken, ContactReason.LATER_WAVE_DUE)
    return tuple(latest.values())


def _group(fire: Fire, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """What is asked about in one talk with this timer's. Last waves ask more, so they have their own talk."""
    own = next((wave for wave in due if wave.timer_id == fire.timer.id), None)
    if own is None:
        return ()
    together = [wave for wave in due if wave.last is own.last]
    _cancel(fire, [wave for wave in together if not wave.worth_asking], ContactReason.NOTHING_LEFT_TO_ASK)
    return tuple(wave for wave in together if wave.worth_asking)


def _send_wave(
    fire: Fire,
    person: ContactedParticipant,
    program_id: int,
    program: ProgramFile,
    group: tuple[DueWave, ...],
) -> None:
    flow_name = program.follow_ups.get(person.role)
    flow = fire.conversations.flows.get(flow_name) if flow_name else None
    preferred = due_waves.address_of(fire.connection, group[0].conversation_id)
    reach, address_id = due_waves.reach(
        fire.connection, person.id, preferred, lambda channel: fire.policy.allows(person.role, channel)
    )
    welcome = address_id is None or fire.policy.allows(
        person.role, due_waves.channel_of(fire.connection, address_id)
    )
    situation = fire.situation(
        person,
        program,
        consented=follow_ups.may_contact_again(fire.connection, person.id, program_id)
        and follow_ups.takes_part(fire.connection, person.id, program_id),
        reach=reach,
        allowed=welcome and (flow is None or person.role in flow.audience),
        flow_found=flow is not None,
        other_conversation_open=_another_conversation(fire, person, group),
    )
    decision = decide_contact(situation)
    match decision:
        case ContactNow():
            assert flow is not None
            assert address_id is not None
            _begin_wave(fire, person, program_id, program, group, flow=flow, address_id=address_id)
        case ContactLater():
            for wave in group:
                _of(fire, wave).wait(decision)
        case NoContact(reason):
            follow_ups.close(
                fire.connection,
                [wave.follow_up_id for wave in group],
                _STATUS_WHEN_STOPPED.get(reason, FollowUpStatus.CANCELLED),
                reason,
                now=fire.now,
            )
            for wave in group:
                _of(fire, wave).stop(reason)
        case _:
            assert_never(decision)


_STATUS_WHEN_STOPPED = {
    ContactReason.WITHDRAWN: FollowUpStatus.OPTED_OUT,
    ContactReason.NO_CONSENT: FollowUpStatus.OPTED_OUT,
    ContactReason.BLOCKED: FollowUpStatus.NO_RESPONSE,
    ContactReason.UNREACHABLE: FollowUpStatus.NO_RESPONSE,
}
"""Who cannot be reached was due all the same, and counts among those who were."""


def _begin_wave(
    fire: Fire,
    person: ContactedParticipant,
    program_id: int,
    program: ProgramFile,
    group: tuple[DueWave, ...],
    *,
    flow: Flow,
    address_id: int,
) -> None:
    connection, now, zone = fire.connection, fire.now, person.zone(program.timezone)
    made_in = follow_ups.made_in(connection, person.id, program_id)
    renewals = fire.renewals(person.id, program_id, program, flow, after=made_in)
    for conversation in due_waves.open_conversations(connection, person.id):
        due_waves.end(connection, conversation, ContactReason.LATER_WAVE_DUE, now=now)
    conversation_id = fire.conversations.begin(
        connection,
        participant_id=person.id,
        address_id=address_id,
        program_id=program_id,
        activity_id=group[-1].activity_id,
        flow=flow.flow,
        facts=due_waves.wave_facts(connection, group, zone),
        now=now,
        renewals=renewals,
    )
    due_waves.mark_sent(
        connection,
        group,
        conversation_id=conversation_id,
        participant_id=person.id,
        schedule=program.schedule,
        zone=zone,
        now=now,
    )
    sent = replace(fire.timer, conversation_id=conversation_id)
    replace(fire, timer=sent).tell(
        ContactAction.SENT, ContactReason.CONSENT_CHANGED if renewals else ContactReason.DUE
    )


def _another_conversation(fire: Fire, person: ContactedParticipant, group: Sequence[DueWave]) -> bool:
    """Whether a talk is open that these waves must wait for; an earlier wave left unanswered is none."""
    asked = {wave.commitment_id for wave in group}
    return any(
        not _gives_way(fire, conversation, asked)
        for conversation in due_waves.open_conversations(fire.connection, person.id)
    )


def _gives_way(fire: Fire, conversation: ContactConversation, asked: set[int]) -> bool:
    """An earlier wave's talk ends when its wave is over or asked anew, unless the person is talking in it."""
    sent = due_waves.sent_in(fire.connection, conversation.id, conversation.participant_id)
    if not sent:
        return False
    over = all(one.closed for one in sent) or any(one.commitment_id in asked for one in sent)
    untouched = not any(one.answered for one in sent) and conversation.last_turn_at <= max(
        one.sent_at for one in sent
    )
    return over and (untouched or conversation.last_turn_at <= fire.now - LIVE_CONVERSATION)


def _cancel(fire: Fire, cancelled: Sequence[DueWave], reason: ContactReason) -> None:
    if not cancelled:
        return
    follow_ups.close(
        fire.connection,
        [wave.follow_up_id for wave in cancelled],
        FollowUpStatus.CANCELLED,
        reason,
        now=fire.now,
    )
    for wave in cancelled:
        _of(fire, wave).stop(reason)


def _of(fire: Fire, wave: DueWave) -> Fire:
    """The same moment for another wave of the group."""
    timer = replace(fire.timer, id=wave.timer_id, follow_up_id=wave.follow_up_id, conversation_id=None)
    return replace(fire, timer=timer)


def fire_wave_reminder(fire: Fire) -> None:
    """Ask once more about what a follow-up talk has not answered, while its wave is open."""
    conversation = fire.conversation()
    person = due_waves.person(fire.connection, conversation.participant_id)
    program = programs.program_file(fire.connection, conversation.program_id)
    lapsed = _lapsed(fire, conversation)
    if lapsed is not None:
        fire.stop(lapsed)
        return
    consented = follow_ups.may_contact_again(fire.connection, person.id, conversation.program_id)
    if remind(fire, conversation, person, program, consented=consented):
        due_waves.count_reminder(fire.connection, conversation.id, conversation.participant_id)
        fire.finish(ContactReason.DUE)


def _lapsed(fire: Fire, conversation: ContactConversation) -> ContactReason | None:
    """Why a reminder of a wave has lost its sense, if it has."""
    sent = due_waves.sent_in(fire.connection, conversation.id, conversation.participant_id)
    if all(one.answered for one in sent):
        return ContactReason.ALREADY_ANSWERED
    closes_at = timers.closes_at(fire.connection, conversation.id, conversation.participant_id)
    if closes_at is None or closes_at <= fire.now:
        return ContactReason.WAVE_CLOSED
    if timers.later_reminder_due(fire.connection, fire.timer, fire.now):
        return ContactReason.LATER_REMINDER_DUE
    if _asked_anew(fire, conversation, sent):
        return ContactReason.LATER_WAVE_DUE
    touched = conversation.last_turn_at > max(one.sent_at for one in sent)
    return (
        ContactReason.TALK_MOVED_ON
        if touched and conversation.last_turn_at > fire.now - LIVE_CONVERSATION
        else None
    )


def _asked_anew(fire: Fire, conversation: ContactConversation, sent: Sequence[SentWave]) -> bool:
    """Whether a later wave of what was asked is due as well: it comes in place of the reminder."""
    due = due_waves.due_waves(
        fire.connection,
        participant_id=conversation.participant_id,
        program_id=conversation.program_id,
        until=fire.now,
    )
    return not {one.commitment_id for one in sent}.isdisjoint(wave.commitment_id for wave in due)


def fire_wave_close(fire: Fire) -> None:
    """What has no answer by now is no response; the talk stays open for a late one."""
    conversation = fire.conversation()
    reason = silence(fire, conversation, ContactReason.NO_RESPONSE)
    closed = follow_ups.close_wave(
        fire.connection, conversation.id, conversation.participant_id, reason, now=fire.now
    )
    fire.finish(reason if closed else ContactReason.ALREADY_ANSWERED)


def end_of_day(now: datetime, zone: str) -> datetime:
    """The first moment of the next local day."""
    tomorrow = local_time.local(now, zone).date() + timedelta(days=1)
    return local_time.at_local(tomorrow, time.min, zone)
