"""Act on the timers of a wave: the first message over all that is due, its reminders, its close."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import assert_never

from bot.conversations.new_conversation import NewConversation
from bot.conversations.reconsent import PlannedContact
from bot.schedule.timers import FiringTimer, remind, silence
from flows.program.model import ProgramFile
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactLater, ContactNow, ContactReason, NoContact, decide_contact
from flows.script.model import Flow
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
    unfinished_conversations,
)
from storage.follow_up import due_waves, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import DueWave, SentWave
from storage.people import participants
from storage.programs import programs
from storage.schema import ContactAction, FollowUpStatus

LIVE_CONVERSATION = timedelta(days=1)
"""A conversation in which the participant wrote so lately is left to them: no reminder, no later wave in its place."""


@dataclass(frozen=True, slots=True)
class WaveContact:
    """The waves of one participant in one program that are asked about together in one conversation."""

    participant: ParticipantRecord
    program_id: int
    program: ProgramFile
    waves: tuple[DueWave, ...]

    @property
    def zone(self) -> str:
        """The participant's IANA time zone, or the program's."""
        return self.participant.zone(self.program.timezone)


def fire_wave(firing: FiringTimer) -> None:
    """Act on a wave's timer: begin one follow-up conversation over all waves that are due today for the participant.

    Where the contact policy forbids it now, the waves are put off or closed with the reason. Waves that a later one
    has overtaken, or that ask nothing any more, are cancelled.
    """
    assert firing.timer.follow_up_id is not None
    program_id = due_waves.scheduled(firing.connection, firing.timer.follow_up_id)
    if program_id is None:
        firing.finish(ContactReason.NOTHING_LEFT_TO_ASK)
        return
    program = programs.program_file(firing.connection, program_id)
    participant = participants.get(firing.connection, firing.timer.participant_id)
    due = due_waves.due_waves(
        firing.connection,
        participant_id=participant.id,
        program_id=program_id,
        until=end_of_day(firing.now, participant.zone(program.timezone)),
    )
    asked = _together(firing, _latest_of_each(firing, due))
    if asked:
        _send(firing, WaveContact(participant, program_id, program, asked))


def _latest_of_each(firing: FiringTimer, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """Return the latest of each commitment's waves and cancel the others: several are due after a long silence."""
    latest = {wave.commitment_id: wave for wave in due}
    overtaken = [wave for wave in due if latest[wave.commitment_id] is not wave]
    _cancel(firing, overtaken, ContactReason.LATER_WAVE_DUE)
    return tuple(latest.values())


