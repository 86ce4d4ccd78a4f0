"""Tell whether participants may be asked for an e-mail address, keep that they want no mails, and end mails to them."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Purpose
from storage.conversations import outbox
from storage.database.commit_notes import JournalNote, note
from storage.people import address_requests
from storage.people.mail_tokens import UNSUBSCRIBED
from storage.programs import consents
from storage.schema import (
    ADDRESS,
    ADDRESS_REQUEST,
    CONSENT,
    PARTICIPANT,
    AddressStatus,
    JournalKind,
    ParticipantStatus,
)


class MailOffer(NamedTuple):
    """Whether a participant may give an e-mail address, and whether they are asked for one."""

    may_give: bool = False
    is_asked: bool = False


def offer_of(connection: Connection, participant_id: int) -> MailOffer:
    """Return whether a participant may give an e-mail address, and whether they are asked for one.

    They may who agreed to be contacted again and are not reached by e-mail. They are asked who gave none that waits to
    be confirmed, and have not said that they want none since they agreed last.
    """
    theirs = ADDRESS.c.participant_id == participant_id
    reached = theirs & (ADDRESS.c.channel == "email") & (ADDRESS.c.status == AddressStatus.ACTIVE)
    person = connection.execute(
        sa.select(PARTICIPANT.c.mail_declined_at).where(
            PARTICIPANT.c.id == participant_id,
            PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
            ~sa.exists().where(reached),
        )
    ).first()
    if person is None:
        return MailOffer()
    agreed = consents.current_grants(connection, participant_id)
    if all(one.purpose is not Purpose.CONTACT_AGAIN for one in agreed):
        return MailOffer()
    is_declined = person.mail_declined_at is not None and not _agreed_since(
        connection, participant_id, person.mail_declined_at
    )
    return MailOffer(may_give=True, is_asked=not is_declined and not _is_waiting(connection, participant_id))


def decline(connection: Connection, participant_id: int, now: datetime) -> None:
    """Keep that a participant wants no mails now: they are asked again once they agree again to be contacted."""
    connection.execute(
        PARTICIPANT.update().where(PARTICIPANT.c.id == participant_id).values(mail_declined_at=now)
    )


def end_mails(
    connection: Connection, address_id: int, participant_id: int, *, reason: str, now: datetime
) -> None:
    """End mails to an address whose reader wants none: from there, or by calling one unwanted (`reason`).

    A restored backup is told of it.
    """
    outbox.stop_contact(connection, address_id, status=AddressStatus.BLOCKED, reason=reason, now=now)
    decline(connection, participant_id, now)
    note(connection, JournalNote(JournalKind.MAILS, now, participant_id))


def end_mails_again(connection: Connection, participant_id: int, now: datetime) -> bool:
    """End mails to a participant who ended them after a backup was made; return whether there were any to end.

    At which of their addresses they did is not known: it is all of them, and one that waits to be confirmed.
    """
    theirs = sa.select(ADDRESS.c.id).where(
        ADDRESS.c.participant_id == participant_id,
        ADDRESS.c.channel == "email",
        ADDRESS.c.status == AddressStatus.ACTIVE,
    )
    found = list(connection.scalars(theirs))
    for number in found:
        outbox.stop_contact(connection, number, status=AddressStatus.BLOCKED, reason=UNSUBSCRIBED, now=now)
    waited = address_requests.forget(connection, participant_id)
    if found or waited:
        decline(connection, participant_id, now)
    return bool(found or waited)


def _agreed_since(connection: Connection, participant_id: int, moment: datetime) -> bool:
    agreed = sa.select(CONSENT.c.id).where(
        CONSENT.c.participant_id == participant_id,
        CONSENT.c.purpose == Purpose.CONTACT_AGAIN,
        CONSENT.c.granted,
        CONSENT.c.decided_at > moment,
    )
    return connection.scalar(agreed.limit(1)) is not None


def _is_waiting(connection: Connection, participant_id: int) -> bool:
    """Return whether an address that they gave waits to be confirmed, and a mail could go there."""
    waiting = sa.select(ADDRESS_REQUEST.c.id).where(
        ADDRESS_REQUEST.c.participant_id == participant_id,
        ADDRESS_REQUEST.c.ended_at.is_(None),
        ADDRESS_REQUEST.c.failed_at.is_(None),
    )
    return connection.scalar(waiting.limit(1)) is not None


def status_at(connection: Connection, lookup: bytes) -> AddressStatus | None:
    """Return whether mails go to a participant's address, by its keyed hash; None where it is nobody's."""
    found = sa.select(ADDRESS.c.status).where(
        ADDRESS.c.lookup == lookup, ADDRESS.c.participant_id.is_not(None)
    )
    return connection.scalar(found)
