"""Participants, how they are reached and came in, and what they asked for; and coordinators."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from flows.script.roles import Role
from storage.enums import (
    AddressStatus,
    InvitationKind,
    InvitationMailStatus,
    MailTokenPurpose,
    ParticipantStatus,
)
from storage.schema.columns import TableRow, json_field, one_of, partial_index


class Participant(TableRow, table=True):
    """Somebody who takes part, known by a code only. `timezone` is an IANA name; None means the program's."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    """The code by which the team and exports know them."""
    role: Role = one_of(Role)
    """What they take part as."""
    language: str | None = None
    """The language that they chose; None goes by their app."""
    timezone: str | None = None
    """An IANA name; None means the program's."""
    status: ParticipantStatus = one_of(ParticipantStatus, ParticipantStatus.ACTIVE)
    """Whether they still take part."""
    created_at: datetime
    """When they first came."""
    hold_until: datetime | None = None
    """Nothing is sent of our own accord before this hour: the participant is away."""
    team_hold_until: datetime | None = None
    """The same, as a coordinator set it."""
    erasure_asked_at: datetime | None = None
    """When they asked to have everything deleted and were asked whether they are sure; None once answered."""
    zone_asked_at: datetime | None = None
    """When the bot asked for their time zone of its own accord, which it does once; None where it has not."""
    mail_declined_at: datetime | None = None
    """When they said last that they want no mails; None where they did not."""


class Address(TableRow, table=True):
    """Where a participant is reached, for example `telegram:1234`: the only place of identity.

    `lookup` is the keyed hash (HMAC-SHA-256) that finds the row, `sealed` the address encrypted (AES-GCM).
    """

    id: int | None = Field(default=None, primary_key=True)
    participant_id: int | None = Field(default=None, foreign_key="participant.id", index=True)
    channel: str
    """The channel that it is on."""
    lookup: bytes = Field(unique=True)
    """The keyed hash that finds it."""
    sealed: bytes
    """The address, encrypted."""
    workspace: str | None = None
    """The keyed hash of the workspace that it is in, which is paced by itself; None on channels without any."""
    status: AddressStatus = one_of(AddressStatus, AddressStatus.ACTIVE)
    """Whether messages get there."""
    reason: str | None = None
    """Why they do not, by a code."""
    locale: str | None = None
    """The language that their app tells; None where it tells none."""
    timezone: str | None = None
    """The time zone that their app tells; None where it tells none."""
    next_seq: int = 1
    """The number that the next message from there gets."""
    created_at: datetime
    """When somebody first wrote from there."""
    last_used_at: datetime | None = None
    """When the participant took to this address, where they have several: they are written to at the latest."""
    erase_at: datetime | None = None
    """Once nothing waits to be sent there, the row goes: its participant had everything deleted."""


