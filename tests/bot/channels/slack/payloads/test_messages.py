"""What people write in their room with the bot, read without any network: the odd shapes that real workspaces send."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import InboundKind
from bot.channels.slack import inbound
from bot.channels.slack.payloads.messages import from_message, from_reaction, plain
from bot.conversations.messages import from_payload, to_payload
from flows.engine.events import MediaKind

TS = "1700000000.000100"
ROOM = "f4bdc212"
"""What stands for the room D1 in a name: the room itself would tell whose it is."""


def body(event, **outer):
    authorized = {"team_id": "T1", "user_id": "U0BOT", "is_bot": True, "is_enterprise_install": False}
    event = {"type": "message", "channel_type": "im", "channel": "D1", "ts": TS, **event}
    return {"team_id": "T1", "event_id": "Ev1", "authorizations": [authorized], "event": event, **outer}


def heard(event, **outer):
    [found] = from_message(body(event, **outer))
    return found


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("five", "five"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("see <https://x.org/a?b=1&amp;c=2>", "see https://x.org/a?b=1&c=2"),
        ("see <https://x.org|x.org> now", "see x.org now"),
        ("mail <mailto:a@x.org|a@x.org>", "mail a@x.org"),
        ("ask <@U123|ana> or <@U999>", "ask @ana or @U999"),
        ("in <#C1|general> or <#C2>", "in #general or #C2"),
        ("<!here> and <!subteam^S1|@nurses>", "@here and @nurses"),
        ("&amp;lt; stays", "&lt; stays"),
        ("", ""),
    ],
)
def test_words_as_they_were_typed(sent, typed):
    """Slack's links and escapes are undone, once."""
    assert plain(sent) == typed


NOBODY = [
    {"subtype": "message_deleted"},
    {"subtype": "message_deleted", "deleted_ts": TS},
    {
        "subtype": "message_deleted",
        "deleted_ts": TS,
        "previous_message": {"bot_id": "B1", "user": "U0BOT", "ts": TS},
    },
    {"subtype": "message_deleted", "previous_message": {"user": "U1", "text": "x"}},
    {"subtype": "bot_message", "user": "U1", "text": "x"},
    {"subtype": "message_changed", "message": {"bot_id": "B1", "user": "U1", "text": "new", "ts": "1.1"}},
    {
        "subtype": "message_changed",
        "message": {
            "user": "U1",
            "text": "x",
            "ts": "1.1",
            "attachments": [{"is_msg_unfurl": True, "text": "y"}],
        },
        "previous_message": {"user": "U1", "text": "x", "ts": "1.1"},
    },
    {"subtype": "message_changed"},
    {"subtype": "message_replied", "message": {"user": "U1", "text": "x", "ts": "1.1"}},
    {"subtype": "channel_join", "user": "U1", "text": "joined"},
    {"subtype": "reminder_add", "user": "U1", "text": "set a reminder"},
    {"subtype": "huddle_thread", "user": "U1", "text": ""},
    {"subtype": "something_new", "user": "U1", "text": "yes", "hidden": True},
    {"subtype": ["file_share"], "user": "U1", "text": "yes"},
    {"user": "USLACKBOT", "text": "x"},
    {"user": "U0BOT", "text": "x"},
    {"bot_id": "B1", "user": "U1", "text": "x"},
    {"text": "x"},
    {"user": {"id": "U1"}, "text": "x"},
    {"channel_type": "channel", "user": "U1", "text": "x"},
]


@pytest.mark.parametrize("event", NOBODY)
def test_what_nobody_said(event):
    """Our own and other bots' messages, Slack's, previews and notices of all kinds become nothing."""
    assert from_message(body(event)) == ()


@pytest.mark.parametrize("subtype", [None, "me_message", "message_share"])
def test_what_somebody_said(subtype):
    """A message is named by its room and its time, which also say where it stands among the others and when it was."""
    found = heard({"user": "U1", "text": "yes", "subtype": subtype})
    assert (found.kind, found.text, found.address) == (InboundKind.TEXT, "yes", "slack:T1/U1")
    assert (found.external_id, found.former_id) == (f"message:{ROOM}:{TS}", "Ev1")
    assert (found.message_id, found.order) == (TS, 1_700_000_000_000_100)
    assert found.written_at == datetime(2023, 11, 14, 22, 13, 20, 100, UTC)
    assert (found.about, found.threaded) == (None, False)


THREADS = [
    ({"thread_ts": "1699999999.000001"}, "1699999999.000001"),
    (
        {"thread_ts": "1699999999.000001", "subtype": "thread_broadcast", "root": {"ts": "1.1"}},
        "1699999999.000001",
    ),
    ({"thread_ts": TS}, None),
    ({"thread_ts": None}, None),
]


