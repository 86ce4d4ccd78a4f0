"""Ask a participant, once a conversation, not to write what may tell who they are."""

import sqlalchemy as sa

from bot.delivery.rows import sentence_row
from bot.turn_context import TurnContext
from flows.engine.effects import AnswerStatus, PromptKind, RecordAnswer
from flows.i18n.say import Sentence
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import Writes
from storage.database.audit import AuditEntry
from storage.programs import whereabouts
from storage.redaction import has_identifiers
from storage.schema import ANSWER, REMARK, AuditKind, OutboxKind


def holds_identifiers(turn: TurnContext, conversation: ConversationRecord, effect: RecordAnswer) -> bool:
    """Return whether an answer in somebody's own words holds identifiers, such as a phone number or e-mail address.

    False for all answers that are not own words: a date or number that was asked for is no identifier.
    """
    own_words = effect.kind is PromptKind.TEXT or effect.status is AnswerStatus.UNPARSED
    return own_words and has_identifiers(
        effect.raw, whereabouts.of_conversation(turn.connection, conversation.id)
    )


def ask_once(turn: TurnContext, conversation: ConversationRecord, *, address_id: int, at_risk: bool) -> None:
    """Ask a participant not to write what tells who they are, the first time that they do so in a conversation.

    Looks at the answers and remarks among the turn's writes; each that holds identifiers gets an audit entry. The
    request is put before the turn's last question, addressed to `address_id`. With `at_risk` nothing is asked: somebody
    at risk is shown help first and alone.
    """
    writes = turn.writes
    found = [row for row in (*writes.answers, *writes.remarks) if row["identifiers"]]
    if not found:
        return
    for row in found:
        details = {"conversation": conversation.id, "slot": row["slot"], "what": "identifiers"}
        writes.audit.append(AuditEntry(turn.now, AuditKind.FLAG, conversation.participant_id, details))
    if at_risk:
        return
    earlier = sa.select(ANSWER.c.id).where(ANSWER.c.conversation_id == conversation.id, ANSWER.c.identifiers)
    remarked = sa.select(REMARK.c.id).where(REMARK.c.conversation_id == conversation.id, REMARK.c.identifiers)
    if turn.connection.scalar(sa.union_all(earlier, remarked).limit(1)) is None:
        asked = sentence_row(Sentence.IDENTIFIERS, found[0]["language"], address_id, turn.now)
        writes.outbox.insert(_before_question(writes), {**asked, "conversation_id": conversation.id})


def _before_question(writes: Writes) -> int:
    """Return the place of the turn's last question: a request that came after it would leave it behind."""
    for place in range(len(writes.outbox) - 1, -1, -1):
        row = writes.outbox[place]
        if row["ask"] is not None and row["kind"] is OutboxKind.MESSAGE:
            return place
    return len(writes.outbox)
