"""Forget the names of messages on a channel whose account of ours was changed, as to another bot of Telegram.

A platform counts messages for each bot: in the new chat the same number is another message. By the names of before, an
edit there would change an answer of long ago, a trace would be left in somebody else's question, and words would seem
to stand above a question that was shown in the old chat. What was said, and shown, stays as it is.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.engine.state import ConversationState, decode_state, encode_state
from flows.errors import StateUnreadable
from storage.schema import ADDRESS, CONVERSATION, INBOX, OUTBOX

_CHUNK: Final = 500
_HAVE_NAMES = sa.or_(*(CONVERSATION.c.state.contains(f'"{kind}":') for kind in ("messages", "remarks")))


def newest_delivery(connection: Connection, channel: str) -> str | None:
    """Return the platform's name of the newest delivery of a channel, but for those of erased people; None for none."""
    # Joined to '', so that no index of the names is read whole: the newest row is near the end of the table.
    theirs = INBOX.c.channel.concat("") == channel
    query = sa.select(INBOX.c.external_id).where(theirs, INBOX.c.external_id.not_like("erased:%"))
    found: str | None = connection.scalar(query.order_by(INBOX.c.id.desc()).limit(1))
    return found


def forget_names(connection: Connection, channel: str) -> int:
    """Forget the names of all messages at the addresses of a channel; return of how many of ours.

    Participants' own names are forgotten where they are numbers, as Telegram's are; those of other platforms stay.
    """
    here = sa.select(ADDRESS.c.id).where(ADDRESS.c.channel == channel)
    named = OUTBOX.update().where(OUTBOX.c.address_id.in_(here), OUTBOX.c.message_id.is_not(None))
    forgotten = connection.execute(named.values(message_id=None)).rowcount
    for states in _states(connection, channel):
        changed = [
            {"of": number, "anew": encode_state(_without_names(state))} for number, state in states.items()
        ]
        if changed:
            connection.execute(_KEEP, changed)
    return forgotten


def _states(connection: Connection, channel: str) -> Iterator[Mapping[int, ConversationState]]:
    """Yield the states with names in them, of people who are reached on a channel, by conversation, some at a time."""
    people = sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.channel == channel)
    theirs = CONVERSATION.c.participant_id.in_(people.where(ADDRESS.c.participant_id.is_not(None)))
    query = sa.select(CONVERSATION.c.id, CONVERSATION.c.state).where(theirs, _HAVE_NAMES)
    last = 0
    while rows := connection.execute(
        query.where(CONVERSATION.c.id > last).order_by(CONVERSATION.c.id).limit(_CHUNK)
    ).all():
        found = dict[int, ConversationState]()
        for row in rows:
            with suppress(StateUnreadable):  # its turns are put aside, and nothing is done by its names
                found[row.id] = decode_state(row.state)
        yield found
        last = rows[-1].id


def _without_names(state: ConversationState) -> ConversationState:
    """Return a state that knows no message by a number."""
    joined = {
        slot: tuple(replace(part, message_id="") if part.message_id.isdecimal() else part for part in parts)
        for slot, parts in state.joined.items()
    }
    values: dict[str, Any] = {"joined": joined}
    values["messages"] = {name: slot for name, slot in state.messages.items() if not name.isdecimal()}
    values["remarks"] = {name: number for name, number in state.remarks.items() if not name.isdecimal()}
    return replace(state, **values)


_KEEP = (
    CONVERSATION.update().where(CONVERSATION.c.id == sa.bindparam("of")).values(state=sa.bindparam("anew"))
)
