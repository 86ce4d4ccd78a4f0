"""Cases for the safety team, and what was looked at by hand."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from flows.safety.reading import ReadingClass, SignalLevel, SignalSource
from storage.enums import ReadingWay, SafetyKind, SafetyStatus, TextPlaceName
from storage.schema.columns import NUMBERED_ONCE, ONE_SOURCE, TableRow, json_field, one_of, partial_index

ONE_TEXT = (
    " + ".join(
        f"(CASE WHEN {key} IS NULL THEN 0 ELSE 1 END)" for key in ("answer_id", "remark_id", "case_id")
    )
    + " = 1"
)
"""The condition of a row that is about an answer, a remark, or the words that a safety case alone holds."""


class SafetyCase(TableRow, table=True):
    """An adverse event, a product complaint or distress, with when a report is due.

    The words are in the answer or the remark.
    """

    __tablename__ = "safety_case"
    __table_args__ = (
        partial_index("ix_safety_case_open", "participant_id", where="status IN ('new', 'reviewing')"),
        sa.CheckConstraint("answer_id IS NULL OR remark_id IS NULL", name="one_source"),
        NUMBERED_ONCE,
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    answer_id: int | None = Field(default=None, foreign_key="answer.id")
    remark_id: int | None = Field(default=None, foreign_key="remark.id")
    """Where the words are a remark. A case has an answer or a remark, or neither: words outside of all talks."""
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: SafetyKind = one_of(SafetyKind)
    """What it is about."""
    status: SafetyStatus = one_of(SafetyStatus, SafetyStatus.NEW)
    """How far the safety team is with it."""
    opened_at: datetime
    """When the words were stored."""
    due_at: datetime
    """When a report is due."""
    elements: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Which of the four that a report needs are known, see `flows.safety.scan.ReportElement`."""
    products: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Codes of the program's products that were named."""
    details: dict[str, Any] = json_field(default_factory=dict, sa_column_kwargs={"default": dict})
    """How often there was something to add (`hits`), all kinds found, and what was answered to our questions."""
    words_at: datetime | None = None
    """When the last words were added that the case alone holds; None where it holds none, and in cases of before."""
    reason: str | None = None
    """Why it is none, or was cleared: a coordinator's words."""
    owner_id: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who looks after it."""
    flagged_by: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who found it by hand, where the rules did not."""
    flagged_at: datetime | None = None
    """When it was found by hand; None where the rules found it."""
    settled_by: int | None = Field(default=None, foreign_key="coordinator.id")
    settled_at: datetime | None = None
    """When it was settled; None while it is open."""


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
    """When it was drawn."""


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
    """The number of the answer; None where it is a remark."""
    remark_id: int | None = None
    """No foreign keys: what a participant has deleted is gone, and that it was looked at is not."""
    looked_by: int | None = Field(default=None, foreign_key="coordinator.id")
    looked_at: datetime | None = None
    """When they looked at it."""
    found: bool = False
    """Whether they found something."""


class TextSignal(TableRow, table=True):
    """What the rules or the second reader noticed in an answer or a remark (exactly one of the two).

    It opens no case: it says where in the queue of unread texts the words stand. It is erased with them.
    """

    __tablename__ = "text_signal"
    __table_args__ = (sa.CheckConstraint(ONE_SOURCE, name="one_source"),)
    id: int | None = Field(default=None, primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", index=True)
    remark_id: int | None = Field(default=None, foreign_key="remark.id", index=True)
    participant_id: int = Field(foreign_key="participant.id")
    reading_class: ReadingClass = one_of(ReadingClass)
    """What it was noticed as."""
    source: SignalSource = one_of(SignalSource)
    """What noticed it."""
    level: SignalLevel = one_of(SignalLevel)
    """How sure that is."""
    version: str
    """Of the rules, or of the second reader's weights."""
    noted_at: datetime
    """When it was noticed."""


class Reading(TableRow, table=True):
    """A text that was shown whole to a coordinator, and when they said that they had read it (None until they do).

    It is about an answer, a remark, or the words that a safety case alone holds; a text counts as read once somebody
    to whom it was shown has said so. It is erased with the words.
    """

    __table_args__ = (
        sa.UniqueConstraint("answer_id", "coordinator_id"),
        sa.UniqueConstraint("remark_id", "coordinator_id"),
        sa.UniqueConstraint("case_id", "coordinator_id"),
        sa.CheckConstraint(ONE_TEXT, name="one_text"),
    )
    id: int | None = Field(default=None, primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id")
    remark_id: int | None = Field(default=None, foreign_key="remark.id")
    case_id: int | None = Field(default=None, foreign_key="safety_case.id")
    coordinator_id: int = Field(foreign_key="coordinator.id")
    way: ReadingWay = one_of(ReadingWay)
    """How it was shown."""
    shown_at: datetime
    """When it was shown."""
    read_at: datetime | None = None
    """When they said that they had read it; None until they do."""


class Rereading(TableRow, table=True):
    """What somebody of the team says that an answer or a remark (exactly one of the two) means.

    The person's own words and what was read out of them are never changed by it. Rows are only added: of those of one
    text the newest counts.
    """

    __table_args__ = (sa.CheckConstraint(ONE_SOURCE, name="one_source"),)
    id: int | None = Field(default=None, primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", index=True)
    remark_id: int | None = Field(default=None, foreign_key="remark.id", index=True)
    value: str | None = None
    """JSON text, as in `Answer`: what the words mean under their question. None where they were left as they are."""
    coordinator_id: int = Field(foreign_key="coordinator.id")
    decided_at: datetime
    """When they said so."""


class TextPlace(TableRow, table=True):
    """How far something has gone through all texts: the highest numbers of an answer and a remark.

    Newer texts have higher numbers, also where those in between were deleted.
    """

    __tablename__ = "text_place"
    name: TextPlaceName = one_of(TextPlaceName, primary_key=True)
    """What goes through the texts."""
    answer_id: int = 0
    """The highest number of an answer that it is done with."""
    remark_id: int = 0
    """The highest number of a remark that it is done with."""
