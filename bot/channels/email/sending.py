"""What sends a mail that no row of the outbox holds: a confirmation, a code, an invitation."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from bot.channels.email.mails import MailText
from bot.channels.email.options import EmailConfig
from bot.channels.email.port import MailPort, MailTokens
from bot.channels.presence import PagePresence


class MailSender(Protocol):
    """Sends mails of our own."""

    config: EmailConfig
    presence: PagePresence

    async def send_text(self, mailbox: str, text: MailText, name: str, /) -> None:
        """Send a mail at once; `name` names it in its Message-ID.

        Raises:
            SendError: with flags that say what to do.
        """


class InvitationSender(Protocol):
    """Sends mails that carry invitations."""

    config: EmailConfig

    async def send_invitation(self, mailbox: str, text: MailText, tokens: MailTokens, /) -> None:
        """Send a mail at once to somebody who takes no part yet, with the fields by which they end mails.

        Raises:
            SendError: with flags that say what to do.
        """


@runtime_checkable
class MailingChannel(MailSender, Protocol):
    """The channel that sends mails, as the composition root meets it."""

    port: MailPort
    shown: Callable[[str], None]
    """Told of each address to which something was sent."""
