"""Rows put in by hand, for exports."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import storage.schema as m
from flows.engine.effects import AnswerStatus, PromptKind
from flows.program.model import ActivityFile, ProgramFile
from flows.script.loader import load_flow_text
from flows.script.model import Flow, Purpose, Role
from storage.programs import programs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = "telegram:4242424242"
INTERVIEW = load_flow_text("""
flow: patient_interview
title: T
language: en
audience: [patient]
steps:
  - {key: a1, kind: text, text: Who?}
  - {key: bye, kind: end}
""")
"""The shortest talk of the family that asks for the use of words."""


class Rows:
    """Puts rows in by hand; everything that a test does not name gets a plain value."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def add(self, table: str, **values: Any) -> int:
        done = self.connection.execute(SQLModel.metadata.tables[table].insert().values(**values))
        return int((done.inserted_primary_key or [0])[0] or 0) if table != "flowversion" else 0

    def answer(
        self, conversation: int, slot: str, kind: PromptKind, value: Any, raw: str = "x", **more: Any
    ) -> int:
        key, _, item = slot.rstrip("]").partition("[")
        return self.add(
            "answer",
            **{
                "conversation_id": conversation,
                "slot": slot,
                "question_key": key,
                "item": item,
                "kind": kind,
                "value": None if value is None else json.dumps(value),
                "raw": raw,
                "status": AnswerStatus.ANSWERED,
                "shown_text": f"{key}?",
                "language": "en",
                "channel": "telegram",
                "asked_at": NOW,
                "answered_at": NOW,
                "personal": False,
                "identifiers": False,
                **more,
            },
        )


@contextmanager
def known_flow(flow: Flow, name: str | None = None) -> Iterator[Rows]:
    """New tables in memory with a person, a program and this flow, under its own name or another."""
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = Rows(connection)
        person_and_program(rows)
        source = flow.model_dump_json(by_alias=True)
        rows.add("flowversion", hash=flow.hash, flow=name or flow.flow, source=source, first_used_at=NOW)
        yield rows
    engine.dispose()


def use_of_words(rows: Rows, *, granted: bool, conversation: int | None = 1, **more: Any) -> None:
    """Put in what the person decided on the use of their words."""
    decision = {"shown_text": "May we?", "text_hash": "x", "language": "en", "decided_at": NOW, **more}
    who = {"participant_id": 1, "program_id": 1, "conversation_id": conversation}
    rows.add("consent", **who, purpose=Purpose.USE_WORDS, granted=granted, **decision)


def person_and_program(rows: Rows) -> None:
    activity = ActivityFile(slug="spring", title="Spring")
    program = ProgramFile(
        program="mm",
        title="M",
        team="t",
        contact="c",
        condition="m",
        emergency_numbers={"default": "1"},
        activities=(activity,),
    )
    programs.load(rows.connection, program, programs.program_hash(program), NOW)
    rows.add(
        "participant", code="P-7K3", role=Role.PATIENT, status=m.ParticipantStatus.ACTIVE, created_at=NOW
    )
    rows.add(
        "address",
        participant_id=1,
        channel="telegram",
        lookup=b"l",
        sealed=ADDRESS.encode(),
        next_seq=1,
        status=m.AddressStatus.ACTIVE,
        created_at=NOW,
    )


def conversation(rows: Rows, flow: Flow, begun: datetime) -> int:
    return rows.add(
        "conversation",
        participant_id=1,
        address_id=1,
        program_id=1,
        activity_id=1,
        flow=flow.flow,
        state="{}",
        flow_hash=flow.hash,
        channel="telegram",
        status=m.ConversationStatus.ENDED,
        turns=4,
        started_at=begun,
        last_turn_at=NOW,
    )
