"""The tables of an export, in the order in which they are written.

A new table is a module beside this one with a function that takes the connection and the selection, and a line here.
A function that returns one table is wrapped in `_one`; a family of tables (one per flow, for example) yields several.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from storage.export.links import links
from storage.export.tables.answers import answers_long
from storage.export.tables.best_practice import exemplars
from storage.export.tables.care_change import care
from storage.export.tables.codebook import codebook
from storage.export.tables.codebooks.codes import codes
from storage.export.tables.codebooks.codings import codings
from storage.export.tables.codebooks.columns import columns
from storage.export.tables.codebooks.programs import programs
from storage.export.tables.commitments import commitments, revisions
from storage.export.tables.consents import consents
from storage.export.tables.quotes import quotes
from storage.export.tables.rates import rates
from storage.export.tables.remarks import remarks
from storage.export.tables.safety import safety
from storage.export.tables.table import ExportSelection, ExportTable
from storage.export.tables.waves import supporters, waves
from storage.export.tables.wide import wide_per_flow

ReadTable = Callable[[Connection, ExportSelection], ExportTable]
ReadTables = Callable[[Connection, ExportSelection], Iterable[ExportTable]]


def _one(read: ReadTable) -> ReadTables:
    """Return a family that holds the one table that `read` returns."""

    def read_family(connection: Connection, selection: ExportSelection) -> Iterator[ExportTable]:
        yield read(connection, selection)

    return read_family


TEAM_TABLES: Final[tuple[ReadTables, ...]] = (
    _one(answers_long),
    _one(remarks),
    wide_per_flow,
    _one(commitments),
    _one(waves),
    _one(rates),
    _one(care),
    _one(safety),
    _one(exemplars),
    _one(codebook),
    _one(consents),
    _one(revisions),
    _one(links),
    _one(codes),
    _one(columns),
    _one(programs),
    _one(codings),
)
"""What the team gets."""
QUOTES_TABLES: Final[tuple[ReadTables, ...]] = (_one(quotes),)
"""What may be quoted, and nothing else."""
SUPPORTER_TABLES: Final[tuple[ReadTables, ...]] = (_one(supporters),)
"""What may be handed to a supporter: figures alone, small cells hidden."""


def read_tables(
    families: Sequence[ReadTables], connection: Connection, selection: ExportSelection
) -> list[ExportTable]:
    """Return the tables that some families make of a selection, in order.

    A family is a function that makes one table or several. Most tables read their rows only when they are written.
    """
    return [table for read in families for table in read(connection, selection)]
