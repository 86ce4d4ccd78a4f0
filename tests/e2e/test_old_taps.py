"""A reply to a message of before is recorded with what stood in that message, whatever language it is now."""

import pytest

from flows.i18n.say import Sentence, say
from tests.support.platforms.drivers import PlatformDriver, commitment_replies
from tests.support.platforms.trouble import begin

ROLE = "Your role?"
CONSENT = "May I check back"
COMMITMENT = {
    "statement": "At each visit I will ask every patient about numbness",
    "level": 4,
    "foreseen_barriers": ["time"],
}


async def go_on_in_german(driver: PlatformDriver) -> None:
    """The menu is opened, and the button tapped."""
    await driver.type("language")
    await driver.tap("Deutsch", "Which language")
    driver.language = "de"


async def commit(driver: PlatformDriver, until: str) -> None:
    """Have a conversation about a commitment, in English, until a question is open."""
    await begin(driver)
    replies = commitment_replies(COMMITMENT)
    open_question = ROLE
    while not open_question.startswith(until):
        reply = next((replies[start] for start in replies if open_question.startswith(start)), "skip")
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
    assert seen[0].text == say(Sentence.CORRECTED, "de")
    assert driver.stands_under(ROLE)[-1] == say(Sentence.BUTTON_CHANGE, "de")


async def test_the_open_question(driver: PlatformDriver) -> None:
    """A question that stands there in two languages is answered in the one that was tapped."""
    await begin(driver)
    await go_on_in_german(driver)
    seen = await driver.tap("Physician", ROLE)
    assert standing(driver, "c1") == ('"physician"', "Physician", ROLE, "en")
    assert not seen[-1].text.startswith("After")


@pytest.mark.parametrize(
    ("key", "label", "under", "kept"),
    [
        ("c6", "Today", "When will you start?", "Today"),
        ("c7", "5", "How sure are you", "5"),
        ("c8", "2", "How confident are you", "2"),
        ("c3", "Write my own", "Pick one", "Write my own"),
    ],
)
async def test_other_kinds(driver: PlatformDriver, key: str, label: str, under: str, kept: str) -> None:
    """The same holds for a day, a point of a scale and a choice in a round of a block."""
    await commit(driver, "Shall I save")
    await go_on_in_german(driver)
    await driver.tap(label, under)
    print(standing(driver, key))
    assert standing(driver, key)[3] == "en"
    assert standing(driver, key)[2].startswith(under)


async def test_picks(driver: PlatformDriver) -> None:
    """The list that is ticked anew stays in its language, and so do the words of its picks."""
    await commit(driver, "Shall I save")
    print(standing(driver, "c9"), driver.stands_under("What might"))
    await go_on_in_german(driver)
    driver.language = "en"
    await driver.set_picks(["Money or cover"], "What might")
    print(standing(driver, "c9"), driver.stands_under("What might"))
    assert standing(driver, "c9")[2].startswith("What might")


@pytest.mark.parametrize("before", ["Yes to now, no to later", "Yes"])
async def test_a_consent(driver: PlatformDriver, before: str) -> None:
    """Nobody agrees to a text in a language in which it was never shown to them."""
    await driver.enter(driver.house.token("hcp_commitment", __import__("flows.script.model").script.model.Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    await driver.tap(before, CONSENT)
    await go_on_in_german(driver)
    after = "Yes" if before != "Yes" else "Yes to now, no to later"
    seen = await driver.tap(after, CONSENT)
    print(seen)
    print(driver.house.rows("SELECT purpose, granted, shown_text, language FROM consent"), standing(driver, "c0_follow"))
