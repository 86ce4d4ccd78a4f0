"""A real mail server on loopback (aiosmtpd), which keeps what it is given and refuses what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

OK = "250 OK"


@dataclass
class MailboxServer:
    """What came, and what is answered: `on_mail`, `on_rcpt` and `on_data` are answers in place of OK; None for that.

    `drops` ends the connection once the text of a mail has come, in place of an answer; `logins` are the names that
    logged in. `delivers_to` is a folder in which mails are put, too; None for none. `answers` is waited for before the
    text of a mail is answered.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    on_mail: str | None = None
    on_rcpt: str | None = None
    on_data: str | None = None
    drops: bool = False
    password: str = "right"
    delivers_to: Path | None = None
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.on_mail is None:
            envelope.mail_from = address
        return self.on_mail or OK

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.on_rcpt is None:
            envelope.rcpt_tos.append(address)
        return self.on_rcpt or OK

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.on_data is None:
            content = envelope.content
            mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            if self.delivers_to is not None:
                (self.delivers_to / str(len(self.mails))).write_bytes(mail.as_bytes())
            self.recipients += envelope.rcpt_tos
            self.senders.append(envelope.mail_from or "")
        await self.answers.wait()
        if self.drops:
            server.transport.abort()
        return self.on_data or OK

    def login(self, _server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        """Let in whoever has the password."""
        good = data.password == self.password.encode()
        if good:
            self.logins.append(data.login.decode())
        return AuthResult(success=good, handled=False)


@asynccontextmanager
async def mail_server(*, needs_login: bool = False) -> AsyncIterator[MailboxServer]:
    """Run a mail server on loopback while the block runs."""
    box = MailboxServer()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            loop=loop,
            authenticator=box.login if needs_login else None,
            auth_required=needs_login,
            auth_require_tls=False,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


@contextmanager
def mail_server_beside() -> Iterator[MailboxServer]:
    """Run a mail server in a thread of its own, for a command that has an event loop itself."""
    started, stop = Future[MailboxServer](), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with mail_server() as box:
            started.set_result(box)
            await stop.wait()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield started.result(timeout=100)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def plain(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(mail: EmailMessage) -> str:
    """Return the HTML of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def report_about(mail: EmailMessage, kind: str) -> bytes:
    """Return a mail server's report about a mail, with that mail in it: a `delivery-status` (RFC 3464) that nobody is
    reached, or a `feedback-report` (RFC 5965) that it is unwanted."""
    told = {
        "delivery-status": "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; ana@example.org\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
        "feedback-report": "Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1\n",
    }
    head = (
        "From: MAILER-DAEMON@mx.test\nTo: talk@example.org\nSubject: about your mail\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/{kind}\n\n{told[kind]}\n"
        "--b\nContent-Type: message/rfc822\n\n"
    )
    return head.encode() + mail.as_bytes() + b"\n--b--\n"
