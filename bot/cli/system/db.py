"""`said db`: copy a database in use, check it, and bring it to this version's schema."""

from pathlib import Path

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.cli.common import count, print_json, progress_bar, say
from bot.cli.resources import existing, settings_for
from storage.database import migrate as schema
from storage.database.backup import backup as copy
from storage.database.backup import check as examine
from storage.database.connection import database_path
from storage.database.key_check import identity_for
from storage.database.statements import translated
from storage.privacy.consent_answers import answers_against_consents


def _path(config: Path | None, database: str | None) -> Path:
    return existing(database_path(settings_for(config, database).database))


def backup(target: Path, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said db backup`; `bot.cli.system.commands` says what each option is."""
    made = copy(_path(config, database), target)
    size = made.stat().st_size
    if as_json:
        print_json({"file": str(made), "bytes": size})
    else:
        say(f"{made} ({size:,} bytes). The key file is not in it: keep a copy of that apart.")


def check(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said db check`; `bot.cli.system.commands` says what each option is."""
    path = _path(config, database)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with progress_bar(*columns) as bar:
        task = bar.add_task("", total=None)
        problems = examine(path, lambda what: bar.update(task, description=what))
        bar.update(task, description="answers against a consent")
        problems = problems or answers_against_consents(path)
    if as_json:
        print_json(problems)
    else:
        for problem in problems:
            say(problem)
        say(count(len(problems), "problem") if problems else "The database is whole.", err=True)
    raise typer.Exit(1 if problems else 0)


def migrate(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said db migrate`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    path = existing(database_path(settings.database))
    with translated(path):
        identity_for(path, settings.key_file.expanduser() if settings.key_file else None)
        schema.prepare(path)
    if as_json:
        print_json({"file": str(path), "schema": schema.head()})
    else:
        say(f"{path} is at schema {schema.head()}.")
