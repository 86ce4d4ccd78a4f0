"""Words that somebody has typed and not sent, in Chromium with and without scripts: a tap on anything keeps them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import NEEDS_CHROMIUM, chromium, phone
from tests.support.web_bot import settings_for, web_bot

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.timeout(600)]
WORDS = "What nobody asks:\nthe numbness at night"


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    async with chromium() as started:
        yield started


async def answered(page: Any, *, script: bool) -> None:
    """Without a script, look again while the answer is still on its way: that keeps the words, too."""
    while not script and await page.locator("#wait").count():
        await page.locator("button[name=look]").click()


@pytest.mark.parametrize("script", [False, True])
async def test_a_tap_keeps_the_words_that_were_not_sent(tmp_path: Path, browser: Any, script: bool) -> None:
    """They stand in their field after a choice, after Help, and after a reload of that page, which says nothing twice;
    then they are sent, once."""
    async with web_bot(settings_for(tmp_path)) as bot, phone(browser, bot.url, script=script) as held:
        page = held.page
        await held.open(f"/c/{bot.token()}")
        await page.locator("form.begin button").click()
        field = page.locator("#words")
        choice = page.locator(".answers button.choice")
        before = await page.locator("#question").inner_text()
        await field.fill(WORDS)
        await choice.first.click()
        await bot.until("SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL", 2)
        await answered(page, script=script)
        await page.locator("#question").filter(has_not_text=before.strip()).wait_for()
        assert await field.input_value() == WORDS
        if not script:
            await page.reload()
            assert await field.input_value() == WORDS
            assert bot.rows("SELECT count(*) FROM inbox") == [(2,)]
        await page.locator(".commands button", has_text="Help").click()
        await bot.until("SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL", 3)
        await answered(page, script=script)
        await page.locator(".message.person").filter(has_text="Help").first.wait_for()
        assert await field.input_value() == WORDS
        await page.locator("form#say button[name=say]").click()
        await bot.until("SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL", 4)
        await answered(page, script=script)
        await page.locator(".message.person").filter(has_text="the numbness at night").first.wait_for()
        assert await field.input_value() == ""
        assert held.elsewhere == []
