"""E-mail as a channel: a mail says that something waits, and its link leads to the page where it is read and answered.

What is said at an address within a short time goes with the mail before it, since its link shows all of it. Whoever is
on the page gets no mail of what they see there (`PagePresence`).
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from starlette.routing import Route

from bot.channels.base import Diagnosis, FindingLevel, MessageRejected, Outbound, Receive, SendError
from bot.channels.email.address import SCHEME, mailbox_of
from bot.channels.email.bounces import MailBounce, read_mail, unsubscribe_token
from bot.channels.email.diagnostics import mail_findings, settings_findings
from bot.channels.email.maildir import Mailbox
from bot.channels.email.mails import MailHead, MailText, compose, unsubscribe_fields, waiting_text
from bot.channels.email.options import EmailConfig
from bot.channels.email.port import MailPort, MailTokens, NoPort
from bot.channels.email.smtp import MailServer
from bot.channels.email.webhook import bounce_route
from bot.channels.message_numbers import MessageNumbers
from bot.channels.presence import PagePresence
from flows.engine.effects import Prompt

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
"""How often the folder is looked at."""
ARRIVES_SECONDS = 12
"""How long `said doctor` waits for its own mail."""
READ_IT = "save it as it arrived, with all header fields, and run: said doctor --mail FILE"
TRY_AGAIN = "see docs/howto/connect-email.md"
MOST_REMEMBERED = 10_000
"""Addresses of which it is known when a mail went there last."""


class EmailChannel:
    """The channel to the operator's mail server.

    `now` tells the time in UTC, `monotonic` seconds; `sleep` waits some of them. `port` is to be set before it runs,
    else nobody is known; `shown` is told of each address to which something was sent, so that a page that waits for it
    shows it.
    """

    name = SCHEME
    edits = False

    def __init__(
        self,
        config: EmailConfig,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        server: MailServer | None = None,
    ) -> None:
        self.config = config
        self.port: MailPort = NoPort()
        self.presence = PagePresence(monotonic)
        self.shown: Callable[[str], None] = _to_no_page
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._server = server or MailServer(config)
        self._numbers = MessageNumbers(lambda: int(now().timestamp() * 1_000) * 1_000_000)
        self._mailed: dict[str, float] = {}

    async def run(self, receive: Receive) -> None:
        """Look for mails that come back, and send what is asked for beside the outbox, until cancelled.

        What people say comes in by the pages that mails lead to.
        """
        del receive
        async with asyncio.TaskGroup() as group:
            group.create_task(self.port.run())
            if self.config.maildir is not None:
                group.create_task(self._watch(Mailbox(self.config.maildir)))

    def routes(self) -> list[Route]:
        """Return the route to which a mail service posts bounces; none without a secret for it."""
        secret = self.config.webhook_secret
        return [] if secret is None else [bounce_route(secret, self.config.domain, self.came_back)]

    async def came_back(self, bounces: Sequence[MailBounce]) -> int:
        """Hand on bounces and complaints; return how many contacts ended."""
        return await self.port.came_back(bounces)

    async def _watch(self, mailbox: Mailbox) -> None:
        while True:
            await self.look_at(mailbox)
            await self._sleep(LOOK_SECONDS)

    async def look_at(self, mailbox: Mailbox) -> None:
        """Read what is new in a folder, once: bounces, complaints, and mails that ask for no more mails.

        A mail is put among the read ones only after what it says was kept. They are read beside the bot's own work, one
        after the other: whoever sends us mails that take long holds up nothing else.
        """
        for path in await asyncio.to_thread(mailbox.unread):
            raw = await asyncio.to_thread(mailbox.read, path)
            if raw is None:
                continue
            told = await asyncio.to_thread(_told_by, raw, self.config.domain)
            try:
                if isinstance(told, MailBounce):
                    await self.came_back([told])
                elif told is not None:
                    await self.port.unsubscribe(told)
            except Exception as error:  # noqa: BLE001 - it stays unread, and the next look takes it
                log.error("mail_not_read", channel=SCHEME, error=type(error).__name__)  # noqa: TRY400 - no words
                return
            if not await asyncio.to_thread(mailbox.done, path):
                log.warning("mail_not_put_away", channel=SCHEME)

    async def send(self, message: Outbound) -> str | None:
        """Send a mail that something waits, unless the link of the last one shows it, or the person is on the page.

        Raises:
            SendError: with flags that say what to do.
        """
        if message.refresh:
            return message.message_id
        if self.presence.is_here(message.address):
            self._mailed.pop(
                message.address, None
            )  # once they have left, nothing brings them back but a mail
        elif not self._goes_with_the_last(message.address):
            shows = await self._shows_question(message)
            tokens = await self._tokens(message.address)
            text = waiting_text(message.prompt, tokens, self.config, shows_question=shows)
            await self._mail(message.address, text, tokens)
            self._remember(message.address)
        self.shown(message.address)
        return str(self._numbers.of_ours())

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Refuse: a file of somebody's answers goes by no mail, but is shown on the page.

        Raises:
            MessageRejected: always.
        """
        del address, name, content, caption
        raise MessageRejected("no file goes by mail")

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Do nothing: a page shows what its turn said."""

    async def send_text(self, mailbox: str, text: MailText, name: str) -> None:
        """Send a mail of our own at once, such as the one that an address is confirmed with; `name` names it.

        Raises:
            SendError: with flags that say what to do.
        """
        mail = compose(text, MailHead(mailbox, self._now(), name), self.config)
        await self._server.hand_over(mailbox, mail.as_bytes())

    async def send_invitation(self, mailbox: str, text: MailText, tokens: MailTokens) -> None:
        """Send a mail at once to somebody who takes no part yet, with the fields by which they end mails.

        Raises:
            SendError: with flags that say what to do.
        """
        head = MailHead(mailbox, self._now(), tokens.name, unsubscribe_fields(tokens, self.config))
        await self._server.hand_over(mailbox, compose(text, head, self.config).as_bytes())

    async def check(self) -> list[Diagnosis]:
        """Look at the server, the settings, and a mail to the operator that has come back, for `said doctor`."""
        findings = list(settings_findings(self.config))
        try:
            await self._server.greet()
        except SendError as error:
            return [Diagnosis(FindingLevel.ERROR, error.reason, "see docs/howto/connect-email.md"), *findings]
        findings.insert(0, Diagnosis(FindingLevel.OK, f"{self.config.host} takes mails from us"))
        if self.config.operator is None:
            remedy = "set email.operator to an address of yours, and run this again"
            text = "how mails arrive is not known"
            return [*findings, Diagnosis(FindingLevel.WARN, text, remedy)]
        return [*findings, *await self._try_out(self.config.operator)]

    async def _try_out(self, operator: str) -> list[Diagnosis]:
        """Send a mail to the operator as people get them, and read it where it arrives, if that is our folder."""
        name = secrets.token_urlsafe(16)
        tokens = MailTokens(name, name, name)
        head = MailHead(operator, self._now(), name, unsubscribe_fields(tokens, self.config))
        text = waiting_text(Prompt("said doctor"), tokens, self.config)
        try:
            await self._server.hand_over(operator, compose(text, head, self.config).as_bytes())
        except SendError as error:
            return [Diagnosis(FindingLevel.ERROR, f"the mail to the operator: {error.reason}", TRY_AGAIN)]
        sent = Diagnosis(FindingLevel.OK, f"a mail went to {operator}; its link opens nothing")
        arrived = None if self.config.maildir is None else await self._arrived(self.config.maildir, name)
        if arrived is None:
            return [sent, Diagnosis(FindingLevel.WARN, "how it arrived is not known yet", READ_IT)]
        return [sent, *mail_findings(arrived, self.config.domain)]

    async def _arrived(self, folder: Path, name: str) -> bytes | None:
        """Return the mail of this name once it is in the folder; None where it does not come in time."""
        mailbox, mark = Mailbox(folder), f"<{name}@{self.config.domain}>".encode()
        for _ in range(ARRIVES_SECONDS):
            raw = await asyncio.to_thread(mailbox.found, mark)
            if raw is not None:
                return raw
            await self._sleep(1.0)
        return None

    async def close(self) -> None:
        """Do nothing: each mail has a connection of its own."""

    async def _shows_question(self, message: Outbound) -> bool:
        """Return whether the mail of a message holds its words: as its program says, and never without a program."""
        return message.conversation is not None and await self.port.shows_question(message.conversation)

    async def _tokens(self, address: str) -> MailTokens:
        tokens = await self.port.new_tokens(address)
        if tokens is None:
            raise MessageRejected("nobody is known at this address")
        return tokens

    async def _mail(self, address: str, text: MailText, tokens: MailTokens) -> None:
        mailbox = mailbox_of(address)
        if mailbox is None:
            raise MessageRejected("no mail can go to this address")
        head = MailHead(mailbox, self._now(), tokens.name, unsubscribe_fields(tokens, self.config))
        try:
            await self._server.hand_over(mailbox, compose(text, head, self.config).as_bytes())
        except SendError as error:
            if not error.ambiguous:
                await self.port.not_mailed(tokens)
            raise
        await self.port.mailed(tokens)

    def _goes_with_the_last(self, address: str) -> bool:
        mailed = self._mailed.get(address)
        return mailed is not None and self._monotonic() - mailed < self.config.together.total_seconds()

    def _remember(self, address: str) -> None:
        self._mailed.pop(address, None)
        self._mailed[address] = self._monotonic()
        if len(self._mailed) > MOST_REMEMBERED:
            del self._mailed[next(iter(self._mailed))]


def _told_by(raw: bytes, domain: str) -> MailBounce | str | None:
    """Return what a mail tells: that one of ours came back, or the token of mails that are to end; None for neither."""
    return read_mail(raw, domain) or unsubscribe_token(raw)


def _to_no_page(_address: str) -> None:
    """Tell nobody: no pages are served."""
