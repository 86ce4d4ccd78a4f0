"""`said program list`: apart from the other commands of `said program`, which import what decides on contacts."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from bot.cli.common import print_json, print_table, when
from bot.cli.resources import opened
from storage.programs import programs


def list_programs(every: bool, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program list`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows = [row for row in found.read_now(programs.list_all) if every or row.archived_at is None]
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        ("program", "title", "loaded (UTC)", "paused (UTC)", "closed (UTC)", "put away (UTC)"),
        [
            (row.slug, row.title, *map(_when, (row.loaded_at, row.paused_at, row.closed_at, row.archived_at)))
            for row in rows
        ],
    )


def _when(at: datetime | None) -> str:
    return "" if at is None else when(at)
