"""Act on the timers of waves: begin one conversation over all that is due for a participant, for many at once.

What decides is read for all of them together, and the facts of a conversation only where one begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import NamedTuple, assert_never

from sqlalchemy import Connection

from bot.conversations.new_conversation import NewConversation
from bot.conversations.reconsent import PlannedContact
from bot.schedule.timers import FiringTimer, contact_situation, keep_what_was_said
from flows.program.model import ProgramFile
from flows.schedule import local_time
from flows.schedule.contact_policy import (
    ContactDecision,
    ContactLater,
    ContactNow,
    ContactReason,
    NoContact,
    decide_contact,
)
from flows.script.model import Flow, Purpose
from storage.conversations import inbox
from storage.conversations.conversations import ConversationRecord, load_conversation
from storage.follow_up import due_waves, openers, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import DueWave, SentWave
from storage.follow_up.situations import ParticipantSituation, read_situations
from storage.follow_up.wave_facts import WaveFacts, read_wave_facts
from storage.programs import programs
from storage.schema import ContactAction, ConversationStatus, FollowUpStatus

LIVE_CONVERSATION = timedelta(days=1)
"""A conversation in which the participant wrote so lately is left to them: no reminder, no later wave in its place."""
_LONGEST_DAY = timedelta(days=2)
"""The day that it is now has ended everywhere by then."""


@dataclass(frozen=True, slots=True)
class WaveContact:
    """The waves of one participant in one program that are asked about together in one conversation.

    `sent` are the follow-ups of the participant's unfinished conversations, `made_in` the flows of the commitments.
    """

    firing: FiringTimer
    known: ParticipantSituation
    program_id: int
    program: ProgramFile
    standing: Mapping[str, bool]
    """Whether an operator has stopped what goes out of our own accord in the program."""
    made_in: frozenset[str]
    sent: Mapping[int, tuple[SentWave, ...]]
    waves: tuple[DueWave, ...]

    @property
    def zone(self) -> str:
        """The participant's IANA time zone, or the program's."""
        return self.known.participant.zone(self.program.timezone)

    @property
    def flow(self) -> Flow | None:
        """The flow that asks a participant of this role; None where there is none of the name in the program's file."""
        name = self.program.follow_ups.get(self.known.participant.role)
        return self.firing.conversations.flows.get(name) if name else None


class LateWave(NamedTuple):
    """What of a program's waves was due inside the window and did not fit into it any more."""

    program_id: int
    program: str
    until: datetime
    """When it goes on."""


def fire_waves(firings: Sequence[FiringTimer]) -> list[LateWave]:
    """Act on the timers of waves, at most one of each participant, in one transaction.

    Each participant gets one follow-up conversation over all their waves of a program that are due today. Where the
    contact policy forbids it now, the waves are put off or closed with the reason. Waves that a later one has
    overtaken, or that ask nothing any more, are cancelled.

    Returns:
        What was due inside the window, did not fit into it, and goes on when it opens again.
    """
    firings = _decided_anew(firings)
    if not firings:
        return []
    late: list[LateWave] = []
    begun = [contact for contact in _due_contacts(firings) if _decide(contact, late)]
    if begun:
        first = firings[0]
        facts = read_wave_facts(first.connection, [wave for contact in begun for wave in contact.waves])
        news = [_conversation_over(contact, facts) for contact in begun]
        numbers = first.conversations.begin_all(first.connection, news, now=first.now)
        for contact, new, number in zip(begun, news, numbers, strict=True):
            _queue(contact, number, renewed=bool(new.reconsents))
        if not first.conversations.openers_wait:
            for contact, number in zip(begun, numbers, strict=True):
                keep_earlier_answers(contact.firing, number)
            openers.handed_over(first.connection, numbers, first.now)
    return late


def _due_contacts(firings: Sequence[FiringTimer]) -> list[WaveContact]:
    """Return what is to be decided on, and end the timers of what is not asked about."""
    connection, now = firings[0].connection, firings[0].now
    program_ids = due_waves.programs_of_scheduled(
        connection, [one.timer.follow_up_id for one in firings if one.timer.follow_up_id is not None]
    )
    numbers = [firing.timer.participant_id for firing in firings]
    known = read_situations(connection, numbers, now)
    due = due_waves.due_waves_of_many(connection, numbers, now + _LONGEST_DAY)
    made_in = follow_ups.made_in_by_many(connection, numbers)
    unfinished = {one.id: number for number in numbers for one in known[number].unfinished}
    sent = due_waves.sent_in_many(connection, unfinished)
    standing = {one: programs.standing(connection, one) for one in set(program_ids.values())}
    contacts = []
    for firing in firings:
        number, program_id = firing.timer.participant_id, program_ids.get(firing.timer.follow_up_id or 0)
        if program_id is None:
            firing.finish(ContactReason.NOTHING_LEFT_TO_ASK)
            continue
        contact = WaveContact(
            firing,
            known[number],
            program_id,
            programs.program_file(connection, program_id),
            standing[program_id],
            made_in.get((number, program_id), frozenset()),
            sent,
            (),
        )
        until = end_of_day(now, contact.zone)
        today = [
            one
            for one in due[number]
            if one.program_id == program_id and one.due_at < until and not one.queued
        ]
        asked = _together(firing, _latest_of_each(firing, today))
        if asked:
            contacts.append(replace(contact, waves=asked))
    return contacts


