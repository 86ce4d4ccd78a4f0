"""Put a question as a message: its buttons and what they mean, its text, and its progress.

What a turn says in a row becomes one message.
"""

from datetime import date, timedelta
from functools import lru_cache

from msgspec.structs import replace

from flows.engine.compiled import AGREE, CHANGE, DECLINE, KEEP, Buttons, ChoiceButton, CompiledStep, Control
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    Effect,
    Option,
    Prompt,
    PromptKind,
    RecordConsent,
    Refresh,
    SendMessage,
    Toast,
)
from flows.i18n.say import Sentence, say
from flows.parsing.choices import ChoiceText
from flows.script.model import AskDate, AskText, Number, Promote, Scale, SelectMany, SelectOne
from flows.script.question_parts import taps_of

LONG_TEXT = 200
"""In characters: a question that takes longer answers is offered a form, where a channel has one."""


def buttons(context: EvaluationContext) -> Buttons:
    """Return the buttons of the question at `context`, 'Skip' and 'Done' included, as conditions and facts are now."""
    node, language = context.node, context.state.language
    if node.fixed_buttons is None:
        return _with_controls(node, _buttons_here(context), language)
    known = node.buttons_by_language.get(language)
    if known is None:
        known = node.buttons_by_language[language] = _with_controls(node, node.fixed_buttons, language)
    return known


def buttons_then(context: EvaluationContext, codes: tuple[str, ...] | None) -> Buttons:
    """Return the buttons of the question at `context` as they were when it was put, so that old taps mean the same.

    `codes` are those kept with it; None where the buttons cannot have changed.
    """
    if codes is None:
        return buttons(context)
    known = {
        button.code: button
        for button in _with_controls(context.node, _every_button(context), context.state.language).all
    }
    choice_buttons = tuple(known[code] for code in codes if code in known)
    return Buttons(choice_buttons, _options(choice_buttons), choice_texts(choice_buttons))


@lru_cache(maxsize=64)
def probe_buttons(language: str) -> Buttons:
    """Return the buttons under a probe, in this language: 'Skip' alone, for a probe may always be left out."""
    choice_buttons = (ChoiceButton(Control.SKIP, say(Sentence.BUTTON_SKIP, language), Control.SKIP),)
    return Buttons(choice_buttons, _options(choice_buttons), ())


def codes_to_keep(
    context: EvaluationContext, choice_buttons: tuple[ChoiceButton, ...]
) -> tuple[str, ...] | None:
    """Return the codes of a question's buttons, to be kept with it for later taps.

    None where no answer decides which are there: the buttons are then the same later.
    """
    if context.node.changes_buttons:
        return tuple(button.code for button in choice_buttons)
    return None


def prompt_of(
    context: EvaluationContext,
    ask: int,
    shown: Buttons,
    *,
    picks: tuple[str, ...] = (),
    within: tuple[date | None, date | None] = (None, None),
) -> Prompt:
    """Return the question at `context` as a message, under the number `ask` and with the buttons `shown`.

    `picks` are the codes that are ticked, `within` the first and the last day of a date.
    """
    counted = context.state.counted
    question = context.node.question
    assert question is not None
    return Prompt(
        text=context.asked_text(),
        kind=context.node.kind,
        ask=ask,
        options=() if _keeps_nothing(context, shown) else _ticked(shown, picks) if picks else shown.options,
        max_picks=question.max if isinstance(question, SelectMany) else None,
        progress=counted[1:] if counted is not None and counted[0] == ask else None,
        low_label=question.low_label if isinstance(question, Scale) else None,
        high_label=question.high_label if isinstance(question, Scale) else None,
        earliest=within[0],
        latest=within[1],
        long_text=isinstance(question, AskText) and question.max_length > LONG_TEXT,
        language=context.state.language,
    )


def _keeps_nothing(context: EvaluationContext, shown: Buttons) -> bool:
    """Return whether the only button would keep a pick that is gone since the question was put.

    Beside others it stays where it is, so that their taps mean the same; a tap on it is told that it is over.
    """
    alone = len(shown.all) == 1 and shown.all[0].code == KEEP
    question = context.node.question
    is_ours = alone and isinstance(question, AskText) and question.keeps_pick is not None
    return is_ours and not context.offers_pick()


def probe_prompt(context: EvaluationContext, ask: int, shown: Buttons) -> Prompt:
    """Return the probe of the question at `context` as a message numbered `ask`, with the buttons `shown`."""
    text, language = context.probe_text(), context.state.language
    return Prompt(text, PromptKind.TEXT, ask, options=shown.options, long_text=True, language=language)


def bounds(question: AskDate, today: date) -> tuple[date | None, date | None]:
    """Return the first and the last day that a question for a date takes, from `today` on; None for an open end."""
    earliest = None if question.earliest_days is None else today + timedelta(days=question.earliest_days)
    latest = None if question.latest_days is None else today + timedelta(days=question.latest_days)
    return earliest, latest


