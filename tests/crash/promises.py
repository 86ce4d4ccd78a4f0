"""What is promised wherever people talk, held after the crashes against the rows, and what people did and saw."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

from flows.engine.compiled import PROBE_SUFFIX, read_slot
from flows.engine.effects import AnswerStatus, Outcome
from flows.engine.state import ConversationState, decode_state
from flows.script.loader import library
from flows.script.model import Block, Flow
from storage.safety.text_signals import TextKind
from storage.safety.unread_rows import find
from tests.crash.people import Reply, Way

_TABLES = SQLModel.metadata.tables


@dataclass
class Audit:
    """What was found. `problems` is empty when every promise was kept."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


class Someone(Protocol):
    """Somebody who talked: what they said, and the questions that they saw, each once, in their order."""

    calls_for_help: int
    replies: list[Reply]

    @property
    def name(self) -> str: ...
    @property
    def asked(self) -> list[tuple[int, int]]: ...


def rows_of(connection: Connection, table: str) -> list[Any]:
    """All rows of a table, by their numbers."""
    return list(connection.execute(sa.select(_TABLES[table]).order_by(_TABLES[table].c.id)))


def hold_promises(found: Audit, connection: Connection, people: Sequence[Someone]) -> None:
    """Hold the promises about answers, questions, ends and reading against the rows."""
    conversations = rows_of(connection, "conversation")
    states = {row.id: decode_state(row.state) for row in conversations}
    _answers_kept(found, people, rows_of(connection, "answer"), states)
    _in_order(found, people, conversations, states)
    _ended_once(found, connection, people, conversations)
    _unread(found, connection)


def all_answered(found: Audit, inbox: Sequence[Any]) -> None:
    """Hold against the rows of the inbox that all of them were answered."""
    for row in inbox:
        if row.handled_at is None or row.error is not None:
            found.problems.append(f"{row.external_id} was not answered: {row.error or 'unhandled'}")


# Each reply is kept once, under the question that the person saw.


def _answers_kept(
    found: Audit,
    people: Sequence[Someone],
    answers: Sequence[Any],
    states: Mapping[int, ConversationState],
) -> None:
    current = [row for row in answers if row.superseded_at is None]
    slots = Counter((row.conversation_id, row.slot) for row in current)
    found.problems += [f"{slot} has {count} answers" for slot, count in slots.items() if count > 1]
    latest = {(row.conversation_id, row.slot): row for row in current}
    for row in answers:
        if row.superseded_at is not None and row.raw not in latest[row.conversation_id, row.slot].raw:
            found.problems.append(f"{row.slot} = {row.raw!r} was replaced, and nobody had asked for that")
    by_conversation = defaultdict(list)
    for row in current:
        by_conversation[row.conversation_id].append(row)
    claimed: set[int] = set()
    replies = [reply for someone in people for reply in someone.replies]
    given = [reply for reply in replies if reply.way not in (Way.ASIDE, Way.AGAIN)]
    for reply in given:
        candidates = current if reply.key is None else by_conversation[reply.key[0]]
        kept = [row for row in candidates if _holds(row, reply, states)]
        if len(kept) != 1 and not (not kept and _leaves_nothing(reply, states)):
            found.problems.append(f"{len(kept)} answers hold {reply}")
        claimed |= {row.id for row in kept}
    found.problems += [
        f"nobody gave answer {row.slot} = {row.raw!r}"
        for row in current
        if row.id not in claimed
        and row.raw  # the script keeps some beside an answer, such as the order of its list
    ]
    found.figures["replies"] = len(given)
    found.figures["of these typed"] = sum(reply.way is Way.TYPED for reply in given)
    found.figures["replies kept once"] = len(given) - sum(" answers hold " in one for one in found.problems)
    found.figures["answers stored"] = len(current)


def _slot_seen(reply: Reply, states: Mapping[int, ConversationState]) -> str | None:
    return None if reply.key is None else states[reply.key[0]].asks[reply.key[1]].slot


def _leaves_nothing(reply: Reply, states: Mapping[int, ConversationState]) -> bool:
    """A further question that is left out may leave its answer as it was."""
    seen = _slot_seen(reply, states)
    return reply.way is Way.SKIPPED and seen is not None and read_slot(seen)[0].endswith(PROBE_SUFFIX)


def _holds(row: Any, reply: Reply, states: Mapping[int, ConversationState]) -> bool:
    """Whether an answer is this reply, under the question that was seen."""
    if not _same_words(row, reply):
        return False
    seen = _slot_seen(reply, states)
    if seen is None or row.slot == seen:
        return str(row.shown_text) in reply.question
    return str(row.slot) == seen.replace(PROBE_SUFFIX, "", 1)  # the addition was joined to its answer


