"""What is said: conversations, the inbox, consents and answers; quotations, and decisions on reviews."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from flows.script.roles import Purpose
from storage.enums import ConversationStatus, PointDecision
from storage.schema.columns import (
    BY_THE_DATABASE,
    NUMBERED_ONCE,
    ONE_SOURCE,
    TableRow,
    maybe_one_of,
    one_of,
    partial_index,
)


class Conversation(TableRow, table=True):
    """One participant through one version of one flow.

    `state` is where it stands, as JSON of `flows.engine.state`; '' before it has begun and once it was erased.
    """

    __table_args__ = (
        partial_index(
            "ix_conversation_unfinished",
            "participant_id",
            "program_id",
            "flow",
            "flow_hash",
            where="status != 'ended'",
        ),
        sa.Index(
            "ix_conversation_last_turn", "last_turn_at", "status", "participant_id", "turns", "program_id"
        ),
        partial_index("ix_conversation_about", "about_id", where="about_id IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    address_id: int = Field(foreign_key="address.id")
    program_id: int = Field(foreign_key="program.id")
    """Without an index: most rows are of one program, and SQLite would take it in place of the participant's."""
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    flow: str
    """The code of its flow."""
    flow_hash: str = Field(foreign_key="flowversion.hash")
    channel: str
    """The channel that it is on."""
    status: ConversationStatus = one_of(ConversationStatus, ConversationStatus.OPEN)
    """How far it is."""
    outcome: Outcome | None = maybe_one_of(Outcome)
    """How it ended; None while it has not."""
    state: str
    """Where it stands, as JSON; '' before it has begun and once it was erased."""
    turns: int = 0
    """How many turns it has had."""
    started_at: datetime
    """When it began."""
    last_turn_at: datetime
    """When its last turn was."""
    ended_at: datetime | None = None
    """When it ended; None while it has not."""
    about_id: int | None = None
    """The conversation that submitted what this one co-signs."""


