"""What a browser says of its languages."""

import pytest

from bot.channels.page_languages import wished


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        ("de", ("de",)),
        ("fr;q=0.5, de-AT, en;q=0.8, *;q=0.1", ("de-AT", "en", "fr")),
        ("en;q=x, de", ("de", "en")),
        (",,;q=1", ()),
        ("a" * 5000, ("a" * 500,)),
    ],
)
def test_languages_come_by_their_weight(header, expected):
    """The most wished for stand first; what cannot be read does no harm."""
    assert wished(header) == expected
    assert len(wished(", ".join(f"x{number}" for number in range(90)))) == 10
