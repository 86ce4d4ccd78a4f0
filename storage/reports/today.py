"""Read what a day of the team begins with: who waits for somebody, and what is due. Codes only, nobody's words.

Everything is of the programs that are named, or (None) of all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import contact_log
from storage.conversations.conversations import UNFINISHED
from storage.people import contact_requests
from storage.people.contact_requests import ContactRequest
from storage.reports import operators
from storage.reports.digest import DAY
from storage.reports.operators import PutAsideEntry
from storage.reports.team import SILENT_FOR
from storage.safety import case_lists
from storage.safety.case_lists import CaseFilter
from storage.safety.cases import Case
from storage.schema import (
    CONVERSATION,
    ENROLLMENT,
    PARTICIPANT,
    PROGRAM,
    TIMER,
    ConversationStatus,
    SafetyKind,
)

AT_MOST = 8
"""Lines of each list on the page; the rest is behind its link."""


class DueContacts(NamedTuple):
    """How many contacts of a kind, by its code, are due before tonight."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class TodayFigures:
    """What waits: the open safety cases that are due first, requests for a human, what was put aside within a day.

    Of `open_cases` so many are `overdue`, and so many people `in_distress`. `due` is what is to be sent before tonight,
    by kind, and `stuck` how many conversations nobody has said anything in for three days.
    """

    cases: tuple[Case, ...]
    open_cases: int
    overdue: int
    in_distress: int
    requests: tuple[ContactRequest, ...]
    put_aside: tuple[PutAsideEntry, ...]
    due: tuple[DueContacts, ...]
    stuck: int


def read_today(
    connection: Connection, *, programs: Collection[str] | None, until: datetime, now: datetime
) -> TodayFigures:
    """Read what waits now; what is due is what comes before `until`."""
    numbers = None if programs is None else program_numbers(connection, programs)
    in_distress = CaseFilter(programs, SafetyKind.DISTRESS)
    waiting = contact_requests.list_waiting(connection)
    theirs = codes_in(connection, numbers) if numbers is not None else None
    aside = operators.list_put_aside(connection, since=now - DAY)
    return TodayFigures(
        cases=case_lists.page_of_cases(connection, CaseFilter(programs), limit=AT_MOST),
        open_cases=case_lists.count_cases(connection, CaseFilter(programs)),
        overdue=case_lists.count_cases(connection, CaseFilter(programs, due_by=now)),
        in_distress=case_lists.count_cases(connection, in_distress),
        requests=tuple(one for one in waiting if programs is None or one.program in programs),
        put_aside=tuple(one for one in aside if theirs is None or one.code in theirs),
        due=_due(connection, numbers, until),
        stuck=_stuck(connection, numbers, now),
    )


def program_numbers(connection: Connection, programs: Collection[str]) -> frozenset[int]:
    """Return the numbers of programs, by their short names."""
    return frozenset(connection.scalars(sa.select(PROGRAM.c.id).where(PROGRAM.c.slug.in_(programs))))


def codes_in(connection: Connection, programs: Collection[int]) -> frozenset[str]:
    """Return the codes of those who are enrolled in one of some programs."""
    query = (
        sa.select(PARTICIPANT.c.code)
        .join(ENROLLMENT, ENROLLMENT.c.participant_id == PARTICIPANT.c.id)
        .where(ENROLLMENT.c.program_id.in_(programs))
    )
    return frozenset(connection.scalars(query))


def _due(
    connection: Connection, programs: Collection[int] | None, until: datetime
) -> tuple[DueContacts, ...]:
    query = (
        sa.select(TIMER.c.kind, sa.func.count())
        .where(TIMER.c.done_at.is_(None), TIMER.c.due_at < until)
        .where(TIMER.c.kind.in_(contact_log.OF_OUR_OWN_ACCORD))
        .group_by(TIMER.c.kind)
        .order_by(sa.func.count().desc())
    )
    if programs is not None:
        enrolled = sa.select(ENROLLMENT.c.participant_id).where(ENROLLMENT.c.program_id.in_(programs))
        query = query.where(TIMER.c.participant_id.in_(enrolled))
    return tuple(DueContacts(kind.value, count) for kind, count in connection.execute(query))


def _stuck(connection: Connection, programs: Collection[int] | None, now: datetime) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(CONVERSATION)
        .where(UNFINISHED, CONVERSATION.c.status != ConversationStatus.WAITING)
        .where(CONVERSATION.c.last_turn_at < now - SILENT_FOR)
    )
    if programs is not None:
        query = query.where(CONVERSATION.c.program_id.in_(programs))
    return int(connection.scalar(query) or 0)
