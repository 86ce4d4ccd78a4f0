"""Make the outcomes report as data: what it is about, its first page, and its sections with their counted tables.

Nothing here knows how a report looks: `page` writes it as HTML, `workbook` as a spreadsheet.
"""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.export.manifest import product_version, schema_version
from storage.export.measures.measure import MeasureRow, MeasureTable
from storage.export.options import ExportAudience
from storage.outcomes.abstract import AbstractDraft, draft_abstracts
from storage.outcomes.cohort import EVERYBODY, CohortSpan, everybody_on, program_zone
from storage.outcomes.figures.data import FIGURES
from storage.outcomes.figures.model import OutcomesFigure
from storage.outcomes.pars import PARS
from storage.outcomes.people_file import PeopleFile
from storage.outcomes.quotes import ReportQuote, report_quotes
from storage.outcomes.registry import OutcomesSection, ReportFacts, sections
from storage.outcomes.summary import SUMMARY
from storage.outcomes.tables.accreditation import ReportTerm
from storage.programs import programs
from storage.programs.programs import ProgramError
from storage.redaction import RULES
from storage.schema import ACTIVITY

FORMAT: Final = 1
"""The version of the report itself: it rises when what stands in it changes its meaning."""
WHOLE_SECTIONS: Final = frozenset({"T6", "T9"})
"""Sections that count everybody in a cohort's report, too.

A criterion is met by an activity and not by some of its clinicians, and no safety case may be missed.
"""
WHOLE: Final = "In this report, too, everybody in the program is counted here, and not the cohort alone."
LOOP_SECTION: Final = "T7"
BARRIER_SECTION: Final = "T4"
_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "T1": ("funnel", "response"),
    "T3": ("statuses",),
    BARRIER_SECTION: ("barriers",),
    LOOP_SECTION: ("loop",),
}
"""Which figures stand in a section, by its id."""
_CLINICIANS: Final = frozenset({Role.HCP, Role.EDUCATOR})


def accreditation_term(since: date | None, until: date | None) -> ReportTerm:
    """Return the term from one day to another, both included; None leaves a side open."""
    return ReportTerm(since, until)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is asked for: a program by its short name, who is to read it, and when it is made (aware).

    `span` says of whom it is; the connection on which it is counted knows nobody else. `people` says who planned and
    taught what; None where nobody said.
    """

    program: str
    made_at: datetime
    audience: ExportAudience = ExportAudience.TEAM
    span: CohortSpan = EVERYBODY
    people: PeopleFile | None = None
    term: ReportTerm | None = None
    """The days of the activities that count for accreditation; None for all activities."""

    @property
    def cohort(self) -> str:
        """Return in words of whom the report is."""
        since, until = self.span.since, self.span.until
        if self.span.is_everybody:
            return "everybody who joined the program"
        parts = (
            "" if since is None else f" on {since} or later",
            "" if until is None else f" before {until}",
        )
        return f"who joined the program{' and'.join(filter(None, parts))}"


@dataclass(frozen=True, slots=True)
class CountedTable:
    """A table of measures with its rows, as they were counted."""

    table: MeasureTable
    rows: tuple[MeasureRow, ...]


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure by its name, which is no other one's: what it is made of, and not how it is drawn."""

    name: str
    figure: OutcomesFigure


@dataclass(frozen=True, slots=True)
class CountedSection:
    """A section as it was counted. `id` is `T1` to `T10`; figures stand above its tables, and quotations below.

    `not_drawn` has a sentence for each figure that a supporter does not get.
    """

    id: str
    title: str
    opening: str
    tables: tuple[CountedTable, ...]
    quotes: tuple[ReportQuote, ...] = ()
    figures: tuple[ReportFigure, ...] = ()
    not_drawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportOrigin:
    """What a report was made of, so that it can be made again: versions are None where nothing tells them."""

    title: str
    """The program's name, as its file says."""
    request: ReportRequest
    product_version: str | None
    schema_version: str | None
    redaction_rules: int
    format: int = FORMAT
    cut: int | None = None
    """The number of a cut that was handed out to supporters; None for the team's report."""
    handed_at: datetime | None = None
    """When a cut that is only written again was handed out; None for one that was counted for this report."""


