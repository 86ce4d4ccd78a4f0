"""What guards every page: the headers of its response, and whether a post came from a page of ours."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy that the pages need, and no more."""
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
"""The headers of every response, unless it has one of its own of that name."""
STRICT_TRANSPORT: Final = "max-age=31536000"
"""The header Strict-Transport-Security, where the public address is https."""


def is_from_our_page(headers: Headers, origin: str) -> bool:
    """Return whether a post came from a page of ours, as far as its browser tells; True where it tells nothing.

    `origin` is ours, such as `https://talk.example.org`. Browsers of today send Sec-Fetch-Site; with our
    Referrer-Policy they tell "null" as the Origin of a form, which says nothing. Older ones are known by the form's own
    mark.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    told = headers.get("origin")
    return told in (None, "null") or told == origin


def tells_its_page(headers: Headers, origin: str) -> bool:
    """Return whether a browser tells that a post came from a page of ours, and does not only leave it open."""
    return "sec-fetch-site" in headers or headers.get("origin") == origin


def client_of(headers: Headers, peer: str, *, behind_proxy: bool) -> str:
    """Return the address of whoever asks: `peer`, or behind a proxy of ours what that saw.

    The last hop in X-Forwarded-For is the proxy's word; what stands before it anybody may have written.
    """
    if not behind_proxy:
        return peer
    hops = headers.getlist("x-forwarded-for")
    return hops[-1].rpartition(",")[2].strip() if hops else peer
