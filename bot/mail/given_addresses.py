"""Take the e-mail addresses that people give, and send the mails that they are confirmed by."""

import asyncio
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.channels.base import SendError
from bot.channels.email.address import address_of, mailbox_of, normalised
from bot.channels.email.mails import MailText, confirmation_text, taken_text
from bot.channels.email.sending import MailSender
from bot.channels.web.mail_door import AddressOutcome, OpenedConfirmation
from bot.mail.token_keeper import TokenKeeper
from storage.people import address_requests, mail_addresses
from storage.people.address_requests import LinkedRequest, NewRequest, UnsentRequest

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GivenAddresses:
    """Takes addresses, and has them confirmed. `asked` is set when a mail is to be sent."""

    known: TokenKeeper
    sender: MailSender
    asked: asyncio.Event

    async def may_give(self, address: str, /) -> bool:
        """Return whether whoever is at an address may give an e-mail address.

        They agreed to be contacted again, and are not reached by e-mail.
        """
        return await self.known.database.read(partial(self._may_give, address=address))

    def _may_give(self, connection: Connection, address: str) -> bool:
        participant = self.known.participant_at(connection, address)
        return participant is not None and mail_addresses.offer_of(connection, participant).may_give

    async def decline(self, address: str, /) -> None:
        """Keep that whoever is at an address gives no e-mail address now."""
        await self.known.database.write(partial(self._decline, address=address))

    def _decline(self, connection: Connection, address: str) -> None:
        participant = self.known.participant_at(connection, address)
        if participant is not None:
            mail_addresses.decline(connection, participant, self.known.clock.now())

    async def give(self, address: str, written: str, language: str, /) -> AddressOutcome:
        """Take the e-mail address that somebody wrote on their page, and have a mail sent there to confirm it."""
        mailbox = normalised(written)
        if mailbox is None:
            return AddressOutcome.UNREADABLE
        outcome = await self.known.database.write(
            partial(self._give, address=address, mailbox=mailbox, language=language)
        )
        self.asked.set()
        return outcome

    def _give(self, connection: Connection, address: str, mailbox: str, language: str) -> AddressOutcome:
        participant = self.known.participant_at(connection, address)
        if participant is None:
            return AddressOutcome.NOBODY
        theirs, identity = address_of(mailbox), self.known.database.identity
        new = NewRequest(participant, identity.lookup(theirs), identity.seal(theirs), language)
        problem = address_requests.ask(connection, new, self.known.clock.now())
        return AddressOutcome.TAKEN if problem is None else AddressOutcome.TOO_OFTEN

    async def behind(self, token: str, /) -> OpenedConfirmation | None:
        """Return what a link confirms, or has confirmed; None where it is not good any more."""
        hashed, now = self.known.hash_to_confirm(token), self.known.clock.now()
        return _opened(
            await self.known.database.read(partial(address_requests.behind, token_hash=hashed, now=now))
        )

    async def confirm(self, token: str, /) -> OpenedConfirmation | None:
        """Confirm an address: from now on its participant is written to there. None where the link is not good."""
        hashed, now = self.known.hash_to_confirm(token), self.known.clock.now()
        return _opened(
            await self.known.database.write(partial(address_requests.confirm, token_hash=hashed, now=now))
        )

    async def forget_unconfirmed(self) -> None:
        """Delete the addresses that nobody confirmed within three days."""
        now = self.known.clock.now()
        await self.known.database.write(partial(address_requests.forget_unconfirmed, now=now))

    async def send_mails(self) -> int:
        """Send the mails that wait, and return how many went."""
        now = self.known.clock.now()
        waiting = await self.known.database.read(partial(address_requests.unsent, now=now))
        return sum([await self._send(one) for one in waiting])

    async def _send(self, request: UnsentRequest) -> bool:
        """Send one mail; return whether the server took it. What it refuses for good is not tried again.

        Nor is what may have arrived: a server that answers late would have a stranger's mailbox filled.
        """
        mailbox = mailbox_of(self.known.database.identity.open(request.sealed))
        refused = mailbox is None
        if mailbox is not None:
            text = taken_text(request.language) if request.is_others else await self._confirmation(request)
            try:
                await self.sender.send_text(mailbox, text, self.known.make_token())
            except SendError as error:
                log.warning("confirmation_not_sent", channel="email", reason=error.reason)
                if (error.retryable and not error.ambiguous) or error.stops_channel:
                    return False
                refused = not error.ambiguous
        now = self.known.clock.now()
        await self.known.database.write(
            partial(address_requests.mark_sent, request_id=request.id, refused=refused, now=now)
        )
        return not refused

    async def _confirmation(self, request: UnsentRequest) -> MailText:
        """Return a mail with a link that confirms an address; its secret is kept before the mail goes."""
        token = self.known.make_token()
        hashed = self.known.hash_to_confirm(token)
        kept = partial(address_requests.keep_token, request_id=request.id, token_hash=hashed)
        await self.known.database.write(kept)
        return confirmation_text(token, request.language, self.sender.config)


def _opened(found: LinkedRequest | None) -> OpenedConfirmation | None:
    return None if found is None else OpenedConfirmation(found.language, found.is_confirmed)
