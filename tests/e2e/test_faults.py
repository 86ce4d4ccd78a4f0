"""Trouble between the bot and a platform in the middle of a conversation: nothing is lost, and nothing asked
twice unmarked.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import ChannelRefused
from tests.emulators.faults import Fault
from tests.support.platforms.drivers import COMMITTED_AT, PlatformDriver
from tests.support.platforms.platform import Platform
from tests.support.platforms.trouble import AFTER_THE_ROLE, Trouble, begin, play_with_trouble_at_every_move
from tests.support.platforms.wired import fail_once

TWICE = "deliveries twice"
TROUBLE: dict[str, Trouble] = {
    "slow down": lambda driver: driver.faults.add(driver.sends_by, Fault.RATE_LIMIT, retry_after=3),
    "server error": lambda driver: driver.faults.add(driver.sends_by, Fault.SERVER_ERROR),
    "bad gateway": lambda driver: driver.faults.add(driver.sends_by, Fault.GATEWAY),
    "dropped before": lambda driver: driver.faults.add(driver.sends_by, Fault.DROP_BEFORE),
    "dropped after storing": lambda driver: driver.faults.add(driver.sends_by, Fault.DROP_AFTER),
    TWICE: lambda driver: driver.faults.duplicate_deliveries(2),
}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_at_every_move(trouble: str, platform: Platform, tmp_path: Path) -> None:
    """With one thing going wrong at every move, the same is said and kept as without."""
    await play_with_trouble_at_every_move(platform, tmp_path, TROUBLE[trouble], is_met=trouble != TWICE)


async def test_token_revoked(platform: Platform, driver: PlatformDriver) -> None:
    """With the token gone the channel ends, the operator is told, and what was to be said stays queued."""
    await begin(driver)
    await driver.write("nurse")
    driver.revoke()
    await driver.house.settle()
    with pytest.raises(ChannelRefused):
        await driver.receiving
    assert [name for name, _ in driver.house.alerts] == [platform.name]
    assert driver.house.count("SELECT count(*) FROM outbox WHERE status = 'queued' AND kind != 'edit'") == 1
    assert 'answer c1 = "nurse"' in driver.kept()


async def test_not_stored_at_first(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be stored is not confirmed: the platform hands it over again, and it is one reply."""
    async with platform.start(tmp_path, COMMITTED_AT, posted=platform.retries_posts_alone) as driver:
        await begin(driver)
        fail_once(driver.house, monkeypatch)
        assert (await driver.type("nurse"))[-1].text == AFTER_THE_ROLE
        assert driver.times_handed_over() == 2
        assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_replies_in_the_wrong_order(platform: Platform, tmp_path: Path) -> None:
    """Two quick replies that are handed over the wrong way round: the first answers what it was written to.

    The second was written before its question could be seen, and answers nothing.
    """
    async with platform.start(tmp_path, COMMITTED_AT, gather=timedelta(milliseconds=150)) as driver:
        await begin(driver)
        driver.kept()
        await driver.write_out_of_order("nurse", "1")
        assert (await driver.after())[-1].text == AFTER_THE_ROLE
        assert driver.kept() == ['answer c1 = "nurse"']
