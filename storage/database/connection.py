"""Open one SQLite file: one writer thread, reads beside it, every write in one BEGIN IMMEDIATE transaction.

Synchronous SQLAlchemy Core in a thread of its own: with a single writer an asynchronous driver costs twice as
much and buys nothing (docs/why/one-writer-thread.md). Durability first: WAL with `synchronous=FULL`, so that
what was acknowledged is there after a power cut.
"""

import asyncio
import secrets
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Self, TypeVar

import sqlalchemy as sa

from storage.database import engines, table_statistics
from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import clear_notes
from storage.database.journal_keeper import is_in_order, keep_notes, put_in_order
from storage.database.key_check import identity_for, keep_proof, known_identity
from storage.database.migrate import prepare
from storage.database.open_file import MARK_BITS, OpenFile, rescue
from storage.database.statements import savepoint, translated
from storage.errors import DatabaseError, DatabaseLost, DatabaseUnwritable

T = TypeVar("T")
Work = Callable[[sa.Connection], T]

BUSY_TIMEOUT_MS = 5_000
READERS = 4
GATHERED_AT_MOST = 1_000
"""Writes of a rehearsal in one commit."""
_URL_PREFIX = "sqlite:///"
_AFTER_COMMIT = "said: after commit"
_EMPTY_LOG = "said: empty the log"
_LOG_WAIT_MS = 100
"""How long the writer waits for readers before it empties the log."""
_LOG_AGAIN_SECONDS = 1.0
"""How soon it tries again where one of them goes on reading."""


