"""Count where conversations break off, what is not understood, how long they take, and what each reminder brings."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, Outcome
from flows.engine.state import ConversationState, decode_state
from storage.export.measures.asked_answers import is_counted, is_of_somebody
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.schema import (
    ANSWER,
    CONTACT,
    CONVERSATION,
    PROGRAM,
    REMARK,
    ContactAction,
    ConversationStatus,
    TimerKind,
)

PAUSE: Final = timedelta(minutes=30)
"""Who lets so much time pass between two answers was away: that time is not counted."""
_REMINDERS: Final = (TimerKind.WAVE_REMINDER, TimerKind.INTERVIEW_REMINDER)
_OPENERS: Final = (TimerKind.WAVE, TimerKind.FOLLOW_ON)
_BROKEN_OFF: Final = frozenset({Outcome.EXPIRED, Outcome.WITHDRAWN})


def _conversations_query() -> sa.Select[Any]:
    """Select each conversation with its state, and whether any answer of it is kept."""
    answered = sa.select(sa.func.count()).where(ANSWER.c.conversation_id == CONVERSATION.c.id)
    return (
        sa.select(
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id.label("person"),
            CONVERSATION.c.flow,
            CONVERSATION.c.status,
            CONVERSATION.c.outcome,
            CONVERSATION.c.state,
            answered.scalar_subquery().label("answers"),
        )
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, CONVERSATION.c.state != "")
    )


def _unread_query() -> sa.Select[Any]:
    """Select the answers that were skipped or could not be read."""
    return (
        sa.select(
            ANSWER.c.conversation_id.label("conversation"),
            CONVERSATION.c.flow,
            ANSWER.c.question_key,
            ANSWER.c.status,
            ANSWER.c.superseded_at,
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            ANSWER.c.status.in_([AnswerStatus.SKIPPED, AnswerStatus.UNPARSED]),
            is_counted(),
        )
    )


def _remarks_query() -> sa.Select[Any]:
    """Select the remarks that stand, with the question that was open."""
    return (
        sa.select(REMARK.c.conversation_id.label("conversation"), CONVERSATION.c.flow, REMARK.c.slot)
        .select_from(REMARK)
        .join(CONVERSATION, CONVERSATION.c.id == REMARK.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            REMARK.c.superseded_at.is_(None),
            REMARK.c.slot != "",
            is_of_somebody(),
        )
    )


def _times_query() -> sa.Select[Any]:
    """Select when each question of a finished conversation was asked and answered, corrected answers too.

    What was answered after the end is left out: a consent that is taken back replaces the answer that gave it.
    """
    return (
        sa.select(
            CONVERSATION.c.id,
            CONVERSATION.c.flow,
            CONVERSATION.c.participant_id.label("person"),
            CONVERSATION.c.started_at,
            CONVERSATION.c.ended_at,
            ANSWER.c.asked_at,
            ANSWER.c.answered_at,
        )
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(ANSWER, ANSWER.c.conversation_id == CONVERSATION.c.id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            sa.or_(CONVERSATION.c.ended_at.is_(None), ANSWER.c.answered_at <= CONVERSATION.c.ended_at),
            is_of_somebody(),
        )
        .order_by(CONVERSATION.c.flow, CONVERSATION.c.id)
    )


def _sendings_query() -> sa.Select[Any]:
    """Select each first message and reminder that was sent, with the conversation in which it was."""
    return (
        sa.select(
            CONVERSATION.c.flow,
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id.label("person"),
            CONTACT.c.timer_kind,
            CONTACT.c.at,
        )
        .select_from(CONTACT)
        .join(CONVERSATION, CONVERSATION.c.id == CONTACT.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONTACT.c.action == ContactAction.SENT,
            CONTACT.c.timer_kind.in_([*_OPENERS, *_REMINDERS]),
        )
        .order_by(CONVERSATION.c.flow, CONVERSATION.c.id, CONTACT.c.at, CONTACT.c.id)
    )


def _replies_query() -> sa.Select[Any]:
    """Select when each answer came, and when somebody began anew, which leaves the answers to another conversation."""
    answered = (
        sa.select(ANSWER.c.conversation_id.label("conversation"), ANSWER.c.answered_at)
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, is_of_somebody())
    )
    begun_anew = (
        sa.select(CONVERSATION.c.id, CONVERSATION.c.ended_at)
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.outcome == Outcome.RESTARTED,
            CONVERSATION.c.ended_at.is_not(None),
            is_of_somebody(),
        )
    )
    replies = sa.union_all(answered, begun_anew).subquery("replies")
    return sa.select(replies.c.conversation, replies.c.answered_at)


CONVERSATIONS: Final = _conversations_query()
UNREAD: Final = _unread_query()
REMARKS: Final = _remarks_query()
TIMES: Final = _times_query()
SENDINGS: Final = _sendings_query()
REPLIES: Final = _replies_query()


@dataclass(slots=True)
class _Question:
    """Collect the conversations of one question, by number."""

    asked: dict[int, int] = field(default_factory=dict)
    """The participant of each."""
    broken_off: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    not_read: set[int] = field(default_factory=set)
    remarks: set[int] = field(default_factory=set)


def question_of(slot: str) -> str:
    """Return the key of the question of a slot.

    >>> question_of("c4[0]"), question_of("a3_more")
    ('c4', 'a3_more')
    """
    return slot.partition("[")[0]


def _last_slot(state: ConversationState) -> str | None:
    """Return the slot of the question that is open, else of the last one asked; None where nothing was."""
    place = state.open if state.open is not None else len(state.asks) - 1
    return state.asks[place].slot if state.asks else None


def _questions(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of questions: those at which anything but an answer ever came."""
    for key, one in sorted(_by_question(connection, program).items()):
        beside = one.skipped, one.not_read, one.remarks
        if one.broken_off or any(beside):
            people = len(set(one.asked.values()))
            share = Figure(len(one.broken_off), len(one.asked), people)
            yield *key, len(one.asked), len(one.broken_off), share, *(len(found) for found in beside)


