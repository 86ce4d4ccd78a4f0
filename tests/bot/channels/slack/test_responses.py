"""Taps are answered by their response_url: traces by those taps, toasts that only whoever tapped sees."""

import asyncio
import logging

import pytest

from bot.channels.base import ChannelDown, Inbound, InboundKind, MessageRejected, Outbound, RateLimited
from bot.channels.slack.outbound import SlackMessage
from bot.channels.slack.responses import REMEMBERED, SECONDS, UPDATES, USES, TapResponses
from flows.engine.effects import Trace
from tests.emulators.faults import Fault
from tests.emulators.slack.responses import METHOD
from tests.support.slack_channel import Inbox, question, running, to

CHOSEN = Trace(("No",), change=True)


@pytest.fixture
async def inbox():
    return Inbox()


@pytest.fixture
async def channel(slack, inbox):
    async with running(slack, inbox) as made:
        yield made


async def asked(channel, ana, *labels):
    """A question on her screen; its name."""
    return await channel.send(to(ana, question(labels=labels or ("Yes", "No"))))


async def tapped(inbox, ana, label="No"):
    """A tap that is stored."""
    await (await ana.tap(label)).settled()
    return inbox.heard[-1]


def answered(ana, ts, trace=CHOSEN):
    return to(ana, question(labels=("Yes", "No")), message_id=ts, refresh=True, trace=trace)


def methods(slack):
    return [call.method for call in slack.calls if call.method in ("chat.update", METHOD)]


async def test_after_a_tap_its_own_response_shows_the_trace(slack, inbox, channel):
    """The message is replaced where it stands by the tap's own address; nothing of the workspace's pace is used."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    await tapped(inbox, ana)
    assert await channel.send(answered(ana, ts)) == ts
    assert methods(slack) == [METHOD]
    assert (ana.last.all_shown, len(ana.from_bot)) == ("Which one?\n\u2713 No\nChange", 1)


async def test_after_words_the_message_is_updated(slack, channel):
    """Without a tap there is no other way than chat.update."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    assert await channel.send(answered(ana, ts)) == ts
    assert methods(slack) == ["chat.update"]
    assert ana.last.all_shown == "Which one?\n\u2713 No\nChange"


async def test_a_tap_on_another_message_does_not_serve(slack, inbox, channel):
    """An address for answers replaces the message that was tapped and no other."""
    ana = slack.person("Ana")
    first, _ = await asked(channel, ana), await asked(channel, ana, "Tea", "Milk")
    await tapped(inbox, ana, "Tea")
    await channel.send(answered(ana, first))
    assert methods(slack) == ["chat.update"]


async def test_another_persons_tap_does_not_serve(slack, inbox, channel):
    """Nor that of somebody else."""
    ana, ben = slack.person("Ana"), slack.person("Ben")
    ts, _ = await asked(channel, ana), await asked(channel, ben)
    await tapped(inbox, ben)
    await channel.send(answered(ana, ts))
    assert methods(slack) == ["chat.update"]


async def test_fifty_updates_a_minute(slack, channel):
    """One more is dropped, and is not sent; a minute later there is room again."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    seconds = [0.0]
    channel.responses._monotonic = lambda: seconds[0]
    for number in range(UPDATES):
        seconds[0] = number * 0.5
        await channel.send(answered(ana, ts))
    with pytest.raises(RateLimited):
        await channel.send(answered(ana, ts))
    assert len(methods(slack)) == UPDATES == 50
    seconds[0] = 60.0
    await channel.send(answered(ana, ts))
    with pytest.raises(RateLimited):
        await channel.send(answered(ana, ts))


async def test_a_toast_is_seen_by_whoever_tapped_alone(slack, inbox, channel):
    """It is no message in the room, and leaves the list with its ticks as it is."""
    ana = slack.person("Ana")
    await asked(channel, ana)
    before = ana.last.blocks
    tap = await tapped(inbox, ana)
    channel.turn_taken(tap.external_id, "Please pick no more than 3 & <no> more.")
    await asyncio.gather(*channel.responses.whispering)
    assert ana.ephemerals == ["Please pick no more than 3 & <no> more."]
    assert (ana.last.blocks, len(ana.from_bot), methods(slack)) == (before, 1, [METHOD])


async def test_a_turn_without_words_calls_nobody(slack, inbox, channel):
    """Slack shows no hourglass once a tap is acknowledged, so nothing need be said."""
    ana = slack.person("Ana")
    await asked(channel, ana)
    tap = await tapped(inbox, ana)
    channel.turn_taken(tap.external_id, None)
    channel.turn_taken("action:nobody", "words")
    assert (channel.responses.whispering, methods(slack)) == (set(), [])


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.DROP_BEFORE, Fault.RATE_LIMIT])
async def test_a_toast_that_fails_costs_nothing(slack, inbox, channel, fault):
    """The words are lost, and nothing else."""
    ana = slack.person("Ana")
    await asked(channel, ana)
    tap = await tapped(inbox, ana)
    slack.faults.add(METHOD, fault)
    channel.turn_taken(tap.external_id, "Please pick no more than 3.")
    await asyncio.gather(*channel.responses.whispering)
    assert ana.ephemerals == []


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.SERVER_ERROR, MessageRejected), (Fault.DROP_BEFORE, ChannelDown)]
)
async def test_a_trace_that_fails_is_told(slack, inbox, channel, fault, error):
    """Its sender drops it."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    await tapped(inbox, ana)
    slack.faults.add(METHOD, fault)
    with pytest.raises(error):
        await channel.send(answered(ana, ts))


