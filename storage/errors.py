"""Errors of the storage package, by whose move it is. Each says what to do next; nothing has changed when raised."""

from pathlib import Path


class StorageError(Exception):
    """The base of all errors of this package."""


class DatabaseError(StorageError):
    """The database cannot be used: which file, what is wrong with it, and what the operator is to do."""

    def __init__(self, path: Path | str, what: str, remedy: str) -> None:
        """Join the file, what is wrong with it and the remedy into one message."""
        super().__init__(f"{path}: {what}; {remedy}")
        self.path, self.what, self.remedy = Path(path), what, remedy


class DatabaseTooNew(DatabaseError):
    """The database file was written by a newer version of this program."""

    def __init__(self, path: Path | str, revision: str) -> None:
        """Name the schema's revision that this program does not know."""
        super().__init__(
            path,
            f"written by a newer version of Said & Done (schema {revision!r} is not known here)",
            "start that version, or restore a backup made by this one; the file was not changed",
        )
        self.revision = revision


class NotADatabase(DatabaseError):
    """The file that was named is not one of our databases."""


class DatabaseCorrupt(DatabaseError):
    """The database file is damaged."""

    def __init__(self, path: Path | str, what: str) -> None:
        """Say what is damaged."""
        super().__init__(path, f"the database is damaged ({what})", "restore the latest backup")


class DatabaseUnwritable(DatabaseError):
    """The database file or its folder cannot be written to."""


class DatabaseBusy(DatabaseError):
    """Another process kept the database locked for longer than we wait."""

    def __init__(self, path: Path | str) -> None:
        """Name the file that is locked."""
        super().__init__(path, "another process holds the database", "stop it, or try again when it is done")


class DatabaseLost(DatabaseError):
    """The file of an open database was deleted, moved or replaced: what is written to it now is lost."""

    def __init__(self, path: Path | str, what: str, rescued: Path) -> None:
        """Say what became of the file, and where what it held is saved."""
        super().__init__(
            path,
            f"{what}; nothing more is acknowledged. What it held is saved as {rescued.name}",
            "put the right file in place, as `If the file is taken away` in docs/howto/backup.md says, and start again",
        )


class DatabaseMissing(DatabaseError):
    """There is no database where there was one: its journal lies there still. No new one is made in its place."""

    def __init__(self, path: Path | str, journal: Path) -> None:
        """Name the file, and the journal that tells that it was there."""
        super().__init__(
            path,
            f"it is not there, and {journal.name} is the journal of one that was",
            "put it back, or a backup of it by `said db restore`; to begin with an empty one, move the journal away",
        )


class AlreadyRunning(DatabaseError):
    """Another `said run` uses the database: two would send messages twice."""

    def __init__(self, path: Path | str) -> None:
        """Name the database that is in use."""
        super().__init__(
            path, "another `said run` uses this database", "stop that one first, or name another"
        )


class BackupError(DatabaseError):
    """A backup could not be made; no file was left."""


class RestoreRefused(DatabaseError):
    """A backup was not put in place, since whoever left after it would come back. Nothing has changed."""


class JournalUnreadable(DatabaseError):
    """The journal beside a database is not there, is none, or was changed."""

    def __init__(self, path: Path | str, what: str) -> None:
        """Name the file, and what is wrong with it."""
        super().__init__(path, what, "bring the copy of it that you keep elsewhere")


class IdentityError(StorageError):
    """The base of errors of the identity key, which seals addresses."""


class KeyUnreadable(IdentityError):
    """The key file or SAID_KEY does not hold 32 bytes in base64, or others may read the file."""


class KeyNotConfirmed(IdentityError):
    """Nothing in the database tells whether the key is its own: the operator is to say so."""


class KeyWrong(IdentityError):
    """The addresses in the database were sealed with another key: give the right one."""
