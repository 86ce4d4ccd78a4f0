"""End what goes on of a program that was closed, and tell its people so: once each, at an hour that suits them."""

from functools import partial
from typing import assert_never

from bot.delivery.rows import sentence_row
from bot.schedule.timers import FiringTimer, contact_situation, keep_what_was_said
from flows.i18n.say import Sentence
from flows.schedule.contact_policy import (
    LOOK_AGAIN,
    ContactLater,
    ContactNow,
    ContactReason,
    NoContact,
    decide_contact,
)
from storage.conversations import outbox
from storage.conversations.conversations import ConversationRecord, unfinished_conversations
from storage.follow_up import due_waves, waves
from storage.people import invitations, participants
from storage.privacy import closing
from storage.programs import programs
from storage.safety import cases
from storage.schema import ContactAction, Lane


def fire_farewell(firing: FiringTimer) -> None:
    """Act on the timer of a program's close: end what goes on there with one participant, and say goodbye.

    It ends at once; only the goodbye waits for its hour. Who was in no talk, and agreed to hear nothing more, hears
    nothing. While somebody may be at risk all is left as it stands.
    """
    conversation = firing.conversation()
    if cases.is_on_safety_hold(firing.connection, conversation.participant_id):
        firing.look_again(firing.now + LOOK_AGAIN)  # help stands before goodbye
        return
    had_talk = _end_all(firing, conversation)
    was_put_off = firing.timer.reason is not None
    if had_talk or was_put_off or _is_to_hear(firing, conversation):
        _say_goodbye(firing, conversation)
    else:
        firing.finish(ContactReason.NOTHING_LEFT_TO_ASK)


def _end_all(firing: FiringTimer, conversation: ConversationRecord) -> bool:
    """End the talks and all that is planned in the program of a conversation; return whether a talk was open."""
    connection, person, had_talk = firing.connection, conversation.participant_id, False
    for one in unfinished_conversations(connection, person):
        if one.program_id == conversation.program_id:
            had_talk |= one.begun
            if one.begun:
                keep_what_was_said(firing, one)
            due_waves.end(connection, one, ContactReason.PROGRAM_CLOSED, now=firing.now)
    closing.end_planned(connection, person, conversation.program_id, firing.now)
    firing.conversations.begin_waiting(connection, person, now=firing.now)
    return had_talk


def _is_to_hear(firing: FiringTimer, conversation: ConversationRecord) -> bool:
    person, program = conversation.participant_id, conversation.program_id
    return waves.may_contact_again(firing.connection, person, program)


def _say_goodbye(firing: FiringTimer, conversation: ConversationRecord) -> None:
    """Queue the goodbye, or put it off until an hour that is right for it."""
    known, program_id = firing.known(), conversation.program_id
    words = programs.program_words(firing.connection, program_id)
    welcome = partial(firing.policy.allows, known.participant.role)
    reach, address_id = known.reach(conversation.address_id, welcome, words.program.schedule.channels)
    situation = contact_situation(
        known,
        words.program,
        firing.now,
        reach=reach,
        program_paused=programs.paused(firing.connection, program_id),
        other_conversation_open=bool(known.unfinished),
        conversation_ended_at=None,
        talked_at=conversation.last_turn_at,
    )
    decision = decide_contact(situation)
    match decision:
        case ContactNow():
            language = _language(firing, conversation)
            here = words.in_language(language)
            said = {"title": here.title, "contact": here.contact}
            assert address_id is not None
            row = sentence_row(Sentence.PROGRAM_CLOSED, language, address_id, firing.now, **said)
            outbox.queue(firing.connection, [row], Lane.REMINDER)
            firing.tell(ContactAction.SENT, ContactReason.PROGRAM_CLOSED)
            firing.finish(ContactReason.PROGRAM_CLOSED)
        case ContactLater():
            firing.wait(decision)
        case NoContact(reason):
            firing.stop(reason)
        case _:
            assert_never(decision)


def _language(firing: FiringTimer, conversation: ConversationRecord) -> str:
    """Return the language of a participant: as they chose, were invited, or their app has it."""
    participant = participants.get(firing.connection, conversation.participant_id)
    invited = invitations.languages_of(firing.connection, [participant.id])
    wishes = (
        participant.language,
        invited.get((participant.id, conversation.program_id)),
        participants.locale_of(firing.connection, conversation.address_id),
        programs.program_file(firing.connection, conversation.program_id).language,
    )
    return firing.conversations.localizations.spoken(wishes)
