"""Take mails out of a Maildir folder: bounces, and mails that ask for no more mails. Each is read once."""

from collections.abc import Iterator
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

    def unread(self) -> Iterator[tuple[Path, bytes]]:
        """Yield mails that nobody has read, with their paths; those that cannot be read are passed over."""
        try:
            paths = sorted(path for path in (self.folder / "new").iterdir() if path.is_file())
        except OSError:
            return
        for path in paths[:AT_ONCE]:
            try:
                with path.open("rb") as file:
                    yield path, file.read(LARGEST)
            except OSError:
                continue

    def done(self, path: Path) -> None:
        """Put a mail among those that were read."""
        path.replace(self.folder / "cur" / f"{path.name}:2,S")
