"""Labels in lines: what they hold, how wide they are, and where they break."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from storage.outcomes.figures.labels import ELLIPSIS, clean, numbered, width_of, wrapped
from tests.support.figure_samples import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [60, 160, 600])
def test_lines_fit(text: str, width: int) -> None:
    """No line is wider than it may be, and there are no more than were asked for."""
    lines = wrapped(text, width, 13, 3)
    assert 1 <= len(lines) <= 3
    assert all(width_of(line, 13) <= width for line in lines)


@given(st.text(max_size=80), st.integers(40, 300))
def test_nothing_is_lost_but_what_is_cut(text: str, width: int) -> None:
    """Whatever the text: all its characters are there in order, or the last line ends in an ellipsis."""
    lines = wrapped(text, width, 12, 4)
    joined = regex.sub(r"[\s\u2068\u2069]", "", "".join(lines))
    whole = regex.sub(r"\s", "", clean(text))
    assert joined == whole or (joined.endswith(ELLIPSIS) and whole.startswith(joined.removesuffix(ELLIPSIS)))


@given(st.text())
def test_clean_text_can_stand_in_xml(text: str) -> None:
    """No control, no half of a character, one line, and cleaning it again changes nothing."""
    found = clean(text)
    assert not regex.search(r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]", found)
    assert clean(found) == found


def test_words_break_between_characters_as_readers_see_them() -> None:
    """A family that is one picture is never torn apart."""
    family = "👩‍👩‍👧‍👦"
    assert "".join(wrapped(family * 4, 60, 13, 9)) == family * 4
    assert all(line.replace(family, "") == "" for line in wrapped(family * 4, 60, 13, 9))


def test_a_number_stands_before_the_label() -> None:
    """It is never cut, whatever the label is."""
    for label in HOSTILE:
        assert numbered("1,200", label, 60, 12)[0].startswith("1,200")
