"""Have the author of a program decide whether patients are asked about their medicine: there is no default."""

import sys
from pathlib import Path

import typer

from bot.cli.common import say
from bot.errors import UsageError
from flows.program.model import ProgramFile
from flows.program.safety import SOLICITED_PAGE

_KEY = "ask_about_medicine"
_EXPLAINED = (
    "{file} does not say whether patients are asked if their health got worse since they began a medicine ({key}).",
    "What they then tell is a solicited report: each needs an assessment of its cause, and your sponsor must know it.",
    "What that means: {page}",
)


def decided(file: Path, program: ProgramFile) -> ProgramFile:
    """Return the program of a file with its author's word on the question: the file's, else what is answered now.

    It is asked at the terminal, and said what to write into the file. Not asked where nobody would be told of events.

    Raises:
        UsageError: the file does not say it, and nobody is at a terminal to ask.
    """
    if not program.lacks_word_on_medicine:
        return program
    if not sys.stdin.isatty():
        raise UsageError(
            f"{file} does not say whether patients are asked about their medicine",
            f"add `{_KEY}: yes` or `{_KEY}: no`; what it means: {SOLICITED_PAGE}",
        )
    for line in _EXPLAINED:
        say(line.format(file=file, key=_KEY, page=SOLICITED_PAGE), err=True)
    asks = typer.confirm("Shall patients be asked?", default=None, err=True)
    say(f"So that you are not asked again, write into {file}: {_KEY}: {'yes' if asks else 'no'}", err=True)
    return program.model_copy(update={_KEY: asks})
