"""What somebody picked, and the themes that it raises."""

import pytest

from storage.follow_up.picks import PickedThemes

MERGED = {"listening": "being_heard", "choosing": "being_heard"}


@pytest.mark.parametrize(
    ("picked", "theme", "raised"),
    [
        ("being_heard", "being_heard", True),
        ("being_heard", "listening", True),  # a programme file of before
        ("listening", "being_heard", True),  # a pick of before
        ("listening", "choosing", True),  # both are now the same
        ("being_heard", "cost", False),
        ("cost", "listening", False),
        ("cost", None, False),
    ],
)
def test_a_theme_is_what_it_has_become_part_of(picked: str, theme: str | None, raised: bool) -> None:
    """Codes of before and of now meet, whichever side has which."""
    themes = PickedThemes(frozenset({MERGED.get(picked, picked)}), MERGED)
    assert themes.has(theme) is raised
