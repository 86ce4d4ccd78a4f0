"""What the tests of turns share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.backup import check
from tests.support.turn_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with the small conversation, whose database is whole at the end."""
    made = make_world(tmp_path)
    yield made
    made.database.close()
    assert check(made.database.path) == []
