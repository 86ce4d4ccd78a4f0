"""Answer what works although no conversation is open: commands of the menu, and questions to the bot."""

from datetime import datetime

from bot.channels.base import InboundKind
from bot.conversations import safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.requests import Requester
from bot.mail.code_needed import MailReach, reach_of_inquiry, require_code
from bot.turns.announced import decide_again
from bot.turns.corrections import latest_ended, remark_after_end
from bot.turns.returned import only_greets
from flows.engine.effects import AnswerInquiry, RequestKind
from flows.engine.events import Event, Replied
from flows.i18n.localized_flow import Localizations, name_of
from flows.i18n.say import Sentence
from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.inquiries.reading import is_for_people, read_inquiries
from flows.parsing.commands import GlobalWord, asks_to_start
from flows.parsing.language_names import asked_language, language_alone, language_named
from flows.parsing.substance import tells_a_story
from flows.parsing.vocabulary import languages
from flows.schedule.local_time import local
from storage.database import audit
from storage.follow_up import holds, waves
from storage.follow_up.planned_contacts import planned_in_all_programs
from storage.people import participants
from storage.programs import programs
from storage.schema import AuditKind, ParticipantStatus

_WISHES = {Inquiry.WHAT_SAID: RequestKind.MY_DATA, Inquiry.CALL_ME: RequestKind.HUMAN}
NOTHING_OPEN = frozenset({Sentence.NO_CONVERSATION, Sentence.NO_QUESTION})
"""What is said where nothing is open; see `nothing_open`."""
OF_BUTTONS = NOTHING_OPEN | {
    Sentence.BUTTON_UNKNOWN,
    Sentence.CONVERSATION_ENDED,
    Sentence.DELETE_KEPT,
}
"""What may be said of a button that means nothing, or nothing any more."""


def answer_inquiry(
    turn: InboundTurn, conversations: Conversations, language: str, *, greets: bool = True
) -> bool:
    """Answer the questions to the bot in a message; return whether that is all there is in it.

    False for words of concern, where more was said, where nobody is known at the address or has taken part in nothing,
    and for a greeting or thanks of somebody who stopped, or where `greets` is False: then something else answers these.
    """
    known = turn.pending.participant is not None and latest_ended(turn) is not None
    if not known or turn.message.kind is not InboundKind.TEXT:
        return False
    asked = read_inquiries(turn.message.text, language)
    if asked is None or safety.is_of_concern(turn):
        return False
    greets = greets and turn.participant.status is ParticipantStatus.ACTIVE
    if not greets and not SOCIAL.isdisjoint(asked.inquiries):
        return False
    asker = _asker(turn, language)
    for inquiry in asked.inquiries:
        if turn.is_by_mail:
            require_code(reach_of_inquiry(inquiry))
        if inquiry in _WISHES:
            conversations.requests.grant(turn, _WISHES[inquiry], asker)
        else:
            conversations.requests.answer(turn, AnswerInquiry(inquiry), asker)
    return not asked.rest


def wanted_language(event: Event) -> str | None:
    """Return the name of the language that words ask for or are ('Deutsch'); None where they name none."""
    if not isinstance(event, Replied):
        return None
    return asked_language(event.text) or language_alone(event.text)


def carry_out(turn: InboundTurn, conversations: Conversations, language: str, command: GlobalWord) -> None:
    """Do what the menu says of 'help', 'language', 'pause' and 'later', with nothing open that could wait.

    The last two tell when we write next, and how to put that off. Nothing is open for any other command.
    """
    latest = latest_ended(turn)
    offered = _offered(conversations.localizations) if command is GlobalWord.LANGUAGE else []
    if len(offered) > 1:
        turn.say(Sentence.INQUIRY_LANGUAGES, language, languages=", ".join(map(name_of, offered)))
    elif offered:
        turn.say(Sentence.LANGUAGE_ONLY, language)
    elif latest is None:
        turn.say(nothing_open(turn), language)
    elif command is GlobalWord.HELP:
        contact = programs.program_file(turn.connection, latest.program_id).contact
        turn.say(Sentence.HELP, language, contact=contact)
    elif command in (GlobalWord.PAUSE, GlobalWord.LATER):
        conversations.requests.answer(turn, AnswerInquiry(Inquiry.WHEN_AGAIN), _asker(turn, language))
        turn.say(Sentence.INQUIRY_PUT_OFF, language)
    else:
        turn.say(nothing_open(turn), language)


