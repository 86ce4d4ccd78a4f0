"""Keep programs: the file that a coordinator wrote, put into rows. Loading a file again keeps every id."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from flows.heavy_packages import load as load_by_name
from flows.schedule import business_days
from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import TupleQuery
from storage.errors import StorageError
from storage.schema import (
    ACTIVITY,
    CODEBOOK,
    CODING,
    COMMITMENT,
    CONVERSATION,
    ENROLLMENT,
    INVITATION,
    OBJECTIVE,
    PROGRAM,
    THEME,
    AuditKind,
    JournalKind,
    ProgramClose,
)

if TYPE_CHECKING:
    from flows.i18n.localized_program import ProgramTranslations, StoredTranslations
    from flows.program.model import ProgramFile

_USERS_OF_ACTIVITY = (ENROLLMENT, INVITATION, CONVERSATION, COMMITMENT)

_SEEN = "said: programs seen in this transaction"
_VERSIONS = TupleQuery(sa.select(PROGRAM.c.id, PROGRAM.c.hash))
_HASH = TupleQuery(sa.select(PROGRAM.c.hash).where(PROGRAM.c.id == sa.bindparam("program")))
_PAUSED = TupleQuery(
    sa.select(PROGRAM.c.paused_at, PROGRAM.c.at_close).where(PROGRAM.c.id == sa.bindparam("program"))
)


class ProgramError(StorageError):
    """A program cannot be used or changed as asked. The message says what to do; nothing has changed."""


@dataclass(frozen=True, slots=True)
class ProgramLoadResult:
    """What loading a program file did. `changed` is False when exactly this file was loaded before.

    `activities`, `themes` and `objectives` are how many of each the file has.
    """

    program_id: int
    slug: str
    created: bool
    changed: bool
    activities: int
    themes: int
    objectives: int


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program that was loaded: its number, short name and title, and when its file was loaded last.

    `paused_at` is when it was paused; None where it goes on. `closed_at` and `archived_at` are when it was closed and
    put away; None where it is open, and not put away.
    """

    id: int
    slug: str
    title: str
    loaded_at: datetime
    paused_at: datetime | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None


def program_hash(program: "ProgramFile", translations: "StoredTranslations | None" = None) -> str:
    """Return the hash that names a version of a program file with its translations: SHA-256, in hex.

    Comments and layout do not count, nor does an order of channels where none is given.
    """
    left_out = None if program.schedule.channels else {"schedule": {"channels"}}
    text = program.model_dump_json(by_alias=True, exclude=left_out)
    more = json.dumps(translations, sort_keys=True) if translations else ""
    return hashlib.sha256((text + more).encode()).hexdigest()


def load(
    connection: Connection,
    program: "ProgramFile",
    source_hash: str,
    now: datetime,
    translations: "StoredTranslations | None" = None,
) -> ProgramLoadResult:
    """Insert or update a program with its activities, themes and objectives, and return what that did.

    `source_hash` names this version of the file and of its translations (`program_hash`). A change is audited.

    Raises:
        ProgramError: an activity or theme that is in use would be removed, or the program has ended.
    """
    connection.info.pop(_SEEN, None)
    before = connection.execute(
        sa.select(PROGRAM.c.id, PROGRAM.c.hash).where(PROGRAM.c.slug == program.program)
    ).first()
    if before is not None and _has_ended(connection, int(before.id)):
        raise ProgramError(f"programme {program.program!r} is closed; give the new one another name")
    values = {
        "title": program.title,
        "settings": program.model_dump(mode="json", by_alias=True),
        "translations": translations or None,
        "hash": source_hash,
        "loaded_at": now,
    }
    if before is None:
        program_id = _insert(connection, PROGRAM, {"slug": program.program, **values})
    else:
        program_id = int(before.id)
        connection.execute(PROGRAM.update().where(PROGRAM.c.id == program_id).values(values))
    _put_activities(connection, program_id, program)
    _put_themes(connection, program_id, program)
    changed = before is None or before.hash != source_hash
    if changed:
        what = {"program": program.program, "version": source_hash}
        audit.append(connection, [audit.AuditEntry(now, AuditKind.SETTINGS, None, what)])
    return ProgramLoadResult(
        program_id=program_id,
        slug=program.program,
        created=before is None,
        changed=changed,
        activities=len(program.activities),
        themes=len(program.themes),
        objectives=sum(len(activity.objectives) for activity in program.activities),
    )


def _has_ended(connection: Connection, program_id: int) -> bool:
    """Return whether a program was closed at once, or put away: it is only read from then on."""
    query = sa.select(PROGRAM.c.archived_at).where(PROGRAM.c.id == program_id)
    return how_closed(connection, program_id) is ProgramClose.END or connection.scalar(query) is not None


