"""What only Slack hands over, in a conversation: emoji by name, threads, forwards, one message under several names."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.slack import SlackDriver, slack_driver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin

BELOW = say(Sentence.GOES_ON_BELOW, "en")
CONSENTS = "SELECT purpose, granted FROM consent ORDER BY id"
ANSWERS = "SELECT slot, raw FROM answer WHERE superseded_at IS NULL AND status = 'answered' ORDER BY id"


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[SlackDriver]:
    async with slack_driver(tmp_path, COMMITTED_AT) as started:
        yield started


async def enter_interview(driver: SlackDriver) -> str:
    """Come to the first question of the patients' interview; its text."""
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    return (await driver.after())[-1].text


async def to_story(driver: SlackDriver) -> str:
    """Come to a question of the interview that asks for own words; its text."""
    text = await enter_interview(driver)
    for reply in ("continue", "I agree", "yes", "yes"):
        text = (await driver.type(reply))[-1].text
    while not driver.house.count('SELECT count(*) FROM outbox WHERE payload LIKE \'%"kind":"text"%\''):
        text = (await driver.type("1"))[-1].text
    return text


@pytest.mark.parametrize("rich", [True, False], ids=["rich text", "words alone"])
@pytest.mark.parametrize("sign", ["👎", "👎🏽", ":-1:", "1️⃣", "❌"])
async def test_an_emoji_consents_to_nothing(driver: SlackDriver, sign: str, rich: bool) -> None:
    """A thumb down is no 1, with or without rich text and skin tone, and a keycap alone decides nothing either."""
    driver.person.rich_text = rich
    await enter_interview(driver)
    await driver.type("continue")
    await driver.type(sign)
    assert driver.house.rows(CONSENTS) == []
    assert driver.house.count("SELECT count(*) FROM conversation WHERE status = 'open'") == 1
    await driver.type("I agree")
    assert [tuple(row) for row in driver.house.rows(CONSENTS)] == [("take_part", 1)]


async def test_a_thread_under_the_open_question_answers_it(driver: SlackDriver) -> None:
    """Words in its thread are the answer; the next question comes in the room, and the thread says so."""
    await begin(driver)
    driver.kept()
    said = await driver.reply("nurse", "Your role")
    assert driver.kept() == ['answer c1 = "nurse"']
    assert said[-1] == BELOW
    assert said_by(driver.look()) == [AFTER_THE_ROLE]


async def test_words_in_a_thread_that_are_no_choice_are_told_there(driver: SlackDriver) -> None:
    """What would lead to the question put again is said in the thread; the question stands in the room already."""
    await begin(driver)
    said = await driver.reply("blue and green", "Your role")
    kept = f"{say(Sentence.REMARK_KEPT, 'en')}\n\n{say(Sentence.NOW_ONE_TAP, 'en')}"
    assert said == [kept, BELOW]
    assert driver.look() == []


async def test_a_thread_under_an_earlier_question_corrects_it(driver: SlackDriver) -> None:
    """Words under a question that was answered change that answer; the open one stays open, and is not repeated."""
    await begin(driver)
    await driver.type("nurse")
    said = await driver.reply("doctor", "Your role")
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1' AND superseded_at IS NULL") == 1
    assert said[-1] == BELOW
    assert driver.look() == []
    assert (await driver.type("1"))[-1].text == "Pick one, or tap “Write my own”."


async def test_a_thread_under_a_message_of_ones_own_goes_on(driver: SlackDriver) -> None:
    """A thread that the person begins under their own words is no question's: what is written there is a reply."""
    await begin(driver)
    await driver.type("what is this?")
    driver.kept()
    await driver.received(await driver.person.reply("nurse", "what is this?"))
    await driver.house.settle()
    assert driver.kept() == ['answer c1 = "nurse"']
    assert driver.house.put_aside() == []


async def test_a_reaction_is_no_answer(driver: SlackDriver) -> None:
    """An emoji on the open question grants nothing; how to answer is said once, however many there are."""
    await enter_interview(driver)
    question = (await driver.type("continue"))[-1].text
    for sign in ("👍", "✅", "👎"):
        await driver.received(await driver.person.react(sign, driver.message(question)))
        await driver.house.settle()
    assert driver.house.rows(CONSENTS) == []
    explained = [one for one in driver.look() if one.text.startswith(say(Sentence.REACTION_NO_ANSWER, "en"))]
    assert len(explained) == 1
    await driver.type("I agree")
    assert [tuple(row) for row in driver.house.rows(CONSENTS)] == [("take_part", 1)]


async def test_a_message_under_many_names_is_one_answer(driver: SlackDriver) -> None:
    """Each event comes three times under event_ids of its own: every reply is one reply."""
    driver.slack.more_event_ids = 2
    await begin(driver)
    assert said_by(await driver.type("nurse")) == [AFTER_THE_ROLE]
    for delivery in driver.slack.dispatcher.deliveries:
        await delivery.settled()
    assert said_by(await driver.after()) == []
    assert driver.house.count("SELECT count(*) FROM answer WHERE slot = 'c1'") == 1


async def test_forwards_and_captions_are_words(driver: SlackDriver) -> None:
    """A forwarded message, and a picture with words, answer a question for own words; nothing asks for words then."""
    await to_story(driver)
    await driver.received(await driver.person.forward("It began in March 👎", "my sister wrote:"))
    await driver.after()
    assert driver.house.rows(ANSWERS)[-1].raw == "my sister wrote:\n\nIt began in March 👎"


async def test_a_deleted_message_is_kept_and_marked(driver: SlackDriver) -> None:
    """Taking a message back changes no answer and says nothing; the answer is marked."""
    await to_story(driver)
    await driver.type("It began in March and nobody listened to me at all.")
    driver.look()
    await driver.received(await driver.person.delete("It began in March and nobody listened to me at all."))
    assert await driver.after() == []
    marked = driver.house.rows("SELECT raw FROM answer WHERE message_deleted_at IS NOT NULL")
    assert [row.raw for row in marked] == ["It began in March and nobody listened to me at all."]


async def test_written_before_the_bot_spoke(driver: SlackDriver) -> None:
    """With the connection gone somebody starts and writes on: nothing is consented to, and nothing is lost."""
    driver.slack.dispatcher.hold()
    deliveries = [await driver.person.start(driver.house.token("patient_interview", Role.PATIENT))]
    deliveries += await driver.person.burst("hello", "ok", "yes")
    driver.slack.dispatcher.release()
    for delivery in deliveries:
        await driver.received(delivery)
    await driver.after()
    assert driver.house.rows(CONSENTS) == []
    assert driver.house.put_aside() == []
