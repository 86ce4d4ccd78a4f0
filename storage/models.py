"""The tables. One row class per word of the house; the only schema there is (migrations are made from it).

All times are aware UTC. Closed sets are stored by value. Identity lives in `Address` alone, sealed with a key that is
never in the database; every other table knows a participant by number and code only. Partial indexes stand on the
unfinished rows only, so that a claim stays quick however long the history grows.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from flows.effects import AnswerStatus, Outcome, PromptKind
from flows.script import Purpose, Role

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def enum_type(kind: type[StrEnum]) -> Any:
    """A column for a closed set, stored by value with room for longer members later."""
    return sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda k: [m.value for m in k],
        create_constraint=False,
    )


def one_of(kind: type[StrEnum], default: StrEnum | None = None, **options: Any) -> Any:
    """A field for a closed set."""
    return Field(default=... if default is None else default, sa_type=enum_type(kind), **options)


def maybe_one_of(kind: type[StrEnum]) -> Any:
    """A field for a closed set that may be unknown."""
    return Field(default=None, sa_type=enum_type(kind), nullable=True)


def json_field(**options: Any) -> Any:
    """A field that holds JSON."""
    return Field(sa_type=sa.JSON, **options)


def partial_index(name: str, *columns: str, where: str) -> sa.Index:
    """An index on the unfinished rows only, in both databases' words."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class ParticipantStatus(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


