"""The page of those who try the program: where it is, what begins, and how a conversation's page moves the clock."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.base import InboundKind
from bot.channels.web.channel import WebChannel
from bot.channels.web.device import COOKIE, address_of
from bot.channels.web.options import WebConfig
from bot.channels.web.port import TRY_PATH, TryClock
from tests.support.page_source import FakePages
from tests.support.web_browser import SAME_SITE, Browser

HERE = "http://localhost:8080"
HOSTS = frozenset({"localhost", "127.0.0.1"})


class FakeDoor:
    """Lets two roles in, and has a clock that notes where it was moved."""

    kept_in = "/data/<said>.sqlite"

    def __init__(self) -> None:
        self.invited: list[str] = []
        self.moved: list[str] = []

    @property
    def roles(self) -> Mapping[str, str]:
        return {"patient": "A patient", "hcp": "A clinician"}

    async def invite(self, role: str, /) -> str:
        self.invited.append(role)
        return f"Token-of-{role}"

    async def clock(self) -> TryClock:
        return TryClock(now="Sun 29 Nov 2026, 12:00 GMT", due="Mon 14 Dec 2026, 12:00")

    async def move(self, text: str, _key: str, /) -> str:
        if text == "nonsense":
            return "That is no time."
        self.moved.append(text)
        return ""


@asynccontextmanager
async def tried(*, trying: bool = True) -> AsyncIterator[tuple[FakePages, FakeDoor, Browser]]:
    """The pages in try mode, or not, and a browser."""
    channel, pages = WebChannel(WebConfig(public_url=HERE, answer_seconds=0.2, hosts=HOSTS)), FakePages()
    channel.pages, door = pages, FakeDoor()
    if trying:
        channel.trying = door
    running = asyncio.create_task(channel.run(pages.receive))
    transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=HERE, follow_redirects=True) as client:
        await asyncio.sleep(0)
        yield pages, door, Browser(client)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_there_is_no_such_page_outside_of_try_mode():
    """Neither the page nor its form is there, a page has no clock, and a posted one moves nothing."""
    async with tried(trying=False) as (pages, door, browser):
        for method in ("GET", "POST"):
            response = await browser.client.request(method, TRY_PATH, headers=SAME_SITE)
            assert response.status_code == 404
        page = await browser.open("/c/Good-token")
        page = await browser.post(next(form for form in page.forms if form.method == "post"))
        assert "clock" not in page.response.text
        form = next(form for form in page.forms if form.action == "/talk")
        assert (await browser.post(form, ("clock", "+30d"))).status == 422
        assert (len(pages.taken), door.moved) == (1, [])


async def test_looking_begins_nothing_and_a_button_does():
    """Whom one may play stands on buttons; the post of one begins that role's invitation, and leads to its page."""
    async with tried() as (pages, door, browser):
        page = await browser.open(TRY_PATH)
        assert page.labels("role") == ["A patient", "A clinician"]
        assert "/data/&lt;said&gt;.sqlite" in page.response.text
        assert (pages.taken, door.invited) == ([], [])
        page = await browser.press("A clinician")
        assert page.response.url.path == "/talk"
        [start] = pages.taken
        assert (start.kind, start.text) == (InboundKind.START, "Token-of-hcp")
        assert start.address == address_of(browser.client.cookies[COOKIE])


async def test_who_is_in_a_conversation_may_go_on_or_be_somebody_else():
    """The page leads back, and another button is another person, whose address is a new one."""
    async with tried() as (pages, _, browser):
        await browser.open(TRY_PATH)
        await browser.press("A clinician")
        page = await browser.open(TRY_PATH)
        assert "Go on with your conversation" in page.text
        await browser.press("A patient")
        assert [one.text for one in pages.taken] == ["Token-of-hcp", "Token-of-patient"]
        assert len({one.address for one in pages.taken}) == 2


async def test_a_double_tap_begins_once():
    """The same form twice, before its browser has the cookie, is one device and one start."""
    async with tried() as (pages, _, browser):
        page = await browser.open(TRY_PATH)
        [form] = page.forms
        for _ in range(2):
            browser.client.cookies.clear()
            await browser.post(form, ("role", "hcp"))
        assert len(pages.taken) == 1


@pytest.mark.parametrize("fields", [[("role", "coordinator")], [("role", "")], []])
async def test_another_role_is_none(fields):
    """What no button says begins nothing, and leads to the page again."""
    async with tried() as (pages, door, browser):
        page = await browser.open(TRY_PATH)
        page = await browser.post(page.forms[0], *fields)
        assert page.response.url.path == TRY_PATH
        assert (pages.taken, door.invited) == ([], [])


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example:8080"},
        {"host": "evil.example"},
        {"x-forwarded-for": "203.0.113.9"},
    ],
)
async def test_no_other_page_reaches_it(headers):
    """Forms of other sites, a name of another site that was led here, and proxies begin nothing and show nothing."""
    async with tried() as (pages, _, browser):
        page = await browser.open(TRY_PATH)
        data = {**dict(page.forms[0].hidden()), "role": "hcp"}
        response = await browser.client.post(TRY_PATH, data=data, headers={**SAME_SITE, **headers})
        assert response.status_code in (403, 421)
        assert pages.taken == []
        if "sec-fetch-site" not in headers:
            shown = await browser.client.get(TRY_PATH, headers=headers)
            assert shown.status_code == 421
            assert "clinician" not in shown.text


async def test_who_came_without_a_link_is_led_there():
    """The front page and the page of no conversation lead to where one may begin."""
    async with tried() as (_, _, browser):
        for path in ("/", "/talk"):
            assert (await browser.open(path)).response.url.path == TRY_PATH


async def test_the_clock_is_on_the_page_of_the_conversation():
    """It shows where it stands and what is due; its buttons and its field move it, and say nothing to the bot."""
    async with tried() as (pages, door, browser):
        await browser.open(TRY_PATH)
        page = await browser.press("A clinician")
        for told in ("Sun 29 Nov 2026, 12:00 GMT", "Next is due Mon 14 Dec 2026, 12:00"):
            assert told in page.text
        page = await browser.press("Go to what is due next")
        assert page.response.history[0].status_code == 303
        await browser.press("Move the clock by +30 days")
        field = next(
            form for form, control in browser.page.controls() if control.label.startswith("Or write")
        )
        await browser.post(field, ("clock", " 2027-03-31 "))
        assert door.moved == ["next", "+30d", "2027-03-31"]
        assert len(pages.taken) == 1


async def test_what_names_no_time_is_shown_again_with_the_reason():
    """Beside its field, escaped and cut; nothing was said or moved. A form without this device's mark moves nothing."""
    async with tried() as (pages, door, browser):
        await browser.open(TRY_PATH)
        page = await browser.press("A clinician")
        form = next(form for form in page.forms if form.named("clock"))
        page = await browser.post(form, ("clock", "nonsense"))
        assert page.status == 422
        assert 'value="nonsense"' in page.response.text
        assert "That is no time." in page.text
        marks = [one for one in form.hidden() if one[0] != "csrf"]
        assert (await browser.send("/talk", [*marks, ("clock", "+30d")])).status == 422
        assert (len(pages.taken), door.moved) == (1, [])
