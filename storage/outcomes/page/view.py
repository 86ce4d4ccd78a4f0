"""Lay out the report for its page: columns in parts that fit a sheet, cells in words, definitions by their ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.export.measures.measure import Measure, MeasureTable
from storage.outcomes.page.cells import NOTHING, ShownCell, shown_cell, table_id
from storage.outcomes.report import CountedTable

UNSHOWN_KEYS: Final[Mapping[str, frozenset[str]]] = {"loop.themes": frozenset({"theme"})}
"""Keys that are not shown, since another one says the same in words."""
MOST_ROWS: Final = 40
"""Rows of a table that is not folded."""
_SHEET: Final = 126
"""How many letters a sheet holds beside one another."""
_WIDEST: Final = 30
"""Letters after which the text of a cell goes on in its next line."""
_LONG: Final = 120
_WIDEST_OF_LONG: Final = 48
"""The same, where a cell has more letters than `_LONG`."""
_SMALL: Final = 0.9
"""How wide the small letters of a detail are beside the others."""
_DENOMINATORS: Final = ("of_responders", "of_due")
"""How the names of a share of those who answered and of the same of all due end: they stand beside one another."""
_RATES: Final = frozenset({"rr1", "rr2", "ref1", "con1", "coop1"})
"""Names of rates of the American Association for Public Opinion Research, written in capitals."""
_SPACE: Final = 3
"""Letters that the space between two columns takes."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column: its name in words, and the id of its measure, by which its definition is found; None for a key."""

    label: str
    measure: str | None


@dataclass(frozen=True, slots=True)
class TablePart:
    """Columns that stand beside one another; the first `keys` of them tell the rows apart, in every part."""

    columns: tuple[ShownColumn, ...]
    keys: int
    rows: tuple[tuple[ShownCell, ...], ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as it is shown. `empty` has the columns that have nothing in any row, and stand in no part."""

    name: str
    title: str
    note: str
    parts: tuple[TablePart, ...]
    empty: tuple[ShownColumn, ...]

    @property
    def id(self) -> str:
        """Return the id of its element, to which links lead."""
        return table_id(self.name)

    @property
    def rows(self) -> int:
        """Return how many rows it has."""
        return len(self.parts[0].rows) if self.parts else 0

    @property
    def is_long(self) -> bool:
        """Return whether it is folded at first, since it would fill screens."""
        return self.rows > MOST_ROWS


@dataclass(frozen=True, slots=True)
class TableDefinitions:
    """What the measures of a table are; those that a report has twice are defined once."""

    name: str
    title: str
    measures: tuple[Measure, ...]


def shown_table(counted: CountedTable) -> ShownTable:
    """Return a table in parts, each as wide as a sheet; without any where the table has no rows."""
    table, rows = counted.table, counted.rows
    unshown = UNSHOWN_KEYS.get(table.name, frozenset())
    keys = [place for place, key in enumerate(table.keys) if key not in unshown]
    measured = range(len(table.keys), len(table.columns))
    told = [place for place in measured if any(row[place] is not None for row in rows)]
    empty = tuple(_column(table, place) for place in measured if place not in told)
    cells = [tuple(shown_cell(*pair) for pair in zip(table.columns, row, strict=True)) for row in rows]
    widths = {place: _width(table.columns[place], [row[place] for row in cells]) for place in [*keys, *told]}
    sheets = _sheets(keys, _together(table, told), widths) if rows else ()
    parts = (_part(table, cells, keys, places) for places in sheets)
    return ShownTable(table.name, table.title, table.note, tuple(parts), empty if rows else ())


def definitions(tables: Iterable[CountedTable]) -> tuple[TableDefinitions, ...]:
    """Return what the measures of all these tables are, in their order."""
    found = {one.table.name: one.table for one in tables}
    return tuple(TableDefinitions(one.name, one.title, one.measures) for one in found.values())


def column_label(name: str) -> str:
    """Return the name of a column in words: `done_of_due` as `Done, of due`."""
    return name.upper() if name in _RATES else name.replace("_of_", ", of ").replace("_", " ").capitalize()


def _part(
    table: MeasureTable, cells: Sequence[Sequence[ShownCell]], keys: Sequence[int], places: Sequence[int]
) -> TablePart:
    shown = [*keys, *places]
    rows = tuple(tuple(row[place] for place in shown) for row in cells)
    return TablePart(tuple(_column(table, place) for place in shown), len(keys), rows)


def _column(table: MeasureTable, place: int) -> ShownColumn:
    """Return the column at a place of a table."""
    measure = None if place < len(table.keys) else table.measures[place - len(table.keys)].id
    return ShownColumn(column_label(table.columns[place]), measure)


def _together(table: MeasureTable, told: Sequence[int]) -> list[list[int]]:
    """Return columns with those that no part may tell apart: a share of those who answered, and the same of all due."""
    answered, due = _DENOMINATORS
    groups: list[list[int]] = []
    for place in told:
        name, before = table.columns[place], table.columns[groups[-1][-1]] if groups else ""
        if name.endswith(due) and before == name.removesuffix(due) + answered:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _sheets(
    keys: Sequence[int], told: Sequence[Sequence[int]], widths: Mapping[int, int]
) -> Sequence[Sequence[int]]:
    """Return the columns of each part: no more parts than it needs, and these about as wide as one another."""
    beside = _SHEET - sum(widths[place] for place in keys)
    fewest = _filled(told, widths, beside)
    whole = sum(widths[place] for group in told for place in group)
    for limit in range(whole // max(1, len(fewest)), beside):
        even = _filled(told, widths, limit)
        if len(even) == len(fewest):
            return even
    return fewest


def _filled(told: Sequence[Sequence[int]], widths: Mapping[int, int], limit: int) -> list[list[int]]:
    """Return the columns of each part, filled one after the other up to a limit of letters; each has one at least."""
    sheets: list[list[int]] = [[]]
    used = 0
    for group in told:
        wide = sum(widths[place] for place in group)
        if sheets[-1] and used + wide > limit:
            sheets.append([])
            used = 0
        sheets[-1].extend(group)
        used += wide
    return sheets


def _width(name: str, cells: Sequence[ShownCell]) -> int:
    """Return how many letters a column takes: its longest word or the longest line of its cells, small ones less."""
    words = max(map(len, name.split("_")))
    texts = max((len(cell.text) for cell in cells), default=len(NOTHING))
    details = max((len(cell.detail) for cell in cells), default=0)
    widest = _WIDEST_OF_LONG if texts > _LONG else _WIDEST
    return max(words, min(widest, max(texts, round(_SMALL * details)))) + _SPACE
