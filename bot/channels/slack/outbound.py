"""Turn a `Prompt` into Block Kit: pure, built with `slack_sdk.models`, which refuse what Slack would refuse.

People's words stand in `plain_text` only, so that no markup is ever taken from them. The top-level text
carries the whole question with its options numbered: it is what a notification and a screen reader show,
and why a typed number works.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, assert_never

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    ContextBlock,
    DatePickerElement,
    InputBlock,
    InteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.channels.base import Outbound, button_payload
from bot.channels.slack import inbound as ids
from bot.channels.slack.labels import words
from bot.channels.slack.payloads.fields import Payload, items, word
from flows.engine.effects import CHANGE_OPTION, Prompt, PromptKind
from flows.engine.effects import Option as Choice
from flows.i18n.say import Sentence, say

SECTION_LENGTH = 3000
LABEL_LENGTH = 75
ACTIONS = 25
SELECT_OPTIONS = 100
CHECKBOXES = 10
BLOCKS = 50
TEXT_LENGTH = 40_000
MESSAGE_LENGTH = 12_000
"""Text of one message, in characters. Slack refuses blocks of about 13,000 together
(`msg_blocks_too_long`).
"""
INPUT_LENGTH = 3000
LEAD = "lead"
"""How the names of blocks begin that lead to a question, and are no part of its text."""
SHORT_LABEL = 30
"""About where Slack's clients cut off a button's label."""
FEW = 5

Numbered = tuple[int, Choice]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """One message as chat.postMessage takes it: `text` already escaped, `blocks` as JSON.

    `thread` is the `ts` of the message under which it goes; None for the room itself.
    """

    text: str
    blocks: list[dict[str, Any]]
    thread: str | None = None


class BlockLayout(Enum):
    """The kind of control in which Slack shows a question's choices."""

    NOTHING = auto()
    BUTTONS = auto()
    SELECT = auto()
    NUMBERS = auto()
    """Labels too long for any control: listed in full in the text, with buttons that carry their numbers."""
    CHECKBOXES = auto()
    MULTI_SELECT = auto()


def layout(prompt: Prompt) -> BlockLayout:
    """Choose how to show a question's choices: buttons for a few short ones, a list for more, numbers for long ones.

    Where several may be picked: checkboxes for up to ten, else a list.
    """
    labels = [option.label for option in prompt.options if not option.control]
    if not labels:
        return BlockLayout.NOTHING
    if prompt.kind is PromptKind.SELECT_MANY:
        return BlockLayout.CHECKBOXES if len(labels) <= CHECKBOXES else BlockLayout.MULTI_SELECT
    if any(_units(label) > LABEL_LENGTH for label in labels):
        return BlockLayout.NUMBERS
    if prompt.kind in (PromptKind.SCALE, PromptKind.CONSENT, PromptKind.CONFIRM, PromptKind.DATE):
        return BlockLayout.BUTTONS
    few = len(labels) <= FEW and all(len(label) <= SHORT_LABEL for label in labels)
    return BlockLayout.BUTTONS if few else BlockLayout.SELECT


def messages(outbound: Outbound) -> list[SlackMessage]:
    """Turn an outgoing message into the Slack messages that show it, in order; the buttons stand under the last one.

    Raises:
        SlackObjectFormationError: Slack would refuse it.
    """
    prompt = outbound.prompt
    *before, last = _pieces(prompt)
    parts = [_message(part, list(_sections(part))) for part in before]
    tail = [*_question(prompt, last), *_controls(outbound)]
    return [*parts, _message("\n".join(filter(None, (*_said(prompt), last, _as_text(prompt)))), tail)]