class AddressStatus(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"
    """The person blocked the bot; ends when they unblock it."""
    UNREACHABLE = "unreachable"
    """The account is gone or cannot be written to."""


class ConversationStatus(StrEnum):
    WAITING = "waiting"
    """Queued behind another talk of the same person."""
    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


class FollowUpStatus(StrEnum):
    SCHEDULED = "scheduled"
    SENT = "sent"
    ANSWERED = "answered"
    NO_RESPONSE = "no_response"
    OPTED_OUT = "opted_out"
    CANCELLED = "cancelled"
    """Nothing left to ask (for example, dropped at an earlier wave); `reason` says which."""


class ImplementationStatus(StrEnum):
    """After the full, partial and not-at-all of Lockyer 2001 (https://www.ncbi.nlm.nih.gov/pubmed/11420869), with the
    other replies that clinicians give. No answer is not a status.
    """

    FULL = "full"
    PARTIAL = "partial"
    PLANNED = "planned"
    MODIFIED = "modified"
    NOT_APPLICABLE = "not_applicable"
    DROPPED = "dropped"
    ALREADY = "already"


class TimerKind(StrEnum):
    """Why we will act later."""

    WAVE = "wave"
    WAVE_REMINDER = "wave_reminder"
    WAVE_CLOSE = "wave_close"
    INTERVIEW_REMINDER = "interview_reminder"
    RESUME = "resume"
    EXPIRE = "expire"
    FOLLOW_ON = "follow_on"
    """Another flow follows this talk, see `flows.program.FollowOn`."""
    ERASE = "erase"
    """An address is deleted, once the last message has gone there."""


class OutboxKind(StrEnum):
    MESSAGE = "message"
    REFRESH = "refresh"
    DOCUMENT = "document"
    """The person's own answers as a file, made when it is sent; the text of `payload` is what stands beside it."""


class OutboxStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good; `reason` says why."""
    DROPPED = "dropped"
    """Not sent because the person may no longer be written to; `reason` says why."""


class ContactAction(StrEnum):
    SENT = "sent"
    DEFERRED = "deferred"
    NOT_SENT = "not_sent"


class InvitationKind(StrEnum):
    SINGLE = "single"
    GROUP = "group"


class SafetyKind(StrEnum):
    ADVERSE_EVENT = "adverse_event"
    PRODUCT_COMPLAINT = "product_complaint"
    DISTRESS = "distress"


class SafetyStatus(StrEnum):
    NEW = "new"
    REVIEWING = "reviewing"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    NOT_AN_EVENT = "not_an_event"
    CLEARED = "cleared"
    """Distress: somebody of the team saw to it, and the person may be contacted again."""


class Program(SQLModel, table=True):
    """A hub that people enrol in. `settings` is the programme file as loaded, `translations` its words in other
    languages as they stood beside it then; `hash` is the SHA-256 of both.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    settings: dict[str, Any] = json_field()
    translations: dict[str, Any] | None = json_field(default=None)
    hash: str
    loaded_at: datetime


class Activity(SQLModel, table=True):
    """An educational event of a programme."""

    __table_args__ = (sa.UniqueConstraint("program_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    slug: str
    title: str
    held_on: date | None = None


class Theme(SQLModel, table=True):
    """A code of a programme's gap codebook."""

    __table_args__ = (sa.UniqueConstraint("program_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    code: str
    label: str


class Objective(SQLModel, table=True):
    """What an activity sets out to change, with the theme that it answers."""

    __table_args__ = (sa.UniqueConstraint("activity_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id")
    code: str
    text: str
    theme: str | None = None


class Participant(SQLModel, table=True):
    """A person, known by a code only. `timezone` is an IANA name; None means the programme's."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    role: Role = one_of(Role)
    language: str | None = None
    timezone: str | None = None
    status: ParticipantStatus = one_of(ParticipantStatus, ParticipantStatus.ACTIVE)
    created_at: datetime
    hold_until: datetime | None = None
    """Nothing is sent of our own accord before this hour."""
    erasure_asked_at: datetime | None = None
    """When they asked to have everything deleted and were asked whether they are sure; None once answered."""


class Address(SQLModel, table=True):
    """Where a person is reached, for example `telegram:1234`: the only place of identity.

    `lookup` is the keyed hash (HMAC-SHA-256) that finds the row, `sealed` the address encrypted (AES-GCM).
    """

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int | None = Field(default=None, foreign_key="participant.id", index=True)
    channel: str
    lookup: bytes = Field(unique=True)
    sealed: bytes
    status: AddressStatus = one_of(AddressStatus, AddressStatus.ACTIVE)
    reason: str | None = None
    locale: str | None = None
    timezone: str | None = None
    next_seq: int = 1
    created_at: datetime
    last_used_at: datetime | None = None
    """When the person took to this address, where they have several: they are written to at the latest."""
    erase_at: datetime | None = None
    """Once nothing waits to be sent there, the row goes: its person had everything deleted."""


class Invitation(SQLModel, table=True):
    """A one-time or group link, with its source. The token itself is not kept, only its keyed hash."""

    id: int | None = Field(default=None, primary_key=True)
    token_hash: bytes = Field(unique=True)
    program_id: int = Field(foreign_key="program.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    role: Role = one_of(Role)
    flow: str
    source: str
    kind: InvitationKind = one_of(InvitationKind)
    max_uses: int | None = None
    uses: int = 0
    language: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    about_id: int | None = None
    """The conversation that submitted what its holder is to co-sign."""


class Enrollment(SQLModel, table=True):
    """A participant in a programme, and by which invitation."""

    __table_args__ = (sa.UniqueConstraint("program_id", "participant_id", "invitation_id"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    participant_id: int = Field(foreign_key="participant.id", index=True)
    invitation_id: int | None = Field(default=None, foreign_key="invitation.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    enrolled_at: datetime


class FlowVersion(SQLModel, table=True):
    """A version of a flow, kept whole under its hash: a conversation keeps the version that it began with."""

    hash: str = Field(primary_key=True)
    flow: str = Field(index=True)
    source: str
    """The flow as JSON, as `Flow.model_dump_json(by_alias=True)` writes it."""
    first_used_at: datetime


class Conversation(SQLModel, table=True):
    """One participant through one version of one flow. `state` is `flows.state`'s JSON."""

    __table_args__ = (
        partial_index("ix_conversation_unfinished", "participant_id", where="status != 'ended'"),
        partial_index("ix_conversation_about", "about_id", where="about_id IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    address_id: int = Field(foreign_key="address.id")
    program_id: int = Field(foreign_key="program.id", index=True)
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    flow: str
    flow_hash: str = Field(foreign_key="flowversion.hash")
    channel: str
    status: ConversationStatus = one_of(ConversationStatus, ConversationStatus.OPEN)
    outcome: Outcome | None = maybe_one_of(Outcome)
    state: str
    turns: int = 0
    started_at: datetime
    last_turn_at: datetime
    ended_at: datetime | None = None
    about_id: int | None = None
    """The conversation that submitted what this one co-signs."""


class Consent(SQLModel, table=True):
    """A decision on one purpose. Append-only; the newest row of a purpose counts."""

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    purpose: Purpose = one_of(Purpose)
    granted: bool
    shown_text: str
    text_hash: str
    language: str
    decided_at: datetime
    flow: str | None = None
    """The flow whose text it is; None in rows from before this was kept: that of the conversation."""
    source_hash: str | None = None
    """Of the text as its author wrote it, with the programme's values: see `flows.renewal.source_of`."""


class Inbox(SQLModel, table=True):
    """What came in, written before it is acknowledged. `seq` is the order at its address, from 1.

    `payload` is the `Inbound` as JSON without the address. `error` says why a row was put aside.
    """

    __table_args__ = (
        sa.UniqueConstraint("channel", "external_id"),
        partial_index("ix_inbox_unhandled", "address_id", "seq", where="handled_at IS NULL"),
        partial_index("ix_inbox_put_aside", "address_id", "handled_at", where="error IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id")
    channel: str
    external_id: str
    seq: int
    payload: str
    received_at: datetime
    handled_at: datetime | None = None
    conversation_id: int | None = None
    error: str | None = None


class Answer(SQLModel, table=True):
    """What was answered. A correction is a new row; the old one gets `superseded_at`. See `RecordAnswer`."""

    __table_args__ = (
        sa.Index("ix_answer_conversation_slot", "conversation_id", "slot"),
        partial_index("ix_answer_unheard", "id", where="unheard"),
    )
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    question_key: str
    item: str = ""
    kind: PromptKind = one_of(PromptKind)
    value: str | None = None
    """JSON text."""
    raw: str
    status: AnswerStatus = one_of(AnswerStatus)
    shown_text: str
    language: str
    channel: str
    asked_at: datetime
    answered_at: datetime
    superseded_at: datetime | None = None
    personal: bool = False
    identifiers: bool = False
    """Whether the words hold something that may tell who somebody is, as found when they were stored."""
    unheard: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it is still to be found out in which language the words are: after the turn, see `bot.hearing`."""
    detected_language: str | None = None
    """The language of the words, as it was found; None where nothing can be said."""
    detected_probability: float | None = None
    """Of that language, 0 to 1."""


class Commitment(SQLModel, table=True):
    """What an HCP will do differently, in their own words."""

    __table_args__ = (sa.UniqueConstraint("conversation_id", "slot"),)
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id", index=True)
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    statement: str
    suggestion: str | None = None
    """The code of the suggested commitment that was picked; None for own words."""
    type: str | None = None
    theme: str | None = None
    objective: str | None = None
    if_then: str | None = None
    start_on: date | None = None
    level: int | None = None
    """How sure the person is of doing it, 1 to 5."""
    confidence: int | None = None
    """How confident the person is of being able to, 1 to 5."""
    foreseen_barriers: list[str] = json_field(default_factory=list)
    coping: str | None = None
    specificity: int | None = None
    """A hint by rule, 0 to 4; a coordinator's rating comes later and is kept apart."""
    made_at: datetime


class CommitmentRevision(SQLModel, table=True):
    """The words of a commitment before they were changed."""

    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id", index=True)
    statement: str
    if_then: str | None = None
    start_on: date | None = None
    replaced_at: datetime


class FollowUp(SQLModel, table=True):
    """A wave of a commitment."""

    __tablename__ = "follow_up"
    __table_args__ = (sa.UniqueConstraint("commitment_id", "wave_days"),)
    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id")
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int = Field(foreign_key="program.id")
    wave_days: int
    due_at: datetime
    """As planned; a deferral moves the timer, not this."""
    status: FollowUpStatus = one_of(FollowUpStatus, FollowUpStatus.SCHEDULED)
    reason: str | None = None
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    sent_at: datetime | None = None
    reminded: int = 0
    answered_at: datetime | None = None
    """The real date, also when it came after the wave closed."""
    closed_at: datetime | None = None


class Barrier(SQLModel, table=True):
    """A barrier, foreseen or met, one row each."""

    __table_args__ = (sa.UniqueConstraint("implementation_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    implementation_id: int = Field(foreign_key="implementation.id")
    code: str


class Implementation(SQLModel, table=True):
    """What an HCP reports about a commitment at a wave. Self-reported, always."""

    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = Field(foreign_key="commitment.id", index=True)
    follow_up_id: int = Field(foreign_key="follow_up.id", unique=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    status: ImplementationStatus = one_of(ImplementationStatus)
    details: dict[str, Any] = json_field(default_factory=dict)
    """The other fields that the script recorded, such as patients_band, helped, instead, noticed and evidence."""
    reported_at: datetime
    late: bool = False


class Timer(SQLModel, table=True):
    """Every future action, as a row with a due time. A row that is done says when and what came of it."""

    __table_args__ = (
        partial_index("ix_timer_unfinished", "due_at", where="done_at IS NULL"),
        partial_index("ix_timer_participant_unfinished", "participant_id", where="done_at IS NULL"),
        partial_index("ix_timer_follow_on", "participant_id", where="kind = 'follow_on'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: TimerKind = one_of(TimerKind)
    participant_id: int = Field(foreign_key="participant.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    follow_up_id: int | None = Field(default=None, foreign_key="follow_up.id")
    turns: int | None = None
    """The conversation's turn count when this was set: a reminder lapses once the talk has moved on."""
    flow: str | None = None
    """The flow that follows the conversation; for a FOLLOW_ON only."""
    subject: str | None = None
    """What it is to speak of, by its code, where one flow may come for several things."""
    due_at: datetime
    done_at: datetime | None = None
    reason: str | None = None


class Contact(SQLModel, table=True):
    """What was sent, deferred or not sent of our own accord, and why: the story that `said why` tells."""

    __table_args__ = (sa.Index("ix_contact_participant_at", "participant_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id")
    timer_kind: TimerKind | None = maybe_one_of(TimerKind)
    follow_up_id: int | None = None
    conversation_id: int | None = None
    action: ContactAction = one_of(ContactAction)
    reason: str
    at: datetime
    new_due_at: datetime | None = None


class Outbox(SQLModel, table=True):
    """What goes out, in order per address. `payload` is the `Prompt` as JSON."""

    __table_args__ = (
        partial_index("ix_outbox_unsent", "address_id", "id", where="status IN ('queued', 'sending')"),
        sa.Index("ix_outbox_conversation_ask", "conversation_id", "ask"),
    )
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: OutboxKind = one_of(OutboxKind, OutboxKind.MESSAGE)
    ask: int | None = None
    payload: str
    status: OutboxStatus = one_of(OutboxStatus, OutboxStatus.QUEUED)
    attempts: int = 0
    not_before: datetime | None = None
    created_at: datetime
    sent_at: datetime | None = None
    message_id: str | None = None
    """The platform's name of the message, so that it can be edited."""
    possibly_duplicate: bool = False
    reason: str | None = None


class PersonRequest(SQLModel, table=True):
    """A person asked to hear from a human being of the team; `answered_at` is set by a coordinator."""

    __tablename__ = "person_request"
    __table_args__ = (partial_index("ix_person_request_open", "asked_at", where="answered_at IS NULL"),)
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int | None = Field(default=None, foreign_key="program.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    asked_at: datetime
    answered_at: datetime | None = None


class LinkCode(SQLModel, table=True):
    """A code that joins another address to a person: used once, for a quarter of an hour. Only its keyed hash."""

    __tablename__ = "link_code"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    code_hash: bytes = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None


class LinkAttempt(SQLModel, table=True):
    """A wrong code from an address, counted so that nobody tries them all."""

    __tablename__ = "link_attempt"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(index=True)
    at: datetime


class Tombstone(SQLModel, table=True):
    """What is left of somebody who had everything deleted: how much there was, and what the law has us keep."""

    participant_id: int = Field(foreign_key="participant.id", primary_key=True)
    erased_at: datetime
    counts: dict[str, int] = json_field(default_factory=dict)
    """Rows of each kind that were deleted or emptied."""
    kept: dict[str, int] = json_field(default_factory=dict)
    """What was kept of each kind, such as a safety report that had been sent."""


class Coordinator(SQLModel, table=True):
    """A person of the team who watches, reviews and exports: a code, and where they are reached."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    address_id: int | None = Field(default=None, foreign_key="address.id", unique=True)
    """None until they have opened their link, and again once they are no longer one."""
    token_hash: bytes | None = Field(default=None, unique=True)
    """Of the link that they have not opened yet."""
    token_expires_at: datetime | None = None
    timezone: str = "UTC"
    language: str | None = None
    """What they chose; None goes by their app."""
    digest_hour: int = 9
    digest_due_at: datetime | None = None
    created_at: datetime


class SafetyCase(SQLModel, table=True):
    """An adverse event, a product complaint or distress, with its clock. What was said is in the answer."""

    __tablename__ = "safety_case"
    __table_args__ = (
        partial_index("ix_safety_case_open", "participant_id", where="status IN ('new', 'reviewing')"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id")
    program_id: int = Field(foreign_key="program.id")
    answer_id: int | None = Field(default=None, foreign_key="answer.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: SafetyKind = one_of(SafetyKind)
    status: SafetyStatus = one_of(SafetyStatus, SafetyStatus.NEW)
    opened_at: datetime
    """When the words were stored."""
    due_at: datetime
    elements: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Which of the four that a report needs are known, see `flows.safety.Element`."""
    products: list[str] = json_field(default_factory=list, sa_column_kwargs={"default": list})
    """Codes of the programme's products that were named."""
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


class SafetySample(SQLModel, table=True):
    """Words that the rules found nothing in, drawn by chance for a coordinator to look at."""

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


class SafetyLook(SQLModel, table=True):
    """An answer that was drawn, and whether a coordinator looked at it and found something."""

    __tablename__ = "safety_look"
    __table_args__ = (sa.UniqueConstraint("sample_id", "answer_id"),)
    id: int | None = Field(default=None, primary_key=True)
    sample_id: int = Field(foreign_key="safety_sample.id")
    answer_id: int
    """No foreign key: what a person has deleted is gone, and that it was looked at is not."""
    looked_by: int | None = Field(default=None, foreign_key="coordinator.id")
    looked_at: datetime | None = None
    found: bool = False


class Excerpt(SQLModel, table=True):
    """A passage of an answer, by character positions."""

    id: int | None = Field(default=None, primary_key=True)
    answer_id: int = Field(foreign_key="answer.id", index=True)
    start: int
    end: int


class Coding(SQLModel, table=True):
    """A theme that a coordinator gave an excerpt."""

    __table_args__ = (sa.UniqueConstraint("excerpt_id", "theme_id", "coordinator_id"),)
    id: int | None = Field(default=None, primary_key=True)
    excerpt_id: int = Field(foreign_key="excerpt.id")
    theme_id: int = Field(foreign_key="theme.id")
    coordinator_id: int = Field(foreign_key="coordinator.id")
    coded_at: datetime


class PointDecision(StrEnum):
    """What became of a point that a reviewer made."""

    USED = "used"
    PARTLY = "partly"
    NOT_USED = "not_used"


class ReviewDecision(SQLModel, table=True):
    """What the team decided on a point of a review, and why: the answer in that conversation's slot."""

    __tablename__ = "review_decision"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "slot"),)
    id: int | None = Field(default=None, primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    slot: str
    decision: PointDecision = one_of(PointDecision)
    reason: str
    decided_at: datetime


class AuditKind(StrEnum):
    """What an audit event tells of."""

    ENTERED = "entered"
    REFUSED = "refused"
    """Not let in, by the policy of roles and channels."""
    TALK_BEGAN = "talk_began"
    CONSENT = "consent"
    ANSWER = "answer"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    SENT = "sent"
    """A text was shown: which talk and question, the language, and the hash of the text."""
    FLAG = "flag"
    SAFETY = "safety"
    """A coordinator did something about a safety case."""
    VIEW = "view"
    EXPORT = "export"
    DELETION = "deletion"
    PURGE = "purge"
    SETTINGS = "settings"
    KEY = "key"


class AuditEvent(SQLModel, table=True):
    """Append-only: what was done and when, each row chained to the one before. See `storage.audit`.

    No words of a person and no address in `details`, which is canonical JSON as text: what is hashed is what is
    kept. `id` counts from 1 without a gap. Hashes are SHA-256, 32 bytes.
    """

    __tablename__ = "audit_event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    kind: AuditKind = one_of(AuditKind)
    participant_id: int | None = None
    details: str = "{}"
    prev_hash: bytes
    hash: bytes


class KeptKey(SQLModel, table=True):
    """A key that outlives the identity key, sealed with it: see `storage.key_rotation`."""

    __tablename__ = "kept_key"
    name: str = Field(primary_key=True)
    sealed: bytes


class Chore(SQLModel, table=True):
    """What the house does at its hours, beside what it owes to one person: when it is due next."""

    name: str = Field(primary_key=True)
    due_at: datetime
    done_at: datetime | None = None