@pytest.mark.parametrize(("event", "about"), THREADS)
def test_a_reply_in_a_thread(event, about):
    """What stands under another message is about that; the first message of a thread is about none."""
    for found in (heard({"user": "U1", "text": "x", **event}), heard({"user": "U1", "files": [{}], **event})):
        assert (found.about, found.threaded) == (about, about is not None)


SHARED = {"is_share": True, "text": "it hurt :-1:", "fallback": "[no]"}
BLOCKS = [
    {"message": {"blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": "in blocks"}]}]}}
]
WORDS = [
    ({"text": "yes :+1: &amp; no"}, "yes 👍 & no"),
    ({"text": "see <https://x.org/:ok:>"}, "see https://x.org/:ok:"),
    (
        {"text": "", "blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": "only here"}]}]},
        "only here",
    ),
    ({"text": "see this", "files": [{"mimetype": "image/png"}, {"mimetype": "audio/mp4"}]}, "see this"),
    ({"text": "", "attachments": [SHARED]}, "it hurt 👎"),
    ({"text": "he said", "attachments": [SHARED, SHARED]}, "he said\n\nit hurt 👎\n\nit hurt 👎"),
    ({"text": "", "attachments": [{"is_share": True, "message_blocks": BLOCKS}]}, "in blocks"),
    ({"text": "", "attachments": [{"is_msg_unfurl": True, "message_blocks": BLOCKS}]}, "in blocks"),
    (
        {
            "text": "own",
            "attachments": [{"is_msg_unfurl": True, "text": "a preview", "message_blocks": BLOCKS}],
        },
        "own",
    ),
    ({"text": "own", "attachments": [None, 5, {"is_share": True, "text": 7, "message_blocks": "x"}]}, "own"),
]


@pytest.mark.parametrize(("event", "words"), WORDS)
def test_a_message_counts_as_its_words(event, words):
    """Words beside files, in forwards, and in blocks alone are what a message says; it is one message."""
    found = heard({"user": "U1", **event})
    assert (found.kind, found.text, found.media) == (InboundKind.TEXT, words, None)


MEDIA = [
    ({"files": [{"mimetype": "image/png"}, {"mimetype": "audio/mp4"}]}, MediaKind.PHOTO, "Ev1:file"),
    ({"files": [{"mimetype": "audio/mp4"}], "text": " "}, MediaKind.VOICE, "Ev1:file"),
    ({"files": [{"mimetype": None}], "subtype": "file_share"}, MediaKind.OTHER, "Ev1:file"),
    (
        {"text": "", "attachments": [{"is_share": True, "files": [{"mimetype": "image/gif"}]}]},
        MediaKind.PHOTO,
        "Ev1:file",
    ),
    ({"text": ""}, MediaKind.OTHER, "Ev1"),
]


@pytest.mark.parametrize(("event", "media", "former"), MEDIA)
def test_what_has_no_words(event, media, former):
    """Files without words are of the kind of the first; what has nothing that can be read is of another kind."""
    found = heard({"user": "U1", **event})
    assert (found.kind, found.text, found.media) == (InboundKind.MEDIA, "", media)
    assert (found.external_id, found.former_id) == (f"message:{ROOM}:{TS}", former)


def test_rooms_are_told_apart_and_not_named():
    """Messages of two rooms with the same time have two names, and neither says which room it is."""
    names = {heard({"user": "U1", "text": "x", "channel": room}).external_id for room in ("D1", "DROOM00002")}
    assert len(names) == 2
    assert not any("D1" in name or "DROOM" in name for name in names)


def test_a_message_of_the_history():
    """A message without a delivery has the same name as when it is delivered, and no former one."""
    found = heard({"user": "U1", "text": "yes"}, event_id=None)
    assert (found.external_id, found.former_id) == (f"message:{ROOM}:{TS}", None)


def test_a_message_without_a_time_goes_by_its_delivery():
    """Where Slack does not say when, its own name of the delivery is all there is; without that there is nothing."""
    found = heard({"user": "U1", "text": "yes", "ts": None})
    assert (found.external_id, found.message_id, found.order, found.written_at) == ("Ev1", None, None, None)
    assert from_message(body({"user": "U1", "text": "yes", "ts": None}, event_id=None)) == ()


def changed(new, old, **event):
    mine = {"type": "message", "user": "U1", "ts": TS}
    return {
        "subtype": "message_changed",
        "message": mine | new,
        "previous_message": mine | old,
        "ts": "1700000009.000100",
        **event,
    }


