"""The closed sets that are stored. A value is never given another meaning."""

from enum import StrEnum


class ParticipantStatus(StrEnum):
    """Whether somebody takes part, has withdrawn, or had everything deleted."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


class PersonState(StrEnum):
    """What a list of people is asked for: how they take part, or what their conversation waits for."""

    ACTIVE = "active"
    """They take part."""
    WITHDRAWN = "withdrawn"
    """They have stopped."""
    DELETED = "deleted"
    """They had everything deleted."""
    WAITING = "waiting"
    """A conversation of theirs is open, and waits for their answer."""
    STUCK = "stuck"
    """One is open or paused, and nobody has said anything in it for three days."""
    PAUSED = "paused"
    """They have put one off, or are away, or a coordinator holds back what is sent to them."""
    SILENT = "silent"
    """They take part, and have said nothing yet in any conversation."""


class PeopleOrder(StrEnum):
    """By what a list of people is sorted."""

    LAST_TURN = "last_turn"
    """Who wrote last comes first."""
    CODE = "code"
    STATE = "state"
    """Those who take part come first, then those who stopped, and those who were deleted."""


class ProgramClose(StrEnum):
    """What becomes of what people were promised when a program is closed; the values of `at_close` in its file."""

    END = "end"
    """It ends: who waits for something, or is in a talk, hears so once, and nothing is sent after that."""
    GO_ON = "go_on"
    """What was begun or agreed to goes on to its own end, and nothing else begins."""


class AddressStatus(StrEnum):
    """Whether an address can be written to, or the bot is blocked there, or the account is gone."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    """The participant blocked the bot; ends when they unblock it."""
    UNREACHABLE = "unreachable"
    """The account is gone or cannot be written to."""


class MailTokenPurpose(StrEnum):
    """What a secret in a mail is for."""

    QUESTION = "question"
    """Its link opens what waits at the address, and nothing else."""
    UNSUBSCRIBE = "unsubscribe"
    """Its link ends mails to the address."""
    NAME = "name"
    """It names the mail, so that a bounce is known as an answer to one of ours."""
    CODE = "code"
    """Six digits, which show that whoever asks reads what comes to the address."""


class InvitationMailStatus(StrEnum):
    """How the mail that carries an invitation stands."""

    SENDING = "sending"
    """It was about to be handed to the mail server; whether it went is not known where this is what stands."""
    MAILED = "mailed"
    """The mail server took it."""
    REFUSED = "refused"
    """The mail server refused it for good; nobody has the link."""
    BOUNCED = "bounced"
    """It came back."""
    COMPLAINED = "complained"
    """Whoever got it called it unwanted: the invitation ended, and no other goes there."""
    ENDED = "ended"
    """Whoever got it wants no more mails: the same."""


class TeamRole(StrEnum):
    """What somebody of the team does, and so may do: see `bot.console.permissions`."""

    VIEWER = "viewer"
    """Looks at figures; sees nobody's words, and no person."""
    COORDINATOR = "coordinator"
    """Looks after the people of a program: invites, reads, answers, hands out reports."""
    SAFETY = "safety"
    """Decides on safety cases."""
    AUTHOR = "author"
    """Loads programs and ends them."""
    ADMIN = "admin"
    """Looks after the team and the system."""


class ConversationStatus(StrEnum):
    """Whether a conversation waits for another one, is open, is paused, or has ended."""

    WAITING = "waiting"
    """Queued behind another conversation of the same participant."""
    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


class FollowUpStatus(StrEnum):
    """Whether one commitment at one wave is still to be sent, was sent, was answered, or how else it ended."""

    SCHEDULED = "scheduled"
    SENT = "sent"
    ANSWERED = "answered"
    NO_RESPONSE = "no_response"
    OPTED_OUT = "opted_out"
    CANCELLED = "cancelled"
    """Nothing left to ask (for example, dropped at an earlier wave); `reason` says which."""


class ImplementationStatus(StrEnum):
    """What a clinician reports of a commitment.

    After the full, partial and not-at-all of Lockyer 2001 (https://www.ncbi.nlm.nih.gov/pubmed/11420869), with the
    other replies that clinicians give. No answer is not a status.
    """

    FULL = "full"
    PARTIAL = "partial"
    PLANNED = "planned"
    MODIFIED = "modified"
    NOT_APPLICABLE = "not_applicable"
    DROPPED = "dropped"
    ALREADY = "already"
    NOT_STARTED_YET = "not_started_yet"
    """It starts after the wave's day: asked for its start alone. No choice of the script's, so none of its codes."""


