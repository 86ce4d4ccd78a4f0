"""One request, as far as it is known who asks."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.device import csrf_of
from bot.channels.web.forms import FilledForm
from bot.channels.web.port import FormField
from bot.channels.web.source import PageRequest, PageSource


@dataclass(slots=True)
class Visit:
    """One request: who asks, as far as their browser is known, and what they posted.

    `secret` and `address` are those of a device that is known, else None; `was_told` says that the browser has a cookie
    of ours all the same, which is refused and cleared.
    """

    request: Request
    pages: PageSource
    client: str
    wish: PageRequest
    secret: str | None = None
    address: str | None = None
    was_told: bool = False
    form: FilledForm = field(default_factory=lambda: FilledForm({}))

    @property
    def token(self) -> str:
        """The token in the address that is asked for."""
        return str(self.request.path_params.get("token", ""))

    @property
    def has_mark(self) -> bool:
        """Return whether the posted form carries the mark of this device."""
        given = self.form.value(FormField.CSRF).encode()
        return self.secret is not None and hmac.compare_digest(given, csrf_of(self.secret).encode())

    @property
    def chosen(self) -> str:
        """The language that was chosen on this page, or on the one whose form was posted; '' for none."""
        return (self.wish.languages[0] if self.wish.is_chosen else self.form.language) or ""

    async def language_for(self, address: str | None) -> str:
        """Return the language of such a page: the one that was chosen, else that of whoever is at an address.

        Where nobody is known there, or `address` is None, it is that of the browser.
        """
        if self.chosen:
            return self.pages.language(PageRequest((self.chosen, *self.wish.languages), is_chosen=True))
        known = None if address is None else await self.pages.language_at(address)
        return known or self.pages.language(self.wish)

    def onward(self, path: str) -> str:
        """Return the address of a page at this path in the language that was chosen."""
        return f"{path}?{FormField.LANGUAGE.value}={self.chosen}" if self.chosen else path


Answer = Callable[[Visit], Awaitable[Response]]
