"""Answer what comes from the page behind the link of a mail where that opens less than was asked for.

See `bot.mail.code_needed` for what it opens. Here the routes are judged that no conversation plays, and it is said what
is needed: words of distress are answered by help all the same, and words that tell something are kept for the team.
"""

from typing import assert_never

from msgspec.structs import replace

from bot.conversations import safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.mail.code_needed import (
    MailReach,
    reach_of_command,
    reach_of_request,
    require_code,
    say_code_needed,
)
from bot.turns.late_words import WORDS, keep_outside
from bot.turns.routing import (
    Begin,
    Blocked,
    Decide,
    DeletedMessage,
    Grant,
    Help,
    Join,
    MenuCommand,
    MessageReaction,
    Nothing,
    Play,
    PlayEdit,
    PlayOther,
    Route,
    StopAll,
    Tell,
    Unasked,
    Unblocked,
)
from flows.parsing.commands import GlobalWord
from flows.parsing.link_codes import link_code
from flows.parsing.places import names_zone
from storage.conversations.conversations import ParticipantRecord
from storage.people import mail_addresses
from storage.people.mail_tokens import UNSUBSCRIBED
from storage.schema import AddressStatus


def writer_of(turn: InboundTurn) -> ParticipantRecord | None:
    """Return who wrote, as far as their message is routed by it; None where nobody is known at the address.

    Whether all of theirs is to be deleted is not decided behind the link of a mail, and was not asked there.
    """
    participant = turn.pending.participant
    if participant is None or not turn.is_by_mail:
        return participant
    return replace(participant, erasure_asked_at=None)


def hold_back(turn: InboundTurn, where: Route) -> None:
    """Let a message go no further by its route where the link of a mail does not open that.

    Raises:
        CodeNeeded: that is so.
    """
    if turn.is_by_mail:
        require_code(reach_of_route(where))


def reach_of_route(where: Route) -> MailReach:
    """Return how much of a route the link of a mail opens, as far as the route alone tells.

    What is played to a conversation is judged by what comes of it, and what came while nothing is open by its words.
    """
    match where:
        case Play() | PlayOther() | PlayEdit() | Unasked():
            return MailReach.QUESTION
        case Help() | Tell() | Nothing() | Blocked() | Unblocked() | MessageReaction():
            return MailReach.QUESTION
        case StopAll():
            return reach_of_command(GlobalWord.STOP)
        case MenuCommand(command):
            return reach_of_command(command)
        case Grant(wish):
            return reach_of_request(wish)
        case Begin() | Join() | Decide() | DeletedMessage():
            return MailReach.CODE
        case _:
            assert_never(where)


def answer_instead(turn: InboundTurn, conversations: Conversations, *, ends_mails: bool) -> None:
    """Answer a message of which nothing was done, since the link of a mail opens only so much of it.

    The turn is a fresh one. With `ends_mails` mails are ended, for whoever wants to hear no more; else it is said that
    a code is needed, and the open question stands again below that, if it was mailed. Words of distress are answered
    by help alone.
    """
    language = conversations.languages.outside(turn.connection, turn.pending)
    if turn.message.kind in WORDS and safety.respond_outside(turn, language, conversations.localizations):
        return
    if ends_mails:
        _end_mails(turn)
        return
    if link_code(turn.message.text) is None and not names_zone(turn.message.text):
        keep_outside(conversations, turn)  # what is for the bot alone is no story
    say_code_needed(turn, turn.address_id, language)
    if turn.conversation is not None and turn.conversation.state:
        conversations.show_again(turn, turn.conversation, address_id=turn.address_id)


def _end_mails(turn: InboundTurn) -> None:
    """End mails to the address of a turn, unless they were ended before, for whatever reason."""
    if turn.pending.participant is not None and turn.pending.address_status is AddressStatus.ACTIVE:
        mail_addresses.end_mails(
            turn.connection, turn.address_id, turn.participant.id, reason=UNSUBSCRIBED, now=turn.now
        )
