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
"""The name of the cookie on this machine alone."""
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Its name over https. Browsers take one of such a name from this very host alone: neither another host of the domain
nor whoever stands in the way of http can have somebody write into a conversation of theirs."""
MOST_SECONDS = 400 * 24 * 60 * 60
"""How long a browser keeps the cookie: 400 days, which is the most that browsers take."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_ID_LETTERS = 32
_CSRF_LETTERS = 32


def new_secret() -> str:
    """Return a secret that nobody can guess: 32 random bytes as 43 letters of A-Z a-z 0-9 _ and -."""
    return secrets.token_urlsafe(32)


def secret_from(key: str) -> str:
    """Return the secret of a new device, made from the key of the form that it posted first.

    So the same form twice makes one device. `key` was made by `new_secret`, and may have letters added by a page; it is
    as secret as what comes of it.
    """
    digest = hashlib.sha256(b"said device:" + key.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def delivery_of(key: str) -> str:
    """Return the name of what a form with this key does to a device; it is kept, and leads back to no secret."""
    return f"{CHANNEL}-{hashlib.sha256(b'said delivery:' + key.encode()).hexdigest()[:_ID_LETTERS]}"


def address_of(secret: str) -> str:
    """Return the address of the device with this secret, such as `web:3f9a0c...`."""
    return f"{CHANNEL}:{hashlib.sha256(secret.encode()).hexdigest()[:_ID_LETTERS]}"


def csrf_of(secret: str) -> str:
    """Return what the forms of a device carry, so that no page of somebody else can post in its name."""
    return hmac.new(secret.encode(), b"said form", hashlib.sha256).hexdigest()[:_CSRF_LETTERS]


def cookie_name(*, secure: bool) -> str:
    """Return the name of the cookie. `secure` says that it goes over https alone."""
    return SECURE_COOKIE if secure else COOKIE


def secret_in(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """Return the secret in a request's cookies; None where there is none that could be ours."""
    found = cookies.get(cookie_name(secure=secure), "")
    return found if _SECRET.fullmatch(found) else None


def remember(response: "Response", secret: str, *, secure: bool) -> None:
    """Have the browser keep the secret. `secure` says that it goes over https alone."""
    name = cookie_name(secure=secure)
    response.set_cookie(name, secret, MOST_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def forget(response: "Response", *, secure: bool) -> None:
    """Have the browser forget the secret."""
    name = cookie_name(secure=secure)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
