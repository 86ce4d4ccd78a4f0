"""List and count the texts that nobody has read, in the order in which they are to be read.

What has waited for half of its clock or longer comes first, the oldest before the others; then what somebody may be at
risk in, then what may be an event, then the rest (`flows.safety.reading`). `storage.safety.unread_rows` says what they
are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from heapq import nsmallest
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from flows.safety.reading import LATE_SHARE, ReadingClass, reading_place, riskiest
from flows.schedule.business_days import share_used
from flows.schedule.local_time import at_local, local
from storage.programs import programs
from storage.programs.case_words import quoted
from storage.safety.manual_flags import report_due_at
from storage.safety.text_signals import TextKind, TextSource
from storage.safety.unread_rows import Found, find, words_key
from storage.schema import (
    PROGRAM,
    SAFETY_CASE,
    TEXT_SIGNAL,
    SafetyKind,
)

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UnreadText:
    """A text that nobody has read, without its words: what holds it, whose it is, and when it is to be read.

    `participant` is a code, `program` a short name; `question` the key of the question under which it was written, ''
    for none. `was_changed` says that its author has changed it since. `words` is the hash of the words and of the
    question, the same for the same words under the same question.
    """

    source: TextSource
    participant: str
    program: str
    flow: str
    question: str
    language: str
    stored_at: datetime
    due_at: datetime
    reading_class: ReadingClass
    is_late: bool
    was_changed: bool
    words: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class UnreadFigures:
    """How many texts nobody has read, by class; `overdue` are those of them that are older than one business day."""

    unread: Mapping[ReadingClass, int]
    overdue: Mapping[ReadingClass, int]

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.unread.values())

    @property
    def total_overdue(self) -> int:
        """Return how many are older than one business day."""
        return sum(self.overdue.values())


def unread(
    connection: Connection, now: datetime, *, program: int | None = None, limit: int | None = None
) -> tuple[UnreadText, ...]:
    """Return the unread texts in the order of reading: the late ones, the oldest first, then the riskiest class.

    Of one program, or (None) of all; the first `limit` of them, or all.
    """
    clocks = Clocks(connection, now)
    classes = _classes(connection)
    placed = (
        (reading_place(kind, one.stored_at, clocks.share(one)), one.source, kind, one)
        for one in find(connection, program=program)
        for kind in [classes[one.source]]
    )
    first = sorted(placed) if limit is None else nsmallest(limit, placed)
    slugs = {row.id: row.slug for row in connection.execute(sa.select(PROGRAM.c.id, PROGRAM.c.slug))}
    return tuple(_record(one, kind, slugs[one.program_id], clocks) for _, _, kind, one in first)


def figures(connection: Connection, now: datetime, *, program: int | None = None) -> UnreadFigures:
    """Count the unread texts by class, those over one business day apart; of one program, or (None) of all."""
    clocks = Clocks(connection, now)
    classes = _classes(connection)
    counts, overdue = (dict.fromkeys(ReadingClass, 0) for _ in range(2))
    for one in find(connection, program=program):
        kind = classes[one.source]
        counts[kind] += 1
        overdue[kind] += clocks.is_over(one)
    return UnreadFigures(counts, overdue)


class Clocks:
    """Tells how much of the clock of a text has run: one business day by the calendar of its program.

    For most texts of a long queue that is told by the day alone, which no calendar is asked for.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        """Tell it as of now."""
        self._connection = connection
        self._now = now
        self._over: dict[int, datetime] = {}

    def due_at(self, one: Found) -> datetime:
        """Return when a text is to be read at the latest."""
        return report_due_at(self._program(one), one.stored_at)

    def is_over(self, one: Found) -> bool:
        """Return whether a text is older than one business day."""
        return one.stored_at < self._surely_over(one) or self.due_at(one) <= self._now

    def share(self, one: Found) -> float:
        """Return the part of a text's clock that has run; 1.0 stands for all of it and more."""
        if one.stored_at < self._surely_over(one):
            return 1.0
        return min(1.0, share_used(one.stored_at, self.due_at(one), self._now))

    def _program(self, one: Found) -> ProgramFile:
        return programs.program_file(self._connection, one.program_id)

    def _surely_over(self, one: Found) -> datetime:
        """Return the moment before which whatever was stored in a program is over: a whole day's reports are due."""
        if one.program_id not in self._over:
            program = self._program(one)
            day = local(self._now, program.timezone).date()
            end = at_local(day, time(), program.timezone)
            while report_due_at(program, end - timedelta(microseconds=1)) > self._now:
                day -= _DAY
                end = at_local(day, time(), program.timezone)
            self._over[one.program_id] = end
        return self._over[one.program_id]


def _record(one: Found, kind: ReadingClass, program: str, clocks: Clocks) -> UnreadText:
    """Return a text that was found without its words."""
    return UnreadText(
        source=one.source,
        participant=one.participant,
        program=program,
        flow=one.flow,
        question=one.question,
        language=one.language,
        stored_at=one.stored_at,
        due_at=clocks.due_at(one),
        reading_class=kind,
        is_late=clocks.share(one) >= LATE_SHARE,
        was_changed=one.superseded_at is not None,
        words=words_key(one),
    )


def _classes(connection: Connection) -> Mapping[TextSource, ReadingClass]:
    """Return the classes of the texts in which something was noticed; PLAIN for any other."""
    classes: dict[TextSource, ReadingClass] = defaultdict(lambda: ReadingClass.PLAIN)

    def note(source: TextSource, kind: ReadingClass) -> None:
        classes[source] = riskiest([kind, classes[source]])

    for row in connection.execute(
        sa.select(TEXT_SIGNAL.c.answer_id, TEXT_SIGNAL.c.remark_id, TEXT_SIGNAL.c.reading_class)
    ):
        number = row.answer_id or row.remark_id
        kind = TextKind.REMARK if row.answer_id is None else TextKind.ANSWER
        note(TextSource(kind, number), row.reading_class)
    for reading_class, condition in _CASE_CLASSES.items():
        for text_kind in (TextKind.ANSWER, TextKind.REMARK):
            for named in connection.execute(quoted(f"{text_kind.value}_id", condition)):
                note(TextSource(text_kind, named.number), reading_class)
        for number in connection.scalars(sa.select(SAFETY_CASE.c.id).where(condition)):
            note(TextSource(TextKind.CASE, number), reading_class)
    return classes


_CASE_CLASSES: Final = {
    ReadingClass.RISK: SAFETY_CASE.c.kind == SafetyKind.DISTRESS,
    ReadingClass.EVENT: SAFETY_CASE.c.kind != SafetyKind.DISTRESS,
}
