"""Name the table behind each row class, for statements that are written with SQLAlchemy Core.

The hot path writes rows with Core statements in batches; each statement takes its table from here, so that a table
that is not there is found by the type checker and not at run time.
"""

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage.schema.coding import (
    CodebookVersion,
    CodedExcerpt,
    Coding,
    CodingSettlement,
    Excerpt,
    ThemeLink,
)
from storage.schema.commitments import Barrier, Commitment, CommitmentRevision, FollowUp, Implementation
from storage.schema.conversations import (
    Answer,
    Consent,
    Conversation,
    Inbox,
    Quotation,
    Remark,
    ReviewDecision,
)
from storage.schema.cuts import SupporterCut
from storage.schema.delivery import Contact, Outbox, PaidMonth, Timer
from storage.schema.people import (
    Address,
    AddressRequest,
    Coordinator,
    Enrollment,
    Invitation,
    InvitationMail,
    LinkAttempt,
    LinkCode,
    MailRefusal,
    MailToken,
    Participant,
    PersonRequest,
    RequestedErasure,
    Tombstone,
)
from storage.schema.programs import Activity, ActivityObjective, FlowVersion, Program, Theme
from storage.schema.safety import (
    Reading,
    Rereading,
    SafetyCase,
    SafetyLook,
    SafetySample,
    TextPlace,
    TextSignal,
)
from storage.schema.system import AuditEvent, KeptKey, KeyCheck, PeriodicJob
from storage.schema.team import ConsoleLink, ConsoleSession, CoordinatorRole, RecoveryCode

METADATA = SQLModel.metadata
"""All tables: what migrations compare a database with."""


def table_of(row: type[SQLModel]) -> sa.Table:
    """Return the SQLAlchemy table in which the rows of a row class, such as `Answer`, are kept."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


ACTIVITY = table_of(Activity)
ADDRESS = table_of(Address)
ADDRESS_REQUEST = table_of(AddressRequest)
ANSWER = table_of(Answer)
AUDIT_EVENT = table_of(AuditEvent)
BARRIER = table_of(Barrier)
PERIODIC_JOB = table_of(PeriodicJob)
CODEBOOK = table_of(CodebookVersion)
CODED_EXCERPT = table_of(CodedExcerpt)
CODING = table_of(Coding)
CODING_SETTLEMENT = table_of(CodingSettlement)
COMMITMENT = table_of(Commitment)
COMMITMENT_REVISION = table_of(CommitmentRevision)
CONSENT = table_of(Consent)
CONSOLE_LINK = table_of(ConsoleLink)
CONSOLE_SESSION = table_of(ConsoleSession)
CONTACT = table_of(Contact)
CONVERSATION = table_of(Conversation)
COORDINATOR = table_of(Coordinator)
COORDINATOR_ROLE = table_of(CoordinatorRole)
ENROLLMENT = table_of(Enrollment)
EXCERPT = table_of(Excerpt)
FLOW_VERSION = table_of(FlowVersion)
FOLLOW_UP = table_of(FollowUp)
IMPLEMENTATION = table_of(Implementation)
INBOX = table_of(Inbox)
INVITATION = table_of(Invitation)
INVITATION_MAIL = table_of(InvitationMail)
KEPT_KEY = table_of(KeptKey)
KEY_CHECK = table_of(KeyCheck)
LINK_ATTEMPT = table_of(LinkAttempt)
LINK_CODE = table_of(LinkCode)
MAIL_REFUSAL = table_of(MailRefusal)
MAIL_TOKEN = table_of(MailToken)
OBJECTIVE = table_of(ActivityObjective)
OUTBOX = table_of(Outbox)
PAID_MONTH = table_of(PaidMonth)
PARTICIPANT = table_of(Participant)
PERSON_REQUEST = table_of(PersonRequest)
PROGRAM = table_of(Program)
QUOTATION = table_of(Quotation)
READING = table_of(Reading)
REREADING = table_of(Rereading)
RECOVERY_CODE = table_of(RecoveryCode)
REMARK = table_of(Remark)
REQUESTED_ERASURE = table_of(RequestedErasure)
REVIEW_DECISION = table_of(ReviewDecision)
SAFETY_CASE = table_of(SafetyCase)
SAFETY_LOOK = table_of(SafetyLook)
SAFETY_SAMPLE = table_of(SafetySample)
SUPPORTER_CUT = table_of(SupporterCut)
TEXT_PLACE = table_of(TextPlace)
TEXT_SIGNAL = table_of(TextSignal)
THEME = table_of(Theme)
THEME_LINK = table_of(ThemeLink)
TIMER = table_of(Timer)
TOMBSTONE = table_of(Tombstone)
