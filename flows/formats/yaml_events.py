"""Compose YAML into nodes by a parser in C, or tell that the pure parser must read the text.

By the events of libyaml, which PyYAML brings (why: docs/why/yaml-parser.md). It is many times as fast as the pure
parser, which says what is YAML, and reads a few texts otherwise. Here stands which: they are left to the pure one, as
is what libyaml refuses. Nodes are made here and not by PyYAML's composer, which goes as deep into the stack as the text
is nested, and ends the process there.
"""

import re
from typing import Any, Final, Literal

from flows.heavy_packages import PackageMissing, load

MAX_DEPTH: Final = 50
"""Lists and mappings within each other. Deeper texts are left to the pure parser."""

_LEFT_TO_THE_PURE: Final = re.compile(
    r"""
      [^\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]
                            # a tab, a byte order mark, and what is no text, or breaks a line in YAML 1.1 alone
    | \r(?!\n)              # a line break of old
    | ^(?:%|---|\.\.\.)     # directives, and the marks of documents
    | [|>][-+0-9]*\#        # a remark that touches the sign of a block
    | ["'\]}]:(?![ \r\n])   # in brackets, a value that touches the colon of its key: {'key':value}
    """,
    re.VERBOSE | re.MULTILINE,
)
"""What libyaml reads, and the pure parser refuses or reads otherwise. Where it stands inside a text it does no harm:
that file is read as it was, only slower."""


class EventNode:
    """A node made from events; with a place for each value, and of a plain text, list or mapping."""

    __slots__ = ("id", "start_mark", "style", "tag", "value")

    def __init__(self, kind: Literal["scalar", "sequence", "mapping"], event: Any, value: Any) -> None:
        self.id: str = kind
        self.tag = _TAGS[kind]
        self.value = value
        """A text, the nodes of a list, or the pairs of a mapping: (node of the key, node of the value)."""
        self.start_mark = event.start_mark
        self.style: str | None = event.style if kind == "scalar" else None


_TAGS: Final = {
    kind: f"tag:yaml.org,2002:{name}"
    for kind, name in (("scalar", "str"), ("sequence", "seq"), ("mapping", "map"))
}


def compose(text: str) -> EventNode | None:
    """Compose the only document of a text, which is a mapping.

    None where the pure parser must read it: it is not surely YAML or no mapping, holds what the two read differently,
    or PyYAML is missing, or its part in C.
    """
    if _LEFT_TO_THE_PURE.search(text):
        return None
    try:
        yaml = load("yaml")
    except PackageMissing:
        return None
    if not yaml.__with_libyaml__:
        return None
    try:
        return _composed(yaml.CBaseLoader(text).get_event)
    except yaml.YAMLError:
        return None


def _composed(next_event: Any) -> EventNode | None:
    """Make the node of a document from its events; None where the pure parser must read it.

    Raises:
        yaml.YAMLError: The parser in C refuses the text.
    """
    top: list[EventNode] = []
    filled = top
    around: list[list[EventNode]] = []
    while (event := next_event()) is not None:
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            return None
        match type(event).__name__:
            case "ScalarEvent":
                if not (event.value or event.style):
                    return None  # each parser gives nothing a place of its own
                filled.append(EventNode("scalar", event, event.value))
            case "SequenceStartEvent" | "MappingStartEvent" as start:
                if len(around) == MAX_DEPTH:
                    return None
                node = EventNode("sequence" if start == "SequenceStartEvent" else "mapping", event, [])
                filled.append(node)
                around.append(filled)
                filled = node.value
            case "SequenceEndEvent":
                filled = around.pop()
            case "MappingEndEvent":
                pairs = list(zip(filled[::2], filled[1::2], strict=True))
                filled = around.pop()
                filled[-1].value = pairs
    return top[0] if len(top) == 1 and top[0].id == "mapping" else None
