"""Read the current consents: for each purpose and family of flows, the latest decision counts.

A consent names what it is for: a yes to hear what became of a review is no yes to be asked about a commitment, nor is
a no to it. So each counts for the conversation in which it was asked, and for what follows on that
(`ProgramFile.family_of`). What was said outside of any question ('no contact') counts for all of the program.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Purpose
from storage.database.statements import TupleQuery, after_finding, among, numbers
from storage.programs import programs
from storage.schema import CONSENT, CONVERSATION


@dataclass(frozen=True, slots=True)
class ConsentGrant:
    """A purpose that a participant has agreed to, and in which words."""

    purpose: Purpose
    program_id: int
    shown_text: str
    text_hash: str
    language: str
    flow: str | None
    """The flow whose text it is; None for a decision of which no conversation is known."""
    source: str | None
    """The hash of the text as its author wrote it; None in rows from before that was kept."""
    version: str | None
    """The flow version of the conversation in which it was decided."""


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was decided; `family` is None for what counts for all of the program."""

    participant_id: int
    granted: bool
    what: ConsentGrant
    family: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class ParticipantConsents:
    """Hold all that one participant decided on consents, the oldest decision first."""

    _decisions: tuple[_Decision, ...] = ()

    def current_grants(
        self, program_id: int | None = None, flows: Collection[str] | None = None
    ) -> tuple[ConsentGrant, ...]:
        """Return the consents that stand, by program and then by purpose.

        `program_id` None is all programs. With `flows` only decisions that count for one of these flows are looked at.
        """
        order = list(Purpose)
        found = dict.fromkeys(one.what for one in _newest(self._in(program_id), flows) if one.granted)
        return tuple(sorted(found, key=lambda one: (one.program_id, order.index(one.purpose))))

    def has_consent(self, program_id: int, purpose: Purpose, flows: Collection[str]) -> bool:
        """Return whether they agree to a purpose for a conversation of one of these flows.

        A decision counts for the flow that asked, what follows on it and what it follows on. Where none of these ever
        asked this participant, a yes to any other flow of the program counts.
        """
        decided = [one for one in self._in(program_id) if one.what.purpose is purpose]
        return any(one.granted for one in _newest(decided, flows) or _newest(decided))

    def is_taken_back(self, program_id: int, purpose: Purpose, flow: str) -> bool:
        """Return whether the newest decision on a purpose that counts for a flow is a no; False where none counts."""
        newest = _newest([one for one in self._in(program_id) if one.what.purpose is purpose], (flow,))
        return bool(newest) and not any(one.granted for one in newest)

    def _in(self, program_id: int | None) -> Iterable[_Decision]:
        """Return the decisions in a program; None is all programs."""
        if program_id is None:
            return self._decisions
        return [one for one in self._decisions if one.what.program_id == program_id]


def of_participants(
    connection: Connection, participant_ids: Collection[int]
) -> defaultdict[int, ParticipantConsents]:
    """Return what each of these participants decided, by number; nothing decided for those who never were asked."""
    family_of, decided = _families(connection), defaultdict[int, list[_Decision]](list)
    for row in _DECISIONS_OF.run(connection, participants=numbers(participant_ids)):
        decided[row[0]].append(_decision(family_of, row))
    found = {number: ParticipantConsents(tuple(theirs)) for number, theirs in decided.items()}
    return defaultdict(ParticipantConsents, found)


def current_grants(
    connection: Connection,
    participant_id: int,
    program_id: int | None = None,
    flows: Collection[str] | None = None,
) -> tuple[ConsentGrant, ...]:
    """Return the consents of a participant that stand, see `ParticipantConsents.current_grants`."""
    return _of_person(connection, participant_id).current_grants(program_id, flows)


def has_consent(
    connection: Connection, participant_id: int, program_id: int, purpose: Purpose, flows: Collection[str]
) -> bool:
    """Return whether a participant agrees to a purpose for some flows, see `ParticipantConsents.has_consent`."""
    return _of_person(connection, participant_id).has_consent(program_id, purpose, flows)


