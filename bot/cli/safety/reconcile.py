"""`said safety reconcile`: counts of cases, to compare with those of a sponsor."""

from typing import Annotated

import typer

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table
from bot.cli.resources import moment, opened
from bot.cli.resources import now as time_now
from storage.export.tables import safety
from storage.export.tables.table import ExportSelection


def register(app: typer.Typer) -> None:
    """Add the command `said safety reconcile` to the group `said safety`."""
    app.command("reconcile")(reconcile)


def reconcile(
    program: Annotated[str | None, typer.Option("--program", help="This programme only.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Stored on this day or later (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Stored before this day (UTC).")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the cases of each programme by kind and state, zeros included: what the sponsor compares with theirs."""
    selection = ExportSelection(program, moment("--since", since), moment("--until", until))
    with opened(config, database) as (_, found):
        rows = found.read_now(lambda c: safety.safety_case_counts(c, selection, time_now()))
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    print_table(safety.COUNT_COLUMNS, rows)
