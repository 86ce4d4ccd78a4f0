"""Keep the waves of follow-up: made by a program's settings, answered by the participant, closed by time or a stop.

What happened is kept beside what was planned: a wave that closed without an answer stays `no_response`
when the answer comes late, and the answer carries its real date.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, Outcome, RecordImplementation, ReviseCommitment
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Purpose
from storage.conversations import contact_log, kept_changes, outbox
from storage.conversations.conversations import UNFINISHED
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import TupleQuery, among, numbers
from storage.follow_up import commitments, cosignatures, starts, timers
from storage.programs import consents, programs
from storage.redaction import WORDS_CHANGED
from storage.schema import (
    ANSWER,
    BARRIER,
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PARTICIPANT,
    TIMER,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    JournalKind,
    ParticipantStatus,
    TimerKind,
)

UNCLOSED = (FollowUpStatus.SCHEDULED, FollowUpStatus.SENT)
_CONVERSATION = (
    sa.select(CONVERSATION.c.participant_id, CONVERSATION.c.program_id, PARTICIPANT.c.timezone)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.id == sa.bindparam("conversation"))
)
_MADE_IN = (
    sa.select(COMMITMENT.c.id, COMMITMENT.c.made_at)
    .where(COMMITMENT.c.conversation_id == sa.bindparam("conversation"))
    .order_by(COMMITMENT.c.id)
)
_MADE_IN_BY = TupleQuery(
    sa.select(COMMITMENT.c.participant_id, COMMITMENT.c.program_id, CONVERSATION.c.flow)
    .join(CONVERSATION, CONVERSATION.c.id == COMMITMENT.c.conversation_id)
    .where(among(COMMITMENT.c.participant_id, "people"))
)
_DAYS_THERE = sa.select(FOLLOW_UP.c.wave_days).where(FOLLOW_UP.c.commitment_id == sa.bindparam("commitment"))
_MAKE_WAVE = FOLLOW_UP.insert().returning(FOLLOW_UP.c.id)
_CLOSED_AT = sa.select(FOLLOW_UP.c.closed_at).where(FOLLOW_UP.c.id == sa.bindparam("follow_up"))
_ANSWERED = (
    FOLLOW_UP.update()
    .where(FOLLOW_UP.c.id == sa.bindparam("follow_up"))
    .values(
        answered_at=sa.func.coalesce(
            FOLLOW_UP.c.answered_at, sa.bindparam("now", type_=FOLLOW_UP.c.answered_at.type)
        ),
        status=sa.case(
            (
                FOLLOW_UP.c.status.in_(UNCLOSED),
                sa.literal(FollowUpStatus.ANSWERED, FOLLOW_UP.c.status.type),
            ),
            else_=FOLLOW_UP.c.status,
        ),
    )
)
_REPORTED = sa.select(IMPLEMENTATION.c.id, IMPLEMENTATION.c.details).where(
    IMPLEMENTATION.c.follow_up_id == sa.bindparam("follow_up")
)
_REPORT = IMPLEMENTATION.insert().returning(IMPLEMENTATION.c.id)
_NO_BARRIERS = BARRIER.delete().where(BARRIER.c.implementation_id == sa.bindparam("implementation"))
_UNCLOSED_OF_CONVERSATION = FOLLOW_UP.update().where(
    FOLLOW_UP.c.participant_id == sa.bindparam("participant"),
    FOLLOW_UP.c.conversation_id == sa.bindparam("conversation"),
    FOLLOW_UP.c.status.in_(UNCLOSED),
)
_IN_WORDS = (
    sa.select(sa.func.max(ANSWER.c.answered_at))
    .where(
        ANSWER.c.conversation_id == sa.bindparam("conversation"),
        ANSWER.c.item == sa.cast(FOLLOW_UP.c.commitment_id, sa.String),
        ANSWER.c.status == AnswerStatus.UNPARSED,
        ANSWER.c.superseded_at.is_(None),
    )
    .scalar_subquery()
)
_CLOSE_IN_WORDS = _UNCLOSED_OF_CONVERSATION.where(_IN_WORDS.is_not(None)).values(
    status=FollowUpStatus.ANSWERED, answered_at=_IN_WORDS
)
_CLOSE_UNANSWERED = _UNCLOSED_OF_CONVERSATION.values(
    status=FollowUpStatus.NO_RESPONSE, reason=sa.bindparam("why"), closed_at=sa.bindparam("now")
)
_OPTED_OUT = (
    sa.select(FOLLOW_UP.c.id, FOLLOW_UP.c.due_at, PARTICIPANT.c.timezone)
    .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == FOLLOW_UP.c.participant_id)
    .outerjoin(CONVERSATION, CONVERSATION.c.id == FOLLOW_UP.c.conversation_id)
    .where(
        FOLLOW_UP.c.participant_id == sa.bindparam("participant"),
        FOLLOW_UP.c.program_id == sa.bindparam("program"),
        FOLLOW_UP.c.status == FollowUpStatus.OPTED_OUT,
        FOLLOW_UP.c.reason == ContactReason.NO_CONSENT,
        FOLLOW_UP.c.answered_at.is_(None),
        COMMITMENT.c.statement != "",
        CONVERSATION.c.id.is_(None) | (CONVERSATION.c.status == ConversationStatus.ENDED),
    )
    .order_by(FOLLOW_UP.c.id)
)
_BARRIERS = "barriers"
_COLUMNS = frozenset({"status", _BARRIERS})
"""The fields of a report that have a place of their own; all others are its details."""
_NO_BARRIER = "none"
_START = "start_on"


def schedule_waves(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """
    Make the follow-ups of a conversation's commitments, one for each wave of the program, with their timers.

    A commitment that starts late gets one more. Those that are made already are left alone. Without consent to be
    contacted again none is made, and the contact log says why.
    """
    conversation = connection.execute(_CONVERSATION, {"conversation": conversation_id}).one()
    if not may_contact_again(connection, conversation.participant_id, conversation.program_id):
        contact_log.record(
            connection,
            contact_log.ContactEntry(
                participant_id=conversation.participant_id,
                conversation_id=conversation_id,
                timer_kind=TimerKind.WAVE,
                action=ContactAction.NOT_SENT,
                reason=ContactReason.NO_CONSENT,
                at=now,
            ),
        )
        return
    program = programs.program_file(connection, conversation.program_id)
    zone = local_time.known_zone(conversation.timezone, program.timezone)
    made = connection.execute(_MADE_IN, {"conversation": conversation_id}).all()
    for commitment in made:
        there = set(connection.scalars(_DAYS_THERE, {"commitment": commitment.id}))
        for days in sorted(set(program.schedule.waves) - there):
            due_at = local_time.wave_due(commitment.made_at, days, program.schedule.window, zone)
            _make_wave(connection, conversation, commitment.id, days, due_at)
        starts.plan_wave_after_start(connection, commitment.id)


def reopen_opted_out(connection: Connection, participant_id: int, program_id: int, *, now: datetime) -> None:
    """Schedule again the follow-ups of a participant that ended for want of a consent, and are not over.

    One is over when its wave would be closed by now, or its commitment's words are erased. One that is due already
    comes at the next hour at which the program writes.
    """
    program = programs.program_file(connection, program_id)
    rows = connection.execute(_OPTED_OUT, {"participant": participant_id, "program": program_id})
    for row in rows.all():
        if row.due_at + timedelta(days=program.schedule.close_after) <= now:
            continue
        zone = local_time.known_zone(row.timezone, program.timezone)
        due_at = max(row.due_at, local_time.next_in_window(now, program.schedule.window, zone))
        schedule_again(connection, row.id, participant_id, due_at)


def schedule_again(connection: Connection, follow_up_id: int, participant_id: int, due_at: datetime) -> None:
    """Plan a follow-up that was closed, as if it had never been sent, with a timer that is due at `due_at`."""
    connection.execute(
        FOLLOW_UP.update()
        .where(FOLLOW_UP.c.id == follow_up_id)
        .values(
            status=FollowUpStatus.SCHEDULED,
            reason=None,
            closed_at=None,
            sent_at=None,
            conversation_id=None,
        )
    )
    timers.arm(
        connection,
        timers.NewTimer(TimerKind.WAVE, participant_id, due_at=due_at, follow_up_id=follow_up_id),
    )


def forget_opted_out(connection: Connection, participant_id: int) -> None:
    """Note that what ended for want of a consent ended for good since the participant stopped: no yes takes it up."""
    connection.execute(
        FOLLOW_UP.update()
        .where(
            FOLLOW_UP.c.participant_id == participant_id,
            FOLLOW_UP.c.status == FollowUpStatus.OPTED_OUT,
            FOLLOW_UP.c.reason == ContactReason.NO_CONSENT,
        )
        .values(reason=ContactReason.WITHDRAWN)
    )
    timers.change_reason(connection, participant_id, of=ContactReason.NO_CONSENT, to=ContactReason.WITHDRAWN)


def schedule_what_was_saved(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Make the follow-ups of the commitments that were saved in a conversation before it expired, if any were.

    Silence under 'another one?' is no reason not to come back to the first.
    """
    if connection.execute(_MADE_IN, {"conversation": conversation_id}).first() is not None:
        schedule_waves(connection, conversation_id=conversation_id, now=now)


