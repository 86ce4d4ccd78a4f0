"""Take the codes that a coordinator gives an excerpt, and show each coder what they may see.

Coders are blind to each other: whoever has to code an excerpt learns nothing of what another gave it. What both gave is
shown once both have coded it, and nothing can be changed from then on; where they differ, it is settled.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.coding.proposals import CodedExample
from storage.coding import codebooks, excerpts
from storage.coding.codebooks import KeptCodebook
from storage.coding.errors import CodingError
from storage.coding.excerpts import CodedText, ExcerptCodes, SettledCodes
from storage.coding.texts import ExcerptSource, codable_texts
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.schema import CODED_EXCERPT, CODING, AuditKind


@dataclass(frozen=True, slots=True)
class NewCoding:
    """The codes that are given some words; none where no code fits.

    Which of them: a passage as it is shown, or an excerpt that is kept, by its number; with neither the whole.
    """

    source: ExcerptSource
    codes: frozenset[str]
    passage: str | None = None
    excerpt: int | None = None


@dataclass(frozen=True, slots=True)
class VisibleCodes:
    """An excerpt with what one coder may see of it.

    `own` is what they gave, None before they have. `others` are the codings of others, and `is_open` whether they
    differ from it and nobody has settled it: empty and False until two have coded the excerpt. `final` is None then.
    """

    excerpt: int
    source: str
    words: str
    own: ExcerptCodes | None
    others: tuple[ExcerptCodes, ...]
    is_open: bool
    final: frozenset[str] | None
    settled: SettledCodes | None


def code(
    connection: Connection, program_id: int, new: NewCoding, *, by: CoordinatorRecord, now: datetime
) -> int:
    """Keep the codes that a coordinator gives an excerpt, in place of their earlier ones; return the excerpt's number.

    Raises:
        CodingError: there are no such words or codes, or the excerpt cannot be coded by them any more.
    """
    kept = codebooks.required(connection, program_id)
    check_codes(kept, new.codes)
    texts = codable_texts(connection, program_id, [new.source])
    if not texts:
        raise CodingError(f"there are no words {new.source} to be coded in this programme")
    number = new.excerpt or excerpts.keep(connection, texts[0], new.passage, now)
    coders = set(
        connection.scalars(
            sa.select(CODED_EXCERPT.c.coordinator_id).where(CODED_EXCERPT.c.excerpt_id == number)
        )
    )
    if len(coders) >= excerpts.CODERS:
        what = "both coders see each other's by now; settle it" if by.id in coders else "two have coded it"
        raise CodingError(f"the codes of {new.source} cannot be given any more: {what}")
    mine = (CODING.c.excerpt_id == number) & (CODING.c.coordinator_id == by.id)
    connection.execute(CODING.delete().where(mine))
    themes = codebooks.theme_ids(connection, program_id)
    whose = {"excerpt_id": number, "coordinator_id": by.id, "coded_at": now}
    if new.codes:
        rows = [{**whose, "theme_id": themes[code]} for code in sorted(new.codes)]
        connection.execute(CODING.insert(), rows)
    if by.id in coders:
        here = (CODED_EXCERPT.c.excerpt_id == number) & (CODED_EXCERPT.c.coordinator_id == by.id)
        connection.execute(CODED_EXCERPT.update().where(here).values(codebook_id=kept.id, coded_at=now))
    else:
        connection.execute(CODED_EXCERPT.insert().values(**whose, codebook_id=kept.id))
    what_is_kept = {"what": "coded", "excerpt": number, "of": str(new.source), "by": by.code}
    audit.record(connection, AuditKind.CODING, participant_id=None, now=now, **what_is_kept)
    return number


def visible(
    connection: Connection,
    program_id: int,
    coder: CoordinatorRecord,
    sources: Collection[ExcerptSource] | None = None,
) -> tuple[VisibleCodes, ...]:
    """Return the excerpts of a program that anybody has coded, each with what a coder may see of it.

    Of some sources, or (None) all. That an excerpt is there tells that somebody has coded it, and no more.
    """
    return visible_of(excerpts.coded_texts(connection, program_id, sources), coder)


def visible_of(coded: Iterable[CodedText], coder: CoordinatorRecord) -> tuple[VisibleCodes, ...]:
    """Return what a coder may see of excerpts that were read, as `visible` does."""
    return tuple(_visible(one.id, one, coder) for one in coded if one.id is not None)


def examples(
    connection: Connection, program_id: int, coder: CoordinatorRecord, *, besides: int | None = None
) -> tuple[CodedExample, ...]:
    """Return what proposals by likeness may learn from, for a coder: what they coded, and what two coded.

    What another alone coded is not among them, nor the excerpt `besides`: else a proposal would tell what they gave.
    """
    return examples_in(excerpts.coded_texts(connection, program_id), coder, besides)


def examples_in(
    coded: Collection[CodedText], coder: CoordinatorRecord, besides: int | None = None
) -> tuple[CodedExample, ...]:
    """Return the same out of excerpts that were read."""
    found: list[CodedExample] = []
    for one in coded:
        if one.id is None or one.id == besides:
            continue
        own = next((each.codes for each in one.codings if each.coder == coder.code), None)
        codes = one.final if one.final is not None else own
        if codes is not None:
            found.append(CodedExample(str(one.text.source), one.words, codes))
    return tuple(found)


def check_codes(kept: KeptCodebook, codes: Collection[str]) -> None:
    """Refuse codes that a codebook does not have.

    Raises:
        CodingError: it does not have one of them.
    """
    names = kept.codebook.names
    unknown = sorted(set(codes).difference(names))
    if unknown:
        raise CodingError(f"the codebook has no code {unknown[0]!r}; it has: {', '.join(names)}")


def _visible(number: int, one: CodedText, coder: CoordinatorRecord) -> VisibleCodes:
    both = one.is_double
    return VisibleCodes(
        excerpt=number,
        source=str(one.text.source),
        words=one.words,
        own=next((each for each in one.codings if each.coder == coder.code), None),
        others=tuple(each for each in one.codings if both and each.coder != coder.code),
        is_open=one.is_open,
        final=one.final,
        settled=one.settled,
    )
