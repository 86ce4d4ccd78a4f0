"""Answer what works although no conversation is open: commands of the menu, and questions to the bot."""

from bot.channels.base import InboundKind
from bot.conversations import safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.requests import Requester
from bot.turns.corrections import latest_ended
from flows.engine.effects import AnswerInquiry, RequestKind
from flows.i18n.localized_flow import Localizations, name_of
from flows.i18n.say import Sentence
from flows.parsing.commands import GlobalWord
from flows.parsing.inquiries import SOCIAL, Inquiry, read_inquiries
from flows.parsing.vocabulary import languages
from storage.programs import programs
from storage.schema import ParticipantStatus

_WISHES = {Inquiry.WHAT_SAID: RequestKind.MY_DATA, Inquiry.CALL_ME: RequestKind.HUMAN}


def answer_inquiry(turn: InboundTurn, conversations: Conversations, language: str) -> bool:
    """Answer a message that is nothing but questions to the bot; return whether it is.

    False for words of concern, where nobody is known at the address or has taken part in nothing, and for a greeting
    or thanks of somebody who stopped.
    """
    known = turn.pending.participant is not None and latest_ended(turn) is not None
    if not known or turn.message.kind is not InboundKind.TEXT:
        return False
    asked = read_inquiries(turn.message.text, language)
    if asked is None or asked.rest or safety.is_of_concern(turn):
        return False
    if turn.participant.status is not ParticipantStatus.ACTIVE and not SOCIAL.isdisjoint(asked.inquiries):
        return False
    asker = _asker(turn, language)
    for inquiry in asked.inquiries:
        if inquiry in _WISHES:
            conversations.requests.grant(turn, _WISHES[inquiry], asker)
        else:
            conversations.requests.answer(turn, AnswerInquiry(inquiry), asker)
    return True


def carry_out(turn: InboundTurn, conversations: Conversations, language: str, command: GlobalWord) -> None:
    """Do what the menu says of 'help', 'language', 'pause' and 'later', with nothing open that could wait.

    The last two tell when we write next, and how to put that off. Nothing is open for any other command.
    """
    latest = latest_ended(turn)
    if command is GlobalWord.LANGUAGE:
        turn.say(Sentence.INQUIRY_LANGUAGES, language, languages=_offered(conversations.localizations))
    elif latest is None:
        turn.say(Sentence.NO_CONVERSATION, language)
    elif command is GlobalWord.HELP:
        contact = programs.program_file(turn.connection, latest.program_id).contact
        turn.say(Sentence.HELP, language, contact=contact)
    elif command in (GlobalWord.PAUSE, GlobalWord.LATER):
        conversations.requests.answer(turn, AnswerInquiry(Inquiry.WHEN_AGAIN), _asker(turn, language))
        turn.say(Sentence.INQUIRY_PUT_OFF, language)
    else:
        turn.say(Sentence.NO_CONVERSATION, language)


def _asker(turn: InboundTurn, language: str) -> Requester:
    return Requester(turn.participant.id, turn.address_id, language, words=turn.message.text)


def _offered(localizations: Localizations) -> str:
    """Return the names of the languages that we speak, each in that language."""
    return ", ".join(name_of(code) for code in languages() if localizations.spoken((code,)) == code)
