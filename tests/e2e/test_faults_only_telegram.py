"""Trouble that only Telegram makes in a conversation: nothing is lost, and nothing asked twice unmarked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulators.faults import Fault
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.platform import TELEGRAM
from tests.support.platforms.telegram import TelegramDriver, telegram_driver
from tests.support.platforms.trouble import AFTER_THE_ROLE, Trouble, begin, play_with_trouble_at_every_move

TROUBLE: dict[str, Trouble] = {
    "ticks not shown": lambda driver: driver.faults.add("editMessageReplyMarkup", Fault.RATE_LIMIT),
    "taps not answered": lambda driver: driver.faults.add("answerCallbackQuery", Fault.SERVER_ERROR),
    "poll dropped": lambda driver: driver.faults.add("getUpdates", Fault.DROP_AFTER),
}


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[TelegramDriver]:
    async with telegram_driver(tmp_path, COMMITTED_AT) as started:
        yield started


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_at_every_move(trouble: str, tmp_path: Path) -> None:
    """With one thing going wrong at every move, the same is said and kept as without."""
    await play_with_trouble_at_every_move(TELEGRAM, tmp_path, TROUBLE[trouble])


async def test_blocked_in_the_middle(driver: TelegramDriver) -> None:
    """Whoever blocks the bot hears nothing; when they unblock it, the open question comes back."""
    await begin(driver)
    driver.person.blocked = True
    assert await driver.type("nurse") == []
    assert driver.house.rows("SELECT status FROM address")[0][0] == "blocked"
    await driver.person.unblock()
    await driver.received()
    seen = await driver.after()
    assert seen[-1].text == AFTER_THE_ROLE
    assert 'answer c1 = "nurse"' in driver.kept()


async def test_block_that_is_told(driver: TelegramDriver) -> None:
    """Telegram tells of a block before we send: nothing is tried, and the conversation goes on after the unblocking."""
    await begin(driver)
    await driver.person.block()
    await driver.received()
    assert await driver.after() == []
    await driver.person.unblock()
    await driver.received()
    assert (await driver.after())[-1].text == "Your role?"
    assert (await driver.type("nurse"))[-1].text == AFTER_THE_ROLE


async def test_out_of_reach_for_a_while(driver: TelegramDriver) -> None:
    """While Telegram cannot be reached nothing is lost: the message goes out once, when it is back."""
    await begin(driver)
    await driver.write("nurse")
    await driver.telegram.stop()
    await driver.house.runtime.drain()
    assert await driver.house.delivery.drain() == 0
    await driver.telegram.start()
    assert said_by(await driver.after()) == [AFTER_THE_ROLE]
    assert driver.house.count("SELECT count(*) FROM outbox WHERE possibly_duplicate") == 0
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."
