"""Say of each question of a wide table what became of it in a conversation: an empty cell alone does not tell."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus
from flows.engine.state import Asked
from storage.database.statements import TupleQuery, among, numbers
from storage.schema import CONVERSATION

STATUS: Final = "status"
"""The last part of the name of such a column: `a6__status`."""


class QuestionStatus(StrEnum):
    """What became of a question in a conversation."""

    ANSWERED = "answered"
    NOTHING = "none"
    """A question for a story, answered with nothing to tell: `nothing`, thanks, a number or signs alone."""
    UNKNOWN = "unknown"
    """The same, answered with "I do not know"."""
    ENDED = "ended"
    """A consent that ended when its participant stopped: the value is a no, which nobody said."""
    SKIPPED = "skipped"
    NOT_UNDERSTOOD = "not_understood"
    NOT_ANSWERED = "not_answered"
    """It was put, and no answer of it stands: the talk broke off there, or goes on."""
    NOT_ASKED = "not_asked"
    """Also where the version of the script had no such question, or the words of the conversation are erased."""
    NO_CONVERSATION = "no_conversation"
    """Nothing at all was answered in the conversation."""


def status_of(answer: AnswerStatus | None, *, was_put: bool) -> QuestionStatus:
    """Return what became of a question in a conversation that has answers; `answer` is None where this one has none."""
    if answer is None:
        return QuestionStatus.NOT_ANSWERED if was_put else QuestionStatus.NOT_ASKED
    return _OF_ANSWERS[answer]


_OF_ANSWERS: Final = {
    AnswerStatus.ANSWERED: QuestionStatus.ANSWERED,
    AnswerStatus.SKIPPED: QuestionStatus.SKIPPED,
    AnswerStatus.UNPARSED: QuestionStatus.NOT_UNDERSTOOD,
    AnswerStatus.NONE: QuestionStatus.NOTHING,
    AnswerStatus.UNKNOWN: QuestionStatus.UNKNOWN,
    AnswerStatus.ENDED: QuestionStatus.ENDED,
}
"""Of every status that an answer may have: a test holds them together."""


class _Put(msgspec.Struct):
    """Hold of the state of a conversation what this module reads: the questions that were put."""

    asks: tuple[Asked, ...] = ()


_READ: Final = msgspec.json.Decoder(_Put)
_STATES: Final = TupleQuery(
    sa.select(CONVERSATION.c.id, CONVERSATION.c.state).where(among(CONVERSATION.c.id, "conversations"))
)


def put_slots(connection: Connection, conversations: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return the slots of the questions that were put in each of some conversations; none where its words are gone."""
    states = _STATES.run(connection, conversations=numbers(conversations))
    return {
        number: frozenset(asked.slot for asked in _READ.decode(state).asks) if state else frozenset()
        for number, state in states
    }