def is_taken_back(
    connection: Connection, participant_id: int, program_id: int, purpose: Purpose, flow: str
) -> bool:
    """Return whether the newest decision on a purpose is a no, see `ParticipantConsents.is_taken_back`."""
    return _of_person(connection, participant_id).is_taken_back(program_id, purpose, flow)


def consented_participants(connection: Connection, purpose: Purpose) -> frozenset[tuple[int, int]]:
    """Return who agrees to a purpose and where, as pairs of a participant's and a program's number."""
    decided = _standing(connection, CONSENT.c.purpose == purpose)
    return frozenset((one.participant_id, one.what.program_id) for one in decided)


def grants_of_program(connection: Connection, program_id: int) -> tuple[ConsentGrant, ...]:
    """Return the consents that stand of everybody in a program, one for each person, purpose and family of flows."""
    return tuple(one.what for one in _standing(connection, CONSENT.c.program_id == program_id))


def _standing(connection: Connection, which: sa.ColumnElement[bool]) -> list[_Decision]:
    """Return the newest decisions among these rows, by participant, program and purpose, that are a yes."""
    options = {"stream_results": True, "yield_per": _CHUNK}
    rows = connection.execute(_DECISIONS.where(which), execution_options=options)
    family_of = _families(connection)
    return [one for one in _newest(_decision(family_of, tuple(row)) for row in rows) if one.granted]


def _newest(decided: Iterable[_Decision], flows: Collection[str] | None = None) -> list[_Decision]:
    """Keep the newest decision of each family that was asked, by participant, program and purpose.

    `decided` has the oldest first. `flows` leaves out decisions of families that hold none of these flows.
    """
    newest: dict[tuple[int, int, Purpose], dict[frozenset[str] | None, _Decision]] = {}
    for one in decided:
        if flows is not None and one.family is not None and one.family.isdisjoint(flows):
            continue
        found = newest.setdefault((one.participant_id, one.what.program_id, one.what.purpose), {})
        found |= {one.family: one} if one.family is not None else dict.fromkeys((*found, None), one)
    return [one for found in newest.values() for one in found.values()]


def _of_person(connection: Connection, participant_id: int) -> ParticipantConsents:
    return of_participants(connection, [participant_id])[participant_id]


def _families(connection: Connection) -> Callable[[int, str], frozenset[str]]:
    """Return a function that gives the family of a flow in a program, each looked up once."""

    @cache
    def family_of(program_id: int, flow: str) -> frozenset[str]:
        return programs.program_file(connection, program_id).family_of(flow)

    return family_of


def _decision(family_of: Callable[[int, str], frozenset[str]], row: Sequence[Any]) -> _Decision:
    """Return the row of a decision with the family of flows that it counts for."""
    participant_id, granted, in_conversation, *columns = row
    what, family = ConsentGrant(*columns), None
    if in_conversation is not None and what.flow is not None:
        family = family_of(what.program_id, what.flow)
    return _Decision(participant_id, granted, what, family)


_CHUNK = 1_000
"""Rows fetched at once where everybody is looked at."""
_DECISIONS: sa.Select[Any] = (
    sa.select(
        CONSENT.c.participant_id,
        CONSENT.c.granted,
        CONSENT.c.conversation_id,
        CONSENT.c.purpose,
        CONSENT.c.program_id,
        CONSENT.c.shown_text,
        CONSENT.c.text_hash,
        CONSENT.c.language,
        sa.func.coalesce(CONSENT.c.flow, CONVERSATION.c.flow),
        CONSENT.c.source_hash,
        CONVERSATION.c.flow_hash,
    )
    .outerjoin(CONVERSATION, CONVERSATION.c.id == CONSENT.c.conversation_id)
    .order_by(CONSENT.c.id)
)
_DECISIONS_OF = TupleQuery(
    _DECISIONS.where(among(CONSENT.c.participant_id, "participants"))
    .order_by(None)
    .order_by(after_finding(CONSENT.c.id))
)
