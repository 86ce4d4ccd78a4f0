"""Delete what is kept for a limited time only, by program, found from the rows themselves.

No timer is set for it. When something may go follows from when a participant was last heard of, which moves with
every conversation; a timer would have to be set anew each time, and one that was forgotten would keep words for ever.
`due_erasures` finds what may go (a reader's work); `erasure_steps` deletes it, some rows a transaction, each looked
at again.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from itertools import chain
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile, Retention
from flows.script.roles import Purpose
from storage.database import audit
from storage.database.connection import empty_log_after
from storage.database.statements import TupleQuery
from storage.people import invitation_changes, mail_tokens
from storage.people.participants import erased_address_values
from storage.privacy.contact_times import has_time_before
from storage.privacy.waiting_words import ended_with_waiting_words, forget_waiting_words
from storage.privacy.word_erasure import QUOTED, empty_conversations, of_conversation
from storage.programs import consents, programs
from storage.schema import (
    ADDRESS,
    AUDIT_EVENT,
    COMMITMENT,
    CONVERSATION,
    COORDINATOR,
    FOLLOW_UP,
    INBOX,
    LINK_CODE,
    REMARK,
    SAFETY_CASE,
    TIMER,
    AuditKind,
    ConversationStatus,
    SafetyStatus,
)

CHUNK = 200
"""Rows in one transaction: nobody's turn waits long behind them."""
NO_PROGRAM = "(none)"
"""Where rows stand that belong to no program, such as the first message of a stranger."""
_DEFAULT = Retention()


class RetentionKind(StrEnum):
    """What is deleted when its time is over: payloads of messages, words of conversations, or identities."""

    PAYLOADS = "payloads"
    """What came in, as the platform gave it."""
    TEXTS = "texts"
    """The words of a conversation: of its answers, remarks, commitments and messages, its state, and what was answered
    to questions for a safety report. While a case is open they wait; what a report quotes that was sent stays.
    """
    WAITING = "waiting"
    """What waited for a consent that never came: it goes as soon as its conversation can not go on any more."""
    IDENTITIES = "identities"
    """An address: which account somebody had."""