def _same_words(row: Any, reply: Reply) -> bool:
    match reply.way:
        case Way.SKIPPED:
            return row.status is AnswerStatus.SKIPPED
        case Way.PICKED:
            return bool(row.raw == ", ".join(reply.words))
        case Way.TAPPED:
            return _stands_for(reply.words[0], str(row.raw))
        case _:
            return reply.words[0] in str(row.raw)


def _stands_for(button: str, label: str) -> bool:
    """Whether a button says a label: with its number before it, or cut short, where it is long."""
    number, dot, rest = button.partition(". ")
    words = rest if dot and number.isdigit() else button
    return label in {button, words} or (words.endswith("…") and label.startswith(words[:-1]))


# The questions came in the script's order.


def _in_order(
    found: Audit,
    people: Sequence[Someone],
    conversations: Sequence[Any],
    states: Mapping[int, ConversationState],
) -> None:
    flows = {conversation.id: conversation.flow for conversation in conversations}
    out_of_order = 0
    for someone in people:
        keys = someone.asked
        for number_of in {key[0] for key in keys}:
            asks = [ask for number, ask in keys if number == number_of]
            slots = [states[number_of].asks[ask].slot for ask in asks]
            scripted = [slot for slot in slots if not slot.startswith("@")]  # the engine's own come anywhere
            places = list(_places(library()[flows[number_of]], scripted))
            if asks != sorted(asks) or places != sorted(places):
                out_of_order += 1
                found.problems.append(f"{someone.name} was asked in this order: {slots}")
    found.figures["conversations out of order"] = out_of_order


def _places(flow: Flow, slots: Iterable[str]) -> Iterator[tuple[int, ...]]:
    """Where each question stands in the script: its step, and within a block the item and the step there."""
    places: dict[str, tuple[int, ...]] = {}
    for number, step in enumerate(flow.steps):
        places[step.key] = (number,)
        if isinstance(step, Block):
            places |= {inner.key: (number, place) for place, inner in enumerate(step.steps)}
    items: dict[str, int] = {}
    for slot in slots:
        key, inside = read_slot(slot)
        place = places[key if key in places else key.removesuffix(PROBE_SUFFIX)]
        further = int(key not in places)
        if not inside:
            yield (*place, further)
        else:
            item = items.setdefault(inside[-1], len(items))
            yield (place[0], item, place[1], further)


# Everybody came to the end, once, and what hangs on it is there once.


def _ended_once(
    found: Audit, connection: Connection, people: Sequence[Someone], conversations: Sequence[Any]
) -> None:
    if len(conversations) != len(people):
        found.problems.append(f"{len(people)} people have {len(conversations)} conversations")
    for conversation in conversations:
        if conversation.outcome is not Outcome.COMPLETED:
            found.problems.append(
                f"conversation {conversation.id} is {conversation.status}, {conversation.outcome}"
            )
    saved = connection.scalar(
        sa.text(
            "SELECT count(*) FROM answer WHERE question_key IN ('c10', 'c10_no_date') AND superseded_at IS NULL"
        )
    )
    made = _count(connection, "commitment")
    if made != saved:
        found.problems.append(f"{made} commitments are kept, {saved} were saved")
    if (waves := _count(connection, "follow_up")) != 3 * made:
        found.problems.append(f"{made} commitments have {waves} follow-ups")
    uses = connection.scalar(sa.text("SELECT sum(uses) FROM invitation"))
    if uses != len(people):
        found.problems.append(f"{len(people)} people used {uses} invitations")
    found.figures["people"] = len(people)
    found.figures["commitments"] = made
    found.figures["people who had to ask again"] = sum(someone.calls_for_help > 0 for someone in people)


# Nobody has read anything: whatever free text there is waits for a person, and nothing says that somebody has.


def _unread(found: Audit, connection: Connection) -> None:
    if readings := _count(connection, "reading"):
        found.problems.append(f"{readings} texts were read by nobody")
    beyond = connection.scalar(
        sa.text("SELECT count(*) FROM text_place WHERE answer_id > (SELECT max(id) FROM answer)")
    )
    if beyond:
        found.problems.append(f"{beyond} places lie beyond the newest answer")
    written = connection.scalars(
        sa.text(
            "SELECT answer.id FROM answer JOIN conversation ON conversation.id = conversation_id"
            " JOIN participant ON participant.id = participant_id"
            " WHERE role IN ('patient', 'carer') AND kind = 'text' AND answer.status = 'answered'"
            " AND superseded_at IS NULL AND value = json_quote(raw)"
        )
    )
    waiting = {one.source.number for one in find(connection) if one.source.kind is TextKind.ANSWER}
    found.problems += [f"answer {number} is in no queue" for number in written if number not in waiting]


def _count(connection: Connection, table: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(_TABLES[table])) or 0
