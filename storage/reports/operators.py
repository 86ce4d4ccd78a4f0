"""Look up what operators ask: who is there, and what was sent to a participant and why. Reads only; nobody's words."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Role
from storage.conversations.outbox_order import put_off_until
from storage.database.statements import after_finding
from storage.schema import (
    ADDRESS,
    CONSENT,
    CONTACT,
    CONVERSATION,
    COORDINATOR,
    FOLLOW_UP,
    INBOX,
    OUTBOX,
    PARTICIPANT,
    PROGRAM,
    REMARK,
    TIMER,
    AddressStatus,
    ContactAction,
    ConversationStatus,
    OutboxKind,
    OutboxStatus,
    ParticipantStatus,
)


class StoryTopic(StrEnum):
    """What a line of a participant's story is about."""

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
    """A line of a participant's story: what happened, or is due. `reason` is a code (words: `bot.team.reasons`).

    `what` is English; `phrase` and `fields` say the same in codes, for those who read it in another language.
    """

    at: datetime
    strand: StoryTopic
    what: str
    reason: str | None = None
    due_at: datetime | None = None
    phrase: str = field(default="", kw_only=True)
    fields: Mapping[str, str | int] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Story:
    """Why a participant was, or was not, written to: what happened, and what is still to come."""

    id: int
    code: str
    role: Role
    status: ParticipantStatus
    lines: tuple[StoryLine, ...]
    to_come: tuple[StoryLine, ...]


