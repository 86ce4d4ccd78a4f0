"""The secret by which a browser is known again: in its cookie alone, so that nothing that is kept opens a page.

The address `web:<id>` has the first half of the secret's SHA-256, which leads nowhere back.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

CHANNEL = "web"
COOKIE = "said_device"
"""The name of the cookie."""
MOST_SECONDS = 400 * 24 * 60 * 60
"""How long a browser keeps the cookie: 400 days, which is the most that browsers take."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_ID_LETTERS = 32
_CSRF_LETTERS = 32


def new_secret() -> str:
    """Return a secret that nobody can guess: 32 random bytes as 43 letters of A-Z a-z 0-9 _ and -."""
    return secrets.token_urlsafe(32)


def secret_from(key: str) -> str:
    """Return the secret of the device that a form with this key makes: the same form twice is one device.

    `key` is a key that `new_secret` made, with whatever a page put behind it: whoever knows it has the form.
    """
    digest = hashlib.sha256(b"said device:" + key.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def address_of(secret: str) -> str:
    """Return the address of the device with this secret, such as `web:3f9a0c...`."""
    return f"{CHANNEL}:{hashlib.sha256(secret.encode()).hexdigest()[:_ID_LETTERS]}"


def csrf_of(secret: str) -> str:
    """Return what the forms of a device carry, so that no page of somebody else can post in its name."""
    return hmac.new(secret.encode(), b"said form", hashlib.sha256).hexdigest()[:_CSRF_LETTERS]


def secret_in(cookies: Mapping[str, str]) -> str | None:
    """Return the secret in a request's cookies; None where there is none that could be ours."""
    found = cookies.get(COOKIE, "")
    return found if _SECRET.fullmatch(found) else None


def remember(response: "Response", secret: str, *, secure: bool) -> None:
    """Have the browser keep the secret. `secure` says that it goes over https alone."""
    response.set_cookie(COOKIE, secret, MOST_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def forget(response: "Response", *, secure: bool) -> None:
    """Have the browser forget the secret."""
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
