"""Say what must hold of the database that a walk leaves, once everything has been answered and sent."""

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bot.channels.base import InboundKind
from flows.engine.compiled import compile_flow
from flows.engine.effects import Outcome
from flows.engine.state import decode_state
from flows.errors import StateUnreadable
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.roles import Purpose
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from storage.privacy.subject_access import participant_data_text
from storage.safety.unread_rows import find
from tests.support.retelling import LANGUAGES
from tests.walks.evidence import Fate, Turn
from tests.walks.invariants.findings import MARK, Breaks, Findings

_OPEN = """
    SELECT conversation.id, conversation.status, state, conversation.address_id, address.status AS reach
    FROM conversation JOIN address ON address.id = conversation.address_id
    WHERE conversation.status != 'waiting' AND state != ''"""


_GIVEN_UP = "SELECT conversation_id, ask FROM outbox WHERE status = 'failed' AND ask IS NOT NULL"
"""Questions that were tried often and for long: the operator hears of each."""


def _rows(found: Findings, query: str) -> list[Any]:
    database = found.evidence.database
    assert database is not None
    return list(database.read_now(lambda c: c.exec_driver_sql(query).all()))


def everything_is_handled(found: Findings) -> Breaks:
    """Nothing waits in the inbox or the outbox, and no turn was put aside."""
    for place, address, error in found.evidence.aside:
        yield address, place, f"a turn was put aside: {error}"
    for row in _rows(found, "SELECT id, error FROM inbox WHERE error IS NOT NULL"):
        yield "", 0, f"inbox {row.id} was put aside: {row.error}"
    for row in _rows(found, "SELECT id, payload FROM inbox WHERE handled_at IS NULL"):
        yield "", 0, f"inbox {row.id} is not handled: {row.payload[:120]}"
    for row in _rows(found, "SELECT id, status, kind FROM outbox WHERE status IN ('queued', 'sending')"):
        yield "", 0, f"outbox {row.id} ({row.kind}) is still {row.status}"
    for row in _rows(found, "SELECT id, reason FROM timer WHERE reason LIKE 'failed%'"):
        yield "", 0, f"timer {row.id}: {row.reason}"


def the_open_question_stands_last(found: Findings) -> Breaks:
    """Every state is readable, and what is asked last on a person's screen is the question that is open.

    Not where its message failed, or the conversation rests.
    """
    addresses = found.evidence.addresses()
    given_up = {(row.conversation_id, row.ask) for row in _rows(found, _GIVEN_UP)}
    for row in _rows(found, _OPEN):
        try:
            state = decode_state(row.state)
        except StateUnreadable as error:
            yield "", 0, f"conversation {row.id}: {error}"
            continue
        if row.status != "open" or state.care is not None or row.reach != "active":
            continue
        ask = state.open if state.aside is None else state.aside
        address = addresses.get(row.address_id, "")
        asking = [
            one for one in found.evidence.screens[address] if one.key and one.conversation and not one.edit
        ]
        if asking and asking[-1].key == (row.id, ask):
            continue
        fates = {one.fate for one in found.evidence.attempts if one.key == (row.id, ask)}
        if not fates <= {Fate.SHOWN, Fate.LIMITED} or (row.id, ask) in given_up:
            continue
        last = asking[-1].key if asking else None
        yield address, 0, f"conversation {row.id} waits for {ask}; the last that was asked is {last}"


def one_answer_counts(found: Findings) -> Breaks:
    """A question has one current answer."""
    query = """
        SELECT conversation_id, slot, count(*) AS many FROM answer WHERE superseded_at IS NULL
        GROUP BY conversation_id, slot HAVING count(*) > 1"""
    for row in _rows(found, query):
        yield "", 0, f"conversation {row.conversation_id}: {row.many} answers in {row.slot}"


def exports_are_made(found: Findings) -> Breaks:
    """The team's tables can be written."""
    database = found.evidence.database
    assert database is not None
    with tempfile.TemporaryDirectory(prefix="said-walks-") as folder, database.reading() as connection:
        try:
            export(connection, ExportDestination(Path(folder), ExportFormat.CSV), ExportSelection())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            yield "", 0, f"the export fails: {error!r}"


def my_data_shows_all_that_was_told(found: Findings) -> Breaks:
    """Whoever asks for their data reads all that is kept of what they wrote, also what waits for their consent."""
    database = found.evidence.database
    assert database is not None
    shown: dict[int, str] = {}
    for row in _rows(found, _WORDS):
        whose = row.participant_id
        if whose not in shown:
            read = partial(participant_data_text, participant_id=whose, language="en")
            try:
                shown[whose] = database.read_now(read)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                yield "", 0, f"my data of participant {whose} fails: {error!r}"
                return
        for mark in set(MARK.findall(row.words)):
            if mark not in shown[whose]:
                yield "", 0, f"my data of participant {whose} has nothing of {mark}, which {row.source} has"


_WORDS = """
    SELECT participant_id, raw AS words, 'an answer' AS source
    FROM answer JOIN conversation ON conversation.id = answer.conversation_id
    UNION ALL SELECT participant_id, raw, 'a remark'
    FROM remark JOIN conversation ON conversation.id = remark.conversation_id
    UNION ALL SELECT participant_id, details, 'a safety case' FROM safety_case
    UNION ALL SELECT participant_id, statement, 'a commitment' FROM commitment
    UNION ALL SELECT participant_id, raw, 'what waits for consent' FROM (
        SELECT participant_id, coalesce(json_extract(state, '$.held'), '')
        || coalesce(json_extract(state, '$.held_remarks'), '') AS raw FROM conversation WHERE json_valid(state)
    )"""


