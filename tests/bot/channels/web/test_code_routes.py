"""The pages on which a code is sent, and taken."""

import asyncio

import pytest

from bot.channels.base import ChannelDown, InboundKind
from bot.channels.web.code_routes import PLACES, CodePlace, RepeatedForms
from bot.channels.web.port import CODE_PATH, MAIL_PATH, UNSUBSCRIBE_PATH
from tests.support.mail_pages import TOKEN, mail_pages_served
from tests.support.web_browser import SAME_SITE

MAIL_CODE = f"{MAIL_PATH}{TOKEN}{CODE_PATH}"


@pytest.mark.parametrize("place", PLACES)
async def test_the_page_of_a_code_always_has_its_field(place: CodePlace) -> None:
    """Whoever comes back to it by its address enters the code that was sent, and asks for no other."""
    async with mail_pages_served("en") as (door, browser):
        page = await browser.open(place.of(TOKEN))
        assert [bool(form.named("words")) for form in page.forms] == [False, True]
        await browser.press("Send me a code")
        assert browser.page.response.url.path == place.of(TOKEN)
        page = await browser.open(place.of(TOKEN))
        assert [bool(form.named("words")) for form in page.forms] == [True, False]
        wrong = await browser.post(page.forms[0], ("words", "000000"))
        assert wrong.status == 422
        assert (await browser.post(wrong.forms[0], ("words", "123456"))).status == 200
        assert door.codes_sent == 1


async def test_a_form_has_one_code_sent() -> None:
    """However often its button is tapped; another form has another one sent."""
    async with mail_pages_served("en") as (door, browser):
        for number in (1, 2):
            page = await browser.open(MAIL_CODE)
            form = next(form for form in page.forms if not form.named("words"))
            data = dict(form.hidden())
            posts = (browser.client.post(form.action, data=data, headers=SAME_SITE) for _ in range(3))
            assert {str(one.url.path) for one in await asyncio.gather(*posts)} == {MAIL_CODE}
            assert door.codes_sent == number


async def test_what_failed_is_done_anew_for_the_same_form() -> None:
    """A second tap hears what the first one hears, and tries again where that came to nothing."""
    once, done = RepeatedForms(), []
    outcomes = iter([ChannelDown("x"), False, True, True])

    async def do() -> bool:
        await asyncio.sleep(0)
        done.append(next(outcomes))
        if isinstance(done[-1], Exception):
            raise done[-1]
        return bool(done[-1])

    both = await asyncio.gather(once.done("a", do), once.done("a", do), return_exceptions=True)
    assert [type(one) for one in both] == [ChannelDown, ChannelDown]
    assert not await once.done("a", do)
    assert await asyncio.gather(once.done("a", do), once.done("a", do)) == [True, True]
    assert await once.done("b", do)
    assert len(done) == 4


async def test_a_code_is_taken_from_our_own_page_alone() -> None:
    """A post of which the browser does not tell where it came from is shown the page; that page lets browsers tell."""
    async with mail_pages_served("en") as (_door, browser):
        browser.client.cookies.clear()
        fields = {"key": "k" * 43, "words": "123456"}
        answer = await browser.client.post(MAIL_CODE, data=fields, follow_redirects=False)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        assert answer.headers["referrer-policy"] == "same-origin"
        taken = [
            await browser.client.post(MAIL_CODE, data=fields, headers=SAME_SITE, follow_redirects=False)
            for _ in range(2)
        ]
        assert [one.headers["location"] for one in taken] == ["/talk#end"] * 2
        assert taken[0].headers["set-cookie"] == taken[1].headers["set-cookie"]


async def test_whoever_used_the_browser_before_is_left() -> None:
    """The page says so first; the bot hears that nobody is reached there, once."""
    async with mail_pages_served("en") as (door, browser):
        before = browser.pages.taken[-1].address
        assert "Somebody else" not in (await browser.open(MAIL_CODE)).text
        door.others.add(before)
        assert "Somebody else" in (await browser.open(MAIL_CODE)).text
        form = next(form for form in browser.page.forms if form.named("words"))
        for _ in range(2):
            await browser.post(form, ("words", "123456"))
        left = [one.address for one in browser.pages.taken if one.kind is InboundKind.BLOCKED]
        assert left == [before]


async def test_the_link_that_ends_mails_lets_nobody_in() -> None:
    """By its code all stops, from an address that is given up at once; the browser stays whose it was."""
    async with mail_pages_served("de") as (_door, browser):
        cookies = dict(browser.client.cookies)
        page = await browser.open(f"{UNSUBSCRIBE_PATH}{TOKEN}{CODE_PATH}")
        form = next(form for form in page.forms if form.named("words"))
        for _ in range(2):
            assert "Wir haben aufgehört" in (await browser.post(form, ("words", "123456"))).text
        assert dict(browser.client.cookies) == cookies
        done = browser.pages.taken[-2:]
        assert [(one.kind, one.text) for one in done] == [
            (InboundKind.TEXT, "/stop"),
            (InboundKind.BLOCKED, ""),
        ]
        assert len({one.address for one in browser.pages.taken}) == 2
