"""Send codes to e-mail addresses, and make a browser that of whoever reads one: so all else than a question opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from bot.channels.email.address import mailbox_of
from bot.channels.email.mails import code_text
from bot.channels.email.sending import MailSender
from bot.mail.token_keeper import TokenKeeper
from storage.conversations import page_history
from storage.people import mail_tokens, participants
from storage.schema import MailTokenPurpose


@dataclass(frozen=True, slots=True)
class AccessCodes:
    """Sends codes, and takes them. A code shows that somebody reads what comes to an address."""

    known: TokenKeeper
    sender: MailSender

    async def send(self, address: str, language: str, /) -> bool:
        """Send a code to an address; return whether one went: not too many a day, and not where mails were ended.

        Raises:
            SendError: the mail server did not take it.
        """
        code, mailbox = self.known.make_code(), mailbox_of(address)
        may = await self.known.database.write(partial(self._keep, address=address, code=code))
        if not may or mailbox is None:
            return False
        await self.sender.send_text(mailbox, code_text(code, language), self.known.make_token())
        return True

    def _keep(self, connection: Connection, address: str, code: str) -> bool:
        number, now = self.known.address_id(connection, address), self.known.clock.now()
        if number is None or not mail_tokens.may_send_code(connection, number, now):
            return False
        mail_tokens.mail_a_token(connection, number, MailTokenPurpose.CODE, self._hash(number, code), now)
        return True

    def _hash(self, address_id: int, code: str) -> bytes:
        return self.known.hash_of(MailTokenPurpose.CODE, f"{address_id}: {code}")

    async def waits(self, address: str, /) -> bool:
        """Return whether a code that was sent to an address is still good."""
        return await self.known.database.read(partial(self._waits, address=address))

    def _waits(self, connection: Connection, address: str) -> bool:
        number = self.known.address_id(connection, address)
        return number is not None and mail_tokens.code_waits(connection, number, self.known.clock.now())

    async def is_of_another(self, address: str, device: str, /) -> bool:
        """Return whether a browser is that of somebody else than whoever reads what comes to an address."""
        return await self.known.database.read(partial(self._is_of_another, address=address, device=device))

    def _is_of_another(self, connection: Connection, address: str, device: str) -> bool:
        whose = self.known.participant_at(connection, device)
        return whose not in (None, self.known.participant_at(connection, address))

    async def take(self, address: str, code: str, devices: Sequence[str], /) -> str | None:
        """Make a browser one of theirs who reads what comes to an address, by the code; five wrong ones end it.

        `devices` are addresses that the browser may have: the first that is nobody else's becomes theirs, and is
        returned. None where the code was not good. A code that was taken lets in once more what it let in.
        """
        taken = partial(self._take, address=address, code=code.strip(), devices=devices)
        return await self.known.database.write(taken)

    def _take(self, connection: Connection, address: str, code: str, devices: Sequence[str]) -> str | None:
        now, identity = self.known.clock.now(), self.known.database.identity
        found = page_history.find_address(connection, identity.lookup(address))
        if found is None or found.participant_id is None:
            return None
        whose = {device: self.known.participant_at(connection, device) for device in devices}
        theirs = next((device for device in devices if whose[device] == found.participant_id), None)
        hashed = self._hash(found.id, code)
        if theirs is not None and mail_tokens.was_taken(connection, found.id, hashed):
            return theirs
        if not mail_tokens.take_code(connection, found.id, hashed, now):
            return None
        free = next((device for device in devices if whose[device] in (None, found.participant_id)), None)
        if free is not None:
            number = self._device(connection, free)
            participants.assign_address(connection, number, found.participant_id)
            participants.copy_locale(connection, number, found.participant_id)
        return free

    def _device(self, connection: Connection, device: str) -> int:
        """Return the number of a browser's address, which is made where it is new."""
        identity = self.known.database.identity
        lookup = identity.lookup(device)
        found = page_history.find_address(connection, lookup)
        if found is not None:
            return found.id
        sealed, now = identity.seal(device), self.known.clock.now()
        return participants.add_address(connection, channel="web", lookup=lookup, sealed=sealed, now=now)
