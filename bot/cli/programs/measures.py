"""`said program response`, `accreditation`, `loop`, `cuts`: measures to read, and what supporters have of them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection

from bot.cli.common import print_json, print_page, print_table, say
from bot.cli.resources import now, opened
from bot.errors import UsageError
from storage.export.measures.measure import MeasureRow, MeasureTable
from storage.export.measures.registry import LOOP_TABLES, RESPONSE_TABLES
from storage.export.measures.shown import in_words, table_as_json
from storage.outcomes import registry
from storage.outcomes.cohort import program_zone
from storage.outcomes.cuts import handed_out
from storage.outcomes.people_file import read_people_file
from storage.outcomes.registry import ReportFacts
from storage.programs import programs

_PARTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "response.links": (
        ("single_links", "group_links", "opened", "agreed", "begun", "finished", "finished_of_opened"),
        ("first_made", "last_made", "first_opened", "last_opened", "first_finished", "last_finished"),
    ),
    "response.dispositions": (
        (
            "complete",
            "partial",
            "refusal",
            "break_off",
            "opened_only",
            "unopened",
            "under_way",
            "not_eligible",
        ),
        ("rr1", "rr2", "ref1", "con1", "coop1"),
    ),
    "response.waves": (
        ("due", "asked", "answered", "late", "answered_of_due"),
        ("first_asked", "last_asked", "last_answered"),
    ),
    "response.implemented": (
        ("committed", "clinicians", "due", "responded", "responders", "done_of_responders", "done_of_due"),
        ("full_of_responders", "full_of_due", "people_of_responders", "people_of_committed"),
    ),
    "loop.themes": (
        (
            "raised",
            "raised_coded",
            "activities",
            "objectives",
            "commitments",
            "clinicians",
            "specificity",
            "break",
        ),
        ("done_of_responders", "done_of_due", "full_of_responders", "full_of_due", "top_barrier"),
        ("asked_later", "better", "change", "judged_better"),
        ("activities_linked", "objectives_linked", "commitments_linked", "clinicians_linked"),
    ),
}
"""Which columns stand beside one another, of tables that are too wide for a screen."""
_CUT: Final = ("number", "kind", "handed_at", "by", "since", "until")
_UNSHOWN_KEYS: Final = {"loop.themes": ("theme",)}


_TablesOf = Callable[[Connection, int], Sequence[MeasureTable]]
"""Which tables are counted of a program, by its number."""


class _Counted(NamedTuple):
    table: MeasureTable
    rows: list[MeasureRow]


def response(program: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program response`; `bot.cli.programs.commands` says what each option is."""
    _show(lambda *_: RESPONSE_TABLES, program, (config, database), as_json=as_json)


def accreditation(
    program: str, people: Path | None, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said program accreditation`; `bot.cli.programs.commands` says what each option is."""
    known = None if people is None else read_people_file(people)

    def tables(connection: Connection, number: int) -> Sequence[MeasureTable]:
        return registry.accreditation(ReportFacts(now(), known, zone=program_zone(connection, number)))

    _show(tables, program, (config, database), as_json=as_json)


def loop(program: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program loop`; `bot.cli.programs.commands` says what each option is."""
    _show(lambda *_: LOOP_TABLES, program, (config, database), as_json=as_json)


def cuts(program: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program cuts`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        kept = found.read_now(lambda connection: handed_out(connection, program))
    rows = [
        (one.number, one.kind.value, one.handed_at, one.handed_by, one.span.since, one.span.until)
        for one in kept
    ]
    if as_json:
        print_json({"program": program, "cuts": [dict(zip(_CUT, row, strict=True)) for row in rows]})
    elif rows:
        print_table(_CUT, rows, paged=True)
    else:
        say("Nothing was handed to supporters yet.")


def _show(tables: _TablesOf, program: str, place: tuple[Path | None, str | None], *, as_json: bool) -> None:
    """Count the tables for a program, all in one read of the database, and print them."""

    def count(connection: Connection) -> list[_Counted]:
        known = programs.find(connection, program)
        if known is None:
            raise UsageError(f"there is no programme {program!r}", "see `said program list`")
        return [_Counted(one, list(one.count(connection, program))) for one in tables(connection, known.id)]

    with opened(*place) as (_, found):
        counted = found.read_now(count)
    if as_json:
        print_json({"program": program, "tables": [table_as_json(one.table, one.rows) for one in counted]})
        return
    print_page([part for one in counted for part in _parts(one)])


def _parts(one: _Counted) -> Iterator[str | tuple[Sequence[str], Sequence[Sequence[object]]]]:
    """Yield what is printed of a table: its title, its columns in parts, and its note."""
    table, rows = one
    yield f"{table.title} ({table.name})"
    if not rows:
        yield "Nothing yet."
        return
    columns = table.columns
    keys = [key for key in table.keys if key not in _UNSHOWN_KEYS.get(table.name, ())]
    for part in _PARTS.get(table.name, (tuple(measure.column for measure in table.measures),)):
        there = [column for column in part if any(row[columns.index(column)] is not None for row in rows)]
        if there:
            names = [*keys, *there]
            cells = [[in_words(row[columns.index(name)]) for name in names] for row in rows]
            yield [name.replace("_", " ") for name in names], cells
    yield table.note
