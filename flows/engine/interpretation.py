"""Interpret a reply under a question: words by the kind of the question, taps by the place of the button."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, assert_never

from flows.engine.compiled import AGREE, KEEP, ChoiceButton, Control
from flows.engine.effects import AnswerStatus, PromptKind
from flows.engine.prompts import LONG_TEXT, bounds
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.inquiries.reading import is_a_question_back
from flows.parsing.absences import begins_as_absence
from flows.parsing.answers import (
    BandText,
    ChoiceText,
    ExpectedDate,
    ExpectedNumber,
    RatingScale,
    ReadReply,
    ShortcutText,
    UnreadReply,
    exact_choice,
    find_shortcut,
    read_back,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_scale,
    read_text,
    read_yes_no,
)
from flows.parsing.commands import global_word
from flows.parsing.dates.day_rules import shortcut_day
from flows.parsing.language_names import asked_language
from flows.parsing.politeness import is_half_a_yes, plainly
from flows.parsing.substance import (
    Substance,
    has_substance,
    names_no_medicine,
    says_nothing,
    substance_of,
)
from flows.parsing.vocabulary import vocabulary
from flows.script.model import (
    AskConsent,
    AskDate,
    AskText,
    Confirm,
    End,
    Number,
    Scale,
    SelectMany,
    SelectOne,
)
from flows.script.roles import QuestionTopic
from flows.text.emoji import emoji_alone, without_emoji
from flows.text.folding import fold, fold_label


class Interpretation(NamedTuple):
    """Hold what a reply means: a value as an answer keeps it, or a `control` ('Skip', 'Done'), which is no answer.

    `note` is a sentence to send before the conversation goes on, such as that long words were kept whole. `status`
    says of a question for a story that none was told; there is no value then. `remark` are words that tell more than
    the choice that was read out of them; '' for none.
    """

    value: Any
    control: Control | None = None
    note: Sentence | None = None
    status: AnswerStatus = AnswerStatus.ANSWERED
    remark: str = ""
    number: int | None = None
    """The number that was typed, where the value is its band."""


def plain_meaning(turn: Turn, waiting: Waiting, text: str) -> Interpretation | None:
    """Return what a reply means that is a label of the open question, its number, or a plain yes or no.

    It comes from a table that is worked out once for each question and language, by the same readers: nothing else may
    read such a reply, and it means the same whoever types it. None for all other replies, and wherever a question has
    no such table: they must be read.
    """
    node, state = waiting.context.node, turn.state
    if state.aside is not None or state.care is not None or waiting.ask != state.open or waiting.probe:
        return None
    is_closed = node.kind in _CLOSED or (isinstance(node.question, Number) and bool(node.question.bands))
    if not is_closed or waiting.buttons is not node.buttons_by_language.get(state.language):
        return None  # its buttons depend on answers or facts, or are those of an earlier message
    table = node.plain_replies.get(state.language)
    if table is None:
        table = node.plain_replies[state.language] = _plain_replies(turn, waiting)
    return table.get(text.strip().lower())


def _plain_replies(turn: Turn, waiting: Waiting) -> Mapping[str, Interpretation]:
    """Work out the table of `plain_meaning`: what the question's labels, their numbers, yes and no mean, lower-case."""
    language, choice_buttons = turn.state.language, waiting.buttons.all
    known = vocabulary(language)
    labels = (word for button in choice_buttons for word in (button.label, *button.aliases))
    numbers = map(str, range(len(choice_buttons) + 1))
    candidates = {word.strip().lower() for word in (*labels, *numbers, *known.yes, *known.no)}
    read = {
        word: _plainly_meant(turn, waiting, word) for word in candidates if not is_doubtful(waiting, word)
    }
    return {word: meant for word, meant in read.items() if meant is not None}


def _plainly_meant(turn: Turn, waiting: Waiting, word: str) -> Interpretation | None:
    """Return what a word means under a question; None if something else may read it, or it is no plain choice."""
    if asked_language(word) or global_word(word, turn.state.language) or begins_as_absence(word):
        return None
    meant = meaning_of_text(turn, waiting, word)
    if isinstance(meant, UnreadReply) or meant.control is not None or meant.note or meant.remark:
        return None
    return meant if meant.number is None else None


_CLOSED: Final = frozenset({PromptKind.CONSENT, PromptKind.CONFIRM, PromptKind.SELECT_ONE, PromptKind.SCALE})
"""The kinds of question to which a label, a number, yes or no is an answer, the same at any time."""