@dataclass(frozen=True, slots=True)
class DueErasure:
    """The rows whose time is over: for each program and kind their numbers (inbox rows, conversations, addresses)."""

    rows: dict[tuple[str, RetentionKind], list[int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many rows are past their time, of all programs and kinds."""
        return sum(len(ids) for ids in self.rows.values())

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many rows of each kind are past their time, by program and then kind; kinds without any as 0.

        A program for which there is nothing is left out.
        """
        slugs = sorted({slug for slug, _ in self.rows})
        return {
            slug: {kind.value: len(self.rows.get((slug, kind), ())) for kind in RetentionKind}
            for slug in slugs
        }


@dataclass(frozen=True, slots=True)
class _Program:
    id: int
    slug: str
    file: ProgramFile

    @property
    def retention(self) -> Retention:
        """Return how long the program keeps each kind."""
        return self.file.retention


ErasureStep = Callable[[Connection], int]
_Quiet = Callable[[], dict[tuple[int, int], datetime | None]]


def due_erasures(connection: Connection, now: datetime) -> DueErasure:
    """Find the rows that are past the retention of their program at `now`. Nothing is deleted."""
    known = [
        _Program(row.id, row.slug, programs.program_file(connection, row.id))
        for row in programs.list_all(connection)
    ]
    rows: dict[tuple[str, RetentionKind], list[int]] = {}
    for program in known:
        cutoff = now - timedelta(days=program.retention.inbox_days)
        found = _PAYLOADS_OF_PROGRAM.run(connection, cutoff=cutoff, program=program.id)
        rows[program.slug, RetentionKind.PAYLOADS] = [number for (number,) in found]
    found = _STRAY_PAYLOADS.run(connection, cutoff=now - timedelta(days=_DEFAULT.inbox_days))
    rows[NO_PROGRAM, RetentionKind.PAYLOADS] = [number for (number,) in found]
    quiet = cache(partial(_quiet_since, connection))  # on most days nothing is old enough to ask
    for program in known:
        cutoff = _months_before(now, program.retention.raw_text_months)
        texts = _conversations_with_words(connection, program.id, quiet, cutoff)
        waiting = ended_with_waiting_words(connection, program.id, program.file, now)
        rows[program.slug, RetentionKind.TEXTS] = texts
        rows[program.slug, RetentionKind.WAITING] = sorted({*waiting}.difference(texts))
    days = min(each.identity_days for each in (_DEFAULT, *(program.retention for program in known)))
    if has_time_before(connection, now - timedelta(days=days)):  # else no address is due
        for slug, ids in _identities(connection, known, quiet(), now).items():
            rows[slug, RetentionKind.IDENTITIES] = ids
    return DueErasure({key: ids for key, ids in rows.items() if ids})


def erasure_steps(found: DueErasure, now: datetime) -> Iterator[ErasureStep]:
    """Yield functions that delete what `due_erasures` found, each to be run in a transaction of its own.

    Each returns how many rows went; it looks at its rows again, so that what has changed meanwhile stays.
    """
    for (slug, kind), ids in found.rows.items():
        for start in range(0, len(ids), CHUNK):
            yield partial(_let_go, slug=slug, kind=kind, ids=ids[start : start + CHUNK], now=now)


def _let_go(
    connection: Connection, *, slug: str, kind: RetentionKind, ids: Sequence[int], now: datetime
) -> int:
    """Erase some rows of one kind in one program, audit it, and return how many went."""
    gone = _erase(connection, kind, ids, now)
    if gone:
        empty_log_after(connection)
        audit.record(
            connection,
            AuditKind.PURGE,
            participant_id=None,
            now=now,
            program=slug,
            what=kind.value,
            rows=gone,
        )
    return gone


def has_purge_since(connection: Connection, moment: datetime | None) -> bool:
    """Return whether anything was deleted after a moment, by `said purge` too; ever, without one."""
    latest = connection.scalar(_LATEST_PURGE)
    return latest is not None and (moment is None or latest > moment)


_LATEST_PURGE = (
    sa.select(AUDIT_EVENT.c.at)
    .where(AUDIT_EVENT.c.kind == AuditKind.PURGE)
    .order_by(AUDIT_EVENT.c.id.desc())
    .limit(1)
)

# What is due.

_PAYLOADS = (
    sa.select(INBOX.c.id)
    .outerjoin(CONVERSATION, CONVERSATION.c.id == INBOX.c.conversation_id)
    .where(
        INBOX.c.handled_at.is_not(None), INBOX.c.payload != "", INBOX.c.received_at < sa.bindparam("cutoff")
    )
    .order_by(INBOX.c.id)
)
"""The handled inbox rows that were received before `cutoff` and still hold a payload."""
_PAYLOADS_OF_PROGRAM = TupleQuery(_PAYLOADS.where(CONVERSATION.c.program_id == sa.bindparam("program")))
_STRAY_PAYLOADS = TupleQuery(_PAYLOADS.where(CONVERSATION.c.id.is_(None)))
_TALKED = sa.select(
    CONVERSATION.c.participant_id,
    CONVERSATION.c.program_id,
    sa.func.max(sa.func.coalesce(CONVERSATION.c.ended_at, CONVERSATION.c.last_turn_at)),
    sa.func.sum(sa.case((CONVERSATION.c.status == ConversationStatus.ENDED, 0), else_=1)),
).group_by(CONVERSATION.c.participant_id, CONVERSATION.c.program_id)
"""When each participant last talked in each program, and how many conversations go on."""
_ASKED = sa.select(
    FOLLOW_UP.c.participant_id,
    FOLLOW_UP.c.program_id,
    sa.func.max(sa.func.coalesce(FOLLOW_UP.c.closed_at, FOLLOW_UP.c.answered_at, FOLLOW_UP.c.due_at)),
    sa.literal(0),
).group_by(FOLLOW_UP.c.participant_id, FOLLOW_UP.c.program_id)
"""The same for follow-ups, none of which goes on by itself."""
_WHOSE = (CONVERSATION.c.participant_id, CONVERSATION.c.program_id)
_REMARKED = (
    sa.select(*_WHOSE, sa.func.max(REMARK.c.said_at), sa.literal(0))
    .join(REMARK, REMARK.c.conversation_id == CONVERSATION.c.id)
    .group_by(*_WHOSE)
)
"""The same for remarks, some of which come after the end."""
_HEARD = tuple(map(TupleQuery, (_TALKED, _ASKED, _REMARKED)))
_WAITING = TupleQuery(sa.select(TIMER.c.participant_id).where(TIMER.c.done_at.is_(None)))


def _quiet_since(connection: Connection) -> dict[tuple[int, int], datetime | None]:
    """Return when each participant was last heard of, or asked, by participant and program.

    It is None while something is going on: a conversation that has not ended, or a timer that is not done.
    """
    waiting = {participant for (participant,) in _WAITING.run(connection)}
    found: dict[tuple[int, int], datetime | None] = {}
    for participant, program, since, busy in chain.from_iterable(query.run(connection) for query in _HEARD):
        key = (participant, program)
        before = found.get(key, since)
        quiet = not busy and participant not in waiting and before is not None
        found[key] = max(before, since) if quiet and before is not None else None
    return found


def _conversations_with_words(
    connection: Connection, program_id: int, quiet: _Quiet, cutoff: datetime
) -> list[int]:
    """Return the ended conversations that still hold words, of participants who were quiet since before the cutoff.

    Conversations with a safety case that is open are not among them.
    """
    with_words = _WITH_WORDS.run(connection, program=program_id, cutoff=cutoff)
    since = [(number, quiet().get((participant, program_id))) for number, participant in with_words]
    return [number for number, moment in since if moment is not None and moment < cutoff]


def _identities(
    connection: Connection,
    known: Sequence[_Program],
    quiet: dict[tuple[int, int], datetime | None],
    now: datetime,
) -> dict[str, list[int]]:
    """Return the addresses whose time is over, by the program that they are counted in.

    An address is kept as long as the program that keeps it longest says, longer where contact again was agreed to, and
    while the participant's safety case is open.
    """
    by_id = {program.id: program for program in known}
    again = consents.consented_participants(connection, Purpose.CONTACT_AGAIN)
    until: dict[int, datetime | None] = {}
    whose: dict[int, str] = {}
    for (participant, program_id), since in quiet.items():
        program = by_id[program_id]
        whose.setdefault(participant, program.slug)
        kept = timedelta(days=program.retention.identity_days)
        if (participant, program_id) in again:
            kept += timedelta(weeks=program.file.contact_again_weeks)
        end = None if since is None else since + kept
        before = until.get(participant, end)
        until[participant] = None if end is None or before is None else max(end, before)
    under_care = {participant for (participant,) in _UNDER_CARE.run(connection)}
    found: dict[str, list[int]] = {}
    for number, participant, created in _ADDRESSES.run(connection, erased=b""):
        fallback = created + timedelta(days=_DEFAULT.identity_days)
        end = fallback if participant is None else until.get(participant, fallback)
        if end is not None and end < now and participant not in under_care:
            found.setdefault(whose.get(participant, NO_PROGRAM), []).append(number)
    return found


def _unsettled() -> sa.ColumnElement[bool]:
    """Return the condition that a safety case is open."""
    return SAFETY_CASE.c.status.in_([SafetyStatus.NEW, SafetyStatus.REVIEWING])


_ADDRESSES = TupleQuery(
    sa.select(ADDRESS.c.id, ADDRESS.c.participant_id, ADDRESS.c.created_at)
    .where(
        ADDRESS.c.sealed != sa.bindparam("erased"),
        ADDRESS.c.id.not_in(sa.select(COORDINATOR.c.address_id).where(COORDINATOR.c.address_id.is_not(None))),
    )
    .order_by(ADDRESS.c.id)
)
"""The addresses that are not erased and not a coordinator's."""
_WITH_WORDS = TupleQuery(
    sa.select(CONVERSATION.c.id, CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.program_id == sa.bindparam("program"))
    .where(CONVERSATION.c.ended_at < sa.bindparam("cutoff"))
    .where(
        sa.or_(
            CONVERSATION.c.state != "",
            *(
                sa.exists().where(
                    table.c.conversation_id == CONVERSATION.c.id,
                    table.c.raw != "",
                    table.c.id.not_in(quoted_rows),
                )
                for table, quoted_rows in QUOTED.items()
            ),
            sa.exists().where(
                COMMITMENT.c.conversation_id == CONVERSATION.c.id, COMMITMENT.c.statement != ""
            ),
        ),
        ~sa.exists().where(of_conversation(CONVERSATION.c), _unsettled()),
    )
    .order_by(CONVERSATION.c.id)
)
"""A program's conversations that ended before `cutoff` and still hold words, without those with an open case."""
_UNDER_CARE = TupleQuery(sa.select(SAFETY_CASE.c.participant_id).where(_unsettled()))


def _months_before(now: datetime, months: int) -> datetime:
    """Return the same hour so many months before, on the month's last day where it has none of that number.

    >>> from datetime import UTC
    >>> _months_before(datetime(2026, 3, 31, tzinfo=UTC), 1).isoformat()
    '2026-02-28T00:00:00+00:00'
    """
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=years, month=month + 1, day=min(now.day, monthrange(years, month + 1)[1]))


# How it goes.


def _erase(connection: Connection, kind: RetentionKind, ids: Sequence[int], now: datetime) -> int:
    """Erase some rows of one kind, and return how many went."""
    match kind:
        case RetentionKind.PAYLOADS:
            return _empty_payloads(connection, ids)
        case RetentionKind.TEXTS:
            return empty_conversations(connection, ids)
        case RetentionKind.WAITING:
            return forget_waiting_words(connection, ids)
        case RetentionKind.IDENTITIES:
            return _erase_addresses(connection, ids, now)
        case _:
            assert_never(kind)


def _empty_payloads(connection: Connection, ids: Sequence[int]) -> int:
    """Empty the payloads of handled inbox rows."""
    return connection.execute(
        INBOX.update().where(INBOX.c.id.in_(ids), INBOX.c.handled_at.is_not(None)).values(payload="")
    ).rowcount


def _erase_addresses(connection: Connection, ids: Sequence[int], now: datetime) -> int:
    """Forget the accounts behind some addresses; pass over those whose participant has written meanwhile.

    What the organisation calls their links goes, too, and the codes by which another account would be joined to them.
    """
    unhandled = sa.exists().where(INBOX.c.address_id == ADDRESS.c.id, INBOX.c.handled_at.is_(None))
    talking = sa.exists().where(
        CONVERSATION.c.participant_id == ADDRESS.c.participant_id,
        CONVERSATION.c.status != ConversationStatus.ENDED,
    )
    theirs = sa.and_(ADDRESS.c.id.in_(ids), ~unhandled, ~talking)
    gone = list(connection.scalars(sa.select(ADDRESS.c.id).where(theirs)))
    for number in gone:
        connection.execute(
            ADDRESS.update().where(ADDRESS.c.id == number).values(erased_address_values(number))
        )
    mail_tokens.forget(connection, gone)
    whose = sa.select(ADDRESS.c.participant_id).where(
        ADDRESS.c.id.in_(gone), ADDRESS.c.participant_id.is_not(None)
    )
    people = list(connection.scalars(whose))
    connection.execute(LINK_CODE.delete().where(LINK_CODE.c.participant_id.in_(people)))
    invitation_changes.forget_labels_of(connection, people, now)
    return len(gone)