def test_an_edit():
    """An edit is named by the message and by when it was edited, and reads as words do."""
    edited = {"text": ":five:", "edited": {"user": "U1", "ts": "1700000005.000000"}, "thread_ts": "1.000001"}
    found = heard(changed(edited, {"text": "five"}))
    assert (found.kind, found.text, found.message_id) == (InboundKind.EDIT, "5️⃣", TS)
    assert (found.external_id, found.former_id) == (f"edit:{ROOM}:{TS}:1700000005.000000", "Ev1")
    assert found.written_at == datetime(2023, 11, 14, 22, 13, 25, tzinfo=UTC)
    assert (found.about, found.threaded) == ("1.000001", True)


TAKEN_BACK = [
    {
        "subtype": "message_deleted",
        "deleted_ts": TS,
        "previous_message": {"user": "U1", "text": "x", "ts": TS},
    },
    changed(
        {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}, {"text": "x"}
    ),
    changed({"text": "", "files": [{"id": "F1"}]}, {"text": "x", "files": [{"id": "F1"}]}),
]


@pytest.mark.parametrize("event", TAKEN_BACK)
def test_words_that_were_taken_back(event):
    """A deleted message is told by its name, also where a stone stands in its place or only a file is left of it."""
    found = heard(event)
    assert (found.kind, found.text, found.message_id) == (InboundKind.DELETED, "", TS)
    assert (found.external_id, found.address) == (f"deleted:{ROOM}:{TS}", "slack:T1/U1")


def reaction(**changes):
    item = {"type": "message", "channel": "D1", "ts": TS} | changes.pop("item", {})
    event = {"type": "reaction_added", "user": "U1", "reaction": "+1", "item_user": "U0BOT", "item": item}
    return body(event | {"event_ts": "1700000009.000100", "channel_type": None} | changes)


def test_a_reaction():
    """An emoji on our message names that message, and is one thing however often it is delivered."""
    [found] = from_reaction(reaction())
    assert (found.kind, found.message_id, found.text) == (InboundKind.REACTION, TS, "")
    assert found.external_id == f"reaction:{ROOM}:{TS}:1700000009.000100"
    assert from_reaction(reaction() | {"event_id": "Ev2"}) == (found,)


NO_REACTION = [
    {"item": {"type": "file"}},
    {"item": {"channel": "C1"}},
    {"item": {"ts": None}},
    {"item_user": "U1"},
    {"item_user": "U2"},
    {"user": "U0BOT"},
    {"user": None},
]


@pytest.mark.parametrize("changes", NO_REACTION)
def test_reactions_that_concern_nobody(changes):
    """Emoji on files, in other rooms, on people's own messages, and our own are nothing to answer."""
    assert from_reaction(reaction(**changes)) == ()


_NAMES = """
type subtype user channel channel_type ts text event_ts thread_ts deleted_ts message previous_message files mimetype
blocks elements name unicode skin_tone attachments is_share message_blocks edited item item_user reaction bot_id team
team_id enterprise enterprise_id authorizations is_enterprise_install is_bot user_id view state values answer code id
home:code value callback_id private_metadata actions action_id action_ts selected_option selected_options selected_date
trigger_id app_installed_team_id hash url range
"""
_VALUES = """
im message message_changed message_deleted file_share thread_broadcast tombstone U1 D1 1700000000.000100 99999999999.1
:-1: :+1::skin-tone-3: tap:7.1.0 done:7.1 day:7.1 select:7.1 home:start write write:7.1 picks:7.1 2026-02-30 7.1.x
rich_text emoji link user true T1 E1 image/png start <@U1|ana> <|> &amp; 1f44e d800 \ud800
"""
NAMES, VALUES = tuple(_NAMES.split()), tuple(_VALUES.split())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
OBJECT = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=10)


def read_all(payload):
    """Everything that any reader finds in a payload."""
    yield from from_message(payload)
    yield from from_reaction(payload)
    yield from inbound.from_actions(payload)
    yield from filter(None, (inbound.from_command(payload), inbound.from_submission(payload)))


@settings(max_examples=150, deadline=None)
@given(event=OBJECT, outer=OBJECT)
def test_no_payload_raises(event, outer):
    """Whatever comes, the readers say what it is or nothing, and what they say can be stored."""
    json.dumps(event)
    event = {"channel_type": "im", "user": "U1", **event}
    for payload in ({**outer, "event": event}, outer, {**outer, "user": {"id": "U1"}}, body(event)):
        inbound.sent_at(payload)
        inbound.write_request(payload)
        inbound.read_profile(payload)
        for found in read_all(payload):
            assert from_payload(to_payload(found)).kind is found.kind
            assert found.external_id
            assert found.address.startswith("slack:")
