"""`said doctor`: check this installation, and say what to do."""

import asyncio
from dataclasses import asdict

import typer

from bot import logs
from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table
from bot.doctor import examine, is_well

_MARKS = {"ok": "ok", "warn": "WARN", "error": "WRONG"}


def register(app: typer.Typer) -> None:
    """Add the command `said doctor` to an app."""
    app.command("doctor")(doctor)


def doctor(config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Check settings, tokens, webhook, database, time zones, scripts and disk, and say what to do."""
    logs.configure("error")
    sections = asyncio.run(examine(config, database))
    well = is_well(sections)
    if as_json:
        print_json({"well": well, "sections": [asdict(section) for section in sections]})
    else:
        rows = [
            (_MARKS[one.level.value], section.name, one.text, one.remedy)
            for section in sections
            for one in section.findings
        ]
        print_table(("", "part", "found", "what to do"), rows)
    raise typer.Exit(0 if well else 1)
