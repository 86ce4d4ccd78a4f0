"""What the channel asks of the rest of the bot: it knows no storage itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.channels.email.bounces import MailBounce


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
        """Make the tokens of a mail to this address; None if nobody is there."""

    async def shows_question(self, conversation: int, /) -> bool:
        """Return whether the program of a conversation has its mails hold the question; False where none is known."""

    async def mailed(self, tokens: MailTokens, /) -> None:
        """Note that the mail with these tokens went: the links of questions in the mails before it end."""

    async def not_mailed(self, tokens: MailTokens, /) -> None:
        """Forget tokens that went in no mail; the links of the mails before stay good."""

    async def unsubscribe(self, token: str, /) -> bool:
        """End mails to the address that a token was mailed to; return whether there is one."""

    async def came_back(self, bounces: Sequence[MailBounce], /) -> int:
        """End contact at the addresses whose mails came back; return at how many."""

    async def run(self) -> None:
        """Send the mails that no outbox holds, as they are asked for, until cancelled."""


class NoPort:
    """The port of a channel that was given no other: nobody is known, so that no mail goes out."""

    async def new_tokens(self, _address: str, /) -> MailTokens | None:
        """Return None: nobody is known."""
        return None

    async def shows_question(self, _conversation: int, /) -> bool:
        """Return False: no program is known."""
        return False

    async def mailed(self, _tokens: MailTokens, /) -> None:
        """Do nothing: no mail went."""

    async def not_mailed(self, _tokens: MailTokens, /) -> None:
        """Do nothing: no tokens were made."""

    async def unsubscribe(self, _token: str, /) -> bool:
        """Return False: nobody is known."""
        return False

    async def came_back(self, _bounces: Sequence[MailBounce], /) -> int:
        """Return 0: nobody is known."""
        return 0

    async def run(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()