class Inbox(TableRow, table=True):
    """A message that came in, written before it is acknowledged. `seq` is its order at its address, from 1.

    `payload` is the `Inbound` as JSON without the address. `error` says why a row was put aside.
    """

    __table_args__ = (
        sa.UniqueConstraint("channel", "external_id"),
        partial_index("ix_inbox_unhandled", "address_id", "seq", where="handled_at IS NULL"),
        partial_index("ix_inbox_waiting", "id", where="handled_at IS NULL"),
        partial_index(
            "ix_inbox_postponed", "address_id", where="not_before IS NOT NULL AND handled_at IS NULL"
        ),
        partial_index("ix_inbox_put_aside", "address_id", "handled_at", where="error IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id", index=True)
    channel: str
    """The channel that it came by."""
    external_id: str
    """The platform's name of the message: no message is taken twice."""
    seq: int
    """Its order at its address, from 1."""
    payload: str
    """The message as JSON, without the address; it holds a person's words."""
    received_at: datetime
    """When it was written here."""
    handled_at: datetime | None = None
    """When a turn was done with it; None while it waits."""
    conversation_id: int | None = None
    """The conversation that it went to; None where to none."""
    error: str | None = None
    """Why it was put aside; None where it was not."""
    not_before: datetime | None = None
    """Until when it waits for the outcome of a sending that it may answer; None where it need not."""


class Consent(TableRow, table=True):
    """What a participant decided on one purpose, a yes or a no, with the text that was shown.

    Rows are only added. Which of them counts, `storage.programs.consents` says.
    """

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    purpose: Purpose = one_of(Purpose)
    """What was decided on."""
    granted: bool
    """Whether it was a yes."""
    shown_text: str
    """The text that was shown, whole."""
    text_hash: str
    """SHA-256 of that text, in hexadecimal."""
    language: str
    """The language of that text."""
    decided_at: datetime
    """When it was decided."""
    flow: str | None = None
    """The flow whose text it is; None in rows from before this was kept: that of the conversation."""
    source_hash: str | None = None
    """Of the text as its author wrote it, with the program's values: see `flows.script.reconsent.source_of`."""


class Answer(TableRow, table=True):
    """What a participant answered to a question: the value, their own words, and the text that was shown.

    A correction is a new row; the old one gets `superseded_at`.
    """

    __table_args__ = (
        sa.Index("ix_answer_conversation_slot", "conversation_id", "slot"),
        partial_index("ix_answer_unheard", "id", where="unheard"),
        partial_index(
            "ix_answer_picks", "question_key", where="kind = 'select_many' AND superseded_at IS NULL"
        ),
        partial_index("ix_answer_uncertain", "id", where="uncertain AND superseded_at IS NULL"),
        NUMBERED_ONCE,
    )
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    """The question with its items, as in `a7[pain]`."""
    question_key: str
    """The key of the question in its script."""
    item: str = ""
    """The code of what the question was asked of, such as a pick; '' for none."""
    kind: PromptKind = one_of(PromptKind)
    """What was asked for."""
    value: str | None = None
    """JSON text."""
    raw: str
    """What the participant wrote or tapped, as it came."""
    status: AnswerStatus = one_of(AnswerStatus)
    """What became of the answer."""
    shown_text: str
    """The question as it was shown; it may quote an earlier answer."""
    language: str
    """The language of the question as it was shown."""
    channel: str
    """The channel that it came by."""
    asked_at: datetime
    """When the question was asked."""
    answered_at: datetime
    """When the answer came."""
    superseded_at: datetime | None = None
    """When a newer answer took its place; None while it stands."""
    personal: bool = False
    """Whether the question is marked as personal: such answers are in no export and no view."""
    identifiers: bool = False
    """Whether the words hold something that may tell who somebody is, as found when they were stored."""
    unheard: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it is still to be found out in which language the words are, after the turn."""
    detected_language: str | None = None
    """The language of the words, as it was found; None where nothing can be said."""
    detected_probability: float | None = None
    """Of that language, 0 to 1."""
    message_deleted_at: datetime | None = None
    """When the participant took the message with these words back on the platform; the words are kept."""
    redaction: str | None = None
    """JSON text of the redacted form of the words, as far as it differs from them: see
    `storage.conversations.kept_redactions`."""
    redaction_rules: int = Field(default=0, sa_column_kwargs=BY_THE_DATABASE)
    """The version of the rules that redacted the words, after the turn; 0 where none has yet."""
    uncertain: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether the value was read out of other words than a choice, or the words could not be read, as the engine said
    when they came: a person of the team may put that right, see `Rereading`. Never in answers of before."""


class Remark(TableRow, table=True):
    """Words of a participant that answered no question, kept with the question that was open (`slot`, '' for none).

    `number` is its number in the conversation. An edit is a new row of the same number; the old one gets
    `superseded_at`. So does a remark that has become an answer, which `taken_as` names by its slot.
    """

    __table_args__ = (
        sa.Index("ix_remark_conversation_number", "conversation_id", "number"),
        partial_index("ix_remark_unheard", "id", where="unheard"),
        NUMBERED_ONCE,
    )
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    number: int
    """Its number in the conversation, from 1."""
    slot: str
    """The question that was open, with its items; '' for none."""
    raw: str
    """What the participant wrote, as it came."""
    shown_text: str
    """The question that was open, as it was shown."""
    language: str
    """The language of the conversation."""
    channel: str
    """The channel that it came by."""
    said_at: datetime
    """When it came."""
    superseded_at: datetime | None = None
    """When it was edited or became an answer; None while it stands."""
    taken_as: str | None = None
    """The place of the answer that it became; None where it became none."""
    personal: bool = False
    """Whether the open question is marked as personal: such remarks are in no export and no view."""
    identifiers: bool = False
    """As in `Answer`, and what follows too."""
    unheard: bool = False
    """Whether it is still to be found out in which language the words are."""
    detected_language: str | None = None
    """The language of the words, as it was found; None where nothing can be said."""
    detected_probability: float | None = None
    """Of that language, 0 to 1."""
    message_deleted_at: datetime | None = None
    """When the participant took the message back on the platform."""
    redaction: str | None = None
    """JSON text of the redacted form of the words, as far as it differs from them."""
    redaction_rules: int = Field(default=0, sa_column_kwargs=BY_THE_DATABASE)
    """The version of the rules that redacted the words; 0 where none has yet."""


class Quotation(TableRow, table=True):
    """A passage of an answer or of a remark (exactly one of the two) that the team released to be shown to others.

    It is shown while its author permits it, too: see `storage.programs.quotations`.
    """

    __table_args__ = (sa.CheckConstraint(ONE_SOURCE, name="one_source"), NUMBERED_ONCE)
    id: int | None = Field(default=None, primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", index=True)
    remark_id: int | None = Field(default=None, foreign_key="remark.id", index=True)
    text: str
    """As it is shown: identifiers redacted."""
    theme: str | None = None
    """The code of the program's theme that it speaks of; None where whoever released it named none."""
    released_by: int = Field(foreign_key="coordinator.id")
    released_at: datetime
    """When it was released."""
    withdrawn_by: int | None = Field(default=None, foreign_key="coordinator.id")
    withdrawn_at: datetime | None = None
    """Since when the team shows it no longer."""


class ReviewDecision(TableRow, table=True):
    """What the team decided on a point of a review, and why. The point is the conversation's answer in `slot`."""

    __tablename__ = "review_decision"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "slot"),)
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    """The place of the point in the conversation."""
    decision: PointDecision = one_of(PointDecision)
    """What was decided."""
    reason: str
    """Why, in the team's words."""
    decided_at: datetime
    """When it was decided."""
