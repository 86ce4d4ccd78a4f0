"""A consent text that was written anew between the commitment and day 30, on both platforms."""

from pathlib import Path

import pytest

from flows.i18n.say import Sentence, say
from flows.script.loader import library
from tests.support.consent_change import NEW, rewritten
from tests.support.dialogue import begins
from tests.support.platforms.commitment import COMMITMENT, THIRTY_DAYS_ON
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.platform import Platform


async def test_the_new_text_is_tapped_before_the_wave(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new text with its two buttons alone; after a tap on Yes the person's own words, in the same contact."""
    async with platform.start(tmp_path, COMMITTED_AT) as driver:
        home = driver.house
        await driver.commit([COMMITMENT])
        flows = library()
        changed = {**flows, "hcp_commitment": rewritten(flows["hcp_commitment"], "c0_follow", text=NEW)}
        monkeypatch.setattr(home.runtime, "flows", changed)
        monkeypatch.setattr(home.runtime._registry, "_current", changed)
        driver.look()
        await home.pass_time(THIRTY_DAYS_ON)
        intro, asked = driver.look()[-2:]
        assert intro.text == say(Sentence.CONSENT_CHANGED, "en", team="the Myeloma Learning Team")
        assert (asked.text, [button.label for button in asked.buttons]) == (
            NEW,
            ["Yes", "Yes to now, no to later"],
        )
        seen = await driver.tap("Yes", "")
        assert begins(seen[-1].text, "On 2 March 2026 you wrote:")
        assert home.rows("SELECT shown_text, granted FROM consent ORDER BY id DESC LIMIT 1") == [(NEW, 1)]
        assert home.put_aside() == []
