"""The engine's own questions, which come before the one that waits: when to come back, and what to change."""

from datetime import datetime

from flows.engine.compiled import read_slot, slot_of
from flows.engine.effects import Option, Pause, Prompt, PromptKind, SendMessage, SetLanguage, Snooze
from flows.engine.interruptions.safety_questions import ASKED, CARE, UPSET, concern_prompt
from flows.engine.traversal import walk
from flows.engine.turn import CHANGE_WHICH, LANGUAGE, LATER, Turn, Waiting
from flows.i18n.localized_flow import first_of, name_of
from flows.i18n.say import Sentence, say
from flows.parsing.answers import LATER_LABELS, Read, Unread, read_choice, read_later
from flows.parsing.choices import ChoiceText
from flows.parsing.language_names import language_named
from flows.schedule.local_time import Later, later_options, local
from flows.script.model import AskConsent, Confirm

_ASIDES = {LATER: Sentence.LATER_WHEN, LANGUAGE: Sentence.LANGUAGE_WHICH, CHANGE_WHICH: Sentence.CHANGE_WHICH}
SHORTENED = 40
"""Characters of a question on a button that names it."""


def keeps_asking(waiting: Waiting) -> bool:
    """Whether the question is never passed with words not understood: nobody consents by accident."""
    question = waiting.context.node.question
    return isinstance(question, AskConsent | Confirm) and question.required


def ask_when_to_come_back(turn: Turn) -> None:
    """Put 'When should I come back?' before the question that waits."""
    names = tuple(option.name.value for option in later_options(turn.now, turn.zone))
    _put(turn, LATER, names)


def ask_what_to_change(turn: Turn, waiting: Waiting) -> None:
    """After a read-back that is not right: put the answer to change, or first ask which one it is."""
    context = waiting.context
    question = context.node.question
    assert isinstance(question, Confirm)
    open_slot = turn.open_slot
    come_back = [waiting.slot, open_slot] if open_slot not in (None, waiting.slot) else [waiting.slot]
    known = turn.state.back_to
    turn.change(back_to=(*known, *(slot for slot in come_back if slot and slot not in known)), misses=0)
    nodes = [turn.compiled.questions[key] for key in question.changes if key in turn.compiled.questions]
    slots = [
        slot_of(node.key, context.items[: node.depth]) for node in nodes if node.depth <= len(context.items)
    ]
    answered = tuple(slot for slot in slots if slot in turn.state.answers)
    if len(answered) > 1:
        _put(turn, CHANGE_WHICH, answered)
    else:
        _reopen(turn, (answered or slots or [waiting.slot])[0])


def ask_language(turn: Turn) -> None:
    """Put 'Which language would you like?' before the question that waits, where there is a choice."""
    if len(turn.languages) > 1:
        _put(turn, LANGUAGE, turn.languages)
    else:
        turn.say(Sentence.LANGUAGE_ONLY)
        show_waiting(turn)


def set_language(turn: Turn, wanted: str) -> None:
    """Go on in the language that is named, or say that it cannot be had."""
    language = first_of((language_named(wanted),), turn.languages)
    turn.change(aside=None, paused=False)
    if language is not None:
        speak(turn, language)
        return
    if len(turn.languages) > 1:
        turn.say(Sentence.LANGUAGE_NOT_YET)
    ask_language(turn)


def answer_aside(turn: Turn, text: str) -> None:
    """Words under one of the engine's own questions."""
    assert turn.state.aside is not None
    asked = turn.state.asks[turn.state.aside]
    codes = asked.codes or ()
    if asked.slot == LANGUAGE and language_named(text):
        set_language(turn, text)
        return
    if asked.slot == LATER:
        when = read_later(text, now=turn.now, zone=turn.zone, language=turn.state.language)
        if isinstance(when, Read):
            _snooze(turn, when.value)
            return
        unread = when
    else:
        labels = _labels(turn, asked.slot, codes)
        texts = tuple(ChoiceText(code, label) for code, label in zip(codes, labels, strict=True))
        picked = read_choice(text, texts, turn.state.language)
        if isinstance(picked, Read):
            _take(turn, asked.slot, picked.value)
            return
        unread = picked
    _not_understood(turn, unread, asked.slot)


