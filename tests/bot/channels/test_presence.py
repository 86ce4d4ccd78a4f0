from datetime import UTC, datetime, timedelta

from bot.channels.presence import STAYS_SECONDS, MessageNames, PagePresence


def test_somebody_is_there_for_a_while_after_they_sent_something() -> None:
    """Who sent something from a page is there for five minutes, and nobody else is."""
    now = [0.0]
    presence = PagePresence(lambda: now[0])
    presence.visit("a")
    assert presence.is_here("a")
    assert not presence.is_here("b")
    now[0] = STAYS_SECONDS
    assert not presence.is_here("a")


def test_names_rise_whatever_the_clock_does() -> None:
    """Each message's number is greater than the one before, also where the clock was set back."""
    at = [datetime(2026, 1, 1, tzinfo=UTC)]
    names = MessageNames(lambda: at[0])
    first, second = int(names.next()), int(names.next())
    at[0] -= timedelta(days=1)
    third = int(names.next())
    assert first < second < third
    assert first == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
