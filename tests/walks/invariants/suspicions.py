"""Say what must hold of the second reader, which hears in between turns what the rules missed."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from flows.engine.state import ConversationState, decode_state
from flows.i18n.say import Sentence, say
from flows.safety.lexicon import SHIPPED
from flows.safety.reading import ReadingClass
from flows.safety.scan import FindingKind, scan
from storage.safety import second_reading
from storage.safety.text_signals import TextNumbers
from tests.support.retelling import LANGUAGES
from tests.support.small_reader import READER, WordEncoder
from tests.walks.evidence import Fate, Shown, Suspicion
from tests.walks.invariants.findings import Breaks, Findings, texts_in

_ALL = 1_000_000
_RISK_TIER = 2
_NUMBERS = ("112", "999", "911", "116 123")
HELP = tuple(
    say(sentence, language, number="|", lines="|").split("|")[0]
    for sentence in (Sentence.HELP_NEAR, Sentence.HELP_NEAR_LINES)
    for language in ("en", *LANGUAGES)
)
"""How words of care begin."""


def a_suspicion_stops_nothing(found: Findings) -> Breaks:
    """What the second reader says asks nothing, ends nothing and opens no case: the script stands where it stood."""
    for one in found.evidence.suspicions:
        before, after = decode_state(one.before), decode_state(one.after)
        if msgspec.structs.replace(after, told_of_help=before.told_of_help) != before or one.ends:
            yield one.address, one.place, f"a suspicion changes conversation {one.conversation}"
        if one.cases:
            yield one.address, one.place, f"a suspicion opens {one.cases} safety cases"
        if any(prompt.ask is not None or prompt.options for prompt in one.said):
            yield one.address, one.place, f"a suspicion asks something: {one.said!r}"[:200]


def a_suspicion_is_answered_once(found: Findings) -> Breaks:
    """It says one thing, where help can be found, the first time and where no help stood; after that nothing."""
    for one in found.evidence.suspicions:
        wanted = 0 if _has_been_helped(decode_state(one.before)) else 1
        texts = [prompt.text for prompt in one.said]
        if len(texts) != wanted:
            yield one.address, one.place, f"{len(texts)} messages instead of {wanted}: {texts}"[:200]
        for text in texts:
            if not text.startswith(HELP) or not any(number in text for number in _NUMBERS):
                yield one.address, one.place, f"there is no number to call in {text!r}"
            elif one.reachable and not _was_undone(found, one) and not _is_shown(found, one, text):
                yield one.address, one.place, f"help was never shown: {text!r}"


def _has_been_helped(state: ConversationState) -> bool:
    """Whether this conversation was told of help before, by either reader."""
    return state.told_of_help or any(asked.slot.startswith("@care") for asked in state.asks)


def _was_undone(found: Findings, one: Suspicion) -> bool:
    """Whether the process died before it was committed: the conversation does not know of it.

    The words are read once more after the start; where a clock says by then that they are old, they only come first in
    the queue.
    """
    assert found.evidence.database is not None
    query = sa.text("SELECT state FROM conversation WHERE id = :id")
    state = found.evidence.database.read_now(lambda c: c.execute(query, {"id": one.conversation}).scalar())
    return bool(state) and not decode_state(state).told_of_help


def _is_shown(found: Findings, one: Suspicion, text: str) -> bool:
    """Whether a message came onto the screen, unless the platform took it from us or its reader is gone.

    Gone is who has deleted all, and who closed their address and did not come back.
    """
    evidence, name = found.evidence, found.evidence.persons.get(one.address)
    if any(shown.place > one.place for shown in found.texts.get(text, []) if _is_of(found, shown, name)):
        return True
    lost = any(
        attempt.place > one.place and attempt.text == text and attempt.fate is not Fate.SHOWN
        for attempt in evidence.attempts
    )
    left = any(
        turn.place > one.place and turn.participant == one.participant for turn in found.turns if turn.erased
    )
    return lost or left or _is_closed(found, one)


def _is_closed(found: Findings, one: Suspicion) -> bool:
    """Whether the address at which a conversation goes on is closed now."""
    assert found.evidence.database is not None
    query = sa.text(
        "SELECT status FROM address WHERE id = (SELECT address_id FROM conversation WHERE conversation.id = :id)"
    )
    status = found.evidence.database.read_now(lambda c: c.execute(query, {"id": one.conversation}).scalar())
    return status is not None and status != "active"


def nothing_is_said_to_whoever_deleted_all(found: Findings) -> Breaks:
    """Once somebody has everything deleted, no suspicion about their words is played, and no help for it shown.

    Help that was on its way then still arrives.
    """
    erased = {turn.participant: turn for turn in found.turns if turn.erased}
    suspicions = found.evidence.suspicions
    for one in suspicions:
        turn = erased.get(one.participant)
        if turn is None:
            continue
        if one.place > turn.place:
            yield one.address, one.place, "a suspicion about words that were deleted"
    for turn in erased.values():
        name = found.whose(turn)
        helped = [
            (address, shown)
            for address, screen in found.evidence.screens.items()
            for shown in screen
            if shown.prompt.text.startswith(HELP) and _is_of(found, shown, name)
        ]
        was_heard = any(one.participant == turn.participant and one.place < turn.place for one in suspicions)
        back = [one.place for one in found.turns if _is_anew(found, one, name, turn.place)]
        until = min(back, default=_ALL * _ALL)
        after = sorted((one.place, address, one) for address, one in helped if turn.place < one.place < until)
        if was_heard and not _has_arrived(found, [one for _, one in helped if one.place < turn.place]):
            after = _without_repeated(found, after)  # one was on its way
        for place, address, shown in after:
            yield address, place, f"said after all was deleted: {shown.prompt.text[:60]!r}"


def _without_repeated(found: Findings, after: list[tuple[int, str, Shown]]) -> list[tuple[int, str, Shown]]:
    """What is left without the first showing, and without those of it whose outcome was lost before the next."""
    first, *others = after or [None]
    while first is not None and others and _was_in_doubt(found, first[2].prompt.text, first[0], others[0][0]):
        first, *others = others
    return [one for one in others if one is not None]


def _was_in_doubt(found: Findings, text: str, after: int, before: int) -> bool:
    return any(after < place < before and text in texts_in(said) for place, _, said in found.evidence.doubts)


def _has_arrived(found: Findings, helped: list[Shown]) -> bool:
    """Whether help was shown of which the bot knows that it was: else it is sent again."""
    doubted = frozenset[str]().union(*(texts_in(text) for _, _, text in found.evidence.doubts))
    return any(shown.prompt.text not in doubted for shown in helped)


def _is_anew(found: Findings, turn: Any, name: str, erased_at: int) -> bool:
    """Whether a turn is of somebody who begins anew after everything was deleted."""
    return turn.place > erased_at and turn.participant is not None and found.whose(turn) == name


def _is_of(found: Findings, shown: Shown, name: str | None) -> bool:
    return found.evidence.persons.get(shown.address) == name


def all_that_stands_is_read_twice(found: Findings) -> Breaks:
    """In the end every text that stands was read by the second reader, and what is to be noticed in it is noted."""
    database = found.evidence.database
    assert database is not None
    batch = database.read_now(lambda c: second_reading.written_after(c, TextNumbers(0, 0), limit=_ALL))
    noted = set(database.read_now(lambda c: c.exec_driver_sql(_NOTED).all()))
    for text in batch.texts:
        by_rules = scan(text.raw, products=(), languages=SHIPPED)
        hinted = FindingKind.RISK in by_rules.noticed
        signal = READER.judge(WordEncoder().encode(READER.pieces(text.raw)), hinted=hinted)
        if signal is None or signal.reading_class is not ReadingClass.RISK or by_rules.tier >= _RISK_TIER:
            continue
        if (text.source.kind.value, text.source.number, signal.level.value) not in noted:
            yield "", 0, f"nothing is noted of {text.source}: {text.raw[:80]!r}"


_NOTED = """
    SELECT 'answer', answer_id, level FROM text_signal WHERE answer_id IS NOT NULL AND source = 'second_reader'
    UNION SELECT 'remark', remark_id, level FROM text_signal WHERE remark_id IS NOT NULL AND source = 'second_reader'"""


ON_SUSPICIONS: tuple[Callable[[Findings], Breaks], ...] = (
    a_suspicion_stops_nothing,
    a_suspicion_is_answered_once,
    nothing_is_said_to_whoever_deleted_all,
    all_that_stands_is_read_twice,
)