def _make_wave(
    connection: Connection,
    conversation: sa.Row[Any, Any, Any],
    commitment_id: int,
    days: int,
    due_at: datetime,
) -> None:
    """Make a follow-up so many days after its commitment, and its timer."""
    participant_id = conversation.participant_id
    row = {
        "commitment_id": commitment_id,
        "participant_id": participant_id,
        "program_id": conversation.program_id,
        "wave_days": days,
        "due_at": due_at,
        "status": FollowUpStatus.SCHEDULED,
        "reminded": 0,
    }
    follow_up_id = connection.execute(_MAKE_WAVE, row).scalar_one()
    timers.arm(
        connection,
        timers.NewTimer(
            TimerKind.WAVE, participant_id=participant_id, follow_up_id=follow_up_id, due_at=due_at
        ),
    )


def may_contact_again(connection: Connection, participant_id: int, program_id: int) -> bool:
    """Return whether the participant may be asked about the commitments that they made in this program."""
    return _agreed(connection, participant_id, program_id, Purpose.CONTACT_AGAIN)


def takes_part(connection: Connection, participant_id: int, program_id: int) -> bool:
    """Return whether the participant agrees to take part, in the flows in which they made their commitments."""
    return _agreed(connection, participant_id, program_id, Purpose.TAKE_PART)


