"""The Slack channel: the real Bolt and slack_sdk against the emulated Slack."""

import asyncio
from datetime import date, timedelta

import pytest

from bot.channels.base import FindingLevel, InboundKind, button_payload, message_order
from flows.engine.effects import PromptKind
from flows.engine.events import MediaKind
from tests.emulators.faults import Fault
from tests.emulators.slack.delivery import Delivery, Kind
from tests.support.slack_channel import Inbox, question, running, to, until


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_a_message_is_stored_then_acknowledged(slack, socket):
    """What a person types is stored under the message's own name, then acknowledged; on both transports."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=socket):
        delivery = await (await ana.type("I read <the> guideline & liked it")).settled()
    assert delivery.acknowledged
    [heard] = inbox.heard
    assert (heard.kind, heard.text) == (InboundKind.TEXT, "I read <the> guideline & liked it")
    assert heard.address == f"slack:T0001/{ana.id}"
    kind, room, ts = heard.external_id.split(":")
    assert (kind, ts, room == ana.room) == ("message", delivery.ts, False)
    assert (heard.message_id, heard.order) == (delivery.ts, message_order(delivery.ts))


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


async def test_an_edit_and_a_deletion_name_the_message(slack):
    """An edit and a deletion are told with the old message's name; a link's preview is neither."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        first = await (await ana.type("five")).settled()
        for action in (ana.unfold_link("five"), ana.edit("five", "six"), ana.delete("six")):
            assert (await (await action).settled()).acknowledged
    _, edit, deletion = inbox.heard
    assert (edit.kind, edit.text, edit.message_id) == (InboundKind.EDIT, "six", first.ts)
    assert (deletion.kind, deletion.text, deletion.message_id) == (InboundKind.DELETED, "", first.ts)


FILES = [("audio/mp4", MediaKind.VOICE), ("image/png", MediaKind.PHOTO), ("application/pdf", MediaKind.OTHER)]


@pytest.mark.parametrize(("mimetype", "media"), FILES)
async def test_a_file_with_words_counts_as_its_words(slack, mimetype, media):
    """Files without words have the kind of the first; words sent with them are what the message says."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        await (await ana.send_file(mimetype, more=["image/png"])).settled()
        await (await ana.send_file(mimetype, "see this")).settled()
    files, words = inbox.heard
    assert (files.kind, files.media, files.text) == (InboundKind.MEDIA, media, "")
    assert (words.kind, words.media, words.text) == (InboundKind.TEXT, None, "see this")


TYPED = ["👎", "👍🏽", "5️⃣", "yes ✅ at 10:30:45", "a:b:c", "🤷‍♂️ who knows", "🇵🇹"]


@pytest.mark.parametrize("rich", [True, False], ids=["rich text", "words alone"])
@pytest.mark.parametrize("typed", TYPED)
async def test_emoji_are_what_people_typed(slack, typed, rich):
    """Slack hands emoji over by name; they are stored as they were typed, also from clients without rich text."""
    inbox, ana = Inbox(), slack.person("Ana", rich_text=rich)
    async with running(slack, inbox):
        await (await ana.type(typed)).settled()
        await (await ana.edit(typed, f"{typed}!")).settled()
    assert [one.text for one in inbox.heard] == [typed, f"{typed}!"]


async def test_one_message_under_two_event_ids_is_one(slack):
    """Slack may hand a message over again under another event_id: it is stored once, and so is an edit."""
    inbox, ana = Inbox(), slack.person("Ana")
    slack.more_event_ids = 1
    async with running(slack, inbox):
        said = [await ana.type("once"), await ana.send_file("image/png"), await ana.edit("once", "twice")]
        for delivery in (*said, *slack.dispatcher.deliveries):
            assert (await delivery.settled()).acknowledged
    assert len(slack.dispatcher.deliveries) == 6
    assert len({one.payload["event_id"] for one in slack.dispatcher.deliveries}) == 6
    assert [one.kind for one in inbox.heard] == [InboundKind.TEXT, InboundKind.MEDIA, InboundKind.EDIT]


@pytest.mark.parametrize("minutes", [10, 0], ids=["just started", "later"])
async def test_the_names_of_before_are_given_for_ten_minutes(slack, minutes):
    """After the start a message also has the name of the version before, and later no more."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, former_names=timedelta(minutes=minutes)):
        words = await (await ana.type("hello")).settled()
        file = await (await ana.send_file("image/png")).settled()
    former = [words.payload["event_id"], f"{file.payload['event_id']}:file"]
    assert [one.former_id for one in inbox.heard] == (former if minutes else [None, None])


