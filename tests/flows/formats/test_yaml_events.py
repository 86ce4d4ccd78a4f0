"""What the parser in C reads is read as the pure parser reads it: values, places and quote marks; all else is left."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.formats import yaml_events
from flows.formats.yaml_source import YamlSource, parse_source
from flows.heavy_packages import PackageMissing, load
from flows.script.loader import LIBRARY, library_paths

FILES = sorted(LIBRARY.rglob("*.yaml"))
PIECES = [path.read_text(encoding="utf-8").splitlines(keepends=True) for path in library_paths()]
LEFT = {
    "a tab after a word": "a: b\t\n",
    "a tab after a colon": "a:\tb\n",
    "a tab before a remark": "a: b\t# c\n",
    "a tab in a block": "a: |\n  b\n\t\n",
    "another line break": "a: b\x85c: d\n",
    "a line separator": "a: b\u2028  c: d\n",
    "a paragraph separator": "   \u2029a: b\n",
    "a line break of old": "a: b\rc: d\n",
    "a byte order mark inside": "p:\n\ufeffn:\n  last\n",
    "a control character": "a: \x07b\n",
    "half a character": "a: \ud800\n",
    "a document's mark": "---\na: b\n",
    "a document's end": "a: b\n...\n...\n",
    "a directive": "%YAML 1.1\n---\na: no\n",
    "a remark at a block's sign": "a: |# b\n  c\n",
    "a remark at a folded block's sign": "a: >-# b\n  c\n",
    "a value at a quoted key": "a: [{d: e}, 'h':i]\n",
    "a value at a list": "a: [[b]:c]\n",
    "nothing": "a:\nb: c\n",
    "nothing before a remark": "a: # b\n",
    "nothing in a list": "- a\n-\n",
    "an anchor": "a: &x [b]\n",
    "an alias": "a: &x b\nc: *x\n",
    "a tag": "a: !!str 12\n",
    "no text": "# a\n",
    "a list": "- a\n",
    "a text": "|\n#a\n",
    "no YAML": "a: b: c\n",
    "lists in lists": "a: " + "[" * 60 + "]" * 60 + "\n",
}


def _pure(text: str) -> YamlSource:
    """Read a text by the pure parser alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_events, "compose", lambda _: None)
        return parse_source(text, "f.yaml")


