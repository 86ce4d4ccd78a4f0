"""Trouble that only Slack makes in a conversation: nothing is lost, and nothing asked twice unmarked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulators.faults import Fault
from tests.emulators.slack.delivery import Delivery
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.slack import SlackDriver, slack_driver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[SlackDriver]:
    async with slack_driver(tmp_path, COMMITTED_AT) as started:
        yield started


async def test_socket_closed_in_the_middle(driver: SlackDriver) -> None:
    """When Slack closes the connection, as it does every few hours, what is said meanwhile arrives on the next."""
    await begin(driver)
    await driver.slack.dispatcher.disconnect()
    assert (await driver.tap("Nurse", ""))[-1].text == AFTER_THE_ROLE
    assert 'answer c1 = "nurse" from "Nurse"' in driver.kept()


async def test_acknowledgement_lost(driver: SlackDriver) -> None:
    """An event that was stored, and whose acknowledgement is lost, comes again with its id: it is one reply."""
    await begin(driver)
    delivery = await driver.person.type("nurse")
    await driver.received(delivery)
    await driver.received(driver.slack.dispatcher.hand_over(Delivery(delivery.kind, delivery.payload)))
    assert [seen.text for seen in await driver.after()] == [AFTER_THE_ROLE]
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_person_gone(driver: SlackDriver) -> None:
    """Whoever cannot be written to hears nothing; when they write again, they are shown what they could not see."""
    await begin(driver)
    driver.slack.faults.add("chat.postMessage", Fault.BLOCKED)
    assert await driver.type("nurse") == []
    assert driver.house.rows("SELECT status FROM address")[0][0] == "unreachable"
    assert (await driver.type("1"))[-1].text == AFTER_THE_ROLE
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."
