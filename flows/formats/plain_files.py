"""Read a file that a person names: so many bytes of it at most, whatever kind of file it is."""

import errno
import stat
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1_000_000
"""No script, program, translation or file of settings is longer."""


class FileTooLarge(OSError):
    """A file has more bytes than are read; `size` is how many, or the first number that is too great."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(errno.EFBIG, f"has {size:,} bytes; at most {most:,} are read")
        self.size = size


def read_plain_file(path: Path | str, most: int = MOST_BYTES) -> bytes:
    """Return what a file holds.

    A pipe or a device is refused, and never waited for; of a file without a length, such as those of `/proc`, no more
    is read than `most` bytes.

    Raises:
        FileTooLarge: It has more than `most` bytes.
        OSError: It is not there, may not be read, or is no plain file.
    """
    place = Path(path)
    about = place.stat()
    if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(
        about.st_mode
    ):  # a folder says so when it is opened
        raise OSError(errno.EINVAL, "It is a pipe or a device, and no plain file")
    if about.st_size > most:
        raise FileTooLarge(about.st_size, most)
    with place.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise FileTooLarge(len(data), most)
    return data
