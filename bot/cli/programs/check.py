"""`said check`: list every problem of scripts and program files at once."""

from dataclasses import asdict
from pathlib import Path

import typer

from bot.cli.common import count, print_json, print_table, say
from flows.check.grades import reading_grades
from flows.check.run import check_files, json_schema, program_json_schema
from flows.program.loader import is_program_file


def check(files: list[Path] | None, schema: bool, program_schema: bool, grades: bool, as_json: bool) -> None:
    """Run `said check`; `bot.cli.programs.commands` says what each option is."""
    if schema or program_schema:
        print_json(json_schema() if schema else program_json_schema())
        return
    if grades:
        _tell_grades(files, as_json)
        return
    problems = check_files(files or ())
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            say(problem)
        say(count(len(problems), "problem") if problems else "No problems.", err=True)
    raise typer.Exit(1 if problems else 0)


def _tell_grades(files: list[Path] | None, as_json: bool) -> None:
    """Print at which school year each script for patients is read in each language.

    Raises:
        TranslationError: A PO file cannot be read.
    """
    told = reading_grades([file for file in files if not is_program_file(file)] if files else None)
    if as_json:
        print_json([asdict(each) for each in told])
        return
    if not told:
        say("No script for patients.", err=True)
        return
    columns = ("Script", "Language", "Texts", "Grade", "Hardest", "Where", "Formula")
    rows = [
        (each.script, each.language, each.texts, each.grade, each.hardest, each.where, each.formula)
        for each in told
    ]
    print_table(columns, rows)
