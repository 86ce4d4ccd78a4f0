"""All that a person told us, as a text that they can read: made when it is sent, so that no copy is kept."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - registers the tables that are looked up by name below
from flows.effects import AnswerStatus
from flows.plan import plan_of
from flows.script import Flow
from flows.words import Sentence, say
from storage import flow_versions

_TABLES = SQLModel.metadata.tables
ANSWER, COMMITMENT, CONSENT, CONVERSATION = (
    _TABLES[name] for name in ("answer", "commitment", "consent", "conversation")
)
IMPLEMENTATION, PARTICIPANT, REVISION = (
    _TABLES[name] for name in ("implementation", "participant", "commitmentrevision")
)
FILE_NAME = "my-data.txt"


def as_text(connection: Connection, participant_id: int, language: str) -> str:
    """A person's answers, plans, reports and consents, each with its date; the bot's own words in `language`."""
    person = connection.execute(sa.select(PARTICIPANT).where(PARTICIPANT.c.id == participant_id)).one()
    book = _Book(connection, participant_id, language, ZoneInfo(person.timezone or "UTC"))
    parts = (
        (Sentence.OWN_ANSWERS, book.answers()),
        (Sentence.OWN_COMMITMENTS, book.commitments()),
        (Sentence.OWN_REPORTS, book.reports()),
        (Sentence.OWN_CONSENTS, book.consents()),
    )
    lines = [f"{say(Sentence.OWN_TITLE, language)} ({person.code})"]
    for title, entries in parts:
        heading = say(title, language)
        lines += ["", heading, "=" * len(heading), ""]
        lines += list(entries) or [say(Sentence.OWN_NOTHING, language)]
    return "\n".join(lines) + "\n"


class _Book:
    """Reads the rows of one person and writes them as lines."""

    def __init__(self, connection: Connection, participant_id: int, language: str, zone: ZoneInfo) -> None:
        self._connection = connection
        self._person = participant_id
        self._language = language
        self._zone = zone
        self._flows: dict[str, Flow | None] = {}

    def answers(self) -> Iterator[str]:
        query = (
            sa.select(ANSWER, CONVERSATION.c.flow_hash)
            .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
            .where(CONVERSATION.c.participant_id == self._person)
            .order_by(ANSWER.c.id)
        )
        for row in self._connection.execute(query):
            changed = f" {say(Sentence.OWN_CHANGED, self._language)}" if row.superseded_at else ""
            yield from self._entry(row.answered_at, row.shown_text, self._answer(row) + changed)

    def commitments(self) -> Iterator[str]:
        mine = COMMITMENT.c.participant_id == self._person
        for row in self._connection.execute(sa.select(COMMITMENT).where(mine).order_by(COMMITMENT.c.id)):
            earlier = sa.select(REVISION).where(REVISION.c.commitment_id == row.id).order_by(REVISION.c.id)
            for old in self._connection.execute(earlier):
                words = [old.statement, old.if_then, _day(old.start_on)]
                yield from self._entry(
                    old.replaced_at, *_said(words), say(Sentence.OWN_CHANGED, self._language)
                )
            yield from self._entry(
                row.made_at, *_said([row.statement, row.if_then, row.coping, _day(row.start_on)])
            )

    def reports(self) -> Iterator[str]:
        query = (
            sa.select(IMPLEMENTATION, COMMITMENT.c.statement)
            .join(COMMITMENT, COMMITMENT.c.id == IMPLEMENTATION.c.commitment_id)
            .where(COMMITMENT.c.participant_id == self._person)
            .order_by(IMPLEMENTATION.c.id)
        )
        for row in self._connection.execute(query):
            details = [f"{name}: {_plain(value)}" for name, value in row.details.items()]
            yield from self._entry(row.reported_at, row.statement, row.status.value, *details)

    def consents(self) -> Iterator[str]:
        mine = CONSENT.c.participant_id == self._person
        for row in self._connection.execute(sa.select(CONSENT).where(mine).order_by(CONSENT.c.id)):
            decision = Sentence.OWN_GRANTED if row.granted else Sentence.OWN_DECLINED
            yield from self._entry(row.decided_at, row.shown_text, say(decision, self._language))

    def _entry(self, at: datetime, first: str, *others: str) -> Iterator[str]:
        yield f"[{at.astimezone(self._zone):%Y-%m-%d %H:%M %Z}] {first}"
        for text in others:
            yield "    " + text.replace("\n", "\n    ")
        yield ""

    def _answer(self, row: sa.Row[Any]) -> str:
        """The words as they were said, and the choice that they were taken for."""
        if row.status is AnswerStatus.SKIPPED:
            return say(Sentence.OWN_SKIPPED, self._language)
        labels = self._labels_of(row.flow_hash, row.language)
        value = None if row.value is None else json.loads(row.value)
        names = [f"{row.question_key}/{code}" for code in (value if isinstance(value, list) else [value])]
        chosen = ", ".join(labels[name] for name in names if name in labels)
        if not chosen or chosen == row.raw:
            return str(row.raw)
        return f"{row.raw} ({chosen})"

    def _labels_of(self, flow_hash: str, language: str) -> dict[str, str]:
        """The labels in the flow's own language; a person who was asked in another saw others."""
        if flow_hash not in self._flows:
            self._flows[flow_hash] = flow_versions.load(self._connection, flow_hash)
        flow = self._flows[flow_hash]
        return _labels(flow) if flow is not None and flow.language == language else {}


def _labels(flow: Flow) -> dict[str, str]:
    """What stands on the button of each choice, by question and code."""
    return {
        f"{key}/{choice.code}": choice.label
        for key, node in plan_of(flow).nodes.items()
        for choice in node.choices
    }


def _said(words: list[str | None]) -> list[str]:
    return [text for text in words if text] or [""]


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
