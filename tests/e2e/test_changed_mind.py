"""Old buttons on both platforms: what takes something back is asked once, changed by a tap or a word, and undone."""

from datetime import date
from pathlib import Path

import pytest

from flows.i18n.say import Sentence, say
from tests.support.dialogue import said_by
from tests.support.platforms.commitment import COMMITMENT
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.platform import Platform

CORRECTED = say(Sentence.CORRECTED, "en")
UNCHANGED = say(Sentence.UNCHANGED, "en")
TAKEN_BACK = say(Sentence.CONSENT_TAKEN_BACK, "en")
NO_FOLLOW_UP = say(Sentence.FOLLOW_UP_NONE, "en")
NEXT = say(Sentence.FOLLOW_UP_ON, "en", when=date(2026, 3, 16))
STANDING = "SELECT value FROM answer WHERE slot = 'c0_follow' AND superseded_at IS NULL"
WAVES = "SELECT DISTINCT status FROM follow_up"


@pytest.mark.parametrize("keep", ["tap", "type"])
async def test_a_no_under_an_old_consent_after_the_end(platform: Platform, tmp_path: Path, keep: str) -> None:
    """Asked once and kept; asked again, changed and undone: answers, waves and words follow each time."""
    async with platform.start(tmp_path, COMMITTED_AT) as driver:
        home = driver.house
        await driver.commit([COMMITMENT])
        [asked] = await driver.tap("Yes to now, no to later", "May I check back")
        assert asked.text.endswith(f"{say(Sentence.CHANGE_TAKES_BACK, 'en')}\n{NO_FOLLOW_UP}")
        assert [button.label for button in asked.buttons] == ["Change it", "Keep it"]
        kept = await (driver.tap("Keep it", "May I check back") if keep == "tap" else driver.type("no"))
        assert said_by(kept) == [UNCHANGED]
        assert (home.rows(STANDING), home.rows(WAVES)) == ([("true",)], [("scheduled",)])
        await driver.tap("Yes to now, no to later", "May I check back")
        told = await (driver.tap("Change it", "May I check back") if keep == "tap" else driver.type("yes"))
        assert said_by(told) == [TAKEN_BACK, CORRECTED, NO_FOLLOW_UP]
        assert (home.rows(STANDING), home.rows(WAVES)) == ([("false",)], [("opted_out",)])
        told = await driver.tap("Undo", CORRECTED)
        assert said_by(told) == [CORRECTED, NEXT]
        assert (home.rows(STANDING), home.rows(WAVES)) == ([("true",)], [("scheduled",)])
        assert home.put_aside() == []
