"""Characters that nobody sees are found, and those that texts need are left alone."""

import pytest

from flows.text.hidden_characters import first_hidden


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ab\x1b[2J", (2, "U+001B")),
        ("\x00", (0, "U+0000")),
        ("a\x9bb", (1, "U+009B")),
        ("yes\u202eon", (3, "U+202E")),
        ("\u2028", (0, "U+2028")),
        ("a\ud83d", (1, "U+D83D")),
        ("line\n\ttab\r\n", None),
        ("\u200fنعم\u2067 5 \u2069", None),
        ("👩\u200d⚕️ 🏴\U000e0067\U000e0062\U000e007f", None),
        ("«\u202foui\u00a0»", None),
    ],
)
def test_first_hidden(text: str, found: tuple[int, str] | None) -> None:
    """The first is told with its place; Arabic, French and emoji have none."""
    assert first_hidden(text) == found
