"""The turn of one inbox row: what came in and from whom, beside what every turn has."""

from dataclasses import dataclass

from bot.conversations.messages import Message
from bot.delivery.rows import sentence_row
from bot.turn_context import TurnContext
from flows.i18n.say import Sentence
from storage.conversations.conversations import ConversationRecord, ParticipantRecord, open_conversation
from storage.conversations.inbox import PendingTurn


@dataclass(slots=True, kw_only=True)
class InboundTurn(TurnContext):
    """Carry the turn of one message."""

    pending: PendingTurn
    message: Message

    @property
    def address_id(self) -> int:
        """Where the message came from, and where the answer goes."""
        return self.pending.address_id

    @property
    def participant(self) -> ParticipantRecord:
        """Who wrote, where somebody is known at the address."""
        assert self.pending.participant is not None
        return self.pending.participant

    @property
    def conversation(self) -> ConversationRecord | None:
        """The conversation that they are in; None if none is open."""
        return open_conversation(self.pending.conversations)

    def say(self, sentence: Sentence, language: str, **fields: object) -> None:
        """Answer with one of the bot's own sentences, outside any conversation."""
        row = sentence_row(sentence, language, self.address_id, self.now, **fields)
        self.writes.outbox.append(row)
