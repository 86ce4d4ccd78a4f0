"""One person in a browser, and the bot with its pages: forms are posted as a browser without a script posts them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot.channel_policy import ChannelPolicy
from bot.channels.base import InboundKind
from bot.channels.web.channel import WebChannel
from bot.channels.web.device import COOKIE, address_of, csrf_of, new_secret
from bot.channels.web.limits import RequestLimits, RequestRate
from bot.channels.web.options import WebConfig
from bot.channels.web.port import ConversationPage, FormMarks, PageAuthor
from bot.channels.web.rendering import conversation_page
from bot.pages import ConversationPages
from flows.engine.events import MediaKind
from tests.emulators.faults import FaultPlan
from tests.support.dialogue import Button, Move, Seen, begins
from tests.support.platforms.drivers import PlatformDriver, receiving
from tests.support.platforms.wired import House, house
from tests.support.web_browser import Browser, Control, Form, Page

LIMITS = RequestLimits(device=RequestRate(100_000, 0.001), range=RequestRate(100_000, 0.001))
NOT_HERE = frozenset({"edit", "media"})
"""What cannot be done in a browser: nothing that was sent is edited, and nothing but words is sent."""


@dataclass
class Tab:
    """A page as it was shown once, with the text of its question, its number (0 for none), and what is ticked."""

    text: str
    number: int
    page: Page
    ticked: set[str] = field(default_factory=set)

    def control(self, label: str) -> tuple[Form, Control] | None:
        """The control that says this."""
        found = [
            (form, one)
            for form, one in self.page.controls()
            if one.name in ("tap", "pick", "step", "done") and says(one, label)
        ]
        return found[0] if found else None


def says(control: Control, label: str) -> bool:
    """Whether this stands on a control; the ends of a scale have a word more for those who hear it."""
    return control.label == label or (control.name == "step" and control.label.startswith(f"{label}:"))


class WebDriver(PlatformDriver):
    """A person in a browser. Ticks stay on the page until Done; an old question stays in the tab that showed it."""

    ticks_are_told = False
    stickers = False
    sends_by = "send"

    def __init__(self, house: House, receiving: object, browser: Browser, pages: ConversationPages) -> None:
        super().__init__(house, receiving)  # type: ignore[arg-type]
        self.browser, self.pages = browser, pages
        self.tabs: list[Tab] = []
        self._shown: set[int] = set()

    @property
    def secret(self) -> str:
        """What the browser's cookie holds."""
        return str(self.browser.client.cookies[COOKIE])

    def screen(self) -> ConversationPage:
        """What the page shows."""
        read = partial(self.pages._page, address=address_of(self.secret), before=None)
        found = self.house.database.read_now(read)
        assert found is not None
        return found

    async def enter(self, token: str) -> None:
        await self.browser.open(f"/c/{token}")
        form = next(form for form in self.browser.page.forms if form.method == "post")
        await self.browser.post(form)

    async def write(self, text: str) -> None:
        page = self.tabs[-1].page
        form = next(form for form, one in page.controls() if one.name == "words")
        answer = await self.browser.post(form, ("words", text))
        assert answer.status == 200

    async def touch(self, label: str, under: str) -> None:
        tab = self._tab(label, under)
        found = tab.control(label)
        assert found is not None
        form, control = found
        if control.name == "pick":
            tab.ticked ^= {control.value}
            return
        picks = [("pick", value) for value in sorted(tab.ticked)] if control.name == "done" else []
        answer = await self.browser.post(form, (control.name, control.value), *picks)
        assert answer.status == 200

    def _tab(self, label: str, under: str) -> Tab:
        for tab in reversed(self.tabs):
            if begins(tab.text, under) and tab.control(label):
                return tab
        raise AssertionError(f"no control {label!r} under {under!r}")

    async def set_picks(self, labels: list[str], under: str) -> list[Seen]:
        """Have just these ticked, and press Done."""
        tab = self._tab(labels[0], under)
        found = [tab.control(label) for label in labels]
        tab.ticked = {one[1].value for one in found if one is not None}
        await self.touch(self.done, under)
        return await self.after()

    async def pick_day(self, day: date) -> list[Seen]:
        form, _ = next((form, one) for form, one in self.tabs[-1].page.controls() if one.name == "day")
        whole = next(one for one in form.named("date"))
        await self.browser.post(form, ("day", day.isoformat()), ("date", whole.value))
        return await self.after()

    async def form(self, text: str) -> list[Seen]:
        return await self.type(text)

    def look(self) -> list[Seen]:
        screen = self.screen()
        response = httpx.Response(
            200,
            html=conversation_page(screen, FormMarks(key=new_secret(), csrf=csrf_of(self.secret))),
            request=httpx.Request("GET", "http://localhost/talk"),
        )
        page, question = Page(response), screen.open_question
        tab = Tab("", 0, page) if question is None else Tab(question.prompt.whole_text, question.number, page)
        if self.tabs and self.tabs[-1].number == tab.number:  # the same page still: its ticks stay
            tab.ticked = self.tabs[-1].ticked
        self.tabs.append(tab)
        seen = {
            int(one.name.removeprefix("m")): Seen(one.text)
            for one in screen.messages
            if one.author is PageAuthor.BOT
        }
        if question is not None:
            query = "SELECT id FROM outbox WHERE message_id = :name"
            [(row,)] = self.house.rows(query, name=str(question.number))
            progress = question.prompt.progress
            labels = [one for _, one in page.controls() if one.name in ("tap", "pick", "step", "done")]
            buttons = tuple(
                Button(option.label, ticked=option.picked)
                for option in question.prompt.options
                if any(says(one, option.label) for one in labels)
            )
            told = "" if progress is None else f"{progress[0]} of {progress[1]}"
            seen[row] = Seen(question.prompt.whole_text, buttons, told)
        new = [seen[row] for row in sorted(seen) if row not in self._shown]
        self._shown |= seen.keys()
        return new

    def on_screen(self) -> int:
        return len(self._shown)

    def stands_under(self, text: str) -> list[str]:
        raise NotImplementedError

    def under_each(self, text: str) -> list[list[str]]:
        raise NotImplementedError

    @property
    def faults(self) -> FaultPlan:
        raise NotImplementedError

    def revoke(self) -> None:
        raise NotImplementedError

    def times_handed_over(self) -> int:
        return 1

    async def write_out_of_order(self, first: str, second: str) -> None:
        raise NotImplementedError

    async def picture(self, caption: str) -> list[Seen]:
        raise NotImplementedError

    def another(self) -> PlatformDriver:
        raise NotImplementedError

    async def forge(self, kind: InboundKind, payload: str) -> list[Seen]:
        form = next(form for form, one in self.tabs[-1].page.controls() if one.name == "words")
        await self.browser.post(form, ("tap", payload))
        return await self.after()

    async def edit(self, old: str, new: str) -> list[Seen]:
        raise NotImplementedError

    async def media(self, kind: MediaKind) -> list[Seen]:
        raise NotImplementedError


def can_do(move: Move | None) -> bool:
    """Whether a move of a transcript can be made in a browser."""
    return move is None or move.kind not in NOT_HERE


@contextlib.asynccontextmanager
async def web_driver(folder: Path, at: datetime, *, posted: bool = True) -> AsyncIterator[WebDriver]:
    """Somebody in a browser. A post is stored and not waited for: tests say when turns are taken."""
    del posted  # there is no other way
    channel = WebChannel(WebConfig(public_url="http://localhost", limits=LIMITS, answer_seconds=0))
    async with house(folder, channel, at) as home, receiving(channel, home) as task:
        pages = ConversationPages(home.database, home.runtime, home.clock, ChannelPolicy())
        channel.pages = pages
        transport = httpx.ASGITransport(Starlette(routes=channel.routes()))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", follow_redirects=True
        ) as client:
            home.clock.move(timedelta(0))
            yield WebDriver(home, task, Browser(client), pages)
