"""Count what a coordinator's daily digest tells. Counts only. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.business_days import BANDS, share_used
from flows.schedule.contact_policy import ContactReason
from storage.reports import team
from storage.safety import cases as safety_cases
from storage.safety.cases import Case
from storage.safety.unread_texts import UnreadFigures
from storage.schema import INBOX, OUTBOX, PERSON_REQUEST, TIMER, OutboxStatus, SafetyStatus

DAY: Final = timedelta(days=1)


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
        due=len(team.due_contacts(connection, until)),
        stuck=len(team.stuck_conversations(connection, now)),
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
