"""Take what is said while no conversation is open: changes of earlier answers, late answers, absences.

Theory. What is told once nothing is open belongs to the conversation that began last, whether it came to its end or ran
out: it is a remark there, under the same consent and for as long as its other words. One that ran out long ago is not
opened by that, and nobody is asked to go on. What that leaves is for `late_words`.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from bot.conversations import safety
from bot.conversations.conversations import Conversations
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.requests import ANSWER_WITHIN
from bot.turns.named_messages import RECENT
from flows.engine.effects import Outcome
from flows.engine.events import Event, Remarked, Replied
from flows.engine.state import ConversationState, decode_state
from flows.errors import ConversationOver
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
    conversation, state = next(iter(changeable(turn.connection, turn.participant.id)), (None, None))
    if conversation is None or state is None or turn.now - asked_at(state) > ANSWER_WITHIN:
        return False
    try:
        conversations.play(turn, conversation, event, address_id=turn.address_id)
    except ConversationOver:
        return False
    return True


def changeable(
    connection: Connection, participant_id: int
) -> list[tuple[ConversationRecord, ConversationState]]:
    """Return the conversations of a participant that ended lately and may be corrected, with their states.

    The one that asked last, such as whether to change an answer, is the first.
    """
    ended = ended_conversations(connection, participant_id, RECENT)
    found = [(one, decode_state(one.state)) for one in ended if may_be_corrected(one)]
    return sorted(found, key=lambda one: asked_at(one[1]), reverse=True)


def asked_at(state: ConversationState) -> datetime:
    """Return when an ended conversation asked the question that still waits in it; long ago where none does."""
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
    language = conversations.languages.outside(turn.connection, turn.pending)
    if not has_substance(event.text, language) or asks_to_start(event.text, language):
        return False
    if not conversations.may_keep_words(turn.connection, ended):
        return False
    before = len(turn.writes.outbox), len(turn.writes.remarks)
    remark = Remarked(event.text, event.message_id, language)
    conversations.play(turn, ended, remark, address_id=turn.address_id)
    # In the conversation's own language they may say nothing.
    return before != (len(turn.writes.outbox), len(turn.writes.remarks))


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
