"""`said read list`, `show` and `mark`: what nobody has read, its words, and who has read it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.common import print_json, print_table, say, when
from bot.cli.reading.shared import by_class, source_of
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from flows.safety.reading import ReadingClass
from storage.database.connection import Database
from storage.people import coordinators
from storage.programs import programs
from storage.safety import reading, unread_texts
from storage.safety.reading import TextToRead
from storage.safety.text_signals import TextKind
from storage.safety.unread_texts import UnreadText


def list_texts(
    program: str | None,
    limit: int,
    reading_class: ReadingClass | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said read list`; `bot.cli.reading.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        number = program_number(found, program)
        texts = found.read_now(
            lambda c: unread_texts.unread(c, now, program=number, limit=limit, only=reading_class)
        )
        figures = found.read_now(lambda c: unread_texts.figures(c, now, program=number))
    if as_json:
        print_json(
            {
                "unread": figures.unread,
                "over_one_business_day": figures.overdue,
                "texts": [_as_json(text) for text in texts],
            }
        )
        return
    print_table(
        ("text", "class", "who", "programme", "script", "question", "stored (UTC)", "due (UTC)", "clock"),
        [
            (
                *(text.source.name, text.reading_class.value, text.participant, text.program, text.flow),
                *(text.question, when(text.stored_at), when(text.due_at), _clock(text, now)),
            )
            for text in texts
        ],
        paged=True,
    )
    say(f"Unread: {by_class(figures.unread)}.", err=True)
    say(f"Over one business day: {by_class(figures.overdue)}.", err=True)
    total = figures.total if reading_class is None else figures.unread[reading_class]
    if len(texts) < total:
        say(f"Not listed: {total - len(texts)}; see --limit.", err=True)


def show(texts: Sequence[str], by: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said read show`; `bot.cli.reading.commands` says what each option is."""
    now = time_now()
    sources = [source_of(text) for text in texts]
    with opened(config, database) as (_, found):
        same = found.read_now(lambda c: [reading.count_same(c, source) for source in sources])
        shown = found.write_now(
            lambda c: [
                reading.show_text(c, source, by=coordinators.by_code(c, by), now=now, same=count)
                for source, count in zip(sources, same, strict=True)
            ]
        )
    if as_json:
        print_json([{**asdict(one), "source": one.source.name} for one in shown])
        return
    for one in shown:
        print_table(("", ""), facts(one))


def mark(texts: Sequence[str], by: str, same: bool, config: Path | None, database: str | None) -> None:
    """Run `said read mark`; `bot.cli.reading.commands` says what each option is."""
    now = time_now()
    sources = [source_of(text) for text in texts]
    with opened(config, database) as (_, found):
        who = found.read_now(lambda c: coordinators.by_code(c, by))
        others = found.read_now(lambda c: reading.same_texts(c, sources, by=who)) if same else None
        count = found.write_now(lambda c: reading.mark_read(c, sources, by=who, now=now, same=others))
    say(f"Read: {count}.")


def program_number(found: Database, program: str | None) -> int | None:
    """Return the number of a program by its short name; None for None.

    Raises:
        UsageError: there is none of that name.
    """
    if program is None:
        return None
    known = found.read_now(lambda c: programs.find(c, program))
    if known is None:
        raise UsageError(f"there is no programme {program!r}", "see `said program list`")
    return known.id


def facts(one: TextToRead) -> list[tuple[str, object]]:
    """Return the lines in which a text is shown, each with its name."""
    said = "said, and changed since" if one.was_changed else "said"
    none_asked = "(no question was open)" if one.source.kind is not TextKind.CASE else "(for a safety report)"
    return [
        ("text", one.source.name),
        ("who", one.participant),
        ("stored (UTC)", when(one.stored_at)),
        ("asked", one.question or none_asked),
        *(("said before", words) for words in one.earlier),
        (said, one.text),
        *(("said since", words) for words in one.since),
        *([("cases", ", ".join(map(str, one.cases)))] if one.cases else []),
        *([("the same words", f"{one.same} more, nobody has read them")] if one.same else []),
    ]


def _clock(text: UnreadText, now: datetime) -> str:
    if text.due_at <= now:
        return "OVERDUE"
    return "half is gone" if text.is_late else "in time"


def _as_json(text: UnreadText) -> dict[str, Any]:
    """Return a text as JSON, without its words."""
    return {**asdict(text), "source": text.source.name}
