"""Look at the public address of the pages as a browser would, for `said doctor`: who answers there, and how it is led.

One request goes out, to the address in the settings alone. A proxy in front is known by what it hands on: the bot
tells, at `REACHED_PATH`, whether X-Forwarded-For came with the request.
"""

import ssl
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import gaierror
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from bot.channels.base import Diagnosis, FindingLevel
from bot.channels.web.options import WebConfig
from bot.channels.web.port import REACHED_BY_PROXY, REACHED_DIRECTLY, REACHED_PATH

TIMEOUT_SECONDS: Final = 5.0
HOW_TO: Final = "docs/howto/connect-web.md"
_MOST: Final = 1000
"""Bytes of an answer that are read: ours is a line."""
_ABSENT: Final = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""What a proxy answers where nobody answers it."""

MakeContext = Callable[[], ssl.SSLContext]
"""Makes what the certificate of the address is checked with."""


class _Reached(NamedTuple):
    """What answered: its status, its words, and where it leads to, '' for nowhere."""

    status: int
    text: str
    leads_to: str


def page_findings(
    config: WebConfig, context: MakeContext = ssl.create_default_context
) -> Iterator[Diagnosis]:
    """Yield what stands at the address of the pages. It waits for the network, so that it belongs in a thread."""
    url = config.public_url
    if config.secure:
        yield Diagnosis(FindingLevel.OK, f"pages are at {url}, over https")
    else:
        yield Diagnosis(
            FindingLevel.WARN,
            f"pages are at {url}: nobody but this machine reaches them",
            "put a proxy with https in front, and set web.public_url to its address",
        )
    yield _look(config, context)


def _look(config: WebConfig, context: MakeContext) -> Diagnosis:
    try:
        found = _ask(config, context)
    except ssl.SSLCertVerificationError as error:
        text = f"the certificate of {config.public_url} does not hold: {error.verify_message}"
        return _wrong(text, "renew it, or have it name this host: browsers open no page")
    except ssl.SSLError as error:
        return _wrong(f"no https is spoken at {config.public_url} ({error.reason})", f"see {HOW_TO}")
    except gaierror:
        text = f"the host of {config.public_url} has no address that this machine knows"
        return _wrong(text, "have its name point to the proxy, or mend web.public_url")
    except (OSError, HTTPException) as error:
        return _silent(config, type(error).__name__)
    return _what_answers(config, found)


def _ask(config: WebConfig, context: MakeContext) -> _Reached:
    parts = urlsplit(config.public_url)
    host, port = parts.hostname or "", parts.port
    made = (
        HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context())
        if config.secure
        else HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        made.request("GET", REACHED_PATH, headers={"User-Agent": "said doctor"})
        answer = made.getresponse()
        text = answer.read(_MOST).decode("utf-8", "replace")
        return _Reached(answer.status, text, answer.headers.get("location", ""))
    finally:
        made.close()


def _silent(config: WebConfig, error: str) -> Diagnosis:
    text = f"nobody answers at {config.public_url} ({error})"
    if config.secure:
        return _wrong(
            text, f"start the proxy with https, see {HOW_TO}; behind a firewall look from elsewhere"
        )
    return Diagnosis(FindingLevel.WARN, text, "start the bot with `said run`, and look again")


def _what_answers(config: WebConfig, found: _Reached) -> Diagnosis:
    url, words = config.public_url, found.text.strip()
    if found.status == HTTPStatus.OK and words in (REACHED_BY_PROXY, REACHED_DIRECTLY):
        return _ours(config, by_proxy=words == REACHED_BY_PROXY)
    if found.status in _ABSENT:
        return Diagnosis(
            FindingLevel.WARN,
            f"a proxy answers at {url}, and nobody behind it ({found.status})",
            "start the bot with `said run`, and have the proxy hand on to web.host and web.port",
        )
    if found.leads_to:
        where = urlsplit(found.leads_to).netloc or "another path"
        return _wrong(f"{url} leads elsewhere: to {where}", "set web.public_url to where the pages are")
    remedy = f"have the proxy hand on all paths to web.host and web.port, see {HOW_TO}"
    return _wrong(f"at {url} somebody else answers ({found.status})", remedy)


def _ours(config: WebConfig, *, by_proxy: bool) -> Diagnosis:
    """Tell how the bot was reached: behind a proxy its limits count by the address that the proxy tells."""
    if by_proxy and not config.behind_proxy:
        return Diagnosis(
            FindingLevel.WARN,
            "the bot answers there, behind a proxy, and takes all people for one: limits are soon reached",
            "set web.behind_proxy = true",
        )
    if not by_proxy and (config.behind_proxy or config.secure):
        return Diagnosis(
            FindingLevel.WARN,
            "the bot answers there, and no X-Forwarded-For comes with requests: limits take all people for one",
            f"have the proxy set X-Forwarded-For, and set web.behind_proxy = true, see {HOW_TO}",
        )
    way = ", behind a proxy that says who asks" if by_proxy else ""
    return Diagnosis(FindingLevel.OK, f"the bot answers there{way}")


def _wrong(text: str, remedy: str) -> Diagnosis:
    return Diagnosis(FindingLevel.ERROR, text, remedy)
