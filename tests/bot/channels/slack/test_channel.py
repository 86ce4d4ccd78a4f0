"""The Slack channel: the real Bolt and slack_sdk against the emulated Slack."""

import asyncio
from datetime import date

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.engine.effects import PromptKind
from flows.engine.events import MediaKind
from tests.emulators.faults import Fault
from tests.emulators.slack.server import SlackEmulator
from tests.support.slack_channel import PROXIES, Inbox, question, running, to, until


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack():
    async with SlackEmulator() as emulator:
        yield emulator


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_message_is_stored_then_acknowledged(slack, socket):
    """What a person types is stored under its event id, and only then acknowledged; on both transports."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=socket):
        delivery = await (await ana.type("I read <the> guideline & liked it")).settled()
    assert delivery.acknowledged
    [heard] = inbox.heard
    assert (heard.kind, heard.text) == (InboundKind.TEXT, "I read <the> guideline & liked it")
    assert heard.address == f"slack:T0001/{ana.id}"
    assert heard.external_id == delivery.payload["event_id"]
    assert heard.message_id == delivery.ts


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_start_by_command_carries_the_profile(slack, socket):
    """`/said start CODE` is a start with the code, the locale and the IANA zone; the person is told where
    to look.
    """
    inbox, ana = Inbox(), slack.person("Ana", timezone="Asia/Kathmandu", locale="de-DE")
    async with running(slack, inbox, socket=socket):
        await (await ana.command("/said start  abc-123 ")).settled()
    [start] = inbox.heard
    assert (start.kind, start.text) == (InboundKind.START, "abc-123")
    assert (start.locale, start.timezone) == ("de-DE", "Asia/Kathmandu")
    assert len(ana.ephemerals) == 1
    assert "direct message" in ana.ephemerals[0]


async def test_the_home_tab_starts_with_a_code(slack):
    """Opening the app shows a Start button and a place for the code."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        await ana.open_home()
        await ana.wait_for_home()
        await (await ana.start_from_home("abc-123")).settled()
        await (await ana.start_from_home()).settled()
    assert [(one.kind, one.text) for one in inbox.heard] == [
        (InboundKind.START, "abc-123"),
        (InboundKind.START, ""),
    ]


TAPS = [
    pytest.param(PromptKind.SELECT_ONE, ("Yes", "No", "*Skip"), "No", 1, id="buttons"),
    pytest.param(PromptKind.SELECT_ONE, ("Yes", "No", "*Skip"), "Skip", 2, id="control"),
    pytest.param(PromptKind.SELECT_ONE, tuple(f"Choice {n}" for n in range(8)), "Choice 6", 6, id="list"),
    pytest.param(PromptKind.SELECT_ONE, ("a" * 90, "b" * 90), "2", 1, id="numbers"),
    pytest.param(PromptKind.SCALE, ("1", "2", "3", "4", "5"), "4", 3, id="scale"),
    pytest.param(PromptKind.DATE, ("Today", "Tomorrow"), "Tomorrow", 1, id="date shortcut"),
]


