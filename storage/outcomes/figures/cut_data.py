"""Make the figures of a supporter's cut of its tables alone, as they are shown and kept.

What is drawn is a number that stands in a table, or what is left of a total beside its parts that are shown: whoever
has the tables has it already. So the register of cuts, which compares tables, guards the figures as well, and a cut
that is written again has the figures that it had.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from storage.export.measures.measure import Figure, MeasureCell
from storage.export.small_cells import LEAST_PEOPLE, HiddenMark
from storage.outcomes.figures.model import SELF_REPORTED, CutBar, CutFigure, StatusBand
from storage.outcomes.figures.wording import ending_labels, list_labels
from storage.outcomes.supporters import CutTable

NOT_DRAWN: Final = "Not drawn: each of its numbers is hidden, or would tell one that is."
"""What stands in place of a figure of which nothing can be drawn."""
_NO_TOTAL: Final = "Not drawn: neither total can be shown."
_HIDDEN_ROWS: Final = "What is hidden in the table has no bar."
_ROLES: Final = {"hcp": "Clinicians", "educator": "Educators", "patient": "Patients", "carer": "Carers"}
_OTHERS: Final = "Others, too few to tell apart"

_Row = Mapping[str, MeasureCell]
_Rows = Mapping[str, Sequence[_Row]]
"""The rows of each table by its name, and their cells by column."""


def cut_figures(tables: Sequence[CutTable]) -> dict[str, CutFigure]:
    """Return the figures of a cut by name; one of which nothing can be drawn says so by `is_drawn`."""
    rows = {
        one.table.name: [dict(zip(one.table.columns, row, strict=True)) for row in one.rows] for one in tables
    }
    return {name: make(rows) for name, make in _MAKERS.items()}


def _number(row: _Row, column: str) -> int | None:
    """Return the number in a column; None where it is hidden, or not there."""
    cell = row.get(column)
    return cell if isinstance(cell, int) else None


def _said(row: _Row, column: str) -> str | int:
    """Return what is said of a column: its number, or the mark in its place."""
    cell = row.get(column)
    if isinstance(cell, HiddenMark):
        return cell.value
    return cell if isinstance(cell, int) else "hidden"


def _told(row: _Row, column: str) -> str:
    """Return the same in a line of words."""
    said = _said(row, column)
    return f"{said:,}" if isinstance(said, int) else said


def _rest(whole: int, bands: Sequence[StatusBand], code: str, label: str) -> tuple[StatusBand, ...] | None:
    """Return the bands with what is left of the whole behind them; None where that would be of fewer than five."""
    left = whole - sum(band.n for band in bands)
    if left == 0:
        return tuple(bands)
    return (*bands, StatusBand(code, label, left)) if left >= LEAST_PEOPLE else None


def _came_in(rows: _Rows) -> CutFigure:
    """Return how many people opened their links, by role and script, and how many of them finished."""
    found = rows.get("response.links", ())
    most = max((_number(row, "opened") or 0 for row in found), default=0)
    bars = []
    for row in found:
        told = f"{_told(row, 'opened')} opened, {_told(row, 'finished')} finished"
        bars.append(CutBar(_who(row), told, _came_in_bands(row), most))
    return CutFigure(
        "From link to end",
        f"People, each once in a row. {_HIDDEN_ROWS}",
        tuple(bars),
        ("people", "opened", "finished"),
        tuple((_who(row), _said(row, "opened"), _said(row, "finished")) for row in found),
    )


def _came_in_bands(row: _Row) -> tuple[StatusBand, ...]:
    """Return who finished and who did not, else who opened; nothing where that is hidden."""
    opened, finished = _number(row, "opened"), _number(row, "finished")
    if opened is None:
        return ()
    whole = (StatusBand("opened", "Opened", opened),)
    if finished is None:
        return whole
    ended = (StatusBand("finished", "Finished", finished),)
    return _rest(opened, ended, "not_finished", "Opened, not finished") or whole


def _who(row: _Row) -> str:
    """Return whom a row is of: their role, and the script."""
    role = str(row.get("role"))
    return f"{_ROLES.get(role, role)}, {str(row.get('flow')).replace('_', ' ')}"


def _statuses(rows: _Rows) -> CutFigure:
    """Return what became of the commitments of each activity, in bands of those that can be told apart."""
    labels = ending_labels()
    bars, numbers = [], []
    for row in rows.get("response.implemented", ()):
        name = str(row.get("activity")) or "no activity"
        parts = tuple(
            StatusBand(code, labels.get(code, code), n)
            for code, n in _statuses_of(rows, row)
            if n is not None
        )
        bands, whole = _status_bands(row, parts)
        told = f"{_told(row, 'due')} due, {_told(row, 'responded')} of them reported on"
        bars.append(CutBar(name, told if bands else f"{told}. {_NO_TOTAL}", bands, whole))
        said = ((band.label, band.n) for band in bands)
        numbers.extend([(name, "due", _said(row, "due")), (name, "reported on", _said(row, "responded"))])
        numbers.extend((name, label, n) for label, n in said)
    return CutFigure(
        "What became of the commitments, by the newest report",
        f"{SELF_REPORTED} Commitments; statuses of fewer than five people stand together.",
        tuple(bars),
        ("activity", "of", "commitments"),
        tuple(numbers),
    )


def _statuses_of(rows: _Rows, row: _Row) -> Iterator[tuple[str, int | None]]:
    """Yield each status of the activity of a row, with its number; None where that is hidden."""
    for one in rows.get("response.statuses", ()):
        if one.get("activity") == row.get("activity"):
            yield str(one.get("status")), _number(one, "commitments")


def _status_bands(row: _Row, parts: tuple[StatusBand, ...]) -> tuple[tuple[StatusBand, ...], int]:
    """Return the bands of an activity and what they are of; none where no total of them can be shown."""
    due, responded = _number(row, "due"), _number(row, "responded")
    whole = due if due is not None else responded
    if whole is None:
        return (), 1
    found: tuple[StatusBand, ...] | None = parts
    if responded is not None:
        found = _rest(responded, parts, "others", _OTHERS)
        if found is not None and due is not None:
            found = _rest(due, found, "no_answer", "No answer")
    else:
        found = _rest(whole, parts, "others", "Others and no answer, too few to tell apart")
    return found or (), whole


def _barriers(rows: _Rows) -> CutFigure:
    """Return how many clinicians met each barrier that can be shown."""
    labels = list_labels({}, "barriers")
    found = [(str(row.get("barrier")), _number(row, "met")) for row in rows.get("response.barriers", ())]
    known = [(labels.get(code, code), met) for code, met in found if met is not None]
    most = max((met for _, met in known), default=0)
    return CutFigure(
        "Barriers met",
        f"{SELF_REPORTED} Barriers that fewer than five met, or all but fewer than five, are left out.",
        tuple(
            CutBar(label, f"{met:,} met it", (StatusBand("met", "Clinicians who met it", met),), most)
            for label, met in known
        ),
        ("barrier", "clinicians who met it"),
        tuple(known),
    )


def _themes(rows: _Rows) -> CutFigure:
    """Return how many people raised each theme, most first; those that are hidden come last."""
    found = sorted(rows.get("loop.themes", ()), key=lambda row: -(_number(row, "raised") or 0))
    most = max((_number(row, "raised") or 0 for row in found), default=0)
    bars = []
    for row in found:
        raised = _number(row, "raised")
        bands = () if raised is None else (StatusBand("raised", "Patients and carers who raised it", raised),)
        bars.append(CutBar(str(row.get("label")), f"raised by: {_told(row, 'raised')}", bands, most))
    return CutFigure(
        "Themes raised",
        f"Patients and carers, who may raise several. {_HIDDEN_ROWS}",
        tuple(bars),
        ("theme", "people who raised it"),
        tuple((str(row.get("label")), _said(row, "raised")) for row in found),
    )


_JUDGED: Final = (("better", "rate it higher than before"), ("judged_better", "say that it got better"))


def _noticed(rows: _Rows) -> CutFigure:
    """Return for how many of those who were asked again care got better, by theme, where that can be shown."""
    bars, numbers = [], []
    for row in rows.get("loop.themes", ()):
        for column, words in _JUDGED:
            share = row.get(column)
            if not isinstance(share, Figure):
                continue
            better = (StatusBand("better", "Better", share.n),)
            bands = _rest(share.of, better, "not_better", "Not better")
            if bands is not None:
                label = f"{row.get('label')}: {words}"
                bars.append(CutBar(label, f"{share.n:,} of {share.of:,}", bands, share.of))
                numbers.append((label, share.n, share.of))
    return CutFigure(
        "What patients notice",
        "Patients and carers who raised the theme and were asked again. Themes without a share are left out.",
        tuple(bars),
        ("theme", "better", "of those who told"),
        tuple(numbers),
    )


_MAKERS: Final[Mapping[str, Callable[[_Rows], CutFigure]]] = {
    "came_in": _came_in,
    "statuses": _statuses,
    "barriers": _barriers,
    "themes": _themes,
    "noticed": _noticed,
}
