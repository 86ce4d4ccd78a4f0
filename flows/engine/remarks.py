"""Keep what participants write that answers no question: as remarks, so that nothing they say is lost.

Theory. Words find their place in a turn as an answer, as a choice of a menu, as a command, with a safety report:
whoever takes them sets `Turn.heard`. What nobody has taken by the end of the turn, and what says something, is a
remark: it is kept with the question that was open, and its author is told so. So a reader that is added later can not
lose words by omission. A remark that is edited changes; one whose new words are an answer is a remark no more.
"""

import re
from typing import Any, Final, NamedTuple

from flows.engine.effects import (
    READ_AS_CHOICES,
    AnswerStatus,
    EndRemark,
    PromptKind,
    RecordRemark,
    SendMessage,
)
from flows.engine.events import Edited, Remarked, Replied, Returned, TextSubmitted
from flows.engine.interpretation import is_a_label
from flows.engine.state import KeptRemark, is_over
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.parsing.substance import has_substance, tells_a_story
from flows.parsing.vocabulary import vocabulary
from flows.text.folding import fold

_LISTED: Final = re.compile(r"[,،;؛\n]")
"""What stands between choices that are typed as a list."""
_NUMBERS: Final = (PromptKind.NUMBER, PromptKind.SCALE)
_PLAIN_NUMBER: Final = re.compile(r"\W*\d+(?:[.,/]\d+)?\W*[^\W\d]*\W*")
"""A number, with a unit behind it or none."""


class _Place(NamedTuple):
    """Hold the question under which a remark was made: its slot and text, and whether its answers are personal."""

    slot: str
    text: str
    personal: bool


_NOWHERE = _Place("", "", personal=False)


def keep_unheard(
    turn: Turn,
    event: Replied | TextSubmitted | Edited | Remarked | Returned,
    is_responded_to: bool,  # noqa: FBT001 - given by place, as the event is
) -> None:
    """Keep the words of an event as a remark if nobody took them, and say so before all else that is said.

    It is not said where a safety response answers them (`is_responded_to`), nor while the script is halted for somebody
    at risk. Nothing is kept after a conversation that ended without consent, and that is said.
    """
    if turn.heard or (isinstance(event, Edited) and not _is_known(turn, event.message_id)):
        return
    kept = keep_remark(turn, event.text, event.message_id)
    said = len(turn.effects)
    if not kept:
        say_lost(turn, event.text)
    elif not is_responded_to and turn.state.care is None:
        say_kept(turn)
    if len(turn.effects) > said:
        first = next(at for at, one in enumerate(turn.effects) if isinstance(one, SendMessage))
        turn.effects.insert(first, turn.effects.pop())


def keep_remark(turn: Turn, text: str, message_id: str | None, waiting: Waiting | None = None) -> bool:
    """Keep words as a remark made under a question, the open one by default; return whether they were kept.

    False for words that say nothing, and after a conversation that ended without the consent to take part.
    """
    turn.heard = True
    if not has_substance(text, turn.state.language) or (is_over(turn.state) and not turn.consented):
        return False
    state, under = turn.state, _place(turn, waiting)
    before = None if message_id is None else state.remarks.get(message_id)
    number = state.remark_count if before is None else before
    named = {} if message_id is None else {message_id: number}
    turn.change(
        remarks={**state.remarks, **named},
        remark_count=max(state.remark_count, number + 1),
        newest_remark=KeptRemark(number, text)
        if _may_be_offered(turn, under, text)
        else _earlier(turn, number),
    )
    turn.keep_remark(
        RecordRemark(
            number=number,
            slot=under.slot,
            raw=text,
            shown_text=under.text,
            language=state.language,
            corrects=before is not None,
            personal=under.personal,
        )
    )
    return True