@pytest.mark.parametrize(("kind", "labels", "label", "place"), TAPS)
@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_tap_names_the_option(slack, socket, kind, labels, label, place):
    """A tap, in whatever form the choices are shown, comes back as the option's place."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=socket) as channel:
        ts = await channel.send(to(ana, question(kind, labels)))
        await (await ana.tap(label)).settled()
    [tap] = inbox.heard
    assert (tap.kind, tap.button, tap.message_id) == (InboundKind.TAP, button_payload(7, 1, place), ts)


@pytest.mark.parametrize("count", [4, 10, 11, 30])
async def test_picks_come_whole_with_done(slack, count):
    """Ticks say nothing by themselves; Done sends them all, from checkboxes and from a list alike."""
    labels = (*(f"Theme {n}" for n in range(count)), "*Skip", "*Done")
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        await channel.send(to(ana, question(PromptKind.SELECT_MANY, labels)))
        await (await ana.pick(["Theme 3", "Theme 1"])).settled()
        await (await ana.tap("Skip")).settled()
    picks, skip = inbox.heard
    assert (picks.kind, picks.button, picks.options) == (InboundKind.PICKS, button_payload(7, 1), (1, 3))
    assert (skip.kind, skip.button) == (InboundKind.TAP, button_payload(7, 1, count))


async def test_a_date_from_the_picker(slack):
    """The date picker answers with a date."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        await channel.send(to(ana, question(PromptKind.DATE, ("Today",))))
        await (await ana.pick_date(date(2026, 3, 1))).settled()
    [picked] = inbox.heard
    assert (picked.kind, picked.button, picked.day) == (
        InboundKind.DATE,
        button_payload(7, 1),
        date(2026, 3, 1),
    )


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_form_for_long_text(slack, socket):
    """Write opens a form that shows the question; sending it is the answer, and closes it."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=socket) as channel:
        await channel.send(to(ana, question(PromptKind.TEXT, text="What happened?", long_text=True)))
        await ana.tap("Write")
        modal = await ana.wait_for_modal()
        await (await ana.submit_modal("First this.\nThen that.")).settled()
        await ana.wait_until(lambda: ana.modal is None)
    assert modal["blocks"][0]["text"]["text"] == "What happened?"
    [form] = inbox.heard
    assert (form.kind, form.button) == (InboundKind.FORM, button_payload(7, 1))
    assert form.text == "First this.\nThen that."


async def test_an_edit_names_the_message_and_a_preview_is_none(slack):
    """An edit is told with the old message's name; a link's preview and a deletion are not a reply."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        first = await (await ana.type("five")).settled()
        for action in (ana.unfold_link("five"), ana.edit("five", "six"), ana.delete("six")):
            assert (await (await action).settled()).acknowledged
    _, edit = inbox.heard
    assert (edit.kind, edit.text, edit.message_id) == (InboundKind.EDIT, "six", first.ts)


@pytest.mark.parametrize(
    ("mimetype", "media"),
    [("audio/mp4", MediaKind.VOICE), ("image/png", MediaKind.PHOTO), ("application/pdf", MediaKind.OTHER)],
)
async def test_a_file_is_media_and_its_words_are_kept(slack, mimetype, media):
    """A file has its kind; words sent with it come after it."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        await (await ana.send_file(mimetype, "see this")).settled()
    file, words = inbox.heard
    assert (file.kind, file.media) == (InboundKind.MEDIA, media)
    assert (words.kind, words.text) == (InboundKind.TEXT, "see this")
    assert file.external_id != words.external_id


async def test_other_bots_and_unknown_events_are_acknowledged_only(slack):
    """Bots' messages, channel messages and events that we did not ask for are nobody's reply."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        deliveries = [
            await ana.type("beep", bot_id="B0002"),
            await ana.type("hello all", channel_type="channel"),
            await ana.type("joined", subtype="channel_join"),
            slack.send_event({"type": "emoji_changed"}),
        ]
        for delivery in deliveries:
            assert (await delivery.settled()).acknowledged
    assert inbox.heard == []


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_nothing_is_acknowledged_that_was_not_stored(slack, socket):
    """When storing fails Slack hears nothing good, tries again, and the reply is stored once."""
    inbox, ana = Inbox(fails=2), slack.person("Ana")
    slack.dispatcher.ack_seconds = 0.3
    async with running(slack, inbox, socket=socket):
        delivery = await (await ana.type("keep me")).settled()
    assert delivery.acknowledged
    assert delivery.attempts == 3
    assert [one.text for one in inbox.heard] == ["keep me"]


async def test_a_lost_acknowledgement_means_the_same_thing_once(slack):
    """A retry carries the same event id, and is not dropped for being a retry."""
    inbox, ana = Inbox(), slack.person("Ana")
    slack.faults.duplicate_deliveries(events=2, copies=3)
    async with running(slack, inbox):
        await (await ana.type("once")).settled()
        await (await ana.command("/said start abc")).settled()
        await inbox.wait_for(2)
    assert [one.text for one in inbox.heard] == ["once", "abc"]


async def test_one_persons_messages_keep_their_order(slack):
    """Envelopes that arrive while one is being stored go in sorted by Slack's time, even if handed over
    reversed.
    """
    inbox, ana = Inbox(gate=asyncio.Event()), slack.person("Ana")
    async with running(slack, inbox) as channel:
        first = await ana.type("0")
        await until(lambda: inbox.batches)
        slack.dispatcher.hold()
        later = [await ana.type(str(number)) for number in range(1, 6)]
        slack.faults.reorder_deliveries()
        slack.dispatcher.release()
        mailboxes = channel._stored._mailboxes
        await until(lambda: len(mailboxes[f"slack:T0001/{ana.id}"].waiting) == 5)
        inbox.gate.set()
        for delivery in (first, *later):
            await delivery.settled()
    assert [one.text for one in inbox.heard] == ["0", "1", "2", "3", "4", "5"]
    assert [one.text for one in inbox.batches[1]][:5] == ["1", "2", "3", "4", "5"]


