"""Tell how patients were involved: by the five rows of the GRIPP2 short form, by what they did, and by what came of it.

The rows are filled from what teams submitted as best practice, as far as its questions meet them
(https://doi.org/10.1186/s40900-017-0062-2). The words are for the team alone; what may be published stands in the
export of submissions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from json import loads
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from flows.script.roles import Role
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.tables.best_practice import GRIPP2, NOTHING
from storage.follow_up.cosignatures import COSIGN, PARTNERS, SUBMISSION
from storage.follow_up.review_points import FLOW as REVIEW
from storage.programs import case_words
from storage.schema import (
    ACTIVITY,
    ANSWER,
    CONVERSATION,
    PARTICIPANT,
    PROGRAM,
    REVIEW_DECISION,
    ParticipantStatus,
    PointDecision,
)

DID: Final = "f2"
"""The question of a submission that asks what patients did."""
_ASKED: Final[Mapping[str, str]] = {
    "aim": "no question asks for it",
    "methods": "how they were found and prepared, and whether they were paid",
    "results": "what changed because of them, with an example",
    "discussion": "what would have happened without them",
    "reflections": "what did not go well",
}
"""What is asked that meets each row of the short form, in its order."""
HEADINGS: Final[Mapping[str, str | None]] = {heading: GRIPP2[f"gripp2_{heading}"] for heading in _ASKED}
_PARTS: Final[Mapping[str, str]] = {
    "interviewed": "patient_interview",
    "asked_again": "patient_follow_up",
    "reviewed": REVIEW,
    "cosigned": COSIGN,
}
"""The flow that somebody comes to the end of who took part in this way, in the order of the table."""


def _submissions_query() -> sa.Select[Any]:
    """Select the finished submissions with each answer that stands, once where none does; erased authors' are gone."""
    stands = (ANSWER.c.conversation_id == CONVERSATION.c.id) & ANSWER.c.superseded_at.is_(None)
    return (
        sa.select(
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id.label("person"),
            ACTIVITY.c.slug.label("activity"),
            ANSWER.c.question_key,
            ANSWER.c.status,
            ANSWER.c.value,
            ANSWER.c.raw,
            ANSWER.c.redaction,
            ANSWER.c.redaction_rules,
            (ANSWER.c.personal | ANSWER.c.message_deleted_at.is_not(None)).label("hidden"),
        )
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .outerjoin(ANSWER, stands)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.flow == SUBMISSION,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            PARTICIPANT.c.status != ParticipantStatus.DELETED,
        )
        .order_by(CONVERSATION.c.id, ANSWER.c.id)
    )


def _parts_query() -> sa.Select[Any]:
    """Select the patients and carers who came to the end of a flow, each once for every such conversation."""
    return (
        sa.select(CONVERSATION.c.flow, CONVERSATION.c.participant_id.label("person"), PARTICIPANT.c.role)
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            PARTICIPANT.c.role.in_(sorted(PARTNERS)),
            CONVERSATION.c.flow.in_(_PARTS.values()),
        )
    )


def _points_query() -> sa.Select[Any]:
    """Select the points of finished reviews by patients and carers, with what the team decided on them."""
    decided = (REVIEW_DECISION.c.conversation_id == CONVERSATION.c.id) & (
        REVIEW_DECISION.c.slot == ANSWER.c.slot
    )
    return (
        sa.select(
            ANSWER.c.value,
            CONVERSATION.c.participant_id.label("person"),
            REVIEW_DECISION.c.decision,
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .outerjoin(REVIEW_DECISION, decided)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.flow == REVIEW,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            PARTICIPANT.c.role.in_(sorted(PARTNERS)),
            PARTICIPANT.c.status != ParticipantStatus.DELETED,
            ANSWER.c.kind == PromptKind.TEXT,
            ANSWER.c.status == AnswerStatus.ANSWERED,
            ANSWER.c.superseded_at.is_(None),
            ANSWER.c.value.is_not(None),
        )
    )


SUBMISSIONS: Final = _submissions_query()
PARTS: Final = _parts_query()
POINTS: Final = _points_query()


def _told(row: sa.Row[Any]) -> str | None:
    """Return the words of an answer; None where it was skipped or says that there is nothing to tell."""
    if row.status is AnswerStatus.UNPARSED:
        return str(row.raw)
    value = None if row.value is None else loads(row.value)
    return (
        value if isinstance(value, str) and value != NOTHING and row.status is AnswerStatus.ANSWERED else None
    )


