"""The page on which an e-mail address is given."""

from bot.channels.web.port import ADDRESS_PATH, ADDRESS_SENT_PATH
from tests.support.mail_pages import mail_pages_served
from tests.support.web_browser import SAME_SITE


async def test_an_address_that_was_given_leads_to_a_page_that_may_be_reloaded() -> None:
    """The post is answered by a redirection, and the page that it leads to posts nothing."""
    async with mail_pages_served("de") as (door, browser):
        await browser.open(ADDRESS_PATH)
        page = await browser.post(browser.page.forms[0], ("words", "ann@example.org"))
        assert page.response.url.path == ADDRESS_SENT_PATH
        await browser.open(str(page.response.url))
        assert door.given == [("ann@example.org", "de")]
        assert "öffnen Sie den Link darin" in browser.page.text


async def test_the_language_that_was_chosen_is_that_of_the_mail() -> None:
    """The form carries it on; a reader who chose none is written to in that of their conversation."""
    async with mail_pages_served("de") as (door, browser):
        await browser.open(f"{ADDRESS_PATH}?language=ar")
        assert 'dir="rtl"' in browser.page.response.text
        page = await browser.post(browser.page.forms[0], ("words", "nonsense"))
        assert page.status == 422
        assert 'value="nonsense"' in page.response.text
        page = await browser.post(browser.page.forms[0], ("words", "ann@example.org"))
        assert 'lang="ar"' in page.response.text
        assert door.given[-1] == ("ann@example.org", "ar")


async def test_a_form_of_another_device_is_shown_again_with_what_stood_in_it() -> None:
    """Without the mark of this device nothing is taken."""
    async with mail_pages_served("en") as (door, browser):
        fields = {"key": "k" * 43, "words": "ann@example.org"}
        answer = await browser.client.post(ADDRESS_PATH, data=fields, headers=SAME_SITE)
        assert door.given == []
        assert 'value="ann@example.org"' in answer.text


async def test_whoever_has_no_conversation_is_led_to_where_one_is_said_to_be_needed() -> None:
    """On both pages."""
    async with mail_pages_served("en") as (_door, browser):
        browser.client.cookies.clear()
        for path in (ADDRESS_PATH, ADDRESS_SENT_PATH):
            answer = await browser.client.get(path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (303, "/talk")
