"""What the sender is told when Slack refuses, fails or falls silent: the real client against the emulator."""

import logging
from datetime import timedelta

import pytest

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    FindingLevel,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    SendError,
)
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.errors import REFUSALS
from flows.engine.effects import Prompt, PromptKind
from tests.emulators.faults import Fault
from tests.support.slack_channel import config, question, to


@pytest.fixture
def channel(slack):
    return SlackChannel(config(slack, timeout=timedelta(seconds=1)))


async def refused(channel, person, prompt=None, **changes):
    with pytest.raises(SendError) as caught:
        await channel.send(to(person, prompt or question(labels=("Yes", "No")), **changes))
    return caught.value


FAULTS = [
    (Fault.RATE_LIMIT, {"retry_after": 7}, RateLimited, 0),
    (Fault.SERVER_ERROR, {}, ChannelDown, 0),
    (Fault.SERVER_ERROR, {"status": 200}, ChannelDown, 0),
    (Fault.SERVER_ERROR, {"status": 200, "error": "fatal_error"}, OutcomeUnknown, 0),
    (Fault.GATEWAY, {}, ChannelDown, 0),
    (Fault.GATEWAY, {"status": 200}, ChannelDown, 0),
    (Fault.GATEWAY, {"status": 504}, OutcomeUnknown, 0),
    (Fault.DROP_BEFORE, {}, OutcomeUnknown, 0),
    (Fault.DROP_AFTER, {}, OutcomeUnknown, 1),
    (Fault.TIMEOUT_AFTER, {}, OutcomeUnknown, 1),
    (Fault.REVOKED, {}, ChannelRefused, 0),
    (Fault.BLOCKED, {}, AddressGone, 0),
    (Fault.BLOCKED, {"error": "a_word_from_next_year"}, MessageRejected, 0),
]


@pytest.mark.parametrize(("fault", "details", "expected", "delivered"), FAULTS)
async def test_each_failure_has_its_flags(slack, channel, fault, details, expected, delivered):
    """Posting is tried once, whatever happens; the error's own flags say what the sender may do."""
    ana = slack.person("Ana")
    slack.faults.add("chat.postMessage", fault, **details)
    error = await refused(channel, ana)
    assert type(error) is expected
    assert len(ana.from_bot) == delivered
    assert slack.faults.met == [("chat.postMessage", fault)]


async def test_retry_after_is_obeyed(slack, channel):
    """A 429 says how long to wait."""
    slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, retry_after=7)
    assert (await refused(channel, slack.person("Ana"))).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("word", sorted(REFUSALS))
async def test_each_word_of_slacks_is_mapped(slack, channel, word):
    """Every refusal in the table comes out of the real client as its own error, naming the word."""
    slack.faults.add("chat.postMessage", Fault.BLOCKED, error=word, times=2)
    error = await refused(channel, slack.person("Ana"))
    assert type(error) is REFUSALS[word]
    assert error.reason.startswith(word)


async def test_a_restriction_ends_one_contact(slack, channel):
    """What a workspace restricts for one person says nothing of all the others."""
    slack.faults.add("chat.postMessage", Fault.BLOCKED, error="restricted_action")
    error = await refused(channel, slack.person("Ana"))
    assert (error.stops_contact, error.stops_channel) == (True, False)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.DROP_BEFORE])
async def test_opening_the_room_is_never_ambiguous(slack, channel, fault):
    """conversations.open may be made twice without harm, so its silence is an outage and no riddle."""
    slack.faults.add("conversations.open", fault)
    assert type(await refused(channel, slack.person("Ana"))) is ChannelDown


async def test_a_closed_port_delivered_nothing(slack):
    """Nobody listening: nothing can have been stored."""
    channel = SlackChannel(config(slack, api_url="http://127.0.0.1:9/api/"))
    assert type(await refused(channel, slack.person("Ana"))) is ChannelDown


async def test_a_part_that_was_sent_makes_a_retry_doubtful(slack, channel):
    """When the second part fails, the first is there: a retry may repeat it, and is marked so."""
    slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, after=1, retry_after=3)
    error = await refused(channel, slack.person("Ana"), Prompt(text="word " * 5000))
    assert type(error) is OutcomeUnknown
    assert error.retry_after == timedelta(seconds=3)


async def test_people_who_are_gone(slack, channel):
    """A deactivated account, and one that never was."""
    gone = slack.person("Gone", deleted=True)
    assert type(await refused(channel, gone)) is AddressGone
    ana = slack.person("Ana")
    await channel.send(to(ana, question()))
    ana.deleted = True
    assert type(await refused(channel, ana)) is AddressGone
    del slack.people[gone.id]
    assert type(await refused(channel, gone)) is AddressGone


