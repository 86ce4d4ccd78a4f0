"""Look up what the team asks in chat: what is due, what is stuck, the counts of a digest. Codes only. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.business_days import BANDS, share_used
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.safety import cases as safety_cases
from storage.safety.cases import Case
from storage.safety.unread_texts import UnreadFigures
from storage.schema import (
    CONVERSATION,
    INBOX,
    OUTBOX,
    PARTICIPANT,
    PERSON_REQUEST,
    TIMER,
    ConversationStatus,
    OutboxStatus,
    SafetyStatus,
)

SILENT_FOR: Final = timedelta(days=3)
"""A conversation in which nothing was said for so long is stuck: a program's usual reminders are over by then."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TeamListLine:
    """A line of a list for the team: a participant's code, what is due or stuck, and when.

    `what` is the kind of a timer, or the name of a flow; `at` when it is due, or when something was last said.
    """

    code: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DigestCounts:
    """The counts of a coordinator's daily digest.

    `due` contacts, `stuck` conversations, open `cases` (overdue, from 80 %, from 50 % of their time, younger), sent
    reports whose receipt is `unconfirmed`, what was `put_aside` or `failed` within a day, open `requests` for a human,
    and the texts that nobody has read.
    """

    due: int
    stuck: int
    cases: tuple[int, int, int, int]
    unconfirmed: int
    put_aside: int
    failed: int
    requests: int
    unread: UnreadFigures


def due_contacts(connection: Connection, until: datetime) -> tuple[TeamListLine, ...]:
    """Return what is to be sent to participants of our own accord before `until`, soonest first."""
    query = (
        sa.select(PARTICIPANT.c.code, TIMER.c.kind, TIMER.c.due_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == TIMER.c.participant_id)
        .where(TIMER.c.done_at.is_(None), TIMER.c.due_at < until)
        .where(TIMER.c.kind.in_(contact_log.OF_OUR_OWN_ACCORD))
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    return tuple(TeamListLine(code, kind.value, at) for code, kind, at in connection.execute(query))


def stuck_conversations(connection: Connection, now: datetime) -> tuple[TeamListLine, ...]:
    """Return the open and paused conversations without a turn in the last three days, the longest silence first."""
    query = (
        sa.select(PARTICIPANT.c.code, CONVERSATION.c.flow, CONVERSATION.c.last_turn_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(CONVERSATION.c.status.in_([ConversationStatus.OPEN, ConversationStatus.PAUSED]))
        .where(CONVERSATION.c.last_turn_at < now - SILENT_FOR)
        .order_by(CONVERSATION.c.last_turn_at, CONVERSATION.c.id)
    )
    return tuple(TeamListLine(*row) for row in connection.execute(query))


def digest_counts(
    connection: Connection, until: datetime, now: datetime, unread: UnreadFigures
) -> DigestCounts:
    """Count what a daily digest tells; contacts are counted that are due before `until`, failures of the last day.

    `unread` was counted before: it may take a second, in which nobody else could write.
    """
    since = now - DAY
    aside = (INBOX.c.error.is_not(None)) & (INBOX.c.handled_at >= since)
    refused = (OUTBOX.c.status == OutboxStatus.FAILED) & (OUTBOX.c.created_at >= since)
    broken = TIMER.c.reason.startswith(ContactReason.FAILED.value) & (TIMER.c.done_at >= since)
    return DigestCounts(
        due=len(due_contacts(connection, until)),
        stuck=len(stuck_conversations(connection, now)),
        cases=count_cases_by_age(safety_cases.list_cases(connection), now),
        unconfirmed=len(safety_cases.list_cases(connection, status=SafetyStatus.SENT)),
        put_aside=_count(connection, INBOX, aside),
        failed=_count(connection, OUTBOX, refused) + _count(connection, TIMER, broken),
        requests=_count(connection, PERSON_REQUEST, PERSON_REQUEST.c.answered_at.is_(None)),
        unread=unread,
    )


def count_cases_by_age(cases: tuple[Case, ...], now: datetime) -> tuple[int, int, int, int]:
    """Count the safety cases by how much of the time for their report is used up.

    Those overdue, those from 80 %, those from 50 %, and younger ones; each case in one of the four.
    """
    shares = [share_used(case.opened_at, case.due_at, now) for case in cases]
    over, late, half = (sum(share >= band for share in shares) for band in BANDS)
    return over, late - over, half - late, len(shares) - half


def _count(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    """Return how many rows of a table meet a condition."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0)
