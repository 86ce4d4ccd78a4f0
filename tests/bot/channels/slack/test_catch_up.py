"""What people wrote while nobody listened is fetched from Slack's history: whose, from where, at which pace."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from bot.channels.base import CatchingUpChannel, CatchUpPoint, InboundKind, RateLimited
from bot.channels.slack.catch_up import CatchUp, HistoryReader, Outage, read_history
from bot.channels.slack.channel import SlackChannel
from tests.emulators.faults import Fault
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.slack.workspace import SCOPES
from tests.support.slack_channel import Inbox, config, connected, question, to, until

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def slack():
    async with SlackEmulator() as emulator:
        emulator.dispatcher.waits_for_socket, emulator.dispatcher.time_scale = False, 0
        yield emulator


@pytest.fixture
def logged():
    """What is logged while the test runs."""
    with structlog.testing.capture_logs() as logs:
        yield logs


def after(person, message_id=None, *, asked=True, at=LONG_AGO):
    """A person who was heard up to a message, or up to a time."""
    return CatchUpPoint(f"slack:{person.slack.team}/{person.id}", message_id, at, asked)


@contextlib.asynccontextmanager
async def listening(slack, inbox, *points, socket=True, **changes):
    """The channel with these catch-up points, connected."""
    asked_for = []

    async def found(ago):
        asked_for.append(ago)
        return points

    channel = SlackChannel(config(slack, socket=socket, history_pace=timedelta(0), **changes))
    channel.catch_up_from(found)
    channel.asked_for = asked_for
    async with connected(channel, slack, inbox, socket=socket):
        yield channel


async def lost(*deliveries):
    """These deliveries, when Slack has given them up."""
    for delivery in deliveries:
        assert not (await delivery.settled()).acknowledged


def texts(inbox):
    return [one.text for one in inbox.heard]


async def caught_up(channel):
    """Until nothing is left to be fetched."""
    work = channel._catch_up._work
    await until(lambda: channel.asked_for and not work.is_set() and work._waiters)


def test_slack_can_catch_up(slack):
    """The composition root gives catch-up points to channels that take them."""
    assert isinstance(SlackChannel(config(slack)), CatchingUpChannel)


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_start_hears_what_was_missed_in_order(slack, socket):
    """What was written since the newest stored message comes at the start, oldest first, as its events would have."""
    ana, inbox = slack.person("Ana"), Inbox()
    slack.dispatcher.request_url = None if socket else "http://127.0.0.1:9/"
    heard = await ana.type("heard before")
    await lost(heard, *[await ana.type(f"missed {number} 👎") for number in range(3)])
    async with listening(slack, inbox, after(ana, heard.ts), socket=socket):
        await inbox.wait_for(3)
        live = await (await ana.type("live")).settled()
    assert live.acknowledged
    assert texts(inbox) == ["missed 0 👎", "missed 1 👎", "missed 2 👎", "live"]
    first, *_, last = inbox.heard
    assert {one.address for one in inbox.heard} == {f"slack:T0001/{ana.id}"}
    assert (first.kind, first.external_id) == (
        InboundKind.TEXT,
        last.external_id.rpartition(":")[0] + f":{first.message_id}",
    )
    assert last.external_id.startswith("message:")
    assert last.external_id.endswith(f":{live.ts}")
    assert [one.order for one in inbox.heard] == sorted(one.order for one in inbox.heard)


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_what_slack_delivers_too_is_one_message(slack, socket):
    """A message that comes by its event and by the history has one name, whichever is first."""
    ana, inbox = slack.person("Ana"), Inbox()
    async with listening(slack, inbox, after(ana), socket=socket) as channel:
        await (await ana.type("once")).settled()
        channel._missed(timedelta(minutes=6))
        await caught_up(channel)
        slack.send_again(slack.dispatcher.deliveries[0])
        await until(lambda: len(inbox.batches) >= 3)
    assert texts(inbox) == ["once"]


async def test_only_the_persons_own_messages_count(slack):
    """Neither what the bot said, nor what another bot or Slack itself wrote, is anybody's reply."""
    ana, inbox = slack.person("Ana"), Inbox()
    slack.room_of(ana)
    await SlackChannel(config(slack)).send(to(ana, question(labels=("Yes", "No"))))
    await lost(await ana.type("mine"))
    others = [
        {"type": "message", "user": "U9999", "ts": "1.000001", "text": "somebody else"},
        {
            "type": "message",
            "user": ana.id,
            "bot_id": "B2",
            "ts": "1.000002",
            "text": "an integration of theirs",
        },
        {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": "1.000003", "text": "deleted"},
        {"type": "message", "subtype": "channel_join", "user": ana.id, "ts": "1.000004", "text": "joined"},
        {"type": "message", "ts": "1.000005", "text": "nobody"},
        {"user": ana.id},
    ]
    where = f"slack:T0001/{ana.id}"
    assert [read_history(where, ana.room, one) for one in others] == [()] * 6
    async with listening(slack, inbox, after(ana)):
        await inbox.wait_for(1)
    assert texts(inbox) == ["mine"]


async def test_files_forwards_and_threads_are_read_as_their_events(slack):
    """A file, a forward and a reply in a thread under what came since keep their kind, their words and their thread."""
    ana, inbox = slack.person("Ana"), Inbox()
    slack.room_of(ana)
    asked = await SlackChannel(config(slack)).send(to(ana, question(labels=("Yes", "No"))))
    deliveries = [
        await ana.send_file("image/png"),
        await ana.send_file("application/pdf", "see this"),
        await ana.forward("my story"),
        await ana.reply("under the question", asked),
        await ana.type("in the room"),
    ]
    await lost(*deliveries)
    async with listening(slack, inbox, after(ana)):
        await inbox.wait_for(5)
    assert [(one.kind, one.text) for one in inbox.heard] == [
        (InboundKind.MEDIA, ""),
        (InboundKind.TEXT, "see this"),
        (InboundKind.TEXT, "my story"),
        (InboundKind.TEXT, "under the question"),
        (InboundKind.TEXT, "in the room"),
    ]
    assert [one.about for one in inbox.heard] == [None, None, None, asked, None]


async def test_a_message_that_got_replies_is_in_no_thread(slack):
    """What has become the first of a thread was written in the room."""
    ana, inbox = slack.person("Ana"), Inbox()
    first = await ana.type("first")
    await lost(first, await ana.reply("more", "first"))
    async with listening(slack, inbox, after(ana)):
        await inbox.wait_for(2)
    assert [(one.text, one.about) for one in inbox.heard] == [("first", None), ("more", first.ts)]


@pytest.mark.parametrize("count", [1, 15, 16, 40])
async def test_long_histories_come_whole(slack, count):
    """However many pages they take, all messages come once, oldest first."""
    ana, inbox = slack.person("Ana"), Inbox()
    await lost(*[await ana.type(str(number)) for number in range(count)])
    async with listening(slack, inbox, after(ana)):
        await inbox.wait_for(count)
    assert texts(inbox) == [str(number) for number in range(count)]
    assert all(one["limit"] in (15, "15") for one in slack.said("conversations.history"))


async def test_without_a_stored_message_its_time_counts(slack):
    """Who last tapped or gave a command is asked for from the time at which that was stored."""
    ana, inbox = slack.person("Ana"), Inbox()
    old, new = await ana.type("before the tap"), await ana.type("after the tap")
    await lost(old, new)
    at = datetime.fromtimestamp(float(old.ts), UTC) + timedelta(microseconds=1)
    async with listening(slack, inbox, after(ana, at=at)):
        await inbox.wait_for(1)
    assert texts(inbox) == ["after the tap"]


async def test_those_who_were_asked_come_first(slack):
    """People with an open conversation need not wait for all others."""
    people = [slack.person(name) for name in ("Ana", "Ben", "Eva", "Leo")]
    inbox = Inbox()
    for person in people:
        await lost(await person.type(person.name))
    points = [after(person, asked=person.name in ("Eva", "Leo")) for person in people]
    async with listening(slack, inbox, *points):
        await inbox.wait_for(4)
    assert texts(inbox) == ["Eva", "Leo", "Ana", "Ben"]


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.GATEWAY, Fault.DROP_BEFORE])
@pytest.mark.parametrize("method", ["conversations.history", "conversations.open"])
async def test_an_outage_of_the_history_is_waited_out(slack, monkeypatch, method, fault):
    """A person whose history failed is asked for again; nothing is lost, in the wrong order, or there twice."""
    monkeypatch.setattr("bot.channels.slack.catch_up.PATIENCE", timedelta(0))
    ana, ben, inbox = slack.person("Ana"), slack.person("Ben"), Inbox()
    await lost(await ana.type("Ana 1"), await ana.type("Ana 2"), await ben.type("Ben"))
    slack.faults.add(method, fault)
    async with listening(slack, inbox, after(ana), after(ben)):
        await inbox.wait_for(3)
    assert [one for one in texts(inbox) if one != "Ben"] == ["Ana 1", "Ana 2"]
    assert slack.faults.met == [(method, fault)]