def meaning_of_text(turn: Turn, waiting: Waiting, text: str) -> Interpretation | UnreadReply:
    """Return what typed words mean under a question, or an `UnreadReply`, which says what would do instead."""
    if waiting.probe:
        return _told(waiting, _meant(read_text(text)), text)
    control = _control_named(waiting, text)
    meant = _meant(_read(turn, waiting, text)) if control is None else Interpretation(None, control)
    seen = emoji_alone(text)
    if seen is not None and _binds(turn, waiting, meant):
        return UnreadReply(Sentence.EMOJI_ALONE, {"seen": seen})
    if waiting.slot == turn.open_slot and turn.state.doubted != waiting.ask and is_doubtful(waiting, text):
        return UnreadReply(Sentence.HALF_A_YES, uncertain=True)
    return _told(waiting, meant, text) if _asks_for_story(waiting) else meant


def is_doubtful(waiting: Waiting, text: str) -> bool:
    """Return whether words under a consent are half a yes: 'ok', 'if I must'. Its own label never is."""
    if not isinstance(waiting.context.node.question, AskConsent):
        return False
    return not is_a_label(waiting, text) and is_half_a_yes(text, waiting.language)


def _asks_for_story(waiting: Waiting) -> bool:
    """Return whether a question asks for a story: for own words, and not for a name or another short text.

    What befell somebody beside a medicine is a story, however short.
    """
    question = waiting.context.node.question
    if not isinstance(question, AskText) or question.personal:
        return False
    return question.max_length > LONG_TEXT or question.about is QuestionTopic.MEDICINE


_NO_STORY: Final = {
    Substance.NOTHING: AnswerStatus.NONE,
    Substance.UNKNOWN: AnswerStatus.UNKNOWN,
    Substance.THANKS: AnswerStatus.NONE,
    Substance.EMOJI: AnswerStatus.NONE,
    Substance.NUMBER: AnswerStatus.NONE,
    Substance.DOTS: AnswerStatus.NONE,
}
"""What becomes of a question for a story by words that are none."""


def _told(waiting: Waiting, meant: Interpretation | UnreadReply, text: str) -> Interpretation | UnreadReply:
    """Return what own words mean under a question for a story: as they were read, or that nothing was told.

    A question back tells no story, and is a remark. That no medicine is meant ends a question about one.
    """
    if isinstance(meant, UnreadReply) or any(one.code == meant.value for one in waiting.buttons.all):
        return meant
    question = waiting.context.node.question
    about_medicine = question is not None and question.about is QuestionTopic.MEDICINE
    if about_medicine and names_no_medicine(text, waiting.language):
        return Interpretation(None, note=Sentence.SAFETY_CLOSED, status=AnswerStatus.NONE)
    substance = substance_of(text, waiting.language)
    if substance is Substance.QUESTION and is_a_question_back(text, waiting.language):
        remark = text if has_substance(text, waiting.language) else ""
        note = None if remark else Sentence.THAT_IS_FINE
        return Interpretation(None, note=note, status=AnswerStatus.UNKNOWN, remark=remark)
    status = _NO_STORY.get(substance)
    if about_medicine and substance is Substance.NUMBER:  # a temperature, or how many were taken
        return meant
    return meant if status is None else Interpretation(None, note=Sentence.THAT_IS_FINE, status=status)


def _binds(turn: Turn, waiting: Waiting, meant: Interpretation | UnreadReply) -> bool:
    """Return whether a reply would bind somebody or end the conversation.

    So it does under a consent and what a script calls binding, and where it is a choice that leads to an end. An emoji
    alone is too little for that: it is sent by a slip, and says thanks as often as yes.
    """
    node = waiting.context.node
    question = node.question
    if isinstance(question, AskConsent) or (isinstance(question, SelectOne) and question.binding):
        return True
    if isinstance(meant, UnreadReply) or not isinstance(meant.value, str):
        return False
    target = node.targets.get(meant.value)
    return target is not None and isinstance(turn.compiled.nodes[target].step, End)


def meaning_of_tap(turn: Turn, waiting: Waiting, option: int) -> Interpretation | None:
    """Return what a tap on the button at place `option` means; None where the question has no such button now."""
    choice_buttons = waiting.buttons.all
    button = choice_buttons[option] if 0 <= option < len(choice_buttons) else None
    if button is None or _keeps_no_more(waiting, button.code):
        return None
    if button.control is not None:
        return Interpretation(None, button.control)
    return Interpretation(value_of(turn, waiting, button))


def _keeps_no_more(waiting: Waiting, code: str) -> bool:
    """Return whether a code is that of 'keep it as it is', and the pick that it was offered for was changed since."""
    question, label = waiting.context.node.question, waiting.context.pick_to_keep()
    if code != KEEP or not isinstance(question, AskText) or question.keeps_pick is None:
        return False  # an author's choice may be called so, too
    names_it = label is not None and re.search(rf"{re.escape(label)}(?! ?\w)", waiting.text)
    return label is None or not (names_it or waiting.text == waiting.scripted_text)


