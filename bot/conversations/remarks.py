"""Keep remarks: words of a participant that answered no question."""

from bot.conversations.language_detector import worth_hearing
from bot.turn_context import TurnContext
from flows.engine.effects import EndRemark, RecordRemark
from storage.conversations.conversations import ConversationRecord
from storage.database.audit import AuditEntry, text_hash
from storage.redaction import has_identifiers
from storage.schema import AuditKind


def keep(turn: TurnContext, conversation: ConversationRecord, effect: RecordRemark | EndRemark) -> None:
    """Add a remark, with its audit entry, to the turn's writes, or that one has become an answer.

    An edited remark, and one that was taken as an answer, is marked as superseded.
    """
    taken_as = effect.slot if isinstance(effect, EndRemark) else None
    if taken_as is not None or (isinstance(effect, RecordRemark) and effect.corrects):
        turn.writes.superseded_remarks.append(
            {"of": conversation.id, "numbered": effect.number, "at": turn.now, "as_answer": taken_as}
        )
    if isinstance(effect, EndRemark):
        return
    turn.writes.remarks.append(
        {
            "conversation_id": conversation.id,
            "number": effect.number,
            "slot": effect.slot,
            "raw": effect.raw,
            "shown_text": effect.shown_text,
            "language": effect.language,
            "channel": conversation.channel,
            "said_at": effect.said_at or turn.now,
            "personal": effect.personal,
            "identifiers": has_identifiers(effect.raw),
            "unheard": not effect.personal and worth_hearing(effect.raw),
        }
    )
    details = {"conversation": conversation.id, "remark": effect.number, "slot": effect.slot}
    told = {**details, "language": effect.language, "text": text_hash(effect.shown_text)}
    kind = AuditKind.CORRECTION if effect.corrects else AuditKind.REMARK
    turn.writes.audit.append(AuditEntry(turn.now, kind, conversation.participant_id, told))