def _decided_anew(firings: Sequence[FiringTimer]) -> list[FiringTimer]:
    """Take back what was queued for so long that it is decided on again; return the firings with their timers now."""
    queued = [firing for firing in firings if firing.timer.queued]
    for firing in queued:
        waiting = openers.waiting_of(firing.connection, firing.timer.participant_id)
        if waiting is None:
            openers.due_as_planned(firing.connection, [firing.timer.id], firing.now)
        elif not openers.take_back(firing.connection, waiting, firing.now):
            openers.decide_later(firing.connection, waiting, firing.timer, firing.now)
    if not queued:
        return list(firings)
    first = firings[0]
    due = timers.still_due(first.connection, [firing.timer.id for firing in firings], first.now)
    return [replace(first, timer=timer) for timer in due]


def found_closed(connection: Connection, now: datetime) -> list[int]:
    """Return the conversations over waves whose first words are queued though the window has closed since."""
    return [
        one.conversation_id
        for one in openers.queued_waves(connection)
        if _is_closed(programs.program_file(connection, one.program_id), one.timezone, now)
    ]


def _is_closed(program: ProgramFile, timezone: str | None, now: datetime) -> bool:
    zone = local_time.known_zone(timezone, program.timezone)
    return not local_time.in_window(now, program.schedule.window, zone)


def take_back_late(connection: Connection, conversation_ids: Sequence[int], now: datetime) -> None:
    """Take back those first words of waves that are queued still, and are not on their way: they are due again.

    Whoever wrote since then gets them at once, whatever the hour.
    """
    for contact in openers.queued_in(connection, conversation_ids):
        if not inbox.wrote_since(connection, contact.participant_id, contact.at):
            openers.take_back(connection, contact, now)


def may_still_go(firing: FiringTimer, conversation_id: int) -> bool:
    """Return whether the conversation over waves that is queued may begin now, all decided on again."""
    connection, number = firing.connection, firing.timer.participant_id
    known = without(firing.known(), conversation_id)
    due = due_waves.due_waves_of_many(connection, [number], firing.now + _LONGEST_DAY)
    waves = tuple(one for one in due.get(number, ()) if one.queued)
    if not waves:
        return False
    program_id = waves[0].program_id
    contact = WaveContact(
        firing,
        known,
        program_id,
        programs.program_file(connection, program_id),
        programs.standing(connection, program_id),
        follow_ups.made_in(connection, number, program_id),
        due_waves.sent_in_many(connection, {one.id: number for one in known.unfinished}),
        waves,
    )
    return all(one.worth_asking for one in waves) and isinstance(_decision(contact), ContactNow)


def without(known: ParticipantSituation, conversation_id: int) -> ParticipantSituation:
    """Return a situation as it is without one of the unfinished conversations: that which is queued."""
    return replace(known, unfinished=tuple(one for one in known.unfinished if one.id != conversation_id))


