"""Begin a flow that follows on an earlier conversation, or put it off: all is checked again first."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import assert_never

from bot.conversations.new_conversation import NewConversation
from bot.conversations.reconsent import NONE, PlannedContact
from bot.schedule.timers import FiringTimer, contact_situation
from bot.schedule.waves import LIVE_CONVERSATION, end_of_day, without
from flows.engine.events import Reminded
from flows.program.model import FollowOn, ProgramFile
from flows.schedule.contact_policy import (
    ContactLater,
    ContactNow,
    ContactReason,
    ContactSituation,
    NoContact,
    decide_contact,
)
from flows.script.roles import Purpose
from storage.conversations.conversations import load_conversation
from storage.follow_up import follow_on_facts, follow_ons, loop_facts, openers, timers
from storage.follow_up.follow_ons import DueFollowOn, EarlierConversation
from storage.follow_up.situations import ParticipantSituation
from storage.follow_up.timers import DueTimer
from storage.programs import programs
from storage.schema import ContactAction


def fire_follow_on(firing: FiringTimer) -> None:
    """Act on a follow-on's timer: begin the flow that follows an earlier conversation, if it may be begun now.

    Several that are due on the same day share one conversation. Else the timers are put off, or ended with the
    reason: the program plans it no more, the participant may not be contacted, consents have changed.
    """
    assert firing.timer.conversation_id is not None
    if firing.timer.queued and not _taken_back(firing):
        return
    conversation = follow_ons.earlier(firing.connection, firing.timer.conversation_id)
    program = programs.program_file(firing.connection, conversation.program_id)
    entry = _entry(program, conversation, firing.timer)
    if entry is None:
        firing.stop(ContactReason.NO_LONGER_PLANNED)
        return
    if entry.unfinished and conversation.last_turn_at > firing.now - LIVE_CONVERSATION:
        firing.look_again(conversation.last_turn_at + LIVE_CONVERSATION)
        return
    together = follow_ons.due_together(
        firing.connection, firing.timer, end_of_day(firing.now, conversation.timezone or program.timezone)
    )
    subjects = [timer.subject for timer in together if timer.subject is not None]
    _decide(firing, DueFollowOn(conversation, program, entry, subjects), together)


def _taken_back(firing: FiringTimer) -> bool:
    """Take back what was queued for so long that it is decided on again; False where it is on its way."""
    waiting = openers.waiting_of(firing.connection, firing.timer.participant_id)
    if waiting is None or openers.take_back(firing.connection, waiting, firing.now):
        return True
    openers.decide_later(firing.connection, waiting, firing.timer, firing.now)
    return False


def may_still_go(firing: FiringTimer, conversation_id: int) -> bool:
    """Return whether the follow-on conversation that is queued may begin now, all decided on again."""
    assert firing.timer.conversation_id is not None
    conversation = follow_ons.earlier(firing.connection, firing.timer.conversation_id)
    program = programs.program_file(firing.connection, conversation.program_id)
    entry = _entry(program, conversation, firing.timer)
    if entry is None:
        return False
    if entry.unfinished and conversation.last_turn_at > firing.now - LIVE_CONVERSATION:
        return False
    due = DueFollowOn(conversation, program, entry, [])
    known = without(firing.known(), conversation_id)
    queued = load_conversation(firing.connection, conversation_id)
    if not loop_facts.may_be_shown(firing.connection, queued):
        return False
    if queued.ended:
        known = replace(
            known, last_end=None
        )  # one that only tells ended as it was queued: that is its own end
    situation, _address = _situation(firing, due, known)
    return isinstance(decide_contact(situation), ContactNow)


def _entry(program: ProgramFile, conversation: EarlierConversation, timer: DueTimer) -> FollowOn | None:
    """Return what the program's file says of this timer now; None if it says nothing any more."""
    for entry in program.follows:
        same = (entry.flow, entry.after, entry.unfinished) == (
            timer.flow,
            conversation.flow,
            not conversation.ended,
        )
        if same and entry.role in {None, conversation.role}:
            return entry
    return None


