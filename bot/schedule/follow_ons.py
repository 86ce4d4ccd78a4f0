"""What happens when a flow is to follow on an earlier talk: all is checked again, then it begins, or waits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from bot.conversations.reconsent import NONE, Reconsents
from bot.schedule.timers import Fire
from bot.schedule.waves import LIVE_CONVERSATION, end_of_day
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
from flows.script.facts import Facts
from flows.script.model import Purpose
from storage.follow_up import due_waves, follow_on_facts, follow_ons
from storage.follow_up.follow_ons import EarlierConversation
from storage.follow_up.timers import DueTimer
from storage.programs import programs
from storage.schema import ContactAction


def fire_follow_on(fire: Fire) -> None:
    """Begin the flow that follows, with what it is to speak of; or say why not."""
    assert fire.timer.conversation_id is not None
    conversation = follow_ons.earlier(fire.connection, fire.timer.conversation_id)
    program = programs.program_file(fire.connection, conversation.program_id)
    entry = _entry(program, conversation, fire.timer)
    if entry is None:
        fire.stop(ContactReason.NO_LONGER_PLANNED)
        return
    if entry.unfinished and conversation.last_turn_at > fire.now - LIVE_CONVERSATION:
        fire.look_again(conversation.last_turn_at + LIVE_CONVERSATION)
        return
    together = follow_ons.due_together(
        fire.connection, fire.timer, end_of_day(fire.now, conversation.timezone or program.timezone)
    )
    subjects = [timer.subject for timer in together if timer.subject is not None]
    facts = follow_on_facts.gather(
        fire.connection,
        conversation,
        entry,
        program,
        subjects=subjects,
        localizations=fire.conversations.localizations,
        now=fire.now,
    )
    _decide(fire, conversation, program, entry, together, facts)


def _entry(program: ProgramFile, conversation: EarlierConversation, timer: DueTimer) -> FollowOn | None:
    """What the programme's file says of this timer now; None if it says nothing any more."""
    for entry in program.follows:
        same = (entry.flow, entry.after, entry.unfinished) == (
            timer.flow,
            conversation.flow,
            not conversation.ended,
        )
        if same and entry.role in {None, conversation.role}:
            return entry
    return None


def _decide(
    fire: Fire,
    conversation: EarlierConversation,
    program: ProgramFile,
    entry: FollowOn,
    together: Sequence[DueTimer],
    facts: Facts,
) -> None:
    situation, address_id = _situation(fire, conversation, program, entry, facts)
    decision = decide_contact(situation)
    flow = fire.conversations.flows.get(entry.flow)
    renewals = NONE
    if flow is not None:
        renewals = fire.renewals(
            conversation.participant_id, conversation.program_id, program, flow, after=(conversation.flow,)
        )
    if isinstance(decision, ContactNow) and entry.unfinished and renewals:
        # The open conversation keeps its own text, and is left to the participant.
        decision = NoContact(ContactReason.CONSENT_CHANGED)
    for timer in together:
        this = replace(fire, timer=timer)
        match decision:
            case ContactNow():
                this.finish(ContactReason.DUE)
            case ContactLater():
                this.wait(decision)
            case NoContact(reason):
                this.stop(reason)
            case _:
                assert_never(decision)
    if isinstance(decision, ContactNow) and address_id is not None:
        _begin(fire, conversation, entry, facts, address_id=address_id, renewals=renewals)


def _situation(
    fire: Fire, conversation: EarlierConversation, program: ProgramFile, entry: FollowOn, facts: Facts
) -> tuple[ContactSituation, int | None]:
    """What is known now, and where the person can be written to."""
    flow = fire.conversations.flows.get(entry.flow)
    person = due_waves.person(fire.connection, conversation.participant_id)
    reach, address_id = due_waves.reach(
        fire.connection,
        person.id,
        conversation.address_id,
        lambda channel: fire.policy.allows(person.role, channel),
    )
    welcome = address_id is None or fire.policy.allows(
        person.role, due_waves.channel_of(fire.connection, address_id)
    )
    situation = fire.situation(
        person,
        program,
        consented=follow_ons.has_consent(fire.connection, conversation, entry.consent)
        and (entry.unfinished or follow_ons.has_consent(fire.connection, conversation, Purpose.TAKE_PART)),
        reach=reach,
        allowed=welcome and (flow is None or person.role in flow.audience),
        flow_found=flow is not None,
        something_to_ask=entry.needs is None or bool(facts[entry.needs]),
        other_conversation_open=_another_conversation(fire, conversation),
    )
    return situation, address_id


def _another_conversation(fire: Fire, conversation: EarlierConversation) -> bool:
    """Whether the person has a talk open that this must wait for; the unfinished one itself is none."""
    return any(
        other.id != conversation.id
        for other in due_waves.open_conversations(fire.connection, conversation.participant_id)
    )


def _begin(
    fire: Fire,
    conversation: EarlierConversation,
    entry: FollowOn,
    facts: Facts,
    *,
    address_id: int,
    renewals: Reconsents,
) -> None:
    """Begin the flow; after one about an unfinished talk, put that one's open question again."""
    conversation_id = fire.conversations.begin(
        fire.connection,
        participant_id=conversation.participant_id,
        address_id=address_id,
        program_id=conversation.program_id,
        activity_id=conversation.activity_id,
        flow=entry.flow,
        facts=facts,
        now=fire.now,
        renewals=renewals,
    )
    sent = replace(fire.timer, conversation_id=conversation_id)
    replace(fire, timer=sent).tell(
        ContactAction.SENT, ContactReason.CONSENT_CHANGED if renewals else ContactReason.DUE
    )
    if entry.unfinished:
        fire.conversations.apply(fire.connection, conversation.id, Reminded(), now=fire.now)
