"""Whoever has the link of a mail that was passed on, at a bot as it runs: what they open, and by which codes."""

import re
from pathlib import Path

import pytest

from tests.support.mailed_bot import bot_with_mail, code_in, eventually, is_asked_by_mail, link_in


@pytest.mark.parametrize("does", ["help", "skip", "words", "an inquiry", "a forged tap", "a forged consent"])
async def test_a_mail_opens_no_question_of_the_browser(tmp_path: Path, does: str) -> None:
    """Once the person has answered in their browser, the link of the mail shows no question, and whatever is asked for
    on its page brings none; no consent is given to a text that never stood there, and their browser goes on."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        link = link_in(box, "m")
        asked = await browser.press((await browser.open("/talk")).labels("tap")[0])
        buttons = [control.value for _form, control in asked.controls() if control.name == "tap"]
        labels = asked.labels("tap")
        assert buttons
        known = "SELECT purpose, granted FROM consent ORDER BY id"
        consents = bot.rows(known)
        assert (await other.open(link)).labels("tap") == []
        form = next(one for one in other.page.forms if one.named("words"))
        match does:
            case "help":
                page = await other.press("Help")
            case "skip":
                page = await other.type("skip")
            case "words":
                page = await other.type("yes")
            case "an inquiry":
                page = await other.type("Who are you?")
            case "a forged tap":
                page = await other.post(form, ("tap", buttons[-1]))
            case _:
                page = await other.post(form, ("tap", buttons[0]))
        assert page.status == 200
        assert page.labels("tap") == []
        assert bot.rows(known) == consents
        at = "SELECT channel FROM address WHERE id = (SELECT max(address_id) FROM conversation WHERE status = 'open')"
        assert bot.rows(at) == [("web",)]
        assert (await browser.open("/talk")).labels("tap") == labels
        assert re.search(r"need a code", page.text)


async def test_the_link_that_ends_mails_opens_nothing_by_a_code(tmp_path: Path) -> None:
    """It is good for a year: a code that is asked for behind it stops all of it, whatever the form says, and makes no
    browser one of theirs."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        path = f"{link_in(box, 'u')}/code"
        assert "Stop all of it" in (await other.open(path)).text
        form = other.page.forms[-1]
        for fields in ([], [("command", "back")]):
            page = await other.send(path, [*form.hidden()[:1], *fields])
            assert "Stop all of it" in page.text
        await eventually(lambda: len(box.mails) == 3)
        page = await other.send(path, [("words", code_in(box))])
        assert "have stopped" in page.text
        assert bot.rows("SELECT status FROM participant") == [("withdrawn",)]
        assert dict(other.client.cookies) == {}
        assert (await other.client.get("/my-data.txt")).text.startswith("<")
        web = "SELECT status FROM address WHERE channel = 'web' ORDER BY id"
        assert bot.rows(web) == [("active",), ("blocked",)]


async def test_no_page_of_somebody_else_makes_a_browser_theirs(tmp_path: Path) -> None:
    """A code is taken where the browser tells that our own page posted it; where it leaves that open the page comes
    again, and the code stays good. An older browser tells it on this page."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        path = f"{link_in(box, 'm')}/code"
        page = await other.open(path)
        assert page.response.headers["referrer-policy"] == "same-origin"
        await other.press("Send me a code")
        await eventually(lambda: len(box.mails) == 3)
        form, code = {"words": code_in(box)}, "123456"
        for headers in ({"origin": "null"}, {}):
            answer = await other.client.post(path, data=form, headers=headers, follow_redirects=False)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
            assert code not in answer.text
        told = {"origin": "http://127.0.0.1"}
        answer = await other.client.post(path, data=form, headers=told, follow_redirects=False)
        assert answer.status_code == 303
        assert "set-cookie" in answer.headers


async def test_nobody_tries_all_codes(tmp_path: Path) -> None:
    """After twenty wrong ones within a month none is sent to the mailbox, nor taken, whichever link they are tried at;
    the pages go on for whoever has begun."""
    async with bot_with_mail(tmp_path) as (bot, box), bot.browser() as browser, bot.browser() as other:
        await is_asked_by_mail(bot, box, browser, other)
        paths = [f"{link_in(box, kind)}/code" for kind in "mu"]
        for place in range(5):
            await other.open(paths[place % 2])
            await other.post(other.page.forms[-1])
            if place < 4:
                await eventually(lambda place=place: len(box.mails) == 3 + place)  # type: ignore[misc]
                wrong = "000000" if code_in(box) != "000000" else "111111"
                for _ in range(5):
                    assert "not the code" in (await other.send(paths[place % 2], [("words", wrong)])).text
        assert other.page.status == 422
        assert len(box.mails) == 6
        assert bot.rows("SELECT sum(tries) FROM mail_token WHERE purpose = 'code'") == [(20,)]
        assert (await browser.open("/talk")).labels("tap")
