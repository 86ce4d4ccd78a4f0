"""Hold an event that was played to a conversation, for whatever is to be written of it."""

from typing import NamedTuple

from bot.conversations.requests import Requester
from flows.engine.advance import Advance
from flows.engine.events import Edited, Event, Replied, TextSubmitted
from storage.conversations.conversations import ConversationRecord


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
