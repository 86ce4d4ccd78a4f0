"""Decide what follows from a message that could not be sent: read from the error's own flags alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import NotPaidFor, ParticipantBlocked, RateLimited, SendError
from storage.conversations.outbox_in_doubt import IN_DOUBT_FOR, MOST_IN_DOUBT, pause_in_doubt
from storage.schema import AddressStatus

FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
"""What waits for longer at a start was put off by a clock that stood ahead, or by a platform that will say so again."""
GIVE_UP_AFTER = timedelta(days=2)
"""A message that could not be sent for so long says nothing any more; the reminders ask again."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """A decision to send the message again, not before `at`.

    `possibly_duplicate` says that this attempt may have been delivered, `rate_limited` that the platform asked us to
    wait, `unpaid` that it took no payment for the message.
    """

    at: datetime
    possibly_duplicate: bool
    rate_limited: bool
    unpaid: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A decision to drop the message for good; the next one at the address is sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class StopContact:
    """A decision to send nothing to this address any more: nobody is reached there. `status` becomes the address's.

    `at` is when the platform said so: whoever wrote after that has come back.
    """

    status: AddressStatus
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StopChannel:
    """A decision to send nothing on this channel until the operator has acted.

    The message stays queued; now and then a single one tries whether the channel takes messages again.
    """

    reason: str


FailureDecision = RetryLater | GiveUp | StopContact | StopChannel


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """
    What is known of a message that could not be sent.

    attempts            how often it was tried, this time included
    possibly_duplicate  an earlier attempt may have been delivered
    created_at          when the message was queued
    """

    attempts: int
    possibly_duplicate: bool
    created_at: datetime


def decide(error: SendError, attempt: FailedAttempt, *, now: datetime, jitter: float) -> FailureDecision:
    """Decide what becomes of a message that could not be sent: stop channel or contact, give up, or retry later.

    Given up are errors that no retry mends, messages older than two days, and those of unknown outcome after five
    attempts and an hour. `jitter` is a random number from 0 up to 1, which spreads the retries of many messages.
    """
    if error.stops_channel:
        return StopChannel(error.reason)
    if error.stops_contact:
        blocked = isinstance(error, ParticipantBlocked)
        return StopContact(AddressStatus.BLOCKED if blocked else AddressStatus.UNREACHABLE, error.reason, now)
    if not error.retryable:
        return GiveUp(error.reason)
    tried = attempt.attempts >= MOST_IN_DOUBT and now - attempt.created_at >= IN_DOUBT_FOR
    if error.ambiguous and attempt.possibly_duplicate and tried:
        return GiveUp(f"outcome unknown in {attempt.attempts} attempts: {error.reason}")
    if now - attempt.created_at > GIVE_UP_AFTER:
        return GiveUp(f"could not be sent for {GIVE_UP_AFTER.days} days: {error.reason}")
    return RetryLater(
        at=now + _pause(error, attempt.attempts, jitter),
        possibly_duplicate=error.ambiguous,
        rate_limited=isinstance(error, RateLimited),
        unpaid=isinstance(error, NotPaidFor),
    )


def _pause(error: SendError, attempts: int, jitter: float) -> timedelta:
    """Compute the wait before the next attempt.

    It is never shorter than what the platform asked for; else twice as long each time, less up to a half. It grows
    faster where the message may have arrived.
    """
    if error.retry_after is not None:
        return error.retry_after + timedelta(seconds=jitter)
    if error.ambiguous:
        return pause_in_doubt(attempts) * (1 - jitter / 2)
    doubled = FIRST_BACKOFF * 2.0 ** min(attempts - 1, 16)
    return min(doubled, LONGEST_BACKOFF) * (1 - jitter / 2)
