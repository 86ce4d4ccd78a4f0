"""How placeholders are written, in scripts and in the team's pages."""

import pytest

from flows.i18n.placeholders import PlaceholderStyle

BRACES, PERCENT = PlaceholderStyle.BRACES, PlaceholderStyle.PERCENT


@pytest.mark.parametrize(
    ("style", "text", "names"),
    [
        (BRACES, "Hi {program.team}, 5 %", {"program.team"}),
        (BRACES, "an open { brace", None),
        (PERCENT, "%(n)s of %(all)s {x}", {"n", "all"}),
        (PERCENT, "5 %%", set()),
        (PERCENT, "5 %", None),
        (PERCENT, "%(n)d", None),
        (PERCENT, "%s", None),
        (PERCENT, "%(n) s", None),
    ],
)
def test_placeholders_are_read(style: PlaceholderStyle, text: str, names: set[str] | None) -> None:
    """By their names; None where what begins one does not end it."""
    assert style.names_in(text) == names


def test_placeholders_are_written_as_they_are_read() -> None:
    """Each style reads what it writes."""
    for style in PlaceholderStyle:
        assert style.names_in(style.written("n")) == {"n"}
