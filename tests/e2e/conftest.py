"""What is promised on every platform is tested on each of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.platforms.drivers import COMMITTED_AT, PlatformDriver
from tests.support.platforms.platform import PLATFORMS, Platform


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Each platform in turn."""
    chosen: Platform = request.param
    return chosen


@pytest.fixture
async def driver(platform: Platform, tmp_path: Path) -> AsyncIterator[PlatformDriver]:
    """A person on a platform, on the day on which commitments are made."""
    async with platform.start(tmp_path, COMMITTED_AT) as started:
        yield started
