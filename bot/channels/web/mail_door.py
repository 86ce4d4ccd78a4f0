"""What the pages behind the links of mails ask the rest of the bot: the channel knows neither storage nor mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """What the link of a mail opens: an address, and what was said there since the mail was made.

    `ended` says that mails to it were ended: then nothing is shown but that, and what a code opens.
    """

    address: str
    mailed_at: datetime
    ended: bool = False


class AddressOutcome(StrEnum):
    """What became of an e-mail address that somebody wrote on their page."""

    TAKEN = auto()
    """A mail goes there, to confirm it."""
    UNREADABLE = auto()
    TOO_OFTEN = auto()
    NOBODY = auto()
    """Nobody is known at the page's own address."""


class MailDoor(Protocol):
    """Looks up what links of mails open, and does what their pages ask for; looking uses nothing up."""

    async def opened(self, token: str, /) -> OpenedMail | None:
        """Return what the link of a question opens; None where it is not good any more."""

    def visited(self, address: str, /) -> None:
        """Note that whoever is at an address is on its page now."""

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        """Return whose mails a link ends; None where it is not good any more."""

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        """End mails to the address that a link was mailed to; return it, None where there is none."""

    async def may_give_address(self, address: str, /) -> bool:
        """Return whether whoever is at an address may give an e-mail address."""

    async def decline_mails(self, address: str, /) -> None:
        """Keep that whoever is at an address gives no e-mail address now, and is not to be asked for one."""

    async def give_address(self, address: str, written: str, language: str, /) -> AddressOutcome:
        """Take the e-mail address that somebody wrote on their page."""

    async def confirms(self, token: str, /) -> str | None:
        """Return the language of the page that confirms an address; None where its link is not good any more."""

    async def confirm(self, token: str, /) -> str | None:
        """Confirm an address; return the language of the page that says so, None where the link is not good."""

    async def send_code(self, address: str, language: str, /) -> bool:
        """Send a code to an address; return whether one went."""

    async def take_code(self, address: str, code: str, devices: Sequence[str], /) -> str | None:
        """Make a browser one of theirs who reads what comes to an address; None where the code was not good.

        `devices` are addresses that the browser may have: the first that is nobody else's becomes theirs, and is
        returned.
        """


@runtime_checkable
class MailLinkedChannel(Protocol):
    """A channel whose pages the links of mails lead to."""

    mail: MailDoor | None

    def shown(self, address: str) -> None:
        """Tell the pages of an address that something was sent there."""
