"""Copy a database that is in use, and check a database for damage and for states that must not be."""

import os
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.database.journal import copy_journal, journal_path
from storage.database.migrate import differences, examine, head
from storage.database.reading import connect_to_read
from storage.errors import BackupError, JournalUnreadable
from storage.private_files import make_private_file, make_private_folder

PAGES_PER_STEP = 1_000
"""How many pages are copied before the writer gets a turn; about 4 MB."""

INVARIANTS = {
    "an inbox row was passed over: a later one of its address is handled": """
        SELECT inbox.id FROM inbox
        WHERE inbox.handled_at IS NULL AND EXISTS (
            SELECT 1 FROM inbox AS later
            WHERE later.address_id = inbox.address_id AND later.seq > inbox.seq
            AND later.handled_at IS NOT NULL
        )""",
    "two answers of one question stand, neither superseded": """
        SELECT MAX(id) FROM answer WHERE superseded_at IS NULL
        GROUP BY conversation_id, slot HAVING COUNT(*) > 1""",
    "an answer belongs to no conversation": """
        SELECT answer.id FROM answer LEFT JOIN conversation ON conversation.id = answer.conversation_id
        WHERE conversation.id IS NULL""",
    "two wordings of one remark stand, neither superseded": """
        SELECT MAX(id) FROM remark WHERE superseded_at IS NULL
        GROUP BY conversation_id, number HAVING COUNT(*) > 1""",
    "a remark belongs to no conversation": """
        SELECT remark.id FROM remark LEFT JOIN conversation ON conversation.id = remark.conversation_id
        WHERE conversation.id IS NULL""",
    "two conversations of one person are open at once": """
        SELECT MAX(id) FROM conversation WHERE status IN ('open', 'paused')
        GROUP BY participant_id HAVING COUNT(*) > 1""",
    "a conversation has ended without an outcome, or has an outcome and is open": """
        SELECT id FROM conversation WHERE (status = 'ended') <> (outcome IS NOT NULL)""",
    "a conversation is open but has not begun": """
        SELECT id FROM conversation WHERE status IN ('open', 'paused') AND state = ''""",
    "a person who withdrew is still to be written to": """
        SELECT timer.id FROM timer JOIN participant ON participant.id = timer.participant_id
        WHERE timer.done_at IS NULL AND timer.kind <> 'erase' AND participant.status <> 'active'""",
    "an address gives out a place in its queue twice": """
        SELECT address.id FROM address JOIN inbox ON inbox.address_id = address.id
        GROUP BY address.id, address.next_seq HAVING MAX(inbox.seq) >= address.next_seq""",
}
"""What must never be found: what it would mean, and the query that looks for it (the numbers of rows)."""
_SHOWN = 5
_MISSING = re.compile(r"no such (table|column)\b")
"""What SQLite says of a table or a column that is not there, as in a database that was not migrated yet."""


def backup(database_path: Path, target: Path) -> Path:
    """Copy a database while it is in use. The copy appears under its name only when it is whole and checked.

    With it goes a copy of its journal, made later: it reaches back to the copy.

    Returns:
        The path of the copy.

    Raises:
        BackupError: there is something at `target`, or the copy cannot be made; nothing is left behind.
        NotADatabase, DatabaseTooNew, DatabaseCorrupt: there is no database of ours to copy.
    """
    if not database_path.is_file():
        raise BackupError(database_path, "there is no database", "name the file of your database")
    for file in (target, journal_path(target)):
        if file.exists():
            raise BackupError(file, "is there already", "name another file; a backup never overwrites")
    examine(database_path)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        make_private_folder(target.parent)
        make_private_file(draft)  # before a page is in it
        try:
            copy_pages(database_path, draft)
            _copy_journal(database_path, target)
            try:
                _settle(draft, target)
            except BaseException:
                journal_path(target).unlink(missing_ok=True)
                raise
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(target, f"the copy failed ({error})", "check the disk and the folder") from error
    _mark(database_path)
    return target


def last_backup(database_path: Path) -> datetime | None:
    """Return when a database was backed up last by `backup`; None where that is not known."""
    try:
        return datetime.fromtimestamp(_mark_of(database_path).stat().st_mtime, UTC)
    except OSError:
        return None


def _mark(database_path: Path) -> None:
    """Keep that a copy was made now, by the time of an empty file beside the database."""
    with suppress(OSError):  # the copy is whole; that it was made is told where it can be
        mark = _mark_of(database_path)
        mark.unlink(missing_ok=True)
        make_private_file(mark)


