from bot.channels.presence import STAYS_SECONDS, PagePresence


def test_somebody_is_there_for_a_while_after_they_sent_something() -> None:
    """Who sent something from a page is there for five minutes, and nobody else is."""
    now = [0.0]
    presence = PagePresence(lambda: now[0])
    presence.visit("a")
    assert presence.is_here("a")
    assert not presence.is_here("b")
    now[0] = STAYS_SECONDS
    assert not presence.is_here("a")
