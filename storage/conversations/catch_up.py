"""Find up to where people were heard on a channel, for those who may have written while nobody listened."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.schema import ADDRESS, CONVERSATION, INBOX, AddressStatus, ConversationStatus


@dataclass(frozen=True, slots=True)
class CatchUpRow:
    """Hold the newest inbox row of an address: `payload` as it is kept, and when it was stored.

    `asked` says whether a conversation of theirs has begun and has not ended.
    """

    address: str
    payload: str
    received_at: datetime
    asked: bool


def catch_up_rows(
    connection: Connection, channel: str, identity: AddressKeys, *, before: datetime, since: datetime
) -> list[CatchUpRow]:
    """Return the newest inbox row until `before` of each address of a channel whose person may have written since.

    These are people with a conversation under way, and those whose newest row is not older than `since`. Addresses that
    cannot be reached or are being erased are left out.
    """
    rows = connection.execute(_NEWEST, {"channel": channel, "before": before, "since": since})
    return [
        CatchUpRow(identity.open(sealed), payload, received_at, bool(asked))
        for sealed, payload, received_at, asked in rows
    ]


_LAST = (
    sa.select(INBOX.c.address_id, sa.func.max(INBOX.c.seq).label("seq"))
    .where(INBOX.c.channel == sa.bindparam("channel"), INBOX.c.received_at <= sa.bindparam("before"))
    .group_by(INBOX.c.address_id)
    .subquery("last")
)

_ASKED = (
    sa.exists()
    .where(
        CONVERSATION.c.participant_id == ADDRESS.c.participant_id,
        CONVERSATION.c.status.in_((ConversationStatus.OPEN, ConversationStatus.PAUSED)),
    )
    .correlate(ADDRESS)
)

_NEWEST = (
    sa.select(ADDRESS.c.sealed, INBOX.c.payload, INBOX.c.received_at, _ASKED.label("asked"))
    .select_from(
        INBOX.join(_LAST, sa.and_(INBOX.c.address_id == _LAST.c.address_id, INBOX.c.seq == _LAST.c.seq)).join(
            ADDRESS, ADDRESS.c.id == INBOX.c.address_id
        )
    )
    .where(
        ADDRESS.c.channel == sa.bindparam("channel"),
        ADDRESS.c.status == AddressStatus.ACTIVE,
        ADDRESS.c.erase_at.is_(None),
        sa.func.length(ADDRESS.c.sealed) > 0,
        sa.or_(_ASKED, INBOX.c.received_at >= sa.bindparam("since")),
    )
    .order_by(INBOX.c.received_at.desc())
)
