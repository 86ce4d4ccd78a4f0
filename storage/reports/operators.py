"""What operators look up: who is there, and what was sent to a person and why. Reads only; nobody's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from flows.script.model import Role
from storage.schema import (
    ADDRESS,
    CONSENT,
    CONTACT,
    CONVERSATION,
    ENROLLMENT,
    FOLLOW_UP,
    INBOX,
    OUTBOX,
    PARTICIPANT,
    PROGRAM,
    TIMER,
    AddressStatus,
    ContactAction,
    OutboxKind,
    OutboxStatus,
    ParticipantStatus,
)


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """A line of the list of participants."""

    code: str
    role: Role
    status: ParticipantStatus
    channels: str
    conversations: int
    last_turn_at: datetime | None


class Strand(StrEnum):
    """What a line of a story is about."""

    PERSON = "person"
    CONVERSATION = "talk"
    MESSAGE = "message"
    CONTACT = "contact"
    WAVE = "wave"
    TIMER = "timer"
    CONSENT = "consent"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Something that happened, or is due. `reason` is a code; `bot.team.reasons` has the plain words.

    `what` is English; `phrase` and `fields` say the same in codes, for those who read it in another language.
    """

    at: datetime
    strand: Strand
    what: str
    reason: str | None = None
    due_at: datetime | None = None
    phrase: str = field(default="", kw_only=True)
    fields: Mapping[str, str | int] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of why a participant was, or was not, written to: the past, and what is still to
    come.
    """

    id: int
    code: str
    role: Role
    status: ParticipantStatus
    lines: tuple[StoryLine, ...]
    to_come: tuple[StoryLine, ...]


def participants(
    connection: Connection, *, program: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[ParticipantRow, ...]:
    """Participants, the one who spoke last first."""
    conversations = (
        sa.select(
            CONVERSATION.c.participant_id,
            sa.func.count().label("conversations"),
            sa.func.max(CONVERSATION.c.last_turn_at).label("last_turn_at"),
        )
        .group_by(CONVERSATION.c.participant_id)
        .subquery("talks")
    )
    channels = (
        sa.select(sa.func.aggregate_strings(ADDRESS.c.channel, ","))
        .where(ADDRESS.c.participant_id == PARTICIPANT.c.id)
        .scalar_subquery()
    )
    query = (
        sa.select(
            PARTICIPANT.c.code,
            PARTICIPANT.c.role,
            PARTICIPANT.c.status,
            sa.func.coalesce(channels, ""),
            sa.func.coalesce(conversations.c.conversations, 0),
            conversations.c.last_turn_at,
        )
        .outerjoin(conversations, conversations.c.participant_id == PARTICIPANT.c.id)
        .order_by(conversations.c.last_turn_at.desc().nulls_last(), PARTICIPANT.c.id)
        .limit(limit)
        .offset(offset)
    )
    if program is not None:
        enrolled = sa.select(ENROLLMENT.c.participant_id).join(PROGRAM).where(PROGRAM.c.slug == program)
        query = query.where(PARTICIPANT.c.id.in_(enrolled))
    return tuple(ParticipantRow(*row) for row in connection.execute(query))


def count_participants(connection: Connection, program: str | None = None) -> int:
    """How many participants there are, in one programme or in all."""
    query = sa.select(sa.func.count()).select_from(PARTICIPANT)
    if program is not None:
        enrolled = sa.select(ENROLLMENT.c.participant_id).join(PROGRAM).where(PROGRAM.c.slug == program)
        query = query.where(PARTICIPANT.c.id.in_(enrolled))
    return int(connection.scalar(query) or 0)


def latest_moment(connection: Connection) -> datetime | None:
    """The latest time at which anything happened here; None in a new database."""
    moments = [
        connection.scalar(sa.select(sa.func.max(column)))
        for column in (INBOX.c.received_at, CONVERSATION.c.last_turn_at, CONTACT.c.at, OUTBOX.c.sent_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class PutAside:
    """A person's message, or a timer, that could not be acted on: `error` is a type and a place, no words."""

    at: datetime
    code: str | None
    error: str


