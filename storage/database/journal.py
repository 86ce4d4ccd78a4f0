"""Keep a journal beside the database of what a restored backup must be told (docs/why/restore-journal.md).

The theory. A backup knows nothing of who stopped, or had everything deleted, after it was made: put back as it is, it
writes to them again. So each such thing is a line of the file `said.sqlite.journal`, on the disk before the transaction
that it belongs to is committed, hence before anybody is answered. The order is safe both ways: a line whose
transaction was never committed tells of what will be done again, and telling twice is telling once.

Who a line is about stands there as a keyed hash, by a key of the journal's own, which the first line holds sealed with
the identity key: a new identity key seals that one line anew. The other lines are `ENTRY MAC`: an entry as JSON, and
an HMAC of it and of the MAC before it. So no line can be changed, added, moved or taken out of the middle unseen. A
last line without a line break, or with zeros in it, however many, was cut off while it was written: nobody was
answered, and it is dropped, with what was written after it at the same time.

Each entry names the audit trail's last row in its transaction, by number and hash. A backup knows of it if that row is
in it; `storage.restore.untold` says which of the others it must be told.

Lines are appended inside a transaction that writes, so that no two processes do so at once.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from flows.script.roles import Purpose
from storage.database.address_keys import AddressKeys
from storage.enums import JournalKind
from storage.errors import JournalUnreadable, KeyWrong
from storage.private_files import make_private_file

KEY_BYTES: Final = 32
HASH_BYTES: Final = 16
_START: Final = bytes(HASH_BYTES)
"""What the first entry's MAC follows."""
_TAIL: Final = 4_096
"""Bytes that hold the last two lines."""
_log = logging.getLogger(__name__)


class JournalEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the journal. What is empty, or None, does not concern it, or is not known.

    `who` and `what` are keyed hashes, of a code and of words; `program` is its short name, `audit` an audit anchor.
    `roles` are those of a coordinator, such as `safety`, or `safety:myeloma` in one program.
    """

    kind: JournalKind
    at: datetime
    audit: str
    who: str = ""
    what: str = ""
    program: str = ""
    flow: str = ""
    purpose: Purpose | None = None
    until: datetime | None = None
    roles: tuple[str, ...] = ()
    number: int = 0
    """From 1; given when it is appended."""


class JournalReading(NamedTuple):
    """What a journal holds: the entries up to the first line that does not hold.

    `broken` is the number of that line's entry, None where all hold.
    `is_torn` is whether it ends in a line that was cut off while it was written.
    """

    entries: tuple[JournalEntry, ...]
    broken: int | None
    is_torn: bool


class _Header(msgspec.Struct, frozen=True):
    """The first line: the journal's own key, sealed with each identity key that opens it."""

    journal: int
    keys: list[str]


class _Tail(NamedTuple):
    """The end of a journal: where its last whole line ends, the number and the MAC of that line."""

    end: int
    number: int
    mac: bytes


_FORM: Final = 1
_header_of = msgspec.json.Decoder(_Header).decode
_entry_of = msgspec.json.Decoder(JournalEntry).decode


def journal_path(database: Path) -> Path:
    """Return where the journal of a database lies: beside it, `said.sqlite` -> `said.sqlite.journal`."""
    return database.with_name(f"{database.name}.journal")


