"""Texts that reach a terminal: nothing in them moves, colours or forges, and none of it is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.terminal_text import escaped_json, on_one_line, visible

DRIVING = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\n", "\t"}
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f\u2028\u2029")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b]0;owned\x07\x1b[2J", "\\x1b]0;owned\\x07\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("fine\rREAD", "fine ↵ READ"),
        ("fine\r\nREAD", "fine ↵ READ"),
        ("one\u2028two\x85three\x0bfour", "one\\u2028two\\x85three\\x0bfour"),
        ("\u2068Anna\u2069", "Anna"),
        ("half \ud83d", "half \\ud83d"),
        ("👩\u200d⚕️ عندي ألم", "👩\u200d⚕️ عندي ألم"),
    ],
)
def test_what_drives_a_terminal_is_shown(written: str, shown: str):
    """Escapes of C0 and C1, turns of direction and breaks can be read; emoji and letters stay."""
    assert on_one_line(written) == shown


@given(st.text())
def test_nothing_gets_through(text: str):
    """Whatever was written: one line, no control, no turn, and something that can be encoded."""
    assert not (DRIVING | TURNING | {"\n", "\t"}) & set(on_one_line(text))
    assert not (DRIVING | TURNING) & set(visible(text))
    assert len(on_one_line(text).splitlines()) <= 1
    on_one_line(text).encode()


@given(st.dictionaries(st.text(), st.text(alphabet=st.characters(codec=None))))
def test_json_says_the_same(value: dict[str, str]):
    """A reader of the JSON finds each character; a terminal finds none that drives it."""
    document = escaped_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(document) == value
    assert not (DRIVING | TURNING) & set(document)
    document.encode()
