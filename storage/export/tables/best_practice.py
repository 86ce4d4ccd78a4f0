"""Best practice as teams submitted it: a table with one row per submission, with what its patient partner said.

Every row is for the team inside. `public_summary` is what may be published: empty where the author did not agree to
it or has left. Columns that begin with gripp2_ follow the five rows of the GRIPP2 short form
(https://doi.org/10.1186/s40900-017-0062-2) as far as the questions meet them: no question asks for the aim.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import compile_flow
from flows.engine.effects import AnswerStatus, Outcome
from storage.conversations import kept_redactions
from storage.export.tables.table import Cell, ExportSelection, ExportTable, Row, cell, count, stream
from storage.follow_up import cosignatures
from storage.follow_up.cosignatures import SubmittedAnswer
from storage.programs import case_words, flow_versions, word_permission
from storage.schema import ACTIVITY, CONVERSATION, PARTICIPANT, PROGRAM, ParticipantStatus

NOTHING = "none"
"""The code of the short cut with which a team says that there is nothing to tell."""
_TEXTS = {
    "described": "f1",
    "found_prepared_paid": "f4",
    "changed": "f5",
    "without_them": "f5_more",
    "not_well": "f7",
    "tips": "f8",
}
GRIPP2 = {
    "gripp2_aim": None,
    "gripp2_methods": "f4",
    "gripp2_results": "f5",
    "gripp2_discussion": "f5_more",
    "gripp2_reflections": "f7",
}
"""Which question tells of each row of the short form; None for none."""
_SUMMARY = ("f1", "f2", "f3", "f4", "f5", "f5_more", "f6", "f7", "f8")
COLUMNS = (
    "participant", "program", "activity", "conversation", "submitted_at", "language", "publish", "name_team",
    "team", "did", "planner", "faculty", "partners", "evidence", *_TEXTS, "partner_read", "cosign", "cosigned_at",
    "cosign_changes", "partner_named", *GRIPP2, "public_summary", "redacted", "may_quote",
)  # fmt: skip


def exemplars(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of finished best-practice submissions, with what their patient partners said, oldest first.

    Submissions of authors who had everything deleted are not there.
    """
    query = _query(selection)
    rows = (_row(connection, row) for row in stream(connection, query))
    return ExportTable("exemplars", COLUMNS, rows, count(connection, query))


def _query(selection: ExportSelection) -> sa.Select[Any]:
    """Select the finished submissions of the selection."""
    return (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            CONVERSATION.c.id,
            CONVERSATION.c.ended_at,
            CONVERSATION.c.flow_hash,
        )
        .select_from(CONVERSATION)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(
            CONVERSATION.c.flow == cosignatures.SUBMISSION,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            PARTICIPANT.c.status != ParticipantStatus.DELETED,
            *selection.conditions(CONVERSATION.c.started_at),
        )
        .order_by(CONVERSATION.c.id)
    )


def _row(connection: Connection, row: sa.Row[Any]) -> Row:
    """Return the row of a submission, with identifiers in its words redacted."""
    given = cosignatures.answers(connection, row.id)
    read = {key: _read(connection, one) for key, one in given.items()}
    shown = {key: value for key, (value, _) in read.items()}
    partner = cosignatures.cosign(connection, row.id)
    permitted = word_permission.of_conversations(connection, [row.id])[row.id]
    if case_words.of_distress(connection, [row.id]).conversations:
        permitted = word_permission.NOTHING
    publish, named = permitted.may_publish, permitted.may_name_team
    did = shown.get("f2")
    language = given[cosignatures.ACTIVITY].language if cosignatures.ACTIVITY in given else None
    return (
        row.participant,
        row.program,
        row.activity,
        row.id,
        cell(row.ended_at),
        language,
        int(publish),
        int(named),
        cell(shown.get(cosignatures.TEAM)) if named else None,
        cell(did),
        _is_among(did, "planned"),
        _is_among(did, "taught"),
        cell(shown.get("f3")),
        cell(shown.get("f6")),
        *(cell(shown.get(key)) for key in _TEXTS.values()),
        cell(shown.get("f9")),
        partner.state.value,
        cell(partner.at),
        partner.changes,
        partner.named,
        *(_gripp2(shown, key) for key in GRIPP2.values()),
        _summary(connection, row.flow_hash, shown, named=named) if publish else None,
        int(any(is_changed for _, is_changed in read.values())),
        int(permitted.may_quote),
    )


def _read(connection: Connection, given: SubmittedAnswer) -> tuple[Any, bool]:
    """Return the value of an answer, redacted, and whether it was changed by that.

    Where a question with choices could not read the words, they stand as they came.
    """
    field = "raw" if given.status is AnswerStatus.UNPARSED else "value"
    words = {field: getattr(given, field)}
    shown, is_changed = kept_redactions.redacted_fields(connection, words, given.kept)
    return shown[field], is_changed


def _is_among(did: Any, code: str) -> int | None:
    """Return 1 or 0 for whether a code was picked; None where the question was not answered."""
    return int(code in did) if isinstance(did, list) else None


def _gripp2(shown: Mapping[str, Any], key: str | None) -> Cell:
    """Return the cell of a GRIPP2 row from the answer with that key; None where there is none."""
    value = None if key is None else shown.get(key)
    return None if value == NOTHING else cell(value)


def _summary(connection: Connection, flow_hash: str, shown: Mapping[str, Any], *, named: bool) -> str:
    """Return what may be published, a line per question, under its short name in the script's own language.

    `named` adds the name of the team.
    """
    flow = flow_versions.load(connection, flow_hash)
    questions = {} if flow is None else compile_flow(flow).questions
    lines = []
    for key in (cosignatures.TEAM, *_SUMMARY) if named else _SUMMARY:
        value, node = shown.get(key), questions.get(key.removesuffix("_more"))
        if value is None or value == NOTHING or node is None or node.question is None:
            continue
        words = cosignatures.in_words(value, node)
        probe = node.probe.text if key.endswith("_more") and node.probe is not None else None
        asked = probe or node.question.short or node.question.text
        lines.append(f"{asked.removesuffix('?')}: {words}")
    return "\n".join(lines)
