"""A program of two activities, with commitments put in by hand, each with what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import PromptKind
from flows.script.roles import Purpose, Role
from storage.schema import ConversationStatus, FollowUpStatus, ImplementationStatus, ParticipantStatus
from tests.support.export_rows import NOW, Rows

PROGRAM = "p"
SETTINGS = {
    "schedule": {"waves": [30, 60]},
    "lists": {"change_types": [{"code": "treat", "label": "Treating"}]},
    "reviews": [{"slug": "slides", "title": "Slides"}],
}


class Changes(Rows):
    """Puts in clinicians, patients and commitments; people are numbered as they come."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug=PROGRAM, title="P", settings=SETTINGS, hash="1", loaded_at=NOW)
        self.add("activity", program_id=1, slug="spring", title="Spring day", held_on=date(2026, 3, 19))
        self.add("activity", program_id=1, slug="slides", title="Slides")
        self.add("activity", program_id=1, slug="autumn", title="Autumn day")
        for code, label in (("body", "Symptoms"), ("cost", "Cost")):
            self.add("theme", program_id=1, code=code, label=label)
        self.add("objective", activity_id=1, code="early", text="Ask about side effects early.", theme="body")

    def person(self, role: Role = Role.HCP) -> int:
        number = self.connection.execute(sa.text("SELECT count(*) FROM participant")).scalar_one() + 1
        status = ParticipantStatus.ACTIVE
        return self.add("participant", code=f"P-{number}", role=role, status=status, created_at=NOW)

    def talk(self, person: int, flow: str = "hcp_commitment", activity: int | None = 1) -> int:
        return self.add(
            "conversation", participant_id=person, address_id=1, program_id=1, activity_id=activity, flow=flow,
            flow_hash="h", channel="t", state="", status=ConversationStatus.ENDED, started_at=NOW,
            last_turn_at=NOW,
        )  # fmt: skip

    def named(self, talk: int, profession: str) -> None:
        self.answer(talk, "c1", PromptKind.SELECT_ONE, profession)

    def interview(self, picks: list[str]) -> int:
        person = self.person(Role.PATIENT)
        self.answer(self.talk(person, "patient_interview", None), "a6", PromptKind.SELECT_MANY, picks)
        return person

    def plan(self, person: int, activity: int | None = 1, **more: Any) -> int:
        talk = self.talk(person, activity=activity)
        values = {"statement": "x", "made_at": NOW, "foreseen_barriers": [], "confirmed": True, **more}
        made = {"participant_id": person, "program_id": 1, "activity_id": activity, "conversation_id": talk}
        return self.add("commitment", **made, slot="c", **values)

    def wave(
        self, plan: int, person: int, status: FollowUpStatus, *, days: int = 30, after: int = 2, **more: Any
    ) -> int:
        """A wave; where it was answered, so many days after it was sent."""
        asked = NOW + timedelta(days=days)
        told = asked + timedelta(days=after) if status is FollowUpStatus.ANSWERED else None
        unsent = status in {FollowUpStatus.SCHEDULED, FollowUpStatus.CANCELLED}
        return self.add(
            "follow_up", commitment_id=plan, participant_id=person, program_id=1, wave_days=days, due_at=asked,
            status=status, sent_at=None if unsent else asked, reminded=0, answered_at=told, **more,
        )  # fmt: skip

    def report(self, plan: int, wave: int, status: ImplementationStatus, *barriers: str) -> None:
        more = {"conversation_id": 1, "reported_at": NOW + timedelta(days=60), "details": {}}
        number = self.add("implementation", commitment_id=plan, follow_up_id=wave, status=status, **more)
        for code in barriers:
            self.add("barrier", implementation_id=number, code=code)

    def told(self, person: int, status: ImplementationStatus, *barriers: str, **more: Any) -> int:
        """A commitment with a report at 30 days."""
        plan = self.plan(person, **more)
        self.report(plan, self.wave(plan, person, FollowUpStatus.ANSWERED), status, *barriers)
        return plan

    def agreed(self, person: int, talk: int) -> None:
        self.add(
            "consent", participant_id=person, program_id=1, conversation_id=talk, purpose=Purpose.TAKE_PART,
            granted=True, shown_text="May we?", text_hash="x", language="en", decided_at=NOW,
        )  # fmt: skip


@contextmanager
def changes() -> Iterator[Changes]:
    """New tables in memory with the program."""
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield Changes(connection)
    engine.dispose()
