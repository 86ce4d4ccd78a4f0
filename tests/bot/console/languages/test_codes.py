"""Codes as words."""

from bot.console.languages.codes import SHOWN, words_of


def test_codes_are_shown_as_words() -> None:
    """Without the signs of a code; a set stands in the table once."""
    assert words_of("not_an_event") == "not an event"
    assert len(set(SHOWN)) == len(SHOWN)
