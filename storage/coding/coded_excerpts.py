"""List what was coded: the excerpts under a code, and the places that were settled, some at a time.

Coders stay blind to each other: what another alone has coded is not listed, nor counted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.coding.codebook import Codebook
from storage.coding import codings, excerpts
from storage.coding.codings import VisibleCodes
from storage.coding.excerpts import CodedText
from storage.coding.waiting_excerpts import SOURCES, double_coded, is_in, source_of
from storage.people.coordinators import CoordinatorRecord
from storage.schema import CODING, CODING_SETTLEMENT, EXCERPT, THEME


@dataclass(frozen=True, slots=True)
class ListedExcerpt:
    """An excerpt with its words, redacted, and what a coder may see of it."""

    text: CodedText
    seen: VisibleCodes


@dataclass(frozen=True, slots=True)
class SettledFigures:
    """How many excerpts two have coded, how many of these were settled, and how many are still to be."""

    double: int
    settled: int
    open: int


def codes_under(codebook: Codebook, code: str) -> frozenset[str]:
    """Return a code of a codebook with all that are part of it, whatever part of a part they are."""
    found, grown = {code}, True
    while grown:
        parts = {one.code for one in codebook.codes if one.parent in found} - found
        found, grown = found | parts, bool(parts)
    return frozenset(found)


def count_of_codes(
    connection: Connection, program_id: int, coder: CoordinatorRecord, codes: Collection[str]
) -> int:
    """Count the excerpts that `of_codes` lists, those too whose words are gone meanwhile."""
    which = _of_codes(program_id, coder, codes).with_only_columns(sa.func.count()).order_by(None)
    return connection.scalar(which) or 0


def of_codes(
    connection: Connection,
    program_id: int,
    coder: CoordinatorRecord,
    codes: Collection[str],
    part: tuple[int, int],
) -> tuple[ListedExcerpt, ...]:
    """Return excerpts that a coder gave one of some codes, or two did or one of two, or that were settled so.

    The last that was kept comes first; `part` is how many at most, and how many are passed over.
    """
    limit, offset = part
    rows = connection.execute(_of_codes(program_id, coder, codes).limit(limit).offset(offset)).all()
    return _listed(connection, program_id, coder, rows)


def settled_places(
    connection: Connection, program_id: int, coder: CoordinatorRecord, part: tuple[int, int]
) -> tuple[ListedExcerpt, ...]:
    """Return excerpts that two coded differently and that were settled, the last first; `part` as in `of_codes`."""
    limit, offset = part
    query = (
        SOURCES.join(CODING_SETTLEMENT, CODING_SETTLEMENT.c.excerpt_id == EXCERPT.c.id)
        .where(is_in(program_id))
        .order_by(CODING_SETTLEMENT.c.settled_at.desc(), CODING_SETTLEMENT.c.id.desc())
    )
    rows = connection.execute(query.limit(limit).offset(offset)).all()
    return _listed(connection, program_id, coder, rows)


def settled_figures(connection: Connection, program_id: int) -> SettledFigures:
    """Count what two have coded of a program, and what was settled of it, or is still to be."""
    theirs = sa.select(sa.func.count()).select_from(EXCERPT).where(is_in(program_id))
    settled = EXCERPT.c.id.in_(sa.select(CODING_SETTLEMENT.c.excerpt_id))
    alone = (
        sa.select(CODING.c.excerpt_id)
        .group_by(CODING.c.excerpt_id, CODING.c.theme_id)
        .having(sa.func.count() < excerpts.CODERS)
    )
    two = EXCERPT.c.id.in_(double_coded())
    is_open = two & EXCERPT.c.id.in_(alone) & ~settled
    return SettledFigures(*(connection.scalar(theirs.where(which)) or 0 for which in (two, settled, is_open)))


def _of_codes(program_id: int, coder: CoordinatorRecord, codes: Collection[str]) -> sa.Select[Any]:
    of_theme = sa.select(THEME.c.id).where(THEME.c.program_id == program_id, THEME.c.code.in_(codes))
    given = sa.select(CODING.c.excerpt_id).where(CODING.c.theme_id.in_(of_theme))
    own = given.where(CODING.c.coordinator_id == coder.id)
    each = sa.func.json_each(CODING_SETTLEMENT.c.codes).table_valued("value")
    decided = (
        sa.select(CODING_SETTLEMENT.c.excerpt_id)
        .select_from(CODING_SETTLEMENT.join(each, sa.true()))
        .where(each.c.value.in_(codes))
    )
    shown = EXCERPT.c.id.in_(own) | (EXCERPT.c.id.in_(given) & EXCERPT.c.id.in_(double_coded()))
    query = SOURCES.where(shown | EXCERPT.c.id.in_(decided), is_in(program_id))
    return query.order_by(EXCERPT.c.id.desc())


def _listed(
    connection: Connection, program_id: int, coder: CoordinatorRecord, rows: Sequence[sa.Row[Any]]
) -> tuple[ListedExcerpt, ...]:
    """Return the excerpts of rows, in their order; those whose words do not stand any more are left out."""
    if not rows:
        return ()
    read = excerpts.coded_texts(connection, program_id, {source_of(row) for row in rows})
    found = {one.id: one for one in read if one.id is not None}
    seen = {one.excerpt: one for one in codings.visible_of(found.values(), coder)}
    return tuple(ListedExcerpt(found[row.id], seen[row.id]) for row in rows if row.id in found)
