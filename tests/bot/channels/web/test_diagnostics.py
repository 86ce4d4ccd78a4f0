"""`said doctor` opens the public address of the pages, and says what it finds there: all on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.base import Diagnosis, FindingLevel
from bot.channels.web import diagnostics
from bot.channels.web.channel import WebChannel
from bot.channels.web.diagnostics import page_findings
from bot.channels.web.options import WebConfig
from bot.channels.web.port import REACHED_BY_PROXY, REACHED_DIRECTLY
from flows.heavy_packages import load

OK, WARN, ERROR = FindingLevel.OK, FindingLevel.WARN, FindingLevel.ERROR


@asynccontextmanager
async def _host(answer: str | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A host on loopback with one answer to all; None never answers. Its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        if answer is None:
            await asyncio.sleep(60)
        writer.write((answer or "").encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    yield f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
    server.close()


def _answer(status: str = "200 OK", text: str = "", *headers: str) -> str:
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(text)}", *headers, "", text))


async def _look(url: str, *, behind_proxy: bool = False, trusted: ssl.SSLContext | None = None) -> Diagnosis:
    config = WebConfig(public_url=url, behind_proxy=behind_proxy)
    make = ssl.create_default_context if trusted is None else lambda: trusted
    return (await asyncio.to_thread(lambda: list(page_findings(config, make))))[-1]


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (_answer("502 Bad Gateway", "<html>"), WARN, "nobody behind it (502)"),
        (
            _answer("301 Moved", "", "Location: https://www.example.org/page/reached"),
            ERROR,
            "www.example.org",
        ),
        (_answer("404 Not Found", "no such page"), ERROR, "somebody else answers (404)"),
        (_answer("200 OK", "Welcome to nginx!"), ERROR, "somebody else answers (200)"),
        ("no HTTP at all\r\n\r\n", WARN, "nobody answers"),
    ],
)
async def test_what_is_not_the_bot_is_told(answer: str, level: FindingLevel, words: str) -> None:
    """A proxy with nobody behind it, an address that leads elsewhere, another program: each with its remedy."""
    async with _host(answer) as url:
        found = await _look(url)
    assert (found.level, words in found.text, bool(found.remedy)) == (level, True, True)


async def test_where_nobody_answers_the_look_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens, somebody keeps silent, a name that is none: no look takes longer than its time."""
    monkeypatch.setattr(diagnostics, "TIMEOUT_SECONDS", 0.2)
    async with _host(None) as url, asyncio.timeout(30):  # half of what that host keeps silent
        assert "nobody answers" in (await _look(url)).text
    refused = await _look(url)
    assert (refused.level, "said run" in refused.remedy) == (WARN, True)
    assert (await _look(url.replace("http", "https"))).level is ERROR
    unknown = await _look("https://talk.invalid")
    assert (unknown.level, "no address" in unknown.text) == (ERROR, True)


@pytest.mark.parametrize(
    ("told", "behind_proxy", "level", "words"),
    [
        (REACHED_DIRECTLY, False, OK, "the bot answers there"),
        (REACHED_BY_PROXY, True, OK, "behind a proxy that says who asks"),
        (REACHED_BY_PROXY, False, WARN, "takes all people for one"),
        (REACHED_DIRECTLY, True, WARN, "no X-Forwarded-For"),
    ],
)
async def test_whether_the_proxy_says_who_asks_is_told(
    told: str, behind_proxy: bool, level: FindingLevel, words: str
) -> None:
    """Where it does not, or the settings do not know that it does, the limits take all people for one."""
    async with _host(_answer(text=told)) as url:
        found = await _look(url, behind_proxy=behind_proxy)
    assert (found.level, words in found.text, bool(found.remedy)) == (level, True, level is WARN)


def _certificate(folder: Path, *, until: datetime) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "talk.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=90))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "pair.pem"
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(
    ("days", "is_trusted", "level", "words"),
    [(9, True, WARN, "no X-Forwarded-For"), (9, False, ERROR, "self-signed"), (-9, True, ERROR, "expired")],
)
async def test_a_certificate_that_browsers_refuse_is_told(
    tmp_path: Path, days: int, is_trusted: bool, level: FindingLevel, words: str
) -> None:
    """One that nobody vouches for, or that has expired, with the reason; with a good one the bot is reached."""
    pair = _certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=days))
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(pair)
    trusted = ssl.create_default_context(cafile=str(pair)) if is_trusted else None
    async with _host(_answer(text=REACHED_DIRECTLY), serves) as url:
        found = await _look(url, trusted=trusted)
    assert (found.level, words in found.text) == (level, True)


async def test_without_https_at_the_address_that_is_told() -> None:
    """A port that speaks plain http is no https."""
    async with _host(_answer(text=REACHED_DIRECTLY)) as url:
        found = await _look(url.replace("http", "https"))
    assert (found.level, "no https" in found.text) == (ERROR, True)


@pytest.mark.parametrize("headers", [{}, {"x-forwarded-for": "203.0.113.7"}])
async def test_the_bot_tells_whether_a_proxy_names_who_asks(headers: dict[str, str]) -> None:
    """At its own path, to anybody, and of the request alone: no address stands there."""
    routes = WebChannel(WebConfig(public_url="https://talk.test")).routes()
    app = load("starlette.applications").Starlette(routes=routes)
    transport = load("httpx").ASGITransport(app)
    async with load("httpx").AsyncClient(transport=transport, base_url="https://talk.test") as client:
        answer = await client.get("/page/reached", headers=headers)
    assert answer.text.strip() == (REACHED_BY_PROXY if headers else REACHED_DIRECTLY)
    assert answer.headers["cache-control"] == "no-store"
