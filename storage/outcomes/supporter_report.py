"""Make the supporters' report of a cut that was handed out: all of it follows from the tables of the cut.

Nothing else comes in: no summary, no words, no draft, no count of its own. So whatever is shown was compared by the
register of cuts, and stands in what it keeps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from storage.outcomes.cuts import CutResult
from storage.outcomes.figures.cut_data import NOT_DRAWN, cut_figures
from storage.outcomes.figures.model import CutFigure
from storage.outcomes.registry import sections
from storage.outcomes.report import (
    BARRIER_SECTION,
    LOOP_SECTION,
    CountedSection,
    CountedTable,
    OutcomesReport,
    ReportFigure,
    ReportRequest,
    report_origin,
)
from storage.outcomes.supporters import CutTable
from storage.programs import programs
from storage.programs.programs import ProgramError

_OPENINGS: Final[Mapping[str, str]] = {
    "T1": "How many people opened their links, and how many of them finished.",
    "T3": (
        "Told by the clinicians themselves. Each commitment counts once, by the newest report on it, whichever wave it"
        " came at: so these are the numbers of no single wave. Shares are of who answered and of all due."
    ),
    BARRIER_SECTION: "What clinicians say got in the way.",
    LOOP_SECTION: "What patients raised, what was taught, and what patients see now.",
}
"""What stands above a section for supporters, who see few of its tables and columns."""
_TITLES: Final = {
    BARRIER_SECTION: "Barriers met",
    "response.barriers": "Barriers met",
    "response.statuses": "Status of commitments, by the newest report",
    "response.implemented": "Implemented by the newest report, of responders and of all who were due",
}
"""The same for titles, by the id of a section or the name of a table."""
_FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "T1": ("came_in",),
    "T3": ("statuses",),
    BARRIER_SECTION: ("barriers",),
    LOOP_SECTION: ("themes", "noticed"),
}
"""Which figures stand in a section, by its id."""
_NEVER_DRAWN: Final[Mapping[str, str]] = {
    "T1": "Answers over time are not drawn for supporters: a step of that line may be one person.",
    LOOP_SECTION: (
        "The way from theme to status is not drawn for supporters: many of its bands would be of fewer than five"
        " people."
    ),
}
"""What is said of the team's figures that would give away what is hidden."""


def supporter_report(
    connection: Connection, request: ReportRequest, cut: CutResult, *, is_again: bool = False
) -> OutcomesReport:
    """Return the report of a cut that was handed out; of the database it reads the program's title and no number.

    `is_again` says that it was kept and is only written again, so that its numbers are of the day of that time.

    Raises:
        ProgramError: there is no such program.
    """
    program = programs.find(connection, cut.program)
    if program is None:
        raise ProgramError(f"there is no programme {cut.program!r}; see `said program list`")
    origin = replace(report_origin(connection, program.title, request), cut=cut.number)
    if is_again:
        origin = replace(origin, handed_at=cut.handed_at)
    return OutcomesReport(origin, None, supporter_sections(cut.tables))


def supporter_sections(tables: Sequence[CutTable]) -> tuple[CountedSection, ...]:
    """Return the sections that the tables of a cut make, with their figures. Pure: the same tables give the same."""
    figures = cut_figures(tables)
    found = []
    for section in sections():
        names = {table.name for table in section.tables}
        counted = tuple(_counted(one) for one in tables if one.table.name in names)
        if counted:
            wanted = {name: figures[name] for name in _FIGURES.get(section.id, ())}
            found.append(
                CountedSection(
                    section.id,
                    _TITLES.get(section.id, section.title),
                    _OPENINGS.get(section.id, section.opening),
                    counted,
                    figures=tuple(ReportFigure(name, one) for name, one in wanted.items() if one.is_drawn),
                    not_drawn=_not_drawn(section.id, wanted),
                )
            )
    return tuple(found)


def _counted(one: CutTable) -> CountedTable:
    title = _TITLES.get(one.table.name, one.table.title)
    return CountedTable(replace(one.table, title=title), one.rows)


def _not_drawn(section: str, figures: Mapping[str, CutFigure]) -> tuple[str, ...]:
    """Return a sentence for each figure of a section that cannot be drawn, or never is for supporters."""
    hidden = (f"{one.title}. {NOT_DRAWN}" for one in figures.values() if not one.is_drawn)
    never = _NEVER_DRAWN.get(section)
    return (*hidden, *(() if never is None else (never,)))
