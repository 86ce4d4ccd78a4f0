"""Find open safety cases that hold the same words, so that one look is enough to say that none of them is an event.

Each of them is decided on by itself, with its own entry in the audit trail, and each needs a second coordinator.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety.reading import sentence_key
from storage.database.statements import among, numbers
from storage.safety import case_workflow, cases, reading
from storage.safety.case_workflow import CaseAction, CaseActionResult, CaseDecision
from storage.safety.cases import Case
from storage.safety.text_signals import TextKind, texts_of
from storage.schema import ANSWER, REMARK, ReadingWay, SafetyKind

CaseKey = tuple[tuple[str, str], ...]
"""Every question of a case with the key of the words under it (`sentence_key`), sorted."""


def say_no_event(
    connection: Connection, case: Case, decision: CaseDecision
) -> tuple[tuple[int, CaseActionResult], ...]:
    """Say of a case, and of all open ones with the same words under the same questions, that they are no event.

    Return the number of each with what it is now, the case itself first. Where its words were shown to whoever
    decides, those of the others are read as well: they are the same.

    Raises:
        CaseRefused: it cannot be said of the case. Nothing has changed.
    """
    decision = replace(decision, action=CaseAction.NOT_EVENT)
    others = find_same(connection, case)
    texts = [text for text in texts_of(case) if text.kind is not TextKind.CASE or case.details.get("answers")]
    was_shown = all(reading.was_shown(connection, text, decision.by) for text in texts)
    done = [(case.id, case_workflow.act_on_case(connection, case, decision))]
    for other in others:
        if was_shown:
            same = texts_of(other)
            reading.keep_shown(connection, same, ReadingWay.SAME_WORDS, by=decision.by, now=decision.at)
        done.append((other.id, case_workflow.act_on_case(connection, other, decision)))
    return tuple(done)


def find_same(connection: Connection, case: Case) -> tuple[Case, ...]:
    """Return the other open cases of its program that hold the words of a case under the same questions.

    None where it holds none.

    Cases of distress have none: somebody sees to each person.
    """
    if case.kind is SafetyKind.DISTRESS:
        return ()
    mine = [
        one
        for one in cases.list_cases(connection)
        if one.kind is not SafetyKind.DISTRESS and one.program == case.program
    ]
    keys = _keys(connection, [*mine, case])
    key = keys[case.id]
    return tuple(one for one in mine if one.id != case.id and key and keys[one.id] == key)


def _keys(connection: Connection, some: Sequence[Case]) -> dict[int, CaseKey]:
    """Return what tells the words of cases apart, by number; () for those without words."""
    said: dict[tuple[str, int], tuple[str, str]] = {}
    for table, question, column in (
        (ANSWER, ANSWER.c.question_key, "answer_id"),
        (REMARK, REMARK.c.slot, "remark_id"),
    ):
        wanted = numbers({number for case in some for number in case.sources[column]})
        query = sa.select(table.c.id, question.label("question"), table.c.raw).where(
            among(table.c.id, "wanted")
        )
        for row in connection.execute(query, {"wanted": wanted}):
            said[column, row.id] = (row.question.partition("[")[0], sentence_key(row.raw))
    found: dict[int, CaseKey] = {}
    for case in some:
        kept = [
            said[column, number]
            for column, named in case.sources.items()
            for number in named
            if (column, number) in said
        ]
        told = [(f"@{name}", sentence_key(words)) for name, words in case.details.get("answers", {}).items()]
        key = sorted([*kept, *told])
        found[case.id] = tuple(key) if any(words for _, words in key) else ()
    return found
