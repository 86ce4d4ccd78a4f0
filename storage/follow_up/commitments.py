"""Keep commitments: made, corrected in the same conversation, or reworded later; old words are never lost."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import RecordCommitment
from storage.conversations.conversations import ConversationRecord
from storage.redaction import WORDS_CHANGED
from storage.schema import COMMITMENT, COMMITMENT_REVISION

FIELDS = (
    "statement",
    "suggestion",
    "type",
    "theme",
    "objective",
    "if_then",
    "start_on",
    "level",
    "confidence",
    "foreseen_barriers",
    "coping",
    "specificity",
    "confirmed",
    "foreseen_other",
    "baseline_did",
    "baseline_had",
)
"""What a script may record about a commitment."""
_WORDS = ("statement", "if_then", "start_on")
"""What is kept as a revision when it changes."""


class UnknownField(ValueError):
    """Raised when a script records a field that a commitment has not. `said check` finds it before."""


def record(
    connection: Connection, effect: RecordCommitment, *, conversation: ConversationRecord, now: datetime
) -> int:
    """Keep a commitment that a conversation recorded, or correct the one of the same slot; return its number.

    Raises:
        UnknownField: the script names a field that a commitment has not.
    """
    values = column_values(effect.fields)
    here = (COMMITMENT.c.conversation_id == conversation.id) & (COMMITMENT.c.slot == effect.slot)
    before = connection.execute(sa.select(COMMITMENT).where(here)).mappings().first()
    if before is not None:
        confirmed = {"confirmed": True} if effect.confirmed else {}
        change(connection, before, {**values, **confirmed}, now=now)
        return int(before["id"])
    row: dict[str, Any] = {
        "participant_id": conversation.participant_id,
        "program_id": conversation.program_id,
        "activity_id": conversation.activity_id,
        "conversation_id": conversation.id,
        "slot": effect.slot,
        "statement": "",
        "foreseen_barriers": [],
        "made_at": now,
        "confirmed": effect.confirmed,
    }
    key = connection.execute(COMMITMENT.insert().values({**row, **values})).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(
    connection: Connection, before: sa.RowMapping, values: Mapping[str, Any], *, now: datetime
) -> None:
    """Set columns of the commitment whose row is `before`; where its words change, keep the old ones as a revision."""
    if any(name in values and values[name] != before[name] for name in _WORDS):
        old = {name: before[name] for name in _WORDS}
        connection.execute(
            COMMITMENT_REVISION.insert().values(commitment_id=before["id"], replaced_at=now, **old)
        )
    if values:
        here = COMMITMENT.c.id == before["id"]
        connection.execute(COMMITMENT.update().where(here).values(**values, **WORDS_CHANGED))


def column_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a script recorded about a commitment as values by column.

    Dates are parsed; a statement or foreseen barriers that are None are left out.

    Raises:
        UnknownField: a name is none of `FIELDS`.
    """
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise UnknownField(f"a commitment has no field {', '.join(unknown)}; it has {', '.join(FIELDS)}")
    values = dict(fields)
    if isinstance(start_on := values.get("start_on"), str):
        values["start_on"] = date.fromisoformat(start_on)
    for name in ("foreseen_barriers", "statement"):
        if name in values and values[name] is None:
            del values[name]
    return values
