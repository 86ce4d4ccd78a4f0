"""Put beside words what their author permits now: to quote them, to publish a summary, to name their team in it.

Words of distress are nobody's to show, whatever was permitted.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from storage.export.tables.table import CHUNK
from storage.programs import case_words, word_permission
from storage.programs.word_permission import NOTHING, WordPermission

Found = TypeVar("Found")
PERMISSION_COLUMNS: Final = ("may_quote", "may_publish", "may_name_team")
"""Of every row of words; see `permission_cells`."""


def with_permission(
    connection: Connection, rows: Iterable[Found], conversations_of: Callable[[Found], Iterable[int]]
) -> Iterator[tuple[Found, WordPermission]]:
    """Yield each row with what is permitted in all of the conversations that its words are from.

    Nothing is, where an answer among them is of distress. Decisions are looked up a chunk of rows at a time, so that
    memory does not grow with their number.
    """
    for chunk in _chunks(rows):
        numbers = {number for row in chunk for number in conversations_of(row)}
        found = word_permission.of_conversations(connection, numbers)
        found |= dict.fromkeys(case_words.of_distress(connection, numbers).conversations, NOTHING)
        for row in chunk:
            first, *others = (found[number] for number in conversations_of(row))
            for other in others:
                first &= other
            yield row, first


def with_own_permission(
    connection: Connection, rows: Iterable[Found], *, is_remark: bool
) -> Iterator[tuple[Found, WordPermission]]:
    """Yield rows of one answer each (or with `is_remark`, remark), its number and its conversation in it, as above."""
    for chunk in _chunks(rows):
        sources: list[Any] = list(chunk)
        numbers = [one.remark if is_remark else one.answer for one in sources]
        conversations = [one.conversation for one in sources]
        permitted = own_permissions(connection, conversations, numbers, is_remark=is_remark)
        yield from zip(chunk, permitted, strict=True)


def own_permissions(
    connection: Connection, conversations: Sequence[int], numbers: Sequence[int], *, is_remark: bool
) -> list[WordPermission]:
    """Return what is permitted of some answers (or remarks), by their conversations and their numbers, in order."""
    asked = set(conversations)
    found = word_permission.of_conversations(connection, asked)
    distress = case_words.of_distress(connection, asked)
    return [
        NOTHING if distress.holds(number, is_remark=is_remark) else found[conversation]
        for conversation, number in zip(conversations, numbers, strict=True)
    ]


def _chunks(rows: Iterable[Found]) -> Iterator[list[Found]]:
    coming = iter(rows)
    while chunk := list(islice(coming, CHUNK)):
        yield chunk


def conversation_of(row: Any) -> tuple[int]:
    """Return the conversation of a row that has a column of that name."""
    return (row.conversation,)


def permission_cells(permitted: WordPermission, *, stand: bool = True) -> tuple[bool, bool, bool]:
    """Return the cells of `PERMISSION_COLUMNS`; nothing is permitted of words that do not stand any more.

    These were replaced by others, or their message was taken back on the platform.
    """
    found = permitted if stand else NOTHING
    return found.may_quote, found.may_publish, found.may_name_team


def stand(row: Any) -> bool:
    """Return whether the words of a row stand: the row has `superseded_at` and `message_deleted_at`."""
    return row.superseded_at is None and row.message_deleted_at is None