async def test_a_disk_that_is_full_is_waited_out(slack, monkeypatch):
    """What was fetched and could not be stored is fetched again."""
    monkeypatch.setattr("bot.channels.slack.catch_up.PATIENCE", timedelta(0))
    ana, inbox = slack.person("Ana"), Inbox(fails=3)
    await lost(await ana.type("keep me"))
    async with listening(slack, inbox, after(ana)):
        await inbox.wait_for(1)
    assert texts(inbox) == ["keep me"]


async def test_one_person_who_cannot_be_read_keeps_nobody_waiting(slack, monkeypatch):
    """Who is gone, and whose history fails for good, is passed over after a while; the others are heard."""
    monkeypatch.setattr("bot.channels.slack.catch_up.PATIENCE", timedelta(0))
    ana, ben, eva, inbox = slack.person("Ana"), slack.person("Ben"), slack.person("Eva"), Inbox()
    await lost(await ana.type("Ana"), await ben.type("Ben"), await eva.type("Eva"))
    ana.deleted = True
    slack.faults.add("conversations.history", Fault.BLOCKED, error="a_word_from_next_year")
    async with listening(slack, inbox, after(ana), after(ben), after(eva)) as channel:
        await inbox.wait_for(1)
        await caught_up(channel)
    assert texts(inbox) == ["Eva"]


