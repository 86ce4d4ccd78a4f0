"""The people of `web.py`, and their browsers: each request is a connection of its own, timed until all has come."""

import asyncio
import math
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Final
from urllib.parse import urlencode

from bench.wave import NOON

SPREAD: Final = 0.5
"""The sigma of the time from a page to its answer."""
TOKEN: Final = "Measured-invitation-of-everybody"
"""Of the link that all come by."""
WORDS: Final = "I wish somebody had asked me how I sleep, and told me whom to call at night."


@dataclass(slots=True)
class Times:
    """Seconds that requests took, by what was asked for, and how many failed."""

    pages: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    begun: int = 0
    late: int = 0
    """Pages that said that the answer is on its way."""
    failed: Counter[str] = field(default_factory=Counter)
    """Requests without the page or the redirection that belongs to them: by status, or `closed` without an answer."""


class FailedRequest(Exception):
    """A request was not answered as it should be; the message is its status, or `closed`."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What came for a request: `size` in bytes, with the header."""

    status: int
    headers: str
    body: str
    size: int

    def check(self, status: int) -> None:
        """Check that the status is this one.

        Raises:
            FailedRequest: it is another one, or nothing came.
        """
        if self.status != status:
            raise FailedRequest(str(self.status or "closed"))


async def ask(
    port: int, path: str, cookie: str, fields: Sequence[tuple[str, str]] | None = None
) -> PageAnswer:
    """Ask for a page, or post a form, over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = b"" if fields is None else urlencode(fields).encode()
        lines = [f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += ["Connection: close", "Accept-Language: en", "Sec-Fetch-Site: same-origin"]
        lines += [f"Cookie: {cookie}"] if cookie else []
        lines += (
            ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
            if fields
            else []
        )
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        whole = await reader.read(-1)
    except OSError:
        whole = b""
    finally:
        writer.close()
    head, _, rest = whole.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head else 0
    return PageAnswer(status, head.decode("latin-1"), rest.decode("utf-8", "replace"), len(whole))


class PageVisitor:
    """Somebody who goes through the interview on pages, and begins anew as somebody else at its end."""

    def __init__(self, port: int, number: int, times: Times, think: float) -> None:
        self.times = times
        self._port, self._think = port, think
        self._random = random.Random(number)
        self._cookie = ""
        self._page = ""

    async def go_on(self, until: float) -> None:
        """Answer page after page until a moment of the loop's clock; the first one after a part of the time."""
        await asyncio.sleep(self._random.random() * self._think)
        while asyncio.get_running_loop().time() < until:
            await self.answer()
            pause = self._think * math.exp(self._random.gauss(0, SPREAD))
            await asyncio.sleep(max(0.0, min(pause, until - asyncio.get_running_loop().time())))

    async def answer(self) -> None:
        """Answer what the page asks, or begin; count what failed."""
        try:
            fields = answer_to(self._page, self._random)
            if fields is None:
                await self._begin()
            else:
                await self._post("/talk", fields)
        except (FailedRequest, OSError) as failed:
            self.times.failed[str(failed) if isinstance(failed, FailedRequest) else "closed"] += 1
            self._page = ""

    async def _begin(self) -> None:
        self._cookie = ""
        invitation = await self._get(f"/c/{TOKEN}")
        await self._post(f"/c/{TOKEN}", hidden(invitation))
        self.times.begun += 1

    async def _post(self, path: str, fields: Sequence[tuple[str, str]]) -> None:
        began = time.perf_counter()
        answer = await ask(self._port, path, self._cookie, fields)
        answer.check(303)
        self.times.posts.append(time.perf_counter() - began)
        found = re.search(r"set-cookie: (said_device=[^;]+)", answer.headers)
        self._cookie = found[1] if found else self._cookie
        self._page = await self._get("/talk")
        self.times.late += "data-waiting" in self._page

    async def _get(self, path: str) -> str:
        began = time.perf_counter()
        answer = await ask(self._port, path, self._cookie)
        answer.check(200)
        self.times.pages.append(time.perf_counter() - began)
        return answer.body


def hidden(html: str) -> list[tuple[str, str]]:
    """Return the fields of a form that nobody sees; of a page, those of its first post."""
    form = re.search(r'<form method="post".*?</form>', html, re.DOTALL)
    inside = html if form is None else form[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', inside)
    return [(name, unescape(value)) for name, value in found]


def answer_to(html: str, chance: random.Random) -> list[tuple[str, str]] | None:
    """Return the form that answers a page's question, as somebody may who agrees to all; None where it asks nothing."""
    now = html.partition('<section id="now"')[2].partition('<section id="more"')[0]
    asked = re.search(r'<form [^>]*class="answers as-(\w+)">.*?</form>', now, re.DOTALL)
    if asked is None:
        form = re.search(r'<form [^>]*class="words[^>]*>.*?</form>', now, re.DOTALL)
        is_open = 'class="question' in now and form is not None
        return [*hidden(form[0]), ("words", WORDS)] if is_open and form is not None else None
    marks, form_html = hidden(asked[0]), asked[0]
    match asked[1]:
        case "checks":
            done = re.findall(r'name="done" value="([^"]+)"', form_html)
            return [*marks, ("pick", "0"), ("done", done[0])]
        case "scale":
            return [*marks, ("step", chance.choice(re.findall(r'name="step" value="([^"]+)"', form_html)))]
        case "day":
            day = re.findall(r'name="date" value="([^"]+)"', form_html)
            return [*marks, ("day", (NOON + timedelta(days=7)).date().isoformat()), ("date", day[0])]
        case _:
            taps = re.findall(r'<button name="tap" value="([^"]+)" class="choice"', form_html)
            consents = len(taps) <= 3  # the first of a few is the yes
            return [*marks, ("tap", taps[0] if consents else chance.choice(taps))]


async def first_pages(port: int) -> dict[str, int]:
    """Return what the first page weighs, and what the first of a conversation does, in bytes with all they ask for."""
    invitation = await ask(port, f"/c/{TOKEN}", "")
    begun = await ask(port, f"/c/{TOKEN}", "", hidden(invitation.body))
    cookie = re.findall(r"set-cookie: (said_device=[^;]+)", begun.headers)[0]
    page = await ask(port, "/talk", cookie)
    weighed = {}
    for name, one in (("the link's page", invitation), ("the first of a conversation", page)):
        files = sorted(set(re.findall(r'(?:href|src)="(/page/[^"]+)"', one.body)))
        weighed[name] = one.size + sum([(await ask(port, file, "")).size for file in files])
    return weighed
