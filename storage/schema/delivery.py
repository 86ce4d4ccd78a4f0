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
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: TimerKind = one_of(TimerKind)
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
    done_at: datetime | None = None
    reason: str | None = None


class Contact(TableRow, table=True):
    """What is queued, was sent, deferred or not sent of our own accord, and why: the story that `said why` tells."""

    __table_args__ = (
        sa.Index("ix_contact_participant_at", "participant_id", "at"),
        partial_index("ix_contact_queued", "conversation_id", where="action = 'queued'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id")
    timer_kind: TimerKind | None = maybe_one_of(TimerKind)
    follow_up_id: int | None = None
    conversation_id: int | None = None
    action: ContactAction = one_of(ContactAction)
    reason: str
    at: datetime
    new_due_at: datetime | None = None


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
    ask: int | None = None
    payload: str
    status: OutboxStatus = one_of(OutboxStatus, OutboxStatus.QUEUED)
    attempts: int = 0
    not_before: datetime | None = None
    """From when it may go: `created_at` until it is put off. None once it was sent."""
    created_at: datetime
    sent_at: datetime | None = None
    message_id: str | None = None
    """The platform's name of the message, so that it can be edited."""
    possibly_duplicate: bool = False
    reason: str | None = None
    thread: str | None = None
    """The platform's name of the message under which this one goes out; None for the chat itself."""
    lane: Lane = one_of(Lane, Lane.REPLY, sa_column_kwargs={"server_default": Lane.REPLY.value})
    is_head: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it is the unsent row of its address that goes next, see `storage.conversations.outbox_order`."""
    line: str | None = None
    """The line of its address, so that an index serves one, see `storage.conversations.outbox_lines`; None for rows
    that an earlier program sent."""


class PaidMonth(TableRow, table=True):
    """How many messages were paid for on a channel in a month, such as `2026-03`, in UTC."""

    __tablename__ = "paid_month"
    channel: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    openers: int = 0
    """First words of conversations that we began."""
    others: int = 0
