"""Leaving and coming back on both platforms, by words and by taps, in every language."""

from pathlib import Path

import pytest

from flows.i18n.localized_flow import name_of
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.platform import Platform
from tests.support.retelling import LANGUAGES, word_in

CANCEL = {
    "en": "/cancel",
    "ar": "خلاص",
    "de": "abbrechen",
    "es": "cancelar",
    "fr": "annuler",
    "it": "annulla",
    "pt": "cancelar",
}
START = {
    "en": "START",
    "ar": "بدء",
    "de": "start",
    "es": "empezar",
    "fr": "commencer",
    "it": "inizia",
    "pt": "começar",
}


@pytest.mark.parametrize("language", sorted({"en", *LANGUAGES}))
async def test_cancel_asks_stop_stops_and_start_comes_back(
    platform: Platform, language: str, tmp_path: Path
) -> None:
    """Cancel opens a menu whose button stops for good; start brings back and asks the consents again."""
    async with platform.start(tmp_path, COMMITTED_AT) as driver:
        driver.language = driver.house.language = language
        await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
        await driver.house.settle()
        await driver.type("yes")
        if language != "en":
            await driver.type(str(word_in("language", language)))
            await driver.tap(name_of(language), "")
        asked = await driver.type(CANCEL[language])
        assert said_by(asked)[-1] == say(Sentence.LEAVE_WHICH, language)
        labels = [button.label for button in asked[-1].buttons]
        stop = say(Sentence.UPSET_STOP, language)
        assert labels == [
            say(Sentence.LEAVE_QUESTION, language),
            say(Sentence.UPSET_PAUSE, language),
            stop,
        ]
        told = said_by(await driver.tap(stop, ""))
        assert told == [say(Sentence.STOPPED, language)]
        assert driver.house.rows("SELECT status FROM participant") == [("withdrawn",)]
        assert said_by(await driver.type(CANCEL[language])) == [say(Sentence.STOPPED_BEFORE, language)]
        back = await driver.type(START[language])
        assert back[-1].buttons, said_by(back)
        assert driver.house.rows("SELECT status FROM participant") == [("active",)]
        assert driver.house.count("SELECT count(*) FROM conversation WHERE status = 'open'") == 1
        assert driver.house.put_aside() == []
