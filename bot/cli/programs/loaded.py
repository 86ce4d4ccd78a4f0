"""`said program list`: apart from the other commands of `said program`, which import what decides on contacts."""

from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, print_table, when
from bot.cli.resources import opened
from storage.programs import programs


def list_programs(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program list`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows = found.read_now(programs.list_all)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        ("program", "title", "loaded (UTC)", "paused (UTC)"),
        [
            (row.slug, row.title, when(row.loaded_at), when(row.paused_at) if row.paused_at else "")
            for row in rows
        ],
    )
