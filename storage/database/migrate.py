"""Bring a database file to this program's schema at start, whole or not at all.

SQLite drops the children of a table that is rebuilt while foreign keys are on, and the switch does nothing
inside a transaction: so migrations have a connection of their own with foreign keys off, and every reference
is checked before the commit. A file is first looked at without a lock or a journal: refusing it changes
nothing.
"""

import argparse
import logging
import os
import re
import sqlite3
import tempfile
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from flows.heavy_packages import load
from storage.database.reading import look_at
from storage.errors import DatabaseCorrupt, DatabaseTooNew, DatabaseUnwritable, NotADatabase
from storage.private_files import make_private_file, make_private_folder
from storage.schema import METADATA, view_statements

FOLDER = Path(__file__).parents[1] / "migrations"
OPTIONS: dict[str, Any] = {"render_as_batch": True, "transactional_ddl": True, "compare_type": True}
"""How migrations are run, and models compared with a database."""

_REVISION = re.compile(r"^revision\b[^=\n]*= ['\"](\w+)", re.MULTILINE)
_FOLLOWS = re.compile(r"^down_revision\b[^=\n]*= ['\"](\w+)", re.MULTILINE)
_HEADER = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_WAIT_MS = 30_000
_LOOK_EVERY = 1_000_000
"""SQLite's steps between two looks at the clock: some hundredths of a second."""
_TELL_AFTER = 3
_TELL_EVERY = 10
"""Seconds of work until it is told of, and from then on."""
_ITS_VIEWS = "SELECT name, sql FROM sqlite_master WHERE type = 'view'"
_log = logging.getLogger(__name__)


def prepare(path: Path) -> None:
    """Make the database if there is none, else bring it to this program's schema.

    A file that has this schema already is not written to.

    Raises:
        DatabaseTooNew, NotADatabase, DatabaseCorrupt, DatabaseUnwritable: nothing was changed.
    """
    examine_place(path)
    revision = None
    if not path.exists():
        _make(path)
        return
    if path.stat().st_size:
        revision = examine(path)
    if revision != head():
        upgrade(path)


