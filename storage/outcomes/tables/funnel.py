"""Count the funnel of clinicians: invited, came, started, agreed, committed, and answered at each wave.

Whoever reached a later step counts in the earlier ones, so that no step has more people than the one before; the waves
stand beside one another, each of those who were due at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from json import loads
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus
from flows.script.roles import Purpose, Role
from storage.export.funnel import LATEST, WAVES_QUERY, commitment_waves
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.statistics import WaveStanding
from storage.follow_up.review_points import FLOW as REVIEW
from storage.schema import (
    ANSWER,
    COMMITMENT,
    CONSENT,
    CONVERSATION,
    ENROLLMENT,
    INVITATION,
    PARTICIPANT,
    PROGRAM,
    InvitationKind,
)

COMMITMENT_FLOW: Final = "hcp_commitment"
_OF_REVIEWS: Final = (REVIEW, "review_answer")
"""The flows of whoever looks at teaching before it is given: in the committee they are no learners, and not counted."""
PROFESSION: Final = "c1"
"""The question of that flow that asks for it."""
ALL: Final = "all"
"""In place of what is told apart: all clinicians together."""
INVITED: Final = "invited"
CAME: Final = "came"
STARTED: Final = "started"
AGREED: Final = "agreed"
COMMITTED: Final = "committed"
ANSWERED_ANY: Final = "answered_any"
_NAMED: Final = "named"
"""No step: what a clinician named as their profession."""


def _step(name: str, table: sa.Table, person: Any, told: Any, *conditions: Any) -> sa.Select[Any]:
    """Select what rows of a table say of clinicians: the step, by whom, and a word on it."""
    return (
        sa.select(
            sa.literal_column(f"'{name}'").label("step"),
            table.c.id.label("number"),
            person.label("person"),
            told.label("told"),
            table.c.program_id,
        )
        .select_from(table)
        .where(*conditions)
    )


def _reached_query() -> sa.Select[Any]:
    """Select every way in, conversation, consent and commitment of a clinician, and links that nobody opened.

    What belongs to a review of teaching is left out: a clinician of the committee that reviews is none to be taught.
    """
    unopened = ~sa.exists().where(ENROLLMENT.c.invitation_id == INVITATION.c.id)
    kind = sa.cast(INVITATION.c.kind, sa.String)
    link = sa.select(kind).where(INVITATION.c.id == ENROLLMENT.c.invitation_id).scalar_subquery()
    named = _step(_NAMED, CONVERSATION, CONVERSATION.c.participant_id, ANSWER.c.value)
    named = named.join(ANSWER, ANSWER.c.conversation_id == CONVERSATION.c.id).where(
        CONVERSATION.c.flow == COMMITMENT_FLOW,
        ANSWER.c.question_key == PROFESSION,
        ANSWER.c.status == AnswerStatus.ANSWERED,
        ANSWER.c.superseded_at.is_(None),
        ANSWER.c.value.is_not(None),
    )
    agreed = (
        CONSENT.c.purpose == Purpose.TAKE_PART,
        CONSENT.c.granted,
        ~sa.exists().where(
            CONVERSATION.c.id == CONSENT.c.conversation_id, CONVERSATION.c.flow.in_(_OF_REVIEWS)
        ),
    )
    to_review = sa.exists().where(INVITATION.c.id == ENROLLMENT.c.invitation_id, INVITATION.c.flow == REVIEW)
    invited = INVITATION.c.role == Role.HCP, INVITATION.c.flow != REVIEW, unopened
    came = sa.func.coalesce(link, "")
    talked = CONVERSATION.c.flow.not_in(_OF_REVIEWS)
    steps = sa.union_all(
        _step(INVITED, INVITATION, sa.null(), kind, *invited),
        _step(CAME, ENROLLMENT, ENROLLMENT.c.participant_id, came, ~to_review),
        _step(STARTED, CONVERSATION, CONVERSATION.c.participant_id, CONVERSATION.c.channel, talked),
        _step(AGREED, CONSENT, CONSENT.c.participant_id, sa.literal_column("''"), *agreed),
        _step(
            COMMITTED,
            COMMITMENT,
            COMMITMENT.c.participant_id,
            sa.literal_column("''"),
            COMMITMENT.c.confirmed,
        ),
        named,
    ).subquery("reached")
    return (
        sa.select(steps.c.step, steps.c.person, steps.c.told)
        .select_from(steps)
        .join(PROGRAM, PROGRAM.c.id == steps.c.program_id)
        .outerjoin(PARTICIPANT, PARTICIPANT.c.id == steps.c.person)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            sa.or_(PARTICIPANT.c.role == Role.HCP, steps.c.step.in_([INVITED, COMMITTED])),
        )
        .order_by(steps.c.step, steps.c.number)
    )


def _planned_query() -> sa.Select[Any]:
    """Select the program's file, which says when it asks again."""
    return sa.select(PROGRAM.c.settings).where(PROGRAM.c.slug == PROGRAM_NAME)


REACHED: Final = _reached_query()
PLANNED: Final = _planned_query()


@dataclass(frozen=True, slots=True)
class _Clinicians:
    """Hold the clinicians who reached each step, by number, and what tells them apart."""

    unopened: int
    """Links for one person that nobody opened."""
    came_otherwise: bool
    """Whether a link for a group was made, or anybody came in without a link for one person."""
    steps: Mapping[str, frozenset[int]]
    """From `came` to `committed`."""
    due: Mapping[str, frozenset[int]]
    answered: Mapping[str, frozenset[int]]
    """By the step of each wave, in order, the last of them `answered_any`."""
    channel: Mapping[int, str]
    profession: Mapping[int, str]


