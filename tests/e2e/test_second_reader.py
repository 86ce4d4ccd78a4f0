"""The second reader notices what the rules miss: on each platform, wired; what it reads with is a small one."""

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.platforms.drivers import PlatformDriver
from tests.support.small_reader import CARE, QUEUE

TO_THE_VISIT = ("continue", "I agree", "yes", "yes", "I have the condition", "1 to 5 years")
"""A patient's replies up to the first question that is answered in their own words."""
HELP = say(Sentence.HELP_NEAR, "en", number="112")
SIGNALS = "SELECT reading_class, level FROM text_signal"


async def to_own_words(driver: PlatformDriver) -> None:
    """A patient up to the first question for own words."""
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    await driver.house.settle()
    for reply in TO_THE_VISIT:
        await driver.type(reply)


async def test_care_comes_after_the_next_question(driver: PlatformDriver) -> None:
    """The reply first, then where help is; the person answers the question above it, and is told nothing twice."""
    await to_own_words(driver)
    seen = await driver.type(f"They were kind. {CARE}")
    assert seen[-1].text == HELP
    assert len(seen) > 1
    assert [tuple(row) for row in driver.house.rows(SIGNALS)] == [("risk", "care")]
    seen = await driver.type("skip")
    assert HELP not in [one.text for one in seen]
    seen = await driver.type(f"They listened. {CARE}")
    assert HELP not in [one.text for one in seen]
    assert driver.house.put_aside() == []
    assert driver.house.rows("SELECT status FROM conversation")[0][0] == "open"


async def test_less_sure_words_are_only_queued(driver: PlatformDriver) -> None:
    """Nothing is said; the text stands first for whoever reads."""
    await to_own_words(driver)
    seen = await driver.type(f"They were kind. {QUEUE}")
    assert HELP not in [one.text for one in seen]
    assert [tuple(row) for row in driver.house.rows(SIGNALS)] == [("risk", "queue")]
