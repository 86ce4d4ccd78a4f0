"""Whether care has changed: what patients rated in the interview beside what they rated later, by the same item.

Nobody is asked for the change: it is later minus baseline. What they say of it themselves stands beside it.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.tables.about import about_by_conversation
from storage.export.tables.table import ExportSelection, ExportTable, Row, cell, read_value, stream
from storage.schema import ANSWER, CONVERSATION, PARTICIPANT, PROGRAM

BASELINE, VISIT, LATER, TRANSITION = "a7", "e1", "e2", "e3"
"""The questions of the shipped interview and follow-up. The item of a7, e2 and e3 is the code of the pick."""

COLUMNS = (
    "participant", "program", "item", "baseline", "baseline_at", "follow_up_talk", "visit", "later", "later_at",
    "change", "transition", "paired", "about",
)  # fmt: skip


def _query(selection: ExportSelection) -> sa.Select[Any]:
    """Select the answers to the four questions, by participant, program and conversation."""
    return (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PROGRAM.c.slug.label("program"),
            CONVERSATION.c.id.label("conversation"),
            CONVERSATION.c.flow,
            ANSWER.c.question_key,
            ANSWER.c.item,
            ANSWER.c.value,
            ANSWER.c.answered_at,
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(
            sa.or_(
                (CONVERSATION.c.flow == "patient_interview") & (ANSWER.c.question_key == BASELINE),
                (CONVERSATION.c.flow == "patient_follow_up")
                & ANSWER.c.question_key.in_([VISIT, LATER, TRANSITION]),
            ),
            ANSWER.c.superseded_at.is_(None),
            *selection.conditions(CONVERSATION.c.started_at),
        )
        .order_by(PARTICIPANT.c.id, PROGRAM.c.id, CONVERSATION.c.id, ANSWER.c.id)
    )


def care(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of ratings of care before and after, one row per participant, item and follow-up conversation.

    An item that was not asked about again has one row alone. `paired` is 1 where both ratings are there. Without a
    visit in between (`visit` is no) nothing was rated. `about` says whom it is about, where the participant said so.
    """
    total = sum(1 for _ in _rows(connection, selection))
    return ExportTable("care", COLUMNS, _rows(connection, selection), total)


def _rows(connection: Connection, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of all participants."""
    about = about_by_conversation(connection, selection)
    found = stream(connection, _query(selection))
    for (participant, program), answers in groupby(found, key=lambda row: (row.participant, row.program)):
        for asked_in, cells in _of_person(list(answers)):
            yield (participant, program, *cells, about.get(asked_in))


def _of_person(answers: list[sa.Row[Any]]) -> Iterator[tuple[int, Row]]:
    """Yield the rows of one participant in one program, without the two names, each with the conversation it is of.

    Of two interviews the latest before a follow-up conversation counts.
    """
    baseline: dict[str, sa.Row[Any]] = {}
    asked_again: set[str] = set()
    for conversation, rows in groupby(answers, key=lambda row: row.conversation):
        given = list(rows)
        if given[0].flow == "patient_interview":
            baseline |= {row.item: row for row in given}
            continue
        told = {(row.question_key, row.item): row for row in given}
        items = {**baseline, **{item: None for key, item in told if key == LATER and item not in baseline}}
        asked_again |= set(items)
        for item in items:
            yield conversation, _row(item, baseline.get(item), conversation, told)
    for item, row in baseline.items():
        if item not in asked_again:
            yield row.conversation, _row(item, row, None, {})


def _row(
    item: str, before: sa.Row[Any] | None, conversation: int | None, told: dict[tuple[str, str], sa.Row[Any]]
) -> Row:
    """Return the row of an item: `before` is its baseline, `told` what the follow-up `conversation` holds."""
    later = told.get((LATER, item))
    first, second = _value(before), _value(later)
    both = first is not None and second is not None
    return (
        item,
        first,
        cell(before.answered_at) if before is not None else None,
        conversation,
        cell(_value(told.get((VISIT, "")))),
        second,
        cell(later.answered_at) if later is not None else None,
        second - first if both else None,
        cell(_value(told.get((TRANSITION, item)))),
        int(both),
    )


def _value(row: sa.Row[Any] | None) -> Any:
    """Return the value of an answer; None where there is none."""
    return None if row is None else read_value(row.value)
