"""Lay out the five steps of a supporter's first page, made of the tables of the cut alone.

The team's steps count people once over all themes and activities. Those numbers are in no supporter's table, and would
tell, beside what is there, what is hidden. So here each number stands in a table, or is the sum of some that do: of the
rows that can be shown, which the words say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from storage.export.measures.care_ratings import INTERVIEW
from storage.export.measures.loop import NO_THEME
from storage.export.measures.measure import Figure, MeasureCell
from storage.outcomes.page.cells import ShownCell, shown_cell
from storage.outcomes.page.steps import ReportStage, ReportStep, StepNumber
from storage.outcomes.report import OutcomesReport
from storage.outcomes.supporters import TOO_FEW

MOST_NOTICED: Final = 3
"""Themes whose later ratings fit beside one another; all of them are in the section on the loop."""
_PEOPLE: Final = {"patient": "patients", "carer": "carers"}
_LINKS: Final = "response.links"
_IMPLEMENTED: Final = "response.implemented"
_LOOP: Final = "loop.themes"

_Rows = Mapping[str, list[dict[str, MeasureCell]]]


def supporter_steps(report: OutcomesReport) -> tuple[ReportStep, ...]:
    """Return the steps of a supporters' report; one of which nothing can be shown says so."""
    rows: _Rows = {
        one.table.name: [dict(zip(one.table.columns, row, strict=True)) for row in one.rows]
        for one in report.tables
    }
    found = ((stage, tuple(numbers(rows))) for stage, numbers in _NUMBERS.items())
    return tuple(ReportStep(stage, numbers, "" if numbers else TOO_FEW) for stage, numbers in found)


def _themes(rows: _Rows) -> list[dict[str, MeasureCell]]:
    """Return the themes that are some."""
    return [row for row in rows.get(_LOOP, []) if row.get("theme") not in NO_THEME]


def _heard(rows: _Rows) -> Iterator[StepNumber]:
    """Yield who came to the interview, by role, and which theme most people raised."""
    for row in rows.get(_LINKS, []):
        people = _PEOPLE.get(str(row.get("role")))
        if people is not None and row.get("flow") == INTERVIEW and isinstance(row.get("opened"), int):
            yield _number(f"{_LINKS}.opened", row["opened"], f"{people} opened the interview")
    raised = {str(row.get("label")): row.get("raised") for row in _themes(rows)}
    known = {label: n for label, n in raised.items() if isinstance(n, int)}
    if known:
        most = max(known, key=lambda label: known[label])
        yield _number(f"{_LOOP}.raised", known[most], f"raised {most}: the most, of the themes shown")


def _taught(rows: _Rows) -> Iterator[StepNumber]:
    """Yield how many themes are taught, and by how many objectives. That is of the program's file, and of nobody."""
    themes = _themes(rows)
    if themes:
        taught = sum(bool(row.get("activities")) for row in themes)
        words = "themes of the codebook are taught in an activity"
        yield StepNumber(
            ShownCell(f"{taught} of {len(themes)}", is_number=True), words, f"{_LOOP}.activities"
        )
        objectives = _sum(themes, "objectives")
        told = "objective on a theme" if objectives == 1 else "objectives on a theme"
        yield _number(f"{_LOOP}.objectives", objectives, told)


def _committed(rows: _Rows) -> Iterator[StepNumber]:
    """Yield how many commitments were due, and on how many of them there is a report."""
    for column, words in (
        ("due", "commitments to a change were due"),
        ("responded", "of them were reported on"),
    ):
        found = [row for row in rows.get(_IMPLEMENTED, []) if isinstance(row.get(column), int)]
        if found:
            yield _number(
                f"{_IMPLEMENTED}.{column}", _sum(found, column), f"{words}, in {_activities(found)}"
            )


def _done(rows: _Rows) -> Iterator[StepNumber]:
    """Yield what was implemented, of those reported on and of all that were due."""
    for column, words in (
        ("done_of_responders", "of those that were reported on"),
        ("done_of_due", "of all that were due"),
    ):
        shares = [
            (row, share) for row in rows.get(_IMPLEMENTED, []) if isinstance(share := row.get(column), Figure)
        ]
        if shares:
            n, of = (sum(one) for one in zip(*((share.n, share.of) for _, share in shares), strict=True))
            told = f"{words}, in {_activities([row for row, _ in shares])}"
            yield _number(f"{_IMPLEMENTED}.{column}", Figure(n, of, of), told)


def _noticed(rows: _Rows) -> Iterator[StepNumber]:
    """Yield of how many care got better, for the themes on which most people told."""
    found = [
        (f"{_LOOP}.{column}", share, f"{words}: {row.get('label')}")
        for row in _themes(rows)
        for column, words in (
            ("better", "rate it higher than before"),
            ("judged_better", "say it got better"),
        )
        if isinstance(share := row.get(column), Figure)
    ]
    found.sort(key=lambda one: -one[1].of)
    for measure, share, words in found[:MOST_NOTICED]:
        yield _number(measure, share, words)


_NUMBERS: Final[Mapping[ReportStage, Callable[[_Rows], Iterator[StepNumber]]]] = {
    ReportStage.HEARD: _heard,
    ReportStage.TAUGHT: _taught,
    ReportStage.COMMITTED: _committed,
    ReportStage.DONE: _done,
    ReportStage.NOTICED: _noticed,
}


def _number(measure: str, value: MeasureCell, words: str) -> StepNumber:
    return StepNumber(shown_cell(measure.rpartition(".")[2], value), words, measure)


def _sum(rows: Iterable[Mapping[str, MeasureCell]], column: str) -> int:
    """Return the sum of the numbers of a column that are shown."""
    return sum(cell for row in rows if isinstance(cell := row.get(column), int))


def _activities(rows: list[dict[str, MeasureCell]]) -> str:
    """Return how many activities some rows are of, in words."""
    return (
        "the activity that can be shown"
        if len(rows) == 1
        else f"the {len(rows)} activities that can be shown"
    )
