"""`said db`: copy a database in use, check it, and bring it to this version's schema."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, console, count, print_json
from bot.cli.resources import existing, settings_for
from storage.database import migrate as schema
from storage.database.backup import backup as copy
from storage.database.backup import check as examine
from storage.database.connection import database_path, translated
from storage.privacy.consent_answers import answers_against_consents

group = typer.Typer(help="The database: copies, integrity, schema.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands `said db` to an app."""
    app.add_typer(group, name="db")


def _path(config: Path | None, database: str | None) -> Path:
    return existing(database_path(settings_for(config, database).database))


@group.command("backup")
def backup(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="The file to make; it must not be there yet.")
    ],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database, also while the bot runs. Keep the key file apart: without it the addresses are lost."""
    made = copy(_path(config, database), target)
    size = made.stat().st_size
    if as_json:
        print_json({"file": str(made), "bytes": size})
    else:
        typer.echo(f"{made} ({size:,} bytes). The key file is not in it: keep a copy of that apart.")


@group.command("check")
def check(config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Check the file for damage, broken references, states that must not be, and answers against a consent."""
    path = _path(config, database)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console(error=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)
        problems = examine(path, lambda what: bar.update(task, description=what))
        bar.update(task, description="answers against a consent")
        problems = problems or answers_against_consents(path)
    if as_json:
        print_json(problems)
    else:
        for problem in problems:
            typer.echo(problem)
        typer.echo(count(len(problems), "problem") if problems else "The database is whole.", err=True)
    raise typer.Exit(1 if problems else 0)


@group.command("migrate")
def migrate(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Bring the database to this version's schema. `said run` does it by itself; a newer file is refused."""
    path = _path(config, database)
    with translated(path):
        schema.prepare(path)
    if as_json:
        print_json({"file": str(path), "schema": schema.head()})
    else:
        typer.echo(f"{path} is at schema {schema.head()}.")