def _words(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield what each submission says under each row of the short form, the oldest submission first."""
    rows = rows_of(connection, SUBMISSIONS, program)
    unquoted = case_words.of_distress(connection, {row.id for row in rows}).conversations
    headings = {key: heading for heading, key in HEADINGS.items() if key is not None}
    found: dict[int, dict[str, MeasureRow]] = defaultdict(dict)
    for row in rows:
        hidden = row.hidden or row.id in unquoted or row.question_key not in headings
        words = None if hidden else _told(row)
        if words is not None:
            heading = headings[row.question_key]
            field = "raw" if row.status is AnswerStatus.UNPARSED else "value"
            kept = StoredRedaction(row.id, row.redaction, row.redaction_rules)
            shown, _ = kept_redactions.redacted_fields(connection, {field: words}, kept)
            found[row.id][heading] = (str(row.id), heading, row.activity or "", shown[field])
    for said in found.values():
        yield from (said[heading] for heading in HEADINGS if heading in said)


def _headings(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the five rows of the short form: what is asked, and how many submissions tell of it."""
    rows = rows_of(connection, SUBMISSIONS, program)
    every = {row.id: row.person for row in rows}
    told: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.question_key is not None and _told(row) is not None:
            told[row.question_key].add(row.id)
    for heading, key in HEADINGS.items():
        share = Figure(len(told[key]), len(every), len(set(every.values()))) if key is not None else None
        yield heading, _ASKED[heading], len(every), share


def _did(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield what patients did, by how many submissions say so; what most say first."""
    rows = rows_of(connection, SUBMISSIONS, program)
    every = {row.id: row.person for row in rows}
    counts = Counter[str]()
    for row in rows:
        if row.question_key == DID and row.status is AnswerStatus.ANSWERED and row.value is not None:
            counts.update(set(loads(row.value)))
    for code in sorted(counts, key=lambda code: (-counts[code], code)):
        yield code, Figure(counts[code], len(every), len(set(every.values())))


def _parts(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield how many people took part in each way."""
    people: dict[tuple[str, Role], set[int]] = defaultdict(set)
    for row in rows_of(connection, PARTS, program):
        people[row.flow, row.role].add(row.person)
    for part, flow in _PARTS.items():
        yield part, len(people[flow, Role.PATIENT]), len(people[flow, Role.CARER])


def _points(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield what became of the points that reviewers made."""
    counts, people = Counter[str](), defaultdict[str, set[int]](set)
    for row in rows_of(connection, POINTS, program):
        if loads(row.value) != NOTHING:
            decision = "open" if row.decision is None else row.decision.value
            counts[decision] += 1
            people[decision].add(row.person)
    for decision in (*(one.value for one in PointDecision), "open"):
        yield decision, counts[decision], len(people[decision])


def _set(table: str, query: sa.Select[Any], source: MeasureSource = MeasureSource.SYSTEM) -> MeasureSet:
    return MeasureSet(table, source, query)


_of_headings = _set("outcomes.gripp2", SUBMISSIONS)
_of_words = _set("outcomes.gripp2_words", SUBMISSIONS)
_of_did = _set("outcomes.involvement", SUBMISSIONS)
_of_parts = _set("outcomes.patients", PARTS)
_of_points = _set("outcomes.points", POINTS)
_EVERY: Final = "finished submissions of best practice"

GRIPP2_FORM: Final = MeasureTable(
    "outcomes.gripp2",
    "The GRIPP2 short form: what submissions tell",
    ("heading",),
    (
        _of_headings.count(
            "asked", "What a submission is asked that meets the row; no question asks for the aim."
        ),
        _of_headings.count("submissions", "Finished submissions of best practice."),
        _of_headings.share("told", "The share that tells of it.", "submissions with such words", _EVERY),
    ),
    "Told by teams of themselves. The aim is for the team to write; the form wants each row in a sentence or two.",
    _headings,
)
GRIPP2_WORDS: Final = MeasureTable(
    "outcomes.gripp2_words",
    "The GRIPP2 short form: the words",
    ("submission", "heading"),
    (
        _of_words.count("activity", "The activity that the team was asked about; empty for none."),
        _of_words.count("words", "What the team wrote, identifiers replaced."),
    ),
    "For the team alone: what its author agreed to publish stands in the export of submissions. Words that were taken"
    " back are not shown, and none from a conversation in which an answer tells of distress; a remark that does hides"
    " no answer.",
    _words,
)
INVOLVEMENT: Final = MeasureTable(
    "outcomes.involvement",
    "What patients did, by submissions of best practice",
    ("did",),
    (_of_did.share("submissions", "The share that says so.", "submissions that picked it", _EVERY),),
    "Told by teams of themselves. planned and taught are what ACCME asks of planners and faculty, where the activity's"
    " own register says so, too.",
    _did,
)
PATIENT_PARTS: Final = MeasureTable(
    "outcomes.patients",
    "How many patients and carers took part",
    ("part",),
    (
        _of_parts.count("patients", "Patients who finished such a conversation at least once."),
        _of_parts.count("carers", "Carers who did."),
    ),
    "People who finished; the first page counts also those who only began. interviewed: the first interview;"
    " asked_again: whether care changed; reviewed: content before it is taught; cosigned: read and answered a team's"
    " submission.",
    _parts,
)
REVIEW_POINTS: Final = MeasureTable(
    "outcomes.points",
    "What became of what reviewers wanted changed",
    ("decision",),
    (
        _of_points.count("points", "Points that patients and carers made in finished reviews."),
        _of_points.count("reviewers", "People who made them."),
    ),
    "open: the team has not decided. Points of erased people are gone.",
    _points,
)
INVOLVEMENT_TABLES: Final = (GRIPP2_FORM, GRIPP2_WORDS, INVOLVEMENT, PATIENT_PARTS, REVIEW_POINTS)
