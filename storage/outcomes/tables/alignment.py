"""Count which commitments follow an objective of their activity, and list those that follow none.

A commitment follows the objective that the suggestion names from which it was picked. One in own words names none;
where the team linked it, or its suggestion, to an objective, that stands in a column of its own.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.outcomes.tables.commitments import COMMITMENTS, worded_commitments
from storage.schema import ACTIVITY, COMMITMENT, PROGRAM, THEME_LINK, LinkedKind

ALL: Final = "(all)"
"""In place of an activity: all of them together."""


def _aims_query() -> sa.Select[Any]:
    """Select the confirmed commitments with their objective, and whether a standing link leads to one."""
    link = THEME_LINK
    number = sa.cast(COMMITMENT.c.id, sa.String)
    suggestion = ACTIVITY.c.slug + "." + COMMITMENT.c.suggestion
    linked = sa.exists().where(
        link.c.program_id == COMMITMENT.c.program_id,
        link.c.removed_at.is_(None),
        link.c.from_kind == LinkedKind.OBJECTIVE,
        sa.or_(
            (link.c.to_kind == LinkedKind.COMMITMENT) & (link.c.to_code == number),
            (link.c.to_kind == LinkedKind.SUGGESTION) & (link.c.to_code == suggestion),
        ),
    )
    return (
        sa.select(
            COMMITMENT.c.id,
            COMMITMENT.c.participant_id.label("person"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.objective,
            COMMITMENT.c.suggestion,
            linked.label("linked"),
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, COMMITMENT.c.confirmed)
        .order_by(COMMITMENT.c.id)
    )


AIMS: Final = _aims_query()


def _alignment(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of alignment: all together, then each activity."""
    groups: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, AIMS, program):
        for group in (ALL, row.activity or ""):
            groups[group].append(row)
    for group in sorted(groups, key=lambda name: (name != ALL, name)):
        rows = groups[group]
        people = len({row.person for row in rows})
        named = sum(row.objective is not None for row in rows)
        linked = sum(row.objective is not None or bool(row.linked) for row in rows)
        own = sum(row.suggestion is None for row in rows)
        yield (
            group,
            *(len(rows), people, own),
            Figure(named, len(rows), people),
            Figure(linked, len(rows), people),
        )


def _unintended(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the list of commitments that follow no objective, the oldest first."""
    aims = {row.id: row for row in rows_of(connection, AIMS, program)}
    for one in worded_commitments(connection, program):
        aim = aims[one.row.id]
        if aim.objective is None and not aim.linked:
            yield one.name, one.row.activity or "", one.row.theme, one.row.type, one.words


_of_aims = MeasureSet("outcomes.alignment", MeasureSource.SYSTEM, AIMS)
_of_unintended = MeasureSet("outcomes.unintended", MeasureSource.SELF_REPORTED, COMMITMENTS)
_links_of_unintended = MeasureSet("outcomes.unintended", MeasureSource.SYSTEM, AIMS)

ALIGNMENT: Final = MeasureTable(
    "outcomes.alignment",
    "Commitments that follow an objective",
    ("activity",),
    (
        _of_aims.count("commitments", "Confirmed commitments."),
        _of_aims.count("clinicians", "Clinicians whose they are."),
        _of_aims.count("own_words", "Of these, commitments that were picked from no suggestion."),
        _of_aims.share(
            "aligned",
            "The share that follows an objective, by the suggestion that was picked.",
            "commitments that name an objective",
            "commitments",
        ),
        _of_aims.share(
            "aligned_linked",
            "The same, with those that the team linked to an objective, by itself or by its suggestion.",
            "commitments that name an objective, or to which a standing link of the team leads from one",
            "commitments",
        ),
    ),
    "Commitments. Published: 71 % of statements were on the message of the activity (Wakefield 2003), 88 % matched its"
    " objectives (Fjortoft 2007). Own words that nobody linked count as following none.",
    _alignment,
)
UNINTENDED: Final = MeasureTable(
    "outcomes.unintended",
    "Commitments that follow no objective",
    ("commitment",),
    (
        _of_unintended.count("activity", "The activity after which it was made; empty for none."),
        _of_unintended.count("theme", "The code of the theme of patients that it answers."),
        _of_unintended.count("type", "The code of the type of change; empty for own words."),
        _links_of_unintended.count(
            "words",
            "What will be done, of commitments that name no objective and are linked to none, identifiers replaced.",
        ),
    ),
    "Self-reported; for the team alone. What was not intended may be learned all the same. Those of erased people"
    " are not listed.",
    _unintended,
)
