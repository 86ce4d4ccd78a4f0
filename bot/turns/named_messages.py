"""Find what a message is about that names another one: a quotation, a thread, a reaction, a deletion.

A reply that quotes one of our questions, or stands in the thread under it, is about that question, whatever is open
now. A reaction is never an answer. A message that its writer took back stays an answer, and is marked.
"""

from collections.abc import Collection, Iterator, Sequence

from bot.channels.base import message_order
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.sight import WrittenWords, sight_of
from bot.turn_context import TurnContext
from bot.turns.routing import Nothing, Play, PlayOther, Route, Unasked
from flows.engine.compiled import PROBE_SUFFIX
from flows.engine.events import Reacted, Replied, Sight, TextSubmitted
from flows.engine.state import ConversationState, decode_state
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language
from flows.parsing.places import names_zone
from storage.conversations import taken_back
from storage.conversations.conversations import ConversationRecord, ended_conversations
from storage.conversations.showings import SentPrompt, last_message, newest_messages, question_shown_by
from storage.conversations.writes import CommitStage

RECENT = 5
"""How many ended conversations are searched for the message that is named."""

LOOKED_AT = 200
"""How many of our newest messages are searched for the one that a quoted message is a part of."""
PART = 3_000
"""UTF-16 units of a text that may go out in several parts; a shorter one never does: the least that a platform takes is
4,096, with what stands below the text.
"""


def route_of_words(turn: InboundTurn, where: Route) -> Route:
    """Return the route of words that quote one of our questions, or stand in its thread: to that question.

    `where` is their route otherwise, which stays for all other messages: also for words that work everywhere, since
    "stop" is never about one question alone.
    """
    if turn.message.about is None:
        return where
    event = where.event if isinstance(where, Play | Unasked) else None
    if not isinstance(event, Replied):
        return where
    language = turn.participant.language or "en"
    is_for_all = global_word(event.text, language) not in (None, GlobalWord.SKIP)
    if is_for_all or asked_language(event.text) is not None or names_zone(event.text):
        return where
    for conversation in _known_conversations(turn):
        ask = question_shown_by(turn.connection, conversation.id, turn.address_id, turn.message.about)
        if ask is not None:
            return _under(turn, conversation, ask, event)
    named = _question_in_parts(turn)
    for conversation in () if named is None else _known_conversations(turn):
        if named is not None and conversation.id == named[0]:
            return _under(turn, conversation, named[1], event)
    return where


def _under(turn: InboundTurn, conversation: ConversationRecord, ask: int, event: Replied) -> Route:
    """Return the route of words that are about the question `ask` of a conversation."""
    about = TextSubmitted(ask, event.text, event.message_id)
    is_open = conversation is turn.conversation
    return Play(conversation, about) if is_open else PlayOther(conversation.id, about)


def _question_in_parts(turn: InboundTurn) -> tuple[int, int] | None:
    """Return the conversation and number of a question of whose first parts one is quoted; None where that is none.

    A long question is sent in several messages, and the last one names it. Messages go to a chat one by one, so that a
    message of ours without a record is a part of the next one that has one. Never in a thread: it may stand under a
    message of the participant's own, and never where all that is searched came later: another question may stand
    between.
    """
    place = message_order(turn.message.about)
    if place is None or turn.message.threaded:
        return None
    found: SentPrompt | None = None
    newest = newest_messages(turn.connection, turn.address_id, LOOKED_AT)
    for sent in newest:
        order = message_order(sent.message_id)
        if order is None or order < place:
            break
        found = sent
    else:
        if len(newest) == LOOKED_AT:
            return None
    if found is None or found.conversation_id is None or found.ask is None:
        return None
    return (found.conversation_id, found.ask) if found.units > PART else None


