"""Hold an event that is played to a conversation: what the scan finds in its words, and what came of it.

Words are scanned as what they are: an answer to a question, alone and with what they become part of.
"""

from typing import Final, NamedTuple

import sqlalchemy as sa

from bot.conversations import safety
from bot.conversations.requests import Requester
from bot.conversations.safety import MessageAuthor, ScannedWords, WordsToScan
from bot.turn_context import TurnContext
from flows.engine.advance import Advance
from flows.engine.answered_question import asked_in_slot, names_a_choice, slot_of_event
from flows.engine.compiled import CompiledFlow
from flows.engine.early_words import edited_words, joined_words
from flows.engine.events import Edited, Event, Replied, TextSubmitted
from flows.engine.state import ConversationState
from storage.conversations.conversations import ConversationRecord
from storage.schema import REMARK


class EventScan(NamedTuple):
    """Scans the words of one event of a turn, by `author`, to a conversation whose flow and state are given."""

    turn: TurnContext
    author: MessageAuthor
    compiled: CompiledFlow
    state: ConversationState

    def alone(self, event: Event) -> ScannedWords:
        """Return what the scan finds in the words of an event by themselves.

        A choice of the open question is no concern, nor are words that tell nothing.
        """
        words = self._words(event)
        found = safety.detect(self.turn.connection, self.author, words, self.compiled.offered)
        if words.text is None or (found.concern is None and found.hint is None):
            return found
        tier = 0 if found.concern is None else found.concern.notice.tier
        if names_a_choice(self.compiled, self.state, words.text, self.turn.now):
            return ScannedWords()
        return ScannedWords() if safety.tells_nothing(tier, words.text, self.state.language) else found

    def with_what_they_join(self, event: Event, alone: ScannedWords) -> ScannedWords:
        """Return what the words of an event raise together with the answer that they become part of.

        `event` says by now whether the open question could be seen. `alone` is what `alone` returned before that was
        known: words that came too early are read once more, under the question that they were written for.
        """
        connection = self.turn.connection
        if isinstance(event, Replied) and event.may_be_early:
            words, unread = self._words(event), self._words(Replied(event.text))
            joined = joined_words(self.compiled, self.state, event)
            early = alone if unread == words else self.alone(event)
            return safety.detect_joined(connection, self.author, joined, early, words)
        if isinstance(event, Edited):
            joined = edited_words(self.state, event.message_id, event.text)
            return safety.detect_joined(connection, self.author, joined, alone, self._words(event))
        return alone

    def _words(self, event: Event) -> WordsToScan:
        """Return the words of an event with what is known of the question that they answer."""
        text = safety.text_of(event)
        if text is None:
            return _NOTHING_TO_SCAN
        asked = asked_in_slot(self.compiled, self._slot(event))
        return WordsToScan(text, asked.topic, self.state.language, asked.solicits)

    def _slot(self, event: Event) -> str | None:
        """Return the slot of the question that an event's words answer, also of the one that a remark stands under."""
        number = self.state.remarks.get(event.message_id) if isinstance(event, Edited) else None
        if number is None:
            return slot_of_event(self.state, event)
        here = (REMARK.c.conversation_id == self.author.conversation_id) & (REMARK.c.number == number)
        slot: str | None = self.turn.connection.scalar(sa.select(REMARK.c.slot).where(here).limit(1))
        return slot


_NOTHING_TO_SCAN: Final = WordsToScan(None)


class PlayedEvent(NamedTuple):
    """An event that was played to a conversation, with its `result` (new state, effects) and where the replies go."""

    conversation: ConversationRecord
    address_id: int
    event: Event
    result: Advance
    thread: str | None = None
    """The platform's name of the message in whose thread the participant wrote; None for the chat itself."""
    asked: int = 0
    """How many questions were put before the event."""

    @property
    def requester(self) -> Requester:
        """The conversation's participant as the one who asks: at this address, in the conversation's language."""
        language = self.result.state.language
        words = self.event.text if isinstance(self.event, Replied | Edited | TextSubmitted) else ""
        return Requester(
            self.conversation.participant_id, self.address_id, language, self.conversation.id, words
        )
