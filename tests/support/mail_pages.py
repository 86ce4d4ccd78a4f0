"""The pages behind the links of mails, as the routes make them, for whoever looks at them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Final

import httpx
from starlette.applications import Starlette

from bot.channels.web.channel import WebChannel
from bot.channels.web.mail_door import AddressOutcome, OpenedMail
from bot.channels.web.mail_routes import limited
from bot.channels.web.options import WebConfig
from bot.channels.web.port import ADDRESS_PATH, CONFIRM_PATH, MAIL_PATH, UNSUBSCRIBE_PATH, ConversationPage
from tests.support.page_source import FakePages
from tests.support.web_browser import Browser, Page

AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAILED: Final = OpenedMail("email:ann@example.org", AT)
TOKEN: Final = "Token-0123456789012345678901234567890123456"
OURS: Final = "https://talk.example"
_LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "it", "pt")


class FakeDoor:
    """Knows one token; a code is good if it is 123456, and an address if it has an @."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.ended: list[str] = []
        self.declined = 0

    async def opened(self, token: str, /) -> OpenedMail | None:
        return MAILED if token == TOKEN else None

    def visited(self, _address: str, /) -> None:
        """Note nothing."""

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        return MAILED if token == TOKEN else None

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        self.ended.append(token)
        return await self.unsubscribes(token)

    async def may_give_address(self, _address: str, /) -> bool:
        return True

    async def decline_mails(self, _address: str, /) -> None:
        self.declined += 1

    async def give_address(self, _address: str, written: str, _language: str, /) -> AddressOutcome:
        return AddressOutcome.TAKEN if "@" in written else AddressOutcome.UNREADABLE

    async def confirms(self, token: str, /) -> str | None:
        return self.language if token == TOKEN else None

    async def confirm(self, token: str, /) -> str | None:
        return await self.confirms(token)

    async def send_code(self, _address: str, _language: str, /) -> bool:
        return True

    async def take_code(self, _address: str, code: str, devices: Sequence[str], /) -> str | None:
        return devices[-1] if code == "123456" else None


class _Pages(FakePages):
    """Speaks every language that there is."""

    def languages(self) -> tuple[str, ...]:
        return _LANGUAGES

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        del before
        return ConversationPage(language="en", newest=5000) if address in self.known else None


@asynccontextmanager
async def mail_pages_served(language: str) -> AsyncIterator[tuple[FakeDoor, Browser]]:
    """The pages on a source and a mail desk in memory, and a browser of somebody who has begun."""
    channel, pages, door = WebChannel(WebConfig(public_url=OURS)), _Pages(), FakeDoor(language)
    channel.pages, channel.mail = pages, door
    running = asyncio.create_task(channel.run(pages.receive))
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    headers = {"accept-language": language}
    async with httpx.AsyncClient(
        transport=transport, base_url=OURS, follow_redirects=True, headers=headers
    ) as client:
        await asyncio.sleep(0)
        browser = Browser(client)
        page = await browser.open("/c/Good-token")
        await browser.post(next(form for form in page.forms if form.method == "post"))
        yield door, browser
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def opened_by_mail(page: ConversationPage) -> ConversationPage:
    """What the link of a mail shows of a page."""
    return limited(page, TOKEN, MAILED)


@cache
def mail_pages(language: str) -> dict[str, str]:
    """Every page about mails, in a language, under a name."""
    with ThreadPoolExecutor(1) as aside:  # the drivers of browsers have a loop of their own
        return aside.submit(asyncio.run, _visit_all(language)).result()


async def _visit_all(language: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def keep(name: str, page: Page) -> None:
        found[f"mail-{name}"] = page.response.text

    async with mail_pages_served(language) as (_door, browser):
        keep("confirm", await browser.open(f"{CONFIRM_PATH}{TOKEN}"))
        keep("confirmed", await browser.post(browser.page.forms[0]))
        keep("unsubscribe", await browser.open(f"{UNSUBSCRIBE_PATH}{TOKEN}"))
        keep("unsubscribed", await browser.post(browser.page.forms[0]))
        keep("stop-code", await browser.post(browser.page.forms[0], ("command", "stop")))
        keep("stopped", await browser.post(browser.page.forms[0], ("command", "stop"), ("words", "123456")))
        keep("code", await browser.open(f"{MAIL_PATH}{TOKEN}/code"))
        keep("code-sent", await browser.post(browser.page.forms[0]))
        keep("code-wrong", await browser.post(browser.page.forms[0], ("words", "000000")))
        keep("address", await browser.open(ADDRESS_PATH))
        keep("address-wrong", await browser.post(browser.page.forms[0], ("words", "nonsense")))
        keep("address-sent", await browser.post(browser.page.forms[0], ("words", "ann@example.org")))
        keep("link-over", await browser.open(f"{CONFIRM_PATH}{TOKEN[::-1]}"))
    return found
