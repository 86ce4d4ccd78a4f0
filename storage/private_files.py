"""Make files and folders for their owner alone: they hold people's words, keys, or links that let somebody in."""

from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone; what is there stays as it is.

    Raises:
        OSError: it cannot be made, or a file stands in its place.
    """
    for place in (*reversed(folder.parents), folder):
        place.mkdir(mode=FOLDER_MODE, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Make an empty file for its owner alone, before anything is written into it.

    Raises:
        FileExistsError: something of that name is there already, whose rights are not ours to trust.
        OSError: it cannot be made.
    """
    file.touch(mode=FILE_MODE, exist_ok=False)
