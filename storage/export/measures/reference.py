"""Write the page of measures: each with its id, definition, numerator, denominator, source, and query."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from storage.export.measures.measure import PROGRAM_NAME, Measure, MeasureTable
from storage.export.measures.registry import LOOP_TABLES, RESPONSE_TABLES

_WIDTH: Final = 110
_STAND_IN: Final = "the program's short name"
_OPENING: Final = """\
Every number of `said program response`, of `said program loop` and of the outcomes report, by its id, which never
changes. A number is followed to its rows by the query that stands under its table: it returns the rows that are
counted, and the definition says how. Run it with [SQLite's shell](https://sqlite.org/cli.html) on a copy of the
database, after `.parameter set :program "'myeloma'"`.

*Source* says who a number comes from: the clinicians whose commitments they are (self-reported), patients and carers
(patient-reported), or what the bot saw itself (system). Shares have Wilson's 95 % interval
(https://doi.org/10.1080/01621459.1927.10502953). A share for which fewer than five people answered says so, and has no
per cent. What erased participants wrote is gone, and with it what is counted from it.
"""


def measures_page(note: str, report: Sequence[MeasureTable] = ()) -> str:
    """Return `docs/reference/measures.md`, with a note on how it is made below its title.

    `report` are the tables that the outcomes report alone shows.
    """
    groups = (
        ("Response", RESPONSE_TABLES),
        ("The closed loop", LOOP_TABLES),
        ("The outcomes report", report),
    )
    return "\n".join(["# Measures", "", note, "", *_lines(groups)]).rstrip() + "\n"


def query_text(query: sa.Select[Any]) -> str:
    """Return a measure's query as text for SQLite, with the program as `:program`."""
    bound = query.params({PROGRAM_NAME.key: _STAND_IN})
    made = bound.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    text = str(made).replace("'" + _STAND_IN.replace("'", "''") + "'", ":program")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(part for line in lines for part in _folded(line))


def _folded(line: str) -> list[str]:
    """Return a line of SQL in pieces that fit a page; no piece ends inside of a word."""
    return wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent="    ") or [
        ""
    ]


def _lines(groups: Iterable[tuple[str, Sequence[MeasureTable]]]) -> Iterator[str]:
    yield _OPENING
    for title, tables in groups:
        yield f"## {title}"
        yield ""
        for table in tables:
            yield from _table(table)


def _table(table: MeasureTable) -> Iterator[str]:
    """Yield a table of measures: what it is, a row for each measure, and the queries."""
    yield f"### {table.title}"
    yield ""
    yield f"`{table.name}`, a row for each {', '.join(table.keys)}. {table.note}"
    yield ""
    yield "| id | definition | numerator | denominator | source | rows |"
    yield "|---|---|---|---|---|---|"
    queries = _queries(table)
    for measure in table.measures:
        yield _row(measure, queries.index(query_text(measure.query)) + 1)
    yield ""
    for number, text in enumerate(queries, 1):
        yield f"Rows {number}:"
        yield ""
        yield from ("```sql", text, "```", "")


def _queries(table: MeasureTable) -> list[str]:
    """Return the different queries of a table, in the order in which its measures need them."""
    return list(dict.fromkeys(query_text(measure.query) for measure in table.measures))


def _row(measure: Measure, rows: int) -> str:
    numerator = "" if measure.denominator is None else measure.numerator
    cells = (
        f"`{measure.id}`",
        measure.definition,
        numerator,
        measure.denominator or "",
        measure.source.value,
        str(rows),
    )
    return f"| {' | '.join(cells)} |"
