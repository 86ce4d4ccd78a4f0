"""Mark messages in the outbox before they are sent, and write what became of them, many in one transaction.

A row is marked `sending`, in a commit of its own, before the call; so what a crash leaves behind is known, is
resent, and is marked as a possible duplicate (docs/why/at-least-once.md).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import msgspec
import structlog
from sqlalchemy import Connection

from bot.delivery.retry_policy import FailureDecision, GiveUp, RetryLater, StopChannel, StopContact
from bot.errors import describe
from flows.engine.effects import Prompt
from flows.schedule.contact_policy import ContactReason
from storage.conversations import inbox, outbox, paid_messages
from storage.conversations.outbox import Head
from storage.database import audit
from storage.database.statements import savepoint
from storage.errors import StorageError
from storage.follow_up import openers
from storage.schema import AddressStatus, AuditKind, Lane, OutboxKind

log = structlog.get_logger(__name__)
decode_prompt = msgspec.json.Decoder(Prompt).decode
"""The prompt in a row of the outbox."""
REFUSALS_DOUBTED = 10
"""After so many attempts a refusal counts, whatever the clock says of what was written since."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The outcome of a message that the platform took at `at`; `message_id` is its id there, None if it has none."""

    message_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one attempt to send the message in an outbox row: sent, or what follows from its failure."""

    head: Head
    outcome: SentMessage | FailureDecision


def result_of(flight: asyncio.Task[SendResult], head: Head, now: datetime) -> SendResult:
    """Return what became of a message, `head`, from the finished task that was to send it.

    A task that raised counts as failed for good, so that such a message is not tried for ever. One that was cancelled
    is to be tried again, at `now`, as a possible duplicate.
    """
    if flight.cancelled():
        return SendResult(head, RetryLater(now, possibly_duplicate=True, rate_limited=False))
    error = flight.exception()
    return flight.result() if error is None else SendResult(head, GiveUp(describe(error)))


def reason_to_drop(head: Head) -> str | None:
    """Return why an outbox row need not be sent, as text; None if it must be sent.

    Reasons: its address is blocked or unreachable, or it refreshes a message that the platform has no id of.
    """
    if head.address_status is not AddressStatus.ACTIVE:
        return head.address_status.value
    no_original = head.kind is OutboxKind.REFRESH and head.message_id is None
    return "no message to refresh" if no_original else None


def needed_among(heads: Sequence[Head], drop: dict[int, str]) -> list[Head]:
    """Return the heads that must be sent; those that need not be are added to `drop`, with the reason, by their ids."""
    needless = {head.id: reason for head in heads if (reason := reason_to_drop(head)) is not None}
    drop.update(needless)
    return [head for head in heads if head.id not in needless]


Recheck = Callable[[Connection, Sequence[int], datetime], frozenset[int]]
"""Given outbox rows that are about to be sent, by their numbers, and the time: decides again on what was queued of our
own accord, and returns the numbers of those that may not go now."""


ContactEnded = Callable[[Connection, Head, datetime], None]
"""Told, in the transaction that ends contact at an address, of the message that its platform refused."""


def tell_nobody(_connection: Connection, _refused: Head, _now: datetime) -> None:
    """Tell nobody that contact has ended."""


def unchecked(_connection: Connection, _outbox_ids: Sequence[int], _now: datetime) -> frozenset[int]:
    """Let everything go."""
    return frozenset()


def mark_on_their_way(
    connection: Connection,
    *,
    ready: Sequence[Head],
    drop: Mapping[int, str],
    recheck: Recheck,
    now: datetime,
) -> frozenset[int]:
    """Mark the rows `ready` as `sending` and drop others; return the ids of the rows that are now `sending`.

    What `recheck` does not let go stays behind. `drop` has the reasons by the rows' ids. A row that a newer refresh of
    the same message supersedes is dropped too, and is not among those returned.
    """
    for outbox_id, reason in drop.items():
        outbox.mark_dropped(connection, outbox_id, reason)
    outbox.drop_superseded(connection, [head.id for head in ready if head.kind is OutboxKind.REFRESH])
    numbers = [head.id for head in ready]
    held = recheck(connection, numbers, now) if numbers else frozenset()
    going = [head for head in ready if head.id not in held]
    outbox.complete_openers(connection, [head for head in going if head.lane is Lane.BULK])
    taken = outbox.mark_sending(connection, [head.id for head in going])
    paid_messages.count(connection, [head for head in going if head.id in taken], now)
    return taken


def write_results(
    connection: Connection,
    *,
    results: Sequence[SendResult],
    now: datetime,
    contact_ended: ContactEnded = tell_nobody,
) -> list[SendResult]:
    """Write to the outbox what became of messages: sent, put back, failed, or the contact stopped; return what it was.

    Each that was sent gets an entry in the audit trail, with the hash of the text that was shown. Whoever wrote after
    the platform refused them has come back: their message is tried again. `contact_ended` is told of the others.
    """
    results = [_unless_come_back(connection, result, now) for result in results]
    for result in results:
        _write_one(connection, result.head, result.outcome, now)
        if isinstance(result.outcome, StopContact):
            _tell_ended(connection, result.head, contact_ended, now)
    try:
        with savepoint(connection):
            _tell_openers(connection, results, now)
    except StorageError:
        raise
    # Any error: what was sent must be known as sent. The timers of these contacts find what is missing, one by one.
    except Exception as error:  # noqa: BLE001
        log.error("hand_over_not_told", error=describe(error))  # noqa: TRY400 - no words in the log
    audit.append(
        connection,
        [_shown(one.head, one.outcome) for one in results if isinstance(one.outcome, SentMessage)],
    )
    return results


def _unless_come_back(connection: Connection, result: SendResult, now: datetime) -> SendResult:
    """Return a result, or another attempt in place of a refusal since which its address was heard from.

    Not without end: where the clock was set back after they wrote, each refusal seems to be older.
    """
    match result.outcome:
        case StopContact(at=at) if result.head.attempts <= REFUSALS_DOUBTED and inbox.has_come_since(
            connection, result.head.address_id, at
        ):
            again = RetryLater(now, possibly_duplicate=False, rate_limited=False)
            return SendResult(result.head, again)
        case _:
            return result


def _tell_ended(connection: Connection, refused: Head, contact_ended: ContactEnded, now: datetime) -> None:
    """Tell that contact has ended. Where that fails it has ended all the same, and the rows show it."""
    try:
        with savepoint(connection):
            contact_ended(connection, refused, now)
    except StorageError:
        raise
    except Exception as error:  # noqa: BLE001 - any: what became of the messages must be written
        log.error("contact_end_not_told", error=describe(error))  # noqa: TRY400 - no words in the log


def _tell_openers(connection: Connection, results: Sequence[SendResult], now: datetime) -> None:
    """Have what follows from what we begin of our own accord count from its hand-over; or have it wait again."""
    sent: dict[int, datetime] = {}
    refused: dict[int, datetime] = {}
    later: set[int] = set()
    for result in results:
        if result.head.conversation_id is None:
            continue
        match result.outcome:
            case SentMessage():
                sent[result.head.conversation_id] = result.head.created_at
            case GiveUp():
                refused[result.head.conversation_id] = result.head.created_at
            case RetryLater(possibly_duplicate=False) | StopChannel():
                later.add(result.head.conversation_id)
            case RetryLater() | StopContact():
                pass
            case _:
                assert_never(result.outcome)
    openers.handed_over(connection, sent, now)
    openers.handed_over(connection, refused, now, ContactReason.FAILED)
    openers.wait_again(connection, later)


def _shown(head: Head, sent: SentMessage) -> audit.AuditEntry:
    """Make the entry for the audit trail: what was shown, when, in which language, by the hash of its text."""
    prompt = decode_prompt(head.payload)
    details = {
        "message": head.id,
        "conversation": head.conversation_id,
        "ask": head.ask,
        "language": prompt.language,
        "text": audit.text_hash(prompt.text),
    }
    if prompt.lead:
        details["lead"] = audit.text_hash(prompt.lead)
    return audit.AuditEntry(sent.at, AuditKind.SENT, head.participant_id, details)


def _write_one(
    connection: Connection, head: Head, outcome: SentMessage | FailureDecision, now: datetime
) -> None:
    match outcome:
        case SentMessage(message_id, at):
            outbox.mark_sent(connection, head.id, message_id=message_id, now=at)
        case RetryLater(at, possibly_duplicate):
            outbox.put_back(connection, head.id, not_before=at, possibly_duplicate=possibly_duplicate)
        case GiveUp(reason):
            outbox.mark_failed(connection, head.id, reason)
        case StopContact(status, reason):
            outbox.stop_contact(connection, head.address_id, status=status, reason=reason, now=now)
        case StopChannel():
            outbox.put_back(connection, head.id, not_before=None, possibly_duplicate=False)
        case _:
            assert_never(outcome)