def value_of(turn: Turn, waiting: Waiting, button: ChoiceButton) -> Any:
    """Return the value that an answer keeps for a choice: its code, or what the question's kind makes of that.

    An integer for a point of a scale, an ISO date for a shortcut, True (yes) or False for a consent or a `confirm`.
    """
    match waiting.context.node.question:
        case Scale():
            return int(button.code)
        case AskConsent() | Confirm():
            return button.code == AGREE
        case Number(taps=True) if button.code.isdecimal():
            return int(button.code)
        case AskDate(shortcuts=shortcuts):
            day = next(shortcut.date for shortcut in shortcuts if shortcut.code == button.code)
            return shortcut_day(day, turn.today).isoformat()
        case _:
            return button.code


def problem_with_picks(waiting: Waiting, picks: tuple[str, ...]) -> UnreadReply | None:
    """Return why a set of picked codes cannot stand: too many, too few, or two that exclude each other.

    None where it can, and under a question that is no select_many.
    """
    question = waiting.context.node.question
    if not isinstance(question, SelectMany):
        return None
    alone = next(
        (button for button in waiting.buttons.all if button.exclusive and button.code in picks), None
    )
    if alone is not None and len(picks) > 1:
        return UnreadReply(Sentence.PICKS_DISAGREE, {"label": alone.label})
    if question.max is not None and len(picks) > question.max:
        return UnreadReply(Sentence.TOO_MANY_PICKS, {"max": question.max})
    if len(picks) < question.min and alone is None:
        return UnreadReply(Sentence.TOO_FEW_PICKS, {"min": question.min})
    return None


def problem_with_day(waiting: Waiting, day: date, today: date) -> UnreadReply | None:
    """Return why a day cannot stand as the answer: it is too early or too late; None where it can.

    The question's bounds are counted from `today`. None too under a question that asks for no date.
    """
    question = waiting.context.node.question
    if not isinstance(question, AskDate):
        return None
    earliest, latest = bounds(question, today)
    if earliest is not None and day < earliest:
        return UnreadReply(Sentence.DATE_TOO_EARLY, {"earliest": earliest})
    if latest is not None and day > latest:
        return UnreadReply(Sentence.DATE_TOO_LATE, {"latest": latest})
    return None


def toggled(waiting: Waiting, picks: tuple[str, ...], code: str) -> tuple[str, ...]:
    """Return the picked codes after a tap on `code`, which ticks or unticks it, in the order of the buttons.

    An exclusive choice stands alone: ticking it drops the others, and ticking another drops it.
    """
    if code in picks:
        return tuple(pick for pick in picks if pick != code)
    exclusive = {button.code for button in waiting.buttons.all if button.exclusive}
    if code in exclusive:
        return (code,)
    kept = {*picks, code} - exclusive
    return tuple(button.code for button in waiting.buttons.all if button.code in kept)


def is_a_label(waiting: Waiting, text: str) -> bool:
    """Return whether typed words are exactly the label of one of the question's choices, or of 'Done': no command then.

    Words of courtesy around it do not count.
    """
    if waiting.probe:
        return False
    if any(
        one.control is Control.DONE and fold(text) == fold_label(one.label) for one in waiting.buttons.all
    ):
        return True
    if not waiting.buttons.texts:
        return False
    plain = plainly(text)
    texts = (text,) if plain is None else (text, plain)
    return any(exact_choice(typed, waiting.buttons.texts) is not None for typed in texts)


def _meant(reading: ReadReply | UnreadReply) -> Interpretation | UnreadReply:
    """Return a reading as an interpretation; a date becomes an ISO date."""
    if isinstance(reading, UnreadReply):
        return reading
    value = reading.value.isoformat() if isinstance(reading.value, date) else reading.value
    return Interpretation(value, note=reading.note, remark=reading.remark, number=reading.number)


def _control_named(waiting: Waiting, text: str) -> Control | None:
    """Return the control whose label was typed; None where none was. It has no number: nobody skips by a '5'."""
    controls = [button for button in waiting.buttons.all if button.control is not None]
    key = fold(without_emoji(text)) if controls else ""
    return next((button.control for button in controls if key == fold_label(button.label)), None)


