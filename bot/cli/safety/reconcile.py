"""`said safety reconcile`: counts of cases, to compare with those of a sponsor."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import print_json, print_table
from bot.cli.resources import moment, opened
from bot.cli.resources import now as time_now
from flows.safety.reading import ReadingClass
from storage.export.tables import safety
from storage.export.tables.table import ExportSelection
from storage.programs import programs
from storage.safety import unread_texts
from storage.safety.unread_texts import UnreadFigures


def reconcile(
    program: str | None,
    since: str | None,
    until: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said safety reconcile`; `bot.cli.safety.commands` says what each option is."""
    selection = ExportSelection(program, moment("--since", since), moment("--until", until))
    with opened(config, database) as (_, found):
        rows = found.read_now(lambda c: safety.safety_case_counts(c, selection, time_now()))
        unread = found.read_now(lambda c: _unread(c, {row.program for row in rows}))
    if as_json:
        print_json([{**row._asdict(), **_fields(unread[row.program])} for row in rows])
        return
    print_table(safety.COUNT_COLUMNS, rows)
    print_table(
        ("program", "texts that nobody has read", "unread", "over one business day"),
        [
            (program, kind.value, figures.unread[kind], figures.overdue[kind])
            for program, figures in unread.items()
            for kind in ReadingClass
        ],
    )


def _unread(connection: Connection, slugs: Iterable[str]) -> dict[str, UnreadFigures]:
    """Return how many texts nobody has read as of now, by program, whenever they were stored."""
    now = time_now()
    return {
        slug: unread_texts.figures(connection, now, program=known.id)
        for slug in sorted(slugs)
        if (known := programs.find(connection, slug)) is not None
    }


def _fields(figures: UnreadFigures) -> dict[str, Mapping[ReadingClass, int]]:
    """Return the figures as fields of each row of their program."""
    return {"texts_unread": figures.unread, "texts_unread_over_one_business_day": figures.overdue}
