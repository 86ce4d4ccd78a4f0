"""Reconciliation of safety cases: counts to compare with those of a sponsor, by month, with zeros, to be printed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from flows.safety.reading import ReadingClass
from storage.export.tables import safety
from storage.export.tables.safety import SafetyCaseCounts
from storage.export.tables.table import ExportSelection

PATH: Final = "/safety/reconciliation"
_MOST_MONTHS: Final = 36
_LONGEST_MONTH: Final = 32


@dataclass(frozen=True, slots=True)
class CountedSpan:
    """The counts of a span of days: the first is in it, `until` is not."""

    since: date
    until: date
    counts: tuple[SafetyCaseCounts, ...]

    @property
    def last(self) -> date:
        """Return the last day of it."""
        return self.until - timedelta(days=1)


async def show(visit: ConsoleVisit) -> Response:
    """Show how many cases of each kind were stored in a span of days, and what became of them. Figures alone."""
    program = await visit.program(Permission.READ_WORDS)
    today = visit.now.astimezone(UTC).date()
    since = _day(visit, "since") or today.replace(day=1)
    until = (_day(visit, "until") or today) + timedelta(days=1)
    edges = _edges(since, until)
    spans = await visit.read(partial(_count, edges=edges, program=program, now=visit.now))
    whole = await visit.read(partial(_count, edges=(since, until), program=program, now=visit.now))
    return visit.page(
        "reconciliation.html.jinja",
        here="/safety",
        whole=whole[0],
        months=spans,
        columns=safety.COUNT_COLUMNS[2:],
        unread=await visit.queues.of(program),
        classes=tuple(ReadingClass),
        program=program,
        programs=await visit.programs(Permission.READ_WORDS),
    )


def _count(
    connection: Connection, *, edges: tuple[date, ...], program: str | None, now: datetime
) -> tuple[CountedSpan, ...]:
    """Return the counts of the spans between days, by program and kind, also where there was no case."""
    return tuple(
        CountedSpan(
            first,
            after,
            safety.safety_case_counts(
                connection, ExportSelection(program, _begin(first), _begin(after)), now
            ),
        )
        for first, after in pairwise(edges)
    )


def _edges(since: date, until: date) -> tuple[date, ...]:
    """Return the first days of the months within a span, with its own two ends.

    Raises:
        PageRefused: it has no day, or too many months.
    """
    if since >= until:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "The first day is after the last one.")
    edges, day = [since], since
    while (day := (day.replace(day=1) + timedelta(days=_LONGEST_MONTH)).replace(day=1)) < until:
        edges.append(day)
        if len(edges) > _MOST_MONTHS:
            raise PageRefused(
                HTTPStatus.BAD_REQUEST, "Choose a span of %(months)s months at most.", months=_MOST_MONTHS
            )
    return (*edges, until)


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(visit: ConsoleVisit, name: str) -> date | None:
    """Return the day that the query names; None where it names none.

    Raises:
        PageRefused: it is no day.
    """
    text = visit.query(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Write days as 2026-03-31.") from error
    if not 1970 <= day.year <= 9000:  # noqa: PLR2004 - years of our time
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Write days as 2026-03-31.")
    return day


PAGES: Final = (ConsolePage("GET", PATH, Permission.READ_WORDS, show),)
