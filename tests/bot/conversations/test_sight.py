"""Promises of sight: for every state of the question's messages, what words typed there are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import message_order
from bot.conversations.sight import WAIT, OutcomePending, ReadingTime, WrittenWords, sight_of
from bot.delivery.rows import to_json
from flows.engine.effects import Option, Prompt
from flows.engine.events import Sight
from storage.conversations.showings import Showing
from storage.schema import OutboxStatus

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE, THERE = 1, 2
QUESTION = Prompt("How are you today?", ask=3, options=(Option("Well"), Option("Not so well")))


def showing(status="sent", number="10", *, at=NOW, address=HERE, in_doubt=False):
    sent = OutboxStatus(status) is OutboxStatus.SENT
    payload = to_json(QUESTION).decode()
    return Showing(
        address, OutboxStatus(status), number if sent else None, at if sent else None, in_doubt, payload
    )


def words(order=11, *, after=timedelta(minutes=1), address=HERE, reading=ReadingTime(), written=None):  # noqa: B008
    return WrittenWords(address, order, NOW + after, written, reading)


def look(*showings, said=None, is_consent=False, now=NOW + timedelta(minutes=1)):
    return sight_of(showings, said or words(), is_consent=is_consent, now=now)


DOUBT = {"sending": showing("sending"), "queued again": showing("queued", in_doubt=True)}


@pytest.mark.parametrize(
    ("showings", "order", "sight"),
    [
        ([], 1, Sight.SEEN),
        ([showing(number="10")], 11, Sight.SEEN),
        ([showing(number="10")], 9, Sight.BEFORE),
        ([showing("queued")], 11, Sight.BEFORE),
        ([showing("failed")], 11, Sight.UNREAD),
        ([showing("dropped")], 11, Sight.UNREAD),
        ([showing("failed"), showing("queued")], 11, Sight.BEFORE),
        ([showing("failed"), showing(number="20")], 11, Sight.BEFORE),
        ([showing("failed"), showing(number="20")], 21, Sight.SEEN),
        ([showing(number="10"), showing(number="20")], 15, Sight.SEEN),
        ([showing(number="10"), showing("queued")], 15, Sight.SEEN),
        ([showing(number="1700000000.000200")], message_order("1700000000.000100"), Sight.BEFORE),
        ([showing(number="1700000000.000200")], message_order("1700000000.000300"), Sight.SEEN),
    ],
)
def test_places_in_the_chat_decide(showings, order, sight):
    """The first message that showed the question is its own; repetitions do not move it."""
    assert look(*showings, said=words(order)) is sight


@pytest.mark.parametrize(("is_text", "then"), [(True, Sight.SEEN), (False, Sight.BEFORE)])
def test_a_question_that_came_twice(is_text, then):
    """Own words between its two copies are about the first; a closed answer is given again to the one below it."""
    twice = showing(number="20", in_doubt=True)
    seen = sight_of([twice], words(15), is_consent=False, is_text=is_text, now=NOW + timedelta(minutes=1))
    assert seen is then


@pytest.mark.parametrize("in_doubt", DOUBT.values(), ids=DOUBT)
@pytest.mark.parametrize(("is_consent", "then"), [(False, Sight.SEEN), (True, Sight.UNREAD)])
def test_doubt_is_waited_out(in_doubt, is_consent, then):
    """Half a minute for the outcome of a sending; then it counts as shown, and a consent is shown again."""
    said = words(after=timedelta(0))
    with pytest.raises(OutcomePending) as waits:
        look(in_doubt, said=said, is_consent=is_consent, now=NOW + WAIT - timedelta(seconds=1))
    assert waits.value.until == NOW + WAIT
    assert look(in_doubt, said=said, is_consent=is_consent, now=NOW + WAIT) is then


@pytest.mark.parametrize(
    ("seconds", "most", "sight"),
    [
        (0.5, 6, Sight.UNREAD),
        (1.5, 6, Sight.UNREAD),  # eight words, at fifteen a second, and a second
        (1.6, 6, Sight.SEEN),
        (0.5, 0, Sight.SEEN),
        (-0.5, 0, Sight.SEEN),  # it came before we knew that the question was sent
        (0.5, 0.4, Sight.SEEN),
    ],
)
def test_what_comes_sooner_than_it_could_be_read(seconds, most, sight):
    """One second and one for each fifteen words, at most so much as the setting says."""
    reading = ReadingTime(timedelta(seconds=most))
    assert look(showing(), said=words(after=timedelta(seconds=seconds), reading=reading)) is sight


def test_what_leads_to_a_question_takes_time_to_read_too():
    """It stands above the question in the same message: thirty words of it are two more seconds."""
    reading = ReadingTime(timedelta(seconds=6))
    joined = Prompt(QUESTION.text, ask=3, options=QUESTION.options, lead="I see. " * 15)
    assert reading.needed_for(joined) == reading.needed_for(QUESTION) + timedelta(seconds=2)


def test_too_soon_but_shown_again_below():
    """A repetition that stands after the words need not be followed by another one."""
    said = words(15, after=timedelta(seconds=0.5), reading=ReadingTime(timedelta(seconds=6)))
    assert look(showing(), showing(number="20"), said=said) is Sight.BEFORE
    assert look(showing(), showing("queued"), said=said) is Sight.BEFORE


@pytest.mark.parametrize(
    ("shown_after", "is_consent", "sight"),
    [
        (timedelta(0), False, Sight.SEEN),
        (timedelta(0), True, Sight.UNREAD),
        (timedelta(minutes=5), False, Sight.UNREAD),
    ],
)
def test_another_address_is_compared_by_time(shown_after, is_consent, sight):
    """The numbers of two chats say nothing of each other; a consent is shown where they write."""
    elsewhere = showing(address=THERE, number="99", at=NOW + shown_after)
    assert look(elsewhere, is_consent=is_consent) is sight


def test_the_platform_says_when_words_were_written():
    """A message that was held back by an outage was written before what was shown meanwhile elsewhere."""
    held_back = words(after=timedelta(minutes=9), written=NOW - timedelta(minutes=1))
    assert look(showing(address=THERE), said=held_back) is Sight.UNREAD


@given(st.integers(0, 2**53), st.integers(0, 2**53))
def test_numbers_keep_their_order(one, other):
    """Telegram's numbers."""
    assert (message_order(str(one)) < message_order(str(other))) == (one < other)


@given(*[st.tuples(st.integers(10**9, 2 * 10**9), st.integers(0, 999_999))] * 2)
def test_timestamps_keep_their_order(one, other):
    """Slack's, to the microsecond."""
    first, second = (message_order(f"{seconds}.{micros:06}") for seconds, micros in (one, other))
    assert (first < second) == (one < other)


@pytest.mark.parametrize("name", [None, "", "m12", "12a", "-3", "1.2.3", "\u0661", "1,5"])
def test_other_names_have_no_order(name):
    """A channel in memory, the terminal, junk."""
    assert message_order(name) is None