def _read(turn: Turn, waiting: Waiting, text: str) -> ReadReply | UnreadReply:
    """Read words by the kind of the question, with what it allows."""
    question, language = waiting.context.node.question, waiting.language
    match question:
        case AskConsent():
            reading = read_yes_no(text, agree=question.agree, decline=question.decline, language=language)
        case Confirm():
            reading = read_back(text, agree=question.agree, change=question.change, language=language)
        case SelectOne():
            reading = _read_one(text, question, waiting)
        case SelectMany():
            reading = read_choices(
                text, waiting.buttons.texts, language, least=question.min, most=question.max
            )
        case Scale():
            reading = _read_scale(text, question, language)
        case Number():
            reading = _read_number(turn, text, question, waiting)
        case AskDate():
            reading = _read_date(turn, text, question, language)
        case AskText():
            reading = _read_words(waiting, text)
        case None:
            reading = UnreadReply(Sentence.UNREAD_TEXT)
        case _:
            assert_never(question)
    return reading


def _read_one(text: str, question: SelectOne, waiting: Waiting) -> ReadReply | UnreadReply:
    """Read words as one of the choices.

    Where a choice binds somebody, or where other words are their own, nothing may stand behind it. Under a question
    about a medicine all words for none, and for nothing, are the choice that says so.
    """
    reading = read_choice(text, waiting.buttons.texts, waiting.language)
    if isinstance(reading, UnreadReply) and question.about is QuestionTopic.MEDICINE:
        called = _called(waiting, text, names_no_medicine) or _called(waiting, text, says_nothing)
        return reading if called is None else ReadReply(called.code)
    is_whole = isinstance(reading, UnreadReply) or not reading.remark
    if is_whole or not (question.binding or question.own_words is not None):
        return reading
    return UnreadReply(Sentence.UNREAD_CHOICE)


def _read_scale(text: str, question: Scale, language: str) -> ReadReply | UnreadReply:
    """Read words as a point of a scale."""
    scale = RatingScale(question.low, question.high, question.low_label, question.high_label)
    return read_scale(text, language, scale)


def _read_number(turn: Turn, text: str, question: Number, waiting: Waiting) -> ReadReply | UnreadReply:
    """Read words as a number, or as one of the bands that stand for a range."""
    bands = tuple(
        BandText(band.code, band.label, band.low, band.high, band.aliases) for band in question.bands
    )
    expected = ExpectedNumber(
        question.min,
        waiting.context.most(),
        question.whole,
        bands,
        question.unit,
        keeps=question.keeps_number is not None,
        years_by=None if question.counts is None else turn.today,
        taps=question.taps,
    )
    return read_number(text, waiting.language, expected)


def _read_date(turn: Turn, text: str, question: AskDate, language: str) -> ReadReply | UnreadReply:
    """Read words as a day within the question's bounds, or as one of its shortcuts."""
    earliest, latest = bounds(question, turn.today)
    shortcuts = tuple(ShortcutText(shortcut.label, shortcut.date) for shortcut in question.shortcuts)
    return read_date(text, language, today=turn.today, expected=ExpectedDate(earliest, latest, shortcuts))


def _called(waiting: Waiting, text: str, says: Callable[[str, str], bool]) -> ChoiceText | None:
    """Return the only choice that is called something which words of a language say, where the text says it too.

    None where the text does not, or several choices or none are called so.
    """
    language = waiting.language
    if not waiting.buttons.texts or not says(text, language):
        return None
    called = [
        choice
        for choice in waiting.buttons.texts
        if any(says(name, language) for name in (choice.label, *choice.aliases))
    ]
    return called[0] if len(called) == 1 else None


def _agrees(text: str, label: str, language: str) -> bool:
    """Return whether words say yes, and nothing else, to what the button with this label offers."""
    reading = read_yes_no(text, agree=label, decline="", language=language)
    return isinstance(reading, ReadReply) and reading.value is True


def _read_words(waiting: Waiting, text: str) -> ReadReply | UnreadReply:
    """Read the participant's own words, or a shortcut by its label, its emoji, or its number and nothing else."""
    question = waiting.context.node.question
    assert isinstance(question, AskText)
    code = _shortcut(waiting, question, text)
    if code is None:
        return read_text(text, least=question.min_length, most=question.max_length)
    return UnreadReply(Sentence.UNREAD_TEXT) if _keeps_no_more(waiting, code) else ReadReply(code)


def _shortcut(waiting: Waiting, question: AskText, text: str) -> str | None:
    """Return the code of the shortcut under a text question that words name; None where they name none."""
    offered = [button for button in waiting.buttons.all if button.control is None]
    if not offered:
        return None
    named = find_shortcut(text, waiting.buttons.texts, waiting.language)
    if picked := named or _called(waiting, text, says_nothing):
        return picked.code
    if question.keeps_pick and offered[0].code == KEEP and _agrees(text, offered[0].label, waiting.language):
        return KEEP
    key = fold(without_emoji(text))
    is_place = key.isdecimal() and len(key) == 1 and 1 <= int(key) <= len(offered)
    return offered[int(key) - 1].code if is_place else None
