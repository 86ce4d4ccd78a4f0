"""Erase a participant: their words at once, how they are reached as soon as the last message is out.

What stays is a participant with a code, rows without words (so that what was due and what was done can still be
counted), the decisions on consent as proof (purpose, time and the hash of the text that was shown), a safety
report that was sent, and a tombstone that says how much there was.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.coding import forgetting
from storage.conversations import outbox_order
from storage.conversations.inbox import BLANK
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import empty_log_after
from storage.follow_up import cosignatures, timers, waves
from storage.people import address_requests, invitation_changes, mail_tokens
from storage.people.participants import erased_address_values
from storage.programs import quotations
from storage.programs.case_words import quoted
from storage.redaction import WORDS_CHANGED
from storage.safety import rereadings, text_signals
from storage.schema import (
    ADDRESS,
    ANSWER,
    COMMITMENT,
    COMMITMENT_REVISION,
    CONSENT,
    CONVERSATION,
    COORDINATOR,
    IMPLEMENTATION,
    INBOX,
    LINK_ATTEMPT,
    LINK_CODE,
    MAIL_TOKEN,
    OUTBOX,
    PARTICIPANT,
    REMARK,
    REVIEW_DECISION,
    SAFETY_CASE,
    TOMBSTONE,
    JournalKind,
    ParticipantStatus,
    SafetyStatus,
    TimerKind,
)

BLANK_PROMPT = '{"text":""}'
"""What stands in the outbox in place of a message."""

LAST_MESSAGE = timedelta(days=1)
"""How long the last message is tried before the address goes without it."""

_SENT_REPORTS = (SafetyStatus.SENT, SafetyStatus.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """A participant's wish to have everything deleted: whose, and at which address the last message goes to them.

    `inbox_id` is the row of the inbox in which they said so; None where they told the team another way.
    """

    participant_id: int
    address_id: int
    inbox_id: int | None


def erase_participant(connection: Connection, request: ErasureRequest, now: datetime) -> tuple[int, bool]:
    """
    Delete what is known of a participant, and end all that is set for them.

    Returns:
        The number of the address for the last message, which belongs to nobody from now on and goes once that is out;
        and whether a safety report stays that was sent before.
    """
    last, report = _erase(connection, request.participant_id, request, now)
    assert last is not None  # they were written to where they asked
    return last, report


def erase_again(connection: Connection, participant_id: int, now: datetime) -> None:
    """Delete what a restored backup knows of somebody who had everything deleted since; nothing is said to them."""
    _erase(connection, participant_id, None, now)


def _erase(
    connection: Connection, participant_id: int, request: ErasureRequest | None, now: datetime
) -> tuple[int | None, bool]:
    """Delete what is known of a participant; return the address for the last message, and whether a report stays.

    `request` None has no last message, and its address is None.
    """
    note(connection, JournalNote(JournalKind.ERASURE, now, participant_id))
    waves.withdraw(connection, participant_id=participant_id, now=now)
    counts, kept = Counter[str](), Counter[str]()
    _erase_words(connection, participant_id, counts, kept)
    _erase_commitments(connection, participant_id, counts)
    _erase_conversations(connection, participant_id, counts)
    cosignatures.forget(connection, participant_id)
    last = _erase_addresses(connection, participant_id, request, counts, now)
    connection.execute(LINK_CODE.delete().where(LINK_CODE.c.participant_id == participant_id))
    address_requests.forget(connection, participant_id)
    invitation_changes.forget_labels_of(connection, [participant_id], now)
    connection.execute(
        PARTICIPANT.update()
        .where(PARTICIPANT.c.id == participant_id)
        .values(
            status=ParticipantStatus.DELETED,
            language=None,
            timezone=None,
            hold_until=None,
            team_hold_until=None,
            erasure_asked_at=None,
            zone_asked_at=None,
            mail_declined_at=None,
        )
    )
    connection.execute(
        TOMBSTONE.insert().values(
            participant_id=participant_id, erased_at=now, counts=dict(counts), kept=dict(kept)
        )
    )
    sweep = timers.NewTimer(TimerKind.ERASE, participant_id, due_at=now + timedelta(seconds=1))
    timers.arm(connection, sweep)
    empty_log_after(connection)
    return last, bool(kept["safety_reports"])


def sweep_addresses(connection: Connection, now: datetime) -> int:
    """Delete the addresses of erased participants to which the last message has gone; return how many wait for that.

    An address whose last message is not out after a day goes all the same. One at which somebody wrote since stays
    until that was answered.
    """
    leaving = ADDRESS.c.erase_at.is_not(None) & ADDRESS.c.participant_id.is_(None)
    unanswered = sa.exists().where(INBOX.c.address_id == ADDRESS.c.id, INBOX.c.handled_at.is_(None))
    unsent = sa.exists().where(
        OUTBOX.c.address_id == ADDRESS.c.id, OUTBOX.c.status.in_(("queued", "sending"))
    )
    late = ADDRESS.c.erase_at <= now - LAST_MESSAGE
    gone = list(
        connection.scalars(sa.select(ADDRESS.c.id).where(leaving, ~unanswered, sa.or_(~unsent, late)))
    )
    for table in (INBOX, OUTBOX, LINK_ATTEMPT, MAIL_TOKEN):
        connection.execute(table.delete().where(table.c.address_id.in_(gone)))
    connection.execute(ADDRESS.delete().where(ADDRESS.c.id.in_(gone)))
    if gone:
        empty_log_after(connection)
    return connection.scalar(sa.select(sa.func.count()).select_from(ADDRESS).where(leaving)) or 0


def _erase_words(
    connection: Connection, participant_id: int, counts: Counter[str], kept: Counter[str]
) -> None:
    """Delete all answers and remarks but those that a report which was sent quotes, and reports that were not sent.

    What was released of them goes too, wherever it was shown to others, and so does who has read them, and what coders
    made of them.
    """
    theirs = SAFETY_CASE.c.participant_id == participant_id
    sent = theirs & SAFETY_CASE.c.status.in_(_SENT_REPORTS)
    kept["safety_reports"] = _count(connection, SAFETY_CASE, sent)
    unsent = theirs & SAFETY_CASE.c.status.not_in(_SENT_REPORTS)
    text_signals.forget(connection, "case_id", sa.select(SAFETY_CASE.c.id).where(unsent))
    connection.execute(SAFETY_CASE.delete().where(unsent))
    counts["quotations"] = quotations.forget(connection, _conversations(participant_id))
    counts["excerpts"] = forgetting.forget(connection, _conversations(participant_id))
    for name, table, key in (("answers", ANSWER, "answer_id"), ("remarks", REMARK, "remark_id")):
        theirs = table.c.conversation_id.in_(_conversations(participant_id))
        gone = theirs & table.c.id.not_in(quoted(key, sent))
        text_signals.forget(connection, key, sa.select(table.c.id).where(gone))
        rereadings.forget(connection, key, sa.select(table.c.id).where(gone))
        counts[name] = connection.execute(table.delete().where(gone)).rowcount
    decisions = REVIEW_DECISION
    connection.execute(
        decisions.delete().where(decisions.c.conversation_id.in_(_conversations(participant_id)))
    )


def _erase_commitments(connection: Connection, participant_id: int, counts: Counter[str]) -> None:
    """Empty the words of their commitments; what was due and what became of it can still be counted."""
    mine = COMMITMENT.c.participant_id == participant_id
    numbers = sa.select(COMMITMENT.c.id).where(mine)
    forgetting.forget_links(connection, numbers)
    counts["commitments"] = connection.execute(
        COMMITMENT.update()
        .where(mine)
        .values(statement="", if_then=None, coping=None, foreseen_other=None, **WORDS_CHANGED)
    ).rowcount
    counts["revisions"] = connection.execute(
        COMMITMENT_REVISION.delete().where(COMMITMENT_REVISION.c.commitment_id.in_(numbers))
    ).rowcount
    counts["reports"] = connection.execute(
        IMPLEMENTATION.update()
        .where(IMPLEMENTATION.c.commitment_id.in_(numbers))
        .values(details={}, **WORDS_CHANGED)
    ).rowcount


def _erase_conversations(connection: Connection, participant_id: int, counts: Counter[str]) -> None:
    """Empty the state of their conversations, and the texts of what they agreed to: these may name their plans."""
    counts["talks"] = connection.execute(
        CONVERSATION.update().where(CONVERSATION.c.participant_id == participant_id).values(state="")
    ).rowcount
    counts["consents"] = connection.execute(
        CONSENT.update().where(CONSENT.c.participant_id == participant_id).values(shown_text="")
    ).rowcount


def _erase_addresses(
    connection: Connection,
    participant_id: int,
    request: ErasureRequest | None,
    counts: Counter[str],
    now: datetime,
) -> int | None:
    """Empty their addresses, and make a new one, which nothing leads to, for the last message; return its number.

    `request` None needs no such address, and None is returned.
    """
    asked_at = None if request is None else request.address_id
    theirs = ADDRESS.c.participant_id == participant_id
    rows = connection.execute(sa.select(ADDRESS).where(theirs)).all()
    numbers = [row.id for row in rows]
    counts["addresses"] = len(numbers)
    for row in rows:
        left = {
            "participant_id": None,
            "workspace": None,
            "erase_at": None,
        }  # it stays, for their conversations
        values = {**erased_address_values(row.id), **left}
        connection.execute(ADDRESS.update().where(ADDRESS.c.id == row.id).values(values))
    asked = next((row for row in rows if row.id == asked_at), None)
    last = None if asked is None else _last_address(connection, asked, now)
    if last is not None:
        _keep_help(connection, numbers, last)
    for row in rows:
        made = last if row.id == asked_at else None
        if request is not None:
            made = _keep_waiting(connection, row, request, made, now)
        _keep_in_team(connection, row, made, now)
    blank = {"payload": BLANK, "external_id": sa.literal("erased:") + sa.cast(INBOX.c.id, sa.String)}
    counts["messages_in"] = connection.execute(
        INBOX.update()
        .where(INBOX.c.address_id.in_(numbers))
        .values(
            handled_at=sa.func.coalesce(INBOX.c.handled_at, sa.literal(now, INBOX.c.handled_at.type)), **blank
        )
    ).rowcount
    if request is not None and request.inbox_id is not None:
        its_own = INBOX.c.id == request.inbox_id
        connection.execute(INBOX.update().where(its_own).values(handled_at=None))  # its turn marks it
    counts["messages_out"] = connection.execute(
        OUTBOX.update().where(OUTBOX.c.address_id.in_(numbers)).values(payload=BLANK_PROMPT, message_id=None)
    ).rowcount
    connection.execute(LINK_ATTEMPT.delete().where(LINK_ATTEMPT.c.address_id.in_(numbers)))
    mail_tokens.forget(connection, numbers)
    return last


def _keep_waiting(
    connection: Connection, row: sa.Row[Any], request: ErasureRequest, made: int | None, now: datetime
) -> int | None:
    """Have what came at an address meanwhile be answered there, as the words of somebody whom nobody knows.

    They may be of somebody at risk. `made` is the new address in place of `row` where there is one, returned then; else
    the one that is made for what came; None where nothing did.
    """
    waiting = (INBOX.c.address_id == row.id) & INBOX.c.handled_at.is_(None)
    if request.inbox_id is not None:
        waiting &= INBOX.c.id != request.inbox_id
    if made is None and _count(connection, INBOX, waiting):
        made = _last_address(connection, row, now)
    if made is not None:
        connection.execute(INBOX.update().where(waiting).values(address_id=made))
    return made


def _keep_help(connection: Connection, addresses: list[int], last: int) -> None:
    """Have help for somebody at risk that is on its way go to the address of the last message, and nothing of its talk.

    Its buttons go on with a talk that is no more: it is text alone.
    """
    for address in addresses:
        is_help = (OUTBOX.c.address_id == address) & sa.text("outbox.kind = 'help'")
        unsent = connection.execute(
            sa.select(OUTBOX.c.id, OUTBOX.c.payload).where(is_help, outbox_order.UNSENT)
        ).all()
        outbox_order.move_rows(connection, is_help, last)
        for number, payload in unsent:
            said = json.loads(payload)
            plain = {"text": said["text"], "kind": "say", "language": said.get("language", "en")}
            connection.execute(
                OUTBOX.update()
                .where(OUTBOX.c.id == number)
                .values(conversation_id=None, ask=None, payload=json.dumps(plain, ensure_ascii=False))
            )


def _last_address(connection: Connection, row: sa.Row[Any], now: datetime) -> int:
    """Make an address that belongs to nobody, for the last message, and return its number."""
    values = {
        "channel": row.channel,
        "lookup": row.lookup,
        "sealed": row.sealed,
        "workspace": row.workspace,
        "status": row.status,
        "next_seq": row.next_seq,
        "created_at": now,
        "erase_at": now,
    }
    return int(connection.execute(ADDRESS.insert().values(**values).returning(ADDRESS.c.id)).scalar_one())


def _keep_in_team(connection: Connection, row: sa.Row[Any], made: int | None, now: datetime) -> None:
    """Keep a coordinator who took part in the team, at a new address that leads to nothing they said.

    An alert must not go nowhere, nor one that waits to be sent. `made` is that address where there is one.
    """
    here = COORDINATOR.c.address_id == row.id
    if not _count(connection, COORDINATOR, here):
        return
    number = made or _last_address(connection, row, now)
    stays = {"erase_at": None, "locale": row.locale, "timezone": row.timezone}
    connection.execute(ADDRESS.update().where(ADDRESS.c.id == number).values(**stays))
    connection.execute(COORDINATOR.update().where(here).values(address_id=number))
    alerts = (OUTBOX.c.address_id == row.id) & sa.text("outbox.kind = 'team'")
    outbox_order.move_rows(connection, alerts, number)


def _conversations(participant_id: int) -> sa.Select[Any]:
    """Select the numbers of a participant's conversations."""
    return sa.select(CONVERSATION.c.id).where(CONVERSATION.c.participant_id == participant_id)


def _count(connection: Connection, table: sa.Table, wanted: sa.ColumnElement[bool]) -> int:
    """Return how many rows of a table meet a condition."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(wanted)) or 0


def has_erasure_since(connection: Connection, moment: datetime | None) -> bool:
    """Return whether anybody had everything deleted at or after a moment; ever, without one."""
    query = sa.select(TOMBSTONE.c.participant_id).limit(1)
    if moment is not None:
        query = query.where(TOMBSTONE.c.erased_at >= moment)
    return connection.scalar(query) is not None
