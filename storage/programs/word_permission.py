"""Say what may be done with the words of a conversation, as their author's decisions stand now.

A yes speaks of the words beside which it was asked: it counts for its conversation and for what follows on that without
asking anew, and a later yes in another conversation frees nothing that was said under a no. A no counts for all of its
family of flows, also for what was said before; one outside of any question ('not my words') for all of the program. Who
stopped, or had everything deleted, permits nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Purpose
from storage.database.statements import TupleQuery, after_finding, among, numbers
from storage.programs import programs
from storage.schema import CONSENT, CONVERSATION, PARTICIPANT, ParticipantStatus


@dataclass(frozen=True, slots=True)
class WordPermission:
    """What the author of some words permits now: to quote them, to publish a summary, to name their team in it."""

    may_quote: bool = False
    may_publish: bool = False
    may_name_team: bool = False

    def __and__(self, other: "WordPermission") -> "WordPermission":
        """Return what both permit, for words from two conversations."""
        return WordPermission(
            self.may_quote and other.may_quote,
            self.may_publish and other.may_publish,
            self.may_name_team and other.may_name_team,
        )


NOTHING: Final = WordPermission()
"""Permits nothing."""


@dataclass(frozen=True, slots=True)
class _WordDecision:
    """A yes or a no; `conversation_id` and `family` are None for what was said outside of any question.

    `flow` is the flow whose question it answers, or whose consent was taken back.
    """

    purpose: Purpose
    granted: bool
    conversation_id: int | None
    flow: str | None
    family: frozenset[str] | None


def of_conversations(connection: Connection, conversations: Collection[int]) -> dict[int, WordPermission]:
    """Return what may be done with the words of these conversations, by number; all of them must be there."""
    wanted = _CONVERSATIONS.run(connection, conversations=numbers(conversations))
    decided = _decisions(connection, {participant for _, participant, *_ in wanted})
    return {
        number: _permission(number, flow, decided[participant, program])
        if status is ParticipantStatus.ACTIVE
        else NOTHING
        for number, participant, program, flow, status in wanted
    }


def standing_decisions(rows: Sequence[tuple[Any, ...]]) -> Iterator[bool]:
    """Yield for each decision of one participant, the oldest first, whether it is the newest that counts somewhere.

    A row is a program, a purpose and a family of flows; None is the family of a decision that counts for all of them.
    """
    later: set[tuple[Any, ...]] = set()
    stands = []
    for program, purpose, family in reversed(rows):
        of_all = (program, purpose, None)
        stands.append(of_all not in later and (program, purpose, family) not in later)
        later.add((program, purpose, family))
    yield from reversed(stands)


def _decisions(
    connection: Connection, participants: Collection[int]
) -> defaultdict[tuple[int, int], list[_WordDecision]]:
    """Return what these participants decided, by participant and program, the oldest decision first."""
    found = defaultdict[tuple[int, int], list[_WordDecision]](list)

    @cache
    def family_of(program: int, flow: str) -> frozenset[str]:
        return programs.program_file(connection, program).family_of(flow)

    for participant, program, *columns, flow in _DECISIONS.run(
        connection, participants=numbers(participants)
    ):
        purpose, granted, conversation = columns
        family = None
        if conversation is not None and flow is not None:
            family = family_of(program, flow)
        found[participant, program].append(_WordDecision(purpose, granted, conversation, flow, family))
    return found


def _permission(number: int, flow: str, decided: Sequence[_WordDecision]) -> WordPermission:
    """Return what may be done with the words of a conversation, of all that its participant decided in its program."""
    counts = [one for one in decided if one.family is None or flow in one.family]
    took_part = [
        one.granted
        for one in counts
        if one.purpose is Purpose.TAKE_PART and one.conversation_id in {number, None}
    ]
    if took_part and not took_part[-1]:
        return NOTHING
    quote, publish, name = (
        _permits(number, flow, [one for one in counts if one.purpose is purpose])
        for purpose in (Purpose.USE_WORDS, Purpose.PUBLISH, Purpose.NAME_TEAM)
    )
    return WordPermission(quote, publish, publish and name)


def _permits(number: int, flow: str, counts: Sequence[_WordDecision]) -> bool:
    """Return whether a purpose is permitted for a conversation, given the decisions on it that count for its flow.

    Two things must be so: the newest of all is a yes, and so is the newest where it was asked beside these words. That
    is in this conversation; or, for a flow that does not ask by itself, in the last one before it.
    """
    if not counts or not counts[-1].granted:
        return False
    asked = {one.conversation_id for one in counts if one.conversation_id is not None}
    if number in asked:
        beside = number
    elif any(one.flow == flow for one in counts if one.conversation_id is not None):
        return False  # it was not asked yet in this conversation
    else:
        beside = max((one for one in asked if one < number), default=0)
    heard = [one.granted for one in counts if one.conversation_id in {beside, None}]
    return beside in asked and heard[-1]


_CONVERSATIONS = TupleQuery(
    sa.select(
        CONVERSATION.c.id,
        CONVERSATION.c.participant_id,
        CONVERSATION.c.program_id,
        CONVERSATION.c.flow,
        PARTICIPANT.c.status,
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(among(CONVERSATION.c.id, "conversations"))
)
_DECISIONS = TupleQuery(
    sa.select(
        CONSENT.c.participant_id,
        CONSENT.c.program_id,
        CONSENT.c.purpose,
        CONSENT.c.granted,
        CONSENT.c.conversation_id,
        sa.func.coalesce(CONSENT.c.flow, CONVERSATION.c.flow),
    )
    .outerjoin(CONVERSATION, CONVERSATION.c.id == CONSENT.c.conversation_id)
    .where(among(CONSENT.c.participant_id, "participants"))
    .order_by(after_finding(CONSENT.c.id))
)
