"""Bound what one person costs the others: so many turns, and so many messages that wait for them.

Whoever sends thousands of messages in seconds would have each of them answered, and have as many answers waiting. What
is beyond the budget is not lost: it stays in the inbox, is told of once, and is answered in order as time goes by.
Words of somebody at risk do not wait behind it: what stands in the inbox is looked through, and while such words are
among it the budget holds nothing back.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.conversations.language_choice import LanguageChoice
from bot.conversations.messages import from_payload, says_nothing
from bot.conversations.safety import is_at_risk
from bot.delivery.rate_limits import MessageRate
from bot.delivery.rows import sentence_row
from flows.i18n.say import Sentence
from storage.conversations import inbox, outbox
from storage.conversations.inbox import PendingTurn
from storage.conversations.writes import Writes

ORDINARY = MessageRate(timedelta(seconds=0.2), burst=30)
"""Turns of one person: thirty at once, and five a second for as long as it goes on."""
MOST_WAITING = 30
"""Messages that wait for one person until their turns wait, too."""
LOOK_AFTER = 10
"""Turns at once after which it is counted how many messages wait: nobody else costs a look."""
LOOK_AGAIN = timedelta(seconds=0.5)
READ_AHEAD = 50
"""Messages that are looked through for words of somebody at risk, each time that a turn is put off."""
QUIET = timedelta(hours=1)
"""After so long without a turn beyond the budget it is told of again."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def is_urgent(payload: str) -> bool:
    """Return whether an inbox row has words of somebody at risk."""
    return is_at_risk(from_payload(payload).text)


def stands_before_risk(connection: Connection, address_id: int) -> bool:
    """Return whether words of somebody at risk are among what waits to be answered at an address."""
    waiting = inbox.unhandled_at(connection, address_id, 0, READ_AHEAD)
    return any(is_urgent(one.payload) for one in waiting)


@dataclass(slots=True)
class _Account:
    """What one address has used of its budget.

    `arrival` is as in `rate_limits`, `read_to` the place in the inbox up to which it was looked through, `urgent` the
    id of the last row with words of somebody at risk.
    """

    arrival: datetime = _LONG_AGO
    told_at: datetime = _LONG_AGO
    read_to: int = 0
    urgent: int = 0


@dataclass(slots=True)
class TurnBudget:
    """Says which turns are to wait. It is kept in memory: after a restart everybody has their budget whole."""

    rate: MessageRate = ORDINARY
    accounts: dict[int, _Account] = field(default_factory=dict)

    def put_off(
        self, connection: Connection, pending: PendingTurn, languages: LanguageChoice, now: datetime
    ) -> Writes | None:
        """Return what is to be written for a turn that is to wait; None for one that is taken now.

        Whoever waits is told so once, until they have been quiet for a time.
        """
        until = self.wait(connection, pending, now)
        if until is None:
            return None
        writes, account = (
            Writes(postponed=[{"of": pending.inbox_id, "until": until}]),
            self.accounts[pending.address_id],
        )
        if now - account.told_at > QUIET and not says_nothing(pending.payload):
            language = languages.outside(connection, pending)
            writes.outbox.append(sentence_row(Sentence.TOO_FAST, language, pending.address_id, now))
        account.told_at = now
        return writes

    def wait(self, connection: Connection, pending: PendingTurn, now: datetime) -> datetime | None:
        """Return until when a turn is to wait; None where it is taken now, which counts against the budget."""
        self._forget(now)
        account = self.accounts.pop(pending.address_id, None) or _Account()
        self.accounts[pending.address_id] = account  # at the end: those idle longest stand first
        # No more is ever owed than the whole budget: not after a flood of what may not wait, nor on a clock set back.
        account.arrival = min(account.arrival, now + self.rate.burst * self.rate.interval)
        account.told_at = min(account.told_at, now)
        if account.arrival > now:  # else the whole budget is there, as nearly always
            free = self.rate.earliest(account.arrival)
            is_over = free > now or self._has_much_waiting(connection, pending.address_id, account, now)
            if is_over and not self._is_urgent(connection, pending, account):
                return max(free, now + LOOK_AGAIN)
        account.arrival = self.rate.after(account.arrival, now)
        return None

    def _has_much_waiting(
        self, connection: Connection, address_id: int, account: _Account, now: datetime
    ) -> bool:
        if account.arrival - now < LOOK_AFTER * self.rate.interval:
            return False
        return outbox.unsent_at(connection, address_id, MOST_WAITING) == MOST_WAITING

    def _is_urgent(self, connection: Connection, pending: PendingTurn, account: _Account) -> bool:
        """Return whether words of somebody at risk stand in the inbox at or behind a turn, as far as it was read."""
        if account.urgent >= pending.inbox_id:
            return True
        for one in inbox.unhandled_at(connection, pending.address_id, account.read_to, READ_AHEAD):
            account.read_to = one.seq
            if is_urgent(one.payload):
                account.urgent = one.inbox_id
                return True
        return False

    def _forget(self, now: datetime) -> None:
        """Forget those who have their budget whole again and need not be told anew."""
        while self.accounts:
            oldest = next(iter(self.accounts))
            account = self.accounts[oldest]
            if account.arrival > now or now - account.told_at <= QUIET:
                break
            del self.accounts[oldest]
