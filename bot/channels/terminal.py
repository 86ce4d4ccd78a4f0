"""The terminal as a channel: choices are numbered, replies are typed. For trying out, and where no channel is set.

Reading and writing are handed in, so that a pipe, a test and a person at a keyboard are the same to it.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.channels.base import Inbound, InboundKind, Outbound, Receive
from flows.engine.effects import Prompt, PromptKind
from flows.i18n.say import Sentence, say

SCHEME = "terminal"

ReadLine = Callable[[], Awaitable[str | None]]
"""The next line without its end; None when there are no more."""
Command = Callable[[str], Awaitable[bool]]
"""Does what a line that begins with / says; False ends the session."""


class LineStyle(StrEnum):
    """What a line of output is, and so how it is shown: the bot's words, a choice, or a hint at what may be typed."""

    BOT = "bot"
    CHOICE = "choice"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """A line of output, with its style; it has no line end."""

    text: str
    style: LineStyle


Write = Callable[[list[ScreenLine]], None]


class TerminalChannel:
    """A channel of one participant at a terminal, whose address is `terminal:<local_id>`.

    `read` gets the next line, `write` shows lines, `command` does what a line that begins with / says. Who sits there
    may say later who they are (`play_as`).
    """

    name = SCHEME
    edits = False

    def __init__(self, local_id: str, *, read: ReadLine, write: Write, command: Command) -> None:
        self.address = f"{SCHEME}:{local_id}"
        self._read = read
        self._write = write
        self._command = command

    def play_as(self, local_id: str) -> None:
        """Be the participant at `terminal:<local_id>` from now on."""
        self.address = f"{SCHEME}:{local_id}"

    async def run(self, receive: Receive) -> None:
        """Read lines, and hand each to `receive`, until there are no more or a command ends the session.

        A line that begins with / goes to the channel's `command` instead; empty lines are passed over.
        """
        while (line := await self._read()) is not None:
            text = line.strip()
            if text.startswith("/"):
                if not await self._command(text):
                    return
            elif text:
                await receive([self.inbound(InboundKind.TEXT, text)])

    async def send(self, message: Outbound) -> str | None:
        """Show a message on the terminal; return None, since a message has no name there.

        A message that is to be shown anew is left out: what is written is not written over.
        """
        if not message.refresh:
            self._write(render(message.prompt))
        return None

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Do nothing: there are no buttons."""

    async def send_document(self, _address: str, _name: str, content: str, caption: str, /) -> str | None:
        """Show the words `caption`, then the text of a file line by line; None, since no message has a name here.

        No file is written, and the file's name is not shown.
        """
        lines = [
            ScreenLine(caption, LineStyle.BOT),
            *(ScreenLine(line, LineStyle.CHOICE) for line in content.splitlines()),
        ]
        self._write(lines)
        return None

    async def close(self) -> None:
        """Close nothing: there are no connections."""

    def inbound(self, kind: InboundKind, text: str) -> Inbound:
        """Make an `Inbound` of what this participant did, each a delivery of its own (a new `external_id`)."""
        return Inbound(address=self.address, external_id=uuid.uuid4().hex, kind=kind, text=text)


def render(prompt: Prompt) -> list[ScreenLine]:
    """Return a prompt as lines to show: its words, its choices numbered from 1, and what else may be typed.

    The steps of a scale stand side by side in one line, without numbers. Where a number names no choice, a dash stands
    before each.
    """
    lines = [ScreenLine(text, LineStyle.BOT) for text in prompt.whole_text.splitlines() or [""]]
    labels = [option.label for option in prompt.options if not option.control]
    if prompt.kind is PromptKind.SCALE:
        lines.append(ScreenLine(f"  {'   '.join(labels)}   ({_ends(prompt, labels)})", LineStyle.CHOICE))
    else:
        lines += [
            ScreenLine(f"  {f'{number}.' if prompt.numbered else '-'} {label}", LineStyle.CHOICE)
            for number, label in enumerate(labels, 1)
        ]
    hint = " | ".join(_hints(prompt))
    return [*lines, ScreenLine(f"  ({hint})", LineStyle.HINT)] if hint else lines


def _ends(prompt: Prompt, labels: list[str]) -> str:
    return f"{labels[0]}: {prompt.low_label}, {labels[-1]}: {prompt.high_label}"


def _hints(prompt: Prompt) -> list[str]:
    """List what may be typed besides the choices, and how far the conversation is."""
    hints = []
    if prompt.progress is not None:
        number, total = prompt.progress
        hints.append(say(Sentence.PROGRESS, prompt.language, n=number, m=total))
    if prompt.kind is PromptKind.SELECT_MANY:
        hints.append(say(Sentence.TYPE_NUMBERS, prompt.language))
    if prompt.kind is PromptKind.DATE:
        hints.append(say(Sentence.TYPE_DATE, prompt.language))
    others = [option.label.lower() for option in prompt.options if option.control]
    # Done is pressed by sending the reply; what else there is can be typed.
    return hints + (others[:-1] if prompt.kind is PromptKind.SELECT_MANY else others)