def put_aside(connection: Connection, *, since: datetime) -> tuple[PutAside, ...]:
    """What raised and was put aside since then, the latest first: somebody waits for an answer."""
    messages = (
        sa.select(INBOX.c.received_at, PARTICIPANT.c.code, INBOX.c.error)
        .join(ADDRESS, ADDRESS.c.id == INBOX.c.address_id)
        .outerjoin(PARTICIPANT, PARTICIPANT.c.id == ADDRESS.c.participant_id)
        .where(INBOX.c.error.is_not(None), INBOX.c.received_at >= since)
    )
    timers = (
        sa.select(TIMER.c.done_at, PARTICIPANT.c.code, TIMER.c.reason)
        .join(PARTICIPANT, PARTICIPANT.c.id == TIMER.c.participant_id)
        .where(TIMER.c.reason.startswith(f"{ContactReason.FAILED}: "), TIMER.c.done_at >= since)
    )
    found = [PutAside(*row) for query in (messages, timers) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def was_put_aside(connection: Connection, *, address_id: int, since: datetime) -> bool:
    """Whether a message of whoever is at an address was put aside since then, at any address of theirs."""
    here = sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.id == address_id).scalar_subquery()
    theirs = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == here)
    found = sa.exists().where(
        INBOX.c.address_id.in_(theirs) | (INBOX.c.address_id == address_id),
        INBOX.c.error.is_not(None),
        INBOX.c.handled_at >= since,
    )
    return connection.scalar(sa.select(found)) is True


def participant_id(connection: Connection, code: str) -> int | None:
    """The number of a participant; None if there is no such code."""
    query = sa.select(PARTICIPANT.c.id).where(sa.func.upper(PARTICIPANT.c.code) == code.strip().upper())
    found: int | None = connection.scalar(query)
    return found


def story(connection: Connection, code: str) -> Story | None:
    """What was sent to a participant, deferred and not sent, oldest first; None if there is no such code."""
    query = sa.select(PARTICIPANT).where(sa.func.upper(PARTICIPANT.c.code) == code.strip().upper())
    person = connection.execute(query).first()
    if person is None:
        return None
    past = [
        StoryLine(person.created_at, Strand.PERSON, f"came in as {person.role.value}", phrase="came_in"),
        *_addresses(connection, person.id),
        *_consents(connection, person.id),
        *_conversations(connection, person.id),
        *_messages(connection, person.id),
        *_contacts(connection, person.id),
        *_waves(connection, person.id),
        *_errors(connection, person.id),
    ]
    return Story(
        id=person.id,
        code=person.code,
        role=person.role,
        status=person.status,
        lines=tuple(sorted(past, key=lambda line: line.at)),
        to_come=tuple(_timers(connection, person.id)),
    )


def _rows(connection: Connection, table: sa.Table, *conditions: Any) -> sa.CursorResult[Any]:
    return connection.execute(sa.select(table).where(*conditions).order_by(table.c.id))


def _addresses(connection: Connection, person: int) -> Iterator[StoryLine]:
    for row in _rows(connection, ADDRESS, ADDRESS.c.participant_id == person):
        if row.status is not AddressStatus.ACTIVE:
            what, phrase = f"{row.channel} address is {row.status.value}", "not_reached"
        else:
            what, phrase = f"reached over {row.channel}", "reached"
        fields = {"channel": row.channel.capitalize()}
        yield StoryLine(row.created_at, Strand.PERSON, what, row.reason, phrase=phrase, fields=fields)


def _consents(connection: Connection, person: int) -> Iterator[StoryLine]:
    for row in _rows(connection, CONSENT, CONSENT.c.participant_id == person):
        decision = "given" if row.granted else "refused"
        phrase, fields = "agreed" if row.granted else "refused", {"purpose": row.purpose.value}
        what = f"consent to {row.purpose.value} {decision}"
        yield StoryLine(row.decided_at, Strand.CONSENT, what, phrase=phrase, fields=fields)


