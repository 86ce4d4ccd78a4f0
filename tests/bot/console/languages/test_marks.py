"""Marked sentences."""

from bot.console.languages.marks import noted


def test_a_mark_changes_nothing() -> None:
    """A sentence that was noted is the sentence."""
    assert noted("Nothing is to come.") == "Nothing is to come."
