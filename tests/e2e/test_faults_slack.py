"""Trouble between the bot and Slack in the middle of a talk: nothing is lost, and nothing asked twice unmarked."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import ChannelRefused
from flows.script.model import Role
from tests.emulators.faults import Fault, FaultPlan
from tests.emulators.slack.delivery import Delivery
from tests.support.dialogue import TRANSCRIPTS, read_script
from tests.support.platforms.drivers import COMMITTED_AT, begins_at
from tests.support.platforms.playing import Mode, play_and_compare
from tests.support.platforms.slack import SlackDriver, slack_driver
from tests.support.platforms.wired import fail_once

TROUBLE: dict[str, Callable[[FaultPlan], None]] = {
    "slow down": lambda faults: faults.add("chat.postMessage", Fault.RATE_LIMIT, retry_after=3),
    "server error": lambda faults: faults.add("chat.postMessage", Fault.SERVER_ERROR),
    "bad gateway": lambda faults: faults.add("chat.postMessage", Fault.GATEWAY),
    "dropped before": lambda faults: faults.add("chat.postMessage", Fault.DROP_BEFORE),
    "dropped after storing": lambda faults: faults.add("chat.postMessage", Fault.DROP_AFTER),
    "events twice": lambda faults: faults.duplicate_deliveries(2),
}


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[SlackDriver]:
    async with slack_driver(tmp_path, COMMITTED_AT) as started:
        yield started


async def begin(driver: SlackDriver) -> None:
    """A talk about commitments, up to the role."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    assert [seen.text for seen in await driver.type("yes")] == ["Your role?"]


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_at_every_move(trouble: str, tmp_path: Path) -> None:
    """With one thing going wrong at every move, the same is said and kept as without."""
    script = read_script(TRANSCRIPTS / "patient_interview.txt")
    async with slack_driver(tmp_path, begins_at(script)) as driver:
        faults = driver.slack.faults

        def go_wrong_once() -> None:
            faults.clear()
            TROUBLE[trouble](faults)

        await play_and_compare(script, driver, Mode.TAPS, before=go_wrong_once)
        assert faults.met or trouble.endswith("twice")


async def test_socket_closed_in_the_middle(driver: SlackDriver) -> None:
    """When Slack closes the connection, as it does every few hours, what is said meanwhile arrives on the next."""
    await begin(driver)
    await driver.slack.dispatcher.disconnect()
    assert (await driver.tap("Nurse", ""))[-1].text == "After Spring symposium, which is true?"
    assert 'answer c1 = "nurse" from "Nurse"' in driver.kept()


async def test_acknowledgement_lost(driver: SlackDriver) -> None:
    """An event that was stored, and whose acknowledgement is lost, comes again with its id: it is one reply."""
    await begin(driver)
    delivery = await driver.person.type("nurse")
    await driver.received(delivery)
    await driver.received(driver.slack.dispatcher.hand_over(Delivery(delivery.kind, delivery.payload)))
    assert [seen.text for seen in await driver.after()] == ["After Spring symposium, which is true?"]
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_token_revoked(driver: SlackDriver) -> None:
    """With the token gone the channel ends, the operator is told, and what was to be said stays queued."""
    await begin(driver)
    await driver.write("nurse")
    driver.slack.revoke()
    await driver.house.settle()
    with pytest.raises(ChannelRefused):
        await driver.receiving
    assert [name for name, _ in driver.house.alerts] == ["slack"]
    assert driver.house.count("SELECT count(*) FROM outbox WHERE status = 'queued'") == 1
    assert 'answer c1 = "nurse"' in driver.kept()


async def test_person_gone(driver: SlackDriver) -> None:
    """Whoever cannot be written to hears nothing; when they write again, the talk goes on."""
    await begin(driver)
    driver.slack.faults.add("chat.postMessage", Fault.BLOCKED)
    assert await driver.type("nurse") == []
    assert driver.house.rows("SELECT status FROM address")[0][0] == "unreachable"
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."


async def test_not_stored_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored is not acknowledged: Slack sends it again with the same id, and it is one reply."""
    async with slack_driver(tmp_path, COMMITTED_AT, http=True) as driver:
        await begin(driver)
        fail_once(driver.house, monkeypatch)
        delivery = await driver.person.type("nurse")
        await driver.received(delivery)
        assert delivery.attempts == 2
        assert (await driver.after())[-1].text == "After Spring symposium, which is true?"
        assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_replies_in_the_wrong_order(tmp_path: Path) -> None:
    """Two quick replies that Slack hands over the wrong way round answer their own questions."""
    async with slack_driver(tmp_path, COMMITTED_AT, gather=timedelta(milliseconds=150)) as driver:
        await begin(driver)
        driver.kept()
        dispatcher = driver.slack.dispatcher
        dispatcher.hold()
        deliveries = [await driver.person.type("nurse"), await driver.person.type("1")]
        driver.slack.faults.reorder_deliveries()
        dispatcher.release()
        for delivery in deliveries:
            await driver.received(delivery)
        await driver.after()
        assert driver.kept() == ['answer c1 = "nurse"', 'answer c2 = "will_change" from "1"']
