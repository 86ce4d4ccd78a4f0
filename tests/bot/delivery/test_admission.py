"""Openers are admitted at a rate that leaves the pace to what they cause."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.delivery.admission import ENOUGH_OPENERS, RIPE, OpenerAdmission
from bot.delivery.rate_limits import TELEGRAM, UNLIMITED
from storage.conversations.outbox import Head
from storage.schema import AddressStatus, Lane, OutboxKind
from tests.support.delivery_world import Post, make_post
from tests.support.wave_world import MONDAY

PACE = 1 / TELEGRAM.channel.interval.total_seconds()
SECOND = timedelta(seconds=1)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path, pace=TELEGRAM)
    yield made
    made.world.database.close()


def head(conversation: int, lane: Lane) -> Head:
    return Head(
        conversation, conversation, None, "fake", b"", conversation, OutboxKind.MESSAGE, None, "{}", 0, None,
        MONDAY, False, AddressStatus.ACTIVE, lane=lane,
    )  # fmt: skip


def watched(caused: int, number: int = 4 * ENOUGH_OPENERS) -> OpenerAdmission:
    """Openers two a second, each of which has caused so many messages, and one more when they are ripe."""
    admission = OpenerAdmission(TELEGRAM.channel)
    for one in range(number):
        admission.delivered(head(one, Lane.BULK), MONDAY + one * SECOND)
    for one in range(number):
        for _ in range(caused):
            admission.delivered(head(one, Lane.REPLY), MONDAY + timedelta(minutes=29) + one * SECOND)
    admission.delivered(head(number, Lane.BULK), MONDAY + RIPE + number * SECOND)
    return admission


def test_at_first_an_opener_is_taken_to_cause_eight_messages() -> None:
    """Before anything was seen, what openers cause would need four fifths of the pace."""
    rate = OpenerAdmission(TELEGRAM.channel).rate(MONDAY)
    assert rate == pytest.approx(0.8 * PACE / 8)


@pytest.mark.parametrize(
    ("caused", "rate"), [(0, PACE), (1, PACE / 2), (4, 0.8 * PACE / 4), (20, 0.8 * PACE / 20)]
)
def test_the_rate_follows_what_openers_cause(caused: int, rate: float) -> None:
    """It is the pace over one plus what an opener causes, and what it causes needs four fifths of the pace."""
    assert watched(caused).rate(MONDAY) == pytest.approx(rate)


def test_openers_that_are_not_ripe_say_nothing() -> None:
    """What went a moment ago has caused nothing yet: the rate is as before, or all of a wave would go at once."""
    admission = OpenerAdmission(TELEGRAM.channel)
    for one in range(500):
        admission.delivered(head(one, Lane.BULK), MONDAY + one * SECOND)
    assert admission.rate(MONDAY) == pytest.approx(0.8 * PACE / 8)


def test_no_opener_goes_while_replies_need_the_pace() -> None:
    """Where other messages go faster than four fifths of the pace, openers wait; soon after they go again."""
    admission = OpenerAdmission(TELEGRAM.channel)
    now = MONDAY
    for one in range(3_000):
        now = MONDAY + one * TELEGRAM.channel.interval
        admission.delivered(head(one, Lane.REPLY), now)
    assert admission.free(now) > now
    later = now + timedelta(minutes=1)
    assert admission.free(later) <= later


def test_memory_is_bounded() -> None:
    """However fast openers go, five a second are watched, for two hours."""
    admission = OpenerAdmission(TELEGRAM.channel)
    for one in range(20_000):
        admission.delivered(head(one, Lane.BULK), MONDAY + one * timedelta(milliseconds=1))
    assert len(admission._watched) == 100
    admission.delivered(head(20_000, Lane.BULK), MONDAY + timedelta(hours=3))
    assert len(admission._watched) == 1


def test_no_limit_admits_all() -> None:
    """A channel of ours has no rate: every opener may go."""
    admission = OpenerAdmission(UNLIMITED)
    admission.take(MONDAY)
    assert admission.free(MONDAY) <= MONDAY
    assert admission.bears(MONDAY) is None


async def test_openers_go_at_their_rate_and_replies_between_them(post: Post) -> None:
    """A wave goes out at a tenth of the pace, in order; what is said to others goes at the full pace meanwhile."""
    post.crowd(10, Lane.BULK)
    post.crowd(30, Lane.REPLY)
    await post.delivery.drain()
    openers = [call.at for call in post.channel.delivered if call.text.startswith("bulk")]
    assert len(openers) == 10
    assert min(later - earlier for earlier, later in pairwise(openers)) >= timedelta(seconds=0.35)
    replies = [call.at for call in post.channel.delivered if call.text.startswith("reply")]
    assert replies[-1] - replies[0] < timedelta(seconds=1.5)


async def test_an_opener_is_said_to_its_end(post: Post) -> None:
    """The second message of an opener waits for a second, as any in its chat, and not for the other openers."""
    conversation = post.world.person().commit("x")
    post.queue("ann", "one", "two", lane=Lane.BULK, conversation_id=conversation)
    post.crowd(30, Lane.BULK)
    await post.delivery.drain()
    one, two = [call.at for call in post.channel.delivered if call.text in ("one", "two")]
    assert two - one < timedelta(seconds=1.5)


@pytest.mark.parametrize(("waiting", "room"), [(0, True), (100, True), (400, False)])
async def test_no_more_are_queued_than_a_minute_of_sending(post: Post, waiting: int, room: bool) -> None:
    """Whoever fires is told when the lane holds a minute of sending; a channel without a limit always has room."""
    post.crowd(waiting, Lane.BULK)
    database = post.world.database
    assert database.read_now(lambda c: post.delivery.has_room(c, "fake")) is room
    assert database.read_now(lambda c: post.delivery.has_room(c, "terminal"))