@pytest.mark.parametrize("error", ["missing_scope", "token_revoked", "not_allowed_token_type"])
async def test_what_the_operator_must_settle_is_told_once_and_stops_nothing(slack, error, logged):
    """Without the right to read the history there is one warning with the remedy, and the channel goes on hearing."""
    people, inbox = [slack.person(name) for name in ("Ana", "Ben", "Eva")], Inbox()
    slack.faults.add("conversations.history", Fault.REVOKED, error=error, times=100)
    async with listening(slack, inbox, *map(after, people)) as channel:
        await caught_up(channel)
        assert (await (await people[0].type("hello")).settled()).acknowledged
    warnings = [one for one in logged if one["event"] == "slack_history_refused"]
    assert [one["reason"].partition(":")[0] for one in warnings] == [error]
    assert texts(inbox) == ["hello"]


async def test_the_scope_that_is_missing_is_named(slack, logged):
    """An app that was made without im:history is told how to get it."""
    slack.scopes = tuple(scope for scope in SCOPES if scope != "im:history")
    ana, inbox = slack.person("Ana"), Inbox()
    slack.room_of(ana)
    async with listening(slack, inbox, after(ana)) as channel:
        await caught_up(channel)
    [warned] = [one for one in logged if one["event"] == "slack_history_refused"]
    assert "docs/slack-manifest.yaml" in warned["reason"]


