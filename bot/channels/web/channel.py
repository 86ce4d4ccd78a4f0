"""Conversations in a browser, as a channel: what is posted comes in, and what is sent waits in the rows for a page.

Nothing is pushed. A message is delivered once its row says so: from then on every page of its address shows it.
"""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from bot.channels.base import Diagnosis, Outbound, Receive
from bot.channels.request_limits import RequestKeeper
from bot.channels.web.device import CHANNEL
from bot.channels.web.diagnostics import page_findings
from bot.channels.web.mail_door import MailDoor
from bot.channels.web.options import WebConfig
from bot.channels.web.source import PageSource, TryDoor
from bot.channels.web.turns import WebTurns
from flows.heavy_packages import load

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from bot.channels.web.routes import PageRoutes


class WebChannel:
    """The channel to people's browsers. `pages` is to be given before the routes are served."""

    name = CHANNEL
    edits = False

    def __init__(self, config: WebConfig) -> None:
        self._config = config
        self._turns = WebTurns(config.answer_seconds)
        self._keeper = RequestKeeper(config.limits, monotonic)
        self._page_routes: PageRoutes | None = None

    @property
    def pages(self) -> PageSource | None:
        """What finds the pages' contents; None until it is given."""
        return self._turns.pages

    @pages.setter
    def pages(self, source: PageSource) -> None:
        self._turns.pages = source

    @property
    def mail(self) -> MailDoor | None:
        """What the pages behind the links of mails ask; None where no mails go out."""
        return self._turns.mail

    @mail.setter
    def mail(self, door: MailDoor) -> None:
        self._turns.mail = door

    @property
    def trying(self) -> TryDoor | None:
        """What the pages of those ask who try the program; None else: then there are none."""
        return self._turns.trying

    @trying.setter
    def trying(self, door: TryDoor) -> None:
        self._turns.trying = door

    def shown(self, address: str) -> None:
        """Tell the pages of an address that something was sent there."""
        self._turns.sent(address)

    def routes(self) -> "list[Route]":
        """Return the routes of all pages. What they need is loaded now: a channel that nobody opens is light."""
        return self._made_routes().routes()

    async def unknown(self, request: "Request", error: Exception) -> "Response":
        """Answer whoever asks for what is at no route of any channel, by a page that says so."""
        return await self._made_routes().unknown(request, error)

    def _made_routes(self) -> "PageRoutes":
        if self._page_routes is None:
            made: PageRoutes = load("bot.channels.web.routes").PageRoutes(
                self._config, self._turns, self._keeper
            )
            self._page_routes = made
        return self._page_routes

    async def run(self, receive: Receive) -> None:
        """Hand what is posted to `receive`, until cancelled; before and after it the pages say that they can not."""
        self._turns.receive = receive
        try:
            await asyncio.Event().wait()
        finally:
            self._turns.receive = None

    async def send(self, message: Outbound) -> str | None:
        """Give a message its number, by which pages name it; what is to be shown anew keeps its own."""
        if message.refresh:
            return message.message_id
        return await self._sent(message.address)

    async def send_document(self, address: str, _name: str, _content: str, _caption: str, /) -> str | None:
        """Give a person's own data a number: its page has a link, and the file is made when that is followed."""
        return await self._sent(address)

    async def _sent(self, address: str) -> str:
        newest = 0 if self._turns.pages is None else await self._turns.pages.newest_number(address)
        number = self._turns.numbers.of_ours(newest)
        self._turns.sent(address)
        return str(number)

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Do nothing: a tap is answered by the page that comes."""

    async def check(self) -> list[Diagnosis]:
        """Say where the pages are, and who answers there when they are asked for, for `said doctor`."""
        return await asyncio.to_thread(lambda: list(page_findings(self._config)))

    async def close(self) -> None:
        """Close nothing: browsers open the connections."""
