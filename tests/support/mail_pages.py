"""The pages behind the links of mails, as the routes make them, for whoever looks at them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Final

import httpx
from starlette.applications import Starlette

from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.channel import WebChannel
from bot.channels.web.mail_door import AddressOutcome, OpenedConfirmation, OpenedMail
from bot.channels.web.mail_routes import limited
from bot.channels.web.options import WebConfig
from bot.channels.web.port import ADDRESS_PATH, CONFIRM_PATH, MAIL_PATH, UNSUBSCRIBE_PATH, ConversationPage
from tests.support.page_source import FakePages
from tests.support.web_browser import Browser, Page

AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAILED: Final = OpenedMail("email:ann@example.org", AT)
TOKEN: Final = "Token-0123456789012345678901234567890123456"
OURS: Final = "https://talk.example"
PATIENT: Final = RequestLimits(device=RequestRate(10_000, 0.001), range=RequestRate(10_000, 0.001))
_LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "it", "pt")


class FakeDoor:
    """Knows one token; a code is good if it is 123456, and an address if it has an @. It is all of its parts itself."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.ended: list[str] = []
        self.declined = 0
        self.given: list[tuple[str, str]] = []
        self.codes_sent = 0
        self.others: set[str] = set()
        self.is_confirmed = False
        self.is_good = True
        self.invited_in: str | None = None
        self.known = {TOKEN}

    @property
    def addresses(self) -> "FakeDoor":
        return self

    @property
    def codes(self) -> "FakeDoor":
        return self

    async def is_ours(self, token: str, /) -> bool:
        return token in self.known

    async def opened(self, token: str, /) -> OpenedMail | None:
        if token != TOKEN or not self.is_good:
            return None
        return replace(MAILED, ended=bool(self.ended), invited_in=self.invited_in)

    def visited(self, _address: str, /) -> None:
        """Note nothing."""

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        return await self.opened(token)

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        self.ended.append(token)
        return await self.unsubscribes(token)

    async def may_give(self, _address: str, /) -> bool:
        return True

    async def decline(self, _address: str, /) -> None:
        self.declined += 1

    async def give(self, _address: str, written: str, language: str, /) -> AddressOutcome:
        self.given.append((written, language))
        return AddressOutcome.TAKEN if "@" in written else AddressOutcome.UNREADABLE

    async def behind(self, token: str, /) -> OpenedConfirmation | None:
        return OpenedConfirmation(self.language, self.is_confirmed) if token == TOKEN else None

    async def confirm(self, token: str, /) -> OpenedConfirmation | None:
        self.is_confirmed = True
        return await self.behind(token)

    async def send(self, _address: str, _language: str, /) -> bool:
        await asyncio.sleep(0)
        self.codes_sent += 1
        return True

    async def waits(self, _address: str, /) -> bool:
        return self.codes_sent > 0

    async def is_of_another(self, _address: str, device: str, /) -> bool:
        return device in self.others

    async def take(self, _address: str, code: str, devices: Sequence[str], /) -> str | None:
        free = next(one for one in devices if one not in self.others)
        return free if code == "123456" else None


class _Pages(FakePages):
    """Speaks every language that there is."""

    def languages(self) -> tuple[str, ...]:
        return _LANGUAGES

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        del before
        return ConversationPage(language="en", newest=5000) if address in self.known else None


class MailBrowser(Browser):
    """A browser, and the source of the pages that it is shown."""

    def __init__(self, client: httpx.AsyncClient, pages: FakePages) -> None:
        super().__init__(client)
        self.pages = pages


@asynccontextmanager
async def mail_pages_served(
    language: str, limits: RequestLimits = PATIENT
) -> AsyncIterator[tuple[FakeDoor, "MailBrowser"]]:
    """The pages on a source and a mail desk in memory, and a browser of somebody who has begun.

    They are spoken to in the language, and their browser wishes for another one.
    """
    channel, pages, door = WebChannel(WebConfig(public_url=OURS, limits=limits)), _Pages(), FakeDoor(language)
    channel.pages, channel.mail, pages.spoken = pages, door, language
    running = asyncio.create_task(channel.run(pages.receive))
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    headers = {"accept-language": "fr" if language == "en" else "en"}
    async with httpx.AsyncClient(
        transport=transport, base_url=OURS, follow_redirects=True, headers=headers
    ) as client:
        await asyncio.sleep(0)
        browser = MailBrowser(client, pages)
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

    async with mail_pages_served(language) as (door, browser):
        keep("confirm", await browser.open(f"{CONFIRM_PATH}{TOKEN}"))
        keep("confirmed", await browser.post(browser.page.forms[0]))
        keep("unsubscribe", await browser.open(f"{UNSUBSCRIBE_PATH}{TOKEN}"))
        keep("unsubscribed", await browser.post(browser.page.forms[0]))
        keep("stop-code", await browser.post(browser.page.forms[0]))
        keep("stop-code-wrong", await browser.post(browser.page.forms[0], ("words", "000000")))
        keep(
            "ended-words",
            await browser.send(f"{MAIL_PATH}{TOKEN}", [("words", "Words of mine"), ("key", "k" * 43)]),
        )
        door.ended.clear()
        door.invited_in = language
        keep("invited-unsubscribe", await browser.open(f"{UNSUBSCRIBE_PATH}{TOKEN}"))
        keep("invited-unsubscribed", await browser.post(browser.page.forms[0]))
        door.invited_in = None
        door.ended.clear()
        keep("code", await browser.open(f"{MAIL_PATH}{TOKEN}/code"))
        keep("code-sent", await browser.post(browser.page.forms[0]))
        keep("code-wrong", await browser.post(browser.page.forms[0], ("words", "000000")))
        keep("address", await browser.open(ADDRESS_PATH))
        keep("address-wrong", await browser.post(browser.page.forms[0], ("words", "nonsense")))
        keep("address-sent", await browser.post(browser.page.forms[0], ("words", "ann@example.org")))
        keep("link-over", await browser.open(f"{CONFIRM_PATH}{TOKEN[::-1]}"))
    return found
