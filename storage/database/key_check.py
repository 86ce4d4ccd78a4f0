"""Tell whether an identity key is the one of a database, before anything is written to it.

A database holds a fixed text that its key has sealed. One of before has none until it is opened with a key that opens
something else in it; where nothing is sealed and links are known by the key alone, only its operator can know.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.address_keys import (
    KEPT_TOKENS,
    AddressKeys,
    key_path,
    load_key,
    load_or_make_key,
)
from storage.database.journal import journal_path
from storage.database.migrate import examine, examine_place
from storage.database.reading import look_at
from storage.errors import DatabaseCorrupt, DatabaseMissing, KeyNotConfirmed, KeyWrong
from storage.schema import KEPT_KEY, KEY_CHECK

PROOF: Final = "said: the key of this database"
_SEALED: Final = (
    "SELECT sealed FROM key_check LIMIT 1",
    "SELECT sealed FROM address WHERE sealed <> x'' LIMIT 1",
    "SELECT sealed FROM kept_key LIMIT 1",
)
"""What tells the key, the surest first."""
_HASHED: Final = ("SELECT 1 FROM invitation LIMIT 1", "SELECT 1 FROM link_code LIMIT 1")
"""What is known by the key, and does not tell it."""


def identity_for(path: Path, key_file: Path | None = None, given: AddressKeys | None = None) -> AddressKeys:
    """Return the key of the database at `path`: the `given` one, else that of SAID_KEY, else that in its file.

    `key_file` None means the file beside the database. A key is made with a new database alone.

    Raises:
        KeyUnreadable: there is no key.
        KeyWrong: it is not the key of this database.
        KeyNotConfirmed: nothing in the database tells whether it is.
        NotADatabase, DatabaseTooNew, DatabaseCorrupt: the file is not a database of ours, or is damaged.
        DatabaseMissing: there is none, and there was one.
        DatabaseUnwritable: there can be none at this path; no key is made.
    """
    examine_place(path)
    journal = journal_path(path)
    if not path.exists() and journal.exists():
        raise DatabaseMissing(path, journal)
    file = key_path(path) if key_file is None else key_file
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        for beside in (file, journal) if path.exists() else ():
            if beside.exists():
                raise DatabaseCorrupt(path, f"it is empty, and {beside.name} is of one that was not")
        return given or AddressKeys(load_or_make_key(file))
    examine(path)
    identity = given or AddressKeys(load_key(file))
    confirm(path, identity)
    return identity


def confirm(path: Path, identity: AddressKeys, *, adopting: bool = False) -> None:
    """Check that a key is the one of a database, which is read and not changed.

    `adopting` takes the operator's word where nothing tells it.

    Raises:
        KeyWrong: it is another one.
        KeyNotConfirmed: nothing in the database tells, and links that were given are known by its key.
    """
    with closing(look_at(path)) as connection:
        for query in _SEALED:
            found = _first(connection, query)
            if found is not None:
                identity.open(found)
                return
        if not adopting and any(_first(connection, query) is not None for query in _HASHED):
            raise KeyNotConfirmed(
                f"nothing in {path} tells whether this is its identity key, by which it knows the links that were"
                " given; if it is, run `said identity adopt`"
            )


def is_key_of(path: Path, identity: AddressKeys) -> bool:
    """Return whether a key is the one that the database at `path` is sealed with; False where nothing tells."""
    try:
        confirm(path, identity)
    except (KeyWrong, KeyNotConfirmed):
        return False
    return True


def known_identity(connection: Connection, *, identity: AddressKeys) -> tuple[AddressKeys, bool]:
    """Return a key with the key of its tokens, which an earlier one may have handed over; and whether there is a proof.

    Raises:
        KeyWrong: the tokens were handed over to another key.
    """
    tokens = connection.scalar(sa.select(KEPT_KEY.c.sealed).where(KEPT_KEY.c.name == KEPT_TOKENS))
    is_proven = connection.scalar(sa.select(KEY_CHECK.c.id).limit(1)) is not None
    return (identity if tokens is None else identity.taking_tokens(tokens)), is_proven


def keep_proof(connection: Connection, *, identity: AddressKeys) -> None:
    """Keep the proof of a key in place of any that is there."""
    connection.execute(KEY_CHECK.delete())
    connection.execute(KEY_CHECK.insert().values(sealed=identity.seal(PROOF)))


def _first(connection: sqlite3.Connection, query: str) -> bytes | None:
    """Return what a query finds first; None where that is nothing, or an earlier schema has not got the table."""
    try:
        row = connection.execute(query).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return None
    return None if row is None else row[0]
