"""A reply to a message of before is recorded with what stood in that message, whatever language it is now."""

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import begins, said_by
from tests.support.platforms.drivers import PlatformDriver, commitment_replies
from tests.support.platforms.trouble import begin

ROLE = "Your role?"
CONSENT = "May I check back"
COMMITMENT = {
    "statement": "At each visit I will ask every patient about numbness",
    "level": 4,
    "foreseen_barriers": ["time"],
}


FORGET = "I may forget, or habit"
GETS_IN_THE_WAY = "What might get in the way?"


async def asked_for_a_follow_up(driver: PlatformDriver) -> None:
    """A conversation about commitments, up to the second consent."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")


def decided(driver: PlatformDriver) -> tuple[int, str, str]:
    """The newest decision: whether it was a yes, the text that was shown, and its language."""
    [row, *_] = driver.house.rows("SELECT granted, shown_text, language FROM consent ORDER BY id DESC")
    return tuple(row)


async def go_on_in_german(driver: PlatformDriver) -> None:
    """The menu is opened, and the button tapped."""
    await driver.type("language")
    await driver.tap("Deutsch", "Which language")


async def commit(driver: PlatformDriver, until: str) -> None:
    """Have a conversation about a commitment, in English, until a question is open."""
    await begin(driver)
    replies = commitment_replies(COMMITMENT)
    open_question = ROLE
    while not begins(open_question, until):
        reply = next((replies[start] for start in replies if begins(open_question, start)), "skip")
        open_question = (await driver.type(reply))[-1].text


def standing(driver: PlatformDriver, key: str) -> tuple[str, ...]:
    """The answer that counts: its value, words, text (its first words) and language."""
    [row] = driver.house.rows(
        "SELECT value, raw, shown_text, language FROM answer"
        f" WHERE question_key = '{key}' AND superseded_at IS NULL"
    )
    return tuple(row)


async def test_a_choice(driver: PlatformDriver) -> None:
    """The button has the words that were read, and the conversation goes on in the language of now."""
    await begin(driver)
    await driver.tap("Nurse", ROLE)
    await go_on_in_german(driver)
    seen = await driver.tap("Physician", ROLE)
    assert standing(driver, "c1") == ('"physician"', "Physician", ROLE, "en")
    assert said_by(seen)[0] == say(Sentence.CORRECTED, "de")
    assert driver.stands_under(ROLE)[-1] == say(Sentence.BUTTON_CHANGE, "de")


async def test_the_open_question(driver: PlatformDriver) -> None:
    """A question that stands there in two languages is answered in the one that was tapped."""
    await begin(driver)
    await go_on_in_german(driver)
    seen = await driver.tap("Physician", ROLE)
    assert standing(driver, "c1") == ('"physician"', "Physician", ROLE, "en")
    assert not begins(seen[-1].text, "After")


@pytest.mark.parametrize(
    ("key", "label", "under"),
    [
        ("c6", "This month", "When will you start?"),
        ("c7", "5", "How sure are you"),
        ("c8", "2", "How confident are you"),
    ],
)
async def test_other_kinds(driver: PlatformDriver, key: str, label: str, under: str) -> None:
    """The same holds for a day and for the points of scales, in a round of a block."""
    await commit(driver, "If that happens")
    before = standing(driver, key)
    await go_on_in_german(driver)
    await driver.tap(label, under)
    value, raw, text, language = standing(driver, key)
    assert (raw, language) == (label, "en")
    assert text == before[2]
    assert value != before[0]


async def test_picks(driver: PlatformDriver) -> None:
    """The list that is ticked anew stays in its language, and so do the words of its picks."""
    await commit(driver, "If that happens")
    assert standing(driver, "c9")[0] == '["time"]'
    await go_on_in_german(driver)
    await driver.tap(FORGET, GETS_IN_THE_WAY)
    if driver.ticks_are_told:
        assert any(FORGET in label for label in driver.stands_under(GETS_IN_THE_WAY))
    await driver.tap("Done", GETS_IN_THE_WAY)
    value, raw, text, language = standing(driver, "c9")
    assert '"memory"' in value
    assert FORGET in raw
    assert (text.startswith(GETS_IN_THE_WAY), language) == (True, "en")


async def test_a_yes_to_an_old_consent(driver: PlatformDriver) -> None:
    """Nobody agrees to words that they were never shown."""
    await asked_for_a_follow_up(driver)
    await driver.tap("Yes to now, no to later", CONSENT)
    await go_on_in_german(driver)
    await driver.tap("Yes", CONSENT)
    assert decided(driver) == (1, standing(driver, "c0_follow")[2], "en")
    assert standing(driver, "c0_follow")[2].startswith(CONSENT)


async def test_a_no_to_an_old_consent(driver: PlatformDriver) -> None:
    """It is asked in the language of now, with the whole text: that is what is taken back, whatever comes between."""
    await asked_for_a_follow_up(driver)
    await driver.tap("Yes", CONSENT)
    await go_on_in_german(driver)
    [asked] = await driver.tap("Yes to now, no to later", CONSENT)
    await driver.type("in English please")
    await driver.tap("\u00c4ndern", asked.text)
    granted, text, language = decided(driver)
    assert (granted, language) == (0, "de")
    assert begins(asked.text, text)
    await driver.tap("Undo", say(Sentence.CORRECTED, "en"))
    assert decided(driver) == (1, text, "de")


async def test_an_edit_of_an_old_answer(driver: PlatformDriver) -> None:
    """It is read in the language of its question, and kept with that."""
    await begin(driver)
    await driver.type("Nurse")
    await go_on_in_german(driver)
    seen = await driver.edit("Nurse", "Pharmacist")
    assert standing(driver, "c1") == ('"pharmacist"', "Pharmacist", ROLE, "en")
    assert said_by(seen)[0] == say(Sentence.CORRECTED, "de")
