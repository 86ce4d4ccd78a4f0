"""A conversation in a browser, from the link to the last page, with the bot as it runs."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.channels.web.device import COOKIE, secret_from
from bot.settings.settings import PolicySettings
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from flows.text.templates import day_with_weekday
from tests.support.web_bot import settings_for, web_bot
from tests.support.web_browser import SAME_SITE, Browser, Page
from tests.support.web_steps import begin_button, begun, step

DISTRESS = "I want to kill myself"
HELP = 'class="question long help"'


async def until_words(browser: Browser, page: Page) -> Page:
    """Answer until a question waits for own words."""
    for _ in range(20):
        if page.labels("tap", "pick", "step") in ([], ["Skip"]):
            return page
        page = await step(browser, page)
    raise AssertionError(page.text)


@pytest.mark.parametrize(
    ("role", "flow"), [(Role.PATIENT, "patient_interview"), (Role.HCP, "hcp_commitment")]
)
async def test_a_whole_conversation_goes_by_forms(tmp_path, role, flow):
    """From the invitation's page, which begins by its button alone, to the last page, where nothing is asked."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        token = bot.token(role, flow)
        await browser.open(f"/c/{token}")
        assert bot.rows("SELECT uses FROM invitation") == [(0,)]
        assert bot.rows("SELECT count(*) FROM address") == [(0,)]
        page = await browser.press(begin_button(browser.page))
        for _ in range(80):
            if bot.rows("SELECT status FROM conversation") == [("ended",)]:
                break
            page = await step(browser, page)
            assert page.status == 200, page.text
        found = bot.rows("SELECT status, outcome, channel FROM conversation")
        assert found == [("ended", "completed", "web")]
        assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
        assert bot.rows("SELECT count(*) FROM outbox WHERE status != 'sent' AND kind != 'edit'") == [(0,)]
        assert not page.labels("tap", "pick", "step")


async def test_nothing_that_is_kept_opens_a_page(tmp_path):
    """Whoever reads the database, or a backup of it, finds no cookie there, nor what one is made of."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        await begun(bot, browser)
        secret = browser.client.cookies[COOKIE]
        kept = [str(value) for row in bot.rows("SELECT * FROM inbox") for value in row]
        assert any(value.startswith("web-") for value in kept)
        found = {part for value in kept for part in (value, value.removeprefix("web-"))}
        assert secret not in found | set(map(secret_from, found))


async def test_words_of_distress_are_answered_by_the_very_page_that_comes(tmp_path):
    """Help stands on the page that answers the post, and the case is open; so it is right after the link."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        page = await until_words(browser, await begun(bot, browser))
        page = await browser.type(DISTRESS)
        assert HELP in page.response.text
        assert "112" in page.text
        assert bot.rows("SELECT kind FROM safety_case") == [("distress",)]
        async with bot.browser() as other:
            await begun(bot, other)
            page = await other.type(DISTRESS)
            assert HELP in page.response.text


async def test_a_stale_tab_changes_nothing_unasked(tmp_path):
    """A tap in an old tab is a tap on an old button; words in it stand under the question that they were typed to."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        first = await step(browser, await begun(bot, browser))
        form, button = next((form, one) for form, one in first.controls() if one.name == "tap")
        second = await browser.press(button.label)
        again = await browser.post(form, (button.name, button.value))
        assert again.labels("tap") == second.labels("tap")
        assert bot.rows("SELECT count(*) FROM consent WHERE purpose = 'take_part'") == [(1,)]
        page = await until_words(browser, again)
        old = next(form for form, one in page.controls() if one.name == "words")
        await browser.type("At the clinic nobody told me anything about the side effects of it")
        await browser.post(old, ("words", "And the letters were hard to read for me as well"))
        keys = bot.rows("SELECT question_key FROM answer WHERE raw LIKE '%letters%'")
        assert keys == bot.rows("SELECT question_key FROM answer WHERE raw LIKE '%side effects%'")


async def test_what_is_posted_twice_is_stored_once(tmp_path):
    """A double tap and a reload leave one row and one answer, also at the same time."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        page = await step(browser, await begun(bot, browser))
        form, button = next((form, one) for form, one in page.controls() if one.name == "tap")
        before = bot.rows("SELECT count(*) FROM inbox")[0][0]
        data = dict([*form.hidden(), (button.name, button.value)])
        for _ in range(3):
            await browser.client.post("/talk", data=data, headers=SAME_SITE)
        assert bot.rows("SELECT count(*) FROM inbox")[0][0] == before + 1
        assert bot.rows("SELECT count(*) FROM consent") == [(1,)]


