"""Keep submissions of best practice and the answers of the patient partners who co-sign them.

`about_id` of an invitation and of a conversation is the conversation that submitted. A submission is shown as long
as its author takes part, and a partner's answer counts as long as the partner does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import CompiledStep, compile_flow
from flows.engine.effects import AnswerStatus, Outcome
from flows.i18n.localized_flow import Localizations
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from flows.script.facts import Facts
from flows.script.model import Band, Choice, Number, Role
from storage.conversations import kept_redactions, outbox
from storage.conversations.kept_redactions import StoredRedaction
from storage.follow_up import follow_ons, timers
from storage.programs import flow_versions, programs
from storage.redaction import WORDS_CHANGED
from storage.schema import (
    ANSWER,
    CONVERSATION,
    INVITATION,
    OUTBOX,
    PARTICIPANT,
    PROGRAM,
    REMARK,
    ConversationStatus,
    ParticipantStatus,
    TimerKind,
)

SUBMISSION: Final = "best_practice"
COSIGN: Final = "best_practice_cosign"
PARTNERS: Final = frozenset({Role.PATIENT, Role.CARER})
"""Who may open the link that a team was given for its patient partner."""
LINK_DAYS: Final = 60
EXPIRES: Final = timedelta(days=LINK_DAYS)
"""How long such a link can be opened."""
BLANK_PROMPT: Final = '{"text":""}'

ACTIVITY, TEAM = "f1", "f0_team"
SHOWN: Final = {
    "activity": ACTIVITY,
    "team": TEAM,
    "did": "f2",
    "partners": "f3",
    "found": "f4",
    "changed": "f5",
    "without": "f5_more",
    "evidence": "f6",
    "not_well": "f7",
    "tips": "f8",
}
"""What a partner is shown, and the question that it answers."""
READ, CHANGE, NAMED = "f9_read", "f9_change", "f9_named"
"""The partner's questions."""


