"""What a browser takes along to the provider of accounts: written and read, and when it is answered."""

from datetime import UTC, datetime, timedelta

from bot.console.access.account_provider import AWAY_AT_MOST, OpenSignIn

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_open_sign_in_is_read_as_it_was_written():
    """Nothing of it is lost on the way, with a session or without."""
    for session in (None, 17):
        left = OpenSignIn("state", "nonce", "verifier", NOW, session)
        assert OpenSignIn.read(left.written()) == left


def test_an_open_sign_in_is_answered_by_its_state_in_time():
    """Another state, none, or the right one too late is no answer."""
    left = OpenSignIn("state", "nonce", "verifier", NOW)
    assert left.is_answered_by("state", NOW + AWAY_AT_MOST)
    assert not left.is_answered_by("state", NOW + AWAY_AT_MOST + timedelta(seconds=1))
    assert not left.is_answered_by("", NOW)
    assert not left.is_answered_by("stat\u00e9", NOW)
