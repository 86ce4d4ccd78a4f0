import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.base import InboundKind
from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web import rendering
from bot.channels.web.channel import WebChannel
from bot.channels.web.mail_door import OpenedMail
from bot.channels.web.mail_routes import limited
from bot.channels.web.options import WebConfig
from bot.channels.web.port import (
    CONFIRM_PATH,
    NO_DRAFT,
    UNSUBSCRIBE_PATH,
    AnswerDraft,
    ConversationPage,
    FormMarks,
    OpenQuestion,
    PageAuthor,
    PageMessage,
)
from flows.engine.effects import Option, Prompt, PromptKind
from tests.support.mail_pages import TOKEN, FakeDoor, mail_pages_served
from tests.support.page_source import FakePages
from tests.support.web_browser import SAME_SITE, Browser, Page

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPENED = OpenedMail("email:ann@example.org", AT)


def _said(name: str, author: PageAuthor, minutes: int) -> PageMessage:
    return PageMessage(name=name, author=author, text=f"words of {name}", at=AT + timedelta(minutes=minutes))


def _page() -> ConversationPage:
    prompt = Prompt("How is it?", PromptKind.SELECT_ONE, ask=1, options=(Option("Well"), Option("Not well")))
    return ConversationPage(
        language="en",
        messages=(
            _said("before", PageAuthor.BOT, -60),
            _said("mine", PageAuthor.PERSON, 1),
            _said("after", PageAuthor.BOT, 2),
        ),
        open_question=OpenQuestion(prompt=prompt, number=1000, conversation=1),
        older="/talk?before=1",
    )


def test_the_link_of_a_mail_shows_nothing_that_was_said_before() -> None:
    """Neither what came before the mail, nor what its reader said; what is said to them now stands there."""
    shown = limited(_page(), "TOKEN", OPENED)
    assert [one.name for one in shown.messages] == ["after"]
    assert shown.older is None
    silent = replace(_page(), messages=_page().messages[:1])
    assert limited(silent, "TOKEN", OPENED).messages == ()


def test_all_forms_of_such_a_page_are_posted_to_it() -> None:
    """Choices, words and commands go where the link leads: the reader has no cookie."""
    html = rendering.conversation_page(limited(_page(), "TOKEN", OPENED), FormMarks(key="k" * 43))
    assert set(re.findall(r'action="([^"]*)"', html)) == {"/m/TOKEN"}
    assert "/m/TOKEN/code" in html
    assert "/forget" not in html


DRAFT = AnswerDraft(question="1.1", picks=frozenset({0, 2}))


class _Refusing(FakePages):
    """Shows everybody one question with boxes, and takes no ticks."""

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        options = (*(Option(one) for one in ("Pain", "Sleep", "Cost")), Option("Done", control=True))
        prompt = Prompt("Which two?", PromptKind.SELECT_MANY, ask=1, options=options, max_picks=1)
        ticked = [frozenset(one.options) for one in self.taken if one.kind is InboundKind.PICKS]
        draft = replace(DRAFT, picks=ticked[-1]) if ticked else NO_DRAFT
        question = OpenQuestion(prompt=prompt, number=1000, conversation=1, draft=draft)
        return ConversationPage(language="en", open_question=question, newest=1000, waiting=not self.settled)


@asynccontextmanager
async def opened_link() -> AsyncIterator[tuple[_Refusing, Browser]]:
    """The page behind the link of a mail, in a browser without a cookie."""
    channel, pages = WebChannel(WebConfig(public_url="http://localhost", answer_seconds=0.2)), _Refusing()
    channel.pages, channel.mail = pages, FakeDoor("en")
    running = asyncio.create_task(channel.run(pages.receive))
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", follow_redirects=True
    ) as client:
        await asyncio.sleep(0)
        browser = Browser(client)
        await browser.open(f"/m/{TOKEN}")
        yield pages, browser
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def _ticked(page: Page) -> list[str]:
    return re.findall(r'name="pick" value="(\d)" checked', page.response.text)


async def test_what_was_not_taken_is_seen_by_whoever_gave_it_alone() -> None:
    """The page that answers the post has the ticks; whoever else opens the link, or asks on it, sees none of them."""
    async with opened_link() as (_pages, browser):
        page = await browser.tick("Pain", "Cost")
        assert page.status == 200
        assert _ticked(page) == ["0", "2"]
        assert _ticked(await browser.tick("Pain", "Sleep")) == ["0", "1"]
        assert _ticked(await browser.open(f"/m/{TOKEN}")) == []
        assert _ticked(await browser.type("help")) == []
        assert _ticked(await browser.press("Help")) == []


async def test_a_link_s_page_that_waits_keeps_what_was_typed() -> None:
    """Asking for it again says nothing."""
    async with opened_link() as (pages, browser):
        pages.settled = False
        page = await browser.open(f"/m/{TOKEN}")
        form = next(form for form, one in page.controls() if one.name == "words")
        page = await browser.post(form, ("words", "half a"), ("look", "1"))
        assert ">\nhalf a</textarea>" in page.response.text
        assert pages.taken == []


async def test_whoever_tries_links_waits_and_hears_how_long() -> None:
    """By a page, with a choice of languages, as on all others."""
    few = RequestLimits(link=RequestRate(1, 20.0))
    channel, pages = WebChannel(WebConfig(public_url="http://localhost", limits=few)), _Refusing()
    channel.pages, channel.mail = pages, FakeDoor("en")
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.get(f"/m/{TOKEN}")
        answer = await client.get(f"/m/{TOKEN}")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 20
    assert "?language=de" in answer.text


async def test_every_form_is_answered_by_a_redirection() -> None:
    """Of those that confirm an address and end mails, too: a reload posts nothing, and a second tap is as the first.
    A mail program, which follows no redirection, is told at once."""
    async with mail_pages_served("en") as (door, browser):
        for path in (f"{CONFIRM_PATH}{TOKEN}", f"{UNSUBSCRIBE_PATH}{TOKEN}"):
            page = await browser.open(path)
            data = dict(page.forms[0].hidden())
            for _ in range(2):
                posted = await browser.client.post(path, data=data, headers=SAME_SITE, follow_redirects=False)
                assert (posted.status_code, posted.headers["location"]) == (303, path)
        assert "confirmed" in (await browser.open(f"{CONFIRM_PATH}{TOKEN}")).text
        assert "no more mails" in (await browser.open(f"{UNSUBSCRIBE_PATH}{TOKEN}")).text
        told = await browser.client.post(
            f"{UNSUBSCRIBE_PATH}{TOKEN}", data={"List-Unsubscribe": "One-Click"}, follow_redirects=False
        )
        assert told.status_code == 200
        assert len(door.ended) == 3


@pytest.mark.parametrize(
    "path", ["/m/{}/code", "/m/{}/stop/code", "/u/{}", "/u/{}/code", "/e/{}", "/address", "/forget"]
)
async def test_pages_are_in_the_language_of_the_conversation(path: str) -> None:
    """Not in that of the browser, which may be somebody else's; another one may be chosen on each of them."""
    async with mail_pages_served("de") as (_door, browser):
        assert 'lang="de"' in (await browser.open(path.format(TOKEN))).response.text
        assert 'href="?language=ar"' in browser.page.response.text
        assert '<html lang="ar"' in (await browser.open(f"{path.format(TOKEN)}?language=ar")).response.text
        assert ("language", "ar") in browser.page.forms[0].hidden()
