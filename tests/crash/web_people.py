"""People in browsers who answer at once whatever a page asks, and post the same form again where nobody answers."""

import asyncio
import itertools
import random
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from bot.channels.base import read_button
from bot.channels.web.device import COOKIE, address_of
from tests.crash.people import ANEW, ENDINGS, RICH, SKIP, THIN, YES, Reply, Way
from tests.support.platforms.page import Choice, Said, read_screen
from tests.support.web_browser import SAME_SITE, Form, Page

REST_SECONDS = 0.05
"""How long somebody waits before they load a page again, or post a form again."""
PATIENCE_SECONDS = 60.0
"""How long one request may take; how often it is made again is for the test to bound."""
LOOKS = 200
"""How often a page is loaded again that does not ask anything, before that is told as a fault."""
ON_THE_WAY = frozenset({429, 503})
"""The bot starts, stops, or is asked too often: what was posted is to be posted again."""
_MARKERS = itertools.count(1)


class NotAnswered(AssertionError):
    """A page did what no page may do."""


class Visitor:
    """One of them. `finished` once the last words of the script have been read.

    `stored` are the keys of the forms that were answered, in their order, `said` what then has to stand on the page as
    theirs; `asked` are the questions that they saw. `ours` and `theirs` is the whole history, once `read_all` was.
    """

    def __init__(self, number: int, url: str, rng: random.Random) -> None:
        self.number = number
        self.replies: list[Reply] = []
        self.finished = False
        self.calls_for_help = 0
        self.posts = 0
        self.again = 0
        self.stored: list[str] = []
        self.said: list[str] = []
        self.asked: list[tuple[int, int]] = []
        self.ours: list[Said] = []
        self.theirs: list[Said] = []
        self._rng = rng
        self._answered: set[str] = set()
        far = {"x-forwarded-for": f"10.{number // 250}.{number % 250}.7"}  # each behind a proxy of their own
        self._client = httpx.AsyncClient(base_url=url, headers=far, timeout=PATIENCE_SECONDS)

    @property
    def name(self) -> str:
        return f"visitor {self.number}"

    @property
    def address(self) -> str:
        """Where the bot knows them."""
        return address_of(self._client.cookies[COOKIE])

    async def close(self) -> None:
        await self._client.aclose()

    async def live(self, token: str) -> None:
        """Open the link, begin, and answer until the end."""
        page = await self._open(f"/c/{token}")
        begin = next(form for form in page.forms if form.method == "post")
        page = await self._post(begin)
        looks = 0
        while not self.finished:
            screen = read_screen(page.response.text)
            if any(ending in one.text for ending in ENDINGS for one in screen.ours):
                self.finished = True
            elif screen.asked is None or screen.waits or screen.asked.name in self._answered:
                looks += 1
                if looks > LOOKS:
                    raise NotAnswered(f"{self.name} waits for a question: {page.text[-300:]}")
                await asyncio.sleep(REST_SECONDS)
                page = await self._open("/talk")
            else:
                looks = 0
                page = await self._answer(page, screen.asked)

    async def read_all(self) -> None:
        """Read the whole history, page by page."""
        path = "/talk"
        while path:
            page = await self._open(path)
            screen = read_screen(page.response.text)
            self.ours, self.theirs = [*screen.ours, *self.ours], [*screen.theirs, *self.theirs]
            path = screen.older

    # Browsing

    async def _open(self, path: str) -> Page:
        """Load a page, as often as it takes."""
        while (response := await self._sent("GET", path)) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(REST_SECONDS)
        return Page(response)

    async def _post(self, form: Form, *fields: tuple[str, str]) -> Page:
        """Post a form as often as it takes to be answered, and a few times once more; then the page that follows."""
        [key] = [one.value for one in form.named("key")]
        data: dict[str, list[str]] = {}
        for name, value in (*form.hidden(), *fields):
            data.setdefault(name, []).append(value)
        response = await self._until_answered(form.action, data)
        self.stored.append(key)
        if self._rng.random() < 0.1:  # a reload, or an impatient finger
            self.again += 1
            response = await self._until_answered(form.action, data)
        return await self._open(response.headers["location"].partition("#")[0])

    async def _until_answered(self, path: str, data: Mapping[str, list[str]]) -> httpx.Response:
        while True:
            self.posts += 1
            response = await self._sent("POST", path, data)
            if response is not None and response.status_code == HTTPStatus.SEE_OTHER:
                return response
            if response is not None:
                raise NotAnswered(f"{self.name} got {response.status_code}: {Page(response).text[:300]}")
            await asyncio.sleep(REST_SECONDS)

    async def _sent(
        self, method: str, path: str, data: Mapping[str, list[str]] | None = None
    ) -> httpx.Response | None:
        """What a request got; None where nobody answered, or said that it is to come again."""
        try:
            response = await self._client.request(method, path, data=data, headers=SAME_SITE)
        except httpx.TransportError:
            return None
        return None if response.status_code in ON_THE_WAY else response

    # Answering

    async def _answer(self, page: Page, asked: Said) -> Page:
        """Answer the open question: by what is to be pressed, or in words."""
        self._answered.add(asked.name)
        key = _key_of(asked)
        if key is not None and key not in self.asked:
            self.asked.append(key)
        choices = [one for one in asked.choices if one.label != SKIP and one.name != "done"]
        if anew := next((one for one in choices if one.label == ANEW), None):
            return await self._press(page, asked, Way.ASIDE, anew)
        if any(one.name == "pick" for one in choices):
            return await self._pick(page, asked, choices)
        yes = next((one for one in choices if one.label in YES), None)
        if yes is None and len(choices) <= 1:
            return await self._say(page, asked)
        choice = yes or self._rng.choice(choices)
        if self._rng.random() < 0.25:
            return await self._type(page, asked, choice.label)
        return await self._press(page, asked, Way.TAPPED, choice)

    async def _say(self, page: Page, asked: Said) -> Page:
        skip = next((one for one in asked.choices if one.label == SKIP), None)
        if skip is not None and self._rng.random() < 0.1:
            return await self._press(page, asked, Way.SKIPPED, skip)
        words = self._rng.choice(self._rng.choice((THIN, RICH)))
        return await self._type(page, asked, f"{words} visit{next(_MARKERS):06d}")

    async def _type(self, page: Page, asked: Said, words: str) -> Page:
        form = next(form for form, one in page.controls() if one.name == "words")
        self._note(Way.TYPED, asked, words)
        return await self._post(form, ("words", words))

    async def _press(self, page: Page, asked: Said, way: Way, choice: Choice) -> Page:
        self._note(way, asked, choice.label)
        return await self._post(_form_with(page, choice), (choice.name, choice.value))

    async def _pick(self, page: Page, asked: Said, choices: list[Choice]) -> Page:
        done = next(one for one in asked.choices if one.name == "done")
        places = sorted(self._rng.sample(range(len(choices) - 2), 2))
        picked = [choices[place] for place in places]
        self._note(Way.PICKED, asked, *(one.label for one in picked))
        fields = [(one.name, one.value) for one in picked]
        return await self._post(_form_with(page, done), (done.name, done.value), *fields)

    def _note(self, way: Way, asked: Said, *words: str) -> None:
        """Remember what is done now, and what then stands on the page."""
        self.said.append(", ".join(words))
        told = () if way is Way.SKIPPED else words
        self.replies.append(Reply(0, 0, self.number, way, _key_of(asked), asked.text, told))


def _form_with(page: Page, choice: Choice) -> Form:
    return next(form for form, one in page.controls() if (one.name, one.value) == (choice.name, choice.value))


def _key_of(asked: Said) -> tuple[int, int] | None:
    """The conversation and the number of a question; None where nothing can be pressed."""
    for choice in asked.choices:
        read = read_button(choice.value)
        if read is not None:
            return read[0], read[1]
    return None
