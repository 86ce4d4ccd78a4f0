"""Read YAML with places: plain values, and for each the line and column where it stands.

YAML 1.2 as ruamel.yaml reads it; what PyYAML's parser in C reads the same is read by that (why:
docs/why/yaml-parser.md). Neither constructs anything: nodes are turned into plain values here, so no tag can construct
an object, a key that stands twice is seen, and every value keeps its place.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from flows.errors import Problem
from flows.formats import yaml_events
from flows.formats.plain_files import FileTooLarge, read_plain_file
from flows.heavy_packages import load
from flows.problem_codes import ProblemCode
from flows.text.hidden_characters import first_hidden

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
"""Values in one file after aliases are followed. The longest shipped script has about 300."""
MAX_DEPTH = yaml_events.MAX_DEPTH
"""Lists and mappings within each other. The shipped scripts have 9."""

ValuePath = tuple[str | int, ...]
"""The way to a value from the top: keys and places in lists."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

_YAMLS_OWN: Final = "tag:yaml.org,2002:"
_TAGS: Final = {
    "scalar": frozenset(
        _YAMLS_OWN + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
    ),
    "sequence": frozenset({_YAMLS_OWN + "seq"}),
    "mapping": frozenset({_YAMLS_OWN + "map"}),
}
"""The tags that are read, by the kind of node."""


class SourcePlace(NamedTuple):
    """A place in a file; lines and columns count from 1.

    `style` is the quote mark (`'`, `"`) or block sign (`|`, `>`) of the text that begins there; '' for none.
    """

    line: int
    column: int
    style: str = ""


