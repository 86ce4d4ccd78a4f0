"""Keep what the rules and the second reader noticed in texts that open no case: it orders the queue of unread texts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety.reading import ReadingClass, SignalLevel, SignalSource
from storage.database.statements import BulkWrite
from storage.safety.cases import Case, CaseWords
from storage.schema import ANSWER, READING, REMARK, TEXT_PLACE, TEXT_SIGNAL, TextPlaceName


class TextKind(StrEnum):
    """What holds a text: an answer, a remark, or a safety case alone."""

    ANSWER = "answer"
    REMARK = "remark"
    CASE = "case"


_LETTERS: Final = {TextKind.ANSWER: "", TextKind.REMARK: "r", TextKind.CASE: "c"}
_NAME: Final = re.compile(r"([rc]?)(\d{1,18})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class TextSource:
    """A text that is kept: what holds it, and the number of that row."""

    kind: TextKind
    number: int

    @property
    def column(self) -> str:
        """Return the column in which other tables name such a row, such as `answer_id`."""
        return f"{self.kind.value}_id"

    @property
    def name(self) -> str:
        """Return how people name it: an answer by its number, the remark 12 as `r12`, the words of case 7 as `c7`."""
        return f"{_LETTERS[self.kind]}{self.number}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse the name of a text as people write it; return None for any other words."""
        named = _NAME.fullmatch(text.strip())
        kinds = {letter: kind for kind, letter in _LETTERS.items()}
        return None if named is None else cls(kinds[named[1].lower()], int(named[2]))


@dataclass(frozen=True, slots=True)
class NotedSignal:
    """What was noticed in an answer or a remark of a participant.

    `version` is that of the rules, or of the second reader's weights.
    """

    text: TextSource
    participant_id: int
    reading_class: ReadingClass
    source: SignalSource
    level: SignalLevel
    version: str


@dataclass(frozen=True, slots=True)
class TextNumbers:
    """How far something has gone through all texts: the highest numbers of an answer and a remark."""

    answer: int = 0
    remark: int = 0


def note(connection: Connection, signal: NotedSignal, *, now: datetime) -> None:
    """Keep what was noticed in an answer or a remark; nothing where the same source noticed something there before.

    Raises:
        ValueError: the text is the words of a case, which has its place in the queue already.
    """
    if signal.text.kind is TextKind.CASE:
        raise ValueError("the words of a safety case have their place in the queue already")
    here = (TEXT_SIGNAL.c[signal.text.column] == signal.text.number) & (TEXT_SIGNAL.c.source == signal.source)
    if connection.scalar(sa.select(TEXT_SIGNAL.c.id).where(here)) is not None:
        return
    row = {
        "answer_id": None,
        "remark_id": None,
        signal.text.column: signal.text.number,
        "participant_id": signal.participant_id,
        "reading_class": signal.reading_class,
        "source": signal.source,
        "level": signal.level,
        "version": signal.version,
        "noted_at": now,
    }
    _NOTE.run(connection, [row])


def texts_of(case: Case) -> tuple[TextSource, ...]:
    """Return the texts that hold the words of a case: answers, remarks, and the case itself."""
    kinds = (TextKind.ANSWER, TextKind.REMARK)
    kept = (TextSource(kind, number) for kind in kinds for number in case.sources[f"{kind.value}_id"])
    return (*kept, TextSource(TextKind.CASE, case.id))


def take_back(connection: Connection, texts: Iterable[TextSource]) -> None:
    """Take back that the rules noticed a weak sign of an event in these texts: they have their turn like all others.

    The signal stays, with the plain class: a text that is in the queue for what was noticed alone, such as a
    clinician's, does not leave it unread.
    """
    weak = (
        (TEXT_SIGNAL.c.source == SignalSource.RULES)
        & (TEXT_SIGNAL.c.reading_class == ReadingClass.EVENT)
        & (TEXT_SIGNAL.c.level == SignalLevel.QUEUE)
    )
    by_column: dict[str, list[int]] = {}
    for text in texts:
        by_column.setdefault(text.column, []).append(text.number)
    for column, numbers in by_column.items():
        theirs = TEXT_SIGNAL.c[column].in_(numbers)
        connection.execute(TEXT_SIGNAL.update().where(weak, theirs).values(reading_class=ReadingClass.PLAIN))


def source_of(connection: Connection, words: CaseWords) -> TextSource | None:
    """Return the newest row that holds words of a conversation; None where there is none."""
    table, mine = (
        (ANSWER, ANSWER.c.slot == words.slot)
        if words.remark is None
        else (REMARK, REMARK.c.number == words.remark)
    )
    newest = connection.scalar(
        sa.select(sa.func.max(table.c.id)).where(table.c.conversation_id == words.conversation_id, mine)
    )
    return None if newest is None else TextSource(TextKind(table.name), newest)


def how_far(connection: Connection, name: TextPlaceName) -> TextNumbers:
    """Return how far something has gone through all texts; zeros where it has not begun."""
    columns = (TEXT_PLACE.c.answer_id, TEXT_PLACE.c.remark_id)
    row = connection.execute(sa.select(*columns).where(TEXT_PLACE.c.name == name)).first()
    return TextNumbers() if row is None else TextNumbers(*row)


def keep_place(connection: Connection, name: TextPlaceName, numbers: TextNumbers) -> None:
    """Keep how far something has gone through all texts."""
    values = {"answer_id": numbers.answer, "remark_id": numbers.remark}
    mine = TEXT_PLACE.c.name == name
    if not connection.execute(TEXT_PLACE.update().where(mine).values(**values)).rowcount:
        connection.execute(TEXT_PLACE.insert().values(name=name, **values))


def forget(connection: Connection, column: str, gone: sa.Select[tuple[int]]) -> None:
    """Erase what was noticed in texts whose words go, and who has read them.

    `gone` selects the numbers of answers (`column` is `answer_id`), remarks (`remark_id`) or cases (`case_id`).
    """
    for table in (READING, TEXT_SIGNAL):
        if column in table.c:
            connection.execute(table.delete().where(table.c[column].in_(gone)))


_COLUMNS: Final = tuple(column.name for column in TEXT_SIGNAL.c if column.name != "id")
_NOTE: Final = BulkWrite(TEXT_SIGNAL.insert(), _COLUMNS)
