"""What cannot go at the free pace is paid for, up to a ceiling a month, if the settings say so."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.channels.base import NotPaidFor, Outbound, RateLimited
from bot.delivery.rate_limits import TELEGRAM, PaidRate
from storage.conversations.paid_messages import PaidUse, used_in
from storage.schema import Lane, OutboxKind
from tests.support.delivery_world import Post, make_post

SECOND = timedelta(seconds=1)
FREE = 28
"""Messages a second."""


def paying(folder: Path, *, ceiling: int = 100_000, per_second: int = 200) -> Post:
    return make_post(folder, pace=replace(TELEGRAM, paid=PaidRate(per_second, ceiling)))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = paying(tmp_path)
    yield made
    made.world.database.close()


def paid(post: Post) -> int:
    """How many messages were handed over to be paid for."""
    return sum(call.message.paid for call in post.channel.calls)


def use(post: Post, month: str = "2026-03") -> PaidUse:
    return post.world.database.read_now(lambda c: used_in(c, "fake", month))


def fullest_second(post: Post, *, only_free: bool = False) -> int:
    times = [call.at for call in post.channel.calls if not (only_free and call.message.paid)]
    return max(sum(at <= other < at + SECOND for other in times) for at in times)


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.REMINDER, Lane.BULK, Lane.SAFETY])
async def test_what_the_free_pace_carries_is_not_paid_for(post: Post, lane: Lane) -> None:
    """So many messages as go within a second cost nothing, whatever they are."""
    post.crowd(FREE - 1, lane)
    await post.delivery.drain()
    assert paid(post) == 0
    assert use(post) == PaidUse("2026-03")


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.REMINDER])
async def test_what_would_wait_is_paid_for(post: Post, lane: Lane) -> None:
    """A thousand messages at once go in seconds: at most 200 a second in all, at most 28 of them for nothing."""
    post.crowd(1_000, lane)
    began = post.clock.now()
    await post.delivery.drain()
    assert post.clock.now() - began < timedelta(seconds=8)
    assert fullest_second(post) <= 200 + FREE
    assert fullest_second(post, only_free=True) <= FREE
    assert post.channel.texts() == [f"{lane} {one}" for one in range(1_000)]
    assert 700 < paid(post) < 900
    assert use(post) == PaidUse("2026-03", others=paid(post))


async def test_word_to_the_team_is_never_paid_for(post: Post) -> None:
    """However much of it waits it goes at the free pace."""
    post.crowd(100, Lane.TEAM)
    await post.delivery.drain()
    assert paid(post) == 0


async def test_a_chat_keeps_its_pace(post: Post) -> None:
    """Nobody gets two messages in a second because somebody pays; only help at risk waits for no second."""
    post.crowd(100, Lane.REPLY)
    post.queue("reply99", "two", "three")
    await post.delivery.drain()
    mine = [call.at for call in post.channel.calls if call.message.address == "fake:reply99"]
    assert all(later - earlier >= SECOND for earlier, later in pairwise(mine))


async def test_at_the_ceiling_the_free_pace_holds_again(tmp_path: Path) -> None:
    """Nothing beyond the ceiling is paid for, whatever restarts there are; all goes all the same."""
    post = paying(tmp_path, ceiling=150)
    for _ in range(3):
        post.crowd(200, Lane.REPLY) if not post.addresses else [
            post.queue(name, "again") for name in list(post.addresses)
        ]
        await post.delivery.drain()
        post.restart()
        post.clock.move(timedelta(minutes=1))
    assert len(post.channel.delivered) == 600
    assert paid(post) == use(post).total == 150
    late = [call.at for call in post.channel.calls[-200:]]
    assert late[-1] - late[0] >= timedelta(seconds=7)
    post.world.database.close()


async def test_a_month_begins_with_nothing_used(tmp_path: Path) -> None:
    """In the next month there is as much to spend again."""
    post = paying(tmp_path, ceiling=50)
    post.crowd(200, Lane.REPLY)
    await post.delivery.drain()
    post.clock.move(timedelta(days=31))
    for name in list(post.addresses):
        post.queue(name, "again")
    await post.delivery.drain()
    assert use(post, "2026-03").total == use(post, "2026-04").total == 50
    post.world.database.close()


async def test_openers_are_admitted_at_the_paid_pace(post: Post) -> None:
    """A wave goes as fast as what it causes can be paid for: twenty a second at 200, where eight follow each."""
    post.crowd(200, Lane.BULK)
    began = post.clock.now()
    await post.delivery.drain()
    assert timedelta(seconds=9) < post.clock.now() - began < timedelta(seconds=12)
    assert paid(post) == 0, "the free pace carries twenty a second"


async def test_openers_leave_enough_for_what_they_cause(tmp_path: Path) -> None:
    """Of a ceiling of 90 messages ten are for openers, since each causes eight more; then they go at the free rate."""
    post = paying(tmp_path, ceiling=90, per_second=1_000)
    post.crowd(60, Lane.BULK)
    began = post.clock.now()
    await post.delivery.drain()
    assert use(post).openers <= 10
    assert post.clock.now() - began > timedelta(seconds=10)
    post.world.database.close()


async def test_help_goes_before_all_and_is_paid_for_only_where_it_waits(post: Post) -> None:
    """Help at risk is next at once, at the free pace where there is room."""
    post.crowd(300, Lane.REPLY)
    post.queue("ann", "help", kind=OutboxKind.HELP)
    await post.delivery.drain()
    assert post.channel.texts()[0] == "help"


async def test_a_bot_without_stars_loses_nothing(post: Post) -> None:
    """Where the platform takes no payment all goes at the free pace; an hour later it is tried again."""
    post.channel.fail("*", *[None] * 3, *[NotPaidFor("BALANCE_TOO_LOW")] * 2)
    post.crowd(300, Lane.REPLY)
    await post.delivery.drain()
    post.clock.move(timedelta(minutes=1))
    await post.delivery.drain()
    assert Counter(post.column("status")) == {"sent": 300}
    assert paid(post) < 30
    before = paid(post)
    post.clock.move(timedelta(hours=1))
    for name in list(post.addresses):
        post.queue(name, "again")
    await post.delivery.drain()
    assert paid(post) > before


async def test_a_limit_on_what_is_paid_for_holds_back_nothing_else(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 429 on a paid message ends the paying for as long as it says; the free pace goes on meanwhile."""
    send = post.channel.send

    async def refusing(message: Outbound) -> str | None:
        if message.paid:
            raise RateLimited("slow", retry_after=timedelta(seconds=30))
        return await send(message)

    monkeypatch.setattr(post.channel, "send", refusing)
    post.crowd(200, Lane.REPLY)
    await post.delivery.drain()
    assert 180 <= len(post.channel.delivered) < 200
    assert fullest_second(post) <= FREE
    post.clock.move(timedelta(minutes=1))
    await post.delivery.drain()
    assert Counter(post.column("status")) == {"sent": 200}


async def test_without_the_setting_nothing_is_paid_for(tmp_path: Path) -> None:
    """The free pace alone holds where nobody said that messages may cost something."""
    post = make_post(tmp_path, pace=TELEGRAM)
    post.crowd(100, Lane.REPLY)
    await post.delivery.drain()
    assert paid(post) == 0
    assert fullest_second(post) <= FREE
    post.world.database.close()
