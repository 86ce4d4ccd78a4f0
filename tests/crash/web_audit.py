"""After the crashes in browsers: what was posted and what the pages showed, held against what the database says."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.channels.web.device import delivery_of
from storage.database.connection import Database
from storage.schema import OutboxKind, OutboxStatus
from tests.crash.promises import Audit, all_answered, hold_promises, rows_of
from tests.crash.web_people import Visitor


def audit_pages(path: Path, people: Sequence[Visitor]) -> Audit:
    """Hold every promise against the rows. The bot must have stopped, and everybody have read all of their history."""
    with Database.open(path) as database:
        return database.read_now(lambda connection: _audit(connection, database, people))


def _audit(connection: Connection, database: Database, people: Sequence[Visitor]) -> Audit:
    found = Audit()
    addresses = {row.id: database.identity.open(row.sealed) for row in rows_of(connection, "address")}
    _stored(found, people, rows_of(connection, "inbox"))
    hold_promises(found, connection, people)
    _shown(found, people, rows_of(connection, "outbox"), addresses)
    return found


# A form that was answered is stored once, however often it was posted, and nothing else is.


def _stored(found: Audit, people: Sequence[Visitor], inbox: Sequence[Any]) -> None:
    keys = [key for someone in people for key in someone.stored]
    begun = {delivery_of(someone.stored[0]): someone.stored[0] for someone in people if someone.stored}
    stored = Counter(_key_of(row.external_id, begun) for row in inbox)
    found.figures["forms answered"] = len(keys)
    found.figures["posts that it took"] = sum(someone.posts for someone in people)
    found.figures["posted again after an answer"] = sum(someone.again for someone in people)
    found.figures["stored once"] = sum(stored[key] == 1 for key in keys)
    for key in keys:
        if stored[key] != 1:
            found.problems.append(f"form {key} was answered and stored {stored[key]} times")
    for key in stored.keys() - set(keys):
        found.problems.append(f"{key} is stored, and nobody posted it")
    all_answered(found, inbox)


def _key_of(external_id: str, begun: Mapping[str, str]) -> str:
    """The key of a form; behind it stands what tells what it said, and of one that began only a hash is kept."""
    return begun.get(external_id) or external_id.removeprefix("web-").rpartition("-")[0]


# All that was sent stands on the pages, once, in its order; and all that was said.


def _shown(found: Audit, people: Sequence[Visitor], outbox: Sequence[Any], addresses: dict[int, str]) -> None:
    sent_to = defaultdict(list)
    for row in outbox:
        if row.kind is OutboxKind.EDIT:
            continue
        if row.status is not OutboxStatus.SENT:
            found.problems.append(f"outbox row {row.id} is left {row.status}: {row.reason}")
        if row.kind in (OutboxKind.MESSAGE, OutboxKind.HELP):
            sent_to[addresses[row.address_id]].append(f"m{row.id}")
    for someone in people:
        shown = [one.name for one in someone.ours]
        if shown != sent_to[someone.address]:
            found.problems.append(f"{someone.name} sees {shown}, and was sent {sent_to[someone.address]}")
        said = [one.text for one in someone.theirs]
        if said != someone.said:
            found.problems.append(f"{someone.name} sees {said}, and said {someone.said}")
    found.figures["messages sent"] = sum(map(len, sent_to.values()))
    found.figures["marked as possible duplicates"] = sum(bool(row.possibly_duplicate) for row in outbox)