class CosignState(StrEnum):
    """Say how far a submission of best practice is with its patient partner, or what the partner answered."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    """A link was made, and nobody has answered by it."""
    AGREED = "agree"
    CHANGES = "changes"
    RATHER_NOT = "rather_not"
    DECLINED = "declined"
    """The partner did not want to take part."""
    LEFT = "left"
    """The partner stopped, or had everything deleted: whatever they said counts no more."""


@dataclass(frozen=True, slots=True)
class Cosign:
    """Hold what became of the co-signing of a submission; the latest partner who answered counts.

    `at` is when they answered, `changes` what they want changed, `named` how they want to be named; None without.
    """

    state: CosignState
    at: datetime | None = None
    changes: str | None = None
    named: str | None = None


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """Hold the answer that stands to a question: its value, None where skipped or not understood, and the words.

    `kept` is what is kept of their redacted form.
    """

    value: Any
    raw: str
    status: AnswerStatus
    language: str
    kept: StoredRedaction


def answers(connection: Connection, conversation_id: int) -> dict[str, SubmittedAnswer]:
    """Return the answers of a conversation that have not been corrected, by the key of their question."""
    rows = connection.execute(_ANSWERS, {"conversation": conversation_id})
    return {
        row.question_key: SubmittedAnswer(
            None if row.value is None else json.loads(row.value),
            row.raw,
            row.status,
            row.language,
            StoredRedaction(conversation_id, row.redaction, row.redaction_rules),
        )
        for row in rows
    }


_ANSWERS = (
    sa.select(
        ANSWER.c.question_key,
        ANSWER.c.value,
        ANSWER.c.raw,
        ANSWER.c.status,
        ANSWER.c.language,
        ANSWER.c.redaction,
        ANSWER.c.redaction_rules,
    )
    .where(ANSWER.c.conversation_id == sa.bindparam("conversation"), ANSWER.c.superseded_at.is_(None))
    .order_by(ANSWER.c.id)
)


def is_there(connection: Connection, conversation_id: int) -> bool:
    """Return whether a conversation is a finished submission of best practice whose author still takes part."""
    return connection.scalar(_IS_THERE, {"conversation": conversation_id}) is not None


_IS_THERE = (
    sa.select(CONVERSATION.c.id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(
        CONVERSATION.c.id == sa.bindparam("conversation"),
        CONVERSATION.c.flow == SUBMISSION,
        CONVERSATION.c.outcome == Outcome.COMPLETED,
        PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
    )
)


def is_in(connection: Connection, conversation_id: int, program: str) -> bool:
    """Return whether a conversation is a finished submission in a program (a short name), its author taking part."""
    in_program = _IS_THERE.join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id).where(
        PROGRAM.c.slug == program
    )
    return connection.scalar(in_program, {"conversation": conversation_id}) is not None


def submission(
    connection: Connection, conversation_id: int, localizations: Localizations, language: str
) -> Facts:
    """Return what a submission says, as the fact `submission` that the script of a partner's conversation reads.

    Texts by their names in `SHOWN`, identifiers redacted, labels in `language`; nothing but `there`, False, where it
    was taken back or its words are gone.
    """
    given = answers(connection, conversation_id) if is_there(connection, conversation_id) else {}
    if given.get(ACTIVITY) is None:  # taken back, or kept so long that its words are gone
        return {"there": False}
    query = sa.select(CONVERSATION.c.flow_hash).where(CONVERSATION.c.id == conversation_id)
    flow = flow_versions.load(connection, str(connection.scalar(query)))
    nodes = {} if flow is None else compile_flow(localizations.localized(flow, language)).questions
    texts = {name: _read(connection, given.get(key), nodes.get(key)) for name, key in SHOWN.items()}
    return {**texts, "team": texts["team"] or "", "there": True, "language": given[ACTIVITY].language}


def _read(connection: Connection, given: SubmittedAnswer | None, node: CompiledStep | None) -> Any:
    """Return an answer as others may read it, redacted as it is kept; None where there is none."""
    if given is None or given.status is AnswerStatus.SKIPPED or given.status.tells_nothing:
        return None
    if given.value is None:
        return _redacted(connection, given, "raw")
    labels = {} if node is None else _labels(node)
    if isinstance(given.value, list):
        return [labels.get(code, code) for code in given.value]
    return labels.get(given.value) or _redacted(connection, given, "value")


def _redacted(connection: Connection, given: SubmittedAnswer, field: str) -> Any:
    """Return the words or the value of an answer, redacted."""
    shown, _ = kept_redactions.redacted_fields(connection, {field: getattr(given, field)}, given.kept)
    return shown[field]


def in_words(value: Any, node: CompiledStep) -> str:
    """Return the value of an answer in words: each code as the label that its question has for it, '; ' between."""
    labels = _labels(node)
    several = value if isinstance(value, list) else [value]
    return "; ".join(str(labels.get(one, one)) for one in several)


def _labels(node: CompiledStep) -> dict[Any, str]:
    bands = node.step.bands if isinstance(node.step, Number) else ()
    offered: tuple[Choice | Band, ...] = (*node.choices, *bands)
    return {one.code: one.label for one in offered}


def answered(connection: Connection, *, conversation_id: int, submission_id: int, now: datetime) -> None:
    """Set the timer by which a submission's author is told that a partner has answered.

    To be called when the partner's conversation has ended; nothing is set unless it was completed.
    """
    outcome = connection.scalar(sa.select(CONVERSATION.c.outcome).where(CONVERSATION.c.id == conversation_id))
    if outcome is Outcome.COMPLETED and is_there(connection, submission_id):
        follow_ons.arm_cosigned(connection, conversation_id=submission_id, now=now)


def answer_to(connection: Connection, conversation_id: int) -> Facts:
    """Return what a partner answered, as the fact `cosign` of the conversation that tells the submission's author.

    Empty where nobody has answered, or the submission was taken back.
    """
    if not is_there(connection, conversation_id):
        return {}
    found = cosign(connection, conversation_id)
    if found.state not in {CosignState.AGREED, CosignState.CHANGES, CosignState.RATHER_NOT}:
        return {}
    activity = _read(connection, answers(connection, conversation_id).get(ACTIVITY), None)
    return {"answer": found.state.value, "changes": found.changes, "activity": activity}


def cosign(connection: Connection, submission_id: int) -> Cosign:
    """Return how far a submission is with its patient partner, identifiers in the partner's words redacted."""
    conversations = connection.execute(_CONVERSATIONS_ABOUT, {"about": submission_id}).all()
    for conversation in conversations:
        if (
            conversation.outcome is Outcome.COMPLETED
            and conversation.partner_status is ParticipantStatus.ACTIVE
        ):
            return _answer_in(connection, conversation.id, conversation.ended_at)
    if any(conversation.partner_status is not ParticipantStatus.ACTIVE for conversation in conversations):
        return Cosign(CosignState.LEFT)
    if any(conversation.outcome is Outcome.DECLINED for conversation in conversations):
        return Cosign(CosignState.DECLINED)
    asked = connection.scalar(_ASKED, {"about": submission_id}) is not None
    return Cosign(CosignState.ASKED if asked else CosignState.NOT_ASKED)


