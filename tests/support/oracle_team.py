"""The team of the town: what it does about safety cases and reviewers' points, noted as it is done.

It finds a case and a point where a coordinator does, and notes what it decided with whoever told of it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from typing import Protocol

from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.follow_up import review_points
from storage.follow_up.review_points import DecisionOnPoint
from storage.people import coordinators, participants
from storage.safety import case_workflow, cases
from storage.safety.case_workflow import CaseAction, CaseDecision
from storage.schema import PointDecision
from tests.support.oracle_notes import NotedCase, NotedPerson

ANNA, BEN = "ANNA", "BEN"
BOARD_DAYS = (20, 60, 100)
"""On which days the team decides on what reviewers want changed."""
_SOON, _LATE = timedelta(hours=2), timedelta(days=12)
_REVIEW, _SENT, _ACKNOWLEDGED, _NONE, _CLEAR = (
    CaseAction.REVIEW,
    CaseAction.SENT,
    CaseAction.ACKNOWLEDGED,
    CaseAction.NOT_EVENT,
    CaseAction.CLEAR,
)
TeamStep = tuple[timedelta, CaseAction, str]
"""How long after a case was opened, what is done about it, and by whom."""
REPORT_WAYS: tuple[tuple[TeamStep, ...], ...] = (
    ((_SOON, _SENT, ANNA), (_LATE, _ACKNOWLEDGED, ANNA)),
    (),
    ((_SOON, _NONE, ANNA), (2 * _SOON, _NONE, BEN)),
    ((_LATE, _SENT, BEN),),
    ((_SOON, _REVIEW, BEN),),
    ((_SOON, _SENT, BEN),),
    ((_SOON, _NONE, BEN),),
    ((_SOON, _REVIEW, ANNA), (_LATE, _NONE, ANNA), (_LATE + _SOON, _NONE, BEN)),
)
DISTRESS_WAYS: tuple[tuple[TeamStep, ...], ...] = (
    ((_SOON, _CLEAR, ANNA),),
    ((_SOON, _REVIEW, BEN), (_LATE, _CLEAR, BEN)),
    ((_SOON, _REVIEW, ANNA),),
    (),
)


class TeamDeed(Protocol):
    """What the team does in the database, once it is time."""

    def __call__(self, connection: Connection, *, now: datetime) -> None: ...


class OracleTeam:
    """Two coordinators. `known` are the people whom the team may hear of, by address."""

    def __init__(self, keys: AddressKeys) -> None:
        self.known: dict[str, NotedPerson] = {}
        self._keys = keys
        self._report_ways, self._distress_ways = cycle(REPORT_WAYS), cycle(DISTRESS_WAYS)
        self._ways_to_decide = cycle((*PointDecision, None))
        self._decisions: dict[tuple[str, str], PointDecision | None] = {}
        self._numbers: dict[int, int] = {}

    def enrol(self, connection: Connection, now: datetime) -> None:
        """Make the coordinators. Nobody writes to them: they look by themselves."""
        for code in (ANNA, BEN):
            coordinators.enrol(connection, code, token_hash=code.encode(), now=now)

    def plan_case(self, address: str, case: NotedCase) -> Iterator[tuple[timedelta, TeamDeed]]:
        """What will be done about a case that opens now, and how long from now."""
        ways = self._distress_ways if case.kind == "distress" else self._report_ways
        for after, action, by in next(ways):
            yield after, partial(self._act, address, case, action, by)

    def _act(
        self,
        address: str,
        case: NotedCase,
        action: CaseAction,
        by: str,
        connection: Connection,
        *,
        now: datetime,
    ) -> None:
        """Act on a case, and note it; nothing where the case is gone with whoever told of it."""
        number = self._numbers.get(id(case)) or self._find(connection, address, case)
        found = number and cases.find(connection, number)
        if not number or not found or found.opened_at != case.at:  # the number of what is gone is given again
            return
        self._numbers[id(case)] = number
        decision = CaseDecision(action, coordinators.by_code(connection, by), now, "looked into it")
        case_workflow.act_on_case(connection, found, decision)
        case.steps.append((action, by, now))

    def _find(self, connection: Connection, address: str, case: NotedCase) -> int | None:
        """Return the number of the case that somebody's words opened; None where it is gone."""
        person = participants.find_at(connection, self._keys.lookup(address))
        mine = [
            one.id
            for one in cases.list_cases(connection, only_open=False)
            if person and one.participant_id == person.id and one.opened_at == case.at
        ]
        return mine[0] if mine else None

    def decide_on_points(self, connection: Connection, *, now: datetime) -> None:
        """Decide on what reviewers want changed, each point when it is first seen; some are left open for good."""
        found = [
            (participants.find_at(connection, self._keys.lookup(at)), one) for at, one in self.known.items()
        ]
        by_code = {person.code: one for person, one in found if person}
        for point in review_points.points(connection):
            named = point.participant, point.key
            if named in self._decisions:
                continue
            decision = self._decisions[named] = next(self._ways_to_decide)
            if decision is None:
                continue
            decided = DecisionOnPoint(
                point.participant, point.key, point.item, decision, "We talked it over."
            )
            review_points.decide(connection, decided, now=now)
            by_code[point.participant].decisions[point.key] = decision.value
