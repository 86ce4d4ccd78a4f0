"""Read how a running bot stands: what waits to be answered and to be sent, and how many cases are near their time."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.business_days import share_used
from storage.conversations.outbox_order import UNSENT
from storage.schema import INBOX, OUTBOX, SAFETY_CASE, Lane

NEAR = 0.5
"""From this share of its time on a safety case counts as near it: from then on coordinators are reminded, too."""

_WAITING = sa.select(sa.func.count(), sa.func.min(INBOX.c.received_at)).where(INBOX.c.handled_at.is_(None))
_DEPTHS = sa.select(OUTBOX.c.lane, sa.func.count()).where(UNSENT).group_by(OUTBOX.c.lane)
_CASES = sa.select(SAFETY_CASE.c.opened_at, SAFETY_CASE.c.due_at).where(
    sa.text("safety_case.status IN ('new', 'reviewing')")
)
"""Word for word the condition of the partial index, which bound parameters would not use."""


class HealthFigures(NamedTuple):
    """What waits in the database of a running bot.

    `oldest_at` is when the oldest message came in that nothing has answered; None where all are. `lanes` counts what is
    not sent yet, by lane, each lane named. Of the open cases `near` have used half of their time, `overdue` all of it.
    """

    unanswered: int
    oldest_at: datetime | None
    lanes: dict[Lane, int]
    open_cases: int
    near: int
    overdue: int


def read_health(connection: Connection, now: datetime) -> HealthFigures:
    """Read what waits now. Nothing of it has a word of anybody's."""
    unanswered, oldest_at = connection.execute(_WAITING).one()
    depths = {lane: number for lane, number, *_ in connection.execute(_DEPTHS)}
    used = [share_used(opened_at, due_at, now) for opened_at, due_at in connection.execute(_CASES)]
    return HealthFigures(
        unanswered=unanswered,
        oldest_at=oldest_at,
        lanes={lane: depths.get(lane, 0) for lane in Lane},
        open_cases=len(used),
        near=sum(NEAR <= share < 1 for share in used),
        overdue=sum(share >= 1 for share in used),
    )