def nothing_open(turn: InboundTurn) -> Sentence:
    """Return what tells a participant that nothing is open: that we will write is said where it is planned only.

    It looks up what is planned, as the answer to 'When will you write again?' does.
    """
    planned = planned_in_all_programs(turn.connection, turn.participant.id, turn.now)
    return Sentence.NO_CONVERSATION if planned else Sentence.NO_QUESTION


def set_language(turn: InboundTurn, conversations: Conversations, wanted: str) -> bool:
    """Have what comes next be in a language that was named ('Language español'); return whether it is offered."""
    language = language_named(wanted)
    if language is None or conversations.localizations.spoken((language,)) != language:
        return False
    participants.update(turn.connection, turn.participant.id, {"language": language})
    decide_again(turn)
    turn.say(Sentence.LANGUAGE_SET, language)
    return True


def hold(turn: InboundTurn, language: str, until: datetime) -> None:
    """Send nothing of our own accord before then, and say so."""
    if turn.is_by_mail:
        require_code(MailReach.CODE)
    holds.hold(turn.connection, participant_id=turn.participant.id, until=until, now=turn.now)
    decide_again(turn)
    turn.say(Sentence.HELD_IDLE, language, when=local(until, turn.participant.zone("UTC")))


def stop(turn: InboundTurn, language: str) -> None:
    """Withdraw a participant who said stop, and say so."""
    participant_id = turn.participant.id
    waves.withdraw(turn.connection, participant_id=participant_id, now=turn.now)
    audit.record(turn.connection, AuditKind.WITHDRAWAL, participant_id=participant_id, now=turn.now)
    turn.say(Sentence.STOPPED, language)


_KEEPING_NOTHING = NOTHING_OPEN | {
    Sentence.INVITATION_NEEDED,
    Sentence.STOPPED_BEFORE,
    Sentence.CONVERSATION_ENDED,
}
"""What is said to words for which there is no place, and no consent to keep them."""


def take_beside(turn: InboundTurn, conversations: Conversations, language: str, event: Event) -> bool:
    """Answer or keep what was written while the first words of a conversation are on their way, which follow.

    These words greet: a greeting is answered by them, and is no remark. False where words that say something are lost.
    """
    text = turn.message.text
    if only_greets(text, language):
        return True
    is_answered = answer_inquiry(turn, conversations, language)
    if is_answered and not is_for_people(text, language):
        return True
    latest = latest_ended(turn)
    is_kept = latest is not None and remark_after_end(conversations, turn, latest, event)
    return is_kept or is_answered or not are_lost(turn, Sentence.NO_CONVERSATION, language)


def are_lost(turn: InboundTurn, sentence: Sentence, language: str) -> bool:
    """Return whether a message that is answered by this sentence has words that say something, and are not kept."""
    words = turn.message.text
    is_written = turn.message.kind is InboundKind.TEXT and not words.startswith("/")
    is_story = is_written and tells_a_story(words, language)
    return is_story and sentence in _KEEPING_NOTHING and not asks_to_start(words, language)


def _asker(turn: InboundTurn, language: str) -> Requester:
    return Requester(turn.participant.id, turn.address_id, language, words=turn.message.text)


def _offered(localizations: Localizations) -> list[str]:
    """Return the languages that we speak."""
    return [code for code in languages() if localizations.spoken((code,)) == code]
