"""Put a question as a message: its buttons and what they mean, its text, and its progress."""

from datetime import date, timedelta
from functools import lru_cache

from flows.engine.compiled import Buttons, ChoiceButton, CompiledStep, Control, choice_texts
from flows.engine.context import EvaluationContext
from flows.engine.effects import Option, Prompt, PromptKind
from flows.i18n.say import Sentence, say
from flows.script.model import AskDate, AskText, Promote, Scale, SelectMany, SelectOne

LONG_TEXT = 200
"""In characters: a question that takes longer answers is offered a form, where a channel has one."""


def buttons(context: EvaluationContext) -> Buttons:
    """Return the buttons of the question as they are now, with its controls, and how they are shown."""
    node, language = context.node, context.state.language
    if node.offers is None:
        return _with_controls(node, _offers_here(context), language)
    known = node.buttons_by_language.get(language)
    if known is None:
        known = node.buttons_by_language[language] = _with_controls(node, node.offers, language)
    return known


def buttons_then(context: EvaluationContext, codes: tuple[str, ...] | None) -> Buttons:
    """Return the buttons as they were when the question was put.

    `codes` are those kept with it; None where the buttons cannot have changed.
    """
    if codes is None:
        return buttons(context)
    known = {
        offer.code: offer
        for offer in _with_controls(context.node, _every_offer(context), context.state.language).offers
    }
    offers = tuple(known[code] for code in codes if code in known)
    return Buttons(offers, _options(offers), choice_texts(offers))


@lru_cache(maxsize=64)
def probe_buttons(language: str) -> Buttons:
    """Return the button under a follow-up question: it may be left out."""
    offers = (ChoiceButton(Control.SKIP, say(Sentence.BUTTON_SKIP, language), Control.SKIP),)
    return Buttons(offers, _options(offers), ())


def codes_to_keep(context: EvaluationContext, offers: tuple[ChoiceButton, ...]) -> tuple[str, ...] | None:
    """Return the codes of the buttons where conditions could show others later; None where they cannot."""
    if any(choice.when for choice in context.node.choices):
        return tuple(offer.code for offer in offers)
    return None


def prompt_of(
    context: EvaluationContext,
    ask: int,
    shown: Buttons,
    *,
    picks: tuple[str, ...] = (),
    within: tuple[date | None, date | None] = (None, None),
) -> Prompt:
    """Return the question as a message.

    `picks` are the codes that are ticked, `within` the first and the last day of a date.
    """
    counted = context.state.counted
    question = context.node.question
    assert question is not None
    return Prompt(
        text=context.text(question.text),
        kind=context.node.kind,
        ask=ask,
        options=_ticked(shown, picks) if picks else shown.options,
        max_picks=question.max if isinstance(question, SelectMany) else None,
        progress=counted[1:] if counted is not None and counted[0] == ask else None,
        low_label=question.low_label if isinstance(question, Scale) else None,
        high_label=question.high_label if isinstance(question, Scale) else None,
        earliest=within[0],
        latest=within[1],
        long_text=isinstance(question, AskText) and question.max_length > LONG_TEXT,
        language=context.state.language,
    )


def probe_prompt(context: EvaluationContext, ask: int, shown: Buttons) -> Prompt:
    """Return the follow-up question of the question as a message."""
    probe, language = context.node.probe, context.state.language
    assert probe is not None
    text = context.text(probe.text)
    return Prompt(text, PromptKind.TEXT, ask, options=shown.options, long_text=True, language=language)


def bounds(question: AskDate, today: date) -> tuple[date | None, date | None]:
    """Return the first and the last day that may be given; None is open."""
    earliest = None if question.earliest_days is None else today + timedelta(days=question.earliest_days)
    latest = None if question.latest_days is None else today + timedelta(days=question.latest_days)
    return earliest, latest


@lru_cache(maxsize=4096)
def _with_controls(node: CompiledStep, offers: tuple[ChoiceButton, ...], language: str) -> Buttons:
    """Return buttons with the controls of the question: 'Skip' where it is not required, 'Done' for select_many."""
    question = node.question
    assert question is not None
    controls = []
    if not question.required:
        controls.append(ChoiceButton(Control.SKIP, say(Sentence.BUTTON_SKIP, language), Control.SKIP))
    if node.kind is PromptKind.SELECT_MANY:
        controls.append(ChoiceButton(Control.DONE, say(Sentence.BUTTON_DONE, language), Control.DONE))
    every = (*offers, *controls)
    return Buttons(every, _options(every), choice_texts(every))


def _options(offers: tuple[ChoiceButton, ...]) -> tuple[Option, ...]:
    """Return buttons as they are shown."""
    return tuple(Option(offer.label, control=offer.control is not None) for offer in offers)


def _offers_here(context: EvaluationContext) -> tuple[ChoiceButton, ...]:
    """Return the choices whose conditions hold, those that were picked in an earlier conversation first."""
    hidden = {
        choice.code for choice in context.node.choices if choice.when and not context.holds(choice.when)
    }
    return tuple(offer for offer in _every_offer(context) if offer.code not in hidden)


def _promoted(offers: list[ChoiceButton], promote: Promote, context: EvaluationContext) -> list[ChoiceButton]:
    """Return the choices with those that `promote` names first, and marked."""
    codes = context.at(promote.codes, "")
    earlier = set(codes) if isinstance(codes, list) else {codes}
    mark = context.text(promote.mark)
    first = [_marked(offer, mark) for offer in offers if offer.code in earlier]
    return first + [offer for offer in offers if offer.code not in earlier]


def _marked(offer: ChoiceButton, mark: str) -> ChoiceButton:
    """Return the choice with the mark; the label without it is still understood when typed."""
    return offer._replace(label=f"{offer.label} ({mark})", aliases=(offer.label, *offer.aliases))


def _ticked(shown: Buttons, picks: tuple[str, ...]) -> tuple[Option, ...]:
    """Return the options with the picks ticked."""
    return tuple(
        Option(option.label, offer.code in picks, option.control)
        for offer, option in zip(shown.offers, shown.options, strict=True)
    )


def _every_offer(context: EvaluationContext) -> tuple[ChoiceButton, ...]:
    """Return the choices of the question whatever their conditions, promoted ones first."""
    question = context.node.question
    offers = context.all_offers(context.node)
    if isinstance(question, SelectOne | SelectMany) and question.promote:
        offers = _promoted(offers, question.promote, context)
    return tuple(offers)