async def test_who_has_everything_deleted_hears_it_and_is_known_no_more(tmp_path):
    """The last message stands on the page; then the cookie is refused and cleared, and an old tab makes nobody new."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        page = await until_words(browser, await begun(bot, browser))
        old = next(form for form, one in page.controls() if one.name == "words")
        secret = browser.client.cookies[COOKIE]
        await browser.type("my data")
        assert "/my-data.txt" in browser.page.response.text
        file = await browser.client.get("/my-data.txt")
        assert file.headers["content-disposition"].startswith("attachment")
        assert say(Sentence.OWN_TITLE, "en") in file.text
        page = await browser.type("delete my data")
        page = await browser.press(page.labels("tap")[0])
        assert say(Sentence.DELETED, "en") in page.text
        await bot.until("SELECT count(*) FROM address WHERE erase_at IS NOT NULL", 0)
        assert not (await browser.open("/talk")).labels("words")
        assert COOKIE not in browser.client.cookies
        addresses = bot.rows("SELECT count(*) FROM address")
        await browser.client.post(
            "/talk",
            data=dict([*old.hidden(), ("words", "hello again")]),
            headers={**SAME_SITE, "cookie": f"{COOKIE}={secret}"},
        )
        assert bot.rows("SELECT count(*) FROM address") == addresses


async def test_a_device_that_is_forgotten_opens_nothing(tmp_path):
    """Its address is written to no more, and the cookie, kept by somebody else, is refused."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        await begun(bot, browser)
        secret = browser.client.cookies[COOKIE]
        page = await browser.open("/forget")
        await browser.post(next(form for form in page.forms if form.action == "/forget"))
        assert COOKIE not in browser.client.cookies
        assert bot.rows("SELECT status FROM address") == [("blocked",)]
        async with bot.browser() as thief:
            thief.client.cookies.set(COOKIE, secret)
            page = await thief.open("/talk")
            assert not page.labels("words")
            page = await thief.open("/my-data.txt")
            assert "content-disposition" not in page.response.headers


async def test_a_restart_between_two_posts_is_not_noticed(tmp_path):
    """The page of before posts to the bot of after: its form is taken, once, and the conversation goes on."""
    settings = settings_for(tmp_path)
    async with web_bot(settings) as bot, bot.browser() as browser:
        page = await step(browser, await begun(bot, browser))
        cookies = dict(browser.client.cookies)
    async with web_bot(settings) as bot, bot.browser() as browser:
        browser.client.cookies.update(cookies)
        browser.page = page
        label = page.labels("tap")[0]
        for _ in range(2):
            browser.page = page
            after = await browser.press(label)
        assert after.status == 200
        assert after.labels("tap") != page.labels("tap")
        assert bot.rows("SELECT count(*) FROM consent") == [(1,)]


async def test_links_say_why_they_open_nothing(tmp_path):
    """One that is used, too old, unknown, or for people who may not be served here; none is used up by it."""
    settings = settings_for(tmp_path).model_copy(
        update={"policy": PolicySettings(channels={"web": frozenset({Role.HCP})})}
    )
    async with web_bot(settings) as bot, bot.browser() as browser, bot.browser() as other:
        refused = await browser.open(f"/c/{bot.token()}")
        assert (refused.status, refused.labels("")) == (403, [])
        used = bot.token(Role.HCP, "hcp_commitment")
        await begun(bot, browser, used)
        assert (await other.open(f"/c/{used}")).status == 410
        old = bot.token(Role.HCP, "hcp_commitment", expires_at=datetime.now(UTC) - timedelta(hours=1))
        assert (await other.open(f"/c/{old}")).status == 410
        assert (await other.open("/c/Token-unknown")).status == 404
        await other.client.post("/c/Token-unknown", data={"key": "k" * 43}, headers=SAME_SITE)
        await other.client.post(f"/c/{used}", data={"key": "k" * 43}, headers=SAME_SITE)
        assert bot.rows("SELECT count(*) FROM participant") == [(1,)]
        assert bot.rows("SELECT count(*) FROM address") == [(1,)]
        assert bot.rows("SELECT sum(uses) FROM invitation") == [(1,)]
        assert (await browser.open(f"/c/{used}")).status == 200


async def test_a_group_comes_by_one_link(tmp_path):
    """Each browser is somebody of its own."""
    async with web_bot(settings_for(tmp_path)) as bot:
        token = bot.group_token()
        for _ in range(3):
            async with bot.browser() as browser:
                await begun(bot, browser, token)
        assert bot.rows("SELECT count(*), count(DISTINCT participant_id) FROM conversation") == [(3, 3)]


async def test_a_hall_may_answer_at_once(tmp_path):
    """Behind a proxy each post that waits for its turn is a connection: 300 of them keep nobody out."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        place = httpx.URL(bot.url)
        posts = []
        for _ in range(300):
            _, writer = await asyncio.open_connection(place.host, place.port)
            writer.write(b"POST /talk HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nwords=")
            await writer.drain()
            posts.append(writer)
        assert (await browser.open("/")).status == 200
        for writer in posts:
            writer.close()


async def test_a_language_is_chosen_before_and_within(tmp_path):
    """On the page of the link it is the language that the conversation begins in; in it, that it goes on in."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        await browser.open(f"/c/{bot.token()}?language=de")
        assert 'lang="de"' in browser.page.response.text
        page = await browser.press(begin_button(browser.page))
        assert '<html lang="de"' in page.response.text
        form, _ = next(
            (form, one) for form, one in page.controls() if (one.name, one.value) == ("language", "ar")
        )
        page = await browser.post(form, ("language", "ar"))
        assert '<html lang="ar" dir="rtl"' in page.response.text


