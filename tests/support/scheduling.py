"""Which tests begin a run in several processes, and which stay together in one of them.

pytest-xdist 3.8 has the mark `xdist_group` for the second; since pytest 9.2 it changes nothing there, and
nobody is told. So groups are files here, and the scheduler is our own.
"""

from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

FIRST: Final = (
    "tests/crash/test_crash.py",
    "tests/stories/test_database_of_before.py",
    "tests/stories/test_no_leaks_full.py",
    "tests/bot/simulation/test_run.py",
    "tests/bot/cli/system/test_audit.py",
    "tests/dst/test_dst.py",
)
"""The files that run first, the longest before the others, each in one process.

The crash tests must not disturb each other's times; each of the others has one long set-up for all its tests.
"""
_ROOT: Final = Path(__file__).parents[2]
assert all((_ROOT / file).is_file() for file in FIRST)


def file_of(nodeid: str) -> str:
    """Return the file of a test, from the root of the repository."""
    return nodeid.partition("::")[0]


def place(item: pytest.Item) -> int:
    """Return where a test stands in the order of a run; those of one place stay as they were collected."""
    file = file_of(item.nodeid)
    return FIRST.index(file) if file in FIRST else len(FIRST)


class FilesFirst(LoadScopeScheduling):
    """Hand out tests one by one in their order, but the tests of each file of `FIRST` together."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return file if file in FIRST else nodeid
