"""Edits of messages that were no answers, on both platforms: they change nothing, and nothing is said."""

import pytest

from flows.script.model import Role
from tests.support.platforms.drivers import PlatformDriver

EDITED = ["stop", "delete my data", "yes", "my data", "/start", "something else"]


@pytest.mark.parametrize("text", EDITED)
async def test_an_edit_of_what_was_no_answer(driver: PlatformDriver, text: str) -> None:
    """A stranger's words, words before the link, words that work everywhere, and words after the end."""

    async def edits(old: str) -> None:
        before = kept()
        assert await driver.edit(old, text) == []
        assert kept() == before

    def kept() -> list[object]:
        queries = (
            "SELECT status, state FROM conversation",
            "SELECT status FROM participant",
            "SELECT * FROM answer",
        )
        return [
            driver.house.rows(query) for query in (*queries, "SELECT id FROM outbox", "SELECT * FROM consent")
        ]

    await driver.type("hello")
    await edits("hello")
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.after()
    await edits("hello")
    await driver.type("help")
    await edits("help")
    await driver.type("no")
    await driver.type("thanks")
    await edits("thanks")
    await driver.type("human")
    await edits("human")
    assert driver.house.put_aside() == []


async def test_words_of_distress_in_an_edit(driver: PlatformDriver) -> None:
    """They are responded to, though the message was no answer."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.after()
    await driver.type("no")
    await driver.type("thanks")
    [seen] = await driver.edit("thanks", "I want to kill myself")
    assert "emergency" in seen.text
    assert driver.house.count("SELECT count(*) FROM safety_case") == 1
