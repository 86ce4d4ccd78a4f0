"""Turn a `Prompt` into what Telegram shows: texts and rows of buttons. Pure; no markup is put in or taken from words.

Telegram counts a text's length in UTF-16 units, 4096 at most. A long text goes out in parts, the buttons
under the last.
"""

import unicodedata
from dataclasses import dataclass
from itertools import takewhile

from bot.channels.base import MessageRejected, Outbound, button_payload
from flows.engine.effects import CHANGE_OPTION, CHOSEN_OPTION, Option, Prompt, PromptKind, Trace
from flows.i18n.say import Sentence, say

MAX_TEXT = 4096
"""UTF-16 units of one message. Telegram Bot API, sendMessage."""
MAX_PAYLOAD = 64
"""Bytes behind a button. Telegram Bot API, InlineKeyboardButton.callback_data."""
MAX_BUTTONS = 100
"""Buttons under one message; more are refused by Telegram."""
LONG_LABEL = 40
"""Characters that a telephone shows of a button; a longer label stands in the text, and its button has its
start.
"""
ROW_WIDTH = 32
"""Characters that fit in a row beside one another, with room for the buttons' edges."""
MAX_COLUMNS = 3
SCALE_COLUMNS = 8
"""A scale stays in one row up to this many steps (Telegram's limit for a row), so that its ends face each
other.
"""

TAP_COLUMNS = 6
"""Numbers from 0 to 10 stand in two rows."""

CHOSEN = "\u2713 "
"""Stands before what was chosen, once the question is answered."""
PICKED = "[x] "
UNPICKED = "[ ] "
"""Marks of a choice that toggles: letters and brackets, which every screen reader says and no colour carries.
"""


@dataclass(frozen=True, slots=True)
class InlineButton:
    """A button under a message: what it says (`label`), and what comes back when it is tapped (`payload`)."""

    label: str
    payload: str


ButtonRows = tuple[tuple[InlineButton, ...], ...]


@dataclass(frozen=True, slots=True)
class MessagePart:
    """One Telegram message to send; `rows` are the buttons under it, none but under the last part of a long text."""

    text: str
    rows: ButtonRows = ()


def to_parts(message: Outbound) -> tuple[MessagePart, ...]:
    """Turn an outgoing message into the Telegram messages that show it, in order; only the last has buttons.

    Raises:
        MessageRejected: Telegram would refuse a button's payload.
    """
    prompt = message.prompt
    texts = _texts(prompt, _question_text(prompt, tappable=_tappable(message)))
    rows = to_rows(message)
    return (*(MessagePart(text) for text in texts[:-1]), MessagePart(texts[-1], rows))


def to_rows(message: Outbound) -> ButtonRows:
    """Arrange the buttons of a message in rows: the choices, and below them Done, Skip and the like.

    There are no rows where there is no conversation or question for them to name, or more buttons than Telegram takes.
    """
    if not _tappable(message):
        return ()
    options = message.prompt.options
    buttons = [_button(message, place) for place in range(len(options))]
    choices = [button for button, option in zip(buttons, options, strict=True) if not option.control]
    controls = [button for button, option in zip(buttons, options, strict=True) if option.control]
    taps = _number_taps(message.prompt)
    rows = _in_rows(choices[:taps], TAP_COLUMNS) + _in_rows(
        choices[taps:], _columns(message.prompt, choices[taps:])
    )
    return rows + _in_rows(controls, _fitting(controls))


def _number_taps(prompt: Prompt) -> int:
    """Count the numbers that a question for a number offers first: they are short, and stand side by side."""
    if prompt.kind is not PromptKind.NUMBER:
        return 0
    labels = takewhile(lambda option: not option.control and option.label.isdecimal(), prompt.options)
    count = sum(1 for _ in labels)
    return count if count > MAX_COLUMNS else 0


def trace_rows(message: Outbound, trace: Trace) -> ButtonRows:
    """Arrange what was chosen under an answered question in rows, with 'Change' below; no rows for an empty trace.

    Of more choices than Telegram takes buttons, the first are shown.
    """
    prompt = message.prompt
    if message.conversation is None or prompt.ask is None or not (trace.chosen or trace.change):
        return ()
    chosen = button_payload(message.conversation, prompt.ask, CHOSEN_OPTION)
    change = button_payload(message.conversation, prompt.ask, CHANGE_OPTION)
    rows = [(InlineButton(CHOSEN + _cut_label(label), chosen),) for label in trace.chosen[: MAX_BUTTONS - 1]]
    if trace.change:
        rows.append((InlineButton(say(Sentence.BUTTON_CHANGE, trace.language), change),))
    return tuple(rows)


def units(text: str) -> int:
    """Count a text's length as Telegram does, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split_text(text: str, limit: int = MAX_TEXT) -> tuple[str, ...]:
    """Cut a text into parts of at most `limit` UTF-16 units: at paragraphs if they fit, else lines, sentences, words.

    White space at a cut is left out. Only a word that is longer than a part is cut, and then between whole
    characters as people see them. At least one part comes back, the text itself where it fits.
    """
    parts = []
    rest = text
    while units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(part for part in (*parts, rest) if part) or (text[:limit],)


def _cut(text: str, limit: int) -> int:
    """Find where the first part ends: after the best boundary in its second half, else as far as it goes."""
    furthest = _reach(text, limit)
    for boundary in ("\n\n", "\n", ". ", "? ", "! ", "\u3002", " "):
        at = text.rfind(boundary, furthest // 2, furthest)
        if at > 0:
            return at + len(boundary)
    return _before_whole_character(text, furthest)


def _reach(text: str, limit: int) -> int:
    """Count how many characters fit in `limit` units."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return place
    return len(text)


