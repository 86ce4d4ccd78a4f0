"""Promises of bot/channels/base.py: a button's payload is read only as it is written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.base import LARGEST, button_payload, read_button

NUMBERS = st.integers(0, LARGEST)
PARTS = st.text("0123456789abcdefABCDEFx+-_. \t\n\u0661\uff11\u0967", max_size=24)


@given(NUMBERS, NUMBERS, st.none() | NUMBERS)
@example(0, 0, None)
@example(LARGEST, LARGEST, LARGEST)
def test_what_is_written_is_read(conversation, ask, option):
    """Every payload comes back as the numbers that it was made of."""
    assert read_button(button_payload(conversation, ask, option)) == (conversation, ask, option)


@given(PARTS | st.lists(PARTS, min_size=2, max_size=3).map(".".join) | st.text())
def test_what_is_read_was_written(payload):
    """Whatever is read would be written in the very same way: there is no second way to name a button."""
    read = read_button(payload)
    assert read is None or button_payload(*read) == payload


@pytest.mark.parametrize(
    "payload",
    [
        "",
        ".",
        "..",
        "1",
        "1.",
        "1.0.",
        ".1.0",
        "1.0.0.0",
        "1..0",
        "confirm:yes",
        "vote_1.2",
        "1.0.-1",
        "-1.0.0",
        "+1.0.0",
        "0x1.0.0",
        "1_0.0.0",
        "01.0.0",
        "1.00.0",
        "1.0.A",
        " 1.0.0",
        "1.0.0 ",
        "1.0.0\n",
        "\u0661.0.0",
        "1.\uff10.0",
        "1.0.\u0967",
        "8000000000000000.0.0",
        "f" * 16 + ".0.0",
        "1." + "f" * 17,
        "1.0." + "9" * 4000,
    ],
)
def test_a_payload_that_is_not_ours(payload):
    """Empty, cut, of another bot, with signs, spaces, other digits or numbers that no database holds."""
    assert read_button(payload) is None
