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


TOLD = "My ward has too few nurses at night"
TOLD_BETTER = "My ward has far too few nurses at night"
OUTCOME = "SELECT outcome FROM conversation WHERE flow = 'hcp_commitment'"
STANDING = "SELECT raw, slot FROM remark WHERE superseded_at IS NULL ORDER BY id"


async def left_after_a_remark(driver: PlatformDriver) -> None:
    """Say who they are, tell something where it was not asked for, and stay away until the talk has run out."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    for words in ("yes", "yes", "nurse", TOLD):
        await driver.type(words)
    await driver.house.pass_time(COMMITTED_AT + timedelta(days=15))
    assert driver.house.rows(OUTCOME) == [("expired",)]
    driver.look()


async def test_an_edit_after_the_talk_ran_out_changes_the_remark(driver: PlatformDriver) -> None:
    """Both wordings are kept, one stands; it is said back, nothing is opened again, and no answer changes."""
    await left_after_a_remark(driver)
    [(_, slot)] = driver.house.rows(STANDING)
    kept = say(Sentence.REMARK_KEPT, "en")
    for words in (TOLD_BETTER, f"{TOLD_BETTER}, every week"):
        assert said_by(await driver.edit(TOLD, words)) == [kept]
        assert driver.house.rows(STANDING) == [(words, slot)]
    assert driver.house.rows("SELECT count(*) FROM remark") == [(3,)]
    assert driver.house.rows(OUTCOME) == [("expired",)]
    assert driver.house.rows("SELECT count(*) FROM answer WHERE superseded_at IS NOT NULL") == [(0,)]
    seen = await driver.type("I am back now, the ward was busy")
    assert seen[-1].text.endswith(RETURNED)
    assert driver.house.put_aside() == []


async def test_an_edit_that_says_nothing_is_refused_in_words(driver: PlatformDriver) -> None:
    """What was told stands, and they hear that this talk is over."""
    await left_after_a_remark(driver)
    assert said_by(await driver.edit(TOLD, "ok")) == [say(Sentence.CONVERSATION_ENDED, "en")]
    assert [raw for raw, _ in driver.house.rows(STANDING)] == [TOLD]


async def test_an_edit_of_an_answer_after_the_talk_ran_out_is_told_besides(driver: PlatformDriver) -> None:
    """The answer stays as it was given; the new words are kept as a remark, once, and said back."""
    await left_after_a_remark(driver)
    words = "nurse, and I lead the day unit since March"
    assert said_by(await driver.edit("nurse", words)) == [say(Sentence.REMARK_KEPT, "en")]
    assert [raw for raw, _ in driver.house.rows(STANDING)] == [TOLD, words]
    better = "nurse, and I lead the day unit since April"
    await driver.edit("nurse", better)
    assert [raw for raw, _ in driver.house.rows(STANDING)] == [TOLD, better]
    assert driver.house.rows("SELECT raw FROM answer WHERE question_key = 'c1'") == [("nurse",)]


async def test_words_of_distress_in_an_edit_after_the_talk_ran_out(driver: PlatformDriver) -> None:
    """Help comes first, and the case is open."""
    await left_after_a_remark(driver)
    [seen] = await driver.edit(TOLD, "I want to kill myself")
    assert "emergency" in seen.text
    assert driver.house.count("SELECT count(*) FROM safety_case") == 1


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
