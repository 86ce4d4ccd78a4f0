"""Coming back on both platforms: after the talk ran out, to a plan that was never confirmed, and after a block."""

from datetime import timedelta
from pathlib import Path

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.emulators.faults import Fault
from tests.support.dialogue import begins, said_by
from tests.support.platforms.commitment import COMMITMENT, THIRTY_DAYS_ON
from tests.support.platforms.drivers import COMMITTED_AT, PlatformDriver, commitment_replies
from tests.support.platforms.telegram import telegram_driver

PLAN = "I will ask every patient about numbness at each visit."
RETURNED = say(Sentence.RETURNED, "en")


async def leave_at_the_read_back(driver: PlatformDriver) -> None:
    """Answer up to the read-back of a commitment, and leave it."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    replies = commitment_replies(COMMITMENT | {"statement": PLAN})
    question = driver.look()[-1].text
    while not begins(question, "Shall I save"):
        reply = next((replies[start] for start in replies if begins(question, start)), "skip")
        question = (await driver.type(reply))[-1].text


async def test_who_comes_back_goes_on_where_they_were(driver: PlatformDriver) -> None:
    """Late words are kept, and one tap leads back to the open question, whose yes saves it."""
    await leave_at_the_read_back(driver)
    await driver.house.pass_time(COMMITTED_AT + timedelta(days=15))
    driver.look()
    seen = await driver.type("Sorry, the ward was very busy")
    assert seen[-1].text.endswith(RETURNED)
    assert [button.label for button in seen[-1].buttons] == ["Go on", "Start anew", "Not now"]
    assert driver.house.rows("SELECT raw FROM remark") == [("Sorry, the ward was very busy",)]
    seen = await driver.tap("Go on", "")
    assert begins(seen[-1].text, "Shall I save this?")
    seen = await driver.tap("Save it", "")
    while not begins(seen[-1].text, "Saved."):
        seen = await driver.type("skip")
    assert driver.house.rows("SELECT confirmed FROM commitment") == [(1,)]
    assert driver.house.put_aside() == []


async def test_the_first_wave_asks_whether_it_was_the_plan(driver: PlatformDriver) -> None:
    """What was never confirmed is asked about first, with its words; a tap confirms it."""
    await leave_at_the_read_back(driver)
    await driver.house.pass_time(THIRTY_DAYS_ON)
    asked = driver.look()[-1]
    assert asked.text.endswith(f'did not get to save it:\n"{PLAN}"\nWas this your plan?')
    seen = await driver.tap("Yes", "")
    assert seen[-1].text.endswith("Where is it now?")
    assert driver.house.rows("SELECT confirmed FROM commitment") == [(1,)]
    assert driver.house.put_aside() == []


async def test_a_wave_missed_during_a_block_comes_after_it(tmp_path: Path) -> None:
    """Telegram tells that the bot was unblocked: the day of what was missed is told, and the question comes."""
    async with telegram_driver(tmp_path, COMMITTED_AT) as driver:
        await driver.commit([COMMITMENT])
        await driver.person.block()
        await driver.received()
        await driver.after()
        await driver.house.pass_time(THIRTY_DAYS_ON + timedelta(days=2))
        assert driver.house.rows("SELECT reason FROM follow_up WHERE wave_days = 30") == [("blocked",)]
        driver.look()
        await driver.person.unblock()
        await driver.received()
        [told] = said_by(await driver.after())
        assert told.startswith("I could not reach you for a while. What I wanted to ask comes on")
        await driver.house.pass_time(THIRTY_DAYS_ON + timedelta(days=9))
        assert any(text.endswith("Where is it now?") for text in said_by(driver.look()))
        assert driver.house.put_aside() == []


async def test_a_wave_missed_by_an_account_that_was_gone_comes_after_it(driver: PlatformDriver) -> None:
    """Where no event tells of a block, a message that fails does; the first words after it bring back what is due."""
    await driver.commit([COMMITMENT])
    driver.faults.add(driver.sends_by, Fault.BLOCKED)
    await driver.house.pass_time(COMMITTED_AT + timedelta(days=20))
    await driver.house.pass_time(THIRTY_DAYS_ON + timedelta(days=2))
    [(reason, sent_at)] = driver.house.rows("SELECT reason, sent_at FROM follow_up WHERE wave_days = 30")
    assert (reason in {"blocked", "unreachable"}, sent_at) == (True, None)
    driver.look()
    told = said_by(await driver.type("Hello, it is me again"))
    assert told[0].startswith("I could not reach you for a while. What I wanted to ask comes on")
    await driver.house.pass_time(THIRTY_DAYS_ON + timedelta(days=9))
    assert any(text.endswith("Where is it now?") for text in said_by(driver.look()))
    assert driver.house.rows("SELECT status FROM follow_up WHERE wave_days = 30") == [("sent",)]
    assert driver.house.put_aside() == []
