"""What the talk does about words that must be heeded: help first, a choice after sadness, a report's questions.

Nothing here says what a person has, asks about plans, gives advice, or asks what caused what. The script is where
it was afterwards.
"""

from flows.engine.commands import stop
from flows.engine.effects import NoteConcern, Refresh, SendMessage
from flows.engine.events import Event, LanguageDetected, Replied, Tapped, TextSubmitted
from flows.engine.interruptions.menus import pause
from flows.engine.interruptions.safety_questions import (
    ASKED,
    CARE,
    GO_ON,
    NO,
    RISK_TIER,
    STOP,
    UPSET,
    YES,
    ReportQuestion,
    SafetyNotice,
    UpsetChoice,
    care_text,
    codes_of,
    concern_prompt,
    labels_of,
)
from flows.engine.replies import skip
from flows.engine.state import is_over
from flows.engine.traversal import after_answer, walk
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import Read, read_choice, read_yes_no
from flows.parsing.choices import ChoiceText
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language
from flows.text.folding import fold

_STILL_MEANT = frozenset(
    {
        GlobalWord.STOP,
        GlobalWord.HELP,
        GlobalWord.HUMAN,
        GlobalWord.MY_DATA,
        GlobalWord.DELETE_MY_DATA,
        GlobalWord.LINK,
    }
)
"""The words that mean the same while the talk is halted; all others would go on with it."""


_SHORTEST_TELLING = 4
"""Letters of a word that says which choice is meant."""


def heed(turn: Turn, notice: SafetyNotice) -> None:
    """Act on what was found in the words of this turn, after they did what they do."""
    if notice.tier == RISK_TIER:
        _halt(turn, notice)
    elif turn.state.care is not None:
        return
    elif is_over(turn.state):
        if notice.reportable:
            turn.say(Sentence.SAFETY_NOTED)
    elif notice.reportable and not _was_put(turn, *ASKED):
        _begin_questions(turn, notice)
    elif notice.tier and not _was_put(turn, UPSET):
        _hold_back_questions(turn)
        _put(turn, UPSET)


def halted(turn: Turn, event: Event) -> bool:
    """While the script is halted: whether this event was taken here. Only a clear wish goes on with the talk."""
    if turn.state.care is None or is_over(turn.state):
        return False
    if isinstance(event, LanguageDetected):
        return True  # nothing is offered to somebody at risk
    code = None
    if isinstance(event, Replied | TextSubmitted):
        word = global_word(event.text, turn.state.language)
        if word in _STILL_MEANT or asked_language(event.text) is not None:
            return False
        code = GO_ON if word is GlobalWord.RESTART else _care_typed(turn, event.text)
    elif isinstance(event, Tapped) and _slot(turn, event.ask) == CARE:
        code = _at(codes_of(CARE), event.option)
    _after_care(turn, code)
    return True


def in_concern(turn: Turn) -> bool:
    """Whether one of these questions is the one that waits."""
    aside = turn.state.aside
    return aside is not None and _slot(turn, aside) in {UPSET, *ASKED}


def answer_concern(turn: Turn, text: str) -> None:
    """Words under one of these questions."""
    assert turn.state.aside is not None
    slot = turn.state.asks[turn.state.aside].slot
    code = _code_typed(turn, slot, text)
    if slot == UPSET:
        if code is not None:
            _after_upset(turn, code)
        elif turn.state.misses == 0:
            turn.change(misses=1)
            turn.say(Sentence.UNREAD_CHOICE)
            turn.emit(SendMessage(concern_prompt(turn, turn.state.aside)))
        else:
            _after_upset(turn, UpsetChoice.GO_ON)  # nobody is kept at it: whoever writes on wants to go on
    elif _is_skip(turn, text):
        _next(turn)
    elif slot in ASKED and ASKED[slot] is ReportQuestion.CONTACT and code is None:
        _next(turn)  # nobody agrees by accident
    else:
        _note(turn, ASKED[slot], code or text)


def tap_concern(turn: Turn, ask: int, option: int) -> bool:
    """A tap under one of these questions; False where it was another's. One from before changes nothing."""
    slot = _slot(turn, ask)
    if slot not in {UPSET, CARE, *ASKED}:
        return False
    if ask == turn.state.aside and slot != CARE:
        code = _at(codes_of(slot), option)
        if slot == UPSET:
            if code is not None:
                _after_upset(turn, code)
        elif code is None:
            _next(turn)
        else:
            _note(turn, ASKED[slot], code)
    return True


def skip_concern(turn: Turn) -> None:
    """'Skip' under one of these questions leaves it out, and nothing of the script."""
    _next(turn)