@dataclass(frozen=True, slots=True)
class OutcomesReport:
    """All that a report tells, in the order in which it is shown.

    `abstracts` and `pars` are for the team to go on with. Supporters have neither these nor a summary, whose numbers
    are no part of their cut: `supporter_report` makes theirs.
    """

    origin: ReportOrigin
    summary: CountedTable | None
    sections: tuple[CountedSection, ...]
    abstracts: tuple[AbstractDraft, ...] = ()
    pars: CountedTable | None = None

    @property
    def tables(self) -> Iterator[CountedTable]:
        """Yield all tables: the summary first, then section by section, and the helper for PARS last."""
        if self.summary is not None:
            yield self.summary
        for section in self.sections:
            yield from section.tables
        if self.pars is not None:
            yield self.pars

    def section(self, wanted: str) -> CountedSection | None:
        """Return the section of that id; None where the report has none."""
        return next((one for one in self.sections if one.id == wanted), None)


def make_report(connection: Connection, request: ReportRequest) -> OutcomesReport:
    """Count a report for the team, all of it in the transaction of the connection.

    Raises:
        PeopleFileError: the file of people names an activity that the program does not have.
        ProgramError: there is no such program.
    """
    program = programs.find(connection, request.program)
    if program is None:
        raise ProgramError(f"there is no programme {request.program!r}; see `said program list`")
    if request.people is not None:
        request.people.check_activities(_activities(connection, program.id))
    quotes = report_quotes(connection, program.id)
    found = []
    zone = program_zone(connection, program.id)
    for one in sections(ReportFacts(request.made_at, request.people, request.term, zone)):
        is_whole = one.id in WHOLE_SECTIONS and not request.span.is_everybody
        told = replace(one, opening=f"{one.opening} {WHOLE}") if is_whole else one
        with everybody_on(connection) if is_whole else nullcontext():
            found.append(_section(connection, told, request.program, _of_section(one.id, quotes)))
    return OutcomesReport(
        report_origin(connection, program.title, request),
        _counted(connection, SUMMARY, request.program),
        tuple(found),
        draft_abstracts(connection, request.program),
        _counted(connection, PARS, request.program),
    )


def report_origin(connection: Connection, title: str, request: ReportRequest) -> ReportOrigin:
    """Return what a report is made of, with the versions of today."""
    return ReportOrigin(title, request, product_version(), schema_version(connection), redaction_rules=RULES)


def _activities(connection: Connection, program_id: int) -> frozenset[str]:
    """Return the short names of a program's activities."""
    return frozenset(
        connection.scalars(sa.select(ACTIVITY.c.slug).where(ACTIVITY.c.program_id == program_id))
    )


def _section(
    connection: Connection, section: OutcomesSection, program: str, quotes: tuple[ReportQuote, ...]
) -> CountedSection:
    tables = tuple(_counted(connection, table, program) for table in section.tables)
    figures = tuple(
        ReportFigure(name, FIGURES[name](connection, program)) for name in _SHOWN.get(section.id, ())
    )
    return CountedSection(section.id, section.title, section.opening, tables, quotes, figures)


def _counted(connection: Connection, table: MeasureTable, program: str) -> CountedTable:
    return CountedTable(table, tuple(table.count(connection, program)))


def _of_section(section: str, quotes: tuple[ReportQuote, ...]) -> tuple[ReportQuote, ...]:
    """Return which quotations stand in a section: patients' under the loop, clinicians' under the barriers."""
    if section not in {LOOP_SECTION, BARRIER_SECTION}:
        return ()
    wanted = section == BARRIER_SECTION
    return tuple(one for one in quotes if (one.role in _CLINICIANS) is wanted)