async def test_the_team_hears_alerts_on_a_page(tmp_path):
    """A coordinator opens their link in a browser, and reads there what was found in somebody's words."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as patient, bot.browser() as team:
        await begun(bot, team, bot.team_token())
        await until_words(patient, await begun(bot, patient))
        await patient.type(DISTRESS)
        await bot.until("SELECT count(*) FROM outbox WHERE kind = 'team' AND status = 'queued'", 0)
        page = await team.open("/talk")
        code = bot.rows("SELECT code FROM participant")[0][0]
        assert code in page.text


@pytest.mark.parametrize("link", ["one for each", "one for all"])
async def test_two_people_on_one_device_do_not_read_one_another(tmp_path, link):
    """Whoever opens a link where somebody has begun is asked who they are; somebody else begins with a page of theirs
    alone, and nothing is sent any more to the one before, whose cookie is gone."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        first, second = bot.token(), bot.token()
        if link == "one for all":
            first = second = bot.group_token()
        await until_words(browser, await begun(bot, browser, first))
        await browser.type("Only my own doctor may know of my night sweats")
        page = await browser.open(f"/c/{second}")
        assert say(Sentence.PAGE_WHOSE, "en") in page.text
        page = await browser.press(say(Sentence.NO, "en"))
        assert "night sweats" not in page.response.text
        assert page.labels("tap")
        assert bot.rows("SELECT count(*) FROM participant") == [(2,)]
        assert bot.rows("SELECT status FROM address ORDER BY id") == [("blocked",), ("active",)]


async def test_who_comes_back_on_their_device_stays_who_they_are(tmp_path):
    """With a further link it is theirs, too, once they say so; a link that was theirs alone asks nothing."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        first, second = bot.token(), bot.token()
        await begun(bot, browser, first)
        page = await browser.open(f"/c/{first}")
        assert say(Sentence.PAGE_WHOSE, "en") not in page.text
        await browser.open(f"/c/{second}")
        await browser.press(say(Sentence.YES, "en"))
        assert bot.rows("SELECT count(*) FROM participant") == [(1,)]
        assert bot.rows("SELECT count(*) FROM enrollment") == [(2,)]
        assert bot.rows("SELECT sum(uses) FROM invitation") == [(2,)]


async def test_a_full_hall_may_connect_at_once(tmp_path):
    """200 browsers that are about to ask are all kept: nobody's answer is lost at the door."""
    async with web_bot(settings_for(tmp_path)) as bot:
        port = int(bot.url.rpartition(":")[2])
        begun = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        for _, writer in begun:
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n")
            await writer.drain()
        for reader, writer in begun:
            writer.write(b"\r\n")
            assert (await asyncio.wait_for(reader.readline(), 60)).startswith(b"HTTP/1.1 200")
            writer.close()


async def test_what_is_not_there_is_a_page_of_the_running_bot(tmp_path):
    """In the reader's language, with a way back for whoever is in a conversation; health is a line for machines."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser("ar") as browser:
        page = await browser.open("/nowhere")
        assert (page.status, page.response.headers["x-frame-options"]) == (404, "DENY")
        assert say(Sentence.PAGE_NOT_FOUND, "ar") in page.text
        await begun(bot, browser, bot.token(Role.HCP, "hcp_commitment", language="de"))
        await bot.until("SELECT count(*) > 0 FROM outbox WHERE status = 'sent'", 1)
        page = await browser.open("/nowhere")
        assert say(Sentence.PAGE_FORGET_NO, "de") in page.text
        assert (await browser.client.put("/talk", headers=SAME_SITE)).status_code == 405
        assert (await browser.client.get("/health")).text == "ok\n"


async def test_a_date_stands_in_the_history_as_its_reader_writes_it(tmp_path):
    """In words, and for machines as it was given; so it does when the page is loaded anew."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser("de") as browser:
        page = await begun(bot, browser, bot.token(Role.HCP, "hcp_commitment", language="de"))
        for _ in range(60):
            if any(one.name == "day" for _, one in page.controls()):
                break
            page = await step(browser, page)
        day = datetime.now(UTC).date() + timedelta(days=5)
        await browser.pick_day(f"{day:%Y-%m-%d}")
        page = await browser.open("/talk")
        assert f'<time datetime="{day}">{day_with_weekday(day, "de")}</time>' in page.response.text
        assert str(day) not in page.text