async def test_a_thread_is_about_its_first_message(slack):
    """What is written in a thread names the message above it, also when it is sent to the room as well."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        ts = await channel.send(to(ana, question(labels=("Yes", "No"))))
        await (await ana.type("in the room")).settled()
        await (await ana.reply("under it", ts)).settled()
        await (await ana.reply("for all", ts, broadcast=True)).settled()
    assert [(one.text, one.about, one.threaded) for one in inbox.heard] == [
        ("in the room", None, False),
        ("under it", ts, True),
        ("for all", ts, True),
    ]


async def test_what_we_say_in_a_thread_stays_there(slack):
    """A message with a thread goes under that message; into the room where the thread is gone."""
    ana = slack.person("Ana")
    async with running(slack, Inbox()) as channel:
        ts = await channel.send(to(ana, question(labels=("Yes", "No"))))
        await channel.send(to(ana, question(text="thank you"), thread=ts))
        assert [one.shown for one in ana.thread(ts)] == ["thank you"]
        await (await ana.type("mine")).settled()
        gone = ana.messages[-1].ts
        await (await ana.delete("mine")).settled()
        await channel.send(to(ana, question(text="and on"), thread=gone))
    assert [one.shown for one in ana.from_bot] == ["Which one?", "and on"]


async def test_a_reaction_names_our_message(slack):
    """An emoji put on our message is told; one that is taken away, or stands on the person's own message, is not."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        ts = await channel.send(to(ana, question(labels=("Yes", "No"))))
        await (await ana.type("hm")).settled()
        for action in (ana.react("👍", ts), ana.unreact("👍", ts), ana.react("👎", "hm")):
            assert (await (await action).settled()).acknowledged
    _, reaction = inbox.heard
    assert (reaction.kind, reaction.message_id, reaction.text) == (InboundKind.REACTION, ts, "")


async def test_an_app_without_reactions_goes_on(slack):
    """Where the scope was never added no reaction is heard, all else works, and `said doctor` says what is missing."""
    inbox, ana = Inbox(), slack.person("Ana")
    slack.scopes = tuple(scope for scope in slack.scopes if scope != "reactions:read")
    async with running(slack, inbox) as channel:
        ts = await channel.send(to(ana, question(labels=("Yes", "No"))))
        await (await ana.react("👍", ts)).settled()
        await (await ana.tap("Yes")).settled()
        found = await channel.check()
    assert [one.kind for one in inbox.heard] == [InboundKind.TAP]
    [warning] = [one for one in found if one.level is FindingLevel.WARN]
    assert "lacks the scope reactions:read: whoever only puts an emoji on" in warning.text
    assert all(one.level is not FindingLevel.ERROR for one in found)


async def test_a_forward_counts_as_its_words(slack):
    """A forwarded message says what it says, below the person's own words where there are some."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        await (await ana.forward("it hurt 👎 & more")).settled()
        await (await ana.forward("it hurt", "my neighbour says")).settled()
    assert [(one.kind, one.text) for one in inbox.heard] == [
        (InboundKind.TEXT, "it hurt 👎 & more"),
        (InboundKind.TEXT, "my neighbour says\n\nit hurt"),
    ]


async def test_old_buttons_and_double_taps_are_told(slack):
    """A button that the message shows no more is told like any other; two taps are two."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox) as channel:
        ts = await channel.send(to(ana, question(labels=("Yes", "No"))))
        await channel.send(to(ana, question(labels=("Change",)), message_id=ts, refresh=True))
        for tap in await ana.double_tap("No"):
            await tap.settled()
    assert [(one.button, one.message_id) for one in inbox.heard] == [(button_payload(7, 1, 1), ts)] * 2


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


def interaction(kind, **details):
    """An interaction that the bot does not offer."""

    def made(slack, ana):
        return slack.hand_over(Kind.INTERACTION, ana._interaction(kind) | details, ana)

    return made


def event(kind, **details):
    """An event that the bot did not ask for, or has never heard of."""

    def made(slack, ana):
        return slack.send_event({"type": kind, "user": ana.id, **details})

    return made


def outer(**payload):
    """Something that comes where events come, and is none."""

    def made(slack, ana):
        return slack.dispatcher.hand_over(Delivery(Kind.EVENT, payload))

    return made


def command(line):
    """A slash command that somebody has set to our address."""

    def made(slack, ana):
        name, _, text = line.partition(" ")
        return slack.hand_over(
            Kind.COMMAND, {"command": name, "text": text, "user_id": ana.id, "trigger_id": "1.1"}, ana
        )

    return made