def _by_question(connection: Connection, program: str) -> dict[tuple[str, str], _Question]:
    """Return what came of each question, by flow and key."""
    found: dict[tuple[str, str], _Question] = defaultdict(_Question)
    for row in rows_of(connection, CONVERSATIONS, program):
        state = decode_state(row.state)
        for asked in state.asks:
            found[row.flow, question_of(asked.slot)].asked[row.id] = row.person
        last = _last_slot(state) if _is_broken_off(row) else None
        if last is not None:
            found[row.flow, question_of(last)].broken_off.add(row.id)
    for row in rows_of(connection, UNREAD, program):
        question = found[row.flow, row.question_key]
        if row.status is AnswerStatus.UNPARSED:
            question.not_read.add(row.conversation)
        elif row.superseded_at is None:
            question.skipped.add(row.conversation)
    for row in rows_of(connection, REMARKS, program):
        found[row.flow, question_of(row.slot)].remarks.add(row.conversation)
    return found


def _is_broken_off(row: sa.Row[Any]) -> bool:
    """Return whether a conversation ended before its end, with something answered."""
    return row.status is ConversationStatus.ENDED and row.outcome in _BROKEN_OFF and row.answers > 0


def _minutes_spent(moments: list[datetime]) -> float:
    """Return the minutes between moments at which something happened, without those in which somebody was away."""
    gaps = (later - earlier for earlier, later in pairwise(sorted(moments)))
    return sum((gap.total_seconds() for gap in gaps if timedelta() < gap <= PAUSE), 0.0) / 60