def latest_moment(connection: Connection) -> datetime | None:
    """Return when anything happened last: a message in or out, a turn, a contact; None in a new database."""
    moments = [
        connection.scalar(sa.select(sa.func.max(column)))
        for column in (INBOX.c.received_at, CONVERSATION.c.last_turn_at, CONTACT.c.at, OUTBOX.c.sent_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class PutAsideEntry:
    """A message, or a timer, that could not be acted on: `error` is a type and a place, no words.

    `code` is the participant's; None where the message was a stranger's.
    """

    at: datetime
    code: str | None
    error: str


_TIMER_FAILED = sa.text("timer.reason >= 'failed: ' AND timer.reason < 'failed:!'")
"""That a timer's reason begins with `failed: `; word for word the condition of the partial index."""


def list_put_aside(connection: Connection, *, since: datetime) -> tuple[PutAsideEntry, ...]:
    """Return the messages and timers that failed and were put aside since then, the latest first.

    Somebody waits for an answer to each.
    """
    messages = (
        sa.select(INBOX.c.received_at, PARTICIPANT.c.code, INBOX.c.error)
        .join(ADDRESS, ADDRESS.c.id == INBOX.c.address_id)
        .outerjoin(PARTICIPANT, PARTICIPANT.c.id == ADDRESS.c.participant_id)
        .where(INBOX.c.error.is_not(None), INBOX.c.received_at >= since)
    )
    timers = (
        sa.select(TIMER.c.done_at, PARTICIPANT.c.code, TIMER.c.reason)
        .join(PARTICIPANT, PARTICIPANT.c.id == TIMER.c.participant_id)
        .where(_TIMER_FAILED, TIMER.c.done_at >= since)
    )
    found = [PutAsideEntry(*row) for query in (messages, timers) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def time_zones(connection: Connection) -> tuple[str, ...]:
    """Return the names of the time zones that participants and coordinators are in, in their order."""
    known = sa.union(sa.select(PARTICIPANT.c.timezone), sa.select(COORDINATOR.c.timezone)).subquery()
    query = sa.select(known.c.timezone).where(known.c.timezone.is_not(None)).order_by(known.c.timezone)
    return tuple(connection.scalars(query))


def has_put_aside_message(connection: Connection, *, address_id: int, since: datetime) -> bool:
    """Return whether a message from this address, or another of its participant, was put aside since then."""
    here = sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.id == address_id).scalar_subquery()
    theirs = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == here)
    found = sa.exists().where(
        INBOX.c.address_id.in_(theirs) | (INBOX.c.address_id == address_id),
        INBOX.c.error.is_not(None),
        INBOX.c.handled_at >= since,
    )
    return connection.scalar(sa.select(found)) is True


def participant_id(connection: Connection, code: str) -> int | None:
    """Return the number of the participant with a code, whichever way it is capitalised; None if there is none."""
    query = sa.select(PARTICIPANT.c.id).where(PARTICIPANT.c.code == code.strip().upper())
    found: int | None = connection.scalar(query)
    return found


def participant_story(
    connection: Connection,
    code: str,
    programs: Collection[str] | None = None,
    *,
    now: datetime | None = None,
) -> Story | None:
    """Return what is known of why a participant was, or was not, written to; None if there is no such code.

    What happened comes oldest first, and what is still to come soonest first. With `programs`, by their short names,
    it is what belongs to these. How they are reached, and what was put aside, is told in any case. With `now` it is
    also told when holds end that stand then: what waits goes on by itself.
    """
    query = sa.select(PARTICIPANT).where(PARTICIPANT.c.code == code.strip().upper())
    participant = connection.execute(query).first()
    if participant is None:
        return None
    told = _PersonTold(participant.id, programs)
    past = [
        StoryLine(
            participant.created_at,
            StoryTopic.PERSON,
            f"came in as {participant.role.value}",
            phrase="came_in",
        ),
        *_addresses(connection, participant.id),
        *_consents(connection, told),
        *_conversations(connection, told),
        *_remarks(connection, told),
        *_messages(connection, told),
        *_contacts(connection, told),
        *_waves(connection, told),
        *_errors(connection, told),
    ]
    return Story(
        id=participant.id,
        code=participant.code,
        role=participant.role,
        status=participant.status,
        lines=tuple(sorted(past, key=lambda line: line.at)),
        to_come=tuple(
            sorted([*_holds(participant, now), *_timers(connection, told)], key=lambda line: line.at)
        ),
    )


@dataclass(frozen=True, slots=True)
class _PersonTold:
    """Of whom a story tells, by their number, and of which programs, by their short names; None for all."""

    participant: int
    programs: Collection[str] | None

    def of_program(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Return the condition that a row, by its program's number, is told of."""
        if self.programs is None:
            return sa.true()
        return column.in_(sa.select(PROGRAM.c.id).where(PROGRAM.c.slug.in_(self.programs)))

    def of_conversation(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Return the condition that a row, by its conversation's number, is told of."""
        if self.programs is None:
            return sa.true()
        theirs = CONVERSATION.c.participant_id == self.participant
        return column.in_(
            sa.select(CONVERSATION.c.id).where(theirs, self.of_program(CONVERSATION.c.program_id))
        )

    def of_either(
        self, conversation: sa.ColumnElement[Any], follow_up: sa.ColumnElement[Any]
    ) -> sa.ColumnElement[bool]:
        """Return the condition that a row, by its conversation's number or its wave's, is told of."""
        if self.programs is None:
            return sa.true()
        theirs = FOLLOW_UP.c.participant_id == self.participant
        waves = sa.select(FOLLOW_UP.c.id).where(theirs, self.of_program(FOLLOW_UP.c.program_id))
        return self.of_conversation(conversation) | follow_up.in_(waves)


def _rows(connection: Connection, table: sa.Table, *conditions: Any) -> sa.CursorResult[Any]:
    """Return the rows of a table that meet some conditions, in order."""
    return connection.execute(sa.select(table).where(*conditions).order_by(after_finding(table.c.id)))


def _addresses(connection: Connection, participant: int) -> Iterator[StoryLine]:
    """Yield a line per address: reached, or why not."""
    for row in _rows(connection, ADDRESS, ADDRESS.c.participant_id == participant):
        if row.status is not AddressStatus.ACTIVE:
            what, phrase = f"{row.channel} address is {row.status.value}", "not_reached"
        else:
            what, phrase = f"reached over {row.channel}", "reached"
        fields = {"channel": row.channel.capitalize()}
        yield StoryLine(row.created_at, StoryTopic.PERSON, what, row.reason, phrase=phrase, fields=fields)


def _consents(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per decision on consent."""
    here = told.of_program(CONSENT.c.program_id)
    for row in _rows(connection, CONSENT, CONSENT.c.participant_id == told.participant, here):
        decision = "given" if row.granted else "refused"
        phrase, fields = "agreed" if row.granted else "refused", {"purpose": row.purpose.value}
        what = f"consent to {row.purpose.value} {decision}"
        yield StoryLine(row.decided_at, StoryTopic.CONSENT, what, phrase=phrase, fields=fields)


def _conversations(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield when each conversation began, and how it ended or stands; one whose first words wait has not begun."""
    here = told.of_program(CONVERSATION.c.program_id)
    for row in _rows(connection, CONVERSATION, CONVERSATION.c.participant_id == told.participant, here):
        name = f"talk {row.id} ({row.flow})"
        fields = {"number": str(row.id), "flow": row.flow}
        if row.status is not ConversationStatus.WAITING:
            yield StoryLine(
                row.started_at, StoryTopic.CONVERSATION, f"{name} began", phrase="began", fields=fields
            )
        if row.ended_at is not None:
            outcome = row.outcome.value if row.outcome else None
            yield StoryLine(
                row.ended_at, StoryTopic.CONVERSATION, f"{name} ended", outcome, phrase="ended", fields=fields
            )
        else:
            what = f"{name} is {row.status.value} after {row.turns} turns"
            yield StoryLine(
                row.last_turn_at, StoryTopic.CONVERSATION, what, phrase=row.status.value, fields=fields
            )


def _remarks(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per remark, without its words; an edit is no remark of its own."""
    theirs = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.participant_id == told.participant, told.of_program(CONVERSATION.c.program_id)
    )
    stands = REMARK.c.superseded_at.is_(None) | REMARK.c.taken_as.is_not(None)
    for row in _rows(connection, REMARK, REMARK.c.conversation_id.in_(theirs), stands):
        what = f"remark r{row.id} in talk {row.conversation_id}"
        fields = {"number": str(row.conversation_id)}
        yield StoryLine(row.said_at, StoryTopic.CONVERSATION, what, phrase="remarked", fields=fields)


def _messages(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per message that went out, waits or failed."""
    mine = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == told.participant)
    for row in _rows(
        connection,
        OUTBOX,
        OUTBOX.c.address_id.in_(mine),
        told.of_conversation(OUTBOX.c.conversation_id),
        OUTBOX.c.kind.in_((OutboxKind.MESSAGE, OutboxKind.HELP)),
    ):
        what = f"message {row.id} {row.status.value}"
        if row.possibly_duplicate:
            what += ", possibly twice"
        if row.attempts > 1:
            what += f", {row.attempts} attempts"
        twice = row.possibly_duplicate and row.status is OutboxStatus.SENT
        yield StoryLine(
            row.sent_at or row.created_at,
            StoryTopic.MESSAGE,
            what,
            row.reason,
            put_off_until(row.created_at, row.not_before) if row.status in _UNSENT else None,
            phrase="twice" if twice else row.status.value,
            fields={"number": str(row.id)},
        )


_UNSENT = (OutboxStatus.QUEUED, OutboxStatus.SENDING)
_ACTIONS = {
    ContactAction.QUEUED: "queued",
    ContactAction.SENT: "sent",
    ContactAction.DEFERRED: "put off",
    ContactAction.NOT_SENT: "not sent",
}
_ACTION_PHRASES = {
    ContactAction.QUEUED: "waits",
    ContactAction.SENT: "done",
    ContactAction.DEFERRED: "deferred",
    ContactAction.NOT_SENT: "not_sent",
}


def _contacts(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per contact of our own accord that was sent, deferred or not sent."""
    here = told.of_either(CONTACT.c.conversation_id, CONTACT.c.follow_up_id)
    for row in _rows(connection, CONTACT, CONTACT.c.participant_id == told.participant, here):
        kind = row.timer_kind.value if row.timer_kind is not None else "message"
        what, phrase = f"{kind} {_ACTIONS[row.action]}", _ACTION_PHRASES[row.action]
        yield StoryLine(
            row.at,
            StoryTopic.CONTACT,
            what,
            row.reason,
            row.new_due_at,
            phrase=phrase,
            fields={"what": kind},
        )


def _waves(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield when each wave was asked, answered and closed."""
    here = told.of_program(FOLLOW_UP.c.program_id)
    for row in _rows(connection, FOLLOW_UP, FOLLOW_UP.c.participant_id == told.participant, here):
        name = f"{row.wave_days}-day wave of commitment {row.commitment_id}"
        fields = {"days": row.wave_days}
        if row.sent_at is not None:
            yield StoryLine(row.sent_at, StoryTopic.WAVE, f"{name} asked", phrase="asked", fields=fields)
        if row.answered_at is not None:
            yield StoryLine(
                row.answered_at, StoryTopic.WAVE, f"{name} answered", phrase="answered", fields=fields
            )
        if row.closed_at is not None:
            what = f"{name} closed: {row.status.value}"
            yield StoryLine(row.closed_at, StoryTopic.WAVE, what, row.reason, phrase="closed", fields=fields)


def _errors(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per inbox row that was put aside: of which program nobody knows, but somebody waits."""
    mine = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == told.participant)
    for row in _rows(connection, INBOX, INBOX.c.address_id.in_(mine), INBOX.c.error.is_not(None)):
        yield StoryLine(
            row.received_at, StoryTopic.ERROR, f"inbox row {row.id} put aside", row.error, phrase="aside"
        )


def _holds(participant: sa.Row[Any], now: datetime | None) -> Iterator[StoryLine]:
    """Yield when the holds on a participant end that stand at `now`: theirs, and that of the team."""
    ends = (
        (participant.hold_until, ContactReason.ON_HOLD),
        (participant.team_hold_until, ContactReason.TEAM_HOLD),
    )
    for until, reason in ends:
        if now is not None and until is not None and until > now:
            what = "what waits goes on by itself"
            yield StoryLine(until, StoryTopic.CONTACT, what, reason.value, phrase="hold_ends")


def _timers(connection: Connection, told: _PersonTold) -> Iterator[StoryLine]:
    """Yield a line per timer that is not done, the next one first."""
    query = (
        sa.select(TIMER, FOLLOW_UP.c.wave_days)
        .outerjoin(FOLLOW_UP, FOLLOW_UP.c.id == TIMER.c.follow_up_id)
        .where(TIMER.c.participant_id == told.participant, TIMER.c.done_at.is_(None))
        .where(told.of_either(TIMER.c.conversation_id, TIMER.c.follow_up_id))
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    for row in connection.execute(query):
        what = row.kind.value if row.wave_days is None else f"{row.kind.value} ({row.wave_days} days)"
        fields = {"what": row.kind.value}
        yield StoryLine(row.due_at, StoryTopic.TIMER, what, row.reason, phrase="to_come", fields=fields)
