"""`said program diff`: what a new program file, or a new version of a script, would touch before it is loaded."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from bot.cli.common import print_json, say
from bot.cli.programs.program import words_of
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.opening import all_flows
from flows.program.loader import is_program_file, load_program
from flows.program.safety import SOLICITED_PAGE
from flows.script.loader import load_flow
from storage.reports import changed_lines, program_changes
from storage.reports.program_changes import FileChange, RehearsedLoad

_NO_WORD = (
    "it does not say whether patients are asked about their medicine; add `ask_about_medicine: yes` or"
    f" `ask_about_medicine: no`; what it means: {SOLICITED_PAGE}"
)


def diff(
    file: Path, keep_translations: bool, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said program diff`; `bot.cli.programs.commands` says what each option is."""
    if is_program_file(file):
        change = _of_program(file, keep_translations, config, database)
    else:
        change = _of_script(file, config, database)
    if as_json:
        print_json(asdict(change))
        return
    for line in program_changes.in_words(change):
        say(line)
    for line in changed_lines.in_words(change.wordings):
        say(f"  {line}")


def _of_program(file: Path, keeps: bool, config: Path | None, database: str | None) -> FileChange:
    program = load_program(file)
    with opened(config, database) as (settings, found):
        words = words_of(found, file, program, keeps=keeps)
        now, flows = SystemClock().now(), all_flows(settings)
        rehearsed = program_changes.rehearsed(found.write_now, program, words, now)
        if program.lacks_word_on_medicine:
            rehearsed = RehearsedLoad(_NO_WORD)
        read = partial(
            program_changes.program_change, program=program, words=words, flows=flows, rehearsed=rehearsed
        )
        return found.read_now(read)


def _of_script(file: Path, config: Path | None, database: str | None) -> FileChange:
    flow = load_flow(file)
    with opened(config, database) as (_, found):
        return found.read_now(partial(program_changes.script_change, flow=flow))