@pytest.mark.parametrize("refused", ["expired", "used up", "unknown"])
async def test_a_refused_response_is_updated_instead(slack, inbox, channel, refused):
    """An address that Slack takes no more is not tried again: the message is updated, at the pace of updates."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    await tapped(inbox, ana)
    given = slack.responses.given
    for name, response in list(given.items()):
        if refused == "unknown":
            del given[name]
        elif refused == "expired":
            response.expires = 0.0
        else:
            response.used = USES
    assert await channel.send(answered(ana, ts)) == ts
    assert ana.last.all_shown == "Which one?\n\u2713 No\nChange"
    await channel.send(answered(ana, ts, Trace()))
    assert methods(slack) == [METHOD, "chat.update", "chat.update"]


async def test_a_refused_response_waits_for_no_room(slack, inbox, channel):
    """Where the workspace has had its updates of this minute the trace is dropped, as without a tap."""
    ana = slack.person("Ana")
    ts = await asked(channel, ana)
    await tapped(inbox, ana)
    slack.responses.given.clear()
    channel.responses._updates[f"slack:{slack.team}"].extend([channel.responses._monotonic()] * UPDATES)
    with pytest.raises(RateLimited):
        await channel.send(answered(ana, ts))
    assert methods(slack) == [METHOD]


class Responses:
    """Responses by themselves, on a clock moved by hand; what is posted is written down."""

    def __init__(self, monkeypatch):
        self.seconds = 0.0
        self.posted = []
        self.made = TapResponses(logging.getLogger("test"), lambda: self.seconds)

        async def post(response, _body):
            response.left -= 1
            self.posted.append(response.url)

        monkeypatch.setattr(self.made, "_post", post)

    def tap(self, number, message="1.0"):
        one = Inbound(
            address="slack:T1/U1", external_id=f"tap{number}", kind=InboundKind.TAP, message_id=message
        )
        self.made.came({"response_url": f"https://hooks.slack.com/{number}"}, [one])

    async def replaces(self, message="1.0"):
        outbound = Outbound(address="slack:T1/U1", prompt=question(), message_id=message, trace=CHOSEN)
        return await self.made.replace(outbound, SlackMessage("", []))


@pytest.fixture
def responses(monkeypatch):
    return Responses(monkeypatch)


async def test_five_times_and_no_more(responses):
    """Slack takes five answers to one tap; then the message must be updated."""
    responses.tap(1)
    assert [await responses.replaces() for _ in range(USES + 1)] == [True] * 5 + [False]


@pytest.mark.parametrize(("after", "usable"), [(SECONDS - 1, True), (SECONDS, False)])
async def test_for_half_an_hour(responses, after, usable):
    """After that the address is of no use."""
    responses.tap(1)
    responses.seconds = after
    assert await responses.replaces() is usable


async def test_the_newest_tap_serves(responses):
    """Of several taps on a message the last one has the most uses left."""
    responses.tap(1)
    responses.tap(2)
    await responses.replaces()
    assert responses.posted == ["https://hooks.slack.com/2"]


async def test_memory_is_bounded(responses):
    """The oldest taps make room."""
    for number in range(REMEMBERED + 1):
        responses.tap(number, message=f"{number}.0")
    assert (await responses.replaces("0.0"), await responses.replaces("1.0")) == (False, True)