def traced(outbound: Outbound) -> SlackMessage:
    """Make the last part of a question that was sent, with its trace in place of its controls: what was chosen, Change.

    Raises:
        SlackObjectFormationError: Slack would refuse it.
    """
    prompt, trace = outbound.prompt, outbound.trace
    assert trace is not None
    last = _pieces(prompt)[-1]
    chosen = "\n".join(f"\u2713 {label}" for label in trace.chosen)
    shown: list[Block] = _question(prompt, last)
    if chosen:
        shown.append(ContextBlock(elements=[_plain(split(chosen, SECTION_LENGTH)[0])]))
    if trace.change and outbound.conversation is not None and prompt.ask is not None:
        payload = button_payload(outbound.conversation, prompt.ask, CHANGE_OPTION)
        label = _plain(say(Sentence.BUTTON_CHANGE, trace.language))
        button = ButtonElement(text=label, action_id=f"{ids.TAP}:{payload}", value=payload)
        shown.append(ActionsBlock(elements=[button]))
    return _message("\n".join(filter(None, (*_said(prompt), last, chosen))), shown)


def _has_room_for_lead(prompt: Prompt) -> bool:
    """Return whether what leads to a question stands in the question's own message: with its choices it fits."""
    return _units(prompt.whole_text) + _units(_as_text(prompt)) <= MESSAGE_LENGTH


def _said(prompt: Prompt) -> tuple[str, ...]:
    """Return what leads to a question where it stands in the question's own message, with a blank line below."""
    return (f"{prompt.lead}\n",) if prompt.lead and _has_room_for_lead(prompt) else ()


def _pieces(prompt: Prompt) -> list[str]:
    """Return the texts of all messages that show a prompt; the last one's without what leads to it there."""
    question = split(prompt.text, MESSAGE_LENGTH)
    if not prompt.lead or _has_room_for_lead(prompt):
        return question
    return [*split(prompt.lead, MESSAGE_LENGTH), *question]


def _question(prompt: Prompt, last: str) -> list[Block]:
    """Make the blocks of a question above its controls: what leads to it, its progress, and the last of its text."""
    lead = [
        SectionBlock(text=_plain(piece), block_id=f"{LEAD}.{place}")
        for said in _said(prompt)
        for place, piece in enumerate(split(said.rstrip("\n"), SECTION_LENGTH))
        if piece
    ]
    return [*lead, *_progress(prompt), *_sections(last)]


def _message(text: str, blocks: Sequence[Block]) -> SlackMessage:
    message = SlackMessage(escape(text), [block.to_dict() for block in blocks])
    check_limits(message)
    return message


def check_limits(message: SlackMessage) -> None:
    """Check the three limits that slack_sdk.models leave unchecked.

    Raises:
        SlackObjectFormationError: too many blocks, too long a text, or too many options.
    """
    if len(message.blocks) > BLOCKS:
        raise SlackObjectFormationError(f"a message has at most {BLOCKS} blocks, not {len(message.blocks)}")
    if len(message.text) > TEXT_LENGTH:
        raise SlackObjectFormationError(
            f"a message's text has at most {TEXT_LENGTH} characters, not {len(message.text)}"
        )
    elements = (element for block in message.blocks for element in block.get("elements", ()))
    for element in elements:
        options = len(element.get("options", ()))
        if element["type"] in ("checkboxes", "radio_buttons") and options > CHECKBOXES:
            raise SlackObjectFormationError(
                f"{element['type']} have at most {CHECKBOXES} options, not {options}"
            )


