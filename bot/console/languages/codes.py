"""The codes that pages show as words: the members of closed sets, such as how a case stands.

Each is shown by its English name, the code without its underscores, and translated like any sentence.
"""

from enum import StrEnum
from typing import Final

from bot.console.jobs import JobState
from bot.health.watch import HealthTrouble
from flows.engine.effects import AnswerStatus, Outcome
from flows.formats.po_files import ReviewStatus
from flows.safety.reading import ReadingClass
from flows.safety.scan import ReportElement
from flows.script.roles import Role
from storage.enums import (
    ConversationStatus,
    CutKind,
    InvitationSort,
    InvitationState,
    Lane,
    ParticipantStatus,
    PeopleOrder,
    PersonState,
    SafetyKind,
    SafetyStatus,
    TeamRole,
    TimerKind,
)
from storage.reports.operators import StoryTopic
from storage.reports.team_acts import ActGroup

SHOWN: Final[tuple[type[StrEnum], ...]] = (
    ActGroup,
    AnswerStatus,
    ConversationStatus,
    CutKind,
    HealthTrouble,
    InvitationSort,
    InvitationState,
    JobState,
    Lane,
    Outcome,
    ParticipantStatus,
    PeopleOrder,
    PersonState,
    ReadingClass,
    ReportElement,
    ReviewStatus,
    Role,
    SafetyKind,
    SafetyStatus,
    StoryTopic,
    TeamRole,
    TimerKind,
)
MEANING: Final = "code"
"""Tells a code from a sentence of the same words."""


def words_of(code: str) -> str:
    """Return the English words of a code.

    >>> words_of("adverse_event")
    'adverse event'
    """
    return str(code).replace("_", " ")
