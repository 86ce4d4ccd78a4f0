"""List and count the texts that nobody has read, in the order in which they are to be read.

What has waited for half of its clock or longer comes first, the oldest before the others; then what somebody may be at
risk in, then what may be an event, then the rest (`flows.safety.reading`). `storage.safety.unread_rows` says what they
are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from heapq import nsmallest
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from flows.safety.reading import LATE_SHARE, ReadingClass, reading_place
from flows.schedule.business_days import share_used
from flows.schedule.local_time import at_local, local
from storage.programs import programs
from storage.safety.manual_flags import report_due_at
from storage.safety.text_signals import TextSource
from storage.safety.unread_rows import WaitingText, load, noticed_texts, waiting
from storage.schema import (
    PROGRAM,
)

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UnreadText:
    """A text that nobody has read, without its words: what holds it, whose it is, and when it is to be read.

    `participant` is a code, `program` a short name; `question` the key of the question under which it was written, ''
    for none. `was_changed` says that its author has changed it since.
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
    connection: Connection,
    now: datetime,
    *,
    program: int | None = None,
    limit: int | None = None,
    only: ReadingClass | None = None,
) -> tuple[UnreadText, ...]:
    """Return the unread texts in the order of reading: the late ones, the oldest first, then the riskiest class.

    Of one program, or (None) of all; the first `limit` of them, or all; those of one class, or (None) of any.
    """
    clocks = Clocks(connection, now)
    classes = noticed_texts(connection)
    placed = (
        (reading_place(kind, one.stored_at, clocks.share(one)), one)
        for one in waiting(connection, classes, program=program)
        for kind in [classes.get(one.source, ReadingClass.PLAIN)]
        if only is None or kind is only
    )
    chosen = [one for _, one in (sorted(placed) if limit is None else nsmallest(limit, placed))]
    found = load(connection, [one.source for one in chosen])
    slugs = {row.id: row.slug for row in connection.execute(sa.select(PROGRAM.c.id, PROGRAM.c.slug))}
    return tuple(
        UnreadText(
            source=one.source,
            participant=text.participant,
            program=slugs[one.program_id],
            flow=text.flow,
            question=text.question,
            language=text.language,
            stored_at=one.stored_at,
            due_at=clocks.due_at(one),
            reading_class=classes.get(one.source, ReadingClass.PLAIN),
            is_late=clocks.share(one) >= LATE_SHARE,
            was_changed=one.was_changed,
        )
        for one in chosen
        for text in [found[one.source]]
    )


def figures(connection: Connection, now: datetime, *, program: int | None = None) -> UnreadFigures:
    """Count the unread texts by class, those over one business day apart; of one program, or (None) of all."""
    clocks = Clocks(connection, now)
    classes = noticed_texts(connection)
    counts, overdue = (dict.fromkeys(ReadingClass, 0) for _ in range(2))
    for one in waiting(connection, classes, program=program):
        kind = classes.get(one.source, ReadingClass.PLAIN)
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

    def due_at(self, one: WaitingText) -> datetime:
        """Return when a text is to be read at the latest."""
        return report_due_at(self._program(one), one.stored_at)

    def is_over(self, one: WaitingText) -> bool:
        """Return whether a text is older than one business day."""
        return one.stored_at < self._surely_over(one) or self.due_at(one) <= self._now

    def share(self, one: WaitingText) -> float:
        """Return the part of a text's clock that has run; 1.0 stands for all of it and more."""
        if one.stored_at < self._surely_over(one):
            return 1.0
        return min(1.0, share_used(one.stored_at, self.due_at(one), self._now))

    def _program(self, one: WaitingText) -> ProgramFile:
        return programs.program_file(self._connection, one.program_id)

    def _surely_over(self, one: WaitingText) -> datetime:
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
