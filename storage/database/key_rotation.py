"""Change the identity key of a database: seal every address anew, and all else that is sealed, at once or not at all.

Nobody else may have the database open meanwhile: a bot that went on with the old key would keep participants under
hashes that are never found again. Links that participants were sent stay good (`AddressKeys.hand_over_tokens`).
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from storage.database import audit
from storage.database.address_keys import KEPT_TOKENS, AddressKeys
from storage.database.journal import Journal, journal_path
from storage.database.journal_keeper import is_in_order
from storage.database.key_check import confirm, is_key_of, keep_proof
from storage.database.migrate import prepare
from storage.database.reading import look_at
from storage.database.statements import translated
from storage.errors import JournalUnreadable, KeyUnreadable, KeyWrong
from storage.schema import ADDRESS, ADDRESS_REQUEST, COORDINATOR, INVITATION, KEPT_KEY, AuditKind

_CHUNK = 500
_WAIT_MS = 2_000
_PRAGMAS = (
    f"busy_timeout={_WAIT_MS}",
    "locking_mode=EXCLUSIVE",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
)


_TEXTS: tuple[sa.Column[bytes | None], ...] = (
    INVITATION.c.label_sealed,
    COORDINATOR.c.totp_sealed,
    COORDINATOR.c.account_sealed,
)
"""What is sealed beside addresses, and looked up by nothing."""
RotationProgress = Callable[[int, int], None]
"""Told how many addresses are done, of how many."""


@dataclass(frozen=True, slots=True)
class KeyRotationResult:
    """How many addresses were sealed anew; in a rehearsal, would be."""

    addresses: int


def rotate(
    path: Path, old: AddressKeys, new: AddressKeys, *, now: datetime, progress: RotationProgress | None = None
) -> KeyRotationResult:
    """
    Seal every address of a database with the identity key `new` instead of `old`, in one transaction; audit it.

    `progress` is told how many addresses are done, of how many. One that was killed can be taken up again with the same
    keys, also where it had come to its end.

    Raises:
        KeyWrong: some address was not sealed with `old`; nothing has changed.
        KeyUnreadable: both are the same key.
        DatabaseBusy: another process has the database open, and there is something to do; nothing has changed.
    """
    _must_differ(old, new)
    if is_key_of(path, new):  # it came to its end: before that could be told, or long ago
        if not is_in_order(path, new):
            with _only_connection(path, new) as connection, connection.begin():
                _seal_journal(path, old, new)
        return KeyRotationResult(count_sealed(path))
    with _only_connection(path, old) as connection:
        transaction = connection.begin()
        try:
            with transaction:
                result = _rotate(connection, old, new, now, progress)
                _seal_journal(path, old, old, new)
        except BaseException:
            _seal_journal(path, old)
            raise
        _seal_journal(path, old, new)
    return result


def _rotate(
    connection: Connection,
    old: AddressKeys,
    new: AddressKeys,
    now: datetime,
    progress: RotationProgress | None,
) -> KeyRotationResult:
    """Do what `rotate` does to the rows, in the caller's transaction."""
    old, done = _with_kept_tokens(connection, old), 0
    for addresses in _opened(connection, old, progress):
        connection.execute(_SEAL, [_sealed_anew(number, address, new) for number, address in addresses])
        done += len(addresses)
    for request in connection.execute(sa.select(ADDRESS_REQUEST.c.id, ADDRESS_REQUEST.c.sealed)).all():
        anew = _sealed_anew(request.id, old.open(request.sealed), new)
        values = {"sealed": anew["new_sealed"], "lookup": anew["new_lookup"]}
        connection.execute(ADDRESS_REQUEST.update().where(ADDRESS_REQUEST.c.id == request.id).values(values))
    for column in _TEXTS:
        _seal_texts(connection, column, old, new)
    connection.execute(KEPT_KEY.delete().where(KEPT_KEY.c.name == KEPT_TOKENS))
    connection.execute(KEPT_KEY.insert().values(name=KEPT_TOKENS, sealed=old.hand_over_tokens(new)))
    keep_proof(connection, identity=new)
    audit.record(connection, AuditKind.KEY, participant_id=None, now=now, addresses=done)
    return KeyRotationResult(done)


def rehearse(
    path: Path, old: AddressKeys, new: AddressKeys, *, progress: RotationProgress | None = None
) -> KeyRotationResult:
    """
    Open every address with the key in use, as `rotate` would, and change none; return how many there are.

    Raises:
        KeyWrong: some address was not sealed with `old`.
        KeyUnreadable: both are the same key.
        DatabaseBusy: another process has the database open.
    """
    _must_differ(old, new)
    with _only_connection(path, old) as connection, connection.begin():
        old = _with_kept_tokens(connection, old)
        for column in _TEXTS:
            for found in _texts(connection, column):
                for _, sealed in found:
                    old.open(sealed)
        return KeyRotationResult(sum(len(addresses) for addresses in _opened(connection, old, progress)))