def escape(text: str) -> str:
    """Escape Slack's three control characters, so that words are never read as links or mentions."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def split(text: str, size: int) -> list[str]:
    """Cut a text into pieces of at most `size` UTF-16 units, at a paragraph, a line or a space where there is one.

    Nothing is dropped: joined, the pieces are the text. Slack does not say whether it counts characters or UTF-16
    units; the latter are never fewer.
    """
    pieces = []
    while _units(text) > size:
        fits = text[:size]
        while _units(fits) > size:
            fits = fits[: len(fits) - max(1, (_units(fits) - size) // 2)]
        at = next(
            (end for mark in ("\n\n", "\n", " ") if (end := fits.rfind(mark) + len(mark)) > size // 2),
            len(fits),
        )
        pieces.append(text[:at])
        text = text[at:]
    return [*pieces, text]


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=True)


def _sections(text: str) -> Iterable[Block]:
    return (SectionBlock(text=_plain(piece)) for piece in split(text, SECTION_LENGTH) if piece)


def _progress(prompt: Prompt) -> Iterable[Block]:
    if prompt.progress is not None:
        number, total = prompt.progress
        yield ContextBlock(elements=[_plain(say(Sentence.PROGRESS, prompt.language, n=number, m=total))])


def _listed(prompt: Prompt) -> Iterable[str]:
    """List the options as lines of text.

    Choices carry the number that may be typed for them. Those of a scale or of bands do not: a number
    typed there means itself; nor do those under crisis help. Skip, Done and the like have none anywhere.
    """
    labels = [option.label for option in prompt.options if not option.control]
    controls = [f"({option.label})" for option in prompt.options if option.control]
    if prompt.kind is PromptKind.SCALE:
        yield " ".join(labels)
        yield ", ".join(_ends(prompt, labels))
    elif prompt.kind is PromptKind.NUMBER or not prompt.numbered:
        yield from (f"- {label}" for label in labels)
    else:
        yield from (f"{number}. {label}" for number, label in enumerate(labels, start=1))
    yield " ".join(controls)


def _ends(prompt: Prompt, labels: Sequence[str]) -> list[str]:
    """Say what the two ends of a scale mean, unless their labels already say it."""
    low, high = prompt.low_label, prompt.high_label
    if low is None or high is None or not labels or (low in labels[0] and high in labels[-1]):
        return []
    return [f"{labels[0]} = {low}", f"{labels[-1]} = {high}"]


def _as_text(prompt: Prompt) -> str:
    return "\n".join(line for line in _listed(prompt) if line)


def _controls(outbound: Outbound) -> Iterable[Block]:
    """Make everything under the text. A message that belongs to no question has its options as text only."""
    prompt = outbound.prompt
    if outbound.conversation is None or prompt.ask is None:
        yield from _sections(_as_text(prompt))
        return
    maker = _QuestionControls(prompt, outbound.conversation, prompt.ask)
    yield from maker.full_labels()
    yield from maker.ends()
    yield from maker.choices()
    yield from maker.rest()


class _QuestionControls:
    """Makes the controls of one question as blocks."""

    def __init__(self, prompt: Prompt, conversation: int, ask: int) -> None:
        self.prompt = prompt
        self.layout = layout(prompt)
        self.conversation, self.ask = conversation, ask
        self.question = button_payload(conversation, ask)
        numbered = list(enumerate(prompt.options))
        self.open_choices = [(place, option) for place, option in numbered if not option.control]
        self.controls = [(place, option) for place, option in numbered if option.control]

    def full_labels(self) -> Iterable[Block]:
        """List the choices in full, where a control would cut them off."""
        if any(_units(option.label) > LABEL_LENGTH for _, option in self.open_choices):
            yield from _sections(
                "\n".join(f"{place + 1}. {option.label}" for place, option in self.open_choices)
            )

    def ends(self) -> Iterable[Block]:
        """Explain a scale's ends."""
        if ends := _ends(self.prompt, [option.label for _, option in self.open_choices]):
            yield ContextBlock(elements=[_plain(end) for end in ends])

    def choices(self) -> Iterable[Block]:
        """Make the choices as buttons, a list or checkboxes, as `layout` says."""
        match self.layout:
            case BlockLayout.NOTHING:
                return
            case BlockLayout.BUTTONS:
                yield from _rows([self._button(place, option.label) for place, option in self.open_choices])
            case BlockLayout.NUMBERS:
                yield from _rows([self._button(place, str(place + 1)) for place, _ in self.open_choices])
            case BlockLayout.SELECT:
                yield from _rows(
                    [self._select(chunk) for chunk in _chunks(self.open_choices, SELECT_OPTIONS)]
                )
            case BlockLayout.CHECKBOXES:
                yield ActionsBlock(elements=[self._checkboxes()])
            case BlockLayout.MULTI_SELECT:
                yield ActionsBlock(elements=[self._multi_select()])
            case _:
                assert_never(self.layout)

    def rest(self) -> Iterable[Block]:
        """Make the date picker, the Write button, and the controls of the flow (Done, Skip)."""
        language = self.prompt.language
        elements: list[InteractiveElement] = []
        if self.prompt.kind is PromptKind.DATE:
            elements.append(
                DatePickerElement(
                    action_id=f"{ids.DAY}:{self.question}",
                    placeholder=say(Sentence.BUTTON_PICK_DAY, language),
                )
            )
        if self.prompt.long_text:
            elements.append(
                ButtonElement(
                    text=_plain(say(Sentence.BUTTON_WRITE, language)),
                    action_id=f"{ids.WRITE}:{self.question}",
                )
            )
        done = self.controls[-1] if self.controls and self.prompt.kind is PromptKind.SELECT_MANY else None
        elements += [
            self._done(option) if (place, option) == done else self._button(place, option.label)
            for place, option in self.controls
        ]
        yield from _rows(elements)

    def _button(self, place: int, label: str) -> ButtonElement:
        payload = button_payload(self.conversation, self.ask, place)
        return ButtonElement(text=_plain(_short(label)), action_id=f"{ids.TAP}:{payload}", value=payload)

    def _done(self, option: Choice) -> ButtonElement:
        return ButtonElement(
            text=_plain(_short(option.label)),
            action_id=f"{ids.DONE}:{self.question}",
            value=self.question,
            style="primary",
        )

    def _options(self, choices: Sequence[Numbered]) -> list[Option]:
        cut = any(_units(option.label) > LABEL_LENGTH for _, option in choices)
        return [
            Option(
                text=_plain(_short(f"{place + 1}. {option.label}" if cut else option.label)),
                value=button_payload(self.conversation, self.ask, place),
            )
            for place, option in choices
        ]

    def _picked(self, options: Sequence[Option]) -> list[Option] | None:
        """Return the options that are ticked already; Slack wants None rather than an empty list."""
        return [
            shown for shown, (_, choice) in zip(options, self.open_choices, strict=True) if choice.picked
        ] or None

    def _select(self, choices: Sequence[Numbered]) -> StaticSelectElement:
        return StaticSelectElement(
            action_id=f"{ids.SELECT}:{button_payload(self.conversation, self.ask, choices[0][0])}",
            placeholder=say(Sentence.BUTTON_PICK, self.prompt.language),
            options=self._options(choices),
        )

    def _checkboxes(self) -> CheckboxesElement:
        options = self._options(self.open_choices)
        return CheckboxesElement(
            action_id=f"{ids.PICKS}:{self.question}", options=options, initial_options=self._picked(options)
        )

    def _multi_select(self) -> StaticMultiSelectElement:
        options = self._options(self.open_choices)
        return StaticMultiSelectElement(
            action_id=f"{ids.PICKS}:{self.question}",
            placeholder=say(Sentence.BUTTON_PICK, self.prompt.language),
            options=options,
            initial_options=self._picked(options),
            max_selected_items=self.prompt.max_picks,
        )