def _latest_of_each(firing: FiringTimer, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """Return the latest of each commitment's waves and cancel the others: several are due after a long silence."""
    latest = {wave.commitment_id: wave for wave in due}
    overtaken = [wave for wave in due if latest[wave.commitment_id] is not wave]
    _cancel(firing, overtaken, ContactReason.LATER_WAVE_DUE)
    return tuple(latest.values())


def _together(firing: FiringTimer, due: Sequence[DueWave]) -> tuple[DueWave, ...]:
    """Return what is asked about in one conversation with this timer's wave: all that is due and worth asking.

    For some of it this may be the last wave, which asks more: each commitment tells the script so. What is not worth
    asking is cancelled.
    """
    if all(wave.timer_id != firing.timer.id for wave in due):
        return ()
    _cancel(firing, [wave for wave in due if not wave.worth_asking], ContactReason.NOTHING_LEFT_TO_ASK)
    return tuple(wave for wave in due if wave.worth_asking)


def _decide(contact: WaveContact, late: list[LateWave]) -> bool:
    """Return whether the conversation over a group of waves begins now; else put the waves off, or close them.

    What was due inside the window and is put off since it closed is added to `late`.
    """
    firing = contact.firing
    decision = _decision(contact)
    match decision:
        case ContactNow():
            return True
        case ContactLater(until, reason):
            if reason is ContactReason.OUTSIDE_WINDOW and _was_in_window(contact):
                late.append(LateWave(contact.program_id, contact.program.program, until))
            for wave in contact.waves:
                _of(firing, wave).wait(decision)
        case NoContact(reason):
            follow_ups.close(
                firing.connection,
                [wave.follow_up_id for wave in contact.waves],
                _STATUS_WHEN_STOPPED.get(reason, FollowUpStatus.CANCELLED),
                reason,
                now=firing.now,
            )
            for wave in contact.waves:
                _of(firing, wave).stop(reason)
        case _:
            assert_never(decision)
    return False


def _was_in_window(contact: WaveContact) -> bool:
    due_at = contact.firing.timer.due_at
    return local_time.next_in_window(due_at, contact.program.schedule.window, contact.zone) == due_at


def _decision(contact: WaveContact) -> ContactDecision:
    known, policy, flow = contact.known, contact.firing.policy, contact.flow
    role = known.participant.role
    order = contact.program.schedule.channels
    reach, address_id = known.reach(contact.waves[0].address_id, partial(policy.allows, role), order)
    welcome = address_id is None or policy.allows(role, known.channel_of(address_id))
    agreed = partial(known.consents.has_consent, contact.program_id, flows=contact.made_in)
    return decide_contact(
        contact_situation(
            known,
            contact.program,
            contact.firing.now,
            consented=agreed(purpose=Purpose.CONTACT_AGAIN) and agreed(purpose=Purpose.TAKE_PART),
            reach=reach,
            allowed=welcome and (flow is None or role in flow.audience),
            flow_found=flow is not None,
            **contact.standing,
            other_conversation_open=any(not _gives_way(contact, other) for other in known.unfinished),
        )
    )


_STATUS_WHEN_STOPPED = {
    ContactReason.WITHDRAWN: FollowUpStatus.OPTED_OUT,
    ContactReason.NO_CONSENT: FollowUpStatus.OPTED_OUT,
    ContactReason.BLOCKED: FollowUpStatus.NO_RESPONSE,
    ContactReason.UNREACHABLE: FollowUpStatus.NO_RESPONSE,
}
"""Who cannot be reached was due all the same, and counts among those who were."""


def _conversation_over(contact: WaveContact, facts: WaveFacts) -> NewConversation:
    """Return the conversation that is to begin over a group of waves, once its first words are handed over."""
    firing, known, flow = contact.firing, contact.known, contact.flow
    assert flow is not None
    _reach, address_id = known.reach(
        contact.waves[0].address_id,
        partial(firing.policy.allows, known.participant.role),
        contact.program.schedule.channels,
    )
    assert address_id is not None
    planned = PlannedContact(
        known.participant.id, contact.program_id, contact.program, flow, after=contact.made_in
    )
    reconsents = firing.reconsents(planned, known.consents)
    return NewConversation(
        participant_id=known.participant.id,
        address_id=address_id,
        program_id=contact.program_id,
        activity_id=contact.waves[-1].activity_id,
        flow=flow.flow,
        facts=facts.of_conversation(contact.waves, contact.zone, firing.now),
        reconsents=reconsents,
        waits=True,
    )


def keep_earlier_answers(firing: FiringTimer, conversation_id: int) -> None:
    """Keep the details of what was answered in the conversations that end as one over later waves is handed over.

    The close of a wave keeps what was said until then; a late answer comes after it, also while the later one waits.
    To be called just before `openers.begin`, or `handed_over`.
    """
    if load_conversation(firing.connection, conversation_id).status is not ConversationStatus.WAITING:
        return
    known = without(firing.known(), conversation_id)
    sent = due_waves.sent_in_many(
        firing.connection, {one.id: firing.timer.participant_id for one in known.unfinished}
    )
    for earlier in known.unfinished:
        if any(one.answered for one in sent.get(earlier.id, ())):
            keep_what_was_said(firing, earlier)


def _queue(contact: WaveContact, conversation_id: int, *, renewed: bool) -> None:
    """Put the waves of a conversation off until its first words are handed over, and log the contact as queued."""
    firing = contact.firing
    timers.put_off_all(
        firing.connection,
        [wave.timer_id for wave in contact.waves],
        firing.now + openers.DECIDED_ANEW_AFTER,
        ContactReason.QUEUED,
    )
    queued = replace(firing.timer, conversation_id=conversation_id)
    reason = ContactReason.CONSENT_CHANGED if renewed else ContactReason.DUE
    replace(firing, timer=queued).tell(ContactAction.QUEUED, reason)


def _gives_way(contact: WaveContact, conversation: ConversationRecord) -> bool:
    """Return whether an earlier wave's conversation may be ended; any other makes these waves wait.

    That is so when its wave is over or asked again, unless the participant is writing in it.
    """
    asked = {wave.commitment_id for wave in contact.waves}
    sent = contact.sent.get(conversation.id, ())
    if not sent:
        return False
    over = all(one.closed for one in sent) or any(one.commitment_id in asked for one in sent)
    untouched = not any(one.answered for one in sent) and conversation.last_turn_at <= max(
        one.sent_at for one in sent
    )
    return over and (untouched or conversation.last_turn_at <= contact.firing.now - LIVE_CONVERSATION)


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
    timer = replace(
        firing.timer,
        id=wave.timer_id,
        follow_up_id=wave.follow_up_id,
        conversation_id=None,
        reason=wave.reason,
    )
    return replace(firing, timer=timer)


def end_of_day(now: datetime, zone: str) -> datetime:
    """Return the end of the day that it is at `now` in an IANA time zone: the first moment of the next local day."""
    tomorrow = local_time.local(now, zone).date() + timedelta(days=1)
    return local_time.at_local(tomorrow, time.min, zone)
