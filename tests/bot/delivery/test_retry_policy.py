"""What follows from an error, and how fast messages may go: arithmetic, without waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
    SendError,
)
from bot.delivery.rate_limits import NO_LIMIT, TELEGRAM, ChannelRates, MessageRate, RateLimiter
from bot.delivery.retry_policy import (
    FailedAttempt,
    FailureDecision,
    GiveUp,
    RetryLater,
    StopChannel,
    StopContact,
    decide,
)
from storage.schema import AddressStatus

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def again(seconds: float, *, duplicate: bool = False, limited: bool = False) -> RetryLater:
    return RetryLater(NOW + timedelta(seconds=seconds), possibly_duplicate=duplicate, rate_limited=limited)


@pytest.mark.parametrize(
    ("error", "attempts", "duplicate", "verdict"),
    [
        (RateLimited("r", retry_after=timedelta(seconds=30)), 1, False, again(30.5, limited=True)),
        (RateLimited("r"), 1, False, again(1.5, limited=True)),
        (ChannelDown("d"), 1, False, again(1.5)),
        (ChannelDown("d"), 2, False, again(3)),
        (ChannelDown("d"), 5, False, again(24)),
        (ChannelDown("d"), 400, False, again(225)),
        (ChannelDown("d"), 1, True, again(1.5)),
        (OutcomeUnknown("u"), 1, False, again(1.5, duplicate=True)),
        (OutcomeUnknown("u"), 2, True, again(6, duplicate=True)),
        (OutcomeUnknown("u"), 3, True, again(24, duplicate=True)),
        (OutcomeUnknown("u"), 5, True, again(225, duplicate=True)),
        (OutcomeUnknown("u"), 5, False, again(225, duplicate=True)),
        (MessageRejected("m"), 1, False, GiveUp("m")),
        (ParticipantBlocked("b"), 1, False, StopContact(AddressStatus.BLOCKED, "b", NOW)),
        (AddressGone("g"), 1, False, StopContact(AddressStatus.UNREACHABLE, "g", NOW)),
        (ChannelRefused("c"), 1, False, StopChannel("c")),
    ],
)
def test_verdicts(error: SendError, attempts: int, duplicate: bool, verdict: FailureDecision) -> None:
    """The error's own flags decide; a pause is never shorter than asked, and doubles where none was asked."""
    given = decide(error, FailedAttempt(attempts, duplicate, created_at=NOW), now=NOW, jitter=0.5)
    assert given == verdict


def test_what_stays_in_doubt_fails_after_an_hour() -> None:
    """Five attempts are not enough, nor is an hour: it takes both."""
    now, error = NOW + timedelta(hours=1), OutcomeUnknown("u")
    tried = decide(error, FailedAttempt(5, True, created_at=NOW), now=now, jitter=0.5)
    assert tried == GiveUp("outcome unknown in 5 attempts: u")
    few = decide(error, FailedAttempt(4, True, created_at=NOW), now=now, jitter=0.5)
    assert isinstance(few, RetryLater)


@pytest.mark.parametrize(
    ("burst", "expected"),
    [(1, [0, 1, 2, 3, 4]), (3, [0, 0, 0, 1, 2])],
)
def test_rate(burst: int, expected: list[int]) -> None:
    """A burst goes at once, what is beyond it keeps the distance."""
    rate, arrival, now, times = MessageRate(timedelta(seconds=1), burst), NOW, NOW, []
    for _ in range(5):
        now = max(now, rate.earliest(arrival))
        arrival = rate.after(arrival, now)
        times.append((now - NOW).total_seconds())
    assert times == expected


def test_channel_and_address_have_rates_of_their_own() -> None:
    """A message to one address keeps the channel busy for a moment, and that address for a second."""
    pacer = RateLimiter(TELEGRAM)
    pacer.take(1, NOW)
    assert pacer.channel_free() == NOW + timedelta(milliseconds=36)
    assert pacer.address_free(1) == NOW + timedelta(seconds=1)
    assert pacer.address_free(2) < NOW


def test_no_window_has_an_edge() -> None:
    """After a long rest no more than one message goes at once: unused room is not saved up."""
    pacer = RateLimiter(ChannelRates(MessageRate(timedelta(seconds=1)), NO_LIMIT.address))
    pacer.take(1, NOW)
    later = NOW + timedelta(hours=1)
    pacer.take(2, later)
    assert pacer.channel_free() == later + timedelta(seconds=1)


def test_free_addresses_are_forgotten() -> None:
    """The pacer's memory does not grow with everybody who was ever written to."""
    pacer = RateLimiter(TELEGRAM)
    for number in range(10_050):
        pacer.take(number, NOW + number * timedelta(seconds=1))
    assert len(pacer._addresses) < 100
