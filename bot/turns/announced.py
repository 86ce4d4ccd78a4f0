"""Decide what becomes of what is queued of our own accord when its participant writes meanwhile."""

from datetime import datetime

from sqlalchemy import Connection

from bot.conversations.inbound_turn import InboundTurn
from bot.turn_context import TurnContext
from bot.turns.routing import Begin, Grant, Play, PlayEdit, PlayOther, Route
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import CommitStage, Writes
from storage.follow_up import openers
from storage.safety import cases
from storage.schema import OutboxKind


def announced_of(turn: InboundTurn) -> ConversationRecord | None:
    """Return the writer's conversation whose first words are queued; None without one, or during a safety hold."""
    found = next((one for one in turn.pending.conversations if one.is_announced), None)
    if found is None or cases.is_on_safety_hold(turn.connection, found.participant_id):
        return None
    return found


def take_up_announced(turn: InboundTurn) -> None:
    """Send the first words of the writer's announced conversation at once, as what answers them."""
    announced = announced_of(turn)
    if announced is not None:
        rows = openers.rows_again(turn.connection, announced.id)
        turn.writes.outbox += [{**row, "created_at": turn.now} for row in rows]


_TAKES_UP = Play | PlayOther | PlayEdit | Begin | Grant
"""Where another conversation goes on or begins, or a wish is granted."""


def take_back_announced(turn: InboundTurn, where: Route) -> None:
    """Take back the writer's announced conversation where another one goes on or begins, or a wish is granted.

    It is decided on again: the wish may be to hear nothing.
    """
    if isinstance(where, _TAKES_UP):
        decide_again(turn)


def decide_again(turn: InboundTurn) -> None:
    """Take back the writer's announced conversation, since what they wrote changes when or how it may begin."""
    announced = next((one for one in turn.pending.conversations if one.is_announced), None)
    if announced is not None:
        turn.during_commit(CommitStage.EFFECT, _take_back, announced)


def _take_back(turn: TurnContext, announced: ConversationRecord) -> None:
    for contact in openers.queued_in(turn.connection, [announced.id]):
        openers.take_back(turn.connection, contact, turn.now)


def make_way_for_help(now: datetime, connection: Connection, writes: Writes) -> None:
    """Drop what waits of our own accord where these writes queue help for somebody at risk; it is decided on again."""
    in_need = {row["address_id"] for row in writes.outbox if row.get("kind") is OutboxKind.HELP}
    if in_need:
        openers.make_way(connection, in_need, now)
