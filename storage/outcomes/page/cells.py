"""Put cells of the report into words: what stands out in a cell, what stands small below it, and labels for codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from flows.script.code_lists import code_lists
from storage.export.measures.measure import Figure, MeasureCell, RatingChange
from storage.export.small_cells import HiddenMark
from storage.export.statistics import IN_WORDS, Difference

FEW: Final = "fewer than five answered"
NOTHING: Final = "\N{EN DASH}"
"""What stands where there is nothing to tell; screen readers hear `none`."""
_LISTS: Final[Mapping[str, str]] = {
    "status": "statuses",
    "barrier": "barriers",
    "top_barrier": "barriers",
    "type": "change_types",
}
"""Which code list a column has its codes from."""
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "wave": {
        "latest": "latest report",
        "after_start": "after a late start",
        "later": "some weeks later",
    },
    "status": {IN_WORDS: "answered in other words", "not_started_yet": "Not started yet, starts later"},
    "role": {"hcp": "clinician"},
}
"""Keys that are no codes of a list, in words."""


_IN_REPORT: Final = "_in_report"
"""How the name of a column ends that says which rows of the report show something: a table, a colon, which rows."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as it is shown: `text` large, `detail` small below it. `is_few` says that fewer than five answered.

    `target` is the id of the element of the page that the cell leads to; '' for none.
    """

    text: str
    detail: str = ""
    is_number: bool = False
    is_few: bool = False
    target: str = ""

    @property
    def is_nothing(self) -> bool:
        """Return whether there is nothing to tell."""
        return self.text == NOTHING


def shown_cell(column: str, value: MeasureCell) -> ShownCell:  # noqa: PLR0911 - one line a type
    """Return a cell of a column by its name as it is shown."""
    match value:
        case None:
            return ShownCell(NOTHING)
        case HiddenMark():
            return ShownCell(value.value, _HIDDEN[value], is_number=True)
        case str():
            return ShownCell(label_of(column, value), target=_target(column, value))
        case datetime():
            return ShownCell(value.astimezone(UTC).strftime("%Y-%m-%d"), is_number=True)
        case Figure():
            return _figure(value)
        case RatingChange():
            points = f"{_signed(value.mean)} points"
            return _change(points, value.people, value.low, value.high)
        case Difference():
            low, high = (None if end is None else 100 * end for end in (value.low, value.high))
            return _change(f"{_signed(100 * value.mean)} % points", value.people, low, high)
        case float():
            return ShownCell(f"{value:.1f}", is_number=True)
        case _:
            return ShownCell(f"{value:,}", is_number=True)


_HIDDEN: Final[Mapping[HiddenMark, str]] = {HiddenMark.SMALL: "fewer than five", HiddenMark.COVER: ""}
"""What stands below a number that is hidden."""


def _figure(value: Figure) -> ShownCell:
    share = value.share
    if share.value is None or share.low is None or share.high is None:
        return ShownCell(NOTHING, is_number=True)
    counts = f"{value.n:,} of {value.of:,}"
    if value.is_few:
        return ShownCell(counts, FEW, is_number=True, is_few=True)
    interval = f"{100 * share.low:.1f} to {100 * share.high:.1f}"
    return ShownCell(f"{100 * share.value:.1f} %", f"{counts} ({interval})", is_number=True)


def _change(mean: str, people: int, low: float | None, high: float | None) -> ShownCell:
    """Return a difference of means; `low` and `high` are its interval, None where there is none."""
    if low is None or high is None or Figure(0, people, people).is_few:
        return ShownCell(mean, FEW, is_number=True, is_few=True)
    return ShownCell(mean, f"{people:,} people ({_signed(low)} to {_signed(high)})", is_number=True)


def _signed(value: float) -> str:
    """Return a number with its sign and one decimal; zero has none."""
    text = f"{value:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "\N{MINUS SIGN}")


def table_id(name: str) -> str:
    """Return the id of the element of the page that holds a table, by the table's name."""
    return f"t-{name}"


def _target(column: str, value: str) -> str:
    """Return what a text of a column leads to; '' for nothing."""
    return table_id(value.partition(":")[0]) if column.endswith(_IN_REPORT) else ""


def label_of(column: str, value: str) -> str:
    """Return a code of a column in words, as code lists and `_WORDS` have it; any other text as it is.

    >>> label_of("status", "full"), label_of("wave", "30"), label_of("label", "Cost")
    ('Doing it fully', 'day 30', 'Cost')
    """
    if not value:
        return NOTHING
    if column == "wave" and value.isdecimal():
        return f"day {value}"
    found = _WORDS.get(column, {}).get(value)
    return found or _labels(_LISTS.get(column, "")).get(value, value)


@cache
def _labels(name: str) -> Mapping[str, str]:
    """Return the labels of a code list by code; none where there is no such list."""
    found = code_lists().get(name)
    return {} if found is None else {code.code: code.label for code in found.codes}
