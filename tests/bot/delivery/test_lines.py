"""Each workspace of a channel is paced by itself: what one has much of holds up no other."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import ChannelRefused, RateLimited
from bot.delivery.rate_limits import SLACK
from storage.conversations import outbox_lines
from storage.schema import Lane, OutboxKind
from tests.support.delivery_world import Post, make_post
from tests.support.wave_world import IDENTITY

SECOND = timedelta(seconds=1)
HERE, THERE = "T1/", "T2/"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path, pace=SLACK, names=("slack",))
    yield made
    made.world.database.close()


def queue(post: Post, name: str, *texts: str, **more: object) -> None:
    post.queue(name, *texts, channel="slack", **more)


async def until_delivered(post: Post, text: str) -> list[str]:
    """What arrived before a text did, and that."""
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: text in post.channel.texts())
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    return post.channel.texts()


def times(post: Post, workspace: str) -> list[object]:
    return [
        call.at for call in post.channel.delivered if call.message.address.startswith(f"slack:{workspace}")
    ]


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.TEAM, Lane.REMINDER, Lane.BULK])
async def test_a_backlog_in_one_workspace_delays_no_reply_in_another(post: Post, lane: Lane) -> None:
    """Whatever waits in a workspace, and however much, a reply in another one is handed over at once."""
    post.crowd(1_000, lane, "slack", HERE)
    queue(post, "T2/ann", "reply")
    began = post.clock.now()
    assert len(await until_delivered(post, "reply")) <= 3
    assert post.clock.now() - began < SECOND


async def test_each_workspace_has_the_whole_pace(post: Post) -> None:
    """Forty messages in each of two workspaces go in ten seconds: four a second in each."""
    for workspace in (HERE, THERE):
        post.crowd(40, Lane.REPLY, "slack", workspace)
    began = post.clock.now()
    await post.delivery.drain()
    assert post.clock.now() - began < timedelta(seconds=11)
    for workspace in (HERE, THERE):
        sent = times(post, workspace)
        assert max(sum(at <= other < at + SECOND for other in sent) for at in sent) <= 4


async def test_a_limit_holds_the_workspace_that_it_names(post: Post) -> None:
    """Where two people of a workspace must wait the workspace waits, as long as Slack says, and no other one."""
    for name in ("T1/a", "T1/b"):
        post.channel.fail(f"slack:{name}", RateLimited("slow", retry_after=timedelta(seconds=30)))
        queue(post, name, name)
    await post.delivery.drain()
    queue(post, "T1/c", "held")
    queue(post, "T2/ann", "not held")
    await post.delivery.drain()
    assert post.channel.texts() == ["not held"]
    post.clock.move(timedelta(seconds=32))
    await post.delivery.drain()
    assert sorted(post.channel.texts()) == ["T1/a", "T1/b", "held", "not held"]


async def test_a_refusal_stops_its_workspace_and_alarms_once(post: Post) -> None:
    """A workspace that takes no messages is told once; the others go on."""
    post.channel.fail("slack:T1/a", ChannelRefused("app removed"))
    queue(post, "T1/a", "refused")
    await post.delivery.drain()
    queue(post, "T1/b", "waits")
    queue(post, "T2/ann", "goes")
    await post.delivery.drain()
    assert post.channel.texts() == ["goes"]
    assert post.alerts == [("slack", "app removed")]


async def shown_questions(post: Post, workspace: str, number: int) -> None:
    """So many people of a workspace have a question that was sent, and that is to be shown anew."""
    for one in range(number):
        conversation = post.world.person().commit("x")
        queue(post, f"{workspace}p{one}", f"Pick {one}", conversation_id=conversation, ask=0)
    await post.delivery.drain()
    post.clock.move(timedelta(minutes=1))
    for one in range(number):
        conversation = post.world.column(
            "SELECT conversation_id FROM outbox WHERE address_id = :a", a=post.addresses[f"{workspace}p{one}"]
        )[0]
        more = {"kind": OutboxKind.REFRESH, "conversation_id": conversation, "ask": 0}
        queue(post, f"{workspace}p{one}", f"Pick {one} anew", **more)


async def test_fifty_messages_a_minute_are_shown_anew(post: Post) -> None:
    """Slack takes fifty updates a minute in a workspace; what is said to others there goes at its own pace."""
    await shown_questions(post, HERE, 60)
    queue(post, "T1/ann", "reply")
    began = post.clock.now()
    assert len([one for one in await until_delivered(post, "reply") if one.endswith("anew")]) <= 4
    await post.delivery.drain()
    sent = [call.at for call in post.channel.delivered if call.message.refresh]
    assert len(sent) == 60
    assert all(sum(at <= other < at + timedelta(minutes=1) for other in sent) <= 50 for at in sent)
    assert post.clock.now() - began < timedelta(minutes=2)


async def test_a_limit_on_updates_holds_back_updates_alone(post: Post) -> None:
    """Slack counts its methods apart: where it takes no update in a workspace it still takes messages there."""
    await shown_questions(post, HERE, 5)
    post.channel.fail("slack:T1/p0", RateLimited("slow", retry_after=timedelta(seconds=30)))
    queue(post, "T1/ann", "one", "two")
    await post.delivery.drain()
    assert post.channel.texts("slack:T1/ann") == ["one", "two"]
    assert sum(call.message.refresh for call in post.channel.delivered) < 5
    post.clock.move(timedelta(minutes=1))
    await post.delivery.drain()
    assert sum(call.message.refresh for call in post.channel.delivered) == 5


async def test_addresses_of_before_get_their_workspace_at_start(post: Post) -> None:
    """What an earlier program stored is opened once, and what waits there is paced with its workspace."""
    for name in ("T1/a", "T1/b", "T2/c"):
        queue(post, name, name)
    known = dict(post.world.rows("SELECT id, workspace FROM address WHERE channel = 'slack'"))
    assert len(set(known.values())) == 2
    post.execute("UPDATE address SET workspace = NULL")
    post.execute("UPDATE outbox SET line = 'slack'")
    post.restart()
    await post.delivery.drain()
    assert dict(post.world.rows("SELECT id, workspace FROM address WHERE channel = 'slack'")) == known
    assert set(post.column("line")) == {f"slack/{one}" for one in known.values()}
    assert sorted(post.channel.texts()) == ["T1/a", "T1/b", "T2/c"]


async def test_only_workspaces_with_something_to_send_are_looked_at(post: Post) -> None:
    """The lines are found by what is queued, and each once, however much waits there."""
    post.crowd(300, Lane.REPLY, "slack", HERE)
    post.crowd(300, Lane.BULK, "slack", THERE)
    found = post.world.database.read_now(lambda c: outbox_lines.lines(c, "slack"))
    theirs = {f"slack/{IDENTITY.workspace(f'slack:{one}x')}" for one in (HERE, THERE)}
    assert (found[0], set(found[1:]), len(found)) == ("slack", theirs, 3)


@pytest.mark.parametrize(("waiting", "room"), [(10, True), (60, False)])
async def test_a_workspace_has_room_or_none_by_itself(post: Post, waiting: int, room: bool) -> None:
    """A wave is held back where a workspace has more than a minute of openers waiting, and in no other."""
    post.crowd(waiting, Lane.BULK, "slack", HERE)
    here, there = (f"slack/{IDENTITY.workspace(f'slack:{one}x')}" for one in (HERE, THERE))
    assert post.world.database.read_now(lambda c: post.delivery.has_room(c, here)) is room
    assert post.world.database.read_now(lambda c: post.delivery.has_room(c, there))
    assert post.world.database.read_now(lambda c: post.delivery.has_room(c, "telegram"))


def test_a_workspace_is_known_and_named_nowhere() -> None:
    """Its hash is the same for all who are in it, another for others, and tells nothing; Telegram has none."""
    one, two, other = (IDENTITY.workspace(f"slack:{name}") for name in ("T1/a", "T1/b", "T2/a"))
    assert one == two != other
    assert one is not None
    assert "T1" not in one
    assert IDENTITY.workspace("slack:U1") is IDENTITY.workspace("telegram:1") is None