def _halt(turn: Turn, notice: SafetyNotice) -> None:
    """Help first, and nothing else: what the script was about to say is not said."""
    turn.effects[:] = [effect for effect in turn.effects if not isinstance(effect, SendMessage | Refresh)]
    text = care_text(notice.care, turn.state.language)
    if is_over(turn.state):
        turn.tell(text)
        return
    turn.change(care=notice.care, paused=True, misses=0, concerns=())
    _put(turn, CARE, text)


def _after_care(turn: Turn, code: str | None) -> None:
    if code == GO_ON:
        turn.change(care=None, aside=None, paused=False, misses=0)
        turn.say(Sentence.WELCOME_BACK)
        _go_on(turn)
    elif code == STOP:
        stop(turn)
    else:
        _put(turn, CARE)


def _go_on(turn: Turn) -> None:
    """Back to the script; nobody is asked for more of what made us halt it, so a further question is passed over."""
    waiting = turn.waiting(turn.state.open)
    if waiting is not None and waiting.probe:
        walk(turn, after_answer(turn, waiting.context))
    else:
        turn.show_open()


def _after_upset(turn: Turn, code: str) -> None:
    turn.change(aside=None, misses=0)
    match UpsetChoice(code):
        case UpsetChoice.GO_ON:
            turn.show_open()
        case UpsetChoice.SKIP:
            waiting = turn.waiting(turn.state.open)
            if waiting is not None:
                skip(turn, waiting)
        case UpsetChoice.PAUSE:
            pause(turn)
        case UpsetChoice.STOP:
            stop(turn)


def _begin_questions(turn: Turn, notice: SafetyNotice) -> None:
    _hold_back_questions(turn)
    if notice.tier:
        turn.say(Sentence.UPSET_HEARD)
    turn.say(Sentence.SAFETY_INTRO)
    turn.change(concerns=tuple(ask.value for ask in notice.ask))
    _next(turn)


def _hold_back_questions(turn: Turn) -> None:
    """The script's next question is put after ours, not before."""
    turn.effects[:] = [
        effect
        for effect in turn.effects
        if not (isinstance(effect, SendMessage) and effect.prompt.ask is not None)
    ]


def _next(turn: Turn) -> None:
    """The next of the questions for a report; after the last one, back to the script."""
    if turn.state.concerns:
        first, *rest = turn.state.concerns
        turn.change(concerns=tuple(rest))
        _put(turn, f"@safety_{first}")
        return
    turn.change(aside=None, misses=0)
    turn.say(Sentence.SAFETY_THANKS)
    if not turn.state.paused:
        turn.show_open()


def _note(turn: Turn, ask: ReportQuestion, words: str) -> None:
    turn.emit(NoteConcern(ask.value, words))
    _next(turn)


def _put(turn: Turn, slot: str, text: str | None = None) -> None:
    ask = turn.number(slot)
    turn.change(aside=ask, misses=0)
    turn.emit(SendMessage(concern_prompt(turn, ask, text)))


def _code_typed(turn: Turn, slot: str, text: str) -> str | None:
    """The choice that typed words name; None where they name none."""
    language, codes = turn.state.language, codes_of(slot)
    labels = labels_of(slot, language)
    if codes == (YES, NO):
        answer = read_yes_no(text, agree=labels[0], decline=labels[1], language=language)
        return None if not isinstance(answer, Read) else YES if answer.value is True else NO
    choices = tuple(ChoiceText(code, label) for code, label in zip(codes, labels, strict=True))
    picked = read_choice(text, choices, language) if choices else None
    return picked.value if isinstance(picked, Read) else None


def _care_typed(turn: Turn, text: str) -> str | None:
    """The same under the help for somebody at risk, where a number, a 'no' or half a label is no wish: only the whole
    label stops (as the word 'stop' does), and going on takes a word of its label. All else shows the help again.
    """
    code = _code_typed(turn, CARE, text)
    if code is None:
        return None
    key, label = fold(text), fold(labels_of(CARE, turn.state.language)[codes_of(CARE).index(code)])
    named = key == label if code == STOP else bool(_telling(key) & _telling(label))
    return code if named else None


def _telling(key: str) -> set[str]:
    return {word for word in key.split() if len(word) >= _SHORTEST_TELLING and not word.isdecimal()}


def _is_skip(turn: Turn, text: str) -> bool:
    return fold(text) == fold(say(Sentence.BUTTON_SKIP, turn.state.language))


def _was_put(turn: Turn, *slots: str) -> bool:
    return any(asked.slot in slots for asked in turn.state.asks)


def _slot(turn: Turn, ask: int) -> str:
    return turn.state.asks[ask].slot if 0 <= ask < len(turn.state.asks) else ""


def _at(codes: tuple[str, ...], option: int) -> str | None:
    return codes[option] if 0 <= option < len(codes) else None
