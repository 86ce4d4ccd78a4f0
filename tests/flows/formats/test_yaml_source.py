"""YAML is read with places, the same by either parser; what is no script is told at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.formats import yaml_events
from flows.formats.yaml_source import parse_source
from flows.problem_codes import ProblemCode

NO_YAML = {
    "tab": ("flow: a\nsteps:\n\t- x\n", ProblemCode.TAB),
    "open list": ("flow: [a\n", ProblemCode.SYNTAX),
    "open quote": ("flow: 'a\n", ProblemCode.SYNTAX),
    "colon in a text": ("title: Hello: you\n", ProblemCode.SYNTAX),
    "two documents": ("flow: a\n---\nflow: b\n", ProblemCode.SYNTAX),
    "alias of nothing": ("flow: *nobody\n", ProblemCode.SYNTAX),
    "bell": ("flow: a\ntitle: \x07bell\n", ProblemCode.SYNTAX),
    "nothing": ("# only a comment\n", ProblemCode.EMPTY),
    "a key twice": ("flow: a\nflow: b\n", ProblemCode.DUPLICATE_KEY),
    "a tag": ("flow: !mine x\n", ProblemCode.BAD_TAG),
    "itself": ("a: &a [*a]\n", ProblemCode.TOO_DEEP),
    "a character beyond the last": ('a: "b\\U00110000"\n', ProblemCode.SYNTAX),
}


def _both(text: str) -> None:
    """Hold that a text is read the same by the pure parser alone as where the one in C is asked first."""
    read = parse_source(text, "f.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_events, "compose", lambda _: None)
        assert parse_source(text, "f.yaml") == read


@pytest.mark.parametrize(("text", "code"), NO_YAML.values(), ids=NO_YAML)
def test_a_file_that_is_no_script_has_the_same_problems(text: str, code: ProblemCode) -> None:
    """What the parser in C refuses, the pure one reads again, so that the message stays as it is."""
    _both(text)
    assert [problem.code for problem in parse_source(text, "f.yaml").problems] == [code]


@pytest.mark.parametrize(
    "text", ["a: no\nb: 12:30\nc: 010\nd: 1_000\ne: 0x1F\nf: 2026-01-02\ng: =\n'<<': {h: ~}\n"]
)
def test_words_of_older_yaml_are_texts_by_both(text: str) -> None:
    """`no` is a word and `12:30` a text: the parser in C only splits the text, and its library resolves nothing."""
    _both(text)
    assert parse_source(text, "f").value == {
        "a": "no", "b": "12:30", "c": 10, "d": "1_000", "e": "0x1F", "f": "2026-01-02", "g": "=", "<<": {"h": None},
    }  # fmt: skip


def test_an_alias_is_followed_by_both() -> None:
    """What is said once and used twice has its place where it is said."""
    _both("a: &yes [{key: y, label: 'Yes'}]\nb: *yes\nc: {<<: *yes}\n")


_LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters='"\\')
_WORDS = st.text(_LETTERS, min_size=1, max_size=30)
_QUOTED = _WORDS.filter(lambda words: not words.startswith(":"))
"""The fast parser leaves a quote that touches a colon to the other one: it may close a key."""
_PLAIN = st.from_regex(r"[A-Za-zäéßяع][A-Za-z0-9äéßяع_ ]{0,20}[a-z]", fullmatch=True)


@st.composite
def _scalars(draw: st.DrawFn, indent: int) -> str:
    """A scalar in any of the forms in which an author writes it, after its key's colon."""
    match draw(st.sampled_from(["plain", "number", "double", "single", "block", "folded"])):
        case "plain":
            return f" {draw(_PLAIN)}\n"
        case "number":
            return f" {draw(st.integers() | st.sampled_from(['true', 'null', '~', '1.5', '-.5e3', 'no', '12:30']))}\n"
        case "double":
            return f' "{draw(_QUOTED)}"  # a remark\n'
        case "single":
            return " '" + draw(_QUOTED).replace("'", "''") + "'\n"
        case "block":
            sign = draw(st.sampled_from(["|", "|-", "|+"]))
        case _:
            sign = draw(st.sampled_from([">", ">-"]))
    lines = draw(st.lists(_PLAIN, min_size=1, max_size=4))
    return f" {sign}\n" + "".join(
        " " * indent + line + draw(st.sampled_from(["\n", "\n\n"])) for line in lines
    )


@st.composite
def _mappings(draw: st.DrawFn, indent: int = 0) -> str:
    """A mapping of a few keys, each line indented; its values are scalars, lists and mappings."""
    keys = draw(st.lists(_PLAIN, min_size=1, max_size=4, unique=True))
    space, inner, text = " " * indent, indent + 2, ""
    for key in keys:
        kind = draw(st.sampled_from(["scalar", "mapping", "list", "flow"] if indent < 6 else ["scalar"]))
        text += draw(st.sampled_from(["", "\n", f"{space}# a remark\n"])) + f"{space}{key}:"
        if kind == "scalar":
            text += draw(_scalars(inner))
        elif kind == "mapping":
            text += "\n" + draw(_mappings(inner))
        elif kind == "list":
            items = draw(st.lists(_mappings(inner), min_size=1, max_size=3))
            text += "\n" + "".join(
                f"{space}- " + item.lstrip("\n ") if item.lstrip("\n ")[0] != "#" else f"{space}- x\n"
                for item in items
            )
        else:
            text += f" [{', '.join(draw(st.lists(_PLAIN, max_size=3)))}]\n"
    return text


@given(text=_mappings())
def test_random_yaml_is_read_the_same_by_both(text: str) -> None:
    """Whatever an author may plainly write: each form of text, lists, mappings and remarks, in many scripts."""
    assert yaml_events.compose(text) is not None
    _both(text)