@dataclass(slots=True)
class YamlSource:
    """A file that was read: its value, the places of values and keys, and what was wrong with it (`problems`)."""

    file: str
    text: str = ""
    value: Any = None
    places: dict[ValuePath, SourcePlace] = field(default_factory=dict)
    key_places: dict[ValuePath, SourcePlace] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def add(self, place: SourcePlace, code: ProblemCode, message: str, remedy: str) -> None:
        """Add to `problems` what is wrong at a place, with what to do about it."""
        self.problems.append(Problem(self.file, place.line, place.column, code, message, remedy))

    def place(self, path: ValuePath) -> SourcePlace:
        """Return where the value at a path stands, or else the nearest value around it that the file has."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, SourcePlace(1, 1))

    def key_place(self, path: ValuePath) -> SourcePlace:
        """Return where the key of the value at a path stands; of the value itself where it has none (in a list)."""
        return self.key_places.get(path) or self.place(path)

    def inside(self, path: ValuePath, offset: int) -> SourcePlace:
        """Return where a character of the text at a path stands, by its offset from 0.

        The start of the text where that cannot be told: it is folded (`>`), or has line breaks within quotes.
        """
        start = self.place(path)
        value = self.at(path)
        if path not in self.places or not isinstance(value, str):
            return start
        before = value[:offset]
        if start.style == "|":
            return self._inside_block(start, before)
        if start.style == ">" or "\n" in value:
            return start
        return SourcePlace(start.line, start.column + (1 if start.style else 0) + offset, start.style)

    def _inside_block(self, start: SourcePlace, before: str) -> SourcePlace:
        """Return the place after so many characters of a literal block."""
        line = start.line + 1 + before.count("\n")
        lines = self.text.splitlines()
        first = lines[start.line] if start.line < len(lines) else ""
        indent = len(first) - len(first.lstrip(" "))
        return SourcePlace(line, indent + len(before.rpartition("\n")[2]) + 1, start.style)

    def at(self, path: ValuePath) -> Any:
        """Return the value at a path; None if there is none."""
        value = self.value
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


class _Node(Protocol):
    """A node as either parser composes it."""

    id: str
    """`scalar`, `sequence` or `mapping`."""
    tag: Any
    value: Any
    start_mark: Any
    style: str | None
    """Of a scalar: its quote mark or block sign."""


def read_source(path: Path | str) -> YamlSource:
    """Read a YAML file: its values, and where each stands.

    Nothing is raised for what the file holds or for a missing file: see `problems` of what is returned.
    """
    source = YamlSource(str(path))
    top = SourcePlace(1, 1)
    try:
        data = read_plain_file(path, MAX_BYTES)
    except FileTooLarge as error:
        _add_too_large(source, error.size)
        return source
    except OSError as error:
        source.add(
            top,
            ProblemCode.UNREADABLE,
            f"cannot be read: {error.strerror}",
            "check the path and the permissions",
        )
        return source
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        source.add(
            SourcePlace(line, column), ProblemCode.ENCODING, "is not UTF-8 here", "save the file as UTF-8"
        )
        return source
    return parse_source(text, str(path))


def _add_too_large(source: YamlSource, size: int) -> None:
    """Add the problem of a file above `MAX_BYTES`."""
    source.add(
        SourcePlace(1, 1),
        ProblemCode.TOO_LARGE,
        f"has {size:,} bytes; at most {MAX_BYTES:,} are read",
        "split it: one file holds one script",
    )


def parse_source(text: str, file: str) -> YamlSource:
    """Read YAML from a text: its values, and where each stands. `file` is its name in problems.

    Nothing is raised for what the text holds: see `problems` of what is returned.
    """
    source = YamlSource(file, text)
    if len(text) > MAX_BYTES:
        _add_too_large(source, len(text))
        return source
    node = _compose(text, file)
    if isinstance(node, Problem):
        source.problems.append(node)
        return source
    if node is None:
        source.add(
            SourcePlace(1, 1),
            ProblemCode.EMPTY,
            "is empty",
            "write a script in it, or start from a shipped one",
        )
        return source
    source.value = _NodeReader(source).value(node, ())
    if not isinstance(source.value, dict) and not source.problems:
        remedy = "begin with keys such as `flow: my_script`, not with a list or a single word"
        source.add(_place(node), ProblemCode.NOT_A_MAPPING, "is not a mapping of keys to values", remedy)
    return source


def _compose(text: str, file: str) -> _Node | Problem | None:
    """Compose a text into its only document; None where there is none, a problem where it is not YAML.

    The parser in C is asked first; what it does not surely read as the pure one does is read by that.
    """
    composed: _Node | Problem | None = yaml_events.compose(text)
    if composed is None:
        composed = load("flows.formats.yaml_problems").compose(text, file)
    return composed


def _place(node: _Node) -> SourcePlace:
    """Return the place of a node."""
    mark = node.start_mark
    style = node.style if node.id == "scalar" else ""
    return SourcePlace(mark.line + 1, mark.column + 1, style or "")


class _NodeReader:
    """Turns nodes into values, noting places and problems in a source."""

    def __init__(self, source: YamlSource) -> None:
        self.source = source
        self.open: list[_Node] = []
        self.full = False

    def value(self, node: _Node, path: ValuePath) -> Any:
        """Return the value of a node; None for one that cannot be read."""
        self.source.nodes += 1
        self.source.places[path] = _place(node)
        if self.source.nodes > MAX_NODES:
            self._refuse(node)
            return None
        if any(node is other for other in self.open):
            message, remedy = "holds itself by an alias", "write the values out"
            self.source.add(_place(node), ProblemCode.TOO_DEEP, message, remedy)
            return None
        if len(self.open) == MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep"
            self.source.add(_place(node), ProblemCode.TOO_DEEP, message, "take some levels out")
            return None
        if node.id == "scalar":
            return self._scalar(node)
        self._check_tag(node)
        self.open.append(node)
        try:
            if node.id == "sequence":
                return [
                    self.value(child, (*path, place))
                    for place, child in enumerate(node.value)
                    if not self.full
                ]
            return self._mapping(node, path)
        finally:
            self.open.pop()

    def _refuse(self, node: _Node) -> None:
        """Add the problem of too many values, once."""
        if not self.full:
            message = f"has more than {MAX_NODES:,} values once its aliases are followed"
            self.source.add(
                _place(node), ProblemCode.TOO_MANY_NODES, message, "write fewer aliases, or split the file"
            )
        self.full = True

    def _mapping(self, node: _Node, path: ValuePath) -> dict[str, Any]:
        """Return the values of a mapping by key; keys that are no words or stand twice are problems."""
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if self.full:
                break
            key = key_node.value if key_node.id == "scalar" else None
            if key is None:
                self.source.add(
                    _place(key_node),
                    ProblemCode.WRONG_TYPE,
                    "a key is not a word",
                    "write a plain word as key",
                )
                continue
            self._check_hidden(key_node)
            if key in result:
                first = self.source.key_places[(*path, key)].line
                message = f"the key '{key}' stands twice (first in line {first})"
                self.source.add(_place(key_node), ProblemCode.DUPLICATE_KEY, message, "keep one of them")
                continue
            self.source.key_places[(*path, key)] = _place(key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _check_tag(self, node: _Node) -> None:
        """Add a problem unless the node has one of YAML's own tags."""
        tag = str(node.tag)
        if tag not in _TAGS[node.id]:
            self.source.add(_place(node), ProblemCode.BAD_TAG, f"the tag '{tag}' is not read", "delete it")

    def _check_hidden(self, node: _Node) -> None:
        """Add a problem where a text holds a character that nobody sees and that changes what is read."""
        hidden = first_hidden(str(node.value))
        if hidden is not None:
            message, remedy = f"holds the hidden character {hidden[1]}", "delete it, or type the text anew"
            self.source.add(_place(node), ProblemCode.HIDDEN_CHARACTER, message, remedy)

    def _scalar(self, node: _Node) -> Any:
        """Return the value of a scalar by YAML 1.2's core schema; dates stay text, for the models to read."""
        self._check_tag(node)
        self._check_hidden(node)
        text = str(node.value)
        if node.style:
            return text
        match text:
            case "" | "~" | "null" | "Null" | "NULL":
                return None
            case "true" | "True" | "TRUE":
                return True
            case "false" | "False" | "FALSE":
                return False
        if _INTEGER.fullmatch(text):
            return int(text) if len(text) <= 18 else text  # noqa: PLR2004 - what 64 bits hold; longer is no count
        return float(text) if _FLOAT.fullmatch(text) else text