def tap_aside(turn: Turn, ask: int, option: int) -> None:
    """A tap under one of the engine's own questions, also one from before."""
    asked = turn.state.asks[ask]
    codes = asked.codes or ()
    if not 0 <= option < len(codes):
        return
    if asked.slot == LATER:
        times = {choice.name.value: choice.at for choice in later_options(turn.now, turn.zone)}
        # An evening that has come or gone since then is the next one that can be had.
        _snooze(turn, times.get(codes[option], times[Later.TOMORROW.value]))
    elif ask == turn.state.aside or asked.slot == LANGUAGE:
        _take(turn, asked.slot, codes[option])


def pause(turn: Turn) -> None:
    """Stop for now; what waits goes on waiting."""
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Pause())
    turn.say(Sentence.PAUSED)


def show_waiting(turn: Turn) -> None:
    """Send what waits again: the engine's own question, if there is one, else the script's."""
    if turn.state.aside is not None:
        turn.emit(SendMessage(_prompt(turn, turn.state.aside)))
    else:
        turn.show_open()


def _snooze(turn: Turn, until: datetime) -> None:
    turn.change(aside=None, paused=True, misses=0)
    turn.emit(Snooze(until))
    turn.say(Sentence.SNOOZED, when=local(until, turn.zone))


def _take(turn: Turn, slot: str, code: str) -> None:
    if slot == LANGUAGE:
        speak(turn, code)
    else:
        _reopen(turn, code)


def speak(turn: Turn, language: str) -> None:
    """Go on in a language that the person chose, with what waits.

    Where nothing has been answered yet the talk begins anew: who we are was said in another language.
    """
    turn.speak(language)
    turn.change(aside=None, paused=False, misses=0, chose_language=True)
    turn.emit(SetLanguage(language))
    turn.say(Sentence.LANGUAGE_SET)
    if turn.state.answers:
        turn.show_open()
    else:
        walk(turn, (turn.compiled.first, ()))


def _reopen(turn: Turn, slot: str) -> None:
    key, items = read_slot(slot)
    turn.ask(turn.compiled.questions[key], items)


def _put(turn: Turn, slot: str, codes: tuple[str, ...]) -> None:
    ask = turn.number(slot, codes)
    turn.change(aside=ask, misses=0)
    turn.emit(SendMessage(_prompt(turn, ask)))


def _prompt(turn: Turn, ask: int) -> Prompt:
    asked = turn.state.asks[ask]
    if asked.slot in {CARE, UPSET, *ASKED}:
        return concern_prompt(turn, ask)
    sentence = _ASIDES[asked.slot]
    labels = _labels(turn, asked.slot, asked.codes or ())
    language = turn.state.language
    return Prompt(
        say(sentence, language),
        PromptKind.SELECT_ONE,
        ask,
        options=tuple(map(Option, labels)),
        language=language,
    )


def _labels(turn: Turn, slot: str, codes: tuple[str, ...]) -> list[str]:
    if slot == LATER:
        return [say(LATER_LABELS[Later(code)], turn.state.language) for code in codes]
    if slot == LANGUAGE:
        return [name_of(code) for code in codes]
    return [_short(turn, code) for code in codes]


def _short(turn: Turn, slot: str) -> str:
    """A question by the author's short name for it, or by its beginning."""
    context = turn.context(slot)
    question = context.node.question
    assert question is not None
    if question.short:
        return context.text(question.short)
    text = " ".join(context.text(question.text).split())
    return text if len(text) <= SHORTENED else text[: SHORTENED - 1].rsplit(" ", 1)[0] + "…"


def _not_understood(turn: Turn, unread: Unread, slot: str) -> None:
    if turn.state.misses == 0:
        turn.change(misses=1)
        turn.say(unread.why, **unread.fields)
        show_waiting(turn)
    elif slot == LATER:
        pause(turn)  # a person who says 'later' is not to be asked a third time
    else:
        turn.change(aside=None, misses=0)
        turn.show_open()
