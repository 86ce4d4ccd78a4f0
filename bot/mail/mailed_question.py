"""Find whether what waits in a conversation was put at the address of a mail, by the messages that are on record there.

The link of a mail names an address and no question, so that only these messages say what it opens.
"""

from typing import Final

from sqlalchemy import Connection

from flows.engine.events import Event, NamingEvent
from flows.engine.interruptions.remark_offer import offer_with
from flows.engine.state import ConversationState
from storage.conversations.inbox import PendingTurn
from storage.conversations.showings import Showing, all_showings_of
from storage.schema import OutboxStatus

_NEVER: Final = (OutboxStatus.FAILED, OutboxStatus.DROPPED)


def was_put_there(
    connection: Connection,
    pending: PendingTurn,
    conversation_id: int,
    state: ConversationState,
    event: Event | None = None,
) -> bool:
    """Return whether what waits in a conversation was put at the address that a message came from, or will be at once.

    False where nothing waits. Below what interrupts the script stands the script's question: it must have been put
    there too, unless it was put nowhere yet. What the message's event names, such as a tap, must have been sent there:
    no button can be seen before.
    """
    waits = state.open if state.aside is None else state.aside
    if waits is None or not _is_there(_showings(connection, pending, conversation_id, state, waits), pending):
        return False
    if isinstance(event, NamingEvent):
        named = _showings(connection, pending, conversation_id, state, event.ask)
        return any(one.address_id == pending.address_id and _may_be_read(one) for one in named)
    if state.open is None or state.open == waits:
        return True
    behind = _showings(connection, pending, conversation_id, state, state.open)
    return not behind or _is_there(behind, pending)


def _showings(
    connection: Connection, pending: PendingTurn, conversation_id: int, state: ConversationState, ask: int
) -> list[Showing]:
    """Return the messages of a question, and of the offer of a remark that shows it among other words."""
    offer = offer_with(state, ask)
    found: list[Showing] = []
    for number in (ask,) if offer is None else (ask, offer):
        known = pending.newest_questions.get((conversation_id, number))
        found += all_showings_of(connection, conversation_id, number) if known is None else known
    return found


def _is_there(showings: list[Showing], pending: PendingTurn) -> bool:
    return any(one.address_id == pending.address_id and one.status not in _NEVER for one in showings)


def _may_be_read(showing: Showing) -> bool:
    """Return whether a message was sent, or may have arrived."""
    return showing.status is OutboxStatus.SENT or showing.is_in_doubt or showing.possibly_duplicate
