"""Lay out the first page: five steps from what was heard to what was noticed, and each theme through all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from storage.export.measures.loop import NO_THEME
from storage.export.measures.measure import MeasureCell
from storage.export.options import ExportAudience
from storage.outcomes.page.cells import ShownCell, shown_cell
from storage.outcomes.page.steps import ReportStage, ReportStep, StepNumber
from storage.outcomes.page.supporter_steps import supporter_steps
from storage.outcomes.report import LOOP_SECTION, CountedTable, OutcomesReport

MOST_THEMES: Final = 8
"""As many as fit the sheet; all of them are in the section on the loop."""
_LOOP: Final = "loop.themes"
_STEPS: Final[Mapping[ReportStage, tuple[tuple[str, str], ...]]] = {
    ReportStage.HEARD: (
        ("heard", "began the interview and told us what needs to be better"),
        ("themes", "themes that they picked"),
    ),
    ReportStage.TAUGHT: (
        ("activities", "activities with an objective on a theme"),
        ("taught", "of the themes picked are taught"),
    ),
    ReportStage.COMMITTED: (
        ("commitments", "commitments to a change"),
        ("clinicians", "clinicians made them"),
    ),
    ReportStage.DONE: (
        ("done_of_responders", "of those that were reported on"),
        ("done_of_due", "of all that were due"),
    ),
    ReportStage.NOTICED: (
        ("asked_later", "were asked again"),
        ("better", "rate their care higher than before"),
        ("worse", "rate it lower"),
    ),
}
"""The numbers of each step by column of the summary, with words."""
_OF_ONE: Final[Mapping[str, str]] = {
    "themes": "theme that they picked",
    "activities": "activity with an objective on a theme",
    "commitments": "commitment to a change",
    "clinicians": "clinician made them",
    "asked_later": "was asked again",
}
"""The words where the number is one."""
_THEME_COLUMNS: Final = (
    ("label", "Theme"),
    ("raised", "Heard from"),
    ("activities", "Taught in"),
    ("clinicians", "Clinicians who commit"),
    ("done_of_responders", "Done, of reports"),
    ("done_of_due", "Done, of all due"),
    ("better", "Rated better later"),
    ("break", "Where it stops"),
)


@dataclass(frozen=True, slots=True)
class ThemeColumn:
    """A column of the table of themes, with the id of its measure; None where it is the theme itself."""

    label: str
    measure: str | None


@dataclass(frozen=True, slots=True)
class FirstPage:
    """All of the first page. `more` is how many themes had no place on it."""

    steps: tuple[ReportStep, ...]
    columns: tuple[ThemeColumn, ...]
    themes: tuple[tuple[ShownCell, ...], ...]
    more: int


def first_page(report: OutcomesReport) -> FirstPage:
    """Return the first page: its numbers are those of the summary, its themes those of the loop, most raised first.

    Supporters have no summary: their steps are made of the tables of their cut. Columns that the loop does not have
    are left out, and for supporters those in which it has nothing to show.
    """
    for_team = report.origin.request.audience is ExportAudience.TEAM
    steps = _steps(report.summary) if for_team else supporter_steps(report)
    rows = _themes(report)
    shown = [
        (column, label)
        for column, label in _THEME_COLUMNS
        if any(row.get(column) is not None or (for_team and column in row) for row in rows)
    ]
    columns = (
        ThemeColumn(label, None if column == "label" else f"{_LOOP}.{column}") for column, label in shown
    )
    themes = (tuple(shown_cell(column, row[column]) for column, _ in shown) for row in rows[:MOST_THEMES])
    return FirstPage(steps, tuple(columns), tuple(themes), max(0, len(rows) - MOST_THEMES))


def _steps(summary: CountedTable | None) -> tuple[ReportStep, ...]:
    if summary is None:
        return ()
    (row,) = summary.rows
    values = dict(zip(summary.table.columns, row, strict=True))
    return tuple(
        ReportStep(
            stage,
            tuple(
                StepNumber(
                    shown_cell(column, values[column]),
                    _OF_ONE.get(column, words) if values[column] == 1 else words,
                    f"{summary.table.name}.{column}",
                )
                for column, words in numbers
            ),
        )
        for stage, numbers in _STEPS.items()
    )


def _themes(report: OutcomesReport) -> list[Mapping[str, MeasureCell]]:
    """Return the rows of the loop by column, those that most people raised first; none without a loop."""
    loop = report.section(LOOP_SECTION)
    tables: tuple[CountedTable, ...] = () if loop is None else loop.tables
    rows = [
        dict(zip(one.table.columns, row, strict=True))
        for one in tables
        if one.table.name == _LOOP
        for row in one.rows
        if row[0] not in NO_THEME
    ]
    return sorted(rows, key=lambda row: -row["raised"] if isinstance(row["raised"], int) else 0)