class Histories:
    """Slack's history without Slack: what each person wrote, and the answers that come before it does."""

    def __init__(self, *people, refuses=()):
        self.people, self.refuses = people, list(refuses)
        self.asked, self.waits, self.stored = [], [], []
        self.points = [CatchUpPoint(f"slack:T1/{name}", "1.000000", LONG_AGO, True) for name in people]
        self.idle = asyncio.Event()

    async def find(self, _ago):
        return self.points

    async def room(self, user):
        self.asked.append(f"room {user}")
        return f"D{user}"

    async def history(self, **which):
        self.asked.append(f"history {which['channel']}")
        if self.refuses:
            raise self.refuses.pop(0)
        told = {"user": which["channel"].removeprefix("D"), "ts": "2.000000", "text": "hello"}
        return {"messages": [told], "response_metadata": {"next_cursor": ""}}

    async def store(self, inbounds, _at):
        self.stored += [one.address for one in inbounds]
        if len(self.stored) == len(self.people):
            self.idle.set()

    async def sleep(self, seconds):
        self.waits.append(seconds)

    @contextlib.asynccontextmanager
    async def fetched(self, *missed):
        """The catch-up at work, until all people's messages are stored."""
        reader = HistoryReader(room=self.room, history=self.history, replies=self.history)
        work = CatchUp(self.find, reader, self.store, sleep=self.sleep, pace=timedelta(seconds=1.2))
        for ago in missed or (timedelta(0),):
            work.missed(ago)
        task = asyncio.create_task(work.run())
        try:
            await asyncio.wait_for(self.idle.wait(), 10)
            yield work
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_questions_are_paced():
    """No more than 50 questions a minute are asked, those for rooms included."""
    slack = Histories("U1", "U2")
    async with slack.fetched():
        assert slack.asked == ["room U1", "history DU1", "room U2", "history DU2"]
    assert slack.waits[:3] == [1.2, 1.2, 1.2]


@pytest.mark.parametrize(("told", "waits"), [(60, 60), (7, 7), (0, 1.2), (None, 60)])
async def test_once_slack_says_wait_no_faster_is_asked(told, waits):
    """After a 429 the same question is asked again when Slack said, and all that follow at that pace."""
    limited = RateLimited("ratelimited", retry_after=None if told is None else timedelta(seconds=told))
    slack = Histories("U1", "U2", refuses=[limited])
    async with slack.fetched():
        assert slack.asked == ["room U1", "history DU1", "history DU1", "room U2", "history DU2"]
    assert slack.waits[:4] == [1.2, waits, waits, waits]


async def test_an_outage_meanwhile_is_caught_up_with_too():
    """Whoever is still to come keeps the older place; whoever was done is asked again from the newer one."""
    slack = Histories("U1", "U2")
    newer = [CatchUpPoint(point.address, "1.500000", LONG_AGO, True) for point in slack.points]
    async with slack.fetched() as work:
        slack.points, slack.asked = newer, []
        slack.people, slack.idle = (*slack.people, "again", "again"), asyncio.Event()
        work.missed(timedelta(minutes=7))
        await asyncio.wait_for(slack.idle.wait(), 10)
        assert slack.asked == ["room U1", "history DU1", "room U2", "history DU2"]


async def test_a_database_that_cannot_be_read_is_waited_for(monkeypatch):
    """The catch-up points are asked for again, and no outage is forgotten."""
    slack = Histories("U1")
    real, fails = slack.find, [OSError(), RuntimeError()]

    async def find(ago):
        if fails:
            raise fails.pop()
        return await real(ago)

    monkeypatch.setattr(slack, "find", find)
    async with slack.fetched():
        assert slack.stored == ["slack:T1/U1"]
    assert slack.waits[:2] == [60, 60]


async def test_a_history_that_cannot_be_read_harms_nobody():
    """Whatever goes wrong with one person's history, the next one's is fetched."""
    slack = Histories("U1", "U2", refuses=[ZeroDivisionError(), TypeError()])
    slack.people = ("U3",)
    slack.points.append(CatchUpPoint("slack:T1/U3", None, LONG_AGO, False))
    async with slack.fetched():
        assert slack.stored == ["slack:T1/U3"]


class Clock:
    """Seconds that a test moves."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.mark.parametrize(("gap", "told"), [(30, []), (300, []), (301, [301]), (86_400, [86_400])])
def test_an_outage_counts_when_it_outlasts_the_retries(gap, told):
    """Up to five minutes Slack delivers by itself; what came later is missed."""
    missed, clock = [], Clock()
    outage = Outage(lambda ago: missed.append(ago.total_seconds()), clock)
    for seconds in (30, 30, gap, 30):
        clock.seconds += seconds
        outage.well()
    assert missed == told


def short(monkeypatch):
    """Every outage counts as one that outlasted Slack's retries."""
    monkeypatch.setattr("bot.channels.slack.catch_up.RETRIES_LAST", timedelta(0))


