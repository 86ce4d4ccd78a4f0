"""Take what is said while no conversation is open: changes of earlier answers, late answers, absences.

Theory. What is told once nothing is open belongs to the conversation that began last, whether it came to its end or ran
out: it is a remark there, under the same consent and for as long as its other words. One that ran out long ago is not
opened by that, and nobody is asked to go on. What is taken by nothing else is a remark, too, so that people read it:
words of somebody at risk whose script is halted, an edit of what was no answer, words under a question of a talk that
was cut off. Refused is only what there is no consent to keep.
"""

from datetime import UTC, datetime
from typing import Final

from bot.conversations import safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.requests import ANSWER_WITHIN
from bot.turns.named_messages import RECENT
from flows.engine.effects import Outcome
from flows.engine.events import Event, Remarked, Replied
from flows.engine.state import decode_state
from flows.errors import ConversationOver
from flows.inquiries.reading import read_inquiries
from flows.parsing.absences import read_away
from flows.parsing.commands import asks_to_start
from flows.parsing.substance import has_substance
from storage.conversations.conversations import ConversationRecord, ended_conversations
from storage.database.statements import Row
from storage.schema import OutboxKind

_NEVER: Final = datetime.fromtimestamp(0, UTC)


def may_be_corrected(conversation: ConversationRecord) -> bool:
    """Return whether a conversation came to an end of its own: one that was cut off has an open question still."""
    return bool(conversation.state) and decode_state(conversation.state).outcome is not None


def play_correction(
    conversations: Conversations, turn: InboundTurn, conversation: ConversationRecord, event: Event
) -> None:
    """Play a correction to a conversation that has ended, or is the open one.

    Where it puts a question of its own while another conversation is open (whether to change an answer, one that is
    answered anew, 'Undo'), that one's question comes after it: what is typed then is no answer to the change, whose
    buttons stay.
    """
    count = len(turn.writes.outbox)
    conversations.play(turn, conversation, event, address_id=turn.address_id)
    waits = turn.conversation
    if waits is not None and waits.id != conversation.id and any(map(_asks, turn.writes.outbox[count:])):
        conversations.show_again(turn, waits, address_id=turn.address_id)


def _asks(row: Row) -> bool:
    """Return whether a row of the outbox sends a question, rather than to show one anew."""
    return row["ask"] is not None and row["kind"] is OutboxKind.MESSAGE


def decides_on_change(conversations: Conversations, turn: InboundTurn, event: Replied) -> bool:
    """Give words to the ended conversation that asked last, and lately, whether to change an answer.

    Return whether they were a yes or a no to that.
    """
    ended = ended_conversations(turn.connection, turn.participant.id, RECENT)
    asked = [(_asked_at(one), one) for one in ended if may_be_corrected(one)]
    at, conversation = max(asked, key=lambda one: one[0], default=(_NEVER, None))
    if conversation is None or turn.now - at > ANSWER_WITHIN:
        return False
    try:
        conversations.play(turn, conversation, event, address_id=turn.address_id)
    except ConversationOver:
        return False
    return True


def _asked_at(conversation: ConversationRecord) -> datetime:
    """Return when an ended conversation asked the question that still waits in it; `_NEVER` where none does."""
    state = decode_state(conversation.state)
    return _NEVER if state.aside is None else datetime.fromtimestamp(state.asks[state.aside].at, UTC)


def latest_ended(turn: InboundTurn) -> ConversationRecord | None:
    """Return the participant's conversation that began last of those that have ended; None for none."""
    return next(iter(ended_conversations(turn.connection, turn.participant.id, 1)), None)


def remark_after_end(
    conversations: Conversations, turn: InboundTurn, ended: ConversationRecord, event: Event
) -> bool:
    """Keep words that belong to no open conversation as a remark of one that has ended; return whether they are kept.

    Not words that say nothing, or ask to begin, nor where there is no consent to keep any. Of concern to one that ran
    out they are answered by a safety response instead.
    """
    if not isinstance(event, Replied) or not (may_be_corrected(ended) or _ran_out(turn, ended)):
        return False
    language = _language(conversations, turn)
    if not has_substance(event.text, language) or asks_to_start(event.text, language):
        return False
    if not conversations.may_keep_words(turn.connection, ended):
        return False
    before = len(turn.writes.outbox), len(turn.writes.remarks)
    remark = Remarked(event.text, event.message_id, language)
    conversations.play(turn, ended, remark, address_id=turn.address_id)
    # In the conversation's own language they may say nothing.
    return before != (len(turn.writes.outbox), len(turn.writes.remarks))


def keep_outside(
    conversations: Conversations, turn: InboundTurn, named: ConversationRecord | None = None
) -> bool:
    """Keep words that nothing else takes as a remark, so that people read them; return whether they are kept.

    They belong to the conversation that they name, else to the open one, else to the one that began last, which may
    have been cut off or be halted for somebody at risk. Not words that say nothing or are for the bot alone, nor those
    of somebody who has left or has not agreed to take part there.
    """
    text, language = turn.message.text, _language(conversations, turn)
    asked = read_inquiries(text, language)
    is_for_bot = (asked is not None and not asked.rest) or asks_to_start(text, language)
    if not turn.participant.active or is_for_bot or not has_substance(text, language):
        return False
    ended = ended_conversations(turn.connection, turn.participant.id, RECENT)
    mine = next((one for one in (named, turn.conversation, *ended) if one is not None and one.state), None)
    if mine is None or mine.outcome in _LEFT or not conversations.may_keep_words(turn.connection, mine):
        return False
    kept = len(turn.writes.remarks)
    remark = Remarked(text, turn.message.message_id, language if mine.ended else None)
    conversations.play(turn, mine, remark, address_id=turn.address_id)
    return len(turn.writes.remarks) > kept


_LEFT: Final = frozenset({Outcome.DECLINED, Outcome.WITHDRAWN})
"""After these nothing more is kept in a conversation."""


def _language(conversations: Conversations, turn: InboundTurn) -> str:
    """Return the language in which whoever writes is written to outside of conversations."""
    return conversations.languages.outside(turn.connection, turn.pending)


def _ran_out(turn: InboundTurn, conversation: ConversationRecord) -> bool:
    """Return whether a conversation expired, its state is kept, and nobody is at risk, then or now."""
    if conversation.outcome is not Outcome.EXPIRED or not conversation.state:
        return False
    return decode_state(conversation.state).care is None and not safety.is_of_concern(turn)


def away_until(turn: InboundTurn, event: Event, language: str) -> datetime | None:
    """Return until when the participant, who is written to in a language, says to be away; None for nothing of it."""
    if not isinstance(event, Replied):
        return None
    return read_away(event.text, now=turn.now, zone=turn.participant.zone("UTC"), language=language)
