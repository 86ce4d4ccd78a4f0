"""The turn of one inbox row: what came in and from whom, beside what every turn has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from sqlalchemy import Connection

from bot.conversations.messages import Message, from_payload
from bot.delivery.rows import message_row, sentence_row
from bot.mail.code_needed import BY_MAIL
from bot.turn_context import TurnContext
from flows.engine.effects import Prompt
from flows.i18n.say import Sentence, say
from storage.conversations.conversations import ConversationRecord, ParticipantRecord, open_conversation
from storage.conversations.inbox import PendingTurn

_ASKS_FOR_INVITATION: Final = frozenset({Sentence.INVITATION_NEEDED, Sentence.INVITATION_WRONG})
_WAYS_IN: Final = {"telegram": Sentence.WAY_IN_TELEGRAM, "slack": Sentence.WAY_IN_SLACK}


def asking_for_invitation(sentence: Sentence, channel: str, language: str) -> Prompt:
    """Return a sentence that asks for an invitation, with how it is used on a channel (`telegram`)."""
    way = _WAYS_IN.get(channel, Sentence.WAY_IN_ELSEWHERE)
    return Prompt(f"{say(sentence, language)} {say(way, language)}", language=language)


@dataclass(slots=True, kw_only=True)
class InboundTurn(TurnContext):
    """The turn of one inbound message: `message` as it came in, and `pending`, its inbox row with who wrote."""

    pending: PendingTurn
    message: Message
    handled_at: datetime
    """The time now; `now` is when the message came in, which is earlier where it had to wait."""

    @classmethod
    def of(cls, connection: Connection, pending: PendingTurn, now: datetime) -> Self:
        """Make the turn of an inbox row that is handled at `now`; nothing is written in it yet."""
        at, message = pending.received_at, from_payload(pending.payload)
        return cls(connection, at, pending=pending, message=message, handled_at=max(now, at))

    @property
    def address_id(self) -> int:
        """The id of the address from which the message came, and to which the answer goes."""
        return self.pending.address_id

    @property
    def is_by_mail(self) -> bool:
        """Whether the message came by the link of a mail; `bot.mail.code_needed` says what that opens."""
        return self.pending.channel == BY_MAIL

    @property
    def participant(self) -> ParticipantRecord:
        """The participant who wrote. Only where somebody is known at the address: else an assertion fails."""
        assert self.pending.participant is not None
        return self.pending.participant

    @property
    def conversation(self) -> ConversationRecord | None:
        """The participant's open conversation; None if none is open."""
        return open_conversation(self.pending.conversations)

    def say(self, sentence: Sentence, language: str, **fields: object) -> None:
        """Queue one of the bot's own sentences as the answer, outside any conversation.

        `fields` fill its placeholders. One that asks for an invitation also says how to use it on this channel.
        """
        if sentence in _ASKS_FOR_INVITATION:
            prompt = asking_for_invitation(sentence, self.pending.channel, language)
            self.writes.outbox.append(message_row(prompt, self.address_id, None, self.now))
            return
        row = sentence_row(sentence, language, self.address_id, self.now, **fields)
        self.writes.outbox.append(row)
