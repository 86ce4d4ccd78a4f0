"""What the pages behind the links of mails ask the rest of the bot: the channel knows neither storage nor mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """What the link of a mail opens: an address, and what was said there since the mail was made.

    `ended` says that mails to it were ended: then nothing is shown but that, and what a code opens. `invited_in` is the
    language of an invitation that was mailed to somebody who takes no part yet, at no address; None for all others.
    """

    address: str
    mailed_at: datetime
    ended: bool = False
    invited_in: str | None = None


class AddressOutcome(StrEnum):
    """What became of an e-mail address that somebody wrote on their page."""

    TAKEN = auto()
    """A mail goes there, to confirm it."""
    UNREADABLE = auto()
    TOO_OFTEN = auto()
    NOBODY = auto()
    """Nobody is known at the page's own address."""


@dataclass(frozen=True, slots=True)
class OpenedConfirmation:
    """What the link of a mail opens that confirms an address: the language of its page, and whether it has done so."""

    language: str
    is_confirmed: bool = False


class AddressDoor(Protocol):
    """Takes the e-mail addresses that people give, and has them confirmed."""

    async def may_give(self, address: str, /) -> bool:
        """Return whether whoever is at an address may give an e-mail address."""

    async def decline(self, address: str, /) -> None:
        """Keep that whoever is at an address gives no e-mail address now, and is not to be asked for one."""

    async def give(self, address: str, written: str, language: str, /) -> AddressOutcome:
        """Take the e-mail address that somebody wrote on their page; the same once more changes nothing."""

    async def behind(self, token: str, /) -> OpenedConfirmation | None:
        """Return what a link confirms, or has confirmed; None where it is not good any more."""

    async def confirm(self, token: str, /) -> OpenedConfirmation | None:
        """Confirm an address, once; return what its link opens now, None where it is not good any more."""


class CodeDoor(Protocol):
    """Sends codes to e-mail addresses, and takes them."""

    async def send(self, address: str, language: str, /) -> bool:
        """Send a code to an address; return whether one went.

        Raises:
            SendError: the mail server did not take it.
        """

    async def waits(self, address: str, /) -> bool:
        """Return whether a code that was sent to an address is still good."""

    async def is_of_another(self, address: str, device: str, /) -> bool:
        """Return whether a browser is that of somebody else than whoever reads what comes to an address."""

    async def take(self, address: str, code: str, devices: Sequence[str], /) -> str | None:
        """Make a browser one of theirs who reads what comes to an address; None where the code was not good.

        `devices` are addresses that the browser may have: the first that is nobody else's becomes theirs, and is
        returned. A code that was taken lets in once more what it let in.
        """


class MailDoor(Protocol):
    """Looks up what links of mails open, and does what their pages ask for; looking uses nothing up."""

    @property
    def addresses(self) -> AddressDoor:
        """What takes e-mail addresses."""

    @property
    def codes(self) -> CodeDoor:
        """What sends codes, and takes them."""

    async def is_ours(self, token: str, /) -> bool:
        """Return whether a link was mailed by us, be it good or not."""

    async def opened(self, token: str, /) -> OpenedMail | None:
        """Return what the link of a question opens; None where it is not good any more."""

    def visited(self, address: str, /) -> None:
        """Note that whoever is at an address is on its page now."""

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        """Return whose mails a link ends; None where it is not good any more."""

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        """End mails to the address that a link was mailed to; return it, None where there is none."""


@runtime_checkable
class MailLinkedChannel(Protocol):
    """A channel whose pages the links of mails lead to."""

    mail: MailDoor | None

    def shown(self, address: str) -> None:
        """Tell the pages of an address that something was sent there."""