class TimerKind(StrEnum):
    """What is to be done when a timer comes due: to send, remind, close, ask again, end or erase."""

    WAVE = "wave"
    WAVE_REMINDER = "wave_reminder"
    WAVE_CLOSE = "wave_close"
    INTERVIEW_REMINDER = "interview_reminder"
    RESUME = "resume"
    EXPIRE = "expire"
    FOLLOW_ON = "follow_on"
    """Another flow follows this conversation, see `flows.program.model.FollowOn`."""
    ERASE = "erase"
    """An address is deleted, once the last message has gone there."""
    FAREWELL = "farewell"
    """Its program was closed: what goes on of it ends, and the participant is told so once."""


class OutboxKind(StrEnum):
    """What an outbox row sends: a message, a sent one shown anew (refresh, edit), word to the team, or a file."""

    MESSAGE = "message"
    HELP = "help"
    """A message with help for somebody at risk: it is sent although they leave."""
    REFRESH = "refresh"
    EDIT = "edit"
    """A question that was answered, shown anew with what was chosen. Cosmetic: outside the order of its chat."""
    TEAM = "team"
    """A message to somebody of the team as such: it outlives what they do as a participant."""
    DOCUMENT = "document"
    """The participant's own answers as a file, made when it is sent; the text of `payload` is what stands beside it."""


class Lane(StrEnum):
    """How urgent an outbox row is: a row goes before all that stand in a later lane, in this order.

    `OutboxKind` says what a row is. Rows at one address keep their order: see `storage.conversations.outbox.queue`.
    """

    SAFETY = "safety"
    """Help for somebody at risk."""
    REPLY = "reply"
    """What answers a person."""
    TEAM = "team"
    REMINDER = "reminder"
    """A reminder, a resumption, and all else that comes of our own accord in a conversation that goes on."""
    BULK = "bulk"
    """The first words of a conversation that we begin: of a wave, or of what follows an earlier conversation."""
    EDIT = "edit"
    """Cosmetic."""


class OutboxStatus(StrEnum):
    """Whether an outbox row waits, is being sent, was sent, or will never be."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good; `reason` says why."""
    DROPPED = "dropped"
    """Not sent because the participant may no longer be written to; `reason` says why."""


class ContactAction(StrEnum):
    """What became of a contact that was due: it waits to be sent, was sent, put off, or will not be sent."""

    QUEUED = "queued"
    """Decided on, and not yet handed over to the platform; the row then says what came of it."""
    SENT = "sent"
    DEFERRED = "deferred"
    NOT_SENT = "not_sent"


class InvitationKind(StrEnum):
    """Whether a link is for one person or for a group."""

    SINGLE = "single"
    GROUP = "group"


class InvitationState(StrEnum):
    """How an invitation stands. What let in all that it may is told first, then what the team ended, then its time."""

    UNUSED = "unused"
    """Nobody came in by it yet, and it lets in."""
    IN_USE = "in_use"
    """A link for a group: somebody came in by it, and it lets in more."""
    USED = "used"
    """A link for one: it let them in."""
    FULL = "full"
    """A link for a group that let in as many as it may."""
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def lets_in(self) -> bool:
        """Return whether an invitation that stands so lets in somebody new."""
        return self in (InvitationState.UNUSED, InvitationState.IN_USE)


