"""Find the excerpts of a program: what was coded, and what waits for a coder. A text that nobody cut is one excerpt."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.coding.errors import CodingError
from storage.coding.texts import CodableText, ExcerptKind, ExcerptSource, codable_texts
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.schema import (
    CODED_EXCERPT,
    CODING,
    CODING_SETTLEMENT,
    COMMITMENT_REVISION,
    COORDINATOR,
    EXCERPT,
    THEME,
    AuditKind,
)

CODERS: Final = 2
"""Coordinators who code each excerpt."""


@dataclass(frozen=True, slots=True)
class ExcerptCodes:
    """The codes that one coordinator gave an excerpt, by whom (a code) and when; an empty set where none fits."""

    coder: str
    codes: frozenset[str]
    coded_at: datetime


@dataclass(frozen=True, slots=True)
class SettledCodes:
    """What holds of an excerpt by decision: the codes, who settled it (a code), when, and why."""

    codes: frozenset[str]
    by: str
    settled_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CodedText:
    """An excerpt with all that was made of it: not for the eyes of a coder, see `storage.coding.codings.visible`.

    `id` is None where nobody coded it yet. `words` are redacted.
    """

    id: int | None
    text: CodableText
    words: str
    is_whole: bool
    codings: tuple[ExcerptCodes, ...] = ()
    settled: SettledCodes | None = None

    @property
    def is_double(self) -> bool:
        """Whether both coders have coded it."""
        return len(self.codings) >= CODERS

    @property
    def is_open(self) -> bool:
        """Whether both coders have coded it, differ, and nobody has settled it."""
        return self.settled is None and self.is_double and len({one.codes for one in self.codings}) > 1

    @property
    def final(self) -> frozenset[str] | None:
        """The codes that hold: as settled, else those that both coders gave; None before both have coded it."""
        if self.settled is not None:
            return self.settled.codes
        return frozenset.intersection(*(one.codes for one in self.codings)) if self.is_double else None

    def was_coded_by(self, coder: str) -> bool:
        """Return whether a coordinator, by code, has coded it."""
        return any(one.coder == coder for one in self.codings)


def coded_by_anybody(connection: Connection, program_id: int) -> tuple[CodedText, ...]:
    """Return the excerpts of a program whose words stand and that somebody has coded, as `coded_texts` does."""
    coded = set(connection.scalars(sa.select(CODED_EXCERPT.c.excerpt_id)))
    sources = {
        source for source, rows in _excerpts(connection).items() if any(row.id in coded for row in rows)
    }
    return tuple(one for one in coded_texts(connection, program_id, sources) if one.codings)


def coded_texts(
    connection: Connection, program_id: int, sources: Collection[ExcerptSource] | None = None
) -> tuple[CodedText, ...]:
    """Return the excerpts of a program whose words stand, in the order of `codable_texts`, those of nobody's yet too.

    Of some sources, or (None) all. A text without any excerpt is one, whole.
    """
    texts = codable_texts(connection, program_id, sources)
    kept = _excerpts(connection)
    codings, settled = _codings(connection), _settled(connection)
    found: list[CodedText] = []
    for text in texts:
        rows = [row for row in kept[text.source] if _is_of_these_words(row, text)]
        if not rows:
            found.append(CodedText(None, text, text.words, is_whole=True))
        for row in sorted(rows, key=lambda row: (row.start, row.end)):
            is_whole = (row.start, row.end) == (0, len(text.raw))
            words = text.words if is_whole else _shown(text, row.start, row.end)
            made = CodedText(row.id, text, words, is_whole, tuple(codings[row.id]), settled.get(row.id))
            found.append(made)
    return tuple(found)


def waiting(connection: Connection, program_id: int, coder: CoordinatorRecord) -> tuple[CodedText, ...]:
    """Return the excerpts that a coordinator may code now: not coded by them, and not by two others."""
    return tuple(
        one
        for one in coded_texts(connection, program_id)
        if not one.is_double and one.settled is None and not one.was_coded_by(coder.code)
    )


def find(connection: Connection, program_id: int, source: ExcerptSource) -> tuple[CodedText, ...]:
    """Return the excerpts of some words, in their order.

    Raises:
        CodingError: there are no such words, or they may not be coded.
    """
    found = tuple(one for one in coded_texts(connection, program_id) if one.text.source == source)
    if not found:
        raise CodingError(
            f"there are no words {source} to be coded in this programme; `said code list` has those that there are"
        )
    return found


def show(connection: Connection, excerpt: CodedText, *, by: CoordinatorRecord, now: datetime) -> str:
    """Return the words of an excerpt, redacted, and audit that they were shown."""
    source = str(excerpt.text.source)
    what = {"what": "words", "of": source, "by": by.code}
    participant = excerpt.text.participant_id
    audit.record(connection, AuditKind.VIEW, participant_id=participant, now=now, **what)
    return excerpt.words


def keep(connection: Connection, text: CodableText, passage: str | None, now: datetime) -> int:
    """Return the number of the excerpt that is a passage of a text, or (None) the whole of it; keep it if it is new.

    Raises:
        CodingError: the passage does not stand in the text just so.
    """
    start, end = _place(text, passage)
    column = EXCERPT.c[text.source.kind.column]
    here = (column == text.source.number) & (EXCERPT.c.start == start) & (EXCERPT.c.end == end)
    for row in connection.execute(_EXCERPTS.where(here)):
        if _is_of_these_words(row, text):
            return int(row.id)
    values = {column.name: text.source.number, "start": start, "end": end, "made_at": now}
    made = connection.execute(EXCERPT.insert().values(**values).returning(EXCERPT.c.id))
    return int(made.scalar_one())


def _place(text: CodableText, passage: str | None) -> tuple[int, int]:
    """Return where a passage begins and ends in the words as they came."""
    if passage is None:
        return 0, len(text.raw)
    wanted = passage.strip()
    start = text.raw.find(wanted) if wanted and wanted in text.words else -1
    if start < 0:
        raise CodingError(
            f"the passage does not stand in {text.source} just so; copy it from the words that are shown, without"
            " what is in brackets"
        )
    return start, start + len(wanted)


def _shown(text: CodableText, start: int, end: int) -> str:
    """Return a passage as it may be shown; all of the redacted words where something in it is redacted by now."""
    passage = text.raw[start:end]
    return passage if passage and passage in text.words else text.words


def _is_of_these_words(row: sa.Row[Any], text: CodableText) -> bool:
    """Return whether an excerpt is of a text as it stands: a commitment may have been worded anew."""
    if row.end > len(text.raw):
        return False
    return row.reworded_at is None or row.made_at is None or row.made_at >= row.reworded_at


def _excerpts(connection: Connection) -> defaultdict[ExcerptSource, list[sa.Row[Any]]]:
    """Return all excerpts that are kept, by source."""
    found = defaultdict[ExcerptSource, list[sa.Row[Any]]](list)
    for row in connection.execute(_EXCERPTS):
        [kind] = [kind for kind in ExcerptKind if getattr(row, kind.column) is not None]
        found[ExcerptSource(kind, getattr(row, kind.column))].append(row)
    return found


def _codings(connection: Connection) -> defaultdict[int, list[ExcerptCodes]]:
    """Return what was coded, by the number of the excerpt, whoever coded first first."""
    given = defaultdict[tuple[int, int], set[str]](set)
    for excerpt, coder, code in connection.execute(_CODES):
        given[excerpt, coder].add(code)
    found = defaultdict[int, list[ExcerptCodes]](list)
    for row in connection.execute(_CODED):
        codes = frozenset(given[row.excerpt_id, row.coordinator_id])
        found[row.excerpt_id].append(ExcerptCodes(row.code, codes, row.coded_at))
    return found


def _settled(connection: Connection) -> dict[int, SettledCodes]:
    """Return what was settled, by the number of the excerpt."""
    return {
        row.excerpt_id: SettledCodes(frozenset(row.codes), row.code, row.settled_at, row.reason)
        for row in connection.execute(_SETTLED)
    }


_REWORDED: Final = (
    sa.select(sa.func.max(COMMITMENT_REVISION.c.replaced_at))
    .where(COMMITMENT_REVISION.c.commitment_id == EXCERPT.c.commitment_id)
    .correlate(EXCERPT)
    .scalar_subquery()
)
_EXCERPTS: Final[sa.Select[Any]] = sa.select(EXCERPT, _REWORDED.label("reworded_at")).order_by(EXCERPT.c.id)
_CODES: Final = sa.select(CODING.c.excerpt_id, CODING.c.coordinator_id, THEME.c.code).join(
    THEME, THEME.c.id == CODING.c.theme_id
)
_CODED: Final[sa.Select[Any]] = (
    sa.select(
        CODED_EXCERPT.c.excerpt_id,
        CODED_EXCERPT.c.coordinator_id,
        CODED_EXCERPT.c.coded_at,
        COORDINATOR.c.code,
    )
    .join(COORDINATOR, COORDINATOR.c.id == CODED_EXCERPT.c.coordinator_id)
    .order_by(CODED_EXCERPT.c.id)
)
_SETTLED: Final[sa.Select[Any]] = sa.select(
    CODING_SETTLEMENT.c.excerpt_id,
    CODING_SETTLEMENT.c.codes,
    CODING_SETTLEMENT.c.reason,
    CODING_SETTLEMENT.c.settled_at,
    COORDINATOR.c.code,
).join(COORDINATOR, COORDINATOR.c.id == CODING_SETTLEMENT.c.settled_by)
