"""Trouble that only Slack makes in a conversation: nothing is lost, and nothing asked twice unmarked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.slack.channel import SlackChannel
from bot.turns.catch_up import catch_up_points
from tests.emulators.faults import Fault
from tests.emulators.slack.delivery import Delivery
from tests.support.dialogue import Seen, said_by
from tests.support.platforms.drivers import COMMITTED_AT, receiving
from tests.support.platforms.slack import SlackDriver, slack_driver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin
from tests.support.slack_channel import config, until


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
    assert said_by(await driver.after()) == [AFTER_THE_ROLE]
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_person_gone(driver: SlackDriver) -> None:
    """Whoever cannot be written to hears nothing; when they write again, they are shown what they could not see."""
    await begin(driver)
    driver.slack.faults.add("chat.postMessage", Fault.BLOCKED)
    assert await driver.type("nurse") == []
    assert driver.house.rows("SELECT status FROM address")[0][0] == "unreachable"
    assert said_by(await driver.type("1"))[-1] == AFTER_THE_ROLE
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."


async def _restarted(driver: SlackDriver, *said: str, http: bool = False) -> list[Seen]:
    """The bot is off while the person writes, for longer than Slack tries; then it is on again. Returns the screen."""
    slack, home = driver.slack, driver.house
    driver.receiving.cancel()
    await asyncio.gather(driver.receiving, return_exceptions=True)
    slack.dispatcher.waits_for_socket, slack.dispatcher.time_scale = False, 0
    if http:
        slack.dispatcher.request_url = "http://127.0.0.1:9/"
    for text in said:
        home.clock.move(timedelta(minutes=1))
        assert not (await (await driver.person.type(text)).settled()).acknowledged
    home.clock.move(timedelta(minutes=10))
    channel = SlackChannel(config(slack, socket=not http, history_pace=timedelta(0)))
    channel.catch_up_from(catch_up_points(home.database, home.clock, "slack"))
    before = home.count("SELECT count(*) FROM inbox")
    async with receiving(channel, home):
        await until(lambda: home.count("SELECT count(*) FROM inbox") == before + len(said))
        return await driver.after()


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_words_written_while_the_bot_was_off(tmp_path: Path, http: bool) -> None:
    """An answer that Slack gave up to deliver is fetched at the next start, and the conversation goes on."""
    async with slack_driver(tmp_path, COMMITTED_AT, http=http) as driver:
        await begin(driver)
        assert (await _restarted(driver, "nurse", http=http))[-1].text == AFTER_THE_ROLE
        assert 'answer c1 = "nurse"' in driver.kept()
        assert driver.house.put_aside() == []


async def test_words_after_the_answer_are_no_answer_to_what_came_later(driver: SlackDriver) -> None:
    """Of two messages fetched together the first is the answer; the second was written before the next question."""
    await begin(driver)
    await _restarted(driver, "nurse", "1")
    assert [row[0] for row in driver.house.rows("SELECT slot FROM answer ORDER BY id")][-1] == "c1"


async def test_distress_while_the_bot_was_off(driver: SlackDriver) -> None:
    """Words of distress that nobody heard at the time get help as soon as they are."""
    await begin(driver)
    shown = await _restarted(driver, "I want to kill myself")
    assert any("112" in seen.text or "988" in seen.text for seen in shown)


async def test_stop_while_the_bot_was_off(driver: SlackDriver) -> None:
    """A stop is a stop, also when it is heard late."""
    await begin(driver)
    await _restarted(driver, "stop")
    assert driver.house.rows("SELECT status FROM conversation")[0][0] == "ended"
