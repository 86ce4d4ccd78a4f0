"""Decide whether a participant may be contacted now: the contact policy, asked whenever a timer is due.

`decide_contact` is one function over plain facts: every rule is a line, and a later rule has one place to
go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from flows.schedule import local_time

if TYPE_CHECKING:
    from flows.program.model import Schedule

LOOK_AGAIN = timedelta(days=1)
"""After this time a contact that waits for no known hour is decided again.

The end of another conversation brings it forward.
"""


APART = timedelta(hours=1)
"""No contact of our own accord comes sooner after another one, and no reminder sooner after a talk."""


class ContactReason(StrEnum):
    """Why something was sent, put off or not sent: the codes of contacts, timers and follow-ups."""

    # It went out.
    DUE = "due"
    LANGUAGE_OFFERED = "language_offered"
    CONSENT_CHANGED = "consent_changed"
    RESENT = "resent"
    # It is not sent.
    WITHDRAWN = "withdrawn"
    NO_CONSENT = "no_consent"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not_allowed"
    ALREADY_ANSWERED = "already_answered"
    NOTHING_LEFT_TO_ASK = "nothing_left_to_ask"
    TALK_MOVED_ON = "talk_moved_on"
    TALK_ENDED = "talk_ended"
    OTHER_QUESTION_OPEN = "other_question_open"
    WAVE_CLOSED = "wave_closed"
    LATER_REMINDER_DUE = "later_reminder_due"
    LATER_WAVE_DUE = "later_wave_due"
    SNOOZED_AGAIN = "snoozed_again"
    NO_LONGER_PLANNED = "no_longer_planned"
    PROGRAM_CLOSED = "program_closed"
    FAILED = "failed"
    CRISIS_HELP = "crisis_help"
    # It waits to be handed over.
    QUEUED = "queued"
    # It is put off.
    PROGRAM_PAUSED = "program_paused"
    ON_HOLD = "on_hold"
    """They asked for quiet; before `TEAM_HOLD` was there also where the team had wanted it."""
    TEAM_HOLD = "team_hold"
    """The team wanted it for them."""
    SAFETY_HOLD = "safety_hold"
    OTHER_TALK_OPEN = "other_talk_open"
    OUTSIDE_WINDOW = "outside_window"
    CONTACT_BUDGET = "contact_budget"
    QUIET_AFTER_TALK = "quiet_after_talk"
    JUST_WRITTEN_TO = "just_written_to"
    FLOW_MISSING = "flow_missing"
    ENVIRONMENT = "environment"
    # What came of timers that contact nobody.
    NO_RESPONSE = "no_response"
    CLOSED_LATE = "closed_late"
    CONSENT_UNANSWERED = "consent_unanswered"
    EXPIRED = "expired"


class Reach(StrEnum):
    """Whether a participant has an address that can be written to."""

    OPEN = "open"
    BLOCKED = "blocked"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSituation:
    """All that `decide_contact` looks at for one contact with one participant, as it is now.

    `contacts` are the times of earlier ones of our own accord, oldest first.
    """

    now: datetime
    zone: str
    schedule: "Schedule"
    own_accord: bool
    """False for what the participant asked for (a resume): neither window nor budget apply to it."""
    participant_active: bool
    consented: bool
    """To be contacted again; True where no consent is needed, as in a conversation that the participant began."""
    reach: Reach
    allowed: bool = True
    """Whether the policy of roles and channels allows it."""
    flow_found: bool = True
    """False until the operator puts the flow right: a wave is not lost to a wrong setting."""
    answered: bool = False
    something_to_ask: bool = True
    other_conversation_open: bool = False
    program_paused: bool = False
    """An operator has stopped all that goes out of our own accord in this program."""
    program_closed: bool = False
    """All that people were promised in this program has ended."""
    hold_until: datetime | None = None
    """The latest end of a hold, the team's too."""
    team_hold_until: datetime | None = None
    """The end of a hold that the team set; None without one. It may be past."""
    safety_hold: bool = False
    """The participant was at risk, and no coordinator has cleared it yet."""
    conversation_ended_at: datetime | None = None
    """When a conversation of the participant last ended; None for a contact inside of one that goes on."""
    contacts: tuple[datetime, ...] = ()
    talked_at: datetime | None = None
    """When the participant wrote last, of a contact that must not come into a talk, such as a reminder."""


@dataclass(frozen=True, slots=True)
class ContactNow:
    """The decision to contact the participant now."""


@dataclass(frozen=True, slots=True)
class ContactLater:
    """The decision not to contact the participant now: decide again at `until`, which is after now."""

    until: datetime
    reason: ContactReason


