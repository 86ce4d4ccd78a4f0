"""What a person sees in the emulated Slack: messages with their controls, as they stand and as they stood before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.slack.blockkit import texts

Json = dict[str, Any]


@dataclass(eq=False)
class Message:
    """A message in the room, ours or theirs. `state` is what the person has ticked in it."""

    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    from_bot: bool = False
    edited: bool = False
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """The ids of what is attached."""
    thread: str = ""
    """The `ts` of the message under which it stands; '' in the room itself."""
    broadcast: bool = False
    """Whether it stands in its thread and in the room as well."""
    event: Json = field(default_factory=dict)
    """What Slack told of a person's message, without room and time of the telling."""
    former: list[list[Json]] = field(default_factory=list)
    """The blocks that it had before it was changed, oldest first: what a screen may still show."""
    reactions: set[tuple[str, str]] = field(default_factory=set)
    """Who put which emoji on it: the person's id, and Slack's name."""

    @property
    def in_room(self) -> bool:
        """Whether it is seen without opening a thread."""
        return not self.thread or self.broadcast

    @property
    def shown(self) -> str:
        """What the person reads above the controls; the text itself where there are no blocks."""
        parts = [block for block in self.blocks if block["type"] in ("section", "header")]
        lead = [block for block in parts if block.get("block_id", "").startswith("lead.")]
        above = "".join(texts(lead)) + "\n\n" if lead else ""
        return above + "".join(texts(parts[len(lead) :])) if self.blocks else self.text

    @property
    def all_shown(self) -> str:
        """Everything that is shown, a line each, labels included."""
        return "\n".join(texts(self.blocks)) if self.blocks else self.text

    def controls(self) -> Iterator[tuple[Json, Json]]:
        """Every interactive element with its block."""
        yield from controls(self.blocks)

    def ticked(self, block: Json, element: Json) -> list[Json]:
        """What is ticked in it now."""
        state = self.state.get(block["block_id"], {}).get(element["action_id"])
        return list(state["selected_options"] if state else element.get("initial_options") or ())

    def element(self, label: str) -> tuple[Json, Json] | None:
        """The control that shows a label: exactly, else cut off or numbered."""
        return element_in(self.blocks, label)

    def former_element(self, label: str) -> tuple[Json, Json] | None:
        """The control that showed a label before the message was changed, the latest that did."""
        found = (element_in(blocks, label) for blocks in reversed(self.former))
        return next(filter(None, found), None)

    def replace(self, text: str, blocks: list[Json]) -> None:
        """Show something else in its place."""
        self.former.append(self.blocks)
        self.text, self.blocks, self.edited = text, blocks, True

    def as_json(self) -> Json:
        """For the control interface."""
        return {
            "message_id": self.ts,
            "text": self.text,
            "from_bot": self.from_bot,
            "labels": self.labels,
            "edited": self.edited,
            "thread": self.thread,
        }

    @property
    def labels(self) -> list[str]:
        """Labels of buttons and options, in the order shown."""
        return [label for _, element in self.controls() for label in element_labels(element)]


def controls(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block."""
    for block in blocks:
        if block["type"] == "actions":
            yield from ((block, element) for element in block["elements"])
        elif block["type"] == "input":
            yield block, block["element"]


def element_in(blocks: list[Json], label: str) -> tuple[Json, Json] | None:
    """The control in these blocks that shows a label: exactly, else cut off or numbered."""
    number = next((n for n, line in _numbered_lines("\n".join(texts(blocks))) if line == label), "")
    for same in (str.__eq__, says):
        for wanted in filter(None, (label, number)):
            for block, element in controls(blocks):
                if any(same(shown, wanted) for shown in element_labels(element)):
                    return block, element
    return None


def _numbered_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        number, dot, rest = line.partition(". ")
        if dot and number.isdigit():
            yield number, rest


def says(shown: str, label: str) -> bool:
    """Whether a control's words stand for a label: without its number, whole or as the label's start."""
    number, dot, rest = shown.partition(". ")
    words = rest if dot and number.isdigit() else shown
    return words == label or (words.endswith("…") and label.startswith(words[:-1]))


def element_labels(element: Json) -> list[str]:
    if element["type"] == "button":
        return [element["text"]["text"]]
    return [option["text"]["text"] for option in element.get("options") or ()]
