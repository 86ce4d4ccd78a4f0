"""`said why`: tell what was sent to a participant and why, what was not, and what is to come."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from bot.team.reasons import in_words
from storage.database import audit
from storage.reports import operators
from storage.reports.operators import Story, StoryLine, StoryTopic
from storage.schema import AuditKind


def why(code: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said why`; `bot.cli.people.commands` says what each option is."""
    with opened(config, database) as (_, found):
        now = SystemClock().now()
        story = found.read_now(lambda connection: operators.participant_story(connection, code, now=now))
        if story is not None:
            number = story.id
            found.write_now(
                lambda connection: audit.record(
                    connection,
                    AuditKind.VIEW,
                    participant_id=number,
                    now=now,
                    what="story",
                )
            )
    if story is None:
        raise UsageError(f"there is no participant {code!r}", "see `said participants`")
    if as_json:
        print_json(asdict(story))
    else:
        print_story(story)


def print_story(story: Story) -> None:
    """Print a participant's story: what was sent or not and why, and what is to come, each as an aligned table.

    A long table is shown in pages.
    """
    say(f"{story.code}: {story.role.value}, {story.status.value}. Times are UTC.")
    print_table(("when", "", "what", "why"), [_row(line) for line in folded(story.lines)], paged=True)
    if story.to_come:
        say()
        say("To come:")
        print_table(("when", "", "what", "why not yet"), [_row(line) for line in story.to_come], paged=True)
    else:
        say()
        say("Nothing is to come.")


def folded(lines: Iterable[StoryLine]) -> Iterator[StoryLine]:
    """Fold each run of messages that simply went out into one line such as "3 messages sent".

    Nobody looks for those; other lines stay, in their order.
    """
    run: list[StoryLine] = []
    for line in lines:
        if line.strand is StoryTopic.MESSAGE and line.what.endswith(" sent") and line.reason is None:
            run.append(line)
            continue
        yield from _one(run)
        run = []
        yield line
    yield from _one(run)


def _one(run: list[StoryLine]) -> Iterator[StoryLine]:
    if len(run) == 1:
        yield run[0]
    elif run:
        yield replace(run[-1], what=f"{len(run)} messages sent")


def _row(line: StoryLine) -> tuple[str, str, str, str]:
    later = "" if line.due_at is None else f", now due {when(line.due_at)}"
    return when(line.at), line.strand.value, line.what, f"{in_words(line.reason)}{later}".removeprefix(", ")
