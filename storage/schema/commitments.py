"""Commitments, their waves, and what became of them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import FollowUpStatus, ImplementationStatus
from storage.schema.columns import BY_THE_DATABASE, TableRow, json_field, one_of


class Commitment(TableRow, table=True):
    """What a clinician will do differently, in their own words, with how sure they are and what they foresee."""

    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "slot"),
        sa.Index("ix_commitment_activity_suggestion", "activity_id", "suggestion", "participant_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    """The place of the conversation that it was made at."""
    statement: str
    """What will be done, in the words of its author or of the suggestion that was picked."""
    suggestion: str | None = None
    """The code of the suggested commitment that was picked; None for own words."""
    type: str | None = None
    """The code of its type, by the program's file; None for own words."""
    theme: str | None = None
    """The code of the theme that it answers; None where it names none."""
    objective: str | None = None
    """The code of the objective that it follows; None where it names none."""
    if_then: str | None = None
    """When and where it will be done, in its author's words."""
    start_on: date | None = None
    """The day from which it will be done."""
    level: int | None = None
    """How sure the participant is of doing it, 1 to 5."""
    confidence: int | None = None
    """How confident the participant is of being able to, 1 to 5."""
    foreseen_barriers: list[str] = json_field(default_factory=list)
    """Codes of the barriers that its author expects."""
    coping: str | None = None
    """What its author will do about these, in their words."""
    specificity: int | None = None
    """Left empty: exports read it from the words, by rule."""
    made_at: datetime
    """When it was made."""
    confirmed: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    """False where its author never said that it is so: words and start were given, and the read-back had no yes."""
    foreseen_other: str | None = None
    """What 'something else' among the foreseen barriers is, in the participant's words."""
    baseline_did: int | None = None
    """With how many of the last patients it was done before; None where that is not known."""
    baseline_had: int | None = None
    """How many patients these were: 10, or fewer where there were not so many; None where that is not known."""
    redaction: str | None = None
    """JSON text of the redacted form of the words, as far as it differs from them."""
    redaction_rules: int = Field(default=0, sa_column_kwargs=BY_THE_DATABASE)
    """The version of the rules that redacted the words; 0 where none has yet."""


class CommitmentRevision(TableRow, table=True):
    """An earlier wording of a commitment, kept when it was replaced."""

    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id", index=True)
    statement: str
    """What was to be done, as it was worded before."""
    if_then: str | None = None
    """When and where, as it was worded before."""
    start_on: date | None = None
    """The day of the start, as it was before."""
    replaced_at: datetime
    """When another wording took its place."""
    redaction: str | None = None
    """JSON text of the redacted form of the words, as far as it differs from them."""
    redaction_rules: int = Field(default=0, sa_column_kwargs=BY_THE_DATABASE)
    """The version of the rules that redacted the words; 0 where none has yet."""


class FollowUp(TableRow, table=True):
    """One commitment at one wave: when it is due, and when it was sent, reminded of, answered and closed."""

    __tablename__ = "follow_up"
    __table_args__ = (sa.UniqueConstraint("commitment_id", "wave_days"),)
    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id")
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    wave_days: int
    """The days of its wave, from when the commitment was made."""
    due_at: datetime
    """As planned; a deferral moves the timer, not this."""
    status: FollowUpStatus = one_of(FollowUpStatus, FollowUpStatus.SCHEDULED)
    """How far it is."""
    reason: str | None = None
    """Why it was not asked, or was closed, by a code; None where nothing needs a reason."""
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    sent_at: datetime | None = None
    """When its first message was handed over."""
    reminded: int = 0
    """How many reminders were sent."""
    answered_at: datetime | None = None
    """The real date, also when it came after the wave closed."""
    closed_at: datetime | None = None
    """When it was closed."""
    after_start: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """It is none of the program's waves, but the one that was added since the commitment starts late."""


class Barrier(TableRow, table=True):
    """A barrier that was met, by its code: one row for each that a clinician names in a report."""

    __table_args__ = (sa.UniqueConstraint("implementation_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    implementation_id: int = Field(foreign_key="implementation.id")
    code: str
    """Of the list of barriers."""


class Implementation(TableRow, table=True):
    """What a clinician reports about a commitment at a wave. Self-reported, always."""

    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id", index=True)
    follow_up_id: int = Field(foreign_key="follow_up.id", unique=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    status: ImplementationStatus = one_of(ImplementationStatus)
    """How far it was done."""
    details: dict[str, Any] = json_field(default_factory=dict)
    """The other fields that the script recorded, such as of_10, helped, instead, noticed and evidence."""
    reported_at: datetime
    """When it was reported."""
    late: bool = False
    """Whether it came after the wave had closed."""
    redaction: str | None = None
    """JSON text of the redacted form of the words, as far as it differs from them."""
    redaction_rules: int = Field(default=0, sa_column_kwargs=BY_THE_DATABASE)
    """The version of the rules that redacted the words; 0 where none has yet."""
