"""Somebody who lost their telephone comes back by the address that a coordinator gave them."""

import pytest

from bot.care import leaving
from bot.care.parts import CareParts
from bot.channel_policy import EVERYWHERE
from storage.people import coordinators
from tests.support.web_bot import settings_for, web_bot
from tests.support.web_browser import Browser, Page
from tests.support.web_steps import begun, step

PEOPLE = "SELECT count(*) FROM participant WHERE status = 'active'"


def code_for(bot) -> str:
    """A code that moves the one person there is."""
    bot.team_token()
    now, database = bot.app.clock.now(), bot.database
    [(person,)] = bot.rows("SELECT id FROM participant")
    parts = CareParts(bot.app.runtime.flows, bot.app.runtime.localizations, database.identity, EVERYWHERE)

    def make(connection) -> str:
        by = coordinators.by_code(connection, "C-1")
        return leaving.make_move_code(connection, parts, person, by, now)

    return str(database.write_now(make))


async def go_on(browser: Browser) -> Page:
    """Press the button, with what stands in the field as it came."""
    form = next(one for one in browser.page.forms if one.action == "/link")
    [field] = form.named("words")
    return await browser.post(form, ("words", field.value))


async def test_a_fresh_browser_goes_on_with_all_that_was_said(tmp_path):
    """One press leads into the same conversation, with the words of before; the lost one opens nothing any more."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as lost, bot.browser() as fresh:
        before = await step(lost, await step(lost, await begun(bot, lost)))
        waits = before.labels("tap", "pick", "step")
        address = f"/link/{code_for(bot)}"
        for _ in range(2):
            page = await fresh.open(address)
            assert (page.status, bot.rows("SELECT count(*) FROM address")) == (200, [(1,)])
        page = await go_on(fresh)
        assert "Done." in page.text
        assert page.labels("tap", "pick", "step") == waits
        assert bot.rows(PEOPLE) == [(1,)]
        assert bot.rows("SELECT count(DISTINCT participant_id) FROM conversation") == [(1,)]
        page = await step(fresh, page)
        assert page.status == 200
        old = await lost.open("/talk")
        assert not old.labels("tap", "pick", "step")
        async with bot.browser() as third:
            await third.open(address)
            assert (await go_on(third)).status == 422
        assert bot.rows(PEOPLE) == [(1,)]


async def test_a_code_is_typed_on_the_page_of_strangers(tmp_path):
    """Who comes without a link is led to the field; small letters, blanks and dashes are no matter."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as lost, bot.browser() as fresh:
        await step(lost, await begun(bot, lost))
        code = code_for(bot).lower()
        page = await fresh.open("/")
        assert 'href="/link"' in page.response.text
        page = await fresh.open("/link")
        form = next(one for one in page.forms if one.action == "/link")
        page = await fresh.post(form, ("words", f" {code[:4]}-{code[4:]} "))
        assert "Done." in page.text


@pytest.mark.parametrize("typed", ["", "ABCD2345", "no code", "<script>alert(1)</script>", "ABCD2345" * 20])
async def test_what_is_no_code_leaves_nothing_behind(tmp_path, typed):
    """It is said politely and shown again, no device is made, and nothing is written to the bot."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        page = await browser.open("/link")
        form = next(one for one in page.forms if one.action == "/link")
        page = await browser.post(form, ("words", typed))
        assert (page.status, "That is not the code" in page.text) == (422, True)
        assert "<script>alert" not in page.response.text
        assert not browser.client.cookies
        assert bot.rows("SELECT (SELECT count(*) FROM address), (SELECT count(*) FROM inbox)") == [(0, 0)]


async def test_codes_cannot_be_tried_out(tmp_path):
    """After some that are not good whoever comes from there waits, also with the right one."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as lost, bot.browser() as other:
        await step(lost, await begun(bot, lost))
        code = code_for(bot)
        page = await other.open("/link")
        form = next(one for one in page.forms if one.action == "/link")
        for number in range(2000, 2100):
            if (await other.post(form, ("words", f"ABCD{number}"))).status == 429:
                break
        else:
            raise AssertionError("a hundred codes were tried")
        assert (await other.post(form, ("words", code))).status == 429
        assert bot.rows("SELECT count(*) FROM address") == [(1,)]
