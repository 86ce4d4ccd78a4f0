"""Find an address for every page of the console by following its links, as somebody does who has only a mouse."""

import html
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from starlette.routing import compile_path

from bot.console import registry
from bot.console.visit import TEAM_PATH, ConsolePage

AFTER_A_FORM: Final = frozenset(
    {
        "/code",
        "/program-files/{code}",
        "/program-loads/{code}",
        "/reports/{code}/files/{number:int}",
        "/safety/samples/{number:int}",
        "/themes/code",
        "/themes/sentences",
        "/themes/settle",
        "/themes/settled",
    }
)
"""Pages to which no link leads until a form was sent, a second step is wanted, or a codebook was loaded."""
MOST_OF_A_PAGE: Final = 3
"""Addresses that are opened of one page: people are many, and their pages are made alike."""
_LINK = re.compile(r"""<a\b[^>]*\bhref="([^"#]+)""")

Fetch = Callable[[str], Awaitable[str | None]]
"""Gives what stands at an address, as HTML; None for what is no page."""


@dataclass
class Tour:
    """What was found: the addresses of each page by its path in the table, and by which page each was found."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    found_on: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    """Links to what is no page of the table."""

    @property
    def all(self) -> list[str]:
        """Every address that was opened."""
        return [one for found in self.addresses.values() for one in found]

    @property
    def missing(self) -> set[str]:
        """Pages of the table to which no link leads, though one should."""
        return {page.path for page in shown_pages()} - self.addresses.keys() - AFTER_A_FORM


def shown_pages() -> tuple[ConsolePage, ...]:
    """The pages of the table that are opened, and not posted to."""
    return tuple(page for page in registry.PAGES if page.method == "GET")


def page_at(address: str, method: str = "GET") -> ConsolePage | None:
    """The page of the table that answers at an address; the first one that fits does, as in the routes."""
    path = address.partition("?")[0]
    for page in registry.PAGES:
        pattern, _, _ = compile_path(TEAM_PATH + page.path)
        if page.method == method and pattern.fullmatch(path):
            return page
    return None


def links_in(text: str, base: str) -> list[str]:
    """The addresses of this host to which the links of a page lead."""
    found = [urljoin(base, html.unescape(one)) for one in _LINK.findall(text)]
    return [one for one in found if one.startswith(TEAM_PATH)]


async def tour(fetch: Fetch, start: str = TEAM_PATH) -> Tour:
    """Follow links from the first page on, to a few addresses of each page."""
    made, waiting = Tour(), deque([(start, "")])
    seen = {start}
    while waiting:
        address, found_on = waiting.popleft()
        page = page_at(address)
        if page is None:
            made.unknown.append(address)
            continue
        known = made.addresses.setdefault(page.path, [])
        if len(known) >= MOST_OF_A_PAGE:
            continue
        known.append(address)
        made.found_on[address] = found_on
        text = await fetch(address)
        for link in [] if text is None else links_in(text, address):
            if link not in seen:
                seen.add(link)
                waiting.append((link, address))
    return made
