"""The pages behind the links of mails: what is done twice, comes too late, or on a browser that others use."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.channels.email.channel import EmailChannel
from tests.support.mail_server import plain
from tests.support.mailed_bot import (
    ANA,
    agrees_to_be_asked_again,
    begins_anew,
    bot_with_mail,
    confirms,
    eventually,
    gives_address,
    is_asked_by_mail,
    is_mailed,
    link_in,
)
from tests.support.web_browser import SAME_SITE, Browser, Form, Page


async def test_a_tap_twice_is_as_once(tmp_path: Path) -> None:
    """On every button of the pages of mails: both posts are answered by the same redirection, one mail goes with one
    code, which the page behind the link takes however it is come back to, and lets in the same browser twice."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await gives_address(bot, browser)
        again = await browser.open("/address")
        form = next(form for form in again.forms if form.named("words"))
        assert await _twice(browser, form, ("words", ANA)) == ["/address/sent"] * 2
        await eventually(lambda: len(box.mails) == 1)
        confirm = link_in(box, "e")
        await other.open(confirm)
        assert await _twice(other, other.page.forms[-1]) == [confirm] * 2
        begins_anew(bot)
        await is_mailed(bot, box, 2)
        link = f"{link_in(box, 'm')}/code"
        page = await other.open(link)
        sends = next(form for form in page.forms if not form.named("words"))
        assert await _twice(other, sends) == [link] * 2
        await eventually(lambda: len(box.mails) == 3)
        [first] = re.findall(r"\b\d{6}\b", plain(box.mails[-1]))
        await other.open(link)  # the phone had dropped the page
        await other.press("Send me a code")
        await eventually(lambda: len(box.mails) == 4)
        takes = next(form for form in other.page.forms if form.named("words"))
        assert await _twice(other, takes, ("words", first)) == ["/talk#end"] * 2
        assert bot.rows("SELECT count(*) FROM address WHERE channel = 'web'") == [(2,)]
        assert len(box.mails) == 4


async def _twice(browser: Browser, form: Form, *fields: tuple[str, str]) -> list[str]:
    """Where two taps on a form's button lead, the second before the first is answered."""
    data = dict([*form.hidden(), *fields])
    answers = await asyncio.gather(
        *(
            browser.client.post(form.action, data=data, headers=SAME_SITE, follow_redirects=False)
            for _ in range(2)
        )
    )
    assert [one.status_code for one in answers] == [303, 303]
    return [one.headers["location"] for one in answers]


async def test_words_at_a_link_that_has_just_ended_are_shown_again(tmp_path: Path) -> None:
    """A reminder went while somebody wrote a long answer on the page of the mail before: the page that says so has
    their words, which nobody else is shown, and which were not taken."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        mails = bot.app.channels["email"]
        assert isinstance(mails, EmailChannel)
        mails.config = replace(mails.config, together=timedelta(0))
        await is_asked_by_mail(bot, box, browser, other)
        link = link_in(box, "m")
        page = await other.open(link)
        begins_anew(bot)
        await is_mailed(bot, box, 3)
        form = next(form for form in page.forms if form.named("words"))
        told = await other.post(form, ("words", "a long <story>\nof mine"))
        assert told.status == 410
        assert "readonly>\na long &lt;story&gt;\nof mine</textarea>" in told.response.text
        assert "story" not in (await other.open(link)).text
        assert bot.rows("SELECT count(*) FROM inbox WHERE payload LIKE '%story%'") == [(0,)]


async def test_pages_of_mails_are_in_the_language_of_the_conversation(tmp_path: Path) -> None:
    """Whatever language the browser wishes for: so is the mail that an address is confirmed by. Each page has the
    chooser, and what is chosen there is carried on by its form."""
    async with (
        bot_with_mail(tmp_path) as (bot, box),
        bot.browser("en") as browser,
        bot.browser("en") as other,
    ):
        await browser.open(f"/c/{bot.token(language='de')}")
        await browser.press("Anfangen")
        await eventually(lambda: bot.rows("SELECT count(*) FROM participant") == [(1,)])
        agrees_to_be_asked_again(bot)
        for path in ("/address", "/forget"):
            assert _language(await browser.open(f"{path}?language=en")) == "en"
            assert _language(await browser.open(path)) == "de"
        await browser.open("/address")
        form = next(form for form in browser.page.forms if form.named("words"))
        assert _language(await browser.post(form, ("words", ANA))) == "de"
        await eventually(lambda: bool(box.mails))
        assert box.mails[-1]["Content-Language"] == "de"
        assert _language(await other.open(link_in(box, "e"))) == "de"
        assert _language(await other.press("Bestätigen")) == "de"
        begins_anew(bot)
        await is_mailed(bot, box, 2)
        question, ends = link_in(box, "m"), link_in(box, "u")
        for path in (question, f"{question}/code", ends, f"{ends}/code"):
            assert _language(await other.open(path)) == "de", path
            assert 'class="languages"' in other.page.response.text
        assert _language(await other.open(f"{question}/code?language=en")) == "en"
        assert _language(await other.press("Send me a code")) == "en"
        await other.open(f"{ends}?language=ar")
        assert _language(await other.post(other.page.forms[0])) == "ar"
        assert _language(await other.open(ends)) == "de"
        assert _language(await other.open(f"{question}/code")) == "de"


def _language(page: Page) -> str:
    found = re.search(r'<html lang="([a-z]+)"', page.response.text)
    assert found is not None
    return found.group(1)


async def test_a_code_on_a_shared_browser_leaves_who_was_there_before(tmp_path: Path) -> None:
    """The page says first that nobody can read any more what was said there; with the code the browser is the new
    reader's alone, and the bot knows that nobody is reached at the address of who had it."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        link = f"{link_in(box, 'm')}/code"
        assert "Somebody else has talked" not in (await other.open(link)).text
        await other.open(f"/c/{bot.token()}")
        await other.press("Begin")
        await bot.until("SELECT count(*) FROM participant", 2)
        assert "Somebody else has talked" in (await other.open(link)).text
        await other.press("Send me a code")
        await eventually(lambda: len(box.mails) == 3)
        [code] = re.findall(r"\b\d{6}\b", plain(box.mails[-1]))
        takes = next(form for form in other.page.forms if form.named("words"))
        assert (await other.post(takes, ("words", code))).status == 200
        whose = "SELECT participant_id, status FROM address WHERE channel = 'web' ORDER BY id"
        assert bot.rows(whose) == [(1, "active"), (2, "blocked"), (1, "active")]


async def test_the_second_of_two_people_with_one_mailbox_hears_of_it(tmp_path: Path) -> None:
    """The mailbox gets a mail that says, of nobody and of nothing more, that another address is needed."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await gives_address(bot, browser)
        await confirms(bot, box, browser)
        assert "We are sending a mail" in (await gives_address(bot, other)).text
        await eventually(lambda: len(box.mails) == 2)
        text = plain(box.mails[-1])
        assert "another address" in text
        assert "/e/" not in text
        assert all(word not in text.lower() for word in ("myeloma", "patient", "health", "study"))
        assert bot.rows("SELECT participant_id FROM address WHERE channel = 'email'") == [(1,)]
