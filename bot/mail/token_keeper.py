"""Make the secrets that go in mails, and find whom they are for: what is kept of them are keyed hashes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.clock import Clock
from storage.conversations import page_history
from storage.database.connection import Database
from storage.people import address_requests, invitation_mails, mail_tokens
from storage.people.mail_tokens import MailedAddress
from storage.schema import MailTokenPurpose


def new_token() -> str:
    """Return a secret that nobody can guess: 32 random bytes as 43 letters of A-Z a-z 0-9 _ and -."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(1_000_000):06}"


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Makes secrets, and knows them again by their keyed hashes."""

    database: Database
    clock: Clock
    make_token: Callable[[], str] = new_token
    make_code: Callable[[], str] = new_code

    def hash_of(self, purpose: MailTokenPurpose, token: str) -> bytes:
        """Return the keyed hash under which a secret for this purpose is kept."""
        return self.database.identity.token_hash(f"mail {purpose.value}: {token}")

    def hash_to_confirm(self, token: str) -> bytes:
        """Return the keyed hash under which the secret is kept that confirms an address."""
        return self.database.identity.token_hash(f"mail confirm: {token}")

    def hash_of_mailbox(self, mailbox: str) -> bytes:
        """Return the keyed hash under which it is kept that an invitation was mailed to a mailbox."""
        return self.database.identity.token_hash(f"mailbox: {mailbox}")

    def address_id(self, connection: Connection, address: str) -> int | None:
        """Return the number of an address that is somebody's; None where it is not."""
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return None if found is None or found.participant_id is None else found.id

    def participant_at(self, connection: Connection, address: str) -> int | None:
        """Return the number of whoever an address belongs to; None where it is nobody's."""
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return None if found is None else found.participant_id

    def mailed_to(
        self, connection: Connection, purpose: MailTokenPurpose, token: str
    ) -> MailedAddress | None:
        """Return the address that a secret was mailed to; None where it is not good any more, or never was."""
        hashed = self.hash_of(purpose, token)
        return mail_tokens.address_behind(connection, purpose, hashed, self.clock.now())

    def is_ours(self, connection: Connection, token: str) -> bool:
        """Return whether a link with this secret was mailed, be it good or not."""
        hashes = [self.hash_of(purpose, token) for purpose in MailTokenPurpose]
        ends = self.hash_of(MailTokenPurpose.UNSUBSCRIBE, token)
        return (
            mail_tokens.is_known(connection, hashes)
            or address_requests.has_link(connection, self.hash_to_confirm(token))
            or invitation_mails.behind(connection, ends) is not None
        )
