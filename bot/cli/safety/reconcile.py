"""`said safety reconcile`: counts of cases, to compare with those of a sponsor."""

from pathlib import Path

from bot.cli.common import print_json, print_table
from bot.cli.resources import moment, opened
from bot.cli.resources import now as time_now
from storage.export.tables import safety
from storage.export.tables.table import ExportSelection


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
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    print_table(safety.COUNT_COLUMNS, rows)
