"""`said doctor`: check this installation, and say what to do."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import typer

from bot import logs
from bot.cli.common import print_json, print_table
from bot.doctor import examine, examine_mail, is_well

_MARKS = {"ok": "ok", "warn": "WARN", "error": "WRONG"}


def doctor(mail: Path | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said doctor`; `bot.cli.system.commands` says what each option is."""
    logs.configure("error")
    sections = asyncio.run(examine(config, database)) if mail is None else examine_mail(mail, config)
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