SILENT = ["dropped", "not greeted", "slack out of reach"]


@pytest.mark.parametrize("how", SILENT)
async def test_a_socket_that_was_silent_is_caught_up_with(slack, monkeypatch, how):
    """Closed, open but never greeted, or not to be opened: what was written meanwhile comes once it is well again.

    What the bot has to say goes out all the time, for it goes another way.
    """
    monkeypatch.setattr("bot.channels.slack.socket_mode.INTERVAL", timedelta(seconds=0.05))
    monkeypatch.setattr("bot.channels.slack.socket_mode.RETRY", timedelta(seconds=0.05))
    ana, inbox = slack.person("Ana"), Inbox()
    async with listening(slack, inbox, after(ana)) as channel:
        await caught_up(channel)
        slack.dispatcher.greets = False
        if how == "slack out of reach":
            slack.faults.add("auth.test", Fault.GATEWAY, times=10_000)
            slack.faults.add("apps.connections.open", Fault.SERVER_ERROR, times=10_000)
        if how == "not greeted":
            await slack.dispatcher.disconnect()
        else:
            slack.dispatcher.drop_sockets()
        await until(lambda: channel.keeper._strikes)
        await lost(await ana.type("one"), await ana.type("two"))
        await channel.send(to(ana, question(labels=("Yes", "No"))))
        assert ana.last.labels == ["Yes", "No"]
        short(monkeypatch)
        slack.faults.clear()
        slack.dispatcher.greets = True
        await inbox.wait_for(2)
    assert texts(inbox) == ["one", "two"]
    assert channel.asked_for[-1] > timedelta(0)


async def test_an_address_that_slack_could_not_reach_is_caught_up_with(slack, monkeypatch):
    """Over HTTP nobody tells how long Slack knocked in vain; while we could not reach Slack it was so, too."""
    monkeypatch.setattr("bot.channels.slack.channel.INTERVAL", timedelta(seconds=0.05))
    ana, inbox = slack.person("Ana"), Inbox()
    async with listening(slack, inbox, after(ana), socket=False) as channel:
        await caught_up(channel)
        url, slack.dispatcher.request_url = slack.dispatcher.request_url, "http://127.0.0.1:9/"
        slack.faults.add("auth.test", Fault.DROP_BEFORE, times=10_000)
        await lost(await ana.type("anybody?"))
        short(monkeypatch)
        slack.dispatcher.request_url = url
        slack.faults.clear()
        await inbox.wait_for(1)
    assert texts(inbox) == ["anybody?"]


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_what_could_not_be_stored_is_caught_up_with(slack, monkeypatch, socket):
    """A full disk is an outage, too: Slack gave up what came meanwhile, and the next that is stored brings it back."""
    short(monkeypatch)
    slack.dispatcher.ack_seconds = 0.2
    monkeypatch.setattr("bot.channels.slack.socket_mode.INTERVAL", timedelta(hours=1))
    monkeypatch.setattr("bot.channels.slack.channel.INTERVAL", timedelta(hours=1))
    ana, inbox = slack.person("Ana"), Inbox()
    async with listening(slack, inbox, after(ana), socket=socket) as channel:
        await caught_up(channel)
        inbox.fails = 4
        await lost(await ana.type("while it was full"))
        assert (await (await ana.type("now")).settled()).acknowledged
        await inbox.wait_for(2)
    assert sorted(texts(inbox)) == ["now", "while it was full"]


async def test_stopping_ends_the_catch_up(slack):
    """A history that is being fetched does not keep the channel from stopping."""
    ana, inbox = slack.person("Ana"), Inbox()
    slack.faults.add("conversations.history", Fault.TIMEOUT_AFTER)
    async with listening(slack, inbox, after(ana)):
        await until(lambda: slack.faults.met)
    assert inbox.heard == []