async def test_a_batch_that_fails_is_acknowledged_for_nobody(slack):
    """Deliveries that went in together and were not stored are all sent again, and stored once."""
    inbox, ana = Inbox(gate=asyncio.Event()), slack.person("Ana")
    async with running(slack, inbox) as channel:
        slack.dispatcher.ack_seconds = 0.3
        said = [await ana.type("0")]
        await until(lambda: inbox.batches)
        said += [await ana.type(str(number)) for number in range(1, 4)]
        await until(lambda: len(channel._stored._mailboxes[f"slack:T0001/{ana.id}"].waiting) == 3)
        inbox.fails = 2
        inbox.gate.set()
        for delivery in said:
            assert (await delivery.settled()).acknowledged
    assert sorted(one.text for one in inbox.heard) == ["0", "1", "2", "3"]


async def test_a_form_that_slack_refuses_stops_nobody(slack):
    """When the form or the Home tab cannot be shown, the tap is acknowledged and typing still works."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        await channel.send(to(ana, question(PromptKind.TEXT, long_text=True)))
        slack.faults.add("views.open", Fault.SERVER_ERROR)
        slack.faults.add("views.publish", Fault.GATEWAY)
        assert (await (await ana.tap("Write")).settled()).acknowledged
        assert (await (await ana.open_home()).settled()).acknowledged
        assert (await (await ana.open_home("messages")).settled()).acknowledged
        await (await ana.type("typed")).settled()
    assert (ana.modal, ana.home) == (None, None)
    assert [one.text for one in inbox.heard] == ["typed"]


async def test_a_slow_profile_delays_no_start(slack):
    """When Slack does not tell the profile in time the start is stored without, and told behind it."""
    inbox, ana = Inbox(), slack.person("Ana")
    slack.faults.add("users.info", Fault.RATE_LIMIT)
    async with running(slack, inbox):
        await (await ana.start("abc")).settled()
        [profile] = await inbox.wait_for(1, profiles=True)
    [start] = inbox.heard
    assert (start.text, start.timezone) == ("abc", None)
    assert profile.timezone == "Europe/Amsterdam"


async def test_a_profile_that_was_not_stored_is_asked_for_again(slack):
    """Neither an outage of users.info nor a failing inbox loses a person's time zone for good."""
    inbox, ana = Inbox(), slack.person("Ana")
    slack.faults.add("users.info", Fault.SERVER_ERROR)
    async with running(slack, inbox) as channel:
        await (await ana.type("one")).settled()
        await until(lambda: not channel._people._asking)
        await (await ana.type("two")).settled()
        inbox.fails = 1
        await until(lambda: not channel._people._asking)
        inbox.fails = 0
        await (await ana.type("three")).settled()
        [profile, *_] = await inbox.wait_for(1, profiles=True)
    assert profile.timezone == "Europe/Amsterdam"


async def test_a_profile_is_told_once_and_again_when_it_changes(slack):
    """Whoever writes first is looked up behind the acknowledgement; user_change tells what changed."""
    inbox, ana, ben = Inbox(), slack.person("Ana"), slack.person("Ben")
    async with running(slack, inbox):
        await (await ana.type("hello")).settled()
        await inbox.wait_for(1, profiles=True)
        await (await ana.type("again")).settled()
        await (await ben.change_profile(timezone="Asia/Tokyo")).settled()
        await (await ana.change_profile(timezone="Australia/Lord_Howe")).settled()
        profiles = await inbox.wait_for(2, profiles=True)
    assert [(one.address[-5:], one.timezone) for one in profiles] == [
        (ana.id, "Europe/Amsterdam"),
        (ana.id, "Australia/Lord_Howe"),
    ]


async def test_the_command_without_a_known_word_helps(slack):
    """`/said` and `/said help` answer only the one who asked, and are nobody's reply."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        for line in ("/said", "/said help", "/said strat abc"):
            await (await ana.command(line)).settled()
        await ana.wait_until(lambda: len(ana.ephemerals) == 3)
    assert inbox.heard == []
    assert [text.startswith("To start") for text in ana.ephemerals] == [True, True, True]