@dataclass(frozen=True, slots=True)
class NoContact:
    """The decision not to make this contact at all."""

    reason: ContactReason


ContactDecision = ContactNow | ContactLater | NoContact


def decide_contact(situation: ContactSituation) -> ContactDecision:
    """Decide whether to contact a participant now, later or not at all, and for which reason.

    Of several reasons the gravest counts: what forbids contact, what makes it pointless, what puts it off.
    """
    forbidden = _forbidden(situation) or _pointless(situation)
    if forbidden is not None:
        return NoContact(forbidden)
    return _put_off(situation) or ContactNow()


def _forbidden(situation: ContactSituation) -> ContactReason | None:
    """Return the reason that forbids contact; None if none does."""
    if not situation.participant_active:
        return ContactReason.WITHDRAWN
    if not situation.consented:
        return ContactReason.NO_CONSENT
    if situation.program_closed:
        return ContactReason.PROGRAM_CLOSED
    if situation.reach is Reach.BLOCKED:
        return ContactReason.BLOCKED
    if situation.reach is Reach.NONE:
        return ContactReason.UNREACHABLE
    return None if situation.allowed else ContactReason.NOT_ALLOWED


def _pointless(situation: ContactSituation) -> ContactReason | None:
    """Return the reason that makes contact pointless; None if none does."""
    if situation.answered:
        return ContactReason.ALREADY_ANSWERED
    return None if situation.something_to_ask else ContactReason.NOTHING_LEFT_TO_ASK


def _put_off(situation: ContactSituation) -> ContactLater | None:
    """Return until when contact is put off, and why; None if it is not.

    The new time respects all other rules that are known now, so that one wait is enough.
    """
    now, hold = situation.now, situation.hold_until
    if situation.safety_hold or not situation.flow_found:
        reason = ContactReason.SAFETY_HOLD if situation.safety_hold else ContactReason.FLOW_MISSING
        return ContactLater(now + LOOK_AGAIN, reason)
    if situation.program_paused and situation.own_accord:
        return ContactLater(now + LOOK_AGAIN, ContactReason.PROGRAM_PAUSED)
    if hold is not None and hold > now:
        is_team = situation.team_hold_until is not None and situation.team_hold_until >= hold
        reason = ContactReason.TEAM_HOLD if is_team else ContactReason.ON_HOLD
        return ContactLater(_contact_time(situation, hold), reason)
    if situation.other_conversation_open:
        return ContactLater(_contact_time(situation, now + LOOK_AGAIN), ContactReason.OTHER_TALK_OPEN)
    return _put_off_ours(situation) if situation.own_accord else None


def _put_off_ours(situation: ContactSituation) -> ContactLater | None:
    """Return until when a contact of our own accord is put off; what the participant asked for is not."""
    now = situation.now
    quiet_until = _quiet_until(situation)
    if quiet_until is not None and quiet_until > now:
        return ContactLater(_contact_time(situation, quiet_until), ContactReason.QUIET_AFTER_TALK)
    contacts = [at for at in situation.contacts if _may_be(at, now)]
    free = local_time.next_allowed(contacts, situation.schedule.contacts_per_week, now)
    if free > now:
        return ContactLater(_contact_time(situation, free), ContactReason.CONTACT_BUDGET)
    talked_at = situation.talked_at if _may_be(situation.talked_at, now) else None
    apart = max((*contacts, talked_at or now - APART)) + APART
    if apart > now:
        return ContactLater(_contact_time(situation, apart), ContactReason.JUST_WRITTEN_TO)
    at = _contact_time(situation, now)
    return ContactLater(at, ContactReason.OUTSIDE_WINDOW) if at > now else None


def _quiet_until(situation: ContactSituation) -> datetime | None:
    """Return until when a participant is left in peace after a conversation that has ended; None without one."""
    ended_at, days = situation.conversation_ended_at, situation.schedule.quiet_days_after_talk
    if ended_at is None or not _may_be(ended_at, situation.now):
        return None
    return ended_at + timedelta(days=days)


def _may_be(at: datetime | None, now: datetime) -> bool:
    """Return whether something may have happened at that time: a clock that was far ahead told the others."""
    return at is None or at <= now + LOOK_AGAIN


def _contact_time(situation: ContactSituation, at: datetime) -> datetime:
    """Return the first moment from `at` on that lies inside the window, where the window applies."""
    if not situation.own_accord:
        return at
    return local_time.next_in_window(at, situation.schedule.window, situation.zone)