def route_of_reaction(turn: InboundTurn) -> Route:
    """Return the route of a reaction: to the open question if it was put on its message, else nowhere."""
    conversation = turn.conversation
    if conversation is None or turn.message.message_id is None:
        return Nothing()
    state = decode_state(conversation.state)
    ask = question_shown_by(turn.connection, conversation.id, turn.address_id, turn.message.message_id)
    waits = state.open if state.aside is None else state.aside
    return Play(conversation, Reacted()) if ask is not None and ask == waits else Nothing()


def was_written_before_end(turn: InboundTurn, ended: ConversationRecord) -> bool:
    """Return whether words were written before the farewell of an ended conversation could be seen.

    They belong to it then, such as the second half of a text that an app has cut in two. What was said in it after the
    farewell does not count: words before that are no part of an answer. Never where the channel's messages have no
    order.

    Raises:
        OutcomePending: that cannot be said yet.
    """
    order = turn.message.order
    if (
        order is None
        or ended.ended_at is None
        or not ended.state
        or decode_state(ended.state).outcome is None
    ):
        return False
    last = last_message(turn.connection, ended.id, ended.ended_at)
    if last is None or last.address_id != turn.address_id:
        return False
    words = WrittenWords(turn.address_id, order, turn.now, turn.message.written_at)
    return sight_of([last], words, is_consent=False, now=turn.handled_at) is Sight.BEFORE


def conversation_answered_by(turn: InboundTurn, message_id: str) -> ConversationRecord | None:
    """Return the conversation, open or lately ended, in which a message was an answer or a remark; None where in none.

    None too for somebody who has left: what they said is not changed any more.
    """
    if not turn.participant.active:
        return None
    known = _known_conversations(turn)
    return next((one for one in known if _knows(decode_state(one.state), message_id)), None)


def _knows(state: ConversationState, message_id: str) -> bool:
    """Return whether a message was an answer or a remark of a conversation, by its state."""
    return message_id in state.messages or message_id in state.remarks


def mark_deleted(turn: InboundTurn) -> None:
    """Mark the answer or the remark that a message was which its writer has taken back; nothing where none stands.

    The words are kept: they were said, and leave by `delete my data` alone.
    """
    if turn.pending.participant is None:
        return
    for conversation in _known_conversations(turn):
        message_id, state = turn.message.message_id or "", decode_state(conversation.state)
        number = state.remarks.get(message_id)
        if number is not None:
            turn.during_commit(CommitStage.EFFECT, _mark_remark, conversation, number)
            return
        slot = state.messages.get(message_id)
        if slot is not None:
            if message_id in _messages_of_answer(state, slot):
                turn.during_commit(CommitStage.EFFECT, _mark, conversation, slot)
            return


def _messages_of_answer(state: ConversationState, slot: str) -> Collection[str]:
    """Return the names of the messages that make up the answer in a slot: its parts, else the newest one there."""
    parts = state.joined.get(slot)
    if parts:
        return [part.message_id for part in parts]
    return [message for message, of in state.messages.items() if of == slot][-1:]


def _known_conversations(turn: InboundTurn) -> Iterator[ConversationRecord]:
    """Return the participant's open conversation and those that ended lately, as far as they have a state."""
    current = [] if turn.conversation is None else [turn.conversation]
    ended: Sequence[ConversationRecord] = ended_conversations(turn.connection, turn.participant.id, RECENT)
    return (conversation for conversation in [*current, *ended] if conversation.state)


def _mark(turn: TurnContext, conversation: ConversationRecord, slot: str) -> None:
    """Mark the standing answer of a slot; of a probe's slot also that of its question, which may hold its words."""
    slots = {slot, slot.replace(PROBE_SUFFIX, "", 1)}
    taken_back.mark_answers(turn.connection, conversation.id, slots, turn.now)


def _mark_remark(turn: TurnContext, conversation: ConversationRecord, number: int) -> None:
    """Mark the remark of a conversation with this number, as it stands."""
    taken_back.mark_remark(turn.connection, conversation.id, number, turn.now)
