"""List what PARS asks for of each activity, as far as it is known here; all else is left empty for a person to fill.

PARS is the register in which accredited providers report their activities (https://accme.org/pars). It wants flags and
counts. This is a sheet to copy from by hand, and no file for its upload.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from json import loads
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus
from storage.export.measures.measure import (
    PROGRAM_NAME,
    MeasureCell,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.outcomes.tables.accreditation import activities
from storage.outcomes.tables.funnel import COMMITMENT_FLOW, PROFESSION
from storage.schema import (
    ACTIVITY,
    ANSWER,
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PROGRAM,
)

PHYSICIAN: Final = "physician"
TO_FILL: Final = ""
"""What nobody told here, and what a person decides."""
_YES_OR_NO: Final = {True: "yes", False: "no"}
_ASKED_AGAIN: Final = "patient_follow_up"
_RATED: Final = "e2"


def _of_program(query: sa.Select[Any]) -> sa.Select[Any]:
    """Return a query that selects from activities, for those of the program alone."""
    return query.join(PROGRAM, PROGRAM.c.id == ACTIVITY.c.program_id).where(PROGRAM.c.slug == PROGRAM_NAME)


def _talks_query() -> sa.Select[Any]:
    """Select each activity with who was asked what they will change after it, and the profession that they named."""
    asked = (CONVERSATION.c.activity_id == ACTIVITY.c.id) & (CONVERSATION.c.flow == COMMITMENT_FLOW)
    named = (
        (ANSWER.c.conversation_id == CONVERSATION.c.id)
        & (ANSWER.c.question_key == PROFESSION)
        & (ANSWER.c.status == AnswerStatus.ANSWERED)
        & ANSWER.c.superseded_at.is_(None)
    )
    columns = (
        *(ACTIVITY.c.slug, ACTIVITY.c.title, ACTIVITY.c.held_on),
        CONVERSATION.c.participant_id.label("person"),
        ANSWER.c.value,
    )
    joined = sa.select(*columns).select_from(ACTIVITY).outerjoin(CONVERSATION, asked).outerjoin(ANSWER, named)
    return _of_program(joined).order_by(ACTIVITY.c.id, CONVERSATION.c.id)


def _followed_query() -> sa.Select[Any]:
    """Select each confirmed commitment of an activity with its waves, and which of them have a report."""
    columns = (
        ACTIVITY.c.slug,
        COMMITMENT.c.id.label("commitment"),
        FOLLOW_UP.c.id.label("wave"),
        IMPLEMENTATION.c.id.label("report"),
    )
    made = (
        sa.select(*columns).select_from(ACTIVITY).join(COMMITMENT, COMMITMENT.c.activity_id == ACTIVITY.c.id)
    )
    waves = made.outerjoin(FOLLOW_UP, FOLLOW_UP.c.commitment_id == COMMITMENT.c.id)
    told = waves.outerjoin(IMPLEMENTATION, IMPLEMENTATION.c.follow_up_id == FOLLOW_UP.c.id)
    return _of_program(told).where(COMMITMENT.c.confirmed)


def _rated_query() -> sa.Select[Any]:
    """Select the ratings of care that patients and carers gave when they were asked again."""
    return (
        sa.select(ANSWER.c.id)
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.flow == _ASKED_AGAIN,
            ANSWER.c.question_key == _RATED,
            ANSWER.c.status == AnswerStatus.ANSWERED,
            ANSWER.c.superseded_at.is_(None),
        )
    )


TALKS: Final = _talks_query()
FOLLOWED: Final = _followed_query()
RATED_AGAIN: Final = _rated_query()


def _professions(rows: list[sa.Row[Any]]) -> tuple[MeasureCell, MeasureCell, int]:
    """Return how many people named that they are physicians, that they are not, and who named nothing.

    The first two are empty where nobody named anything: then they are not known.
    """
    named: dict[int, str] = {}
    for row in rows:
        if row.value is not None:
            named[row.person] = str(loads(row.value))
    people = {row.person for row in rows} - {None}
    if not named:
        return TO_FILL, TO_FILL, len(people)
    physicians = sum(code == PHYSICIAN for code in named.values())
    return physicians, len(named) - physicians, len(people - named.keys())


def _followed(connection: Connection, program: str) -> Mapping[str, tuple[int, int, int]]:
    """Return how many commitments, waves and reports there are, by activity."""
    found: dict[str, tuple[set[int], set[int], set[int]]] = defaultdict(lambda: (set(), set(), set()))
    for row in rows_of(connection, FOLLOWED, program):
        for numbers, number in zip(found[row.slug], (row.commitment, row.wave, row.report), strict=True):
            if number is not None:
                numbers.add(number)
    return {slug: (len(made), len(waves), len(told)) for slug, (made, waves, told) in found.items()}


def _sheet(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield a row for each activity of the program, in the order of its file."""
    taught = activities(connection, program)
    asked_of: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, TALKS, program):
        if row.slug in taught:
            asked_of[row.slug].append(row)
    followed = _followed(connection, program)
    patients = TO_FILL if rows_of(connection, RATED_AGAIN, program) else _YES_OR_NO[False]
    for slug, rows in asked_of.items():
        asked = any(row.person is not None for row in rows)
        made, waves, told = followed.get(slug, (0, 0, 0))
        day = rows[0].held_on
        yield (
            *(slug, rows[0].title, TO_FILL if day is None else day.isoformat()),
            *[TO_FILL] * 3,
            *(_YES_OR_NO[asked], _YES_OR_NO[bool(waves)], TO_FILL),
            *(_YES_OR_NO[bool(made)], _YES_OR_NO[bool(told)], patients),
            *_professions(rows),
            *[TO_FILL] * 6,
        )


