"""Files and folders that are made are for their owner alone."""

import os
from pathlib import Path

import pytest

from storage.private_files import make_private_file, make_private_folder


@pytest.fixture(autouse=True)
def _generous():
    """A user whose files are open to all by themselves."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_folder_and_what_is_missing_above_it_are_private(tmp_path: Path):
    """What was there before keeps its rights."""
    (tmp_path / "shared").mkdir(mode=0o755)
    make_private_folder(tmp_path / "shared" / "out" / "today")
    make_private_folder(tmp_path / "shared" / "out" / "today")
    assert mode(tmp_path / "shared") == 0o755
    assert mode(tmp_path / "shared" / "out") == mode(tmp_path / "shared" / "out" / "today") == 0o700


def test_a_file_is_private_before_it_holds_anything(tmp_path: Path):
    """One that is there is refused: its rights are another's."""
    make_private_file(tmp_path / "words")
    assert mode(tmp_path / "words") == 0o600
    with pytest.raises(FileExistsError):
        make_private_file(tmp_path / "words")