def what_patients_write_waits_to_be_read(found: Findings) -> Breaks:
    """Nobody reads in a walk: all that is kept of what patients and carers wrote is in the queue of unread texts."""
    database = found.evidence.database
    assert database is not None
    waiting = database.read_now(lambda c: " ".join(one.raw for one in find(c)))
    marks = set(MARK.findall(waiting))
    for row in _rows(found, _FREE_TEXT):
        for mark in set(MARK.findall(row.words)) - marks:
            yield "", 0, f"{mark}, which {row.source} has, is not in the queue"


def what_patients_say_waits_wherever_they_say_it(found: Findings) -> Breaks:
    """All that a patient or carer who takes part tells the bot is in the queue: in talks, outside of them, in an edit.

    Nobody reads in a walk. Left out are those who have left or had all deleted, and who has not agreed yet; what is
    told under a personal question; what waits for the consent to its talk; and a few words where only a choice would
    do, or where the consent to that very talk was taken back, which are refused in words.
    """
    database = found.evidence.database
    assert database is not None
    waiting = set(MARK.findall(database.read_now(lambda c: " ".join(one.raw for one in find(c)))))
    left_out = set(MARK.findall(" ".join(row.raw for row in _rows(found, _LEFT_OUT))))
    patients = {
        row.id for row in _rows(found, "SELECT id FROM participant WHERE role IN ('patient', 'carer')")
    }
    agreed: set[int] = set()
    last = {number: state for turn in found.turns for number, state in turn.after.items() if state}
    for turn in found.turns:
        whose = turn.participant
        if whose is None or whose not in patients or whose in found.erased or turn.erased:
            continue
        for row in turn.consents:
            if row["purpose"] is Purpose.TAKE_PART:
                (agreed.add if row["granted"] else agreed.discard)(whose)
        if {Outcome.DECLINED, Outcome.WITHDRAWN, Outcome.RESTARTED} & set(turn.outcomes.values()):
            agreed.discard(whose)
        if turn.message.kind not in _TYPED or whose not in agreed or turn.left:
            continue
        told = _TOO_LITTLE + (_NOT_KEPT if _has_taken_back(turn) else ())
        refused = any(words in prompt.whole_text for prompt in turn.said for words in told)
        held = _held_until_consent(turn, last)
        for mark in set(MARK.findall(turn.message.text)) - waiting - left_out - held:
            if not refused:
                yield turn.address, turn.place, f"nobody can read {mark} of {turn.message.text[:60]!r}"


def _held_until_consent(turn: Turn, last: Mapping[int, str]) -> set[str]:
    """The marks in words that a talk holds back until there is consent to it, which never came."""
    marks: set[str] = set()
    for number, state in turn.after.items():
        answers = decode_state(last[number]).answers if state else {}
        if state and not any(answers[key].value is True for key in _TAKE_PART & answers.keys()):
            then = decode_state(state)
            marks.update(mark for one in (*then.held, *then.held_remarks) for mark in MARK.findall(one.raw))
    return marks


def _has_taken_back(turn: Turn) -> bool:
    """Whether the words belong to a talk whose participant takes part no more, though in a later one they do."""
    states = (decode_state(state) for state in turn.before.values() if state)
    return any(
        state.answers[key].value is False for state in states for key in _TAKE_PART & state.answers.keys()
    )


_TAKE_PART = {key for flow in library().values() for key in compile_flow(flow).take_part}
_NOT_KEPT = tuple(
    say(sentence, language)
    for sentence in (Sentence.NOT_KEPT, Sentence.UNCHANGED)
    for language in ("en", *LANGUAGES)
)
_TYPED = (InboundKind.TEXT, InboundKind.FORM, InboundKind.EDIT)
_TOO_LITTLE = tuple(
    say(sentence, language)
    for sentence in (
        Sentence.UNREAD_CHOICE,
        Sentence.UNREAD_LATER,
        Sentence.STOPPED_BEFORE,
        Sentence.REMARK_HELD,
    )
    for language in ("en", *LANGUAGES)
)
"""What is said to words where only a choice would do, to whoever has left, and to what waits for a consent."""
_LEFT_OUT = """
    SELECT raw FROM answer WHERE personal UNION ALL SELECT raw FROM remark WHERE personal
    UNION ALL SELECT coalesce(json_extract(state, '$.held'), '') || coalesce(json_extract(state, '$.held_remarks'), '')
    FROM conversation WHERE json_valid(state)"""
"""What is personal, and what waits for the consent of its conversation, which may be the second of its person."""

_FREE_TEXT = """
    SELECT raw AS words, 'answer ' || answer.id AS source FROM answer
    JOIN conversation ON conversation.id = conversation_id JOIN participant ON participant.id = participant_id
    WHERE role IN ('patient', 'carer') AND (kind = 'text' OR answer.status = 'unparsed')
    UNION ALL SELECT raw, 'remark ' || remark.id FROM remark
    JOIN conversation ON conversation.id = conversation_id JOIN participant ON participant.id = participant_id
    WHERE role IN ('patient', 'carer')
    UNION ALL SELECT coalesce(json_extract(details, '$.answers'), ''), 'case ' || id FROM safety_case"""

ON_REMAINS: tuple[Callable[[Findings], Breaks], ...] = (
    everything_is_handled,
    the_open_question_stands_last,
    one_answer_counts,
    exports_are_made,
    my_data_shows_all_that_was_told,
    what_patients_write_waits_to_be_read,
    what_patients_say_waits_wherever_they_say_it,
)
