"""A patient's whole interview in Chromium, at the bot as it runs: by taps and by typing, with a script and without."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clock import MovableClock
from flows.i18n.say import Sentence, say
from flows.text.templates import is_right_to_left
from tests.support.chromium import NEEDS_CHROMIUM, chromium, phone
from tests.support.chromium_steps import Thumb
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.script_replies import BY_TAPS, BY_TYPING, Reader, Reply
from tests.support.web_bot import WebBot, settings_for, web_bot

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(1200)]

WAYS = {"taps": BY_TAPS, "typing": BY_TYPING}
ANSWERED = "SELECT slot, value, language, channel, shown_text FROM answer ORDER BY id"
NOT_ASKED = ("a6_order", "a2_years")
"""What is kept beside an answer: nobody is asked for it."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """One Chromium for all."""
    async with chromium() as started:
        yield started


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_a_whole_interview(browser: Any, tmp_path: Path, language: str, way: str, script: bool) -> None:
    """From the link to the farewell on a phone: each question is shown as it is kept, in order and with how far along
    it is; each answer is kept once; what was said stands above, and does so after a reload. Nothing is asked of
    another host, nothing stands in the console, and axe finds nothing serious on any kind of page."""
    replies, reader = WAYS[way], Reader("patient_interview", language)
    clock = MovableClock(COMMITTED_AT, running=True)
    async with (
        web_bot(settings_for(tmp_path), clock=clock) as bot,
        phone(browser, bot.url, language=language, script=script) as held,
    ):
        thumb = Thumb(held, reader, tmp_path / way if script else None)
        await thumb.begin(f"/c/{bot.token(language=None)}")
        await thumb.answer(replies)
        await _is_over(thumb)
        _is_kept(bot, thumb, replies)
        await held.page.reload()
        await _is_over(thumb)
        ours, theirs = await thumb.history()
        assert theirs == thumb.said
        assert set(ours) >= {one.question for one in thumb.shown[:-2]}
        assert held.elsewhere == []
        assert held.complaints == []


async def _is_over(thumb: Thumb) -> None:
    """Nothing is open, the farewell is the last that was said, and the page is in the person's language."""
    shown = await thumb.read()
    language = thumb.reader.language
    direction = "rtl" if is_right_to_left(language) else "ltr"
    assert {(one.language, one.direction) for one in thumb.shown} == {(language, direction)}
    assert shown.question.startswith(say(Sentence.NO_QUESTION, language))
    farewell = await thumb.page.locator("#history .bot .said").last.inner_text()
    assert farewell.strip().startswith(thumb.reader.beginning("a99_again"))


def _is_kept(bot: WebBot, thumb: Thumb, replies: Sequence[Reply]) -> None:
    """Each answer is kept once, with the question as it was shown; the conversation is over, and nothing went wrong."""
    language = thumb.reader.language
    rows = [row for row in bot.rows(ANSWERED) if row[0] not in NOT_ASKED]
    kept = [(slot, json.loads(value) if value else None) for slot, value, *_ in rows]
    assert kept == [(one.slot, thumb.reader.value(one)) for one in replies]
    assert {(row[2], row[3]) for row in rows} == {(language, "web")}
    asked = [" ".join(one.question.split()) for one in thumb.shown[: len(replies)]]
    assert asked == [" ".join(row[4].split()) for row in rows]
    counted = [one.progress for one in thumb.shown if one.progress]
    total = 11
    known = [say(Sentence.PROGRESS, language, n=n, m=total) for n in range(1, total + 1)]
    assert [known.index(one) for one in counted] == sorted(known.index(one) for one in counted)
    assert (counted[0], counted[-1]) == (known[0], known[-1])
    assert bot.rows("SELECT status, outcome, channel FROM conversation") == [("ended", "completed", "web")]
    assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL OR handled_at IS NULL") == [(0,)]
    assert bot.rows("SELECT count(*) FROM outbox WHERE status != 'sent'") == [(0,)]
