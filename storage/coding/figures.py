"""Count by code: people and not mentions, how two coders agree, and which interview brought the last new code.

Only what two have coded counts. Of an excerpt that they coded differently those codes count that both gave, until it is
settled; then those that were settled.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.coding.agreement import AgreementTable, CodedPair, agreement
from flows.coding.codebook import Codebook
from flows.coding.saturation import CodedInterview, Saturation, saturation
from storage.coding import codebooks, excerpts
from storage.coding.excerpts import CodedText
from storage.coding.texts import ExcerptKind
from storage.database.statements import among, numbers
from storage.schema import CONVERSATION


@dataclass(frozen=True, slots=True)
class CodePeople:
    """How many people's words were given a code, or one that is part of it.

    `people` are patients and carers, `clinicians` those whose commitments were given it; each person counts once.
    `excerpts` are the passages, of both.
    """

    code: str
    label: str
    people: int
    clinicians: int
    excerpts: int


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How two coders, by code, agree on what both have coded; `open` is how much of it is to be settled."""

    first: str
    second: str
    open: int
    table: AgreementTable


@dataclass(frozen=True, slots=True)
class CodingProgress:
    """How far the coding of a program is, in excerpts: by nobody yet, by one, by two; and how many are open."""

    by_nobody: int
    by_one: int
    by_two: int
    open: int


def progress(connection: Connection, program_id: int) -> CodingProgress:
    """Return how far the coding of a program is."""
    found = excerpts.coded_texts(connection, program_id)
    counts = [len(one.codings) for one in found]
    doubles = sum(one.is_double for one in found)
    return CodingProgress(counts.count(0), counts.count(1), doubles, sum(one.is_open for one in found))


def people_by_code(connection: Connection, program_id: int) -> tuple[CodePeople, ...]:
    """Return for each code of the codebook in use how many people's words were given it by two coders.

    Raises:
        CodingError: the program has no codebook.
    """
    codebook = codebooks.required(connection, program_id).codebook
    people = defaultdict[str, set[int]](set)
    clinicians = defaultdict[str, set[int]](set)
    counted = defaultdict[str, int](int)
    for one in excerpts.coded_texts(connection, program_id):
        whose = clinicians if one.text.source.kind is ExcerptKind.COMMITMENT else people
        for code in _with_ancestors(codebook, one.final or ()):
            whose[code].add(one.text.participant_id)
            counted[code] += 1
    return tuple(
        CodePeople(one.code, one.label, len(people[one.code]), len(clinicians[one.code]), counted[one.code])
        for one in codebook.codes
    )


def patients_by_code(connection: Connection, program_id: int) -> dict[str, set[int]]:
    """Return for each code of the codebook in use the patients and carers whose words were given it by two coders.

    Raises:
        CodingError: the program has no codebook.
    """
    codebook = codebooks.required(connection, program_id).codebook
    found: dict[str, set[int]] = {one.code: set() for one in codebook.codes}
    for one in excerpts.coded_texts(connection, program_id):
        if one.text.source.kind is not ExcerptKind.COMMITMENT:
            for code in _with_ancestors(codebook, one.final or ()):
                found.setdefault(code, set()).add(one.text.participant_id)
    return found


def agreement_of_pairs(connection: Connection, program_id: int) -> tuple[PairAgreement, ...]:
    """Return how each two coders agree who have coded the same excerpts, by their codes.

    What was settled since does not count: each coding counts as it was given.

    Raises:
        CodingError: the program has no codebook.
        PackageMissing: scikit-learn is not installed.
    """
    order = codebooks.required(connection, program_id).codebook.names
    pairs = defaultdict[tuple[str, str], list[CodedText]](list)
    for one in excerpts.coded_texts(connection, program_id):
        for first, second in combinations(sorted(each.coder for each in one.codings), 2):
            pairs[first, second].append(one)
    return tuple(
        PairAgreement(
            first,
            second,
            sum(one.is_open for one in both),
            agreement([_pair(one, first, second) for one in both], order),
        )
        for (first, second), both in sorted(pairs.items())
    )


def saturation_of(connection: Connection, program_id: int) -> Saturation:
    """Return which interview brought the last new code, of the interviews that have words which two coded.

    They come in the order in which they began; what clinicians promised is no interview.
    """
    given = defaultdict[int, set[str]](set)
    for one in excerpts.coded_texts(connection, program_id):
        if one.final is not None and one.text.source.kind is not ExcerptKind.COMMITMENT:
            given[one.text.conversation_id].update(one.final)
    began = connection.scalars(
        sa.select(CONVERSATION.c.id)
        .where(among(CONVERSATION.c.id, "coded"))
        .order_by(CONVERSATION.c.started_at, CONVERSATION.c.id),
        {"coded": numbers(given)},
    )
    return saturation([CodedInterview(number, frozenset(given[number])) for number in began])


def _pair(one: CodedText, first: str, second: str) -> CodedPair:
    by_coder = {each.coder: each.codes for each in one.codings}
    return CodedPair(by_coder[first], by_coder[second])


def _with_ancestors(codebook: Codebook, codes: Iterable[str]) -> frozenset[str]:
    """Return codes with all that they are part of."""
    return frozenset(each for code in codes for each in (code, *codebook.ancestors(code)))
