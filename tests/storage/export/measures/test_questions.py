"""Where conversations break off, how long they take, and what each reminder brings."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from flows.engine.state import Asked, ConversationState
from storage.export.measures.measure import Figure, MeasureRow, MeasureTable
from storage.export.measures.questions import MINUTES, QUESTIONS, REMINDERS
from storage.schema import ContactAction, ConversationStatus, TimerKind
from tests.support.export_rows import NOW, Rows
from tests.support.recount_queries import REMINDERS as REMINDERS_RECOUNTED


class Talks(Rows):
    """A program with conversations of one flow, a new person in each."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug="p", title="P", settings={}, hash="1", loaded_at=NOW)
        self.people = 0

    def talk(
        self, outcome: Outcome | None, *slots: str, still_open: int | None = None, minutes: int = 60
    ) -> int:
        """A conversation in which these were asked; `still_open` is the place of the one that is open."""
        self.people += 1
        asks = tuple(Asked(slot, 0) for slot in slots)
        state = ConversationState("en", msgspec.Raw(b"{}"), asks=asks, open=still_open)
        ended = outcome is not None
        return self.add(
            "conversation", participant_id=self.people, address_id=1, program_id=1, flow="f", flow_hash="h",
            channel="t", state=msgspec.json.encode(state).decode(), outcome=outcome, started_at=NOW, last_turn_at=NOW,
            status=ConversationStatus.ENDED if ended else ConversationStatus.OPEN,
            ended_at=NOW + timedelta(minutes=minutes) if ended else None,
        )  # fmt: skip

    def said(
        self, talk: int, slot: str, minute: float, status: AnswerStatus = AnswerStatus.ANSWERED, **more: Any
    ) -> None:
        at = NOW + timedelta(minutes=minute)
        self.answer(talk, slot, PromptKind.TEXT, "x", answered_at=at, asked_at=at, status=status, **more)

    def sent(self, talk: int, kind: TimerKind, minute: int) -> None:
        at = NOW + timedelta(minutes=minute)
        person = self.connection.scalar(
            sa.text("SELECT participant_id FROM conversation WHERE id = :id"), {"id": talk}
        )
        self.add(
            "contact", participant_id=person, timer_kind=kind, conversation_id=talk, action=ContactAction.SENT,
            reason="due", at=at,
        )  # fmt: skip

    def rows(self, table: MeasureTable) -> list[MeasureRow]:
        return list(table.count(self.connection, "p"))


@pytest.fixture
def talks() -> Iterator[Talks]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield Talks(connection)
    engine.dispose()


def test_break_off_is_at_the_open_question(talks: Talks):
    """Else at the last one that was asked. Without any answer it is none, nor where the conversation goes on."""
    for outcome, still_open in ((Outcome.EXPIRED, 0), (Outcome.WITHDRAWN, None), (None, 1)):
        talks.said(talks.talk(outcome, "a", "b[0]", still_open=still_open), "x", 1)
    talks.talk(Outcome.EXPIRED, "a", still_open=0)
    assert talks.rows(QUESTIONS) == [
        ("f", "a", 4, 1, Figure(1, 4, 4), 0, 0, 0),
        ("f", "b", 3, 1, Figure(1, 3, 3), 0, 0, 0),
    ]


def test_what_was_not_understood(talks: Talks):
    """Conversations in which a reply could not be read, was skipped, or said something beside."""
    one = talks.talk(Outcome.COMPLETED, "a", "b")
    talks.said(one, "a", 1, AnswerStatus.UNPARSED)
    talks.said(one, "b", 1, AnswerStatus.SKIPPED)
    for number in (1, 2):
        talks.add(
            "remark", conversation_id=one, number=number, slot="a", raw="hm", shown_text="", language="en",
            channel="t", said_at=NOW, personal=False, identifiers=False, unheard=False,
        )  # fmt: skip
    assert [row[5:] for row in talks.rows(QUESTIONS)] == [(0, 1, 1), (1, 0, 0)]


def test_pauses_are_no_work(talks: Talks):
    """Minutes go from the first question to the last answer, without pauses of more than half an hour."""
    for last in (10.0, 14.0, 200.0):
        one = talks.talk(Outcome.COMPLETED, minutes=300)
        for minute in (0.0, 4.0, last):
            talks.said(one, f"a[{minute}]", minute)
    assert talks.rows(MINUTES) == [("f", 3, 10.0, 300.0)]


def test_what_is_answered_after_the_end_takes_no_time(talks: Talks):
    """A consent that is taken back later replaces its answer, whose moment goes on counting."""
    one = talks.talk(Outcome.COMPLETED)
    talks.said(one, "a00", 0.0)
    talks.said(one, "a01", 20.0, superseded_at=NOW)
    talks.said(one, "a1", 40.0)
    talks.said(one, "a01", 65.0)
    assert talks.rows(MINUTES) == [("f", 1, 40.0, 60.0)]


def test_the_yield_of_each_reminder(talks: Talks):
    """An answer belongs to what was sent last before it; who answered the first message is not reminded."""
    for answered in (5, 15, 25, None):
        one = talks.talk(Outcome.COMPLETED)
        talks.sent(one, TimerKind.WAVE, 0)
        if answered != 5:
            talks.sent(one, TimerKind.WAVE_REMINDER, 10)
        if answered not in (5, 15):
            talks.sent(one, TimerKind.WAVE_REMINDER, 20)
        if answered is not None:
            talks.said(one, "d1", answered)
    assert talks.rows(REMINDERS) == [
        ("f", "0", 4, 1, Figure(1, 4, 4)),
        ("f", "1", 3, 1, Figure(1, 3, 3)),
        ("f", "2", 2, 1, Figure(1, 2, 2)),
    ]


def test_who_begins_anew_has_answered(talks: Talks):
    """Whoever begins anew answers in another conversation: the reminder before it brought that, and no other did."""
    for minutes in (5, 15, 25):
        one = talks.talk(Outcome.RESTARTED, minutes=minutes)
        talks.sent(one, TimerKind.FOLLOW_ON, 0)
        talks.sent(one, TimerKind.INTERVIEW_REMINDER, 10)
        talks.sent(one, TimerKind.INTERVIEW_REMINDER, 20)
    ended = talks.talk(Outcome.EXPIRED, minutes=30)
    talks.sent(ended, TimerKind.FOLLOW_ON, 0)
    assert [row[:4] for row in talks.rows(REMINDERS)] == [
        ("f", "0", 4, 1),
        ("f", "1", 3, 1),
        ("f", "2", 3, 1),
    ]
    recounted = talks.connection.execute(sa.text(REMINDERS_RECOUNTED), {"p": "p"}).all()
    assert [tuple(row[:4]) for row in recounted] == [("f", "0", 4, 1), ("f", "1", 3, 1), ("f", "2", 3, 1)]
