"""What somebody does in a browser to begin, and to answer whatever is asked."""

from datetime import UTC, datetime, timedelta

from tests.support.web_bot import WebBot
from tests.support.web_browser import Browser, Page


def begin_button(page: Page) -> str:
    """What the button says that begins."""
    return next(control.label for _, control in page.controls() if control.tag == "button")


async def begun(bot: WebBot, browser: Browser, token: str | None = None) -> Page:
    """The first page of a conversation, on a link of its own."""
    await browser.open(f"/c/{token or bot.token()}")
    return await browser.press(begin_button(browser.page))


async def step(browser: Browser, page: Page) -> Page:
    """Answer whatever is asked: by the first choice, by two boxes, by a step, by a day, or by words."""
    names = {control.name for _, control in page.controls()}
    if "pick" in names:
        labels = page.labels("pick")[:2]
        page = await browser.tick(*labels)
        assert ", ".join(labels) in page.text
        return page
    if "step" in names:
        return await browser.press(page.labels("step")[0])
    if "day" in names:
        day = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
        page = await browser.pick_day(day)
        assert f'<time datetime="{day}">' in page.response.text
        return page
    if page.labels("tap") not in ([], ["Skip"]):
        return await browser.press(page.labels("tap")[0])
    return await browser.type("It was hard to get an appointment near home, so I waited for weeks")
