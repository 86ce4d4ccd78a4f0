"""Tell a script what is kept of a commitment: an item of the fact `commitments`, the same wherever it is read."""

from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storage.schema import COMMITMENT, COMMITMENT_REVISION

OF_TEN: Final = 10
"""Of so many of their last patients a clinician is asked."""

_REWORDED = (
    sa.select(sa.func.max(COMMITMENT_REVISION.c.replaced_at))
    .where(
        COMMITMENT_REVISION.c.commitment_id == COMMITMENT.c.id,
        COMMITMENT_REVISION.c.statement != COMMITMENT.c.statement,
    )
    .scalar_subquery()
)
FACT_COLUMNS: Final = (
    COMMITMENT.c.id,
    COMMITMENT.c.statement,
    COMMITMENT.c.if_then,
    COMMITMENT.c.coping,
    sa.func.coalesce(_REWORDED, COMMITMENT.c.made_at).label("worded_at"),
    COMMITMENT.c.start_on,
    COMMITMENT.c.level,
    COMMITMENT.c.foreseen_barriers,
    COMMITMENT.c.foreseen_other,
    COMMITMENT.c.suggestion,
    COMMITMENT.c.confirmed,
    COMMITMENT.c.baseline_did,
    COMMITMENT.c.baseline_had,
)
"""What a query selects for a `CommitmentRow`."""


class CommitmentRow(NamedTuple):
    """Hold what is kept of one commitment, in the order of `FACT_COLUMNS`."""

    id: int
    statement: str
    if_then: str | None
    coping: str | None
    worded_at: datetime
    """When the statement got the words that it has: when it was made, or revised."""
    start_on: date | None
    level: int | None
    foreseen_barriers: list[str] | None
    foreseen_other: str | None
    suggestion: str | None
    confirmed: bool
    baseline_did: int | None
    baseline_had: int | None

    def facts(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the commitment as JSON values; days are local to `zone`."""
        return {
            "id": self.id,
            "statement": self.statement,
            "if_then": self.if_then,
            "coping": self.coping,
            "made_on": self.worded_at.astimezone(zone).date().isoformat(),
            "start_on": self.start_on.isoformat() if self.start_on else None,
            "level": self.level,
            "foreseen_barriers": self.foreseen_barriers or [],
            "foreseen_other": self.foreseen_other,
            "suggestion": self.suggestion,
            "confirmed": self.confirmed,
            "baseline_of_10": self.baseline_did if self.baseline_had == OF_TEN else None,
            "baseline_did": self.baseline_did,
            "baseline_had": self.baseline_had,
        }
