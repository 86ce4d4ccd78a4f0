"""Trouble between the bot and Telegram in the middle of a talk: nothing is lost, and nothing asked twice unmarked."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.channels.base import ChannelRefused
from flows.script.model import Role
from tests.emulators.faults import Fault, FaultPlan
from tests.support.dialogue import TRANSCRIPTS, read_script
from tests.support.platforms.drivers import COMMITTED_AT, begins_at
from tests.support.platforms.playing import Mode, play_and_compare
from tests.support.platforms.telegram import TelegramDriver, telegram_driver
from tests.support.platforms.wired import fail_once

TROUBLE: dict[str, Callable[[FaultPlan], None]] = {
    "slow down": lambda faults: faults.add("sendMessage", Fault.RATE_LIMIT, retry_after=3),
    "server error": lambda faults: faults.add("sendMessage", Fault.SERVER_ERROR),
    "bad gateway": lambda faults: faults.add("sendMessage", Fault.GATEWAY),
    "dropped before": lambda faults: faults.add("sendMessage", Fault.DROP_BEFORE),
    "dropped after storing": lambda faults: faults.add("sendMessage", Fault.DROP_AFTER),
    "ticks not shown": lambda faults: faults.add("editMessageReplyMarkup", Fault.RATE_LIMIT),
    "taps not answered": lambda faults: faults.add("answerCallbackQuery", Fault.SERVER_ERROR),
    "poll dropped": lambda faults: faults.add("getUpdates", Fault.DROP_AFTER),
    "updates twice": lambda faults: faults.duplicate_deliveries(2),
}


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[TelegramDriver]:
    async with telegram_driver(tmp_path, COMMITTED_AT) as started:
        yield started


async def begin(driver: TelegramDriver) -> None:
    """A talk about commitments, up to the role."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    assert [seen.text for seen in await driver.type("yes")] == ["Your role?"]


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_at_every_move(trouble: str, tmp_path: Path) -> None:
    """With one thing going wrong at every move, the same is said and kept as without."""
    script = read_script(TRANSCRIPTS / "patient_interview.txt")
    async with telegram_driver(tmp_path, begins_at(script)) as driver:
        faults = driver.telegram.faults

        def go_wrong_once() -> None:
            faults.clear()
            TROUBLE[trouble](faults)

        await play_and_compare(script, driver, Mode.TAPS, before=go_wrong_once)
        assert faults.met or trouble.endswith("twice")


async def test_updates_in_the_wrong_order(driver: TelegramDriver) -> None:
    """Two quick replies that Telegram hands over the wrong way round answer their own questions."""
    await begin(driver)
    driver.kept()
    driver.telegram.faults.reorder_deliveries()
    await driver.person.type("nurse")
    await driver.write("1")
    await driver.after()
    assert driver.kept() == ['answer c1 = "nurse"', 'answer c2 = "will_change" from "1"']


async def test_blocked_in_the_middle(driver: TelegramDriver) -> None:
    """Whoever blocks the bot hears nothing; when they unblock it, the open question comes back."""
    await begin(driver)
    driver.person.blocked = True
    assert await driver.type("nurse") == []
    assert driver.house.rows("SELECT status FROM address")[0][0] == "blocked"
    await driver.person.unblock()
    await driver.received()
    seen = await driver.after()
    assert seen[-1].text == "After Spring symposium, which is true?"
    assert 'answer c1 = "nurse"' in driver.kept()


async def test_block_that_is_told(driver: TelegramDriver) -> None:
    """Telegram tells of a block before we send: nothing is tried, and the talk goes on after the unblocking."""
    await begin(driver)
    await driver.person.block()
    await driver.received()
    assert await driver.after() == []
    await driver.person.unblock()
    await driver.received()
    assert (await driver.after())[-1].text == "Your role?"
    assert (await driver.type("nurse"))[-1].text == "After Spring symposium, which is true?"


async def test_token_revoked(driver: TelegramDriver) -> None:
    """With the token gone the channel ends, the operator is told, and what was to be said stays queued."""
    await begin(driver)
    await driver.write("nurse")
    driver.telegram.state.revoke()
    await driver.house.settle()
    with pytest.raises(ChannelRefused):
        await driver.receiving
    assert [name for name, _ in driver.house.alerts] == ["telegram"]
    assert driver.house.count("SELECT count(*) FROM outbox WHERE status = 'queued'") == 1
    assert 'answer c1 = "nurse"' in driver.kept()


async def test_not_stored_at_first(driver: TelegramDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored is not confirmed: Telegram hands it over again, and it is one reply."""
    await begin(driver)
    fail_once(driver.house, monkeypatch)
    assert (await driver.type("nurse"))[-1].text == "After Spring symposium, which is true?"
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_out_of_reach_for_a_while(driver: TelegramDriver) -> None:
    """While Telegram cannot be reached nothing is lost: the message goes out once, when it is back."""
    await begin(driver)
    await driver.write("nurse")
    await driver.telegram.stop()
    await driver.house.runtime.drain()
    assert await driver.house.delivery.drain() == 0
    await driver.telegram.start()
    assert [seen.text for seen in await driver.after()] == ["After Spring symposium, which is true?"]
    assert driver.house.count("SELECT count(*) FROM outbox WHERE possibly_duplicate") == 0
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."