def _together(firing: FiringTimer, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """Return what is asked about in one conversation with this timer's wave.

    Last waves ask more, so they have a conversation of their own. What is not worth asking is cancelled.
    """
    own = next((wave for wave in due if wave.timer_id == firing.timer.id), None)
    if own is None:
        return ()
    together = [wave for wave in due if wave.last is own.last]
    _cancel(firing, [wave for wave in together if not wave.worth_asking], ContactReason.NOTHING_LEFT_TO_ASK)
    return tuple(wave for wave in together if wave.worth_asking)


def _send(firing: FiringTimer, group: WaveContact) -> None:
    """Begin the conversation over a group of waves, put it off, or close it, as the contact policy says now."""
    connection, participant, program_id = firing.connection, group.participant, group.program_id
    flow_name = group.program.follow_ups.get(participant.role)
    flow = firing.conversations.flows.get(flow_name) if flow_name else None
    preferred = due_waves.address_of(connection, group.waves[0].conversation_id)
    reach, address_id = due_waves.reach(
        connection, participant.id, preferred, partial(firing.policy.allows, participant.role)
    )
    welcome = address_id is None or firing.policy.allows(
        participant.role, due_waves.channel_of(connection, address_id)
    )
    situation = firing.situation(
        participant,
        group.program,
        consented=follow_ups.may_contact_again(connection, participant.id, program_id)
        and follow_ups.takes_part(connection, participant.id, program_id),
        reach=reach,
        allowed=welcome and (flow is None or participant.role in flow.audience),
        flow_found=flow is not None,
        other_conversation_open=_another_conversation(firing, group),
    )
    decision = decide_contact(situation)
    match decision:
        case ContactNow():
            assert flow is not None
            assert address_id is not None
            _begin(firing, group, flow, address_id)
        case ContactLater():
            for wave in group.waves:
                _of(firing, wave).wait(decision)
        case NoContact(reason):
            follow_ups.close(
                connection,
                [wave.follow_up_id for wave in group.waves],
                _STATUS_WHEN_STOPPED.get(reason, FollowUpStatus.CANCELLED),
                reason,
                now=firing.now,
            )
            for wave in group.waves:
                _of(firing, wave).stop(reason)
        case _:
            assert_never(decision)


_STATUS_WHEN_STOPPED = {
    ContactReason.WITHDRAWN: FollowUpStatus.OPTED_OUT,
    ContactReason.NO_CONSENT: FollowUpStatus.OPTED_OUT,
    ContactReason.BLOCKED: FollowUpStatus.NO_RESPONSE,
    ContactReason.UNREACHABLE: FollowUpStatus.NO_RESPONSE,
}
"""Who cannot be reached was due all the same, and counts among those who were."""


def _begin(firing: FiringTimer, group: WaveContact, flow: Flow, address_id: int) -> None:
    """Begin the conversation over a group of waves; what is open and gives way to it ends."""
    connection, now, participant_id = firing.connection, firing.now, group.participant.id
    made_in = follow_ups.made_in(connection, participant_id, group.program_id)
    reconsents = firing.reconsents(
        PlannedContact(participant_id, group.program_id, group.program, flow, after=made_in)
    )
    for conversation in unfinished_conversations(connection, participant_id):
        due_waves.end(connection, conversation, ContactReason.LATER_WAVE_DUE, now=now)
    new = NewConversation(
        participant_id=participant_id,
        address_id=address_id,
        program_id=group.program_id,
        activity_id=group.waves[-1].activity_id,
        flow=flow.flow,
        facts=due_waves.wave_facts(connection, group.waves, group.zone),
        reconsents=reconsents,
    )
    conversation_id = firing.conversations.begin(connection, new, now=now)
    begun = timers.WaveConversation(conversation_id, participant_id, group.program.schedule, group.zone, now)
    due_waves.mark_sent(connection, group.waves, begun)
    sent = replace(firing.timer, conversation_id=conversation_id)
    replace(firing, timer=sent).tell(
        ContactAction.SENT, ContactReason.CONSENT_CHANGED if reconsents else ContactReason.DUE
    )


def _another_conversation(firing: FiringTimer, group: WaveContact) -> bool:
    """Return whether these waves must wait for an open conversation; an earlier wave left unanswered is none."""
    asked = {wave.commitment_id for wave in group.waves}
    return any(
        not _gives_way(firing, conversation, asked)
        for conversation in unfinished_conversations(firing.connection, group.participant.id)
    )


def _gives_way(firing: FiringTimer, conversation: ConversationRecord, asked: set[int]) -> bool:
    """Return whether an earlier wave's conversation may be ended.

    That is so when its wave is over or asked again, unless the participant is writing in it.
    """
    sent = due_waves.sent_in(firing.connection, conversation.id, conversation.participant_id)
    if not sent:
        return False
    over = all(one.closed for one in sent) or any(one.commitment_id in asked for one in sent)
    untouched = not any(one.answered for one in sent) and conversation.last_turn_at <= max(
        one.sent_at for one in sent
    )
    return over and (untouched or conversation.last_turn_at <= firing.now - LIVE_CONVERSATION)


def _cancel(firing: FiringTimer, cancelled: Sequence[DueWave], reason: ContactReason) -> None:
    """Close waves that are not asked about, and end their timers."""
    if not cancelled:
        return
    follow_ups.close(
        firing.connection,
        [wave.follow_up_id for wave in cancelled],
        FollowUpStatus.CANCELLED,
        reason,
        now=firing.now,
    )
    for wave in cancelled:
        _of(firing, wave).stop(reason)


def _of(firing: FiringTimer, wave: DueWave) -> FiringTimer:
    """Return the firing of another wave of the group."""
    timer = replace(firing.timer, id=wave.timer_id, follow_up_id=wave.follow_up_id, conversation_id=None)
    return replace(firing, timer=timer)


def fire_wave_reminder(firing: FiringTimer) -> None:
    """Act on a wave's reminder timer: ask the open question of its follow-up conversation once more.

    Not where all is answered, the wave is closed, a later wave or reminder is due, or the participant wrote within a
    day: then the timer ends with that reason.
    """
    conversation = firing.conversation()
    participant = participants.get(firing.connection, conversation.participant_id)
    program = programs.program_file(firing.connection, conversation.program_id)
    lapsed = _lapsed(firing, conversation)
    if lapsed is not None:
        firing.stop(lapsed)
        return
    consented = follow_ups.may_contact_again(firing.connection, participant.id, conversation.program_id)
    if remind(firing, conversation, participant, program, consented=consented):
        due_waves.count_reminder(firing.connection, conversation.id, conversation.participant_id)
        firing.finish(ContactReason.DUE)


def _lapsed(firing: FiringTimer, conversation: ConversationRecord) -> ContactReason | None:
    """Return why a reminder of a wave has lost its sense; None if it has not."""
    sent = due_waves.sent_in(firing.connection, conversation.id, conversation.participant_id)
    if all(one.answered for one in sent):
        return ContactReason.ALREADY_ANSWERED
    closes_at = timers.closes_at(firing.connection, conversation.id, conversation.participant_id)
    if closes_at is None or closes_at <= firing.now:
        return ContactReason.WAVE_CLOSED
    if timers.later_reminder_due(firing.connection, firing.timer, firing.now):
        return ContactReason.LATER_REMINDER_DUE
    if _asked_anew(firing, conversation, sent):
        return ContactReason.LATER_WAVE_DUE
    touched = conversation.last_turn_at > max(one.sent_at for one in sent)
    return (
        ContactReason.TALK_MOVED_ON
        if touched and conversation.last_turn_at > firing.now - LIVE_CONVERSATION
        else None
    )


def _asked_anew(firing: FiringTimer, conversation: ConversationRecord, sent: Sequence[SentWave]) -> bool:
    """Return whether a later wave of what was asked is due as well: it comes in place of the reminder."""
    due = due_waves.due_waves(
        firing.connection,
        participant_id=conversation.participant_id,
        program_id=conversation.program_id,
        until=firing.now,
    )
    return not {one.commitment_id for one in sent}.isdisjoint(wave.commitment_id for wave in due)


def fire_wave_close(firing: FiringTimer) -> None:
    """Act on a wave's closing timer: close the follow-ups of its conversation that have no answer, as no response.

    The conversation stays open for a late answer.
    """
    conversation = firing.conversation()
    reason = silence(firing, conversation, ContactReason.NO_RESPONSE)
    closed = follow_ups.close_wave(
        firing.connection, conversation.id, conversation.participant_id, reason, now=firing.now
    )
    firing.finish(reason if closed else ContactReason.ALREADY_ANSWERED)


def end_of_day(now: datetime, zone: str) -> datetime:
    """Return the end of the day that it is at `now` in an IANA time zone: the first moment of the next local day."""
    tomorrow = local_time.local(now, zone).date() + timedelta(days=1)
    return local_time.at_local(tomorrow, time.min, zone)