def keep_rest(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Keep words as a remark that are no answer, or tell more than the choice that was read out of them, and say so.

    Return whether they are kept; that they are not is said, too.
    """
    kept = keep_remark(turn, text, message_id, waiting)
    if kept:
        say_kept(turn)
    elif is_over(turn.state):
        say_lost(turn, text)
    return kept


def say_kept(turn: Turn) -> None:
    """Say that a remark is kept, or will be once there is consent."""
    turn.say(Sentence.REMARK_KEPT if turn.consented else Sentence.REMARK_HELD)


def say_lost(turn: Turn, text: str) -> None:
    """Say that words are not kept for want of a consent, if they tell a story.

    Not so for words of concern, which a safety case may keep.
    """
    if not turn.consented and not turn.of_concern and tells_a_story(text, turn.state.language):
        turn.say(Sentence.NOT_KEPT)


def take_remark(turn: Turn, message_id: str | None, slot: str) -> None:
    """Note that the words of a message have become the answer in a slot; nothing where they were no remark."""
    number = None if message_id is None else turn.state.remarks.get(message_id)
    if number is not None:
        take_numbered(turn, number, slot)


def take_numbered(turn: Turn, number: int, slot: str) -> None:
    """Note that the remark with this number has become the answer in a slot, so that it is a remark no more."""
    state = turn.state
    held = tuple(one for one in state.held_remarks if one.number != number)
    is_held = len(held) < len(state.held_remarks)
    newest = state.newest_remark
    turn.change(
        remarks={message: of for message, of in state.remarks.items() if of != number},
        held_remarks=held,
        newest_remark=None if newest is not None and newest.number == number else newest,
    )
    if not is_held:
        turn.emit(EndRemark(number, slot))


def _may_be_offered(turn: Turn, under: _Place, text: str) -> bool:
    """Return whether a remark may be an answer to a later question.

    Not so for a question, what somebody at risk said, and a choice of a question that was put: it was meant for that
    one, and came too early or too late.
    """
    is_question = text.rstrip().endswith(("?", "\u061f"))
    if is_question or under.personal or turn.at_risk or turn.state.care is not None:
        return False
    put = map(turn.waiting, range(len(turn.state.asks)))
    return not any(one is not None and is_a_label(one, text) for one in put)


def _earlier(turn: Turn, number: int) -> KeptRemark | None:
    """Return the remark that may be offered still after one with this number that may not; None for none.

    A question back takes no story away; words of somebody at risk do.
    """
    newest = turn.state.newest_remark
    if newest is None or newest.number == number or turn.at_risk or turn.state.care is not None:
        return None
    return newest


def _is_known(turn: Turn, message_id: str) -> bool:
    """Return whether a message was an answer or a remark of this conversation: an edit of another one is none."""
    return message_id in turn.state.messages or message_id in turn.state.remarks


def _place(turn: Turn, waiting: Waiting | None) -> _Place:
    """Return where a remark is made: under `waiting`, else under the open question; nowhere after the end."""
    at = waiting or turn.waiting(turn.state.open)
    if at is None:
        return _NOWHERE
    question = at.context.node.question
    return _Place(at.slot, at.text, personal=question is not None and question.personal)


def is_uncertain(waiting: Waiting, raw: str, value: Any, status: AnswerStatus) -> bool:
    """Return whether a value was read out of words that do not name it, or words could not be read.

    A tap, a label or another word of the author for a choice, its place in the list, a plain number, yes and no are
    certain. Never true under a consent and what is read back.
    """
    node, words = waiting.context.node, raw.strip()
    if node.kind not in READ_AS_CHOICES or waiting.probe or not words:
        return False
    if value is None:
        return status is AnswerStatus.UNPARSED
    codes = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    labels = ", ".join(one.label for one in waiting.buttons.all if one.code in codes)
    if words.casefold() == labels.casefold():
        return False
    parts = _LISTED.split(words) if isinstance(value, list) else [words]
    return not all(_is_plain(waiting, one.strip()) for one in parts if one.strip())


def _is_plain(waiting: Waiting, text: str) -> bool:
    """Return whether a text is a place in the list, a choice by its label or another word, or a plain yes or no.

    Under a question for a number or a point of a scale also a number with a unit.
    """
    if text.isdecimal() or is_a_label(waiting, text):
        return True
    if waiting.context.node.kind in _NUMBERS:
        return _PLAIN_NUMBER.fullmatch(text) is not None
    known, key = vocabulary(waiting.language), fold(text)
    return key in known.yes or key in known.no
