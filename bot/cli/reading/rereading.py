"""`said read uncertain` and `fix`: what was read out of words with doubt, and what a person says that they mean."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.reading.shared import source_of
from bot.cli.reading.texts import program_number
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.people import coordinators
from storage.safety import rereadings
from storage.safety.rereadings import UncertainReading
from storage.safety.text_signals import TextKind


def uncertain(
    program: str | None, limit: int, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said read uncertain`; `bot.cli.reading.commands` says what each option is."""
    with opened(config, database) as (_, found):
        number = program_number(found, program)
        texts = [
            *found.read_now(lambda c: rereadings.waiting(c, TextKind.ANSWER, program=number, limit=limit)),
            *found.read_now(lambda c: rereadings.waiting(c, TextKind.REMARK, program=number, limit=limit)),
        ][:limit]
    if as_json:
        print_json([{**asdict(one), "source": one.source.name} for one in texts])
        return
    print_table(
        ("text", "who", "programme", "script", "question", "said (UTC)"),
        [
            (one.source.name, one.participant, one.program, one.flow, one.question, when(one.said_at))
            for one in texts
        ],
        paged=True,
    )


def fix(
    text: str, choices: Sequence[str] | None, by: str, leave: bool, config: Path | None, database: str | None
) -> None:
    """Run `said read fix`; `bot.cli.reading.commands` says what each option is."""
    now, source = time_now(), source_of(text)
    choices = choices or ()
    if leave and choices:
        raise UsageError("choices and --leave say two things", "give one of them")
    with opened(config, database) as (_, found):
        who = found.read_now(lambda c: coordinators.by_code(c, by))
        if not leave and not choices:
            print_table(
                ("", ""), _facts(found.write_now(lambda c: rereadings.show(c, source, by=who, now=now)))
            )
            return
        found.write_now(lambda c: rereadings.decide(c, source, choices, by=who, now=now))
    say(f"{source.name} is left as it was read." if leave else f"{source.name} means: {', '.join(choices)}.")


def _facts(one: UncertainReading) -> list[tuple[str, object]]:
    """Return the lines in which a text is shown with how it was read, each with its name."""
    return [
        ("text", one.source.name),
        ("who", one.participant),
        ("said (UTC)", when(one.said_at)),
        ("asked", one.question),
        ("said", one.text),
        ("read as", ", ".join(one.read_as) or "(nothing could be read)"),
        *(("choice", f"{code}: {label}") for code, label in one.choices),
        *((f"set by {kept.by}", ", ".join(kept.meaning) or "left as it was read") for kept in one.decided),
    ]
