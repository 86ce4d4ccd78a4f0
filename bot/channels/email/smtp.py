"""Hand one mail to the mail server, and tell at which command it failed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from aiosmtplib import SMTP

from bot.channels.base import RateLimited
from bot.channels.email.errors import FAILURES, MailStage, as_send_error
from bot.channels.email.options import EmailConfig

MOST_CONNECTIONS = 4
"""At once: what a small mail server bears."""
PATIENCE_SECONDS = 20.0
"""How long a mail waits for one of them to be free."""
WAIT_WHEN_FULL = timedelta(seconds=10)
"""How long nothing is sent after that: the server is slower than our pace."""


class MailServer:
    """The operator's mail server. A connection serves one mail: what a server ends in between is no riddle then.

    `context` makes what the certificate of the server is checked with, and `patience` is how many seconds a mail waits
    for a connection; only tests give others.
    """

    def __init__(
        self,
        config: EmailConfig,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._config = config
        self._patience = patience
        self._context = context
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)

    async def hand_over(self, to: str, text: bytes) -> None:
        """Hand over one mail, from the settings' sender to one mailbox.

        Raises:
            SendError: with flags that say what to do; `OutcomeUnknown` where the text was handed over, and no answer
                came.
        """
        stage = MailStage.CONNECTING
        async with self._turn():
            try:
                async with self._connection() as server:
                    stage = MailStage.SENDER
                    await server.mail(self._config.sender)
                    stage = MailStage.RECIPIENT
                    await server.rcpt(to)
                    stage = MailStage.TEXT
                    await server.data(text)
            except FAILURES as error:
                raise as_send_error(error, stage) from error

    async def greet(self) -> None:
        """Connect, log in where the settings say so, and say goodbye: nothing is sent.

        Raises:
            SendError: the server cannot be used.
        """
        try:
            async with self._connection():
                pass
        except FAILURES as error:
            raise as_send_error(error, MailStage.CONNECTING) from error

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until a connection may be opened.

        Raises:
            RateLimited: none may for long. Who waited on would be taken for sent, though nothing has left.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            reason = "the mail server is slow: no connection was free"
            raise RateLimited(reason, retry_after=WAIT_WHEN_FULL) from None
        try:
            yield
        finally:
            self._free.release()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        config = self._config
        server = SMTP(
            hostname=config.host,
            port=config.port,
            username=config.user,
            password=config.password,
            timeout=config.timeout.total_seconds(),
            use_tls=config.tls == "tls",
            start_tls=config.tls == "starttls",
            tls_context=None if config.tls == "none" else self._context(),
            local_hostname=config.domain,
        )
        try:
            await server.connect()
            yield server
            with suppress(*FAILURES):  # what was answered before stands
                await server.quit()
        finally:
            server.close()
