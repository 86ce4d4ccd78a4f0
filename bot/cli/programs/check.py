"""`said check`: list every problem of scripts and program files at once."""

import sys
from dataclasses import asdict
from pathlib import Path

import typer

from bot.cli.common import count, print_json
from flows.check.run import check_files, json_schema, program_json_schema


def check(files: list[Path] | None, schema: bool, program_schema: bool, as_json: bool) -> None:
    """Run `said check`; `bot.cli.programs.commands` says what each option is."""
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