STRANGE_ACTION = {
    "type": "button",
    "action_id": "not-ours",
    "block_id": "b",
    "action_ts": "1.1",
    "value": "x",
}
STRANGE = [
    pytest.param(interaction("block_actions", actions=[STRANGE_ACTION]), id="action"),
    pytest.param(interaction("block_actions", actions=[]), id="no action"),
    pytest.param(interaction("block_actions", actions=[{"type": "button"}]), id="action without id"),
    pytest.param(
        interaction("block_actions", actions=[{"action_id": "day:x", "selected_date": "soon"}]), id="no date"
    ),
    pytest.param(interaction("view_submission", view={"id": "V1", "callback_id": "not-ours"}), id="form"),
    pytest.param(interaction("view_submission", view={"id": "V1"}), id="form without callback"),
    pytest.param(interaction("view_submission"), id="form without view"),
    pytest.param(interaction("view_closed", view={"id": "V1", "callback_id": "write"}), id="form closed"),
    pytest.param(interaction("shortcut", callback_id="not-ours"), id="shortcut"),
    pytest.param(
        interaction("message_action", callback_id="x", message={"ts": "1.1"}), id="message shortcut"
    ),
    pytest.param(interaction("block_suggestion", action_id="x", block_id="b", value="a"), id="list asks"),
    pytest.param(interaction("dialog_submission", callback_id="x", submission={}), id="old dialog"),
    pytest.param(interaction("dialog_suggestion", callback_id="x", name="a", value=""), id="old dialog asks"),
    pytest.param(
        interaction("interactive_message", callback_id="x", actions=[{"name": "a"}]), id="old button"
    ),
    pytest.param(interaction("workflow_step_edit", callback_id="x"), id="workflow step"),
    pytest.param(interaction("a_type_of_next_year"), id="interaction of next year"),
    pytest.param(event("emoji_changed"), id="event not asked for"),
    pytest.param(
        event("function_executed", function={"callback_id": "x"}, function_execution_id="Fx1"), id="function"
    ),
    pytest.param(
        event("workflow_step_execute", workflow_step={}, callback_id="x"), id="workflow step begins"
    ),
    pytest.param(event("an_event_of_next_year", user={"id": "U1"}), id="event of next year"),
    pytest.param(
        event("message", channel_type="im", subtype="subtype_of_next_year"), id="subtype of next year"
    ),
    pytest.param(
        event("message", channel_type="im", subtype="message_changed", message=5), id="edit of a number"
    ),
    pytest.param(event("message", channel_type="im", text="hi", ts=None), id="message without name"),
    pytest.param(event("app_home_opened", user=None), id="home of nobody"),
    pytest.param(event("user_change", user="U1"), id="profile without fields"),
    pytest.param(event("tokens_revoked", tokens=None), id="no token revoked"),
    pytest.param(outer(type="app_rate_limited", minute_rate_limited=1518467820), id="rate limited"),
    pytest.param(outer(type="of_next_year"), id="envelope of next year"),
    pytest.param(command("/other start abc"), id="command"),
    pytest.param(command("/other"), id="command alone"),
]


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
async def test_what_is_unknown_is_acknowledged_at_once(slack, socket, strange):
    """Slack shows nobody an error and has no reason to end the subscription; and the next message is heard."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=socket):
        delivery = await strange(slack, ana).settled()
        assert (delivery.acknowledged, delivery.attempts) == (True, 1)
        assert (await (await ana.type("hello")).settled()).acknowledged
    assert [one.text for one in inbox.heard][-1] == "hello"


async def test_a_list_that_asks_for_entries_gets_none(slack):
    """Slack wants a list in the answer, or shows an error beside the menu."""
    ana = slack.person("Ana")
    async with running(slack, Inbox()):
        asked = await interaction("block_suggestion", action_id="x", value="a")(slack, ana).settled()
    assert asked.answer == {"options": []}


async def test_a_command_that_is_not_ours_says_what_is(slack):
    """Whoever gives the bot another command is told how it is started."""
    ana = slack.person("Ana")
    async with running(slack, Inbox()):
        await command("/other start abc")(slack, ana).settled()
        await ana.wait_until(lambda: ana.ephemerals)
    assert "/said start" in ana.ephemerals[0]


@pytest.mark.parametrize("field", ["team", "enterprise", "authorizations"])
async def test_an_envelope_that_bolt_cannot_read_is_acknowledged(slack, field):
    """A field of another kind than Bolt expects stops nothing: the envelope comes once, and the next is heard."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox):
        delivery = await outer(**{"type": "x", field: 5})(slack, ana).settled()
        assert (delivery.acknowledged, delivery.attempts) == (True, 1)
        assert (await (await ana.type("hello")).settled()).acknowledged


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