def due_and_answered(
    connection: Connection, program: str
) -> tuple[Mapping[str, set[int]], Mapping[str, set[int]]]:
    """Return who was due at each wave, and who answered on a commitment while it was open; LATEST: ever."""
    due: dict[str, set[int]] = defaultdict(set)
    answered: dict[str, set[int]] = defaultdict(set)
    for one in commitment_waves(connection, program):
        for wave, standing in one.standings.items():
            if standing.place is not WaveStanding.NOT_DUE:
                due[wave].add(one.person)
            if standing.place is WaveStanding.RESPONDED:
                answered[wave].add(one.person)
    return due, answered


def wave_days(connection: Connection, program: str, seen: Iterable[str]) -> list[int]:
    """Return the days of the waves, in order: those of the program's file, and those that commitments had (`seen`)."""
    planned = {
        int(day)
        for row in rows_of(connection, PLANNED, program)
        for day in row.settings.get("schedule", {}).get("waves", ())
    }
    return sorted(planned | {int(wave) for wave in seen if wave.isdecimal()})


def _read(connection: Connection, program: str) -> _Clinicians:
    reached: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, REACHED, program):
        reached[row.step].append(row)
    single = {row.person for row in reached[CAME] if row.told == InvitationKind.SINGLE}
    channel: dict[int, str] = {}
    for row in reached[STARTED]:
        channel.setdefault(row.person, row.told)
    steps, people = dict[str, frozenset[int]](), frozenset[int]()
    for step in (COMMITTED, AGREED, STARTED, CAME):
        people |= {row.person for row in reached[step]}
        steps[step] = people
    due, answered = due_and_answered(connection, program)
    waves = {f"answered_{day}": str(day) for day in wave_days(connection, program, {*due, *answered})}
    waves[ANSWERED_ANY] = LATEST
    crowd = any(row.told == InvitationKind.GROUP for row in (*reached[INVITED], *reached[CAME]))
    return _Clinicians(
        sum(row.told == InvitationKind.SINGLE for row in reached[INVITED]),
        crowd or steps[CAME] != single,
        dict(reversed(steps.items())),
        {step: frozenset(due.get(wave, ())) for step, wave in waves.items()},
        {step: frozenset(answered.get(wave, ())) for step, wave in waves.items()},
        channel,
        {row.person: str(loads(row.told)) for row in reached[_NAMED]},
    )


def _funnel(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the funnel: all together, then by channel, then by profession."""
    known = _read(connection, program)
    every = known.steps[CAME]
    yield from _rows(known, (ALL, ""), every)
    for by, told in (("channel", known.channel), ("profession", known.profession)):
        groups: dict[str, set[int]] = defaultdict(set)
        for person in every:
            groups[told.get(person, "")].add(person)
        for group, people in sorted(groups.items()):
            yield from _rows(known, (by, group), frozenset(people))


def _rows(known: _Clinicians, keys: tuple[str, str], those: frozenset[int]) -> Iterator[MeasureRow]:
    """Yield the rows of some clinicians, step by step."""
    before: int | None = None
    if keys[0] == ALL:
        invited = len(those) + known.unopened
        yield *keys, INVITED, invited, None, None
        before = None if known.came_otherwise else invited
    for step, people in known.steps.items():
        n = len(people & those)
        yield *keys, step, n, None if before is None else Figure(n, before, before), None
        before = n
    committed = len(known.steps[COMMITTED] & those)
    for step, people in known.answered.items():
        n = len(people & those)
        yield *keys, step, n, Figure(n, len(known.due[step] & those), n), Figure(n, committed, n)


_of_reached = MeasureSet("outcomes.funnel", MeasureSource.SYSTEM, REACHED)
_of_waves = MeasureSet("outcomes.funnel", MeasureSource.SYSTEM, WAVES_QUERY)

FUNNEL: Final = MeasureTable(
    "outcomes.funnel",
    "The funnel of clinicians",
    ("by", "group", "step"),
    (
        _of_reached.count(
            "people",
            "Clinicians who reached the step or a later one. invited: who came, and links for one person that nobody"
            " opened; came: is enrolled; started: has a conversation; agreed: ever agreed to take part; committed: has"
            " a confirmed commitment; answered_30: answered on one while the wave of 30 days was open; answered_any:"
            " has any report, a late one too.",
        ),
        _of_waves.share(
            "of_previous",
            "The share of the step before; at a wave, of those who were due then.",
            "people",
            "people of the step before; at a wave, clinicians with a commitment that was due then (answered_any: at any"
            " wave); empty after invited where a link for a group was made or somebody came without a link for one"
            " person",
        ),
        _of_waves.share(
            "of_committed",
            "Of the waves, the share of all who committed.",
            "people",
            "clinicians who committed",
        ),
    ),
    "People, each once; whoever only reviews teaching is not among them. How many saw a link for a group is not known."
    " The channel is that of the first conversation, the profession what they named last, which of erased people is not"
    " known. Published: 22 to 75 % of clinicians who committed answered later, about 53 % in the middle.",
    _funnel,
)
