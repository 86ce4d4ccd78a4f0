"""Hold what people did and saw against the rows: the first checker, with the crash test's promises and the walks' own.

It reads rows as the program does. The second checker, `tables`, shares nothing with it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from bot.delivery.results import decode_prompt
from storage.schema import ADDRESS, INBOX, OUTBOX, OutboxKind, OutboxStatus
from tests.dst.town import HardTown
from tests.support.turn_world import IDENTITY
from tests.walks.evidence import Shown
from tests.walks.invariants import INVARIANTS, Findings

_TAKEN_AWAY = sa.text("""
    SELECT DISTINCT noted.lookup FROM witness_outbox AS noted
    LEFT JOIN outbox ON outbox.id = noted.outbox_id LEFT JOIN address ON address.id = outbox.address_id
    WHERE address.lookup IS NOT noted.lookup OR outbox.payload = ''""")
"""Addresses of which an erasure, or what is kept no longer, took rows: what they saw stands nowhere."""


def broken_promises(town: HardTown) -> Iterator[str]:
    """Yield what breaks a promise, a sentence each."""
    yield from acknowledged(town)
    yield from screens(town)
    found = Findings(town.evidence)
    for name, invariant in INVARIANTS.items():
        for address, place, what in invariant(found):
            yield f"{name.replace('_', ' ')}: {address} {place}: {what}"


def acknowledged(town: HardTown) -> Iterator[str]:
    """What was acknowledged is stored once and handled; what an erasure took with it is left out."""
    rows = town.database.read_now(
        lambda c: c.execute(
            sa.select(INBOX.c.channel, INBOX.c.external_id, INBOX.c.handled_at, INBOX.c.error)
        ).all()
    )
    stored = Counter((row.channel, row.external_id) for row in rows)
    handled = {
        (row.channel, row.external_id) for row in rows if row.handled_at is not None and row.error is None
    }
    erased = {town.evidence.persons.get(turn.address) for turn in town.evidence.turns.values() if turn.erased}
    for platform in town.platforms.values():
        for one in platform.acknowledged:
            if town.evidence.persons.get(one.address) in erased:
                continue
            names = {one.inbound.external_id, one.inbound.former_id} - {None}
            times = sum(stored[platform.name, str(name)] for name in names)
            if times != 1:
                yield f"what was acknowledged is stored once: {one.inbound.external_id} is stored {times} times"
            elif not any((platform.name, name) in handled for name in names):
                yield f"what was acknowledged is handled: {one.inbound.external_id} is not"


def screens(town: HardTown) -> Iterator[str]:
    """Each person saw what was sent, in order, and twice only where the row says that it may be so."""
    query = (
        sa.select(OUTBOX, ADDRESS.c.lookup)
        .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
        .where(OUTBOX.c.kind.in_((OutboxKind.MESSAGE, OutboxKind.TEAM, OutboxKind.DOCUMENT)))
        .order_by(OUTBOX.c.address_id, OUTBOX.c.id)
    )
    rows = town.database.read_now(lambda c: c.execute(query).all())
    whose = {IDENTITY.lookup(address): address for address in town.evidence.persons}
    left = {town.evidence.persons.get(turn.address) for turn in town.evidence.turns.values() if turn.erased}
    taken = set(town.database.read_now(lambda c: c.execute(_TAKEN_AWAY).scalars().all()))
    sent = {whose[row.lookup]: [] for row in rows if row.lookup in whose}
    for row in rows:
        if row.lookup in whose:
            sent[whose[row.lookup]].append(row)
    for address, theirs in sent.items():
        shown_here = [shown for shown in town.evidence.screens[address] if not shown.edit]
        if IDENTITY.lookup(address) in taken or town.evidence.persons.get(address) in left:
            continue
        # What is ours to begin waits, and what answers goes before it: the order is that of the answers.
        answers = [row for row in theirs if row.lane == "reply" and row.kind is OutboxKind.MESSAGE]
        others = {decode_prompt(row.payload).text for row in theirs if row not in answers}
        problem = _difference(shown_here, answers, others)
        if problem is not None:
            yield f"each person sees what was sent, in order: {address} {problem}"


def _difference(screen: Sequence[Shown], rows: Sequence[Any], others: set[str]) -> str | None:
    """How a screen differs from the rows; None where it does not."""
    letters: dict[object, str] = {}

    def letter(text: str) -> str:
        return letters.setdefault(text, chr(0x4E00 + len(letters)))

    texts = [decode_prompt(row.payload).text for row in rows]
    known = set(texts) - others
    pattern = "".join(
        f"{letter(text)}{{{_least(row)},{_most(row)}}}"
        for text, row in zip(texts, rows, strict=True)
        if text in known
    )
    seen = [shown.prompt.text for shown in screen if shown.prompt.text in known]
    if re.fullmatch(pattern, "".join(map(letter, seen))):
        return None
    return f"saw {len(seen)} of the answers, and of {len(rows)} that were queued {sum(map(_least, rows))} were sent"


def _least(row: Any) -> int:
    return int(row.status is OutboxStatus.SENT)


def _most(row: Any) -> int:
    """How often a row may have been shown: as often as it was tried, where that is in doubt."""
    if row.status is OutboxStatus.SENT and not row.possibly_duplicate:
        return 1
    return int(row.attempts)