class Journal:
    """The journal in a file, made by `open` or `begin`."""

    def __init__(self, file: Path, key: bytes) -> None:
        """Take the file and the journal's own key."""
        self.file = file
        self._key = key

    @classmethod
    def open(cls, file: Path, identity: AddressKeys) -> Self:
        """Open the journal in a file.

        Raises:
            JournalUnreadable: there is none, or it is no journal.
            KeyWrong: it is sealed with another identity key.
        """
        for sealed in _header(file).keys:
            with suppress(KeyWrong):
                return cls(file, base64.b64decode(identity.open(_unpacked(file, sealed))))
        raise KeyWrong(f"{file} is the journal of a database with another identity key")

    @classmethod
    def begin(cls, file: Path, identity: AddressKeys, first: JournalEntry) -> Self:
        """Make a journal with a first entry, whole or not at all; one that another process made first is opened."""
        key = secrets.token_bytes(KEY_BYTES)
        made = cls(file, key)
        _write_whole(file, [_sealed(key, [identity]), made._line(replace(first, number=1), _START)])
        return cls.open(file, identity)

    def hash_of(self, kind: str, text: str) -> str:
        """Return the keyed hash (HMAC-SHA-256, 16 bytes in hex) of a text of some kind, such as a person's code."""
        digest = hmac.digest(self._key, f"{kind}:{text}".encode(), hashlib.sha256)
        return digest[:HASH_BYTES].hex()

    def append(self, entries: Sequence[JournalEntry], *, was_read: bool = False) -> None:
        """Append entries, and return once they are on the disk; what was cut off at the end before is dropped.

        All lines are read first: a power cut may leave the last page of an append whole, and zeros before it.
        `was_read` says that this process has appended before, and nothing failed since: the last lines tell the rest.

        Raises:
            JournalUnreadable: a line does not hold.
            OSError: they cannot be written; what was written of them is dropped by the next call.
        """
        with self.file.open("r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            tail = self._tail(size, file.fileno()) if was_read else self._whole_tail(size)
            lines, mac = list[bytes](), tail.mac
            for number, entry in enumerate(entries, tail.number + 1):
                lines.append(self._line(replace(entry, number=number), mac))
                mac = _mac_of(lines[-1])
            file.truncate(tail.end)
            file.seek(tail.end)
            _write_all(file.fileno(), b"".join(lines))
            sync(file.fileno())

    def read(self) -> JournalReading:
        """Read and check all entries.

        Raises:
            JournalUnreadable: it is no journal.
        """
        return self._read(_whole_lines(self.file))

    def seal_for(self, *identities: AddressKeys) -> None:
        """Have the journal be opened by these identity keys and no others, whole or not at all.

        To be called where nobody else may append.
        """
        lines = _whole_lines(self.file)
        _write_whole(self.file, [_sealed(self._key, identities), *lines[1:]], over=True)

    def _read(self, lines: Sequence[bytes]) -> JournalReading:
        """Check the lines of a journal, the first of which is its header."""
        entries: list[JournalEntry] = []
        before = _START
        for place, line in enumerate(lines[1:], 1):
            entry = self._entry(line, before)
            if entry is None or entry.number != place:
                is_torn = _is_cut(line) and _is_of_one_append(lines[place:])
                return JournalReading(tuple(entries), None if is_torn else place, is_torn)
            entries.append(entry)
            before = _mac_of(line)
        return JournalReading(tuple(entries), None, is_torn=False)

    def _tail(self, size: int, descriptor: int) -> _Tail:
        """Return the end of the file, by its last two lines if they hold, else by all of them."""
        start = max(0, size - _TAIL)
        lines = os.pread(descriptor, size - start, start).splitlines(keepends=True)
        if start:
            lines = lines[1:]  # its beginning was not read
        before = _mac_of(lines[-2]) if len(lines) > 1 and b" " in lines[-2] else _START
        entry = self._entry(lines[-1], before) if lines else None
        return self._whole_tail(size) if entry is None else _Tail(size, entry.number, _mac_of(lines[-1]))

    def _whole_tail(self, size: int) -> _Tail:
        """Return where the sound lines of a journal end, by all of them; a torn end after a power cut is logged."""
        lines = _whole_lines(self.file)
        reading = self._read(lines)
        if reading.broken is not None or not reading.entries:
            raise JournalUnreadable(self.file, "one of its lines does not hold: it was changed")
        sound = lines[: len(reading.entries) + 1]
        end = sum(map(len, sound))
        if end < size:
            _log.warning(
                "the journal's last %d bytes were cut off while they were written, and are dropped",
                size - end,
            )
        return _Tail(end, reading.entries[-1].number, _mac_of(sound[-1]))

    def _line(self, entry: JournalEntry, before: bytes) -> bytes:
        """Return the line of an entry that follows the line with the MAC `before`."""
        text = msgspec.json.encode(entry)
        return b"%s %s\n" % (text, self._mac(text, before).hex().encode())

    def _entry(self, line: bytes, before: bytes) -> JournalEntry | None:
        """Return the entry of a line; None where it does not hold."""
        text, _, _mac = line.rpartition(b" ")
        if not line.endswith(b"\n") or not hmac.compare_digest(self._mac(text, before), _mac_of(line)):
            return None
        return _parsed(text)

    def _mac(self, text: bytes, before: bytes) -> bytes:
        return hmac.digest(self._key, before + text, hashlib.sha256)[:HASH_BYTES]


def opened_by(file: Path) -> int:
    """Return how many identity keys open the journal in a file: two while the key is being changed."""
    return len(_header(file).keys)


def copy_journal(file: Path, to: Path) -> None:
    """Copy a journal, as far as its lines are whole, to a file that is not there yet; it is on the disk on return."""
    _write_whole(to, [line for line in _whole_lines(file) if line.endswith(b"\n")])


def _header(file: Path) -> _Header:
    try:
        with file.open("rb") as opened:
            found = _header_of(opened.readline())
    except FileNotFoundError as error:
        raise JournalUnreadable(file, "it is not there") from error
    except msgspec.DecodeError as error:
        raise JournalUnreadable(file, "it is no journal") from error
    if found.journal != _FORM:
        raise JournalUnreadable(file, "a newer version of Said & Done wrote it")
    return found


def _sealed(key: bytes, identities: Sequence[AddressKeys]) -> bytes:
    """Return the first line of a journal."""
    text = base64.b64encode(key).decode()
    keys = [base64.b64encode(identity.seal(text)).decode() for identity in identities]
    return msgspec.json.encode(_Header(_FORM, keys)) + b"\n"


def _unpacked(file: Path, sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise JournalUnreadable(file, "it is no journal") from error


def _whole_lines(file: Path) -> list[bytes]:
    """Return the lines of a journal, the first checked, each with its line break; the last may have none."""
    _header(file)
    return file.read_bytes().splitlines(keepends=True)


def _is_cut(line: bytes) -> bool:
    """Return whether a line is what is left of one that was not written to its end, and none that somebody changed.

    A disk that lost power leaves a part of it, or zeros in place of one.
    """
    return not line.endswith(b"\n") or b"\0" in line


def _is_of_one_append(lines: Sequence[bytes]) -> bool:
    """Return whether what follows a journal's sound lines may have been written by one append, in any order of pages.

    All entries of an append name the same row of the audit trail. Any more than these were acknowledged to somebody.
    """
    found = [_parsed(line.rpartition(b" ")[0]) for line in lines if not _is_cut(line)]
    return None not in found and len({one.audit for one in found if one is not None}) <= 1


def _parsed(text: bytes) -> JournalEntry | None:
    try:
        return _entry_of(text)
    except msgspec.DecodeError:
        return None


def _mac_of(line: bytes) -> bytes:
    """Return the MAC at the end of a line; nothing where there is none."""
    try:
        return bytes.fromhex(line.rpartition(b" ")[2].decode("ascii"))
    except ValueError:
        return b""


def _write_whole(file: Path, lines: Sequence[bytes], *, over: bool = False) -> None:
    """Write a file that appears under its name whole and on the disk; `over` takes the place of one that is there."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        make_private_file(draft)
        with draft.open("wb") as opened:
            opened.writelines(lines)
            opened.flush()
            sync(opened.fileno())
        if over:
            draft.replace(file)
        else:
            with suppress(FileExistsError):
                os.link(draft, file)
        sync_folder(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync(descriptor: int) -> None:
    """Return once an open file is on the disk."""
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names of the files in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]
