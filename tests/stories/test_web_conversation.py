"""A conversation in a browser, from the link to the last page, with the bot as it runs."""

from tests.support.web_bot import settings_for, web_bot
from tests.support.web_browser import Browser, Page

NEXT = ("Agree", "Yes", "I agree")


async def step(browser: Browser, page: Page, words: list[str]) -> Page:
    """Answer whatever is asked: by the first choice, by all boxes, by a day, or by words."""
    names = [control.name for _, control in page.controls()]
    if "pick" in names:
        return await browser.tick(*page.labels("pick")[:2])
    if "tap" in names:
        return await browser.press(page.labels("tap")[0])
    return await browser.type(words.pop(0) if words else "It was hard to get an appointment")


async def test_a_patient_answers_the_whole_interview_by_forms(tmp_path):
    """From the invitation's page, which begins by its button alone, to the last page, where nothing is asked."""
    async with web_bot(settings_for(tmp_path)) as bot, bot.browser() as browser:
        token = bot.token()
        await browser.open(f"/c/{token}")
        assert bot.rows("SELECT uses FROM invitation") == [(0,)]
        assert bot.rows("SELECT count(*) FROM address") == [(0,)]
        page = await browser.press(browser.page.labels("")[-1] if False else _begin(browser.page))
        for _ in range(60):
            if bot.rows("SELECT status FROM conversation") == [("ended",)]:
                break
            page = await step(browser, page, [])
            assert page.status == 200, page.text
        assert bot.rows("SELECT status, outcome, channel FROM conversation") == [
            ("ended", "completed", "web")
        ]
        assert bot.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
        assert not page.labels("tap", "pick")


def _begin(page: Page) -> str:
    return next(control.label for _, control in page.controls() if control.tag == "button")