def _conversations(connection: Connection, person: int) -> Iterator[StoryLine]:
    for row in _rows(connection, CONVERSATION, CONVERSATION.c.participant_id == person):
        name = f"talk {row.id} ({row.flow})"
        fields = {"number": str(row.id), "flow": row.flow}
        yield StoryLine(row.started_at, Strand.CONVERSATION, f"{name} began", phrase="began", fields=fields)
        if row.ended_at is not None:
            outcome = row.outcome.value if row.outcome else None
            yield StoryLine(
                row.ended_at, Strand.CONVERSATION, f"{name} ended", outcome, phrase="ended", fields=fields
            )
        else:
            what = f"{name} is {row.status.value} after {row.turns} turns"
            yield StoryLine(
                row.last_turn_at, Strand.CONVERSATION, what, phrase=row.status.value, fields=fields
            )


def _messages(connection: Connection, person: int) -> Iterator[StoryLine]:
    mine = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == person)
    for row in _rows(connection, OUTBOX, OUTBOX.c.address_id.in_(mine), OUTBOX.c.kind == OutboxKind.MESSAGE):
        what = f"message {row.id} {row.status.value}"
        if row.possibly_duplicate:
            what += ", possibly twice"
        if row.attempts > 1:
            what += f", {row.attempts} attempts"
        twice = row.possibly_duplicate and row.status is OutboxStatus.SENT
        yield StoryLine(
            row.sent_at or row.created_at,
            Strand.MESSAGE,
            what,
            row.reason,
            row.not_before if row.status in (OutboxStatus.QUEUED, OutboxStatus.SENDING) else None,
            phrase="twice" if twice else row.status.value,
            fields={"number": str(row.id)},
        )


_ACTIONS = {ContactAction.SENT: "sent", ContactAction.DEFERRED: "put off", ContactAction.NOT_SENT: "not sent"}
_ACTION_PHRASES = {
    ContactAction.SENT: "done",
    ContactAction.DEFERRED: "deferred",
    ContactAction.NOT_SENT: "not_sent",
}


def _contacts(connection: Connection, person: int) -> Iterator[StoryLine]:
    for row in _rows(connection, CONTACT, CONTACT.c.participant_id == person):
        kind = row.timer_kind.value if row.timer_kind is not None else "message"
        what, phrase = f"{kind} {_ACTIONS[row.action]}", _ACTION_PHRASES[row.action]
        yield StoryLine(
            row.at,
            Strand.CONTACT,
            what,
            row.reason,
            row.new_due_at,
            phrase=phrase,
            fields={"what": kind},
        )


def _waves(connection: Connection, person: int) -> Iterator[StoryLine]:
    for row in _rows(connection, FOLLOW_UP, FOLLOW_UP.c.participant_id == person):
        name = f"{row.wave_days}-day wave of commitment {row.commitment_id}"
        fields = {"days": row.wave_days}
        if row.sent_at is not None:
            yield StoryLine(row.sent_at, Strand.WAVE, f"{name} asked", phrase="asked", fields=fields)
        if row.answered_at is not None:
            yield StoryLine(
                row.answered_at, Strand.WAVE, f"{name} answered", phrase="answered", fields=fields
            )
        if row.closed_at is not None:
            what = f"{name} closed: {row.status.value}"
            yield StoryLine(row.closed_at, Strand.WAVE, what, row.reason, phrase="closed", fields=fields)


def _errors(connection: Connection, person: int) -> Iterator[StoryLine]:
    mine = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == person)
    for row in _rows(connection, INBOX, INBOX.c.address_id.in_(mine), INBOX.c.error.is_not(None)):
        yield StoryLine(
            row.received_at, Strand.ERROR, f"inbox row {row.id} put aside", row.error, phrase="aside"
        )


def _timers(connection: Connection, person: int) -> Iterator[StoryLine]:
    query = (
        sa.select(TIMER, FOLLOW_UP.c.wave_days)
        .outerjoin(FOLLOW_UP, FOLLOW_UP.c.id == TIMER.c.follow_up_id)
        .where(TIMER.c.participant_id == person, TIMER.c.done_at.is_(None))
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    for row in connection.execute(query):
        what = row.kind.value if row.wave_days is None else f"{row.kind.value} ({row.wave_days} days)"
        fields = {"what": row.kind.value}
        yield StoryLine(row.due_at, Strand.TIMER, what, row.reason, phrase="to_come", fields=fields)