def _minutes(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of minutes."""
    rows = rows_of(connection, TIMES, program)
    for flow, of_flow in groupby(rows, key=lambda row: row.flow):
        spent, elapsed = list[float](), list[float]()
        for _, answers in groupby(of_flow, key=lambda row: row.id):
            given = list(answers)
            spent.append(
                _minutes_spent([min(row.asked_at for row in given), *(r.answered_at for r in given)])
            )
            if given[0].ended_at is not None:
                elapsed.append((given[0].ended_at - given[0].started_at).total_seconds() / 60)
        yield flow, len(spent), round(median(spent), 1), round(median(elapsed), 1) if elapsed else None


def _reminders(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of reminders, of flows in which there was at least one."""
    replies: dict[int, list[datetime]] = defaultdict(list)
    for row in rows_of(connection, REPLIES, program):
        replies[row.conversation].append(row.answered_at)
    sent: dict[tuple[str, int], dict[int, bool]] = defaultdict(dict)
    people: dict[tuple[str, int], set[int]] = defaultdict(set)
    rows = rows_of(connection, SENDINGS, program)
    for conversation, of_conversation in groupby(rows, key=lambda row: row.id):
        number, sendings = 0, list(of_conversation)
        for place, row in enumerate(sendings):
            number += row.timer_kind in _REMINDERS
            until = sendings[place + 1].at if place + 1 < len(sendings) else None
            came = any(row.at < at and (until is None or at <= until) for at in replies[conversation])
            key = row.flow, number
            sent[key][conversation] = sent[key].get(conversation, False) or came
            people[key].add(row.person)
    reminded = {flow for flow, number in sent if number}
    for flow, number in sorted(sent):
        if flow in reminded:
            found = sent[flow, number]
            answered = sum(found.values())
            yield (
                flow,
                str(number),
                len(found),
                answered,
                Figure(answered, len(found), len(people[flow, number])),
            )


_of_conversations = MeasureSet("response.questions", MeasureSource.SYSTEM, CONVERSATIONS)
_of_unread = MeasureSet("response.questions", MeasureSource.SYSTEM, UNREAD)
_of_remarks = MeasureSet("response.questions", MeasureSource.SYSTEM, REMARKS)
_of_minutes = MeasureSet("response.minutes", MeasureSource.SYSTEM, TIMES)
_of_sendings = MeasureSet("response.reminders", MeasureSource.SYSTEM, SENDINGS)
_of_replies = MeasureSet("response.reminders", MeasureSource.SYSTEM, REPLIES)

QUESTIONS: Final = MeasureTable(
    "response.questions",
    "Break-off, and what was not understood, by question",
    ("flow", "question"),
    (
        _of_conversations.count(
            "asked",
            "Conversations in which the question was asked; those of erased participants are not known.",
        ),
        _of_conversations.count(
            "broken_off",
            "Conversations that expired or were stopped with an answer in them, and with this question open (else with"
            " it as the last one asked).",
        ),
        _of_conversations.share("broken_off_of_asked", "The share that broke off.", "broken_off", "asked"),
        _of_unread.count("skipped", "Conversations in which an answer to it is skipped."),
        _of_unread.count(
            "not_understood", "Conversations in which a reply could not be read, and the talk went on."
        ),
        _of_remarks.count("remarks", "Conversations with words that were no answer while it was open."),
    ),
    "Conversations. A question that everybody who was asked it simply answered has no row.",
    _questions,
)
MINUTES: Final = MeasureTable(
    "response.minutes",
    "How long a conversation takes",
    ("flow",),
    (
        _of_minutes.count(
            "finished", "Finished conversations with an answer; those of erased participants have none."
        ),
        _of_minutes.count(
            "minutes",
            "The median of the minutes between questions and answers up to the end, waits over 30 minutes left out.",
        ),
        _of_minutes.count("elapsed", "The median of the minutes from the beginning to the end."),
    ),
    "Elapsed counts from the first message, so that it holds the hours until somebody answers.",
    _minutes,
)
REMINDERS: Final = MeasureTable(
    "response.reminders",
    "What each reminder brought",
    ("flow", "number"),
    (
        _of_sendings.count(
            "sent", "Conversations in which it was sent: 0 the first message of ours, 1 the first reminder."
        ),
        _of_replies.count(
            "answered", "Of these, with an answer after it and before the next one; to begin anew is one."
        ),
        _of_sendings.share("answered_of_sent", "Its yield.", "answered", "sent"),
    ),
    "Conversations. One that went on and fell silent again is reminded anew, and its numbers go on.",
    _reminders,
)