def _hold(text: str) -> None:
    """Hold that a text is read the same by both, or is left to the pure parser."""
    if yaml_events.compose(text) is not None:
        assert parse_source(text, "f.yaml") == _pure(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_file_is_read_in_c_and_the_same(path: Path) -> None:
    """The start of the bot waits for none of them."""
    text = path.read_text(encoding="utf-8")
    assert yaml_events.compose(text) is not None
    assert parse_source(text, "f.yaml") == _pure(text)


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_read_otherwise_is_left_to_the_pure_parser(text: str) -> None:
    """Most of these the parser in C reads and the pure one refuses, or finds at another place."""
    assert yaml_events.compose(text) is None
    assert parse_source(text, "f.yaml") == _pure(text)


@pytest.mark.parametrize(
    "text", ["a: b\r\nc:\r\n  - d\r\n", "a: |\r\n  b\r\n\r\n  c\r\n", '"a b": "c\\u00e9"\r\n']
)
def test_lines_that_end_as_windows_ends_them_are_read_in_c(text: str) -> None:
    """An author's editor writes them, and both parsers count them the same."""
    assert yaml_events.compose(text) is not None
    _hold(text)


def test_the_deepest_that_is_read_and_one_more_are_told_the_same() -> None:
    """Up to the limit the parser in C reads it; beyond, the pure parser says what is wrong."""
    for lists in range(yaml_events.MAX_DEPTH - 2, yaml_events.MAX_DEPTH + 2):
        text = "a: " + "[" * lists + "b" + "]" * lists + "\n"
        assert parse_source(text, "f.yaml") == _pure(text)
        assert bool(parse_source(text, "f.yaml").problems) == (1 + lists >= yaml_events.MAX_DEPTH)


def test_half_a_megabyte_of_brackets_ends_no_process() -> None:
    """PyYAML's own composer goes one step deeper into the stack for each, and is ended by it."""
    code = (
        "from flows.formats.yaml_events import compose\n"
        "for sign in ('[', '{a: ', '- ', '[\\n'):\n"
        "    print(compose(sign * 100_000))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100
    )
    assert ran.stdout.split() == ["None"] * 4


def test_without_the_part_in_c_the_pure_parser_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may be installed without it, or be missing; the same is read, by the other parser."""
    text = "".join(PIECES[0])
    yaml = pytest.importorskip("yaml")
    if not yaml.__with_libyaml__:
        pytest.skip("PyYAML is installed without its parser in C")
    asked: list[str] = []
    pure = load("flows.formats.yaml_problems")
    compose = pure.compose
    monkeypatch.setattr(pure, "compose", lambda text, file: asked.append(file) or compose(text, file))
    read = parse_source(text, "in C")
    assert asked == []
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert parse_source(text, "in C") == read
    assert asked == ["in C"]

    def missing(module: str) -> None:
        raise PackageMissing(module)

    monkeypatch.setattr(yaml_events, "load", missing)
    assert parse_source(text, "in C") == read
    assert asked == ["in C"] * 2


_SIGNS = st.sampled_from(
    (
        *(
            "\t",
            " ",
            "  ",
            "\n",
            "\r",
            "\r\n",
            "\n\n",
            ":",
            ": ",
            " :",
            "- ",
            "-",
            "#",
            " #",
            "'",
            '"',
            "{",
            "}",
            "[",
            "]",
        ),
        *(
            ",",
            ", ",
            "&a ",
            "*a",
            "!",
            "!!str ",
            "|",
            ">",
            "|\n",
            "? ",
            "?",
            "%",
            "@",
            "`",
            "\\",
            "\\u00e9",
            "\\/",
        ),
        *(
            "\x00",
            "\x07",
            "\x7f",
            "\x85",
            "\u2028",
            "\ufeff",
            "\u00a0",
            "\u200b",
            "\ufffe",
            "😀",
            "\n---\n",
            "<<: ",
        ),
        *(
            "~",
            "=",
            "\n#x\n",
            "\n \n",
            "\n\t\n",
            "\t\n",
            "a: b\n",
            "  c: d\n",
            "|+",
            ">2",
            '""',
            "''",
            "\\\n",
        ),
        *("\n...\n", "k" * 1030),
    )
)


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """Lines of a shipped script, some characters of which were deleted, doubled, swapped or replaced."""
    lines = draw(st.sampled_from(PIECES))
    first = draw(st.integers(0, len(lines) - 1))
    part = lines[first : first + draw(st.integers(1, 14))]
    indent = min((len(line) - len(line.lstrip(" ")) for line in part if line.strip()), default=0)
    text = "".join(line[indent:] if line.strip() else line for line in part)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        match draw(
            st.sampled_from(["delete", "double", "swap", "insert", "replace", "indent", "repeat", "cut"])
        ):
            case "delete":
                text = text[:place] + text[place + 1 :]
            case "double":
                text = text[:place] + text[place : place + 1] + text[place:]
            case "swap":
                text = (
                    text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]
                )
            case "insert":
                text = text[:place] + draw(_SIGNS) + text[place:]
            case "replace":
                text = text[:place] + draw(_SIGNS) + text[place + 1 :]
            case "indent":
                line = text.rfind("\n", 0, place) + 1
                text = text[:line] + " " * draw(st.integers(1, 4)) + text[line:]
            case "repeat":
                text = text[: text.find("\n", place) + 1] + text[text.rfind("\n", 0, place) + 1 :]
            case _:
                text = text[:place]
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text


@settings(max_examples=200)
@given(text=_spoilt())
def test_spoilt_scripts_are_read_the_same(text: str) -> None:
    """What is accepted has the same values and places, and what is wrong is told in the same words."""
    _hold(text)


_WORDS = st.sampled_from(
    (
        *("a", "b", "c d", "é", "-1", '"x"', "'y z'", "a:b", "http://x:1/y", "1.5", "no", ".."),
        *('"a\n b"', '"\\x41"', '"\\\n b"'),
    )
)
_TOKENS = _WORDS | _SIGNS


@settings(max_examples=300)
@given(
    words=st.lists(_TOKENS, min_size=1, max_size=12),
    around=st.sampled_from(
        ["{}", "a:\n  {}", "a: [{}]\n", "- {{k: {}}}\n", "a: |\n  {}\nb: c\n", "a: '{}'\n"]
    ),
)
@example(words=["'h'", ":", "a"], around="a: [b, {}]\n")
@example(words=["|", "#", "a", "\n ", "b"], around="a: {}\n")
def test_signs_in_any_order_are_read_the_same(words: list[str], around: str) -> None:
    """Also where no author would set them."""
    _hold(around.format("".join(words)))
