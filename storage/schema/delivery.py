"""What will be done later, and what is sent."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import ContactAction, Lane, OutboxKind, OutboxStatus, TimerKind
from storage.schema.columns import TableRow, maybe_one_of, one_of, partial_index


class Timer(TableRow, table=True):
    """A future action, with its due time. A row that is done says when and what came of it."""

    __table_args__ = (
        partial_index("ix_timer_unfinished", "kind", "due_at", where="done_at IS NULL"),
        partial_index("ix_timer_participant_unfinished", "participant_id", where="done_at IS NULL"),
        partial_index("ix_timer_follow_on", "participant_id", where="kind = 'follow_on'"),
        partial_index("ix_timer_put_aside", "done_at", where="reason >= 'failed: ' AND reason < 'failed:!'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: TimerKind = one_of(TimerKind)
    """What is to be done."""
    participant_id: int = Field(foreign_key="participant.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    follow_up_id: int | None = Field(default=None, foreign_key="follow_up.id")
    turns: int | None = None
    """The conversation's turn count when this was set: a reminder lapses once the conversation has moved on."""
    flow: str | None = None
    """The flow that follows the conversation; for a FOLLOW_ON only."""
    subject: str | None = None
    """What it is to speak of, by its code, where one flow may come for several things."""
    due_at: datetime
    """When it is due."""
    done_at: datetime | None = None
    """When it was done with; None while it waits."""
    reason: str | None = None
    """What came of it, by a code."""


class Contact(TableRow, table=True):
    """What is queued, was sent, deferred or not sent of our own accord, and why: the story that `said why` tells."""

    __table_args__ = (
        sa.Index("ix_contact_participant_at", "participant_id", "at"),
        partial_index("ix_contact_queued", "conversation_id", where="action = 'queued'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id")
    timer_kind: TimerKind | None = maybe_one_of(TimerKind)
    """What it was due by; None where by no timer."""
    follow_up_id: int | None = None
    """The number of the wave that it is about; None for none."""
    conversation_id: int | None = None
    """The number of the conversation that it is about; None for none."""
    action: ContactAction = one_of(ContactAction)
    """What was done."""
    reason: str
    """Why, by a code."""
    at: datetime
    """When it was done."""
    new_due_at: datetime | None = None
    """To when it was deferred; None where it was not."""


class Outbox(TableRow, table=True):
    """A message that goes out, in order per address. `payload` is the engine's `Prompt` as JSON."""

    __table_args__ = (
        partial_index(
            "ix_outbox_unsent",
            "address_id",
            "is_head",
            "lane",
            "id",
            where="status IN ('queued', 'sending') AND kind != 'edit'",
        ),
        partial_index(
            "ix_outbox_head", "line", "lane", "not_before", "id", where="is_head AND status = 'queued'"
        ),
        partial_index("ix_outbox_edit", "address_id", "id", where="kind = 'edit'"),
        sa.Index("ix_outbox_conversation_ask", "conversation_id", "ask"),
    )
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id", index=True)
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    kind: OutboxKind = one_of(OutboxKind, OutboxKind.MESSAGE)
    """What it is to the platform."""
    ask: int | None = None
    """Which asking of its conversation it is, from 0; None where it asks nothing."""
    payload: str
    """The message as JSON; it may quote a person's words."""
    status: OutboxStatus = one_of(OutboxStatus, OutboxStatus.QUEUED)
    """How far it is."""
    attempts: int = 0
    """How often it was tried."""
    not_before: datetime | None = None
    """From when it may go: `created_at` until it is put off. None once it was sent."""
    created_at: datetime
    """When it was written here."""
    sent_at: datetime | None = None
    """When the platform took it; None while it has not."""
    message_id: str | None = None
    """The platform's name of the message, so that it can be edited."""
    possibly_duplicate: bool = False
    """Whether it may have arrived twice."""
    reason: str | None = None
    """Why it was not sent, by a code."""
    thread: str | None = None
    """The platform's name of the message under which this one goes out; None for the chat itself."""
    lane: Lane = one_of(Lane, Lane.REPLY, sa_column_kwargs={"server_default": Lane.REPLY.value})
    """How urgent it is."""
    is_head: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it is the unsent row of its address that goes next, see `storage.conversations.outbox_order`."""
    line: str | None = None
    """The line of its address, so that an index serves one, see `storage.conversations.outbox_lines`; None for rows
    that an earlier program sent."""


class PaidMonth(TableRow, table=True):
    """How many messages were paid for on a channel in a month, such as `2026-03`, in UTC."""

    __tablename__ = "paid_month"
    channel: str = Field(primary_key=True)
    """The channel that it was paid on."""
    month: str = Field(primary_key=True)
    """The month, in UTC."""
    openers: int = 0
    """First words of conversations that we began."""
    others: int = 0
    """All other paid messages."""
