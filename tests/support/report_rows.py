"""Small programs for the outcomes report, put in by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from flows.script.model import Purpose, Role
from storage.export.measures.measure import MeasureCell, MeasureTable
from storage.schema import (
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    InvitationKind,
    LinkedKind,
    ParticipantStatus,
    PointDecision,
    SafetyKind,
    SafetyStatus,
)
from tests.support.export_rows import NOW, Rows

SETTINGS = {"schedule": {"waves": [30, 60]}, "reviews": [{"slug": "slides"}]}
SPRING, AUTUMN, SLIDES = 1, 2, 3
"""The activities of a small program; the last is content to be reviewed."""


class ReportRows(Rows):
    """A program `p` with two activities, and content that is reviewed before it is taught."""

    def __init__(self, connection: sa.Connection, settings: dict[str, Any]) -> None:
        super().__init__(connection)
        self.add("program", slug="p", title="P", settings=settings, hash="1", loaded_at=NOW)
        self.add("activity", program_id=1, slug="spring", title="Spring", held_on=date(2026, 3, 19))
        self.add("activity", program_id=1, slug="autumn", title="Autumn", held_on=date(2026, 10, 1))
        self.add("activity", program_id=1, slug="slides", title="Slides")
        self.add("theme", program_id=1, code="body", label="Body")
        self.add("objective", activity_id=SPRING, code="o1", text="x", theme="body")
        self.add("coordinator", code="ANNA", timezone="UTC", digest_hour=9, created_at=NOW)
        self.made = 0

    def link(
        self,
        kind: InvitationKind = InvitationKind.SINGLE,
        role: Role = Role.HCP,
        flow: str = "hcp_commitment",
    ) -> int:
        self.made += 1
        return self.add(
            "invitation", token_hash=b"%d" % self.made, program_id=1, role=role, flow=flow, source="",
            kind=kind, uses=0, created_at=NOW,
        )  # fmt: skip

    def person(
        self,
        role: Role = Role.HCP,
        link: int | None = None,
        status: ParticipantStatus = ParticipantStatus.ACTIVE,
    ) -> int:
        """Somebody who came into the program."""
        self.made += 1
        number = self.add("participant", code=f"P-{self.made}", role=role, status=status, created_at=NOW)
        self.add("enrollment", program_id=1, participant_id=number, invitation_id=link, enrolled_at=NOW)
        return number

    def talk(self, person: int, flow: str = "hcp_commitment", **more: Any) -> int:
        """A finished conversation, begun by agreeing to take part unless `agrees` is False."""
        agrees = more.pop("agrees", True)
        values: dict[str, Any] = {
            "participant_id": person,
            "address_id": 1,
            "program_id": 1,
            "flow": flow,
            "flow_hash": "h",
            "channel": "telegram",
            "state": "",
            "status": ConversationStatus.ENDED,
            "outcome": Outcome.COMPLETED,
        }
        values |= dict.fromkeys(("started_at", "last_turn_at", "ended_at"), NOW)
        number = self.add("conversation", **{**values, **more})
        self.add(
            "consent", participant_id=person, program_id=1, conversation_id=number, purpose=Purpose.TAKE_PART,
            granted=agrees, shown_text="", text_hash="h", language="en", decided_at=NOW,
        )  # fmt: skip
        return number

    def said(self, talk: int, key: str, value: Any, **more: Any) -> int:
        return self.answer(talk, key, more.pop("kind", PromptKind.TEXT), value, str(value), **more)

    def commit(self, talk: int, activity: int | None = SPRING, **more: Any) -> int:
        """A confirmed commitment, made in a conversation by whoever had it."""
        of_talk = {"number": talk}
        person = self.connection.scalar(
            sa.text("SELECT participant_id FROM conversation WHERE id = :number"), of_talk
        )
        self.made += 1
        values = {
            "participant_id": person,
            "program_id": 1,
            "activity_id": activity,
            "conversation_id": talk,
            "slot": f"c[{self.made}]",
            "statement": "Ask each patient",
            "foreseen_barriers": [],
            "confirmed": True,
            "made_at": NOW,
        }
        return self.add("commitment", **{**values, **more})

    def wave(
        self,
        commitment: int,
        days: int,
        status: FollowUpStatus = FollowUpStatus.ANSWERED,
        told: ImplementationStatus | None = None,
        *barriers: str,
    ) -> None:
        """A wave of a commitment, with what was reported there, late where the wave is not answered."""
        of_commitment = {"number": commitment}
        person = self.connection.scalar(
            sa.text("SELECT participant_id FROM commitment WHERE id = :number"), of_commitment
        )
        at = NOW + timedelta(days=days)
        wave = self.add(
            "follow_up", commitment_id=commitment, participant_id=person, program_id=1, wave_days=days, status=status,
            due_at=at, sent_at=at, reminded=0, after_start=False,
        )  # fmt: skip
        if told is not None:
            late = status is not FollowUpStatus.ANSWERED
            report = self.add(
                "implementation", commitment_id=commitment, follow_up_id=wave, conversation_id=1, status=told,
                details={}, reported_at=at, late=late,
            )  # fmt: skip
            for code in barriers:
                self.add("barrier", implementation_id=report, code=code)

    def lead(self, begin: tuple[LinkedKind, str], end: tuple[LinkedKind, str], **more: Any) -> None:
        """A link that the team added."""
        ends = {"from_kind": begin[0], "from_code": begin[1], "to_kind": end[0], "to_code": end[1]}
        self.add("theme_link", program_id=1, **ends, reason="because", made_by=1, made_at=NOW, **more)

    def case(self, kind: SafetyKind, status: SafetyStatus, opened: datetime, **more: Any) -> None:
        """A safety case, due after a day."""
        more |= {"participant_id": 1, "program_id": 1, "due_at": opened + timedelta(days=1)}
        self.add("safety_case", kind=kind, status=status, opened_at=opened, **more)

    def rows(self, table: MeasureTable) -> dict[tuple[str, ...], dict[str, MeasureCell]]:
        """The rows of a table by their keys, each by column."""
        keys = len(table.keys)
        return {
            tuple(map(str, row[:keys])): dict(zip(table.columns[keys:], row[keys:], strict=True))
            for row in table.count(self.connection, "p")
        }


@contextmanager
def small_report(path: Path | None = None, settings: dict[str, Any] | None = None) -> Iterator[ReportRows]:
    """A small program in a new database, in memory or in a file."""
    engine = sa.create_engine("sqlite://" if path is None else f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield ReportRows(connection, SETTINGS if settings is None else settings)
    engine.dispose()


def put_in_everything(rows: ReportRows) -> None:
    """Two activities with clinicians who finished, stopped, were erased, answered late or never, and other roles."""
    rows.link()
    own = put_in_clinicians(rows)
    rows.talk(rows.person(Role.PATIENT), "patient_interview")
    review = rows.talk(rows.person(Role.CARER), "content_review", activity_id=SLIDES)
    rows.said(review, "b3", "More on sleep")
    rows.said(review, "b4", "none")
    decided = {"slot": "b3", "decision": PointDecision.USED, "reason": "x", "decided_at": NOW}
    rows.add("review_decision", conversation_id=review, **decided)
    rows.lead((LinkedKind.OBJECTIVE, "spring.o1"), (LinkedKind.COMMITMENT, str(own)))
    rows.lead((LinkedKind.OBJECTIVE, "spring.o1"), (LinkedKind.SUGGESTION, "spring.s2"), removed_at=NOW)
    put_in_submissions(rows)
    event, opened = SafetyKind.ADVERSE_EVENT, NOW + timedelta(days=40)
    rows.case(event, SafetyStatus.SENT, NOW, settled_at=NOW + timedelta(days=1))
    rows.case(event, SafetyStatus.NOT_AN_EVENT, opened, settled_at=opened + timedelta(days=2))
    rows.case(event, SafetyStatus.NEW, opened)


def put_in_clinicians(rows: ReportRows) -> int:
    """Six clinicians by links for one person; return the number of the commitment in own words of the first."""
    full, partial, planned = (
        ImplementationStatus.FULL,
        ImplementationStatus.PARTIAL,
        ImplementationStatus.PLANNED,
    )
    first = rows.person(link=rows.link())
    talk = rows.talk(first)
    rows.said(talk, "c1", "nurse", kind=PromptKind.SELECT_ONE)
    one = rows.commit(talk, objective="o1", suggestion="s1", theme="body", foreseen_barriers=["time", "none"])
    rows.wave(one, 30, FollowUpStatus.ANSWERED, partial, "time", "memory")
    rows.wave(one, 60, FollowUpStatus.ANSWERED, full)
    own = rows.commit(
        talk, AUTUMN, if_then="When I see one", start_on=date(2026, 4, 1), confidence=4, level=5
    )
    rows.wave(own, 30, FollowUpStatus.NO_RESPONSE, planned, "memory")

    stopped = rows.person(link=rows.link(), status=ParticipantStatus.WITHDRAWN)
    two = rows.commit(rows.talk(stopped, channel="slack"), suggestion="s2")
    rows.wave(two, 30, FollowUpStatus.OPTED_OUT)

    erased = rows.person(link=rows.link(), status=ParticipantStatus.DELETED)
    gone = rows.commit(rows.talk(erased), statement="", objective="o1")
    rows.wave(gone, 30, FollowUpStatus.ANSWERED, ImplementationStatus.DROPPED, "peers")

    rows.commit(rows.talk(rows.person(link=rows.link())), None, confirmed=False)
    rows.talk(rows.person(link=rows.link()), outcome=Outcome.DECLINED, agrees=False)
    rows.person(link=rows.link())
    return own


def put_in_submissions(rows: ReportRows) -> None:
    """Two submissions of best practice, one of somebody who was erased since."""
    for status in (ParticipantStatus.ACTIVE, ParticipantStatus.DELETED):
        talk = rows.talk(rows.person(Role.EDUCATOR, status=status), "best_practice", activity_id=SPRING)
        rows.said(talk, "f2", ["planned", "taught"], kind=PromptKind.SELECT_MANY)
        rows.said(talk, "f4", "Through a group")
        rows.said(talk, "f5", "A new case", status=AnswerStatus.UNPARSED)
        rows.said(talk, "f7", "none")