def made_in(connection: Connection, participant_id: int, program_id: int) -> frozenset[str]:
    """Return the names of the flows in which the participant made commitments, in this program."""
    return made_in_by_many(connection, [participant_id]).get((participant_id, program_id), frozenset())


def made_in_by_many(
    connection: Connection, participant_ids: Collection[int]
) -> dict[tuple[int, int], frozenset[str]]:
    """Return the names of the flows in which participants made commitments, by participant and program."""
    found: dict[tuple[int, int], frozenset[str]] = {}
    for participant_id, program_id, flow in _MADE_IN_BY.run(connection, people=numbers(participant_ids)):
        key = participant_id, program_id
        found[key] = found.get(key, frozenset()) | {flow}
    return found


def _agreed(connection: Connection, participant_id: int, program_id: int, purpose: Purpose) -> bool:
    flows = made_in(connection, participant_id, program_id)
    return consents.has_consent(connection, participant_id, program_id, purpose, flows)


def record_implementation(
    connection: Connection, effect: RecordImplementation, *, conversation_id: int, now: datetime
) -> None:
    """Keep what the participant reports about a commitment at a wave; a second report corrects the first.

    Fields that the correction does not name stay as they were. Without a status (the question was skipped)
    nothing is kept: no answer is not a status. `reported_at` is the date of the first report; an answer to a
    closed wave is `late`, and the wave stays `no_response`.
    """
    if effect.fields.get("status") is None:
        return
    closed_at = connection.execute(_CLOSED_AT, {"follow_up": effect.follow_up_id}).scalar_one()
    implementation_id = _put_implementation(
        connection, effect, conversation_id=conversation_id, now=now, late=closed_at is not None
    )
    if _BARRIERS in effect.fields:
        _put_barriers(connection, implementation_id, effect.fields[_BARRIERS] or ())
    connection.execute(_ANSWERED, {"follow_up": effect.follow_up_id, "now": now})
    if effect.fields["status"] == ImplementationStatus.NOT_STARTED_YET:
        starts.plan_wave_after_start(connection, effect.commitment_id)