def program_file(connection: Connection, program_id: int) -> "ProgramFile":
    """Return the file of a program as it was loaded last. It is parsed once per version of the file.

    Raises:
        ProgramError: there is no program of that id.
    """
    return program_words(connection, program_id).program


def program_words(connection: Connection, program_id: int) -> "ProgramTranslations":
    """Return the file of a program with its translations, as loaded last. It is parsed once per version.

    Raises:
        ProgramError: there is no program of that id.
    """
    seen = _seen_within(connection)
    if program_id not in seen:
        found = _HASH.run(connection, program=program_id)
        if not found:
            raise ProgramError(f"there is no programme number {program_id}; see `said program list`")
        seen[program_id] = _parsed.get(str(found[0][0]), program_id, connection)
    return seen[program_id]


def warm(connection: Connection) -> None:
    """Parse the programs' files, as loaded last, that are not parsed yet: a tenth of a second for each.

    To be called with a connection that reads, so that nobody who writes has to do it.
    """
    versions = [(program_id, str(key)) for program_id, key in _VERSIONS.run(connection)]
    _parsed.make_room(len(versions))
    for program_id, key in versions:
        _parsed.get(key, program_id, connection)


def warm_calendars(connection: Connection) -> None:
    """Load the holidays that safety reports of the programs are due by, which takes a tenth of a second."""
    for program_id, _ in _VERSIONS.run(connection):
        calendar = program_file(connection, int(program_id)).business_calendar
        if calendar is not None:
            business_days.warm(calendar.country, calendar.subdivision)


def _seen_within(connection: Connection) -> "dict[int, ProgramTranslations]":
    """Return the programs that were looked up in this transaction, so that a batch of turns asks once.

    Another process may load a program between two transactions; `load` forgets what was seen in its own.
    """
    within = connection.get_nested_transaction() or connection.get_transaction()
    known: tuple[object, dict[int, ProgramTranslations]] | None = connection.info.get(_SEEN)
    if known is not None and known[0] is within:
        return known[1]
    seen: dict[int, ProgramTranslations] = {}
    if within is not None:
        connection.info[_SEEN] = within, seen
    return seen


def paused(connection: Connection, program_id: int) -> bool:
    """Return whether an operator has stopped all that goes out of our own accord in a program."""
    return standing(connection, program_id)["program_paused"]


def standing(connection: Connection, program_id: int) -> dict[str, bool]:
    """Return how a program stands, as fields of a `ContactSituation`: `program_paused`, and `program_closed`.

    One that was closed so that what people agreed to goes on does not count as closed here.
    """
    rows = _PAUSED.run(connection, program=program_id)
    paused_at, at_close = rows[0] if rows else (None, None)
    return {"program_paused": paused_at is not None, "program_closed": at_close == ProgramClose.END}


def how_closed(connection: Connection, program_id: int) -> ProgramClose | None:
    """Return what became of what people were promised when a program was closed; None where it is open."""
    rows = _PAUSED.run(connection, program=program_id)
    return rows[0][1] if rows else None


def pause(connection: Connection, program_id: int, now: datetime) -> None:
    """Stop all that goes out of our own accord in a program from now on."""
    connection.execute(PROGRAM.update().where(PROGRAM.c.id == program_id).values(paused_at=now))
    note(connection, JournalNote(JournalKind.PROGRAM_PAUSED, now, program_id=program_id))


def resume(connection: Connection, program_id: int, now: datetime) -> None:
    """Let all that goes out of our own accord in a program go on."""
    connection.execute(PROGRAM.update().where(PROGRAM.c.id == program_id).values(paused_at=None))
    note(connection, JournalNote(JournalKind.PROGRAM_RESUMED, now, program_id=program_id))


def find(connection: Connection, slug: str) -> ProgramRow | None:
    """Return the program of that short name; None if it was never loaded."""
    found = connection.execute(_select_rows().where(PROGRAM.c.slug == slug)).first()
    return None if found is None else ProgramRow(*found)


def list_all(connection: Connection) -> tuple[ProgramRow, ...]:
    """Return every program, by short name."""
    return tuple(ProgramRow(*row) for row in connection.execute(_select_rows().order_by(PROGRAM.c.slug)))


def activity_id(connection: Connection, program_id: int, slug: str) -> int | None:
    """Return the number of a program's activity; None if the program has none of that short name."""
    found = connection.scalar(
        sa.select(ACTIVITY.c.id).where(ACTIVITY.c.program_id == program_id, ACTIVITY.c.slug == slug)
    )
    return None if found is None else int(found)


def _select_rows() -> sa.Select[Any]:
    """Select what a `ProgramRow` holds."""
    return sa.select(
        PROGRAM.c.id,
        PROGRAM.c.slug,
        PROGRAM.c.title,
        PROGRAM.c.loaded_at,
        PROGRAM.c.paused_at,
        PROGRAM.c.closed_at,
        PROGRAM.c.archived_at,
    )


