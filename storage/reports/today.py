"""Read what a day of the team begins with: who waits for somebody, and what is due. Codes only, nobody's words.

Everything is of the programs that are named, or (None) of all.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import contact_log
from storage.conversations.conversations import UNFINISHED
from storage.database.statements import among
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
    FOLLOW_UP,
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
    numbers = None if programs is None else _some_of_all(connection, programs)
    in_distress = CaseFilter(programs, SafetyKind.DISTRESS)
    waiting = contact_requests.list_waiting(connection)
    aside = operators.list_put_aside(connection, since=now - DAY)
    return TodayFigures(
        cases=case_lists.page_of_cases(connection, CaseFilter(programs), limit=AT_MOST),
        open_cases=case_lists.count_cases(connection, CaseFilter(programs)),
        overdue=case_lists.count_cases(connection, CaseFilter(programs, due_by=now)),
        in_distress=case_lists.count_cases(connection, in_distress),
        requests=tuple(one for one in waiting if programs is None or one.program in programs),
        put_aside=_of_programs(connection, aside, programs),
        due=_due(connection, numbers, until),
        stuck=_stuck(connection, numbers, now),
    )


def _some_of_all(connection: Connection, programs: Collection[str]) -> frozenset[int] | None:
    """Return the numbers of programs, by their short names; None where these are all, since that is counted at once."""
    known = {row.slug: row.id for row in connection.execute(sa.select(PROGRAM.c.slug, PROGRAM.c.id))}
    found = frozenset(number for slug, number in known.items() if slug in programs)
    return None if len(found) == len(known) else found


def _of_programs(
    connection: Connection, aside: Collection[PutAsideEntry], programs: Collection[str] | None
) -> tuple[PutAsideEntry, ...]:
    """Return what was put aside of people in some programs; strangers are nobody's, and all that of None."""
    if programs is None:
        return tuple(aside)
    codes = {one.code for one in aside if one.code is not None}
    if not codes:
        return ()
    query = (
        sa.select(PARTICIPANT.c.code)
        .join(ENROLLMENT, ENROLLMENT.c.participant_id == PARTICIPANT.c.id)
        .join(PROGRAM, PROGRAM.c.id == ENROLLMENT.c.program_id)
        .where(PROGRAM.c.slug.in_(programs), among(PARTICIPANT.c.code, "codes"))
    )
    theirs = set(connection.scalars(query, {"codes": json.dumps(sorted(codes))}))
    return tuple(one for one in aside if one.code in theirs)


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
        talk = sa.exists().where(
            CONVERSATION.c.id == TIMER.c.conversation_id, CONVERSATION.c.program_id.in_(programs)
        )
        wave = sa.exists().where(FOLLOW_UP.c.id == TIMER.c.follow_up_id, FOLLOW_UP.c.program_id.in_(programs))
        query = query.where(talk | wave)
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