def _before_whole_character(text: str, at: int) -> int:
    """Move a cut back so that accents, joined emoji and flags stay whole; not at all if they fill everything."""
    back = at
    while back > 0 and _joins(text, back):
        back -= 1
    return back or at


def _joins(text: str, at: int) -> bool:
    """Say whether the character at `at` belongs to the one before it."""
    here, before = text[at], text[at - 1]
    if (
        before == "\u200d"
        or here == "\u200d"
        or unicodedata.combining(here)
        or unicodedata.category(here) in ("Me", "Mc")
    ):
        return True
    if (
        "\ufe00" <= here <= "\ufe0f"
        or "\U0001f3fb" <= here <= "\U0001f3ff"
        or "\U000e0020" <= here <= "\U000e007f"
    ):
        return True  # variation selectors, skin tones, tags
    return _is_flag_half(here) and _flag_halves_before(text, at) % 2 == 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    count = 0
    while at - count > 0 and _is_flag_half(text[at - count - 1]):
        count += 1
    return count


def _tappable(message: Outbound) -> bool:
    known = message.conversation is not None and message.prompt.ask is not None
    return known and 0 < len(message.prompt.options) <= MAX_BUTTONS


def _texts(prompt: Prompt, question: str) -> tuple[str, ...]:
    """Return the texts of the parts: one where all fits, else what leads to the question apart from it."""
    if not prompt.lead:
        return split_text(question)
    whole = f"{prompt.lead}\n\n{question}"
    return (whole,) if units(whole) <= MAX_TEXT else (*split_text(prompt.lead), *split_text(question))


def _question_text(prompt: Prompt, *, tappable: bool) -> str:
    """Put together the progress, the question, the ends of a scale, and the choices that buttons do not show whole."""
    pieces = []
    if prompt.progress is not None:
        number, total = prompt.progress
        pieces.append(say(Sentence.PROGRESS, prompt.language, n=number, m=total))
    pieces.append(prompt.text)
    if prompt.kind is PromptKind.SCALE:
        pieces.append(_ends(prompt))
    if _listed(prompt) or not tappable:
        pieces.append(_numbered(prompt))
    if not tappable:
        pieces.append(" ".join(f"({option.label})" for option in prompt.options if option.control))
    return "\n\n".join(piece for piece in pieces if piece)


def _numbered(prompt: Prompt) -> str:
    """List the choices, with the numbers that may be typed where there are such; 'Done' and the like have none."""
    return "\n".join(
        f"{f'{number}.' if prompt.numbered else '-'} {option.label}"
        for number, option in enumerate(prompt.options, start=1)
        if not option.control
    )


def _ends(prompt: Prompt) -> str:
    """Say what the ends of a scale mean: `1 = Not at all`, and `5 = Very much` in the line below."""
    steps = [option.label for option in prompt.options if not option.control]
    if not steps or not (prompt.low_label and prompt.high_label):
        return ""
    return f"{steps[0]} = {prompt.low_label}\n{steps[-1]} = {prompt.high_label}"


def _listed(prompt: Prompt) -> bool:
    """Say whether the choices are numbered in the text: some label is longer than a button shows."""
    return any(len(option.label) > LONG_LABEL for option in prompt.options)


def _button(message: Outbound, place: int) -> InlineButton:
    prompt = message.prompt
    assert message.conversation is not None  # `_tappable` has looked
    assert prompt.ask is not None
    payload = button_payload(message.conversation, prompt.ask, place)
    if len(payload.encode()) > MAX_PAYLOAD:
        raise MessageRejected(f"a button's payload has {len(payload)} bytes; Telegram takes {MAX_PAYLOAD}")
    return InlineButton(_label(prompt, place), payload)


def _label(prompt: Prompt, place: int) -> str:
    """Write a button's label: its start if it is long, its number if the text lists it, and a mark if it toggles."""
    option = prompt.options[place]
    number = f"{place + 1}. " if _listed(prompt) and not option.control else ""
    return _mark(prompt, option) + _cut_label(number + option.label, LONG_LABEL + len(number))


def _cut_label(label: str, longest: int = LONG_LABEL) -> str:
    """Return a label as a button shows it: its start, where it is longer than `longest` characters."""
    if len(label) <= longest:
        return label
    return label[: _before_whole_character(label, LONG_LABEL)].rstrip() + "\u2026"


def _mark(prompt: Prompt, option: Option) -> str:
    if prompt.kind is not PromptKind.SELECT_MANY or option.control:
        return ""
    return PICKED if option.picked else UNPICKED


def _columns(prompt: Prompt, choices: list[InlineButton]) -> int:
    match prompt.kind:
        case PromptKind.SELECT_MANY:
            return 1  # marks in a column are read at a glance
        case PromptKind.SCALE:
            rows = -(-len(choices) // SCALE_COLUMNS)
            return -(-len(choices) // rows) if rows else 1
        case _:
            return _fitting(choices)


def _fitting(buttons: list[InlineButton]) -> int:
    """Count how many of these buttons stand side by side and are still read whole."""
    longest = max((len(button.label) for button in buttons), default=1)
    return max(1, min(MAX_COLUMNS, ROW_WIDTH // (longest + 4)))


def _in_rows(buttons: list[InlineButton], columns: int) -> ButtonRows:
    return tuple(tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns))
