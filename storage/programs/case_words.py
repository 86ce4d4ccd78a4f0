"""Read which words of participants safety cases are about; those of distress are never quoted, whoever permits it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery, among, numbers
from storage.schema import ANSWER, CONVERSATION, READING, REMARK, SAFETY_CASE, SafetyKind

ALSO: Final = "also"
"""The detail that holds what else a case is about: the rows of answers and remarks that were added to it, by column."""


@dataclass(frozen=True, slots=True)
class DistressWords:
    """The answers and remarks of some conversations that hold words of distress, by number.

    `conversations` are those in which an answer does.
    """

    answers: frozenset[int] = frozenset()
    remarks: frozenset[int] = frozenset()
    conversations: frozenset[int] = frozenset()

    def holds(self, number: int, *, is_remark: bool) -> bool:
        """Return whether an answer, or a remark, holds such words."""
        return number in (self.remarks if is_remark else self.answers)


def words_added_at(connection: Connection, case_id: int, now: datetime) -> datetime:
    """Return when words that are added to a case `now` came: always after whatever was shown of the case before.

    Else words of the same instant, or of a clock that was set back, would count as shown.
    """
    shown: datetime | None = connection.scalar(
        sa.select(sa.func.max(READING.c.shown_at)).where(READING.c.case_id == case_id)
    )
    return now if shown is None else max(now, shown + timedelta(microseconds=1))


def quoted(key: str, condition: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    """Select what the cases that meet a condition are about: answers (`key` is `answer_id`) or remarks (`remark_id`).

    The words that opened a case, and those that were added to it.
    """
    first = SAFETY_CASE.c[key]
    path: sa.ColumnElement[str] = sa.literal_column(f"'$.{ALSO}.{key}'")
    added = sa.func.json_each(SAFETY_CASE.c.details, path).table_valued("value")
    rows = sa.union_all(
        sa.select(first.label("number")).where(condition, first.is_not(None)),
        sa.select(added.c.value.label("number"))
        .select_from(SAFETY_CASE)
        .join(added, sa.true())
        .where(condition),
    ).subquery()
    return sa.select(rows.c.number)


def of_distress(connection: Connection, conversations: Collection[int]) -> DistressWords:
    """Return what holds words of distress in these conversations, whatever became of the case that they opened.

    That is what a case names, and what has the same words in it: an answer that a remark became, or one told at length.
    """
    which = numbers(conversations)
    named = {
        is_remark: {number for (number,) in query.run(connection, conversations=which)}
        for is_remark, query in _NAMED.items()
    }
    if not any(named.values()):
        return DistressWords()
    kept = {is_remark: query.run(connection, conversations=which) for is_remark, query in _KEPT.items()}
    said: dict[int, set[str]] = defaultdict(set)
    for is_remark, rows in kept.items():
        for number, conversation, raw in rows:
            if number in named[is_remark] and raw.strip():
                said[conversation].add(raw.strip())
    found = {
        is_remark: {
            number: conversation
            for number, conversation, raw in rows
            if number in named[is_remark] or any(words in raw for words in said[conversation])
        }
        for is_remark, rows in kept.items()
    }
    return DistressWords(frozenset(found[False]), frozenset(found[True]), frozenset(found[False].values()))


_THEIRS = (SAFETY_CASE.c.kind == SafetyKind.DISTRESS) & SAFETY_CASE.c.participant_id.in_(
    sa.select(CONVERSATION.c.participant_id).where(among(CONVERSATION.c.id, "conversations"))
)
"""The cases of distress of those whose conversations are asked for; a case goes on in further conversations."""
_NAMED: Final = {
    is_remark: TupleQuery(quoted(key, _THEIRS))
    for is_remark, key in ((False, "answer_id"), (True, "remark_id"))
}
_KEPT: Final = {
    is_remark: TupleQuery(
        sa.select(table.c.id, table.c.conversation_id, table.c.raw).where(
            among(table.c.conversation_id, "conversations")
        )
    )
    for is_remark, table in ((False, ANSWER), (True, REMARK))
}