def _mark_of(database_path: Path) -> Path:
    return database_path.with_name(f"{database_path.name}.backed-up")


def check(path: Path, told: Callable[[str], None] = lambda _what: None) -> list[str]:
    """Return what is wrong with a database, a sentence each: damage, broken references, states that must not be.

    An empty list is a good one. The database may be in use, or of an earlier schema: what is not in that one is not
    looked for. `told` is told what is looked at next. The pages are read in a thread beside the rest.

    Raises:
        NotADatabase, DatabaseTooNew, DatabaseCorrupt: it cannot be opened at all.
    """
    is_earlier = examine(path) != head()
    pages, rows = connect_to_read(path), connect_to_read(path)
    with closing(pages), closing(rows), ThreadPoolExecutor(1) as beside:
        damage = beside.submit(_findings, lambda: _damage(pages))
        try:
            broken = _findings(lambda: _broken_states(path, rows, told, is_earlier=is_earlier))
            told("every page of the file")
            return damage.result() or broken
        except BaseException:
            pages.interrupt()  # it is not waited for
            raise


def _findings(look: Callable[[], list[str]]) -> list[str]:
    """Return what a look at the database finds; that the file is damaged, where that ends it."""
    try:
        return look()
    except sqlite3.DatabaseError as error:
        return [f"the file is damaged: {error}"]


def _damage(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the pages of the file."""
    damage = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    return [] if damage == ["ok"] else damage


def _broken_states(
    path: Path, connection: sqlite3.Connection, told: Callable[[str], None], *, is_earlier: bool
) -> list[str]:
    """Return what is wrong with the schema, else the broken references and invariants.

    Of an earlier schema those that are about its tables.
    """
    if not is_earlier:
        told("every table and column")
        changed = [f"the schema is not this version's: {_told(one)}" for one in differences(path)]
        if changed:
            return changed  # what is looked for below is in tables that need not be there
    told("every reference to another row")
    problems = [
        f"{table} row {row}: refers to a row of {parent} that is not there"
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check")
    ]
    for meaning, query in INVARIANTS.items():
        told(f"whether {meaning}")
        try:
            found = [row[0] for row in connection.execute(query)]
        except sqlite3.OperationalError as error:
            if is_earlier and _MISSING.match(str(error)):
                continue
            raise
        if found:
            shown = ", ".join(str(number) for number in found[:_SHOWN])
            problems.append(f"{meaning}: {len(found)} found, rows {shown}")
    return problems


_MISSED = {
    "add": "is missing",
    "remove": "should not be there",
    "modify": "is another one",
    "change": "is another one",
}
"""What a change that Alembic would make says of the database."""


def _told(change: Any) -> str:
    """Put one change that Alembic would make to a database into words, as `column answer.raw is missing`."""
    kind, *what = change[0] if isinstance(change, list) else change
    verb, _, thing = kind.partition("_")
    if verb == "modify":
        _, table, column, *_rest = what
        return f"{thing} of {table}.{column} {_MISSED[verb]}"
    of = getattr(what[-1], "table", None)
    name = what[-1].name if thing == "table" or of is None else f"{of.name}.{what[-1].name}"
    return f"{thing} {name} {_MISSED.get(verb, verb)}"


def copy_pages(database_path: Path, draft: Path) -> None:
    """Copy the pages of a database to a draft, and check the copy."""
    with closing(connect_to_read(database_path)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy, pages=PAGES_PER_STEP, sleep=0)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
        copy.execute("PRAGMA user_version=0")  # the mark of no run: see `storage.database.open_file`
        problems = [str(row[0]) for row in copy.execute("PRAGMA integrity_check")]
    if problems != ["ok"]:
        raise BackupError(draft, f"the copy is damaged ({problems[0]})", "run `said db check`")


def _copy_journal(database_path: Path, target: Path) -> None:
    """Copy the journal of a database, if there is one, to beside the copy."""
    with suppress(JournalUnreadable):
        copy_journal(journal_path(database_path), journal_path(target))


def _settle(draft: Path, target: Path) -> None:
    """Give the copy its name once it is on the disk; never over another file."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, target)
    except FileExistsError as error:
        raise BackupError(
            target, "is there already", "name another file; a backup never overwrites"
        ) from error
