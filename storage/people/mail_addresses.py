"""Tell how participants are reached by e-mail, whether they may be asked how, and end mails to them."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import outbox
from storage.database.commit_notes import JournalNote, note
from storage.schema import ADDRESS, AddressStatus, JournalKind

UNSUBSCRIBED: Final = "unsubscribed"
"""The reason of an address at which somebody ended mails."""


def end_mails(
    connection: Connection, address_id: int, participant_id: int, *, reason: str, now: datetime
) -> None:
    """End mails to an address whose reader wants none: from there, or by calling one unwanted (`reason`).

    A restored backup is told of it.
    """
    outbox.stop_contact(connection, address_id, status=AddressStatus.BLOCKED, reason=reason, now=now)
    note(connection, JournalNote(JournalKind.MAILS, now, participant_id))


def end_mails_again(connection: Connection, participant_id: int, now: datetime) -> bool:
    """End mails to a participant who ended them after a backup was made; return whether there were any to end.

    At which of their addresses they did is not known: it is all of them.
    """
    theirs = sa.select(ADDRESS.c.id).where(
        ADDRESS.c.participant_id == participant_id,
        ADDRESS.c.channel == "email",
        ADDRESS.c.status == AddressStatus.ACTIVE,
    )
    found = list(connection.scalars(theirs))
    for number in found:
        outbox.stop_contact(connection, number, status=AddressStatus.BLOCKED, reason=UNSUBSCRIBED, now=now)
    return bool(found)
