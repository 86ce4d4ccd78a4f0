"""Emoji as each platform delivers them: Slack by name between colons, Telegram as themselves."""

import json
from typing import Any

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import PlatformDriver

STATEMENT = "Ask each patient on thalidomide about tingling before every cycle"


def sure(seen: str) -> str:
    """What is said to an emoji alone."""
    return say(Sentence.EMOJI_ALONE, "en", seen=seen)


async def asked_to_take_part(driver: PlatformDriver) -> None:
    """Up to the first consent."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    driver.look()


def kept(driver: PlatformDriver) -> dict[str, Any]:
    """The answers by slot, as values."""
    rows = driver.house.rows("SELECT slot, value FROM answer ORDER BY id")
    return {slot: json.loads(value) if isinstance(value, str) else value for slot, value in rows}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("👎", "👎"), ("👍", "👍"), ("👍🏽", "👍🏽"), (":-1:", "👎"), (":+1:", "👍"), ("1️⃣", "1️⃣"), ("❌", "❌")],
)
async def test_no_emoji_consents(driver: PlatformDriver, typed: str, shown: str) -> None:
    """A thumb up or down under a consent is no answer: it says what was seen, and the question comes again."""
    await asked_to_take_part(driver)
    [again] = await driver.type(typed)
    assert said_by([again])[0] == sure(shown)
    assert [button.label for button in again.buttons] == ["Yes", "No thanks"]
    assert driver.house.count("SELECT count(*) FROM consent") == 0
    assert driver.house.count("SELECT count(*) FROM answer") == 0
    await driver.type("yes 👍")
    assert driver.house.rows("SELECT granted FROM consent") == [(1,)]


async def test_no_emoji_and_no_number_deletes(driver: PlatformDriver) -> None:
    """'Shall I delete all?' is answered by a word or a tap alone."""
    await asked_to_take_part(driver)
    await driver.type("delete my data")
    question = say(Sentence.DELETE_SURE, "en")
    for typed, shown in (("👎", "👎"), (":-1:", "👎"), ("👍", "👍"), ("1", "1"), ("1️⃣", "1️⃣")):
        assert said_by(await driver.type(typed)) == [sure(shown), question]
        assert driver.house.rows("SELECT status FROM participant") == [("active",)]
    await driver.tap("Yes, delete all", question)
    assert driver.house.rows("SELECT status FROM participant") == [("deleted",)]


async def test_emoji_as_answers(driver: PlatformDriver) -> None:
    """Keycaps pick, name a day and rate, and thumbs confirm; a thumb is no pick, no day and no point."""
    await asked_to_take_part(driver)
    for typed in ("yes", "yes", "👎", "2️⃣", "👍", "1️⃣", "write my own 👍", STATEMENT, "skip"):
        await driver.type(typed)
    for typed in (":-1:", "2️⃣", "👎", "4️⃣", "5️⃣ 👍", "👎", "3️⃣", "✅", "1️⃣ 3️⃣", "skip"):
        await driver.type(typed)
    answers = kept(driver)
    assert (answers["c1"], answers["c2"]) == ("nurse", "will_change")
    assert (answers["c7[0]"], answers["c8[0]"], len(answers["c9[0]"])) == (4, 5, 2)
    assert driver.house.rows("SELECT count(*) FROM commitment") == [(0,)]
    saved = await driver.type("👍")
    assert driver.house.rows("SELECT count(*) FROM commitment") == [(1,)]
    assert "Saved." in saved[-1].text
    assert "Saved." not in (await driver.type("👎"))[-1].text
