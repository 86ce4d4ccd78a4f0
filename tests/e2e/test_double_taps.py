"""The same button is tapped twice, or once more later: nothing wrong is said, and nothing happens twice."""

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import Seen, said_by
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin

READY = "You can skip, pause or stop"
CONSENT = "Your answers help teach"
LATER = "May I write again"
ROLE = "Your role?"
SURE = "Shall I delete your answers"


def texts(seen: list[Seen]) -> list[str]:
    return said_by(seen)


async def interviewed(driver: PlatformDriver) -> None:
    """An interview has begun."""
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    await driver.house.settle()
    driver.look()


async def test_no_thanks(driver: PlatformDriver) -> None:
    """Who declines to begin has said so once, however often it is tapped."""
    await interviewed(driver)
    assert await driver.tap("No thanks", READY)
    for _ in range(2):
        assert await driver.tap("No thanks", READY) == []
    assert "Change" in driver.stands_under(READY)


async def test_no_to_a_consent(driver: PlatformDriver) -> None:
    """Also a no to taking part; and one that is given once more after 'Change'."""
    await interviewed(driver)
    await driver.tap("Continue", READY)
    assert await driver.tap("No", CONSENT)
    assert await driver.tap("No", CONSENT) == []
    assert driver.stands_under(CONSENT) == ["\u2713 No", "Change"]
    assert len(await driver.tap("Change", CONSENT)) == 1
    assert driver.stands_under(CONSENT) == ["I agree", "No"]
    assert await driver.tap("No", CONSENT) == []
    assert driver.stands_under(CONSENT) == ["\u2713 No", "Change"]
    assert driver.house.count("SELECT count(*) FROM consent WHERE granted") == 0


async def test_a_no_that_was_taken_back_is_heard(driver: PlatformDriver) -> None:
    """The other answer still does what it did: it asks, and the interview goes on."""
    await interviewed(driver)
    for tap in ("Continue",):
        await driver.tap(tap, READY)
    for _ in range(2):
        await driver.tap("No", CONSENT)
    [asked] = await driver.tap("I agree", CONSENT)
    assert [button.label for button in asked.buttons] == ["Change it", "Keep it"]
    assert len(await driver.tap("Change it", "")) > 1
    assert driver.house.count("SELECT count(*) FROM consent WHERE granted") == 1


@pytest.mark.parametrize("again", ["Keep it", "Change it"])
async def test_a_change_that_is_made(driver: PlatformDriver, again: str) -> None:
    """Its question shows that it was made; a second tap changes nothing, and says where it is undone."""
    await interviewed(driver)
    for tap, under in (("Continue", READY), ("I agree", CONSENT), ("Yes", LATER), ("No", LATER)):
        await driver.tap(tap, under)
    assert driver.stands_under(LATER) == ["Change it", "Keep it"]
    assert await driver.tap("Change it", LATER)
    assert driver.stands_under(LATER) == ["\u2713 Change it"]
    told = await driver.tap(again, LATER)
    assert [(one.text, one.toast) for one in told] == [(say(Sentence.CHANGED_BEFORE, "en"), True)]
    assert driver.house.rows("SELECT value FROM answer WHERE slot = 'a03' AND superseded_at IS NULL") == [
        ("false",)
    ]
    assert await driver.tap("Undo", "I have changed that answer.")
    assert driver.house.put_aside() == []


async def test_an_answer(driver: PlatformDriver) -> None:
    """One answer, and one next question."""
    await begin(driver)
    assert texts(await driver.tap("Nurse", ROLE)) == [AFTER_THE_ROLE]
    assert await driver.tap("Nurse", ROLE) == []
    assert [line for line in driver.kept() if "c1" in line] == ['answer c1 = "nurse" from "Nurse"']


async def test_keep_it(driver: PlatformDriver) -> None:
    """That nothing was deleted is said in passing; the open question is not sent again."""
    await begin(driver)
    await driver.type("delete my data")
    assert texts(await driver.tap("No, keep it", SURE)) == ["All right. I have deleted nothing.", ROLE]
    for label in ("No, keep it", "Yes, delete all"):
        told = await driver.tap(label, SURE)
        assert [(one.text, one.toast) for one in told] == [("All right. I have deleted nothing.", True)]
    assert driver.house.count("SELECT count(*) FROM conversation WHERE state != ''") == 1


@pytest.mark.parametrize("again", ["Yes, delete all", "No, keep it"])
async def test_delete_all(driver: PlatformDriver, again: str) -> None:
    """The last message was promised to be the last."""
    await begin(driver)
    await driver.type("delete my data")
    assert len(await driver.tap("Yes, delete all", SURE)) == 1
    assert await driver.tap(again, SURE) == []


async def test_a_language(driver: PlatformDriver) -> None:
    """What comes of it comes once."""
    await begin(driver)
    await driver.type("language")
    menu = "Which language"
    assert texts(await driver.tap("English", menu)) == ["We go on in English.", ROLE]
    told = await driver.tap("English", menu)
    assert [(one.text, one.toast) for one in told] == [("We go on in English.", True)]
    assert len(said_by(await driver.tap("Deutsch", menu))) == 2


async def test_change_after_the_end(driver: PlatformDriver) -> None:
    """The question is shown again once, and once more only after it was answered there."""
    await begin(driver)
    for reply in ("nurse", "not relevant", "time"):
        await driver.type(reply)
    assert driver.house.count("SELECT count(*) FROM conversation WHERE state != '' AND ended_at IS NOT NULL")
    assert texts(await driver.tap("Change", ROLE)) == [ROLE]
    for _ in range(2):
        assert [one.toast for one in await driver.tap("Change", ROLE)] in ([], [True])
    await driver.tap("Physician", ROLE)
    await driver.tap("Change it", ROLE)
    assert texts(await driver.tap("Change", ROLE)) == [ROLE]
    assert driver.house.put_aside() == []
