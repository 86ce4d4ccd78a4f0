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


Answer = Callable[[Visit], Awaitable[Response]]