@contextmanager
def _only_connection(path: Path, identity: AddressKeys) -> Iterator[Connection]:
    """Yield the only connection to the file, brought up to this program's schema first.

    From the beginning of its first transaction nobody else reads or writes the database, nor its journal, until the
    end of the block.

    Raises:
        KeyWrong, KeyNotConfirmed: `identity` is not the key of the database; nothing has changed.
    """
    with translated(path):
        confirm(path, identity)
        prepare(path)
        engine = _exclusive(path)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def count_sealed(path: Path) -> int:
    """Return how many addresses of a database are sealed."""
    with closing(look_at(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM address WHERE sealed <> x''").fetchone()[0])


def _seal_journal(path: Path, old: AddressKeys, *identities: AddressKeys) -> None:
    """Have the journal be opened by some identity keys and no others, `old` alone where none is given.

    Nothing where there is none that `old` or one of them opens: one begins when the database is opened. Nobody may have
    the database open, since what is appended meanwhile would be lost.
    """
    for identity in (old, *identities):
        with suppress(JournalUnreadable, KeyWrong):
            Journal.open(journal_path(path), identity).seal_for(*(identities or (old,)))
            return


def _must_differ(old: AddressKeys, new: AddressKeys) -> None:
    """Raise `KeyUnreadable` if both are the same key, with which there is nothing to do."""
    if old.same_key(new):
        raise KeyUnreadable("the new key is the one in use; name a file that is not there, and one is made")


def _with_kept_tokens(connection: Connection, old: AddressKeys) -> AddressKeys:
    """Return the key in use with the key of the tokens that an earlier rotation kept, if there was one."""
    kept = connection.scalar(sa.select(KEPT_KEY.c.sealed).where(KEPT_KEY.c.name == KEPT_TOKENS))
    return old if kept is None else old.taking_tokens(kept)


def _opened(
    connection: Connection, old: AddressKeys, progress: RotationProgress | None
) -> Iterator[list[tuple[int, str]]]:
    """Yield the addresses in clear by their numbers, some at a time; tell of each lot once it is dealt with."""
    total = connection.scalar(sa.select(sa.func.count()).where(ADDRESS.c.sealed != b"")) or 0
    done = 0
    for rows in _sealed(connection):
        yield [(row.id, old.open(row.sealed)) for row in rows]
        done += len(rows)
        if progress is not None:
            progress(done, total)


_SEAL = (
    ADDRESS.update()
    .where(ADDRESS.c.id == sa.bindparam("of"))
    .values(
        sealed=sa.bindparam("new_sealed"),
        lookup=sa.bindparam("new_lookup"),
        workspace=sa.bindparam("new_workspace"),
    )
)


def _seal_texts(
    connection: Connection, column: "sa.Column[bytes | None]", old: AddressKeys, new: AddressKeys
) -> None:
    """Seal all that a column holds anew, some at a time."""
    key = column.table.c.id
    seal = sa.update(column.table).where(key == sa.bindparam("of")).values({column: sa.bindparam("anew")})
    for found in _texts(connection, column):
        connection.execute(
            seal, [{"of": number, "anew": new.seal(old.open(sealed))} for number, sealed in found]
        )


def _texts(connection: Connection, column: "sa.Column[bytes | None]") -> Iterator[list[tuple[int, bytes]]]:
    """Yield what a column holds that is sealed, with the numbers of the rows, some at a time."""
    key, last = column.table.c.id, 0
    rows = sa.select(key, column).where(column != b"").order_by(key).limit(_CHUNK)  # nor None
    while found := [(number, sealed) for number, sealed in connection.execute(rows.where(key > last))]:
        yield found
        last = found[-1][0]


def _sealed_anew(number: int, address: str, new: AddressKeys) -> dict[str, object]:
    """Return the parameters of `_SEAL` for one address."""
    return {
        "of": number,
        "new_sealed": new.seal(address),
        "new_lookup": new.lookup(address),
        "new_workspace": new.workspace(address),
    }


def _sealed(connection: Connection) -> Iterator[list[Any]]:
    """Yield the sealed addresses that have not been erased, some at a time: memory does not grow with their number."""
    last = 0
    query = sa.select(ADDRESS.c.id, ADDRESS.c.sealed).where(ADDRESS.c.sealed != b"").order_by(ADDRESS.c.id)
    while rows := list(connection.execute(query.where(ADDRESS.c.id > last).limit(_CHUNK))):
        yield rows
        last = rows[-1].id


def _exclusive(path: Path) -> sa.Engine:
    """Make an engine whose connection is the only one to the file: SQLite refuses while anybody else has it open."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=os.fspath(path)), poolclass=NullPool)

    @sa.event.listens_for(engine, "connect")
    def _connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    return engine
