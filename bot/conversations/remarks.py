"""Keep remarks: words of a participant that answered no question."""

from typing import NamedTuple

import sqlalchemy as sa

from bot.conversations import safety
from bot.conversations.language_detector import worth_hearing
from bot.turn_context import TurnContext
from flows.engine.effects import EndRemark, RecordRemark
from storage.conversations.conversations import ConversationRecord
from storage.database.audit import AuditEntry, text_hash
from storage.programs import whereabouts
from storage.redaction import has_identifiers
from storage.schema import REMARK, AuditKind


def keep(turn: TurnContext, conversation: ConversationRecord, effect: RecordRemark | EndRemark) -> None:
    """Add a remark, with its audit entry, to the turn's writes, or that one has become an answer.

    An edited remark, and one that was taken as an answer, is marked as superseded. An edit stays where the remark was
    made, under its question, whatever is open by now.
    """
    taken_as = effect.slot if isinstance(effect, EndRemark) else None
    if taken_as is not None or (isinstance(effect, RecordRemark) and effect.corrects):
        turn.writes.superseded_remarks.append(
            {"of": conversation.id, "numbered": effect.number, "at": turn.now, "as_answer": taken_as}
        )
    if isinstance(effect, EndRemark):
        return
    place = _place_of(turn, conversation, effect)
    turn.writes.remarks.append(
        {
            "conversation_id": conversation.id,
            "number": effect.number,
            "raw": effect.raw,
            **place._asdict(),
            "channel": conversation.channel,
            "said_at": effect.said_at or turn.now,
            "identifiers": has_identifiers(
                effect.raw, whereabouts.of_conversation(turn.connection, conversation.id)
            ),
            "unheard": not place.personal and worth_hearing(effect.raw),
        }
    )
    safety.name_words(turn, conversation, effect, effect.said_at)
    details = {"conversation": conversation.id, "remark": effect.number, "slot": place.slot}
    told = {**details, "language": place.language, "text": text_hash(place.shown_text)}
    kind = AuditKind.CORRECTION if effect.corrects else AuditKind.REMARK
    turn.writes.audit.append(AuditEntry(turn.now, kind, conversation.participant_id, told))


class _RemarkPlace(NamedTuple):
    """Hold the question under which a remark was made, as columns of its row."""

    slot: str
    shown_text: str
    language: str
    personal: bool


def _place_of(turn: TurnContext, conversation: ConversationRecord, effect: RecordRemark) -> _RemarkPlace:
    """Return where a remark was made: where it stood before, if this is what it became by an edit."""
    before = None
    if effect.corrects:
        here = (REMARK.c.conversation_id == conversation.id) & (REMARK.c.number == effect.number)
        columns = [REMARK.c[name] for name in _RemarkPlace._fields]
        query = sa.select(*columns).where(here).order_by(REMARK.c.id.desc()).limit(1)
        before = turn.connection.execute(query).first()
    if before is not None:
        return _RemarkPlace(*before)
    return _RemarkPlace(effect.slot, effect.shown_text, effect.language, effect.personal)
