"""What works at every step: the words that everyone can say, and what happens between replies."""

from datetime import datetime
from typing import assert_never

from flows.engine.compiled import read_slot
from flows.engine.effects import AskFor, Hold, Outcome, RequestKind, Restart, Withdraw
from flows.engine.events import MediaKind
from flows.engine.interruptions.menus import ask_language, ask_when_to_come_back, pause, show_waiting
from flows.engine.replies import skip
from flows.engine.state import is_over
from flows.engine.turn import Turn, Waiting
from flows.errors import ConversationOver
from flows.i18n.say import Sentence
from flows.parsing.commands import GlobalWord
from flows.schedule.local_time import local

MEDIA = {
    MediaKind.VOICE: Sentence.MEDIA_VOICE,
    MediaKind.PHOTO: Sentence.MEDIA_PHOTO,
    MediaKind.STICKER: Sentence.MEDIA_STICKER,
    MediaKind.OTHER: Sentence.MEDIA_OTHER,
}


def obey(turn: Turn, waiting: Waiting, word: GlobalWord) -> None:
    """Do what a word that works everywhere says. An open question of the engine's own is given up for it."""
    aside = turn.state.aside
    turn.change(aside=None, paused=False)
    match word:
        case GlobalWord.SKIP | GlobalWord.BACK if aside is not None:
            turn.show_open()
        case GlobalWord.SKIP:
            skip(turn, waiting)
        case GlobalWord.BACK:
            _back(turn, waiting)
        case GlobalWord.PAUSE:
            pause(turn)
        case GlobalWord.LATER:
            ask_when_to_come_back(turn)
        case GlobalWord.STOP:
            stop(turn)
        case GlobalWord.HELP:
            _help(turn)
        case GlobalWord.LANGUAGE:
            ask_language(turn)
        case GlobalWord.RESTART:
            _restart(turn)
        case (
            GlobalWord.HUMAN
            | GlobalWord.MY_DATA
            | GlobalWord.DELETE_MY_DATA
            | GlobalWord.LINK
            | GlobalWord.MY_CHOICES
            | GlobalWord.NO_CONTACT
            | GlobalWord.NOT_MY_WORDS
        ):
            turn.emit(AskFor(RequestKind(word.value)))
        case _:
            assert_never(word)


def stop(turn: Turn) -> None:
    """End at once, without a question."""
    turn.emit(Withdraw())
    turn.say(Sentence.STOPPED)
    turn.end(Outcome.WITHDRAWN)


def hold(turn: Turn, until: datetime) -> None:
    """The person is away until then: what waits goes on waiting."""
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Hold(until))
    turn.say(Sentence.HELD, when=local(until, turn.zone))


def media_came(turn: Turn, kind: MediaKind) -> None:
    """Ask for words instead."""
    _refuse_if_over(turn)
    turn.say(MEDIA[kind])


def remind(turn: Turn) -> None:
    """Ask the question that waits once more."""
    _refuse_if_over(turn)
    turn.change(aside=None)
    turn.say(Sentence.REMINDER)
    turn.show_open()


def resume(turn: Turn) -> None:
    """Go on after a pause."""
    _refuse_if_over(turn)
    turn.change(aside=None, paused=False)
    turn.say(Sentence.WELCOME_BACK)
    turn.show_open()


def _back(turn: Turn, waiting: Waiting) -> None:
    """Put the question before the one that waits; after it the talk comes back to here."""
    slot = _before(turn, waiting)
    if slot is None:
        turn.say(Sentence.NOTHING_BEFORE)
        turn.show_open()
        return
    back_to = turn.state.back_to
    if not back_to or waiting.slot not in turn.state.answers:
        turn.change(back_to=tuple(dict.fromkeys((*back_to, waiting.slot))))
    key, items = read_slot(slot)
    context = turn.context(slot)
    if context.node.key == key:
        turn.ask(context.node, items)
    else:
        turn.ask_probe(context)


def _before(turn: Turn, waiting: Waiting) -> str | None:
    """The answered question that was first put just before this one."""
    answers = turn.state.answers
    found = None
    for asked in turn.state.asks:
        if asked.slot == waiting.slot:
            break
        if asked.slot in answers and not _is_addition(turn, asked.slot):
            found = asked.slot
    return found


def _is_addition(turn: Turn, slot: str) -> bool:
    """Whether a slot only adds to another's answer; that other is the one to go back to."""
    if slot.startswith("@"):
        return False
    context = turn.context(slot)
    probe = context.node.probe
    return probe is not None and probe.joins == "append" and context.node.key != read_slot(slot)[0]


def _help(turn: Turn) -> None:
    program = turn.state.facts.get("program") or {}
    turn.say(Sentence.HELP, contact=program.get("contact", "…"))
    show_waiting(turn)


def _restart(turn: Turn) -> None:
    turn.say(Sentence.RESTARTED)
    turn.end(Outcome.RESTARTED)
    turn.emit(Restart())


def _refuse_if_over(turn: Turn) -> None:
    if is_over(turn.state):
        raise ConversationOver("the conversation has ended")