class InvitationSort(StrEnum):
    """By what a list of invitations is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SOURCE = "source"
    EXPIRY = "expiry"
    """What expires first before the others; what never does, last."""
    USES = "uses"
    """What was used most before the others."""


class SafetyKind(StrEnum):
    """What a safety case is about: an adverse event, a complaint about a product, or distress."""

    ADVERSE_EVENT = "adverse_event"
    PRODUCT_COMPLAINT = "product_complaint"
    DISTRESS = "distress"


class SafetyStatus(StrEnum):
    """How far the team is with a safety case; `storage.safety.case_workflow` has the steps from one to the next."""

    NEW = "new"
    REVIEWING = "reviewing"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    NOT_AN_EVENT = "not_an_event"
    CLEARED = "cleared"
    """Distress: somebody of the team saw to it, and the participant may be contacted again."""


class ReadingWay(StrEnum):
    """How a text was shown to somebody who reads it."""

    TEXT = "text"
    """By itself, with its question."""
    SAME_WORDS = "same_words"
    """Another text was shown that has the same words."""
    CASE = "case"
    """As the words behind a safety case."""
    SAMPLE = "sample"
    """Among the texts of a sample."""


class TextPlaceName(StrEnum):
    """What goes through all texts by their numbers, and how far it has come."""

    UPDATE = "update"
    """The texts that were there before readings were kept: they are not counted as unread."""
    SECOND_READER = "second_reader"
    """The texts that the second reader has seen."""
    READ = "read"
    """The texts below which none is unread: where a search for unread ones begins."""


class PointDecision(StrEnum):
    """Whether the team uses a point that a reviewer made: in full, in part, or not."""

    USED = "used"
    PARTLY = "partly"
    NOT_USED = "not_used"


class AuditKind(StrEnum):
    """What kind of happening an entry of the audit trail records."""

    ENTERED = "entered"
    REFUSED = "refused"
    """Not let in, by the policy of roles and channels."""
    TALK_BEGAN = "talk_began"
    CONSENT = "consent"
    ANSWER = "answer"
    CORRECTION = "correction"
    REMARK = "remark"
    WITHDRAWAL = "withdrawal"
    SENT = "sent"
    """A text was shown: which conversation and question, the language, and the hash of the text."""
    FLAG = "flag"
    SAFETY = "safety"
    """A coordinator did something about a safety case."""
    VIEW = "view"
    EXPORT = "export"
    DELETION = "deletion"
    PURGE = "purge"
    SETTINGS = "settings"
    KEY = "key"
    QUOTATION = "quotation"
    """A coordinator released words to be shown to others, or withdrew them."""
    CODING = "coding"
    """A coordinator loaded a codebook, coded an excerpt, settled a disagreement, or made or removed a link."""
    REREADING = "rereading"
    """A coordinator said what words mean, or left them as they were read."""


class CutKind(StrEnum):
    """In which form figures were handed out to a supporter."""

    REPORT = "report"
    EXPORT = "export"


class LinkedKind(StrEnum):
    """What a link of a program's loop begins or ends at, in the order of the way."""

    THEME = "theme"
    OBJECTIVE = "objective"
    SUGGESTION = "suggestion"
    COMMITMENT = "commitment"
    BEHAVIOUR = "behaviour"
    """What patients are asked whether somebody did it."""


class JournalKind(StrEnum):
    """What a line of the journal beside a database tells, which a backup of before it does not know."""

    BEGIN = "begin"
    """The journal begins."""
    RESTORE = "restore"
    """A backup was put in place, and told all that stands above."""
    STOP = "stop"
    """A participant stopped."""
    ERASURE = "erasure"
    """A participant had everything deleted."""
    CONSENT = "consent"
    """A participant said no to a consent, or took one back."""
    JOIN = "join"
    """Somebody of whom nothing was kept turned out to be another participant, who is written to at their address."""
    MOVE = "move"
    """A participant has lost the accounts that they wrote from, and is written to at another one."""
    MAILS = "mails"
    """A participant ended mails to them, or called one unwanted."""
    MESSAGE = "message"
    """A participant took a message back on the platform."""
    QUOTATION = "quotation"
    """The team withdrew a quotation."""
    HOLD = "hold"
    """A participant is away for a time."""
    TEAM_HOLD = "team_hold"
    """A coordinator wants no contact with a participant for a time, or no longer wants that."""
    SNOOZE = "snooze"
    """A participant chose an hour to be asked again."""
    PAUSE = "pause"
    """A participant put a conversation off without an hour."""
    PROGRAM_PAUSED = "program_paused"
    PROGRAM_RESUMED = "program_resumed"
    PROGRAM_CLOSED = "program_closed"
    PROGRAM_ARCHIVED = "program_archived"
    COORDINATOR = "coordinator"
    """A coordinator was removed from the team."""
    ROLES = "roles"
    """A coordinator was given just these roles, in place of those that they had."""
    SECOND_STEP = "second_step"
    """A coordinator set a second step at the console, or theirs was taken away."""
    INVITATION_REVOKED = "invitation_revoked"
    """The team ended a link that let people in."""
    INVITATION_EXTENDED = "invitation_extended"
    """The team had a link be good until another moment, or without end."""
    LABEL = "label"
    """What the organisation called a link for one person was deleted, with what is known of that person."""
