"""Say what is measured: a measure by its stable id, a table of measures, and the values that its cells have.

A measure's query gives the rows that are counted, and its definition says how. `docs/reference/measures.md` is made of
both, so that whoever doubts a number can follow it to its rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.small_cells import LEAST_PEOPLE
from storage.export.statistics import Difference, Share

PROGRAM_NAME: Final = sa.bindparam("program", type_=sa.String())
"""The short name of the program, in every query of a measure."""


class MeasureSource(StrEnum):
    """Who a number comes from."""

    SELF_REPORTED = "self-reported"
    """By the clinicians whose commitments they are."""
    PATIENT_REPORTED = "patient-reported"
    SYSTEM = "system"
    """What the bot saw itself: a link that was opened, a message that was sent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A part of a whole, and how many people answered for it.

    `responders` counts people, where `n` and `of` may count commitments or conversations.
    """

    n: int
    of: int
    responders: int

    @property
    def share(self) -> Share:
        """Return the part of the whole, with Wilson's interval."""
        return Share(self.n, self.of)

    @property
    def is_few(self) -> bool:
        """Return whether fewer than five people answered: then the share says next to nothing."""
        return self.responders < LEAST_PEOPLE


@dataclass(frozen=True, slots=True)
class RatingChange:
    """The mean difference of two ratings of the same people, 1 to 5 each, later minus earlier: -4 to 4 points.

    `low` and `high` are its 95 % interval by Student's t; None with fewer than two people.
    """

    people: int
    mean: float
    low: float | None
    high: float | None

    @property
    def is_few(self) -> bool:
        """Return whether fewer than five people gave both ratings."""
        return self.people < LEAST_PEOPLE


MeasureCell = str | int | float | datetime | Figure | Difference | RatingChange | None
"""What stands in a cell: None where there is nothing to tell. In a supporter's cut a text may be a `HiddenMark`."""
MeasureRow = tuple[MeasureCell, ...]
"""The keys of a row, as texts, then a cell for each measure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What one number is. `id` is its table and its column, such as `response.links.opened`, and never changes.

    `denominator` is None where the number is a count, a date or a median. Every query takes the program as `:program`.
    """

    id: str
    definition: str
    numerator: str
    denominator: str | None
    source: MeasureSource
    query: sa.Select[Any]

    @property
    def column(self) -> str:
        """Return the last part of the id: the name of its column."""
        return self.id.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """A table of measures. `count` returns its rows for a program, by its short name; one key tells no two rows apart.

    `note` is what whoever reads it must know, on one line.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    measures: tuple[Measure, ...]
    note: str
    count: Callable[[Connection, str], Iterable[MeasureRow]]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns: the keys, then the measures."""
        return (*self.keys, *(measure.column for measure in self.measures))


class MeasureSet:
    """Measures of one table that share their source and query, written down a line each."""

    def __init__(self, table: str, source: MeasureSource, query: sa.Select[Any]) -> None:
        self._table, self._source, self._query = table, source, query

    def count(self, column: str, definition: str) -> Measure:
        """Return a measure that is a count, a date or a median: what is counted is its definition."""
        return Measure(f"{self._table}.{column}", definition, definition, None, self._source, self._query)

    def share(self, column: str, definition: str, numerator: str, denominator: str) -> Measure:
        """Return a measure that is a share."""
        return Measure(
            f"{self._table}.{column}", definition, numerator, denominator, self._source, self._query
        )


def rows_of(connection: Connection, query: sa.Select[Any], program: str) -> list[sa.Row[Any]]:
    """Return the rows that a measure counts, for a program by its short name."""
    return list(connection.execute(query, {PROGRAM_NAME.key: program}))
