"""The words for oneself, typed in every language on both platforms: each is answered in that language."""

from pathlib import Path

import pytest

from flows.i18n.localized_flow import name_of
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.fresh import program
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.platform import Platform
from tests.support.retelling import LANGUAGES, word_in

ANSWERS = {
    "human": Sentence.HUMAN_TOLD,
    "my data": Sentence.MY_DATA_HERE,
    "link": Sentence.LINK_CODE,
    "delete my data": Sentence.DELETE_SURE,
    "no": Sentence.DELETE_KEPT,
    "stop": Sentence.STOPPED,
}
"""What is said to each, in this order; `delete my data` and yes come after them."""


def beginning(sentence: Sentence, language: str) -> str:
    """How it reads, up to a code that nobody knows beforehand."""
    text = say(sentence, language, contact=program()[0].contact, code="\0")
    return text.partition("\0")[0].rstrip("\u2068")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_words_for_oneself(platform: Platform, language: str, tmp_path: Path) -> None:
    """A choice of languages, then each word; at the end nobody is known any more, and nothing was put aside."""
    async with platform.start(tmp_path, COMMITTED_AT) as driver:
        driver.language = driver.house.language = language
        await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
        await driver.house.settle()

        async def heard(word: str) -> list[str]:
            typed = word_in(word, language)
            assert typed is not None
            return said_by(await driver.type(typed))

        await heard("yes")
        asked = await driver.type(str(word_in("language", language)))
        assert asked[-1].text == say(Sentence.LANGUAGE_WHICH, language)
        assert name_of(language) in [button.label for button in asked[-1].buttons]
        chosen = await driver.tap(name_of(language), "")
        assert said_by(chosen)[0] == say(Sentence.LANGUAGE_SET, language)
        for word, sentence in ANSWERS.items():
            texts = await heard(word)
            assert texts[0].startswith(beginning(sentence, language)), (word, texts)
        assert await heard("delete my data") == [say(Sentence.DELETE_SURE, language)]
        assert await heard("yes") == [say(Sentence.DELETED, language)]
        assert driver.house.rows("SELECT DISTINCT status FROM participant")[0][0] == "deleted"
        assert driver.house.count("SELECT count(*) FROM answer") == 0
        assert driver.house.put_aside() == []