def _decide(firing: FiringTimer, due: DueFollowOn, together: Sequence[DueTimer]) -> None:
    """Begin the flow, put it off, or end its timers, as the contact policy says now.

    What it would tell is gathered only where nothing else forbids or puts off the contact.
    """
    conversation, entry, known = due.conversation, due.entry, firing.known()
    situation, address_id = _situation(firing, due, known)
    decision = decide_contact(situation)
    told = isinstance(decision, NoContact) or follow_on_facts.has_something_to_tell(
        firing.connection, due, firing.now
    )
    if not told:
        decision = decide_contact(replace(situation, something_to_ask=False))
    flow = firing.conversations.flows.get(entry.flow)
    reconsents = NONE
    if flow is not None:
        planned = PlannedContact(
            conversation.participant_id, conversation.program_id, due.program, flow, (conversation.flow,)
        )
        reconsents = firing.reconsents(planned, known.consents)
    if isinstance(decision, ContactNow) and entry.unfinished and reconsents:
        # The open conversation keeps its own text, and is left to the participant.
        decision = NoContact(ContactReason.CONSENT_CHANGED)
    for timer in together:
        this = replace(firing, timer=timer)
        match decision:
            case ContactNow():
                until = firing.now + openers.DECIDED_ANEW_AFTER
                timers.put_off(firing.connection, timer.id, until, ContactReason.QUEUED)
            case ContactLater():
                this.wait(decision)
            case NoContact(reason):
                this.stop(reason)
            case _:
                assert_never(decision)
    if isinstance(decision, ContactNow) and address_id is not None:
        new = NewConversation(
            participant_id=conversation.participant_id,
            address_id=address_id,
            program_id=conversation.program_id,
            activity_id=conversation.activity_id,
            flow=entry.flow,
            facts=follow_on_facts.gather(
                firing.connection, due, firing.conversations.localizations, firing.now
            ),
            reconsents=reconsents,
            waits=True,
        )
        _begin(firing, due, new)


def _situation(
    firing: FiringTimer, due: DueFollowOn, known: ParticipantSituation
) -> tuple[ContactSituation, int | None]:
    """Return what is known now, and where the participant can be written to; None for nowhere.

    Whether there is something to tell is left open. The unfinished conversation that a follow-on is about does not
    make it wait.
    """
    conversation, entry, role = due.conversation, due.entry, known.participant.role
    flow = firing.conversations.flows.get(entry.flow)
    reach, address_id = known.reach(conversation.address_id, partial(firing.policy.allows, role))
    welcome = address_id is None or firing.policy.allows(role, known.channel_of(address_id))
    purposes = [one for one in (entry.consent, None if entry.unfinished else Purpose.TAKE_PART) if one]
    situation = contact_situation(
        known,
        due.program,
        firing.now,
        consented=all(
            known.consents.has_consent(conversation.program_id, purpose, (conversation.flow,))
            for purpose in purposes
        ),
        reach=reach,
        allowed=welcome and (flow is None or role in flow.audience),
        flow_found=flow is not None,
        **programs.standing(firing.connection, conversation.program_id),
        other_conversation_open=any(other.id != conversation.id for other in known.unfinished),
    )
    return situation, address_id


def _begin(firing: FiringTimer, due: DueFollowOn, new: NewConversation) -> None:
    """Queue the first words of the flow.

    What is about an unfinished conversation goes with that one's open question, which is asked again.
    """
    conversation_id = firing.conversations.begin(firing.connection, new, now=firing.now)
    sent = replace(firing.timer, conversation_id=conversation_id)
    reason = ContactReason.CONSENT_CHANGED if new.reconsents else ContactReason.DUE
    replace(firing, timer=sent).tell(ContactAction.QUEUED, reason)
    firing.hand_over(conversation_id)
    if due.entry.unfinished:
        firing.conversations.apply(firing.connection, due.conversation.id, Reminded(), now=firing.now)
