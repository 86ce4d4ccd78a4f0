"""Whoever has the link of a mail that was passed on, at a bot as it runs: what they open, and by which codes."""

import re
from pathlib import Path

import pytest

from tests.support.mailed_bot import bot_with_mail, is_asked_by_mail, link_in


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