def _short(label: str) -> str:
    return label if _units(label) <= LABEL_LENGTH else f"{split(label, LABEL_LENGTH - 1)[0]}…"


def _chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _rows(elements: Sequence[InteractiveElement]) -> Iterable[Block]:
    return (ActionsBlock(elements=list(row)) for row in _chunks(elements, ACTIONS))


def write_view(question: str, shown: str, language: str | None) -> dict[str, Any]:
    """Make the form in which a long reply is written, as JSON for views.open.

    `question` is the payload that names the question (`button_payload`), which comes back with what is written; `shown`
    is the question's text, to stand above the field. `language` None means English.
    """
    labels = words(language)
    box = PlainTextInputElement(
        action_id=ids.WRITE_TEXT, multiline=True, max_length=INPUT_LENGTH, focus_on_load=True
    )
    blocks = [
        *_sections(shown),
        InputBlock(block_id=ids.WRITE_BLOCK, label=_plain(labels.write_label), element=box),
    ]
    return View(
        type="modal",
        callback_id=ids.WRITE_VIEW,
        title=_plain(labels.write_title),
        submit=_plain(labels.send),
        close=_plain(labels.cancel),
        private_metadata=question,
        blocks=blocks,
    ).to_dict()


def shown_question(message: Payload) -> str:
    """Return the question's text out of a message of ours that Slack sends back with a tap; '' where it has none."""
    sections = (
        block
        for block in items(message, "blocks")
        if block.get("type") == "section" and not word(block, "block_id").startswith(LEAD)
    )
    return "".join(word(block, "text", "text") for block in sections)
