"""Take up whoever comes back after a talk ran out: they are asked whether it goes on, and nothing is taken unseen."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.turns.named_messages import RECENT
from flows.engine.effects import Outcome
from flows.engine.events import Event, MediaSent, Replied, Returned
from flows.inquiries.inquiry import SOCIAL
from flows.inquiries.reading import is_for_people, read_inquiries
from flows.parsing.commands import GlobalWord, asks_to_start, global_word
from storage.conversations.conversations import ConversationRecord, ended_conversations
from storage.programs import programs
from storage.schema import ProgramClose

_NEVER: Final = datetime.fromtimestamp(0, UTC)


def take_up_expired(
    conversations: Conversations,
    turn: InboundTurn,
    expired: ConversationRecord,
    event: Event,
    *,
    is_answered: bool,
) -> None:
    """Open a conversation again that had expired, and ask whether to go on; words are kept, and are no answer.

    `is_answered`: what they asked the bot was answered, and nothing else of it need be kept, unless people must read
    it. 'Start' is a wish to go on, and 'hello' a greeting: nothing to be kept.
    """
    language = conversations.languages.outside(turn.connection, turn.pending)
    returned = Returned(language=language)
    is_done = is_answered and not is_for_people(turn.message.text, language)
    if isinstance(event, Replied) and not is_done and not only_greets(event.text, language):
        returned = Returned(event.text, event.message_id, language=language)
    elif isinstance(event, MediaSent):
        returned = Returned(media=event.kind, language=language)
    conversations.play(turn, conversations.reopen(turn, expired), returned, address_id=turn.address_id)


def only_greets(text: str, language: str) -> bool:
    """Return whether words are a greeting or thanks, or ask to begin, but not to begin anew."""
    asked = read_inquiries(text, language)
    if asked is not None and not asked.rest and SOCIAL.issuperset(asked.inquiries):
        return True
    return asks_to_start(text, language) and global_word(text, language) is not GlobalWord.RESTART


def expired_lately(turn: InboundTurn) -> ConversationRecord | None:
    """Return the conversation that expired of which whoever writes now is asked if it is to go on; None for none.

    It is the last one to end in which they were asked something: what only told them something since is passed over.
    """
    ended = ended_conversations(turn.connection, turn.participant.id, RECENT)
    asked = [one for one in ended if one.outcome is Outcome.EXPIRED or one.turns > 1]
    latest = max(asked, key=lambda one: one.ended_at or _NEVER, default=None)
    return latest if latest is not None and _may_go_on(turn, latest) else None


def _may_go_on(turn: InboundTurn, conversation: ConversationRecord) -> bool:
    """Return whether a conversation expired, and not longer ago than an unfinished one is kept open."""
    if conversation.outcome is not Outcome.EXPIRED or conversation.ended_at is None or not conversation.state:
        return False
    if programs.how_closed(turn.connection, conversation.program_id) is ProgramClose.END:
        return False
    schedule = programs.program_file(turn.connection, conversation.program_id).schedule
    return turn.now - conversation.ended_at <= timedelta(days=schedule.expire_after)
