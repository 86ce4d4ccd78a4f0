"""The order of what both sides say."""

from bot.channels.message_numbers import STEP, MessageNumbers

SECOND = 1_000_000_000


def test_ours_rise_whatever_the_clock_does():
    """Each is greater than all before, also at one moment, on a clock set back, and after a restart."""
    at = [10 * SECOND]
    numbers = MessageNumbers(lambda: at[0])
    first, second = numbers.of_ours(0), numbers.of_ours(0)
    at[0] = 3 * SECOND
    third = numbers.of_ours(0)
    after_restart = MessageNumbers(lambda: at[0]).of_ours(third)
    assert first == 10_000_000
    assert first < second < third < after_restart


def test_theirs_stand_below_our_next_message():
    """What is posted from one page is numbered in its order, above what the page showed and below what comes next."""
    numbers = MessageNumbers(lambda: 10 * SECOND)
    newest = numbers.of_ours(0)
    posted = [numbers.of_theirs("web:1", newest) for _ in range(STEP + 5)]
    assert posted[:3] == [newest + 1, newest + 2, newest + 3]
    assert posted == sorted(posted)
    assert posted[-1] < numbers.of_ours(0)


def test_each_page_is_counted_by_itself():
    """Another device, or a newer page, begins at one."""
    numbers = MessageNumbers(lambda: 10 * SECOND)
    assert numbers.of_theirs("web:1", 1000) == numbers.of_theirs("web:2", 1000) == 1001
    assert numbers.of_theirs("web:1", 2000) == 2001
