"""`said check`: list every problem of scripts and program files at once."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import JsonOption, count, print_json
from flows.check.run import check_files, json_schema, program_json_schema


def register(app: typer.Typer) -> None:
    """Add the command `said check` to an app."""
    app.command("check")(check)


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Scripts and programme files; the shipped ones if none."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a script, for editors, and stop.")
    ] = False,
    program_schema: Annotated[
        bool, typer.Option("--program-schema", help="The same for programme files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check scripts and programme files: file:line:column, a code, what is wrong, and what to do."""
    if schema or program_schema:
        print_json(json_schema() if schema else program_json_schema())
        return
    problems = check_files(files or ())
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        typer.echo(count(len(problems), "problem") if problems else "No problems.", err=True)
    raise typer.Exit(1 if problems else 0)
