"""Keep the first words of a conversation that we begin, and reminders, from their queueing to their hand-over.

A conversation whose opener waits has not begun: it is `WAITING`, though its start was played, and its timers are put
off as `queued`. So it can be taken back whole, as if it had never been, and all that follows counts from the hand-over.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log, outbox, outbox_order
from storage.conversations.conversations import load_conversation, unfinished_conversations
from storage.database import audit
from storage.database.audit import AuditEntry
from storage.database.statements import BulkWrite, Row, TupleQuery, among, numbers
from storage.follow_up import due_waves, follow_ons, timers
from storage.follow_up.timers import COLUMNS, DueTimer, WaveConversation
from storage.programs import programs
from storage.schema import (
    ADDRESS,
    CONTACT,
    CONVERSATION,
    FOLLOW_UP,
    OUTBOX,
    PARTICIPANT,
    TIMER,
    AuditKind,
    ContactAction,
    ConversationStatus,
    Lane,
    OutboxStatus,
    TimerKind,
)

DECIDED_ANEW_AFTER = timedelta(hours=1)
"""What could not be handed over for so long is taken back, and decided on as if it were due now."""
OPENERS = (TimerKind.WAVE, TimerKind.FOLLOW_ON)
"""What begins a conversation."""
_NOW = sa.bindparam("now", type_=TIMER.c.due_at.type)
_PLANNED = sa.select(FOLLOW_UP.c.due_at).where(FOLLOW_UP.c.id == TIMER.c.follow_up_id).scalar_subquery()
AS_PLANNED = sa.func.min(_NOW, sa.func.coalesce(_PLANNED, _NOW), type_=TIMER.c.due_at.type)
"""When a timer was due first, `now` at the latest: a wave as it was planned, all else now."""
_DUE_AS_PLANNED = BulkWrite(
    TIMER.update().where(TIMER.c.id == sa.bindparam("timer")).values(due_at=AS_PLANNED, reason=sa.null()),
    (),
)
_IS_QUEUED = sa.text("contact.action = 'queued'")
"""Word for word the condition of the partial index, which a bound parameter would not use."""


@dataclass(frozen=True, slots=True)
class QueuedContact:
    """Hold a contact of our own accord that is queued, and has not been handed over to the platform yet."""

    id: int
    participant_id: int
    conversation_id: int
    kind: TimerKind
    at: datetime
    """When it was queued."""

    @property
    def opens(self) -> bool:
        """Whether it begins a conversation; a reminder does not."""
        return self.kind in OPENERS


class QueuedRow(NamedTuple):
    """Hold an outbox row of a conversation with a queued contact."""

    conversation_id: int
    lane: Lane
    is_astray: bool
    """Whether its conversation goes on at another address by now."""
    created_at: datetime
    """When it was queued: a reminder at the moment of its contact, and what answers its participant at another."""


class QueuedWave(NamedTuple):
    """Hold what says whether the first words of a wave that is queued may go at an hour."""

    conversation_id: int
    program_id: int
    timezone: str | None
    """The participant's; None for the program's."""


def queued_in(connection: Connection, conversation_ids: Collection[int]) -> list[QueuedContact]:
    """Return the contacts that are queued in these conversations."""
    if not conversation_ids:
        return []
    return [QueuedContact(*row) for row in _QUEUED.run(connection, conversations=numbers(conversation_ids))]


def waiting_of(connection: Connection, participant_id: int) -> QueuedContact | None:
    """Return the queued contact that is to begin a conversation with a participant; None if none is."""
    found = [QueuedContact(*row) for row in _QUEUED_OF.run(connection, participant=participant_id)]
    return next((one for one in found if one.opens), None)


def queued_waves(connection: Connection) -> list[QueuedWave]:
    """Return the waves whose first words are queued: a minute of sending at most."""
    return [QueuedWave(*row) for row in _QUEUED_WAVES.run(connection)]


def timers_of(connection: Connection, contact: QueuedContact) -> tuple[DueTimer, ...]:
    """Return the timers whose contact is queued: they are ended when it is handed over."""
    rows = _TIMERS[contact.kind].run(connection, participant=contact.participant_id)
    found = tuple(DueTimer(*row) for row in rows)
    if contact.kind is TimerKind.WAVE:
        return found
    if contact.kind is TimerKind.FOLLOW_ON:
        flow = load_conversation(connection, contact.conversation_id).flow
        return tuple(one for one in found if one.flow == flow)
    return tuple(one for one in found if one.conversation_id == contact.conversation_id)


def rows_of_queued(connection: Connection, outbox_ids: Collection[int]) -> dict[int, QueuedRow]:
    """Return those of these outbox rows whose conversation has a queued contact, by their numbers."""
    return {number: QueuedRow(*row) for number, *row in _ROWS.run(connection, rows=numbers(outbox_ids))}


def begin(connection: Connection, contact: QueuedContact, now: datetime) -> None:
    """Open the conversation whose opener is about to be sent; what is open and gives way to a wave ends."""
    if not contact.opens:
        return
    opened = connection.execute(
        CONVERSATION.update()
        .where(
            CONVERSATION.c.id == contact.conversation_id,
            CONVERSATION.c.status == ConversationStatus.WAITING,
        )
        .values(status=ConversationStatus.OPEN, started_at=now, last_turn_at=now)
    )
    if opened.rowcount and contact.kind is TimerKind.WAVE:
        for other in unfinished_conversations(connection, contact.participant_id):
            if other.id != contact.conversation_id:
                due_waves.end(connection, other, ContactReason.LATER_WAVE_DUE, now=now)


def wait_again(connection: Connection, conversation_ids: Collection[int]) -> None:
    """Let conversations wait again whose opener could not be sent, unless their participant has written in them."""
    for contact in queued_in(connection, conversation_ids):
        if contact.opens:
            connection.execute(
                CONVERSATION.update()
                .where(
                    CONVERSATION.c.id == contact.conversation_id,
                    CONVERSATION.c.status == ConversationStatus.OPEN,
                    CONVERSATION.c.turns <= 1,
                )
                .values(status=ConversationStatus.WAITING)
            )


def handed_over(
    connection: Connection,
    conversations: Collection[int] | Mapping[int, datetime],
    now: datetime,
    not_sent: ContactReason | None = None,
) -> None:
    """Say of the contacts that are queued in these conversations that they were sent now.

    A mapping says when what was sent in each had been queued: a reminder that was queued later waits still.

    All that follows (reminders, the close of a wave, the end) counts from now. `not_sent` is why they were not sent
    for good, such as the platform's refusal; None where they were. Their conversations go on as if they had been sent.
    """
    for contact in queued_in(connection, conversations):
        sent = conversations if isinstance(conversations, Mapping) and not contact.opens else {}
        if sent.get(contact.conversation_id, contact.at) < contact.at:
            continue
        values: dict[str, object] = {"action": ContactAction.SENT, "at": now}
        if not_sent is not None:
            values |= {"action": ContactAction.NOT_SENT, "reason": not_sent}
        connection.execute(CONTACT.update().where(CONTACT.c.id == contact.id).values(values))
        begin(connection, contact, now)
        due = timers_of(connection, contact)
        match contact.kind:
            case TimerKind.WAVE:
                _began(connection, contact, now)
                _wave_sent(connection, contact, due, now)
            case TimerKind.FOLLOW_ON:
                _began(connection, contact, now)
                conversation = load_conversation(connection, contact.conversation_id)
                if not conversation.ended:
                    timers.conversations_started(connection, [conversation], now=now)
            case TimerKind.WAVE_REMINDER:
                due_waves.count_reminder(connection, contact.conversation_id, contact.participant_id)
            case _:
                pass
        if contact.kind is TimerKind.INTERVIEW_REMINDER:
            _reminded(connection, contact, due, now)
        else:
            for one in due:
                timers.finish(connection, one.id, ContactReason.DUE, now=now)


def _began(connection: Connection, contact: QueuedContact, now: datetime) -> None:
    """Write into the audit trail that a conversation began, and set what follows if it is left unfinished."""
    conversation = load_conversation(connection, contact.conversation_id)
    began = {
        "conversation": conversation.id,
        "flow": conversation.flow,
        "version": conversation.flow_hash,
    }
    audit.append(connection, [AuditEntry(now, AuditKind.TALK_BEGAN, contact.participant_id, began)])
    if not conversation.ended:
        follow_ons.conversation_began(connection, conversation, now)


def _wave_sent(
    connection: Connection, contact: QueuedContact, due: Sequence[DueTimer], now: datetime
) -> None:
    conversation = load_conversation(connection, contact.conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    own = follow_ons.earlier(connection, conversation.id).timezone
    zone = local_time.known_zone(own, program.timezone)
    begun = WaveConversation(conversation.id, contact.participant_id, program.schedule, zone, now)
    due_waves.mark_sent(connection, [one.follow_up_id for one in due if one.follow_up_id is not None], begun)
    if conversation.ended:  # it was answered to its end before anybody knew that it had arrived
        timers.conversation_ended(
            connection, conversation_id=conversation.id, participant_id=contact.participant_id, now=now
        )


def _reminded(connection: Connection, contact: QueuedContact, due: Iterable[DueTimer], now: datetime) -> None:
    """Set the timer of the next reminder of this silence."""
    program_id = load_conversation(connection, contact.conversation_id).program_id
    hours = programs.program_file(connection, program_id).schedule.interview_reminder_hours
    for one in due:
        timers.put_off(connection, one.id, now + timedelta(hours=min(hours, default=24)), None)


def rows_again(connection: Connection, conversation_id: int) -> list[Row]:
    """Take the messages of an opener out of the outbox; return them as rows to be queued anew, in their order."""
    gone = (
        OUTBOX.delete()
        .where(OUTBOX.c.conversation_id == conversation_id, OUTBOX.c.status == OutboxStatus.QUEUED)
        .returning(
            OUTBOX.c.id,
            OUTBOX.c.address_id,
            OUTBOX.c.conversation_id,
            OUTBOX.c.kind,
            OUTBOX.c.ask,
            OUTBOX.c.payload,
        )
    )
    rows = sorted(connection.execute(gone).mappings(), key=itemgetter("id"))
    outbox_order.move_up(connection, {row["address_id"] for row in rows})
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def put_off(connection: Connection, outbox_ids: Collection[int], until: datetime) -> None:
    """Put off messages that may have been delivered already and may not be sent now."""
    connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.id.in_(outbox_ids), OUTBOX.c.status == OutboxStatus.QUEUED)
        .values(not_before=until)
    )


def due_as_planned(connection: Connection, timer_ids: Iterable[int], now: datetime) -> None:
    """Have timers be due now that were put off, each at its place: a wave as of when it was planned."""
    _DUE_AS_PLANNED.run(connection, [{"timer": number, "now": now} for number in timer_ids])


def take_back(connection: Connection, contact: QueuedContact, now: datetime) -> bool:
    """Take back a queued contact whole: it is decided on again, as if it had never been queued and were due still.

    Return False, and change nothing, where a message of an opener may have gone out, or its participant has written.
    """
    queued = OUTBOX.c.conversation_id == contact.conversation_id
    if contact.opens:
        begun = OUTBOX.c.status.in_((OutboxStatus.SENDING, OutboxStatus.SENT)) | OUTBOX.c.possibly_duplicate
        written = sa.select(CONVERSATION.c.id).where(CONVERSATION.c.id == contact.conversation_id)
        written = written.where(CONVERSATION.c.turns > 1)
        if connection.scalar(sa.select(OUTBOX.c.id).where(queued, begun).union_all(written).limit(1)):
            return False
    else:
        promoted = (OUTBOX.c.lane == Lane.REPLY) & (OUTBOX.c.created_at == contact.at)
        queued &= sa.or_(OUTBOX.c.lane == Lane.REMINDER, promoted)
        queued &= OUTBOX.c.status == OutboxStatus.QUEUED
    left = connection.scalars(OUTBOX.delete().where(queued).returning(OUTBOX.c.address_id)).all()
    outbox_order.move_up(connection, set(left))
    connection.execute(CONTACT.delete().where(CONTACT.c.id == contact.id))
    due = timers_of(connection, contact)
    due_as_planned(connection, [timer.id for timer in due], now)
    for timer in due:
        if contact.kind is TimerKind.FOLLOW_ON and timer.conversation_id is not None:
            _drop_question_asked_with(connection, timer.conversation_id)
    if contact.opens:
        connection.execute(TIMER.delete().where(TIMER.c.conversation_id == contact.conversation_id))
        connection.execute(CONVERSATION.delete().where(CONVERSATION.c.id == contact.conversation_id))
    return True


def decide_later(connection: Connection, contact: QueuedContact, timer: DueTimer, now: datetime) -> None:
    """Put off the timer of an opener that could not be taken back.

    Where nothing of it is left to be sent, nothing else would say what became of it: it counts as handed over now, as
    not sent for good where no message of it is known to have arrived.
    """
    theirs = OUTBOX.c.conversation_id == contact.conversation_id
    statuses = set(connection.scalars(sa.select(OUTBOX.c.status).where(theirs)))
    if statuses & {OutboxStatus.QUEUED, OutboxStatus.SENDING}:
        timers.put_off(connection, timer.id, now + DECIDED_ANEW_AFTER, timer.reason)
        return
    is_sent = OutboxStatus.SENT in statuses
    handed_over(connection, [contact.conversation_id], now, None if is_sent else ContactReason.FAILED)


def _drop_question_asked_with(connection: Connection, conversation_id: int) -> None:
    """Delete the open question of a conversation that was to be put again with a follow-on about it."""
    asked = OUTBOX.delete().where(
        OUTBOX.c.conversation_id == conversation_id,
        OUTBOX.c.lane == Lane.REMINDER,
        OUTBOX.c.status == OutboxStatus.QUEUED,
    )
    left = connection.scalars(asked.returning(OUTBOX.c.address_id)).all()
    outbox_order.move_up(connection, set(left))


def make_way(connection: Connection, address_ids: Collection[int], now: datetime) -> None:
    """
    Drop what waits of our own accord at addresses where help for somebody at risk is about to be queued, and tell it.

    Each contact is logged as not sent. What was queued is taken back, so that it is decided on again: it comes when the
    hold on the person is over. An opener that may have been seen is not sent again, and its conversation goes on.
    """
    rows = _IN_THE_WAY.run(connection, addresses=numbers(address_ids))
    dropped = {(participant_id, conversation_id): None for _, participant_id, conversation_id in rows}
    outbox.drop_rows(connection, [row[0] for row in rows], ContactReason.CRISIS_HELP)
    queued = queued_in(connection, {one for _, one in dropped if one is not None})
    for contact in queued:
        dropped.pop((contact.participant_id, contact.conversation_id), None)
        if not take_back(connection, contact, now):
            handed_over(connection, [contact.conversation_id], now, ContactReason.CRISIS_HELP)
            continue
        still_there = None if contact.opens else contact.conversation_id
        _tell_dropped(connection, contact.participant_id, still_there, now, contact.kind)
    for participant_id, conversation_id in dropped:
        if participant_id is not None:
            _tell_dropped(connection, participant_id, conversation_id, now)


def _tell_dropped(
    connection: Connection,
    participant_id: int,
    conversation_id: int | None,
    now: datetime,
    kind: TimerKind | None = None,
) -> None:
    """Log that something of our own accord was not sent, since help for somebody at risk went in its place."""
    contact_log.record(
        connection,
        contact_log.ContactEntry(
            participant_id=participant_id,
            action=ContactAction.NOT_SENT,
            reason=ContactReason.CRISIS_HELP,
            at=now,
            timer_kind=kind,
            conversation_id=conversation_id,
        ),
    )


_FIELDS = (
    CONTACT.c.id,
    CONTACT.c.participant_id,
    CONTACT.c.conversation_id,
    CONTACT.c.timer_kind,
    CONTACT.c.at,
)
_QUEUED = TupleQuery(sa.select(*_FIELDS).where(_IS_QUEUED, among(CONTACT.c.conversation_id, "conversations")))
_QUEUED_OF = TupleQuery(
    sa.select(*_FIELDS).where(_IS_QUEUED, CONTACT.c.participant_id == sa.bindparam("participant"))
)
_TIMERS = {
    kind: TupleQuery(
        sa.select(*COLUMNS)
        .where(
            TIMER.c.participant_id == sa.bindparam("participant"),
            TIMER.c.done_at.is_(None),
            TIMER.c.kind == kind,
            TIMER.c.reason == ContactReason.QUEUED.value,
        )
        .order_by(TIMER.c.id)
    )
    for kind in TimerKind
}
_OPENS = sa.exists().where(
    CONTACT.c.conversation_id == OUTBOX.c.conversation_id,
    _IS_QUEUED,
    CONTACT.c.timer_kind.in_(OPENERS),
)
"""Holds of what an opener says, also where it was to answer its participant."""
_IN_THE_WAY = TupleQuery(
    sa.select(OUTBOX.c.id, ADDRESS.c.participant_id, OUTBOX.c.conversation_id)
    .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
    .where(
        among(OUTBOX.c.address_id, "addresses"),
        outbox_order.UNSENT,
        OUTBOX.c.status == OutboxStatus.QUEUED,
        sa.or_(outbox_order.IN_THE_WAY, _OPENS),
    )
    .order_by(OUTBOX.c.id)
)
_QUEUED_WAVES = TupleQuery(
    sa.select(CONVERSATION.c.id, CONVERSATION.c.program_id, PARTICIPANT.c.timezone)
    .select_from(CONTACT)
    .join(CONVERSATION, CONVERSATION.c.id == CONTACT.c.conversation_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONTACT.c.participant_id)
    .where(_IS_QUEUED, CONTACT.c.conversation_id > 0, CONTACT.c.timer_kind == TimerKind.WAVE)
    .order_by(CONTACT.c.conversation_id)
)
"""That the number is above 0 is true of every row: said so that the index of what is queued is used."""
_ROWS = TupleQuery(
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.conversation_id,
        OUTBOX.c.lane,
        OUTBOX.c.address_id != CONVERSATION.c.address_id,
        OUTBOX.c.created_at,
    )
    .join(CONTACT, CONTACT.c.conversation_id == OUTBOX.c.conversation_id)
    .join(CONVERSATION, CONVERSATION.c.id == OUTBOX.c.conversation_id)
    .where(among(OUTBOX.c.id, "rows"), _IS_QUEUED)
)
