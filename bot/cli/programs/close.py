"""`said program close` and `archive`: let nobody new in, say goodbye to who is there, and put a program away."""

from functools import partial
from pathlib import Path

import typer

from bot.cli.common import count, say
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from storage.database.connection import Database
from storage.privacy import closing
from storage.privacy.closing import WorkGoingOn
from storage.programs import programs
from storage.programs.programs import ProgramRow
from storage.schema import ProgramClose


def close(program: str, yes: bool, config: Path | None, database: str | None) -> None:
    """Run `said program close`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        row = _row(found, program)
        if row.closed_at is not None:
            raise UsageError(f"programme {program!r} is closed already", "see `said program list`")
        how = ProgramClose(found.read_now(partial(programs.program_file, program_id=row.id)).at_close)
        left = found.read_now(partial(closing.going_on, program_id=row.id))
        people = found.read_now(partial(closing.people_waiting, program_id=row.id))
        say(_what_comes(how, left, people))
        if not yes:
            typer.confirm("This cannot be undone. Close it?", abort=True, err=True)
        found.write_now(partial(closing.close, program_id=row.id, now=SystemClock().now()))
    say(f"Programme {program} is closed: nobody new is let in.")
    if how is ProgramClose.END:
        paused = f" It is paused: they wait for said program resume {program}" if row.paused_at else ""
        say(
            f"While `said run` is at work, each of them hears so once, at an hour that is right for them.{paused}"
        )
    say(f"Once nothing goes on: said program archive {program}")


def archive(program: str, config: Path | None, database: str | None) -> None:
    """Run `said program archive`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        row = _row(found, program)
        found.write_now(partial(closing.archive, program_id=row.id, now=SystemClock().now()))
    say(f"Programme {program} is put away: it is only read, and stands in `said program list --all`.")


def _what_comes(how: ProgramClose, left: WorkGoingOn, people: int) -> str:
    who = "1 person" if people == 1 else f"{people} people"
    there = (
        f"{who} in {count(left.conversations, 'talk')} or with {count(left.follow_ups, 'follow-up')} to come"
    )
    if how is ProgramClose.GO_ON:
        return f"There: {there}. What they agreed to goes on to its end (`at_close: go_on`), and nothing else begins."
    return f"There: {there}. All of it ends, and they are told so (`at_close: end`)."


def _row(database: Database, program: str) -> ProgramRow:
    row = database.read_now(partial(programs.find, slug=program))
    if row is None:
        raise UsageError(f"there is no programme {program!r}", "see `said program list --all`")
    return row