_of_talks = MeasureSet("outcomes.pars", MeasureSource.SYSTEM, TALKS)
_of_followed = MeasureSet("outcomes.pars", MeasureSource.SELF_REPORTED, FOLLOWED)
_of_rated = MeasureSet("outcomes.pars", MeasureSource.PATIENT_REPORTED, RATED_AGAIN)
_PATIENT_OUTCOMES: Final = (
    "no where no patient or carer was asked again. Else empty: they rated their care, by theme, and it is for a person"
    " to decide whether that is a patient outcome."
)

PARS: Final = MeasureTable(
    "outcomes.pars",
    "Helper for PARS",
    ("activity",),
    (
        _of_talks.count("title", "What the activity is called in the program's file."),
        _of_talks.count("date", "Its day; empty where the file names none."),
        _of_talks.count("type", "Empty: a person fills it in."),
        _of_talks.count("location", "Empty: a person fills it in."),
        _of_talks.count("hours", "Empty: a person fills it in."),
        _of_talks.count(
            "designed_competence", "yes where anybody was asked what they will change after it, else no."
        ),
        _of_followed.count(
            "designed_performance",
            "yes where a confirmed commitment after it was to be followed up, else no.",
        ),
        _of_talks.count("designed_patient_outcomes", "Empty: a person decides."),
        _of_followed.count(
            "evaluated_competence",
            "yes where there is a confirmed commitment after it (an intention), else no.",
        ),
        _of_followed.count(
            "evaluated_performance", "yes where anybody reported what became of one (self-reported), else no."
        ),
        _of_rated.count("evaluated_patient_outcomes", _PATIENT_OUTCOMES),
        _of_talks.count(
            "physicians_here",
            "People asked here after the activity who named that they are physicians; empty where nobody named a"
            " profession. Who attended may be more.",
        ),
        _of_talks.count("others_here", "People asked here who named another profession; empty as before."),
        _of_talks.count("unnamed_here", "People asked here who named no profession."),
        _of_talks.count("physicians", "Empty: a person fills in how many physicians attended."),
        _of_talks.count("other_learners", "Empty: a person fills in how many others attended."),
        _of_talks.count("competencies", "Empty: a person fills it in."),
        _of_talks.count("joint_provider", "Empty: a person fills it in."),
        _of_talks.count("commercial_support", "Empty: a person fills it in."),
        _of_talks.count("credits", "Empty: a person fills it in."),
    ),
    "To copy from by hand: it is no file for PARS's upload, and PARS has not checked it. An empty cell is for a person"
    " to fill. Flags follow from what was asked and answered here, self-reported.",
    _sheet,
)
