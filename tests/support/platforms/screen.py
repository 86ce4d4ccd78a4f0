"""What a person sees on a platform's screen, as a transcript would write it. Reads the screen alone."""

import re

from bot.channels.base import read_button
from flows.engine.effects import CHANGE_OPTION, CHOSEN_OPTION
from flows.i18n.say import Sentence, say
from tests.emulators.slack import person as slack_person
from tests.emulators.telegram import person as telegram_person
from tests.support.dialogue import Button, Seen
from tests.support.retelling import LANGUAGES

PICKED, UNPICKED = telegram_person.MARKS
_FORMS = {say(Sentence.PROGRESS, language, n=7, m=8) for language in ("en", *LANGUAGES)}
_PROGRESS = tuple(re.compile(form.replace("7", r"(\d+)").replace("8", r"(\d+)")) for form in sorted(_FORMS))
_ENDS = re.compile(r"\d+ = .+\n\d+ = .+")
_NUMBERED = re.compile(r"(\d+)\. (.+)")


def on_telegram(shown: telegram_person.Shown, *, again: bool = False) -> Seen:
    """A message in a Telegram chat, without what Telegram's small buttons made necessary."""
    pieces = shown.text.split("\n\n")
    progress = next((found for piece in pieces if (found := progress_of(piece))), "")
    text = "\n\n".join(piece for piece in pieces if not progress_of(piece))
    text, listed = _without_list(text, shown.labels)
    before, _, ends = text.rpartition("\n\n")
    if before and _ENDS.fullmatch(ends):
        text = before
    return Seen(text, tuple(_button(label, listed) for label in shown.labels), progress, again)


def progress_of(line: str) -> str:
    """How far along, as transcripts write it in every language; empty where the line says something else."""
    found = next((found for form in _PROGRESS if (found := form.fullmatch(line))), None)
    return f"{found[1]} of {found[2]}" if found else ""


def _without_list(text: str, labels: list[str]) -> tuple[str, dict[str, str]]:
    """The text without the numbered choices below it, and those by their numbers."""
    before, _, last = text.rpartition("\n\n")
    lines = [_NUMBERED.fullmatch(line) for line in last.split("\n")]
    if not labels or not before or not all(lines):
        return text, {}
    return before, {line[1]: line[2] for line in lines if line}


def _button(label: str, listed: dict[str, str]) -> Button:
    bare = label.removeprefix(PICKED).removeprefix(UNPICKED)
    number = bare.partition(". ")[0]
    return Button(listed.get(number, bare), ticked=label.startswith(PICKED))


def is_traced(shown: telegram_person.Shown) -> bool:
    """Whether a message shows what was chosen in place of its buttons, or has lost them."""
    named = [read_button(button.get("callback_data", "")) for button in shown.buttons]
    return not named or all(name is not None and name[2] in (CHANGE_OPTION, CHOSEN_OPTION) for name in named)


def on_slack(message: slack_person.Message) -> Seen:
    """A message in a Slack conversation; a date picker and the button of a form carry no choice."""
    contexts = [block for block in message.blocks if block["type"] == "context"]
    lines = [element["text"] for block in contexts for element in block["elements"]]
    progress = next((found for line in lines if (found := progress_of(line))), "")
    buttons = []
    for block, element in message.controls():
        if element.get("action_id", "").startswith("write:"):
            continue
        ticked = [option["text"]["text"] for option in message.ticked(block, element)]
        labels = slack_person.element_labels(element)
        buttons += [Button(label, ticked=label in ticked) for label in labels]
    return Seen(message.shown, tuple(buttons), progress)
