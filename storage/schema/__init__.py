"""The tables. One row class per word of the house; the only schema there is (migrations are made from it).

All times are aware UTC. Closed sets are stored by value. Identity lives in `Address` alone, sealed with a key that is
never in the database; every other table knows a participant by number and code only. Partial indexes stand on the
unfinished rows only, so that a claim stays quick however long the history grows.
"""

from storage.schema.columns import enum_type, json_field, maybe_one_of, one_of, partial_index
from storage.schema.commitments import Barrier, Commitment, CommitmentRevision, FollowUp, Implementation
from storage.schema.conversations import Answer, Coding, Consent, Conversation, Excerpt, Inbox, ReviewDecision
from storage.schema.delivery import Contact, Outbox, Timer
from storage.schema.enums import (
    AddressStatus,
    AuditKind,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    InvitationKind,
    OutboxKind,
    OutboxStatus,
    ParticipantStatus,
    PointDecision,
    SafetyKind,
    SafetyStatus,
    TimerKind,
)
from storage.schema.people import (
    Address,
    Coordinator,
    Enrollment,
    Invitation,
    LinkAttempt,
    LinkCode,
    Participant,
    PersonRequest,
    Tombstone,
)
from storage.schema.programs import Activity, FlowVersion, Objective, Program, Theme
from storage.schema.safety import SafetyCase, SafetyLook, SafetySample
from storage.schema.system import AuditEvent, Chore, KeptKey

__all__ = [
    "Activity",
    "Address",
    "AddressStatus",
    "Answer",
    "AuditEvent",
    "AuditKind",
    "Barrier",
    "Chore",
    "Coding",
    "Commitment",
    "CommitmentRevision",
    "Consent",
    "Contact",
    "ContactAction",
    "Conversation",
    "ConversationStatus",
    "Coordinator",
    "Enrollment",
    "Excerpt",
    "FlowVersion",
    "FollowUp",
    "FollowUpStatus",
    "Implementation",
    "ImplementationStatus",
    "Inbox",
    "Invitation",
    "InvitationKind",
    "KeptKey",
    "LinkAttempt",
    "LinkCode",
    "Objective",
    "Outbox",
    "OutboxKind",
    "OutboxStatus",
    "Participant",
    "ParticipantStatus",
    "PersonRequest",
    "PointDecision",
    "Program",
    "ReviewDecision",
    "SafetyCase",
    "SafetyKind",
    "SafetyLook",
    "SafetySample",
    "SafetyStatus",
    "Theme",
    "Timer",
    "TimerKind",
    "Tombstone",
    "enum_type",
    "json_field",
    "maybe_one_of",
    "one_of",
    "partial_index",
]
