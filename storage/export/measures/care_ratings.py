"""Read how patients rate care on a theme, in the interview and later, and what they say themselves of the change."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus
from flows.engine.state import decode_state
from storage.export.measures.measure import PROGRAM_NAME, Figure, RatingChange, rows_of
from storage.export.statistics import difference_of
from storage.export.tables.table import read_value
from storage.schema import ANSWER, CONVERSATION, PROGRAM

INTERVIEW: Final = "patient_interview"
FOLLOW_UP_FLOW: Final = "patient_follow_up"
PICKS, BASELINE, LATER, TRANSITION = "a6", "a7", "e2", "e3"
"""The questions of the shipped interview and follow-up. The item of a7, e2 and e3 is the code of the pick."""
BETTER: Final = "better"
CANNOT_SAY: Final = "cannot_say"
_SPAN: Final = 4
"""Points between the lowest and the highest rating."""


def _picks_query() -> sa.Select[Any]:
    """Select what patients picked: the newest row of each answer, by participant."""
    return (
        sa.select(CONVERSATION.c.participant_id.label("person"), ANSWER.c.value)
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.flow == INTERVIEW,
            ANSWER.c.question_key == PICKS,
            ANSWER.c.superseded_at.is_(None),
            ANSWER.c.status == AnswerStatus.ANSWERED,
            ANSWER.c.value.is_not(None),
        )
    )


def _ratings_query() -> sa.Select[Any]:
    """Select ratings of both conversations and what patients say of the change, conversation by conversation."""
    return (
        sa.select(
            CONVERSATION.c.participant_id.label("person"),
            ANSWER.c.question_key,
            ANSWER.c.item,
            ANSWER.c.value,
            ANSWER.c.status,
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            ANSWER.c.superseded_at.is_(None),
            sa.or_(
                (CONVERSATION.c.flow == INTERVIEW) & (ANSWER.c.question_key == BASELINE),
                (CONVERSATION.c.flow == FOLLOW_UP_FLOW) & ANSWER.c.question_key.in_([LATER, TRANSITION]),
            ),
        )
        .order_by(CONVERSATION.c.id, ANSWER.c.id)
    )


def _asked_query() -> sa.Select[Any]:
    """Select the states of the conversations in which patients were asked again, which hold all that was asked."""
    return (
        sa.select(CONVERSATION.c.participant_id.label("person"), CONVERSATION.c.state)
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME, CONVERSATION.c.flow == FOLLOW_UP_FLOW, CONVERSATION.c.state != ""
        )
    )


PICKED: Final = _picks_query()
RATED: Final = _ratings_query()
ASKED: Final = _asked_query()


def raised(connection: Connection, program: str, merged: Mapping[str, str]) -> Mapping[str, frozenset[int]]:
    """Return who picked each theme. `merged` says which code has become part of which."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows_of(connection, PICKED, program):
        for code in read_value(row.value) or ():
            found[merged.get(code, code)].add(row.person)
    return {code: frozenset(people) for code, people in found.items()}


@dataclass(slots=True)
class CareOfTheme:
    """What patients say later of one theme, by participant; the newest of several times counts.

    `pairs` are the rating before and the one after; a theme that was joined of others has the newest of each.
    """

    asked: set[int] = field(default_factory=set)
    baseline: dict[int, int] = field(default_factory=dict)
    pairs: dict[int, tuple[int, int]] = field(default_factory=dict)
    judged: dict[int, str] = field(default_factory=dict)

    @property
    def better(self) -> Figure:
        """Return of how many people with both ratings the later one is higher."""
        higher = sum(later > before for before, later in self.pairs.values())
        return Figure(higher, len(self.pairs), len(self.pairs))

    @property
    def judged_better(self) -> Figure:
        """Return how many say that it got better, of those who said whether it did."""
        told = [word for word in self.judged.values() if word != CANNOT_SAY]
        return Figure(told.count(BETTER), len(told), len(told))

    @property
    def change(self) -> RatingChange | None:
        """Return the mean difference of the ratings; None where nobody gave both."""
        if not self.pairs:
            return None
        shares = {
            person: [((before - 1) / _SPAN, (later - 1) / _SPAN)]
            for person, (before, later) in self.pairs.items()
        }
        found = difference_of(shares)
        low, high = (None if one is None else _SPAN * one for one in (found.low, found.high))
        return RatingChange(found.people, _SPAN * found.mean, low, high)


def care_by_theme(
    connection: Connection, program: str, merged: Mapping[str, str]
) -> Mapping[str, CareOfTheme]:
    """Return what patients say later of each theme that anybody rated, or was asked about.

    A later rating is paired with the newest one of an interview before it. Who was asked and fell silent is known as
    long as the conversation's state is kept.
    """
    found: dict[str, CareOfTheme] = defaultdict(CareOfTheme)
    for row in rows_of(connection, RATED, program):
        theme, value = found[merged.get(row.item, row.item)], read_value(row.value)
        if row.question_key == BASELINE:
            if value is not None:
                theme.baseline[row.person] = value
            continue
        theme.asked.add(row.person)
        if row.question_key == TRANSITION and value is not None:
            theme.judged[row.person] = value
        if row.question_key == LATER and value is not None and row.person in theme.baseline:
            theme.pairs[row.person] = theme.baseline[row.person], value
    for row in rows_of(connection, ASKED, program):
        for asked in decode_state(row.state).asks:
            question, _, item = asked.slot.rstrip("]").partition("[")
            if question in {LATER, TRANSITION}:
                found[merged.get(item, item)].asked.add(row.person)
    return found
