"""The secret by which a browser of the team is known again, and the mark that its forms carry."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from storage.team.sessions import LIFE

COOKIE: Final = "said_team"
"""The name of the cookie on this machine alone."""
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
"""Its name over https: browsers take one of such a name from this very host alone."""
_WAY_BACK: Final = "said_team_account"
"""The cookie of whoever is at the provider of accounts; it comes back with them from there."""
_AWAY: Final = timedelta(minutes=15)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_MARK_LETTERS = 32


def new_secret() -> str:
    """Return a secret that nobody can guess: 32 random bytes as 43 letters of A-Z a-z 0-9 _ and -."""
    return secrets.token_urlsafe(32)


def secret_in(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """Return the secret in a request's cookies; None where there is none that could be ours."""
    found = cookies.get(SECURE_COOKIE if secure else COOKIE, "")
    return found if _SECRET.fullmatch(found) else None


def form_mark(secret: str) -> str:
    """Return what the forms of a session carry, so that no page of somebody else can post in its name."""
    return hmac.new(secret.encode(), b"said console form", hashlib.sha256).hexdigest()[:_MARK_LETTERS]


def is_mark(secret: str, told: str) -> bool:
    """Return whether a form carries the mark of this session; compared in constant time."""
    return hmac.compare_digest(form_mark(secret).encode(), told.encode())


def remember(response: Response, secret: str, *, secure: bool) -> None:
    """Have the browser keep the secret, for as long as a session may last."""
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(
        name, secret, int(LIFE.total_seconds()), path="/", secure=secure, httponly=True, samesite="strict"
    )


def send_along(response: Response, sealed: bytes, *, secure: bool) -> None:
    """Have the browser keep what must come back with it from the provider of accounts."""
    response.set_cookie(
        _way_back_name(secure=secure), urlsafe_b64encode(sealed).decode(), int(_AWAY.total_seconds()),
        path="/", secure=secure, httponly=True, samesite="lax",
    )  # fmt: skip


def sent_along(cookies: Mapping[str, str], *, secure: bool) -> bytes | None:
    """Return what `send_along` had kept; None where there is nothing that could be it."""
    try:
        return urlsafe_b64decode(cookies[_way_back_name(secure=secure)].encode())
    except (KeyError, ValueError):
        return None


def take_along(response: Response, *, secure: bool) -> None:
    """Have the browser forget what was kept for the way back: it is good once."""
    response.delete_cookie(
        _way_back_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def _way_back_name(*, secure: bool) -> str:
    return f"__Host-{_WAY_BACK}" if secure else _WAY_BACK


def forget(response: Response, *, secure: bool) -> None:
    """Have the browser forget the secret."""
    name = SECURE_COOKIE if secure else COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