_CONVERSATIONS_ABOUT = (
    sa.select(
        CONVERSATION.c.id,
        CONVERSATION.c.outcome,
        CONVERSATION.c.ended_at,
        PARTICIPANT.c.status.label("partner_status"),
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.about_id == sa.bindparam("about"))
    .order_by(CONVERSATION.c.ended_at.desc(), CONVERSATION.c.id.desc())
)
_ASKED = sa.select(INVITATION.c.id).where(INVITATION.c.about_id == sa.bindparam("about")).limit(1)


def _answer_in(connection: Connection, conversation_id: int, ended_at: datetime | None) -> Cosign:
    given = answers(connection, conversation_id)
    read = given.get(READ)
    value = None if read is None else read.value
    known = {state.value for state in (CosignState.AGREED, CosignState.CHANGES, CosignState.RATHER_NOT)}
    state = CosignState(value) if value in known else CosignState.ASKED
    changes = _read(connection, given.get(CHANGE), None) if state is CosignState.CHANGES else None
    named = given.get(NAMED)
    kept = None if named is None or state is CosignState.RATHER_NOT else named.value
    return Cosign(state, ended_at, changes, kept)


# An author who leaves takes back what was submitted.


def take_back(connection: Connection, participant_id: int, *, now: datetime) -> None:
    """Close the unfinished conversations in which partners read what an author submitted: the author has left."""
    for conversation in connection.execute(_READING, {"author": participant_id}).all():
        close(connection, conversation.id, now=now)


def close(connection: Connection, conversation_id: int, *, now: datetime) -> None:
    """End a partner's conversation whose submission is gone, and forget its state.

    A timer is set by which the partner is told, within the program's window for contacts.
    """
    conversation = connection.execute(_CONVERSATION, {"conversation": conversation_id}).one()
    outbox.drop_for_conversation(connection, conversation.id, ContactReason.NOTHING_LEFT_TO_ASK)
    connection.execute(
        CONVERSATION.update()
        .where(CONVERSATION.c.id == conversation.id)
        .values(status=ConversationStatus.ENDED, outcome=Outcome.NOT_RELEVANT, ended_at=now, state="")
    )
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )
    # When this comes due the partner is told, and what waits behind the conversation begins.
    program = programs.program_file(connection, conversation.program_id)
    timers.arm(
        connection,
        timers.NewTimer(
            TimerKind.EXPIRE,
            participant_id=conversation.participant_id,
            conversation_id=conversation.id,
            due_at=local_time.next_in_window(
                now, program.schedule.window, conversation.timezone or program.timezone
            ),
        ),
    )


_AUTHOR = CONVERSATION.alias("author")
_ABOUT_THEIRS = CONVERSATION.c.about_id.in_(
    sa.select(_AUTHOR.c.id).where(_AUTHOR.c.participant_id == sa.bindparam("author"))
)
_READING = sa.select(CONVERSATION.c.id).where(
    _ABOUT_THEIRS, CONVERSATION.c.status.in_((ConversationStatus.OPEN, ConversationStatus.PAUSED))
)
_CONVERSATION = (
    sa.select(
        CONVERSATION.c.id,
        CONVERSATION.c.participant_id,
        CONVERSATION.c.program_id,
        PARTICIPANT.c.timezone,
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.id == sa.bindparam("conversation"))
)


def forget(connection: Connection, participant_id: int) -> None:
    """Erase what an author submitted from all conversations of partners; what these said themselves stays."""
    conversations = connection.scalars(
        sa.select(CONVERSATION.c.id).where(_ABOUT_THEIRS), {"author": participant_id}
    )
    forget_in(connection, conversations.all())


def forget_in(connection: Connection, conversations: Sequence[int]) -> None:
    """Erase what was shown in these conversations of partners; what they said themselves stays."""
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id.in_(conversations)).values(state=""))
    connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.conversation_id.in_(conversations))
        .values(payload=BLANK_PROMPT, message_id=None)
    )
    for table in (ANSWER, REMARK):
        there = table.c.conversation_id.in_(conversations)
        connection.execute(table.update().where(there).values(shown_text="", **WORDS_CHANGED))


def about(connection: Connection, submissions: Sequence[int]) -> list[int]:
    """Return the numbers of the ended conversations in which partners co-signed these submissions."""
    query = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.about_id.in_(submissions), CONVERSATION.c.status == ConversationStatus.ENDED
    )
    return list(connection.scalars(query))
