"""List the commitments one by one, in their authors' words with identifiers removed: for the team alone.

Nobody's code stands beside them. Those of erased people are not there. Words are left out whose message was taken back,
and those of a conversation in which somebody told of distress: such words are never quoted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.parsing.answer_quality import known_specificity
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction
from storage.export.funnel import AFTER_START, LATEST, WAVES_QUERY, commitment_waves
from storage.export.measures.measure import (
    PROGRAM_NAME,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.statistics import CommitmentStanding, WaveStanding
from storage.programs import case_words
from storage.schema import ACTIVITY, ANSWER, COMMITMENT, PARTICIPANT, PROGRAM, ParticipantStatus


def _commitments_query() -> sa.Select[Any]:
    """Select the confirmed commitments of whoever is not erased, with the language that they were made in."""
    spoken = (
        sa.select(ANSWER.c.language)
        .where(ANSWER.c.conversation_id == COMMITMENT.c.conversation_id)
        .order_by(ANSWER.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    taken_back = sa.exists().where(
        ANSWER.c.conversation_id == COMMITMENT.c.conversation_id,
        ANSWER.c.message_deleted_at.is_not(None),
        sa.func.trim(ANSWER.c.raw).in_([COMMITMENT.c.statement, COMMITMENT.c.if_then]),
    )
    told = (
        "id", "conversation_id", "type", "theme", "objective", "suggestion", "statement", "if_then", "start_on",
        "specificity", "confidence", "level", "foreseen_barriers", "redaction", "redaction_rules",
    )  # fmt: skip
    return (
        sa.select(
            *(COMMITMENT.c[name] for name in told),
            ACTIVITY.c.slug.label("activity"),
            sa.func.coalesce(spoken, PARTICIPANT.c.language, "en").label("language"),
            taken_back.label("taken_back"),
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            COMMITMENT.c.confirmed,
            PARTICIPANT.c.status != ParticipantStatus.DELETED,
        )
        .order_by(COMMITMENT.c.id)
    )


COMMITMENTS: Final = _commitments_query()


@dataclass(frozen=True, slots=True)
class WordedCommitment:
    """A confirmed commitment with its words as they may be shown to the team; None where there are none to show."""

    row: sa.Row[Any]
    words: str | None
    if_then: str | None

    @property
    def name(self) -> str:
        """Return the name by which `said link` and `said code` know it, such as `k7`."""
        return f"k{self.row.id}"


def worded_commitments(connection: Connection, program: str) -> Iterator[WordedCommitment]:
    """Yield the confirmed commitments of a program, but those of erased people, with identifiers redacted."""
    rows = rows_of(connection, COMMITMENTS, program)
    unquoted = case_words.of_distress(connection, {row.conversation_id for row in rows}).conversations
    for row in rows:
        yield WordedCommitment(
            row, *_shown(connection, row, hidden=row.taken_back or row.conversation_id in unquoted)
        )


def _shown(connection: Connection, row: sa.Row[Any], *, hidden: bool) -> tuple[str | None, str | None]:
    """Return the statement and the if-then plan of a commitment, redacted."""
    if hidden:
        return None, None
    kept = StoredRedaction(row.conversation_id, row.redaction, row.redaction_rules)
    words = {"statement": row.statement, "if_then": row.if_then}
    said, _ = kept_redactions.redacted_fields(connection, words, kept)
    return said["statement"] or None, said["if_then"] or None


def _list(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of commitments, the oldest first."""
    standings = {one.commitment: one.standings for one in commitment_waves(connection, program)}
    for one in worded_commitments(connection, program):
        row, stands = one.row, standings[one.row.id]
        yield (
            one.name,
            row.activity or "",
            *(row.type, row.theme, row.objective),
            *(one.words, one.if_then, _day(row.start_on)),
            _specificity(row),
            *(row.confidence, row.level),
            "; ".join(sorted(row.foreseen_barriers)) or None,
            _waves(stands),
            told(stands[LATEST]),
        )


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _specificity(row: sa.Row[Any]) -> int | None:
    """Return who, what, when and measure said in the words, 0 to 4; what is kept comes before the rule."""
    kept: int | None = row.specificity
    return known_specificity(row.statement, row.language) if kept is None else kept


def _waves(standings: Mapping[str, CommitmentStanding]) -> str | None:
    """Return where a commitment stands at each wave, in one line; None where there was none yet."""
    days: Sequence[str] = sorted((wave for wave in standings if wave.isdecimal()), key=int)
    waves = [*days, *({AFTER_START} & standings.keys())]
    return "; ".join(f"{wave} {told(standings[wave])}" for wave in waves) or None


def told(standing: CommitmentStanding) -> str:
    """Return what was reported, else where it stands; of a late report both."""
    if standing.place is WaveStanding.RESPONDED:
        return standing.status or ""
    return f"{standing.place.value}, late {standing.status}" if standing.late else standing.place.value


_of_commitments = MeasureSet("outcomes.commitments", MeasureSource.SELF_REPORTED, COMMITMENTS)
_of_waves = MeasureSet("outcomes.commitments", MeasureSource.SELF_REPORTED, WAVES_QUERY)

COMMITMENT_LIST: Final = MeasureTable(
    "outcomes.commitments",
    "Commitments one by one",
    ("commitment",),
    (
        _of_commitments.count("activity", "The activity after which it was made; empty for none."),
        _of_commitments.count("type", "The code of the type of change; empty for own words."),
        _of_commitments.count("theme", "The code of the theme of patients that it answers."),
        _of_commitments.count("objective", "The code of the objective that it follows."),
        _of_commitments.count(
            "words", "What will be done, identifiers replaced; empty where it may not be shown."
        ),
        _of_commitments.count("if_then", "When and where it will be done, in the same way."),
        _of_commitments.count("start_on", "The day from which it will be done."),
        _of_commitments.count(
            "specificity", "How many of who, what, when and measure its words say, 0 to 4, by rule."
        ),
        _of_commitments.count("confidence", "How confident its author is of being able to, 1 to 5."),
        _of_commitments.count("sure", "How sure its author is of doing it, 1 to 5."),
        _of_commitments.count(
            "foreseen",
            "The codes of the barriers that its author expects: none where there will be none, empty where not said.",
        ),
        _of_waves.count("waves", "What was reported at each wave by its days, else where it stands there."),
        _of_waves.count("latest", "The newest report, else where it stands over all waves."),
    ),
    "Confirmed commitments; self-reported. For the team alone. Those of erased people are not listed. Words that"
    " were taken back are not shown, and none from a conversation in which an answer tells of distress; a remark that"
    " does hides no answer.",
    _list,
)
