"""Find the question that waits at an address, and what stands beside it with buttons that still do something."""

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.channels.base import HOUSE
from bot.channels.web.port import (
    OpenQuestion,
)
from bot.conversations.requests import ASK_DELETE
from bot.pages.drafts import draft_of
from bot.pages.sent_rows import number_of, prompt_of
from bot.turns.corrections import changeable
from flows.engine.kept_changes import undo_of
from flows.engine.state import decode_state
from flows.schedule.local_time import local
from storage.conversations import page_history
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
)
from storage.conversations.page_history import InboundEntry, KnownAddress, SentRow
from storage.schema import OutboxKind


def open_questions(
    connection: Connection,
    known: KnownAddress,
    participant: ParticipantRecord | None,
    conversation: ConversationRecord | None,
) -> tuple[SentRow | None, list[SentRow]]:
    """Return the message of the question that waits at an address, and those beside it whose buttons do something.

    That question is None where none waits, or it stands elsewhere. Beside it may be those that ended conversations ask,
    such as whether to change an answer, and what undoes the last change of one.
    """
    if participant is None:
        return None, []
    ended = changeable(connection, participant.id) if participant.active else []
    asked, undoes = (
        [(one.id, state.aside) for one, state in ended],
        [(one.id, undo_of(state)) for one, state in ended],
    )
    if conversation is not None and conversation.state:
        state = decode_state(conversation.state)
        asked.insert(0, (conversation.id, _ask_of(conversation)))
        undoes.append((conversation.id, undo_of(state)))
    found = [_sent(connection, known, *place) for place in asked]
    if asks_to_delete(participant):
        found.insert(0, page_history.question_sent(connection, known.id, None, ASK_DELETE))
    beside = [*found[1:], *(_sent(connection, known, *place) for place in undoes)]
    return next(iter(found), None), [row for row in beside if row is not None]


def asks_to_delete(participant: ParticipantRecord | None) -> bool:
    """Return whether a participant is asked, at whatever address, if all that they told is to be deleted."""
    return participant is not None and participant.erasure_asked_at is not None


def _sent(
    connection: Connection, known: KnownAddress, conversation_id: int, ask: int | None
) -> SentRow | None:
    """Return the message that showed a question at an address; None where none did, or no question is meant."""
    return None if ask is None else page_history.question_sent(connection, known.id, conversation_id, ask)


def question_elsewhere(connection: Connection, conversation: ConversationRecord | None) -> SentRow | None:
    """Return the message that asked what is open at another address of the participant; None where nothing is."""
    ask = None if conversation is None else _ask_of(conversation)
    if conversation is None or ask is None:
        return None
    return page_history.question_of(connection, conversation.participant_id, conversation.id, ask)


def _ask_of(conversation: ConversationRecord) -> int | None:
    """Return the number of a conversation's open question; None where none is."""
    if not conversation.state:
        return None
    state = decode_state(conversation.state)
    return state.open if state.aside is None else state.aside


def as_open(
    row: SentRow,
    zone: str,
    conversation: ConversationRecord | None,
    said: Sequence[InboundEntry],
    *,
    elsewhere: bool,
) -> OpenQuestion | None:
    """Return a message as the open question of a page, asked `elsewhere` or there; None where its words are gone.

    `conversation` is the open one, and `said` is what came from the person's pages, the newest first: what of it was an
    answer to the question and not taken stands in its fields again.
    """
    prompt = prompt_of(row)
    if prompt is None:
        return None
    return OpenQuestion(
        prompt=prompt,
        number=0 if elsewhere else number_of(row.message_id),
        conversation=HOUSE if row.conversation_id is None else row.conversation_id,
        at=local(row.sent_at, zone),
        is_help=row.kind is OutboxKind.HELP,
        elsewhere=elsewhere,
        draft=draft_of(row, prompt.kind, conversation, said),
    )
