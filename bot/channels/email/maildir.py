"""Take mails out of a Maildir folder: bounces, and mails that ask for no more mails. Each is read once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.channels.email.bounces import LARGEST

AT_ONCE: Final = 200
"""Mails of one look."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder in the Maildir format: `new` holds what nobody has read, `cur` what was (https://cr.yp.to/proto/maildir.html)."""

    folder: Path

    def unread(self) -> list[Path]:
        """Return the paths of mails that nobody has read, the oldest first; so many at most."""
        return self._in("new")[:AT_ONCE]

    def read(self, path: Path) -> bytes | None:
        """Return the beginning of a mail; None where it cannot be read, or is not there any more."""
        try:
            with path.open("rb") as file:
                return file.read(LARGEST)
        except OSError:
            return None

    def done(self, path: Path) -> bool:
        """Put a mail among those that were read; return whether that could be done."""
        try:
            path.replace(self.folder / "cur" / f"{path.name}:2,S")
        except OSError:
            return False
        return True

    def found(self, words: bytes) -> bytes | None:
        """Return the newest mail, read or not, that has some words in it; None where there is none."""
        paths = sorted([*self._in("new"), *self._in("cur")], key=lambda path: path.name, reverse=True)
        mails = (self.read(path) for path in paths[:AT_ONCE])
        return next((raw for raw in mails if raw is not None and words in raw), None)

    def _in(self, folder: str) -> list[Path]:
        try:
            return sorted(path for path in (self.folder / folder).iterdir() if path.is_file())
        except OSError:
            return []