def _put_implementation(
    connection: Connection, effect: RecordImplementation, *, conversation_id: int, now: datetime, late: bool
) -> int:
    status = ImplementationStatus(effect.fields["status"])
    earlier = connection.execute(_REPORTED, {"follow_up": effect.follow_up_id}).first()
    details = {**(earlier.details if earlier else {}), **effect.fields}
    kept = {name: value for name, value in details.items() if name not in _COLUMNS and value is not None}
    if earlier is not None:
        connection.execute(
            IMPLEMENTATION.update()
            .where(IMPLEMENTATION.c.id == earlier.id)
            .values(status=status, details=kept, **WORDS_CHANGED)
        )
        return int(earlier.id)
    row = {
        "commitment_id": effect.commitment_id,
        "follow_up_id": effect.follow_up_id,
        "conversation_id": conversation_id,
        "status": status,
        "details": kept,
        "reported_at": now,
        "late": late,
    }
    return int(connection.execute(_REPORT, row).scalar_one())


def _put_barriers(connection: Connection, implementation_id: int, codes: Iterable[str]) -> None:
    """Keep the barriers that were met, one row each. 'none' says that there was none, and is not one."""
    connection.execute(_NO_BARRIERS, {"implementation": implementation_id})
    met = dict.fromkeys(code for code in codes if code != _NO_BARRIER)
    if met:
        connection.execute(
            BARRIER.insert(), [{"implementation_id": implementation_id, "code": code} for code in met]
        )


def revise_commitment(connection: Connection, effect: ReviseCommitment, *, now: datetime) -> None:
    """Give a commitment new words, and keep the old ones as a revision.

    Fields that are None stay as they were; those that are '' are emptied. With a new start it gets one wave more, where
    too few follow that day.
    """
    before = connection.execute(sa.select(COMMITMENT).where(COMMITMENT.c.id == effect.commitment_id))
    values = commitments.column_values(effect.fields)
    new = {name: None if value == "" else value for name, value in values.items() if value is not None}
    commitments.change(connection, before.mappings().one(), new, now=now)
    if _START in new:
        starts.plan_wave_after_start(connection, effect.commitment_id)