class Invitation(TableRow, table=True):
    """A link that lets one person, or a group, into a program. Its token is not kept, only the keyed hash.

    `source` is where its holders come from, as the coordinator named it.
    """

    __table_args__ = (
        partial_index("ix_invitation_replaces", "replaces_id", where="replaces_id IS NOT NULL"),
    )
    id: int | None = Field(default=None, primary_key=True)
    token_hash: bytes = Field(unique=True)
    """The keyed hash of its token."""
    program_id: int = Field(foreign_key="program.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    role: Role = one_of(Role)
    """What its holders take part as."""
    flow: str
    """The flow that it begins."""
    source: str
    """Where its holders come from, as the coordinator named it."""
    kind: InvitationKind = one_of(InvitationKind)
    """For whom it is."""
    max_uses: int | None = None
    """How often it may be used; None without limit."""
    uses: int = 0
    """How often it was used."""
    language: str | None = None
    """The language that it begins in; None goes by the app."""
    created_at: datetime
    """When it was made."""
    expires_at: datetime | None = None
    """Until when it may be used; None without end."""
    about_id: int | None = None
    """The conversation that submitted what its holder is to co-sign."""
    revoked_at: datetime | None = None
    """When the team ended it; None where they did not, or have extended it since."""
    label_sealed: bytes | None = None
    """What the organisation calls it, such as a patient's number of theirs, encrypted; None where it has no label."""
    replaces_id: int | None = None
    """The link in whose place the team made this one, with its label; None for one of its own."""


class InvitationMail(TableRow, table=True):
    """A mail that carries an invitation to somebody who takes no part yet. Their mailbox is not kept, only its hash."""

    __tablename__ = "invitation_mail"
    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = Field(foreign_key="invitation.id", unique=True)
    mailbox_hash: bytes | None = Field(default=None, index=True)
    """The keyed hash of the mailbox, so that nobody is mailed twice; None once it went with the invitation's label."""
    ends_hash: bytes = Field(unique=True)
    """The keyed hash of the secret that ends the invitation, and mails to the mailbox."""
    name_hash: bytes = Field(unique=True)
    """The keyed hash of what names the mail, by which it is known where it comes back."""
    language: str
    """The language of the mail."""
    status: InvitationMailStatus = one_of(InvitationMailStatus, InvitationMailStatus.SENDING)
    """How it stands."""
    reason: str | None = None
    """What the mail server answered where it refused it, by its codes."""
    made_at: datetime
    """When it was made."""
    mailed_at: datetime | None = None
    """When the mail server took it; None where it did not, or that is not known."""
    ended_at: datetime | None = None
    """When it came back, or its reader wanted no more; None while neither happened."""


class MailRefusal(TableRow, table=True):
    """A mailbox whose reader wants no invitations: a keyed hash alone, so that later lists pass it over."""

    __tablename__ = "mail_refusal"
    id: int | None = Field(default=None, primary_key=True)
    mailbox_hash: bytes = Field(unique=True)
    """The keyed hash of the mailbox."""
    refused_at: datetime
    """When they said so."""


class Enrollment(TableRow, table=True):
    """A participant in a program, and by which invitation."""

    __table_args__ = (sa.UniqueConstraint("program_id", "participant_id", "invitation_id"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    participant_id: int = Field(foreign_key="participant.id", index=True)
    invitation_id: int | None = Field(default=None, foreign_key="invitation.id")
    activity_id: int | None = Field(default=None, foreign_key="activity.id")
    enrolled_at: datetime
    """When they came in."""


class PersonRequest(TableRow, table=True):
    """A participant's request to hear from a human being of the team; `answered_at` None until somebody has."""

    __tablename__ = "person_request"
    __table_args__ = (partial_index("ix_person_request_open", "asked_at", where="answered_at IS NULL"),)
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    program_id: int | None = Field(default=None, foreign_key="program.id")
    conversation_id: int | None = Field(default=None, foreign_key="conversation.id")
    asked_at: datetime
    """When they asked."""
    answered_at: datetime | None = None
    """When somebody had answered."""


class LinkCode(TableRow, table=True):
    """A code that joins another address to a participant: good once. Only its keyed hash is kept.

    One that a participant asked for is good for 15 minutes; one that a coordinator made moves them to that address.
    """

    __tablename__ = "link_code"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    code_hash: bytes = Field(unique=True)
    """The keyed hash of the code."""
    expires_at: datetime
    """Until when it may be used."""
    used_at: datetime | None = None
    """When it was used; None while it was not."""
    coordinator_id: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who of the team made it, for somebody without their old account; None where the participant asked for it."""


class LinkAttempt(TableRow, table=True):
    """A wrong account-link code that was written at an address, counted so that nobody can try them all."""

    __tablename__ = "link_attempt"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(index=True)
    """The number of the address that it was written at."""
    at: datetime
    """When it was written."""


class MailToken(TableRow, table=True):
    """A secret in a mail to an address, known by its keyed hash alone."""

    __tablename__ = "mail_token"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(foreign_key="address.id", index=True)
    """The address that it was mailed to."""
    purpose: MailTokenPurpose = one_of(MailTokenPurpose)
    """What it is for."""
    token_hash: bytes = Field(unique=True)
    """The keyed hash of the secret."""
    created_at: datetime
    """When it was made."""
    expires_at: datetime
    """Until when it may be used."""
    tries: int = 0
    """Of a code: how often a wrong one was given. A code that was missed stays for 30 days, for these count."""


class AddressRequest(TableRow, table=True):
    """An e-mail address that a participant gave and has not confirmed: it is used for nothing, and goes in three days.

    `lookup` and `sealed` are as those of `Address`.
    """

    __tablename__ = "address_request"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    lookup: bytes = Field(index=True)
    """The keyed hash that finds it."""
    sealed: bytes
    """The address, encrypted."""
    language: str
    """The language of the mail that it is to be confirmed by."""
    asked_at: datetime
    """When it was given."""
    token_hash: bytes | None = Field(default=None, unique=True)
    """The keyed hash of what the mail's link holds; None until a mail goes."""
    sent_at: datetime | None = None
    """When the mail server took the mail; None while it has not."""
    failed_at: datetime | None = None
    """When the mail server refused the mail for good; None while it has not."""
    ended_at: datetime | None = None
    """When another address took its place, or it was confirmed: then it keeps its hash, and its link says so.

    It counts until it goes, so that nobody is sent many mails."""


class Tombstone(TableRow, table=True):
    """What is left of somebody who had everything deleted: how much there was, and what the law has us keep."""

    participant_id: int = Field(foreign_key="participant.id", primary_key=True)
    erased_at: datetime
    """When it was deleted."""
    counts: dict[str, int] = json_field(default_factory=dict)
    """Rows of each kind that were deleted or emptied."""
    kept: dict[str, int] = json_field(default_factory=dict)
    """What was kept of each kind, such as a safety report that had been sent."""


class RequestedErasure(TableRow, table=True):
    """A participant's wish, told to the team another way than by the bot, to have everything deleted.

    One coordinator keeps it; it is done once a second one has confirmed it.
    """

    __tablename__ = "requested_erasure"
    id: int | None = Field(default=None, primary_key=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    asked_by: int = Field(foreign_key="coordinator.id")
    """Who kept it."""
    asked_at: datetime
    """When they did."""
    confirmed_by: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who confirmed it; None where nobody has."""
    ended_at: datetime | None = None
    """When it was confirmed, or taken back; None while it stands, or where it was left for too long."""


class Coordinator(TableRow, table=True):
    """Somebody of the team who watches, reviews and exports: a code, and where they are reached."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    """The code by which decisions name them."""
    address_id: int | None = Field(default=None, foreign_key="address.id", unique=True)
    """None until they have opened their link, and again once they are no longer one."""
    token_hash: bytes | None = Field(default=None, unique=True)
    """Of the link that they have not opened yet."""
    token_expires_at: datetime | None = None
    """Until when that link may be opened."""
    timezone: str = "UTC"
    """An IANA name."""
    language: str | None = None
    """What they chose; None goes by their app."""
    digest_hour: int = 9
    """The hour of their day at which their digest comes."""
    digest_due_at: datetime | None = None
    """When the next one is due; None where none is."""
    totp_sealed: bytes | None = None
    """The secret of their second step at the console (RFC 6238), encrypted; None where they have none."""
    totp_step: int | None = None
    """The last step of time whose code they gave, so that no code is good twice; None before the first."""
    account_sealed: bytes | None = None
    """The account of their organisation by which they sign in at the console, encrypted; None where they have none."""
    created_at: datetime
    """When they were added."""
