"""Cases for the safety team, and what was looked at by hand."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import SafetyKind, SafetyStatus
from storage.schema.columns import ONE_SOURCE, TableRow, json_field, one_of, partial_index


class SafetyCase(TableRow, table=True):
    """An adverse event, a product complaint or distress, with when a report is due.

    The words are in the answer or the remark.
    """

    __tablename__ = "safety_case"
    __table_args__ = (
        partial_index("ix_safety_case_open", "participant_id", where="status IN ('new', 'reviewing')"),
        sa.CheckConstraint("answer_id IS NULL OR remark_id IS NULL", name="one_source"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    answer_id: int | None = Field(default=None, foreign_key="answer.id")
    remark_id: int | None = Field(default=None, foreign_key="remark.id")
    """Where the words are a remark. A case has an answer or a remark, or neither: words outside of all talks."""
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: SafetyKind = one_of(SafetyKind)
    status: SafetyStatus = one_of(SafetyStatus, SafetyStatus.NEW)
    opened_at: datetime
    """When the words were stored."""
    due_at: datetime
    elements: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Which of the four that a report needs are known, see `flows.safety.scan.ReportElement`."""
    products: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Codes of the program's products that were named."""
    details: dict[str, Any] = json_field(default_factory=dict, sa_column_kwargs={"default": dict})
    """How often there was something to add (`hits`), all kinds found, and what was answered to our questions."""
    reason: str | None = None
    """Why it is none, or was cleared: a coordinator's words."""
    owner_id: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who looks after it."""
    flagged_by: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who found it by hand, where the rules did not."""
    flagged_at: datetime | None = None
    settled_by: int | None = Field(default=None, foreign_key="coordinator.id")
    settled_at: datetime | None = None


class SafetySample(TableRow, table=True):
    """A draw by chance from words that the safety rules found nothing in, for a coordinator to look at.

    The answers that were drawn are its `SafetyLook`s.
    """

    __tablename__ = "safety_sample"
    id: int | None = Field(default=None, primary_key=True)
    seed: int
    """With the same seed the same words are drawn from the same ones."""
    share: int
    """Per cent."""
    program_id: int | None = Field(default=None, foreign_key="program.id")
    """None is all of them."""
    population: int
    """How many there were to draw from."""
    drawn_by: int = Field(foreign_key="coordinator.id")
    drawn_at: datetime


class SafetyLook(TableRow, table=True):
    """An answer or a remark (exactly one of the two) that was drawn for a sample.

    It says whether a coordinator looked at it, and found something.
    """

    __tablename__ = "safety_look"
    __table_args__ = (
        sa.UniqueConstraint("sample_id", "answer_id"),
        sa.UniqueConstraint("sample_id", "remark_id", name="uq_safety_look_sample_id_remark_id"),
        sa.CheckConstraint(ONE_SOURCE, name="one_source"),
    )
    id: int | None = Field(default=None, primary_key=True)
    sample_id: int = Field(foreign_key="safety_sample.id")
    answer_id: int | None = None
    remark_id: int | None = None
    """No foreign keys: what a participant has deleted is gone, and that it was looked at is not."""
    looked_by: int | None = Field(default=None, foreign_key="coordinator.id")
    looked_at: datetime | None = None
    found: bool = False