def withdraw(connection: Connection, *, participant_id: int, now: datetime, is_wish: bool = True) -> None:
    """Withdraw a participant: conversations, timers, follow-ups and queued messages end now, on every channel.

    What is queued after this, in the same transaction, still goes out: the last goodbye. What they submitted is
    taken back from the partners who have not answered to it, and no words are kept for changes of answers.
    Where it is not their wish, no restored backup is told that they stopped.
    """
    if is_wish:
        note(connection, JournalNote(JournalKind.STOP, now, participant_id))
    kept_changes.forget_words(connection, participant_id)
    connection.execute(
        PARTICIPANT.update()
        .where(PARTICIPANT.c.id == participant_id)
        .values(status=ParticipantStatus.WITHDRAWN, hold_until=None, team_hold_until=None)
    )
    connection.execute(
        CONVERSATION.update()
        .where(CONVERSATION.c.participant_id == participant_id, UNFINISHED)
        .values(status=ConversationStatus.ENDED, outcome=Outcome.WITHDRAWN, ended_at=now)
    )
    connection.execute(
        FOLLOW_UP.update()
        .where(FOLLOW_UP.c.participant_id == participant_id, FOLLOW_UP.c.status.in_(UNCLOSED))
        .values(status=FollowUpStatus.OPTED_OUT, reason=ContactReason.WITHDRAWN, closed_at=now)
    )
    ended = timers.finish_of_participant(connection, participant_id, ContactReason.WITHDRAWN, now=now)
    for timer in ended:
        if timer.kind in contact_log.OF_OUR_OWN_ACCORD or timer.kind is TimerKind.RESUME:
            not_sent, why = ContactAction.NOT_SENT, ContactReason.WITHDRAWN
            contact_log.record(connection, contact_log.of_timer(timer, not_sent, why, now))
    outbox.drop_for_participant(connection, participant_id, ContactReason.WITHDRAWN)
    cosignatures.take_back(connection, participant_id, now=now)


def move(
    connection: Connection, *, participant_id: int, from_conversation: int, to_conversation: int
) -> None:
    """Move the follow-ups and the timers of a follow-up conversation to the one that begins it again."""
    asked = FOLLOW_UP.update().where(
        FOLLOW_UP.c.participant_id == participant_id, FOLLOW_UP.c.conversation_id == from_conversation
    )
    connection.execute(asked.values(conversation_id=to_conversation))
    timers.move(
        connection,
        participant_id=participant_id,
        from_conversation=from_conversation,
        to_conversation=to_conversation,
    )


def drop_unconfirmed(connection: Connection, conversation_id: int, *, now: datetime) -> None:
    """Cancel what is planned on commitments of a conversation that its author never confirmed, and began anew."""
    planned = (
        sa.select(FOLLOW_UP.c.id, TIMER.c.id)
        .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
        .join(TIMER, (TIMER.c.follow_up_id == FOLLOW_UP.c.id) & TIMER.c.done_at.is_(None))
        .where(COMMITMENT.c.conversation_id == conversation_id, COMMITMENT.c.confirmed.is_(sa.false()))
        .where(FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED)
    )
    reason = ContactReason.NOTHING_LEFT_TO_ASK
    for follow_up_id, timer_id in connection.execute(planned).all():
        close(connection, [follow_up_id], FollowUpStatus.CANCELLED, reason, now=now)
        timers.finish(connection, timer_id, reason, now=now)


def close(
    connection: Connection,
    follow_up_ids: list[int],
    status: FollowUpStatus,
    reason: ContactReason,
    *,
    now: datetime,
) -> None:
    """Close those of the follow-ups that are still scheduled or sent, with a status and a reason.

    Those that were answered, or closed before, stay as they are.
    """
    connection.execute(
        FOLLOW_UP.update()
        .where(FOLLOW_UP.c.id.in_(follow_up_ids), FOLLOW_UP.c.status.in_(UNCLOSED))
        .values(status=status, reason=reason, closed_at=now)
    )


def close_wave(
    connection: Connection, conversation_id: int, participant_id: int, reason: ContactReason, *, now: datetime
) -> int:
    """Close the follow-ups that a conversation left unanswered as no response; return how many.

    Those that were answered in words that are no status close as answered, without a report.
    """
    which = {"participant": participant_id, "conversation": conversation_id}
    connection.execute(_CLOSE_IN_WORDS, which)
    return connection.execute(_CLOSE_UNANSWERED, {**which, "why": reason, "now": now}).rowcount
