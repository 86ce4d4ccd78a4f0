"""Keep what a message tells of the address that it came from: locale, time zone, that nothing blocks us any more."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.channels.base import InboundKind
from bot.conversations.inbound_turn import InboundTurn
from bot.turn_context import TurnContext
from storage.conversations.inbox import PendingTurn
from storage.database.statements import Row
from storage.people import participants
from storage.schema import AddressStatus


def news_of(turn: InboundTurn) -> Row:
    """Return what a message tells of its address: locale, time zone, that we are not blocked any more.

    Nothing where it came by the link of a mail: whose browser opened that is not known.
    """
    message, pending = turn.message, turn.pending
    news: Row = {}
    if turn.is_by_mail:
        return news
    if message.locale and message.locale != pending.locale:
        news["locale"] = pending.locale = message.locale
    if message.timezone and message.timezone != pending.timezone and _is_zone(message.timezone):
        news["timezone"] = pending.timezone = message.timezone
    if pending.address_status is not AddressStatus.ACTIVE and message.kind is not InboundKind.BLOCKED:
        news |= {"status": AddressStatus.ACTIVE, "reason": None}
    return news


def learn(turn: TurnContext, pending: PendingTurn, news: Row) -> None:
    """Keep what a message told of its address; its time zone also for the participant, unless they chose theirs."""
    if pending.participant is not None and "timezone" in news:
        participants.follow_app(
            turn.connection, pending.participant.id, pending.address_id, timezone=news["timezone"]
        )
    participants.update_address(turn.connection, pending.address_id, news)


@lru_cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # `America` is a folder of zones
        return False
    return True
