"""After the crashes on Telegram: what people did and saw, held against what the database says."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from bot.channels.base import Outbound
from bot.channels.telegram.outbound import to_parts
from flows.engine.effects import Prompt
from storage.database.connection import Database
from storage.schema import OutboxKind, OutboxStatus
from tests.crash.people import Respondent, key_of
from tests.crash.promises import Audit, all_answered, hold_promises, rows_of
from tests.emulators.telegram.person import Shown
from tests.emulators.telegram.state import TelegramState

GIVEN_UP = "outcome_unknown"
"""The reason of a message that crash after crash hit while it was on its way."""


def audit(path: Path, telegram: TelegramState, people: Sequence[Respondent]) -> Audit:
    """Hold every promise against the rows. The bot must have stopped."""
    with Database.open(path) as database:
        return database.read_now(lambda connection: _audit(connection, database, telegram, people))


def _audit(
    connection: Connection, database: Database, telegram: TelegramState, people: Sequence[Respondent]
) -> Audit:
    found = Audit()
    addresses = {
        row.id: int(database.identity.open(row.sealed).partition(":")[2])
        for row in rows_of(connection, "address")
    }
    _acknowledged(found, telegram, rows_of(connection, "inbox"))
    hold_promises(found, connection, people)
    _messages(found, people, rows_of(connection, "outbox"), addresses)
    return found


# What was acknowledged is there, once, and was answered.


def _acknowledged(found: Audit, telegram: TelegramState, inbox: Sequence[Any]) -> None:
    stored = Counter(int(row.external_id.partition(":")[2]) for row in inbox)
    confirmed = Counter(update["update_id"] for update in telegram.confirmed)
    found.figures["updates acknowledged"] = len(confirmed)
    found.figures["stored once"] = sum(stored[number] == 1 for number in confirmed)
    for number in confirmed:
        if stored[number] != 1:
            found.problems.append(f"update {number} was acknowledged and stored {stored[number]} times")
    for number in stored.keys() - confirmed.keys():
        found.problems.append(f"update {number} is stored, and still Telegram waits to hand it over")
    all_answered(found, inbox)
    if telegram.pending:
        found.problems.append(f"{len(telegram.pending)} updates wait")


# Each message was delivered, in order, and twice only where its row says that it may have been.


def _messages(
    found: Audit, people: Sequence[Respondent], outbox: Sequence[Any], addresses: Mapping[int, int]
) -> None:
    sent_to = defaultdict(list)
    for row in outbox:
        if row.kind is OutboxKind.EDIT:
            continue  # cosmetic: dropped when it is late
        if row.status in (OutboxStatus.QUEUED, OutboxStatus.SENDING):
            found.problems.append(f"outbox row {row.id} is left {row.status}")
        if row.status is OutboxStatus.FAILED and row.reason != GIVEN_UP:
            found.problems.append(f"outbox row {row.id} failed: {row.reason}")
        if row.kind in (OutboxKind.MESSAGE, OutboxKind.HELP):
            sent_to[addresses[row.address_id]].append(row)
    copies: Counter[int] = Counter()
    for someone in people:
        number = someone.person.id
        matched = _match(someone.person.from_bot, sent_to[number], number)
        if matched is None:
            found.problems.append(f"person {number} saw other messages than were sent, or in another order")
        else:
            copies.update(matched)
    marked = [row for row in outbox if row.possibly_duplicate]
    found.figures["messages sent"] = sum(row.kind in (OutboxKind.MESSAGE, OutboxKind.HELP) for row in outbox)
    found.figures["delivered twice"] = sum(copies[row.id] > 1 for row in outbox)
    found.figures["marked as possible duplicates"] = len(marked)
    found.figures["given up in doubt"] = sum(row.status is OutboxStatus.FAILED for row in outbox)


def _match(seen: Sequence[Shown], rows: Sequence[Any], person: int) -> dict[int, int] | None:
    """How often each row was delivered, if what was seen is the rows in their order; None if it is not."""
    letters: dict[Any, str] = {}

    def letter(look: object) -> str:
        return letters.setdefault(look, chr(0x4E00 + len(letters)))

    pattern = []
    for row in rows:
        least, most = _bounds(row)
        one = "".join(letter(look) for look in _looks(row, person))
        pattern.append(f"((?:{one}){{{least},{most}}})")
    text = "".join(letter((shown.text, key_of(shown))) for shown in seen)
    matched = re.fullmatch("".join(pattern), text)
    if matched is None:
        return None
    lengths = [len(group) for group in matched.groups()]
    return {row.id: length // len(_looks(row, person)) for row, length in zip(rows, lengths, strict=True)}


def _bounds(row: Any) -> tuple[int, int]:
    """How often a row may have been delivered."""
    match row.status, row.possibly_duplicate:
        case OutboxStatus.SENT, False:
            return 1, 1
        case OutboxStatus.SENT, True:
            return 1, row.attempts
        case OutboxStatus.FAILED, _:
            return 0, row.attempts
        case _:
            return 0, 0


def _looks(row: Any, person: int) -> list[Any]:
    """A row as its messages look in the chat: text and question."""
    prompt = msgspec.json.decode(row.payload, type=Prompt)
    outbound = Outbound(address=f"telegram:{person}", prompt=prompt, conversation=row.conversation_id)
    return [
        (part.text.strip(), (row.conversation_id, row.ask) if part.rows else None)
        for part in to_parts(outbound)
    ]
