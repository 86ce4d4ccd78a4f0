"""One person in a browser without a script, and the bot with its pages: what is seen is read from the pages' HTML.

What a browser cannot do, or does in its own way, is what `IN_A_BROWSER` says.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import httpx
import msgspec
from starlette.applications import Starlette

from bot.channel_policy import ChannelPolicy
from bot.channels.base import Inbound, InboundKind
from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.channel import WebChannel
from bot.channels.web.device import new_secret
from bot.channels.web.options import WebConfig
from bot.pages.conversation_pages import ConversationPages
from flows.engine.events import MediaKind
from flows.i18n.say import Sentence, say
from flows.text.templates import day_with_weekday
from tests.emulators.faults import FaultPlan
from tests.support.dialogue import Seen, begins
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.page import Choice, Said, Screen, read_screen
from tests.support.platforms.wired import House, house
from tests.support.retelling import LANGUAGES
from tests.support.web_browser import Browser, Form, Page

IN_A_BROWSER = {
    "bot>": "the question that is open stands below all else; above it only what undoes a change has a button still",
    "bot~": "nothing is shown anew: ticks stay in the browser until Done, and an answered question has no controls",
    "bot!": "what answers a tap and passes elsewhere is a message, above the question",
    "tap>": "of an older message: somebody goes back to the page that showed it, and presses its button there; a form "
    "that was posted says nothing twice, so that whoever presses the same button again has the page in a second tab",
    "picks>": "somebody goes back to the page that showed the boxes, has these ticked, and presses Done",
    "form>": "words are typed, below every question",
    "edit>": "nothing that was posted can be edited; that the rest can be played, the edit is handed to the bot itself",
    "media>": "there is nothing by which it could be sent: it is left out, as stickers are on Slack",
}
"""What a transcript writes, and what is there for it on a page. All else is as it is written."""

ORIGIN = "http://localhost"
PATIENT = RequestLimits(device=RequestRate(100_000, 0.001), range=RequestRate(100_000, 0.001))
"""Lets through what answers faster than any person."""


class NotInABrowser(NotImplementedError):
    """Something is asked of a browser that only apps have."""


@dataclass
class Tab:
    """A page that showed a message with something to press, and what is ticked there, by the values of its boxes."""

    page: Page
    asked: Said
    ticked: set[str] = field(default_factory=set)
    is_used: bool = False

    def choice(self, label: str) -> Choice | None:
        """What says this on the page."""
        return next((one for one in self.asked.choices if one.label == label), None)

    def form(self) -> Form:
        """The form that holds what can be pressed; that of a second tab with the page, once it was posted."""
        names = {(one.name, one.value) for one in self.asked.choices}
        form = next(form for form, one in self.page.controls() if (one.name, one.value) in names)
        if self.is_used:
            [key] = form.named("key")
            key.value = f"{new_secret()}-answer"
        self.is_used = True
        return form


class Stored:
    """Takes what is posted to the bot, and tells whoever waits once it is stored."""

    def __init__(self, home: House) -> None:
        self._home = home
        self._news = asyncio.Event()

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        await self._home.runtime.receive(inbounds)
        self._news.set()

    async def wait(self) -> None:
        await self._news.wait()

    def forget(self) -> None:
        self._news.clear()


class WebDriver(PlatformDriver):
    """A person in a browser. Every post is answered by its turn: what is seen is the page that answers it."""

    ticks_are_told = False
    media_kinds = frozenset()
    sends_by = "send"

    def __init__(self, house: House, task: asyncio.Task[None], stored: Stored, browser: Browser) -> None:
        super().__init__(house, task)
        self.browser = browser
        self.tabs: list[Tab] = []
        self._stored = stored
        self._posting: asyncio.Task[Page] | None = None
        self._said: str | None = None
        """The words that must stand in the history next; None for whatever."""
        self._shown: set[int] = set()

    # Posting

    async def enter(self, token: str) -> None:
        page = await self.browser.open(f"/c/{token}")
        await self._post(next(form for form in page.forms if form.method == "post"))

    async def write(self, text: str) -> None:
        page = await self._answer()
        form = next(form for form, one in page.controls() if one.name == "words")
        await self._post(form, ("words", text))
        self._said = text

    async def touch(self, label: str, under: str) -> None:
        await self._answer()
        tab, choice = self._find(label, under)
        if choice.name == "pick":
            tab.ticked ^= {choice.value}
            return
        picks = [("pick", value) for value in sorted(tab.ticked)] if choice.name == "done" else []
        await self._post(tab.form(), (choice.name, choice.value), *picks)
        ticked = [one.label for one in tab.asked.choices if one.name == "pick" and one.value in tab.ticked]
        self._said = ", ".join(ticked) if choice.name == "done" else label

    def _find(self, label: str, under: str) -> tuple[Tab, Choice]:
        for tab in reversed(self.tabs):
            if begins(tab.asked.text, under) and (choice := tab.choice(label)):
                return tab, choice
        raise AssertionError(f"no control {label!r} under {under!r}")

    async def set_picks(self, labels: list[str], under: str) -> list[Seen]:
        """Have just these ticked, and press Done."""
        tab, _ = self._find(labels[0], under)
        found = [tab.choice(label) for label in labels]
        tab.ticked = {one.value for one in found if one is not None}
        await self.touch(self.done, under)
        return await self.after()

    async def pick_day(self, day: date) -> list[Seen]:
        page = await self._answer()
        form = next(form for form, one in page.controls() if one.name == "day")
        [whole] = form.named("date")
        await self._post(form, ("day", day.isoformat()), (whole.name, whole.value))
        self._said = day_with_weekday(day, read_screen(page.response.text).language)
        return await self.after()

    async def form(self, text: str) -> list[Seen]:
        return await self.type(text)

    async def forge(self, kind: InboundKind, payload: str) -> list[Seen]:
        """Post a button that no page showed; `kind` makes no difference here."""
        page = await self._answer()
        form = next(form for form, one in page.controls() if one.name == "words")
        await self._post(form, ("tap", payload))
        return await self.after()

    async def _post(self, form: Form, *fields: tuple[str, str]) -> None:
        """Post a form; on return it is stored, or refused. The page that answers comes when its turn is over."""
        self._stored.forget()
        self._posting = asyncio.create_task(self.browser.post(form, *fields))
        stored = asyncio.create_task(self._stored.wait())
        await asyncio.wait({self._posting, stored}, return_when=asyncio.FIRST_COMPLETED)
        stored.cancel()

    async def _answer(self) -> Page:
        """The page that answers what was posted last, once that is answered; without a post, the page as it is."""
        if self._posting is None:
            return self.browser.page
        posting, self._posting = self._posting, None
        await self.house.settle()
        page = await posting
        assert page.status == 200, page.text
        return page

    # Looking

    async def after(self) -> list[Seen]:
        """What is seen on the page that answers; without a post, on the page that is loaded anew."""
        if self._posting is None:
            await self.house.settle()
            await self.browser.open("/talk")
        await self._answer()
        return self.look()

    def look(self) -> list[Seen]:
        """What is new on the page that is shown."""
        screen = read_screen(self.browser.page.response.text)
        assert not screen.waits
        self._heard(screen)
        seen = {int(one.name.removeprefix("m")): one for one in screen.ours}
        if screen.asked is not None:
            seen[self._row(screen.asked)] = screen.asked
        for one in seen.values():
            self._keep(one)
        new = [seen[row] for row in sorted(seen) if row not in self._shown]
        self._shown |= seen.keys()
        return [Seen(one.text, one.buttons, one.progress) for one in new]

    def _heard(self, screen: Screen) -> None:
        """What was said stands on the page as it was said, unless it may not be kept."""
        [(latest,)] = self.house.rows("SELECT payload FROM inbox ORDER BY id DESC LIMIT 1")
        if (
            self._said and msgspec.json.decode(latest)["kind"] != InboundKind.PROFILE
        ):  # what forgotten words become
            own = [one.text for one in screen.theirs]
            assert self._said in own, (self._said, own[-2:])
        self._said = None

    def _row(self, asked: Said) -> int:
        """The row of the open question, by which it is known once it stands in the history.

        One that was asked at another address has no name here: it is the newest.
        """
        if asked.name == "0":
            [(row,)] = self.house.rows("SELECT max(id) FROM outbox WHERE ask IS NOT NULL")
            return int(row)
        [(row,)] = self.house.rows("SELECT id FROM outbox WHERE message_id = :name", name=asked.name)
        return int(row)

    def _keep(self, asked: Said) -> None:
        """Keep the page, to go back to; while it asks the same, what was ticked on it stays so."""
        if not asked.choices:
            return
        tab = Tab(self.browser.page, asked, {one.value for one in asked.choices if one.ticked})
        if self.tabs and self.tabs[-1].asked.name == asked.name:
            tab.ticked = self.tabs.pop().ticked
        self.tabs.append(tab)

    def as_shown(self, seen: list[Seen]) -> list[Seen]:
        said = [replace(one, toast=False) for one in seen if not one.again]
        above = [one if _undoes(one) else replace(one, buttons=(), progress="") for one in said[:-1]]
        return [*above, *said[-1:]]

    def on_screen(self) -> int:
        return len(self._shown)

    # What apps have and browsers do not

    async def edit(self, old: str, new: str) -> list[Seen]:
        """Hand an edit to the bot as a channel would whose messages can be edited."""
        await self._answer()
        await self.house.runtime.receive([self._edited(old, new)])
        return await self.after()

    def _edited(self, old: str, new: str) -> Inbound:
        rows = self.house.rows(
            "SELECT external_id, payload, sealed FROM inbox JOIN address ON address_id = address.id"
        )
        for row in reversed(rows):
            said = msgspec.json.decode(row.payload)
            if said.get("text") == old:
                return Inbound(
                    address=self.house.database.identity.open(row.sealed),
                    external_id=f"{row.external_id}-{len(rows)}",
                    kind=InboundKind.EDIT,
                    text=new,
                    message_id=said["message_id"],
                )
        raise AssertionError(f"nobody said {old!r}")

    def stands_under(self, text: str) -> list[str]:
        raise NotInABrowser

    def under_each(self, text: str) -> list[list[str]]:
        raise NotInABrowser

    @property
    def faults(self) -> FaultPlan:
        raise NotInABrowser

    def revoke(self) -> None:
        raise NotInABrowser

    def times_handed_over(self) -> int:
        raise NotInABrowser

    async def write_out_of_order(self, first: str, second: str) -> None:
        raise NotInABrowser

    async def picture(self, caption: str) -> list[Seen]:
        raise NotInABrowser

    def another(self) -> PlatformDriver:
        raise NotInABrowser

    async def media(self, kind: MediaKind) -> list[Seen]:
        raise NotInABrowser


def _undoes(seen: Seen) -> bool:
    """Whether a message has the one button that stays wherever its message stands: Undo."""
    return [one.label for one in seen.buttons] in [[say(Sentence.UNDO, code)] for code in ("en", *LANGUAGES)]


def page_channel() -> WebChannel:
    """The channel to browsers; a post waits for its turn however long that takes."""
    return WebChannel(WebConfig(public_url=ORIGIN, limits=PATIENT, answer_seconds=600))


@contextlib.asynccontextmanager
async def web_driver(folder: Path, at: datetime, *, posted: bool = True) -> AsyncIterator[WebDriver]:
    """Somebody in a browser, and the bot with its pages in the same process; `posted`: there is no other way."""
    del posted
    channel = page_channel()
    async with house(folder, channel, at) as home, in_a_browser(channel, home) as driver:
        yield driver


@contextlib.asynccontextmanager
async def in_a_browser(channel: WebChannel, home: House) -> AsyncIterator[WebDriver]:
    """Somebody in a browser, at a house that has this channel."""
    channel.pages = ConversationPages(home.database, home.runtime, home.clock, ChannelPolicy())
    stored = Stored(home)
    task = asyncio.create_task(channel.run(stored.receive))
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=channel.routes())),
        base_url=ORIGIN,
        follow_redirects=True,
    )
    async with client:
        try:
            await asyncio.sleep(0)  # the channel begins to receive
            yield WebDriver(home, task, stored, Browser(client))
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
