"""What the channel asks of the rest of the bot: tokens for the links of a mail. It knows no storage itself."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MailTokens:
    """The three secrets of one mail; none is kept but by its keyed hash.

    `question` opens what waits at the address, and nothing else; `unsubscribe` ends mails to it; `name` names the mail
    in its Message-ID, by which a bounce is known as ours.
    """

    question: str
    unsubscribe: str
    name: str


class MailPort(Protocol):
    """What the channel needs of the rest of the bot."""

    async def new_tokens(self, address: str, /) -> MailTokens | None:
        """Make the tokens of a mail to this address, which end those of the mails before; None if nobody is there."""


class NoPort:
    """The port of a channel that was given no other: nobody is known, so that no mail goes out."""

    async def new_tokens(self, _address: str, /) -> MailTokens | None:
        """Return None: nobody is known."""
        return None