class Database:
    """A database that is open: one writer thread, and readers beside it.

    Made by `Database.open`; use it as a context manager, or `close` it.
    """

    def __init__(
        self,
        path: Path,
        identity: AddressKeys,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        durable: bool = True,
        threads: bool = True,
    ) -> None:
        """Connect to a file whose schema is up to date already; `Database.open` sees to that."""
        self.path = path
        self.identity = identity
        self._wait = f"PRAGMA busy_timeout={busy_timeout_ms}"
        self._write_engine = engines.write_engine(path, self._wait, durable=durable)
        self._read_engine = engines.read_engine(path, self._wait, connections=READERS)
        self._write_connection: sa.Connection | None = None
        """Kept between transactions: to take it from the pool anew costs as much as a short statement."""
        self._gathered: int | None = None
        """The writes of the open transaction that gathers many; None where each has its own."""
        self._durable = durable
        self._file = OpenFile(path) if durable else None
        self.lost: Future[None] = Future()
        """Ends by `DatabaseLost` once the file was found to be another one."""
        self._log_due: float | None = None
        """When the log is to be emptied, by the monotonic clock, as something was erased; None where nothing was."""
        self._rewrite_at_close = False
        self._keeps_journal = False
        self._threads = threads
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="said-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="said-reader")
        self._writer_ident = self._writer.submit(threading.get_ident).result()

    @classmethod
    def open(
        cls,
        url_or_path: str | Path,
        *,
        identity: AddressKeys | None = None,
        key_file: Path | None = None,
        durable: bool = True,
        threads: bool = True,
    ) -> Self:
        """Open a database; make it, or bring it up to this program's schema, first.

        `identity` None takes SAID_KEY, or `key_file`, by default the one beside the database; made with a new database.
        `durable` False waits for no disk: for a rehearsal, whose file a power cut may spoil.
        `threads` False does all work in the caller's thread and on one connection: for a rehearsal too, in which
        one thing happens after another, so that going to the writer and back would cost more than most of what it
        does. Nothing keeps what reads from writing there.

        Raises:
            DatabaseTooNew, NotADatabase, DatabaseCorrupt, DatabaseUnwritable, DatabaseBusy: nothing changed.
            KeyUnreadable, KeyWrong, KeyNotConfirmed: the identity key cannot be used, or is not that of this database.
        """
        path = database_path(url_or_path)
        with translated(path):
            identity = identity_for(path, key_file, identity)
            prepare(path)
        database = cls(path, identity, durable=durable, threads=threads)
        try:
            database.identity, is_proven = database.read_now(partial(known_identity, identity=identity))
            with suppress(DatabaseUnwritable):  # both have time until something can be written
                if not is_proven:
                    database.write_now(partial(keep_proof, identity=identity))
                database._keep_journal()
        except BaseException:
            database.close()
            raise
        return database

    async def write(self, work: Work[T]) -> T:
        """Run `work` with a connection in the writer thread, in one transaction, and return what it returns.

        What it wrote is durable on return, and undone on an error. Where the caller is cancelled it goes on.

        Raises:
            DatabaseLost: the file is not the one at its path any more; nothing that was to be written may be relied on.
        """
        return await asyncio.wrap_future(self._submit(work)) if self._threads else self.write_now(work)

    def write_now(self, work: Work[T]) -> T:
        """Run `work` in one transaction of the writer thread, and block until it is done; return what it returns.

        It is `write` for a caller without an event loop.
        """
        return self._submit(work).result() if self._threads else self._writing(work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` with a read connection in a thread beside the writer, and return what it returns.

        All that it reads is of one snapshot; it cannot write.
        """
        if not self._threads:
            return self._reading(work)
        return await asyncio.wrap_future(self._readers.submit(self._reading, work))

    def read_now(self, work: Work[T]) -> T:
        """Run `work` with a read connection in the caller's thread, and return what it returns.

        It is `read` for a caller without an event loop.
        """
        return self._reading(work)

    def confirm(self) -> None:
        """Look whether the open file and its log are those at the path.

        Raises:
            DatabaseLost: they are not.
        """
        if self._file is None:
            return
        problem = self._file.problem()
        if problem is not None:
            lost = DatabaseLost(self.path, problem, self._file.rescue_path)
            if not self.lost.done():
                self.lost.set_exception(lost)
            raise lost

    def mark_run(self, descriptor: int) -> None:
        """Write a number of this run into the file's header, so that a copy that is put over it is noticed.

        `descriptor` is of the file, and stays open until the database is closed.
        """
        mark = secrets.randbits(MARK_BITS)
        self.write_now(lambda connection: connection.exec_driver_sql(f"PRAGMA user_version={mark}"))
        self.empty_log()
        if self._file is not None:
            self._file.hold(descriptor, mark)

    def empty_log(self) -> None:
        """Move all of the write-ahead log into the file, and leave it empty: old words stand in it, too.

        Waits for whoever reads, for some seconds; where somebody reads on, it is emptied after a later write.
        """
        if self._threads:
            self._writer.submit(self._emptying).result()
        else:
            self._emptying()

    async def empty_due_log(self) -> None:
        """Empty the write-ahead log where somebody read on as something was erased; also where nobody writes now."""
        if self._log_due is None:
            return
        if self._threads:
            await asyncio.wrap_future(self._writer.submit(self._emptying, _LOG_WAIT_MS))
        else:
            self._emptying(_LOG_WAIT_MS)

    async def rewrite(self) -> None:
        """Write the whole file anew, so that no byte of what was deleted is left in a page; writers wait meanwhile.

        A file that is not durable is written anew once, when it is closed: a rehearsal would do it each night.
        """
        if not self._durable:
            self._rewrite_at_close = True
        elif self._threads:
            await asyncio.wrap_future(self._writer.submit(self._rewriting))
        else:
            self._rewriting()

    async def keep_statistics(self) -> int:
        """Have SQLite look at the tables that have outgrown what it knows of them; return how many.

        One table a transaction, some milliseconds each: turns come between.
        """
        outgrown = await self.read(table_statistics.outgrown)
        for table in outgrown:
            await self.write(partial(table_statistics.look_at, table=table))
        if outgrown:
            self._let_reader_go()  # a connection reads what is known when it is opened
        return len(outgrown)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a read connection on one snapshot, for as long as the block lasts: for an export."""
        with self._translated(), self._read_engine.begin() as connection:
            yield connection

    @contextmanager
    def reading_apart(self) -> Iterator[sa.Connection]:
        """Yield a read connection of its own, on one snapshot; what is set up on it goes with it after the block."""
        engine = engines.read_engine(self.path, self._wait, connections=1)
        try:
            with self._translated(), engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn SQLite's errors into ours; what comes of a file that was taken away is told as that."""
        with translated(self.path):
            try:
                yield
            except (sa.exc.DBAPIError, sqlite3.Error):
                self.confirm()
                raise

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Commit what is written in the block some thousand writes at a time; what was written is kept on an error too.

        For a rehearsal, on a database without threads: its transactions are many and short, and nobody waits for
        them. Each write is still undone by itself if it fails. Other connections see it once it is committed.
        """
        assert not self._threads
        self._gathered = 0
        try:
            yield
        finally:
            self._gathered = None
            self._let_go()

    def close(self) -> None:
        """Wait until all work that was handed in is done, and close the file."""
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self.lost.done() and self._file is not None and not self._file.rescue_path.exists():
            self._let_go()
            with closing(self._write_engine.raw_connection()) as raw:
                rescue(raw.driver_connection, self._file.rescue_path)
        elif self._rewrite_at_close:
            self._rewriting()
        self._let_go()
        self._let_reader_go()
        self._write_engine.dispose()

    def __enter__(self) -> Self:
        """Return the database itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()

    def _submit(self, work: Work[T]) -> Future[T]:
        """Hand work to the writer thread; refuse to from inside the writer thread, which would wait for itself."""
        if threading.get_ident() == self._writer_ident:
            raise RuntimeError(
                "a write inside a write would wait for itself; use the connection that was given"
            )
        return self._writer.submit(self._writing, work)

    def _writing(self, work: Work[T]) -> T:
        """Run work in one transaction, then what was registered with `after_commit`."""
        with self._translated():
            self.confirm()
            connection = self._kept()
            hooks = connection.info[_AFTER_COMMIT] = {}
            clear_notes(connection)
            if self._gathered is not None:
                result = self._gather(connection, work, self._gathered)
            else:
                try:
                    with connection.begin():
                        result = work(connection)
                        if self._keeps_journal:
                            keep_notes(connection, path=self.path, identity=self.identity)
                except BaseException:
                    connection.info.pop(_EMPTY_LOG, None)
                    self._let_go()
                    raise
                self._committed(connection)
        for hook in hooks.values():
            hook()
        return result

    def _keep_journal(self) -> None:
        """Have a journal beside the file from now on; a rehearsal has none."""
        self._keeps_journal = self._durable
        if self._durable and not is_in_order(self.path, self.identity):
            self.write_now(partial(put_in_order, path=self.path, identity=self.identity))

    def _committed(self, connection: sa.Connection) -> None:
        """Look after a commit whether the file is the one at its path, and empty its log where that is due."""
        if self._file is None:
            return
        self._file.keep_log()
        self.confirm()
        now = monotonic()
        if connection.info.pop(_EMPTY_LOG, False):
            self._log_due = now
        if self._log_due is not None and self._log_due <= now:
            self._emptying(_LOG_WAIT_MS)

    def _gather(self, connection: sa.Connection, work: Work[T], gathered: int) -> T:
        """Run work as a part of the open transaction, and commit that now and then."""
        with savepoint(connection):
            result = work(connection)
        if gathered == GATHERED_AT_MOST:
            connection.commit()
        self._gathered = gathered % GATHERED_AT_MOST + 1
        return result

    def _kept(self) -> sa.Connection:
        """Return the writer's connection, taken from the pool if there is none yet."""
        if self._write_connection is None:
            self._write_connection = self._write_engine.connect()
        return self._write_connection

    def _let_go(self) -> None:
        """Give the writer's connection back: after an error the next transaction takes it as the pool hands it out."""
        connection, self._write_connection = self._write_connection, None
        if connection is not None:
            if connection.in_transaction():  # what was gathered
                connection.commit()
            connection.close()

    def _let_reader_go(self) -> None:
        """Close the connections that read; others are opened when they are needed."""
        self._read_engine.dispose()

    def _emptying(self, wait_ms: int | None = None) -> None:
        """Empty the write-ahead log, or note that it is due still; `wait_ms` None waits as long as for a lock."""
        with translated(self.path):
            cursor = self._kept().connection.cursor()
            if wait_ms is not None:
                cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
            try:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                [(is_busy, *_)] = cursor.fetchall()
            finally:
                cursor.execute(self._wait)
                cursor.close()
        self._log_due = monotonic() + _LOG_AGAIN_SECONDS if is_busy else None

    def _rewriting(self) -> None:
        """Run VACUUM and empty the write-ahead log."""
        self._let_go()
        with translated(self.path), closing(self._write_engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.close()
        self._emptying()

    def _reading(self, work: Work[T]) -> T:
        """Run work on a read connection; without threads on the writer's.

        SQLite throws away the pages that one connection has in memory whenever another has written.
        """
        if self._threads:
            with self.reading() as connection:
                return work(connection)
        with translated(self.path):
            connection = self._kept()
            if self._gathered is not None or connection.in_transaction():
                return work(connection)  # read within a read: of the same snapshot
            with connection.begin():
                return work(connection)


def after_commit(connection: sa.Connection, name: Hashable, hook: Callable[[], None]) -> None:
    """Register `hook` to run in the writer thread once the caller's transaction is committed; not if it fails.

    Of several hooks of one name only the one that was registered last runs.
    """
    connection.info.setdefault(_AFTER_COMMIT, {})[name] = hook


def empty_log_after(connection: sa.Connection) -> None:
    """Have the write-ahead log emptied once the caller's transaction, which erases something, is committed.

    What was erased stands in older pages of the log until then.
    """
    connection.info[_EMPTY_LOG] = True


def database_path(url_or_path: str | Path) -> Path:
    """Return the file that a path or a `sqlite:///` address names.

    Raises:
        DatabaseError: it names another kind of database, or none that is kept.
    """
    text = str(url_or_path)
    if text.startswith(_URL_PREFIX):
        text = text.removeprefix(_URL_PREFIX)
    elif "://" in text:
        raise DatabaseError(
            text.partition("://")[0], "is not a kind of database that is known here", "write sqlite:///FILE"
        )
    if text in {"", ":memory:"}:
        raise DatabaseError(
            text or "(empty)", "names no file, and nothing would be kept", "write sqlite:///FILE"
        )
    return Path(text).expanduser().absolute()