async def test_a_closed_messages_tab_is_the_operators_move(slack, channel):
    """It is a setting of the app: no person is marked as gone, and the remedy is named."""
    slack.messages_tab = False
    error = await refused(channel, slack.person("Ana"))
    assert type(error) is ChannelRefused
    assert "Messages tab" in error.reason


async def test_a_remembered_room_that_is_gone_is_asked_for_again(slack, channel):
    """A room is only remembered; when Slack no longer knows it, it is opened anew, once."""
    ana = slack.person("Ana")
    await channel.send(to(ana, question()))
    ana.room = "D9999"
    await channel.send(to(ana, question()))
    assert len(ana.from_bot) == 2
    assert len(slack.said("conversations.open")) == 2


async def test_what_the_models_refuse_is_never_sent(slack, channel):
    """Too many choices for any control: rejected here, in words that say which limit."""
    labels = tuple(f"Theme {number}" for number in range(101))
    error = await refused(channel, slack.person("Ana"), question(PromptKind.SELECT_MANY, labels))
    assert type(error) is MessageRejected
    assert slack.said("chat.postMessage") == []


@pytest.mark.parametrize("paced", [True])
async def test_slacks_one_a_second(slack, channel, paced):
    """A second message within the second is refused by Slack, with the time to wait."""
    slack.paced, ana = paced, slack.person("Ana")
    await channel.send(to(ana, question()))
    error = await refused(channel, ana)
    assert (type(error), error.retry_after) == (RateLimited, timedelta(seconds=1))


async def test_a_message_is_shown_anew(slack, channel):
    """A refresh changes the message where it stands."""
    ana = slack.person("Ana")
    ts = await channel.send(to(ana, question(text="Before")))
    assert await channel.send(to(ana, question(text="After"), refresh=True, message_id=ts)) == ts
    assert [message.shown for message in ana.from_bot] == ["After"]


@pytest.mark.parametrize("case", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_cannot_be_changed_is_left(slack, channel, case):
    """An old message that Slack no longer changes is no failure."""
    ana = slack.person("Ana")
    await ana.type("mine")
    ts = await channel.send(to(ana, question()))
    slack.edit_window_closed = case == "edit_window_closed"
    which = {"message_not_found": "1.1", "cant_update_message": ana.messages[0].ts}.get(case, ts)
    assert await channel.send(to(ana, question(), refresh=True, message_id=which)) == which


async def test_a_refresh_that_fails_otherwise_is_told(slack, channel):
    """An outage is an outage, also for a refresh; it may be repeated without harm."""
    ana = slack.person("Ana")
    ts = await channel.send(to(ana, question()))
    slack.faults.add("chat.update", Fault.DROP_AFTER)
    assert type(await refused(channel, ana, refresh=True, message_id=ts)) is ChannelDown


async def test_doctor_finds_all_well(slack, channel):
    """With a good set-up every finding is ok."""
    found = await channel.check()
    assert [one.level for one in found] == [FindingLevel.OK] * len(found)
    assert any("said in Emulated" in one.text for one in found)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"bot_token": "xoxb-wrong"}, "invalid_auth"),
        ({"app_token": "xapp-wrong"}, "invalid_auth"),
        ({"app_token": "xoxb-emulated-bot"}, "not_allowed_token_type"),
        ({"app_token": None, "signing_secret": None}, "no way in"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "could not be reached"),
    ],
)
async def test_doctor_names_what_is_wrong(slack, change, word):
    """Each thing that is wrong is an error with a remedy; no token is shown."""
    found = await SlackChannel(config(slack, **change)).check()
    errors = [one for one in found if one.level is FindingLevel.ERROR]
    assert errors
    assert word in errors[0].text
    assert all(one.remedy for one in errors)
    assert not any("xox" in one.text or "xapp" in one.text for one in found if one is not None)


async def test_doctor_counts_the_scopes(slack, channel):
    """A scope that the app lacks is named."""
    slack.scopes = ("chat:write", "im:write")
    [error] = [one for one in await channel.check() if one.level is FindingLevel.ERROR]
    assert "commands, files:write, im:history, users:read" in error.text


async def test_no_token_and_no_word_in_the_logs(slack, caplog):
    """Whatever fails, neither tokens nor people's words reach a log or a printed setting."""
    caplog.set_level(logging.DEBUG)
    settings = config(slack)
    channel = SlackChannel(settings)
    for fault in (Fault.REVOKED, Fault.GATEWAY, Fault.DROP_AFTER):
        slack.faults.add("chat.postMessage", fault)
        await refused(channel, slack.person("Ana"), question(text="a secret illness"))
    written = caplog.text + repr(settings)
    for word in (slack.bot_token, slack.app_token, slack.signing_secret, "illness"):
        assert word not in written