def _make(path: Path) -> None:
    """Make a database under another name and give it its own once it is whole: no start finds half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    make_private_file(draft)  # as its journal then is, too
    try:
        upgrade(draft)
        with suppress(FileExistsError):  # somebody else was quicker
            os.link(draft, path)
    finally:
        for file in path.parent.glob(f"{draft.name}*"):
            file.unlink()


def head() -> str:
    """Return the newest revision of the schema that this program knows, such as `0012`.

    Raises:
        LookupError: the migrations are not installed.
    """
    newest, _ = _known(FOLDER)
    if newest is None:
        raise LookupError(f"there are no migrations in {FOLDER / 'versions'}; install the program again")
    return newest


@cache
def _known(folder: Path) -> tuple[str | None, frozenset[str]]:
    """Return the newest revision in a folder, and all of them: what each file says of itself, in a line of its own.

    Alembic would import itself and run every migration for it, at each start.
    """
    texts = [file.read_text("utf-8") for file in (folder / "versions").glob("*.py")]
    revisions = frozenset(found[1] for text in texts if (found := _REVISION.search(text)))
    followed = {found[1] for text in texts if (found := _FOLLOWS.search(text))}
    return max(revisions - followed, default=None), revisions


def examine(path: Path) -> str:
    """Return the revision of the schema that a database file has, without changing the file.

    Raises:
        DatabaseTooNew: the revision is not one of ours.
        NotADatabase: it is no database, or one of another program.
        DatabaseCorrupt: it cannot be read.
    """
    _examine_header(path)
    try:
        with closing(look_at(path)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        raise NotADatabase(path, "is a database of another program", "name another file") from error
    except sqlite3.DatabaseError as error:
        raise DatabaseCorrupt(path, str(error)) from error
    if len(rows) != 1:
        raise DatabaseCorrupt(path, "it does not say its version")
    revision = str(rows[0][0])
    if revision not in _known(FOLDER)[1]:
        raise DatabaseTooNew(path, revision)
    return revision


def upgrade(path: Path, to: str = "head") -> None:
    """Run the migrations that a database misses in one transaction, and check every reference at the end.

    `to` is the revision to bring it to, such as `0002`.

    Raises:
        DatabaseCorrupt: a reference leads nowhere; nothing has changed.
    """
    engine = _engine(path)
    with engine.begin() as connection:
        _tell_of_long_work(connection, head() if to == "head" else to)
        config = _config()
        config.attributes["connection"] = connection
        load("alembic.command").upgrade(config, to)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseCorrupt(
                path, f"{len(broken)} rows refer to rows that are not there, first in {broken[0][0]}"
            )
    engine.dispose()


def _tell_of_long_work(connection: sa.Connection, to: str) -> None:
    """Have a warning logged after some seconds of work on a connection, and again: it is heard without any set-up."""
    start = told = monotonic()

    def look() -> None:
        nonlocal told
        now = monotonic()
        if now - told >= (_TELL_AFTER if told == start else _TELL_EVERY):
            told = now
            _log.warning("the database is brought to schema %s: %d s so far", to, now - start)

    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(look, _LOOK_EVERY)


def differences(path: Path) -> list[Any]:
    """Return how a database differs from the row classes, as Alembic's list of changes; empty when they agree.

    The file is read, and not changed.
    """
    engine = sa.create_engine("sqlite://", creator=lambda: look_at(path), poolclass=NullPool)
    with engine.connect() as connection:
        context = load("alembic.migration").MigrationContext.configure(connection, opts=OPTIONS)
        found: list[Any] = load("alembic.autogenerate").compare_metadata(context, METADATA)
        kept = {str(name): str(made) for name, made in connection.exec_driver_sql(_ITS_VIEWS)}
    engine.dispose()
    made = view_statements()
    found += [("add_view", sa.table(name)) for name in made.keys() - kept.keys()]
    found += [
        ("change_view", sa.table(name)) for name in made.keys() & kept.keys() if made[name] != kept[name]
    ]
    return found


def drop_views(connection: sa.Connection) -> None:
    """Drop the views of this program: a table that a view reads cannot be made anew."""
    for name in view_statements():
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def make_views(connection: sa.Connection) -> None:
    """Make the views of this program, in a database that has its newest schema."""
    for statement in view_statements().values():
        connection.exec_driver_sql(statement)


def make_revision(message: str) -> None:
    """Write a migration file from what the row classes have beyond the newest migration, to be read before it is kept.

    `message` says in a few words what it does, and is part of the file's name.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.sqlite"
        engine = _engine(path)
        config = _config()
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            load("alembic.command").upgrade(config, "head")
        scripts = load("alembic.script").ScriptDirectory.from_config(config)
        number = len(list(scripts.walk_revisions())) + 1
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            script = load("alembic.command").revision(
                config, message, autogenerate=True, rev_id=f"{number:04d}"
            )
        engine.dispose()
    if not isinstance(script, load("alembic.script").Script):
        raise TypeError("Alembic made no revision; are the models the same as the newest migration?")
    written = Path(script.path)
    lines = written.read_text("utf-8").splitlines(keepends=True)
    written.write_text(
        "".join(
            line for line in lines if "commands auto generated" not in line and "end Alembic" not in line
        ),
        "utf-8",
    )


def _config() -> Any:
    """Return Alembic's configuration for our folder of migrations."""
    config = load("alembic.config").Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _engine(path: Path) -> sa.Engine:
    """Make an engine for migrations: foreign keys off, transactions that write from their beginning."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=os.fspath(path)), poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def _connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=OFF",
            f"busy_timeout={_WAIT_MS}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _began(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def examine_place(path: Path) -> None:
    """Make the folder of the database, and check that both may be written to.

    Raises:
        NotADatabase: the path is a folder.
        DatabaseUnwritable: the folder cannot be made, or one of them may not be written to.
    """
    if path.is_dir():
        raise NotADatabase(path, "is a folder", "name a file in it")
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise DatabaseUnwritable(
            path, f"its folder cannot be made ({error.strerror})", "name another place"
        ) from error
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.R_OK | os.W_OK):
            raise DatabaseUnwritable(place, "may not be written to", "give this user the right to it")


def _examine_header(path: Path) -> None:
    """Check the header of a file and its length before SQLite opens it: it would make a journal beside it first.

    Raises:
        NotADatabase: the file is of another program.
        DatabaseCorrupt: the file is cut off.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if not header.startswith(_HEADER):
        raise NotADatabase(path, "is not a database", "name another file")
    page_size = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    expected = pages * (65_536 if page_size == 1 else page_size)
    size = path.stat().st_size
    journal = path.with_name(f"{path.name}-wal")
    if len(header) < _HEADER_BYTES or (size < expected and not journal.exists()):
        raise DatabaseCorrupt(path, f"it is cut off: {size} bytes of {expected}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a migration from what has changed in storage/schema.")
    parser.add_argument("message", help="what the migration does, in a few words")
    make_revision(parser.parse_args().message)
