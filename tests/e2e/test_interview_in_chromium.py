"""A patient's whole interview in Chromium, at the bot as it runs: by taps and by typing, with a script and without."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.channels.web.channel import WebChannel
from bot.channels.web.port import ConversationPage
from bot.clock import MovableClock
from flows.i18n.say import Sentence, say
from flows.text.templates import is_right_to_left
from tests.support.chromium import NEEDS_CHROMIUM, PHONE, chromium, phone
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
        looks = script and way == "taps"  # the pages are laid out alike whatever is done on them
        thumb = Thumb(held, reader, tmp_path / "pictures" if looks else None)
        await thumb.begin(f"/c/{bot.token(language=None)}")
        await thumb.answer(replies)
        await _is_over(thumb)
        _is_kept(bot, thumb, replies)
        await held.page.reload()
        await _is_over(thumb)
        ours, theirs = await thumb.history()
        asked = [one.whole for one in thumb.shown[: len(replies)]]
        assert theirs == thumb.said
        assert [one for one in ours if one in asked] == asked
        assert held.elsewhere == []
        assert held.complaints == []


@dataclass
class LateAnswer:
    """The pages of a bot, of which the first says that the answer is still on its way."""

    pages: Any
    is_first: bool = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pages, name)

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        page = await self.pages.conversation(address, before)
        if page is None or not self.is_first:
            return page
        self.is_first = False
        return replace(page, waiting=True, open_question=None)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_who_waits_for_an_answer_sees_it_come(browser: Any, tmp_path: Path, script: bool) -> None:
    """A page that says that the answer is on its way shows it by itself, or without a script once it is asked to.

    It can be seen without scrolling.
    """
    async with (
        web_bot(settings_for(tmp_path)) as bot,
        phone(browser, bot.url, script=script) as held,
    ):
        web = bot.app.channels["web"]
        assert isinstance(web, WebChannel)
        late = LateAnswer(web.pages)
        web.pages = late
        thumb = Thumb(held, Reader("patient_interview", "en"), looks_again=not script)
        await thumb.begin(f"/c/{bot.token()}")
        assert not late.is_first
        shown = await thumb.read()
        assert shown.question == thumb.reader.beginning("a00")
        seen = await held.page.locator("#question").bounding_box()
        assert 0 <= seen["y"] < PHONE[1]


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
    _counts(language, [one.progress for one in thumb.shown if one.progress])
    assert bot.rows("SELECT status, outcome, channel FROM conversation") == [("ended", "completed", "web")]
    assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL OR handled_at IS NULL") == [(0,)]
    assert bot.rows("SELECT count(*) FROM outbox WHERE status != 'sent'") == [(0,)]


def _counts(language: str, shown: Sequence[str]) -> None:
    """How far along each question is goes up one by one, to the end; what was skipped leaves fewer to come."""
    places = [(n, total) for total in range(1, 12) for n in range(1, total + 1)]
    known = {say(Sentence.PROGRESS, language, n=n, m=total): (n, total) for n, total in places}
    counted = [known[one] for one in shown]
    assert [n for n, _ in counted] == list(range(1, len(counted) + 1))
    totals = [total for _, total in counted]
    assert totals == sorted(totals, reverse=True)
    assert counted[-1] == (totals[-1], totals[-1])
