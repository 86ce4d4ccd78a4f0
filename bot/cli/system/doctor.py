"""`said doctor` and `said why`: what is wrong, and what was sent to whom and why."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    console,
    opened,
    print_json,
    print_table,
    when,
)
from bot.errors import UsageError

if TYPE_CHECKING:
    from storage.reports.operators import Story, StoryLine

_MARKS = {"ok": "ok", "warn": "WARN", "error": "WRONG"}


def register(app: typer.Typer) -> None:
    """Add `said doctor` and `said why`."""
    app.command("doctor")(doctor)
    app.command("why")(why)


def doctor(config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Check settings, tokens, webhook, database, time zones, scripts and disk, and say what to do."""
    from bot import logs
    from bot.doctor import examine, is_well

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


def why(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A participant's code, see `said participants`.")
    ],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what was sent to a participant, deferred or not sent, and why; and what is still to come."""
    from bot.clock import SystemClock
    from storage.database import audit
    from storage.reports import operators
    from storage.schema import AuditKind

    with opened(config, database) as (_, found):
        story = found.read_now(lambda connection: operators.participant_story(connection, code))
        if story is not None:
            number = story.id
            found.write_now(
                lambda connection: audit.record(
                    connection,
                    AuditKind.VIEW,
                    participant_id=number,
                    now=SystemClock().now(),
                    what="story",
                )
            )
    if story is None:
        raise UsageError(f"there is no participant {code!r}", "see `said participants`")
    if as_json:
        print_json(asdict(story))
    else:
        print_story(story)


def print_story(story: "Story") -> None:
    """A story as an aligned table, in pages if it is long."""
    screen = console()
    screen.print(f"{story.code}: {story.role.value}, {story.status.value}. Times are UTC.")
    print_table(("when", "", "what", "why"), [_row(line) for line in folded(story.lines)], paged=True)
    if story.to_come:
        screen.print("\nTo come:")
        print_table(("when", "", "what", "why not yet"), [_row(line) for line in story.to_come], paged=True)
    else:
        screen.print("\nNothing is to come.")


def folded(lines: "Iterable[StoryLine]") -> "Iterator[StoryLine]":
    """Runs of messages that simply went out become one line: they are not what anybody looks for."""
    from storage.reports.operators import StoryTopic

    run: list[StoryLine] = []
    for line in lines:
        if line.strand is StoryTopic.MESSAGE and line.what.endswith(" sent") and line.reason is None:
            run.append(line)
            continue
        yield from _one(run)
        run = []
        yield line
    yield from _one(run)


def _one(run: "list[StoryLine]") -> "Iterator[StoryLine]":
    if len(run) == 1:
        yield run[0]
    elif run:
        yield replace(run[-1], what=f"{len(run)} messages sent")


def _row(line: "StoryLine") -> tuple[str, str, str, str]:
    from bot.team.reasons import in_words

    later = "" if line.due_at is None else f", now due {when(line.due_at)}"
    return when(line.at), line.strand.value, line.what, f"{in_words(line.reason)}{later}".removeprefix(", ")
