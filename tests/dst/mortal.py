"""A database whose process dies, whose disk is full and whose commits fail, at moments that chance decides.

A death is seen from outside: the files are copied as they stand at that instant, with a transaction open or not, and
the next life opens the copy. What the dying process does after that reaches nobody: each use of the database raises.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NoReturn, Self, TypeVar

import sqlalchemy as sa

from storage.database.connection import Database
from tests.dst.faults import Counts, End, Fault
from tests.support.databases import share_statements
from tests.support.turn_world import IDENTITY

T = TypeVar("T")
MOST_STATEMENTS = 40
"""A transaction is cut before one of so many statements, or at its commit where it has fewer."""
MOST_FAILURES = 4
"""Transactions in a row for which a disk stays full."""


class Death(BaseException):
    """The process is dead. Nothing may catch it and go on."""


class Life:
    """One life of the bot's process: how likely it is to die at each moment, and whether it has."""

    def __init__(self, chance: Random, counts: Counts, *, rate: float) -> None:
        self.chance = chance
        self.counts = counts
        self.rate = rate
        """How often a chance to die is taken; 0 for never, and then nothing else goes wrong either."""
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.at_death: Callable[[], None] = _nothing
        self.receiving = False
        """Whether what is committed now are updates that are acknowledged next."""

    def dies(self, end: End, share: float) -> None:
        """Die here, if chance will have it.

        Raises:
            Death: it does, or is dead already.
        """
        if self.over.done():
            raise Death
        if self.rate and self.chance.random() < self.rate * share:
            self.die(end)

    def die(self, end: End) -> NoReturn:
        """Die here and now."""
        if not self.over.done():
            self.counts.deaths[end] += 1
            self.at_death()
            self.over.set_result(None)
        raise Death


def _nothing() -> None:
    pass


class Disk:
    """What becomes of the transactions of one database: which of them are cut short, and by what."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.fault: Fault | End | None = None
        self.left = 0
        """Statements until it comes."""
        self._failures = 0

    def plan(self) -> None:
        """Decide on the transaction that begins now."""
        life, self.fault = self.life, None
        if not life.rate:
            return
        drawn = life.chance.random() / life.rate
        if self._failures:
            self._failures -= 1
            self.fault = Fault.FULL
        elif drawn < 0.4:
            self.fault = End.IN_COMMIT
        elif drawn < 0.6:
            self.fault = Fault.FULL
            self._failures = life.chance.randrange(MOST_FAILURES)
        elif drawn < 0.9:
            self.fault = Fault.FSYNC
        else:
            return
        self.left = (
            0 if self.fault is Fault.FULL and self._failures else life.chance.randrange(MOST_STATEMENTS)
        )
        if self.fault is Fault.FSYNC:
            self.left = MOST_STATEMENTS * MOST_STATEMENTS  # at the commit

    def before_statement(self, connection: sqlite3.Connection) -> None:
        """Cut the transaction short here, if it is time."""
        self.left -= 1
        if self.left < 0:
            self.cut(connection)

    def cut(self, connection: sqlite3.Connection) -> None:
        """Have come what was planned."""
        fault, self.fault = self.fault, None
        match fault:
            case End():
                self.life.die(fault)
            case Fault.FULL:
                self.life.counts.faults[fault] += 1
                if connection.in_transaction and self.life.chance.random() < 0.5:
                    connection.rollback()  # as SQLite does where it can not go on with the transaction
                raise _error("database or disk is full", "SQLITE_FULL", sqlite3.SQLITE_FULL)
            case Fault.FSYNC:
                self.life.counts.faults[fault] += 1
                raise _error("disk I/O error", "SQLITE_IOERR_FSYNC", sqlite3.SQLITE_IOERR_FSYNC)
            case _:
                pass


def _error(text: str, name: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorname, error.sqlite_errorcode = name, code
    return error


class _Cursor(sqlite3.Cursor):
    """Asks before each statement."""

    def execute(self, *what: Any) -> Self:
        self._ask()
        return super().execute(*what)

    def executemany(self, *what: Any) -> Self:
        self._ask()
        return super().executemany(*what)

    def _ask(self) -> None:
        connection = self.connection
        if (
            isinstance(connection, _Connection)
            and connection.disk is not None
            and connection.disk.fault is not None
        ):
            connection.disk.before_statement(connection)


class _Connection(sqlite3.Connection):
    """Asks its disk before each statement and each commit of a transaction that is to be cut short."""

    disk: Disk | None = None

    def cursor(self, *what: Any) -> Any:
        if self.disk is None or self.disk.fault is None:
            return super().cursor(*what)
        return super().cursor(_Cursor)

    def commit(self) -> None:
        if self.disk is not None and self.disk.fault is not None:
            self.disk.cut(self)
        super().commit()


class MortalDatabase(Database):
    """A database of one life. It counts its transactions over all lives in `Counts.figures`."""

    life: Life | None = None

    _disk: Disk | None = None

    def __init__(self, *what: Any, **more: Any) -> None:
        super().__init__(*what, **more)
        self._made: list[_Connection] = []
        # What SQLAlchemy has compiled is none of what a death takes; the connections are of this life alone.
        share_statements(self._write_engine).pool._creator = self._connect

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(self.path, factory=_Connection, check_same_thread=False)
        made.disk = self._disk
        self._made.append(made)
        return made

    @classmethod
    def alive(cls, path: Path, life: Life) -> Self:
        """Open a database for a life."""
        made = cls.open(path, identity=IDENTITY, durable=False, threads=False)
        made.life = life
        disk = Disk(life)
        for connection in made._made:
            connection.disk = disk
        made._disk = disk
        return made

    def _writing(self, work: Callable[[sa.Connection], T]) -> T:
        life, disk = self.life, self._disk
        if life is None or disk is None:
            return super()._writing(work)
        life.dies(End.BEFORE_COMMIT, 0.2)
        life.counts.figures["transactions"] += 1
        disk.plan()
        try:
            result = super()._writing(work)
        finally:
            disk.fault = None
        life.dies(End.BEFORE_ACK if life.receiving else End.AFTER_COMMIT, 0.8 if life.receiving else 0.2)
        return result

    def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        if self.life is not None and self.life.over.done():
            raise Death
        return super()._reading(work)

    def leave(self, at: Path) -> None:
        """Copy the files as they stand."""
        for end in ("", "-wal"):
            source = self.path.with_name(self.path.name + end)
            if source.exists():
                shutil.copyfile(source, at.with_name(at.name + end))

    def bury(self) -> None:
        """Let go of the files of a life that is over."""
        self.life = None
        self._rewrite_at_close = False
        self.close()
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
