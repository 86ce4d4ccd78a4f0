"""Tell what a new program file or script would touch, before it is loaded: nothing is written.

Waves are planned by the file as it stands at the time of the commitment and keep their days; what moves is their hour,
where window or zone are changed. A talk keeps the version of the script that it began with.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.i18n.localized_program import ProgramTranslations, StoredTranslations
from flows.program.model import ProgramFile
from flows.schedule import local_time
from flows.script.model import Flow
from storage.conversations.conversations import UNFINISHED
from storage.follow_up import follow_ons
from storage.programs import programs
from storage.programs.programs import ProgramError
from storage.reports import changed_lines
from storage.reports.changed_lines import ChangedLines
from storage.schema import (
    CONVERSATION,
    FLOW_VERSION,
    FOLLOW_UP,
    PARTICIPANT,
    PROGRAM,
    FollowUpStatus,
)

_NOT_COMPARED = frozenset({"program", "themes", "activities", "reviews", "changes"})
"""What is told of by its parts, or is the same."""
_LONGEST = 60
"""Letters of a value that are shown."""
_AT_ONCE: Final = 200
"""Conversations that are looked at in one transaction of a rehearsal."""


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """A key of a program file that says something else, as JSON; None where the file is silent on it."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangedParts:
    """Parts of a program of one kind, by their short names: what comes, what goes, what is worded anew."""

    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """Talks that go on with an earlier version of a script: which one, counted from 1 as they were first used."""

    flow: str
    version: int
    conversations: int