class _Parsed:
    """Parsed program files by hash, at most 64 of them, or twice as many as there are programs.

    A hash never means another file.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._files: dict[str, ProgramTranslations] = {}
        self._most = 64

    def make_room(self, number: int) -> None:
        """Have room for the files of so many programs."""
        self._most = max(self._most, 2 * number)

    def get(self, key: str, program_id: int, connection: Connection) -> "ProgramTranslations":
        """Return the file with the hash `key`; read it from the program's row if it is not here."""
        if key not in self._files:
            columns = sa.select(PROGRAM.c.settings, PROGRAM.c.translations)
            settings, translations = connection.execute(columns.where(PROGRAM.c.id == program_id)).one()
            if len(self._files) >= self._most:
                self._files.clear()
            program = load_by_name("flows.program.model").kept_program(settings)
            words = load_by_name("flows.i18n.localized_program")
            self._files[key] = words.ProgramTranslations(program, translations)
        return self._files[key]


_parsed = _Parsed()


def _put_activities(connection: Connection, program_id: int, program: "ProgramFile") -> None:
    """Insert, update and remove the activities of a program, and their objectives."""
    wanted = {
        activity.slug: {"title": activity.title, "held_on": activity.held_on}
        for activity in program.activities
    }
    # What is reviewed is kept beside the events, so that a conversation is about one or the other in the same way.
    wanted |= {review.slug: {"title": review.title, "held_on": None} for review in program.reviews}
    gone = _merge(connection, ACTIVITY, {"program_id": program_id}, "slug", wanted)
    for slug, row_id in gone.items():
        _refuse_if_used(connection, row_id, slug)
        connection.execute(OBJECTIVE.delete().where(OBJECTIVE.c.activity_id == row_id))
        connection.execute(ACTIVITY.delete().where(ACTIVITY.c.id == row_id))
    for activity in program.activities:
        owner = {"activity_id": activity_id(connection, program_id, activity.slug)}
        objectives = {one.code: {"text": one.text, "theme": one.theme} for one in activity.objectives}
        removed = _merge(connection, OBJECTIVE, owner, "code", objectives)
        _delete(connection, OBJECTIVE, removed.values())


def _put_themes(connection: Connection, program_id: int, program: "ProgramFile") -> None:
    """Insert, update and remove the themes of a program; those that a codebook of it has stay."""
    wanted = {theme.code: {"label": theme.label} for theme in program.themes}
    gone = _merge(connection, THEME, {"program_id": program_id}, "code", wanted)
    books = connection.scalars(sa.select(CODEBOOK.c.content).where(CODEBOOK.c.program_id == program_id))
    in_books = {one["code"] for book in books for one in book["codes"]}
    gone = {code: row_id for code, row_id in gone.items() if code not in in_books}
    coding = CODING
    for code, row_id in gone.items():
        if connection.scalar(sa.select(coding.c.id).where(coding.c.theme_id == row_id).limit(1)) is not None:
            raise ProgramError(
                f"theme {code!r} has been given to excerpts; keep it in the file (its label may change)"
            )
    _delete(connection, THEME, gone.values())


def _refuse_if_used(connection: Connection, row_id: int, slug: str) -> None:
    """Raise ProgramError if any row refers to an activity."""
    for table in _USERS_OF_ACTIVITY:
        if connection.scalar(sa.select(table.c.id).where(table.c.activity_id == row_id).limit(1)) is not None:
            raise ProgramError(
                f"activity {slug!r} has {table.name} rows and cannot be removed; put it back in the file"
                " (its title may change), or give the new programme another name"
            )


def _merge(
    connection: Connection,
    table: Table,
    owner: Mapping[str, Any],
    key: str,
    wanted: Mapping[str, Mapping[str, Any]],
) -> dict[str, int]:
    """Update and insert the wanted rows of an owner by their key; return the keys and numbers of those not wanted."""
    mine = sa.and_(*(table.c[name] == value for name, value in owner.items()))
    known = {
        str(row[0]): int(row[1])
        for row in connection.execute(sa.select(table.c[key], table.c.id).where(mine))
    }
    for code, values in wanted.items():
        if code in known:
            connection.execute(table.update().where(table.c.id == known[code]).values(**values))
        else:
            _insert(connection, table, {**owner, key: code, **values})
    return {code: row_id for code, row_id in known.items() if code not in wanted}


def _insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row, and return its number."""
    key: Sequence[Any] | None = connection.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _delete(connection: Connection, table: Table, ids: Iterable[int]) -> None:
    """Delete rows by their numbers."""
    connection.execute(table.delete().where(table.c.id.in_(list(ids))))
