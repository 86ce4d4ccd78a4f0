"""Look after mails that carry invitations: what their links end, and where they come back. Nobody takes part yet."""

from dataclasses import dataclass
from typing import assert_never

import structlog
from sqlalchemy import Connection

from bot.channels.email.bounces import BounceKind, MailBounce
from bot.mail.token_keeper import TokenKeeper
from storage.people import invitation_mails
from storage.people.invitation_mails import MailedInvitation
from storage.schema import InvitationMailStatus, MailTokenPurpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailedInvitations:
    """Knows invitations by the secrets of the mails that carried them."""

    known: TokenKeeper

    def unsubscribes(self, connection: Connection, token: str) -> MailedInvitation | None:
        """Return the invitation that a link ends; None where it ends none. Nothing is ended."""
        return self._behind(connection, token)

    def end_mails(self, connection: Connection, token: str) -> MailedInvitation | None:
        """End the invitation of a link, and mails to where it went; return it, None where there is none."""
        found = self._behind(connection, token)
        if found is None:
            return None
        if invitation_mails.end_mails(connection, found.invitation_id, self.known.clock.now()):
            log.info("invitation_ended", channel="email", reason=InvitationMailStatus.ENDED.value)
        return self._behind(connection, token)

    def came_back(self, connection: Connection, bounce: MailBounce) -> bool:
        """Note that a mail came back, or was called unwanted; return whether that is new. False for any other mail."""
        name_hash = self.known.hash_of(MailTokenPurpose.NAME, bounce.name.lower())
        found, now = invitation_mails.named(connection, name_hash), self.known.clock.now()
        if found is None:
            return False
        match bounce.kind:
            case BounceKind.BOUNCED:
                return invitation_mails.came_back(connection, found.invitation_id, now)
            case BounceKind.COMPLAINED:
                status = InvitationMailStatus.COMPLAINED
                return invitation_mails.end_mails(connection, found.invitation_id, now, status)
            case _:
                assert_never(bounce.kind)

    def _behind(self, connection: Connection, token: str) -> MailedInvitation | None:
        return invitation_mails.behind(connection, self.known.hash_of(MailTokenPurpose.UNSUBSCRIBE, token))