@dataclass(frozen=True, slots=True)
class ChangedLanguage:
    """How many strings a translation has lost, and how many it lacks in all."""

    language: str
    lost: int
    lacks: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a file would touch if it were loaded.

    `refused` says why it cannot be; None where it can. `is_new` says that nothing of that name was loaded before.
    """

    name: str
    is_new: bool
    is_same: bool = False
    refused: str | None = None
    settings: tuple[ChangedSetting, ...] = ()
    parts: tuple[ChangedParts, ...] = ()
    waves_planned: int = 0
    waves_moved: int = 0
    told_of_changes: int = 0
    kept: tuple[KeptVersion, ...] = ()
    languages: tuple[ChangedLanguage, ...] = ()
    wordings: ChangedLines = field(default_factory=ChangedLines)


class RehearsedLoad(NamedTuple):
    """Whether a file can be loaded: why not (`refused`, None: it can), and how many messages that would plan."""

    refused: str | None = None
    told: int = 0


class LoadRehearsed(Exception):
    """Carries what a loading did out of its transaction, which is undone by it.

    `asked` are the conversations whose people may be told of changes.
    """

    def __init__(self, told: int, asked: Sequence[int]) -> None:
        super().__init__("rehearsed")
        self.told, self.asked = told, asked


def rehearsed(
    write: Callable[[Callable[[Connection], None]], object],
    program: ProgramFile,
    words: StoredTranslations | None,
    now: datetime,
) -> RehearsedLoad:
    """Load a program file in transactions that are undone, and return whether it can be; `write` runs one.

    `write` is `Database.write_now`, or anything else that lets out what is raised within the transaction. Who would be
    told of changes is found some a transaction, so that others write in between.
    """
    step = partial(rehearse, program=program, words=words, now=now)
    try:
        asked, told = _rehearsed(write, partial(step, among=())).asked, 0
        for first in range(0, len(asked), _AT_ONCE):
            told += _rehearsed(write, partial(step, among=asked[first : first + _AT_ONCE])).told
    except ProgramError as error:
        return RehearsedLoad(str(error), 0)
    return RehearsedLoad(None, told)


def _rehearsed(
    write: Callable[[Callable[[Connection], None]], object], step: Callable[[Connection], None]
) -> LoadRehearsed:
    try:
        write(step)
    except LoadRehearsed as done:
        return done
    raise AssertionError("a rehearsal raises")


def rehearse(
    connection: Connection,
    *,
    program: ProgramFile,
    words: StoredTranslations | None,
    now: datetime,
    among: Sequence[int],
) -> None:
    """Load a program file in a transaction that is to be undone: it always raises.

    Of the people who may be told of changes those are looked at whose conversations are `among` these.

    Raises:
        LoadRehearsed: it can be loaded.
        ProgramError: it cannot.
    """
    loaded = programs.load(connection, program, programs.program_hash(program, words), now, words)
    told = follow_ons.arm_changes(connection, loaded.program_id, now=now, among=among) if among else 0
    asked = () if among else follow_ons.asked_before_changes(connection, loaded.program_id)
    raise LoadRehearsed(told, asked)


def program_change(
    connection: Connection,
    program: ProgramFile,
    words: StoredTranslations | None,
    flows: Mapping[str, Flow],
    rehearsed: RehearsedLoad,
) -> FileChange:
    """Return what a program file with its translations would touch; `rehearsed` says whether it can be loaded.

    `flows` are the current scripts by name.
    """
    refused, told = rehearsed
    row = connection.execute(
        sa.select(PROGRAM.c.id, PROGRAM.c.hash).where(PROGRAM.c.slug == program.program)
    ).first()
    if row is None:
        return FileChange(program.program, is_new=True, refused=refused, told_of_changes=told)
    if row.hash == programs.program_hash(program, words):
        return FileChange(program.program, is_new=False, is_same=True, refused=refused)
    old = programs.program_words(connection, row.id)
    planned, moved = _waves(connection, row.id, old.program, program)
    return FileChange(
        program.program,
        is_new=False,
        refused=refused,
        settings=tuple(_settings(old.program, program)),
        parts=tuple(_parts(old.program, program)),
        waves_planned=planned,
        waves_moved=moved,
        told_of_changes=told,
        kept=_kept(connection, flows, CONVERSATION.c.program_id == row.id),
        languages=tuple(_languages(old, ProgramTranslations(program, words))),
        wordings=changed_lines.changed_lines(connection, row.id, old.program, program),
    )


def script_change(connection: Connection, flow: Flow) -> FileChange:
    """Return what a new version of a script would touch: talks that go on keep theirs."""
    known = connection.scalar(sa.select(sa.func.count()).where(FLOW_VERSION.c.flow == flow.flow))
    same = connection.scalar(sa.select(sa.func.count()).where(FLOW_VERSION.c.hash == flow.hash))
    kept = _kept(connection, {flow.flow: flow}, CONVERSATION.c.flow == flow.flow)
    return FileChange(flow.flow, is_new=not known, is_same=bool(same) and not kept, kept=kept)


def from_json(told: Mapping[str, Any]) -> FileChange:
    """Return what `dataclasses.asdict` made JSON of."""

    def parts(one: Mapping[str, Any]) -> ChangedParts:
        return ChangedParts(one["kind"], *(tuple(one[name]) for name in ("added", "removed", "changed")))

    return FileChange(
        **{
            **told,
            "settings": tuple(ChangedSetting(**one) for one in told["settings"]),
            "parts": tuple(map(parts, told["parts"])),
            "kept": tuple(KeptVersion(**one) for one in told["kept"]),
            "languages": tuple(ChangedLanguage(**one) for one in told["languages"]),
            "wordings": changed_lines.from_json(told["wordings"]),
        }
    )


def in_words(change: FileChange) -> Iterator[str]:
    """Yield what a file would touch in plain sentences, the gravest first."""
    if change.refused is not None:
        yield f"It cannot be loaded: {change.refused}."
    if change.is_new:
        yield f"{change.name} is new: nobody takes part in it yet."
    if change.is_same:
        yield "Nothing would change: this is what is loaded."
    for parts in change.parts:
        for verb, names in (
            ("come", parts.added),
            ("go", parts.removed),
            ("say something else", parts.changed),
        ):
            if names:
                yield f"{parts.kind.capitalize()} that {verb}: {', '.join(names)}."
    for one in change.settings:
        yield f"{one.key}: {_shown(one.before)} → {_shown(one.after)}."
    if change.waves_moved:
        waves = _number(change.waves_moved, "wave moves", "waves move")
        yield f"{waves} to another hour, as window or zone are others."
    if change.waves_planned and any(one.key == "schedule.waves" for one in change.settings):
        waves = _number(change.waves_planned, "planned wave keeps its day", "planned waves keep their days")
        yield f"{waves}: the new days are for what is promised from now on."
    for kept in change.kept:
        talks = _number(kept.conversations, "conversation keeps", "conversations keep")
        yield f"{talks} version {kept.version} of {kept.flow}."
    for language in change.languages:
        strings = _number(language.lost, "string", "strings")
        yield f"Translation {language.language} loses {strings}; it lacks {language.lacks} in all."
    if change.told_of_changes:
        messages = _number(change.told_of_changes, "message", "messages")
        yield f"{messages} would be planned to people about what was changed."


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _shown(value: Any) -> str:
    text = "nothing" if value in (None, [], {}) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _settings(old: ProgramFile, new: ProgramFile) -> Iterator[ChangedSetting]:
    """Yield the keys that say something else, those of one table each by itself."""
    before, after = _flat(old), _flat(new)
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield ChangedSetting(key, before.get(key), after.get(key))


def _flat(program: ProgramFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in program.model_dump(mode="json", by_alias=True).items():
        if key in _NOT_COMPARED:
            continue
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            found[key] = value
    return found


def _parts(old: ProgramFile, new: ProgramFile) -> Iterator[ChangedParts]:
    """Yield what comes and goes of activities, reviews, themes and changes."""
    for kind, before, after in (
        ("activities", _by(old.activities, "slug"), _by(new.activities, "slug")),
        ("reviews", _by(old.reviews, "slug"), _by(new.reviews, "slug")),
        ("themes", _by(old.themes, "code"), _by(new.themes, "code")),
        ("changes", _by(old.changes, "code"), _by(new.changes, "code")),
    ):
        both = before.keys() & after.keys()
        found = ChangedParts(
            kind,
            tuple(name for name in after if name not in before),
            tuple(name for name in before if name not in after),
            tuple(name for name in after if name in both and before[name] != after[name]),
        )
        if found.added or found.removed or found.changed:
            yield found


def _by(parts: tuple[Any, ...], key: str) -> dict[str, Any]:
    return {getattr(one, key): one for one in parts}


def _waves(connection: Connection, program_id: int, old: ProgramFile, new: ProgramFile) -> tuple[int, int]:
    """Return how many waves are planned, and how many of them would go at another moment."""
    rows = connection.execute(
        sa.select(FOLLOW_UP.c.due_at, PARTICIPANT.c.timezone)
        .join(PARTICIPANT, PARTICIPANT.c.id == FOLLOW_UP.c.participant_id)
        .where(FOLLOW_UP.c.program_id == program_id, FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED)
    ).all()
    same = (old.schedule.window, old.timezone) == (new.schedule.window, new.timezone)
    moved = 0 if same else sum(_goes_at(old, *row) != _goes_at(new, *row) for row in rows)
    return len(rows), moved


def _goes_at(program: ProgramFile, due_at: datetime, timezone: str | None) -> datetime:
    zone = local_time.known_zone(timezone, program.timezone)
    return local_time.next_in_window(due_at, program.schedule.window, zone)


def _kept(
    connection: Connection, flows: Mapping[str, Flow], of: sa.ColumnElement[bool]
) -> tuple[KeptVersion, ...]:
    """Return the talks that go on with a version of a script that is not the current one."""
    rows = connection.execute(
        sa.select(CONVERSATION.c.flow, CONVERSATION.c.flow_hash, sa.func.count())
        .where(of, UNFINISHED)
        .group_by(CONVERSATION.c.flow, CONVERSATION.c.flow_hash)
    ).all()
    found = []
    for name, version, count in rows:
        current = flows.get(name)
        if current is not None and current.hash != version:
            found.append(KeptVersion(name, _number_of(connection, name, version), count))
    return tuple(sorted(found, key=lambda one: (one.flow, one.version)))


def kept_versions(
    connection: Connection, flows: Mapping[str, Flow], program_id: int
) -> tuple[KeptVersion, ...]:
    """Return the talks of a program that go on with a version of a script that is not the current one of `flows`."""
    return _kept(connection, flows, CONVERSATION.c.program_id == program_id)


def _number_of(connection: Connection, flow: str, version: str) -> int:
    """Return which version of a script it is, counted from 1 in the order of first use."""
    hashes = connection.scalars(
        sa.select(FLOW_VERSION.c.hash)
        .where(FLOW_VERSION.c.flow == flow)
        .order_by(FLOW_VERSION.c.first_used_at, FLOW_VERSION.c.hash)
    ).all()
    return hashes.index(version) + 1 if version in hashes else 0


def _languages(old: ProgramTranslations, new: ProgramTranslations) -> Iterator[ChangedLanguage]:
    """Yield the languages in which something lacks a translation that had one, or that is new."""
    for language in old.languages:
        before = set(old.missing(language))
        if language not in new.languages:
            yield ChangedLanguage(language, len(old.entries) - len(before), len(new.entries))
            continue
        after = set(new.missing(language))
        lost = len(after - before)
        if lost:
            yield ChangedLanguage(language, lost, len(after))