def join_messages(effects: list[Effect]) -> tuple[Effect, ...]:
    """Return the effects of a turn with what is said in a row as one message, at the place of the last.

    Words that lead to a question become its `lead`; words alone are joined by blank lines. A question ends its message.
    Crisis help stands alone, and nothing is joined across what the bot itself shows in between (see `_STANDS_BETWEEN`).
    """
    if [type(effect) for effect in effects].count(SendMessage) < MOST_ALONE:
        return tuple(effects)
    joined: list[Effect] = []
    said: int | None = None  # the place of what is said, in `joined`
    for effect in effects:
        if isinstance(effect, SendMessage):
            if said is not None and not effect.is_help:
                before = joined.pop(said)
                assert isinstance(before, SendMessage)
                effect = SendMessage(_after(before.prompt, effect.prompt))  # noqa: PLW2901
            said = len(joined) if effect.prompt.ask is None and not effect.is_help else None
        elif isinstance(effect, _STANDS_BETWEEN):
            said = None
        joined.append(effect)
    return tuple(joined)


MOST_ALONE = 2
"""Messages that a turn must have for there to be something to join."""
_STANDS_BETWEEN = (Toast, Refresh, RecordConsent)
"""What may show something to the person there, other than a message of the engine's: its order is kept."""


def _after(said: Prompt, prompt: Prompt) -> Prompt:
    """Return a message with the words of the one before it in front."""
    if prompt.ask is None:
        return replace(prompt, text=f"{said.text}\n\n{prompt.text}")
    return replace(prompt, lead=said.text)


@lru_cache(maxsize=4096)
def _with_controls(node: CompiledStep, choice_buttons: tuple[ChoiceButton, ...], language: str) -> Buttons:
    """Return buttons with the controls of the question: 'Skip' where it is not required, 'Done' for select_many."""
    question = node.question
    assert question is not None
    controls = []
    if not question.required:
        controls.append(ChoiceButton(Control.SKIP, say(Sentence.BUTTON_SKIP, language), Control.SKIP))
    if node.kind is PromptKind.SELECT_MANY:
        controls.append(ChoiceButton(Control.DONE, say(Sentence.BUTTON_DONE, language), Control.DONE))
    every = (*choice_buttons, *controls)
    return Buttons(every, _options(every), choice_texts(every))


def choice_texts(choice_buttons: tuple[ChoiceButton, ...]) -> tuple[ChoiceText, ...]:
    """Return the choices among buttons with all the words that typed replies are compared with; controls are left out.

    Those of a consent or a `confirm` also say whether they mean yes or no; no author's choice with such a code does.
    """
    known = {AGREE: True, DECLINE: False, CHANGE: False}
    meanings = known if {one.code for one in choice_buttons if one.control is None} <= set(known) else {}
    return tuple(
        ChoiceText(one.code, one.label, one.aliases, one.exclusive, meanings.get(one.code), bool(one.about))
        for one in choice_buttons
        if one.control is None
    )


def _options(choice_buttons: tuple[ChoiceButton, ...]) -> tuple[Option, ...]:
    """Return buttons as they are shown."""
    return tuple(Option(button.label, control=button.control is not None) for button in choice_buttons)


def _buttons_here(context: EvaluationContext) -> tuple[ChoiceButton, ...]:
    """Return the choices whose conditions hold, those that were picked in an earlier conversation first."""
    hidden = {
        choice.code for choice in context.node.choices if choice.when and not context.holds(choice.when)
    }
    match context.node.question:
        case AskText() if not context.offers_pick():
            hidden.add(KEEP)
        case Number(no_more_than=str()) as number:
            most = context.most()
            hidden |= {str(tap) for tap in taps_of(number) if most is not None and tap > most}
        case _:
            pass
    return tuple(button for button in _every_button(context) if button.code not in hidden)


def _promoted(
    choice_buttons: list[ChoiceButton], promote: Promote, context: EvaluationContext
) -> list[ChoiceButton]:
    """Return the choices with those that `promote` names first, and marked; never one that excludes the others."""
    codes = context.at(promote.codes, "")
    alone = {button.code for button in choice_buttons if button.exclusive}
    earlier = (set(codes) if isinstance(codes, list) else {codes}) - alone
    mark = context.text(promote.mark)
    first = [_marked(button, mark) for button in choice_buttons if button.code in earlier]
    return first + [button for button in choice_buttons if button.code not in earlier]


def _marked(button: ChoiceButton, mark: str) -> ChoiceButton:
    """Return the choice with the mark; the label without it is still understood when typed."""
    return button._replace(label=f"{button.label} ({mark})", aliases=(button.label, *button.aliases))


def _ticked(shown: Buttons, picks: tuple[str, ...]) -> tuple[Option, ...]:
    """Return the options with the picks ticked."""
    return tuple(
        Option(option.label, button.code in picks, option.control)
        for button, option in zip(shown.all, shown.options, strict=True)
    )


def _every_button(context: EvaluationContext) -> tuple[ChoiceButton, ...]:
    """Return the choices of the question whatever their conditions: rotated, promoted ones first."""
    question = context.node.question
    choice_buttons = context.rotated(context.all_buttons(context.node))
    if isinstance(question, SelectOne | SelectMany) and question.promote:
        choice_buttons = _promoted(choice_buttons, question.promote, context)
    return tuple(choice_buttons)
