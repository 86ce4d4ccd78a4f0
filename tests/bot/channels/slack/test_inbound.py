"""Slack's payloads -> Inbound, without any network: the odd shapes that real workspaces send."""

import pytest

from bot.channels.base import InboundKind
from bot.channels.slack.inbound import (
    address,
    from_actions,
    from_command,
    from_message,
    from_submission,
    plain,
    read_profile,
    user_of,
)


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


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"team_id": "T1"}, "slack:T1/U1"),
        ({"team": {"id": "T1"}, "enterprise": {"id": "E1"}, "is_enterprise_install": False}, "slack:T1/U1"),
        ({"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}, "slack:E1/U1"),
        ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "true"}, "slack:E1/U1"),
        (
            {"team_id": "T9", "authorizations": [{"enterprise_id": "E1", "is_enterprise_install": True}]},
            "slack:E1/U1",
        ),
        (
            {"team_id": None, "authorizations": [{"team_id": "T1", "is_enterprise_install": False}]},
            "slack:T1/U1",
        ),
        ({"team_id": None}, "slack:-/U1"),
    ],
)
def test_one_person_has_one_address(body, expected):
    """A workspace's installation goes by the workspace, an organisation's by the organisation, on every
    way in.
    """
    assert address(body, "U1") == expected
    assert user_of(expected) == "U1"


@pytest.mark.parametrize(
    ("text", "token"),
    [("start abc", "abc"), ("START  abc ", "abc"), ("start", ""), ("start `abc`", "abc")],
)
def test_the_start_command(text, token):
    """The code is read however it was pasted."""
    start = from_command({"text": text, "user_id": "U1", "team_id": "T1", "trigger_id": "9.9"})
    assert start is not None
    assert (start.kind, start.text, start.external_id) == (InboundKind.START, token, "command:9.9")


@pytest.mark.parametrize("text", ["stop", "STOP", "later", "start over", "pause"])
def test_words_that_work_everywhere_work_as_a_command(text):
    """`/said stop` stops, from any place in Slack."""
    said = from_command({"text": text, "user_id": "U1", "team_id": "T1", "trigger_id": "9.9"})
    assert said is not None
    assert (said.kind, said.text, said.external_id) == (InboundKind.TEXT, text, "command:9.9")


@pytest.mark.parametrize("text", ["", "help", "Help me", "begin abc", "I do not want to stop"])
def test_other_commands_are_none(text):
    """What is no start is answered with help, never taken as a reply."""
    assert from_command({"text": text, "user_id": "U1", "team_id": "T1", "trigger_id": "9.9"}) is None


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_deleted"},
        {"subtype": "bot_message", "user": "U1", "text": "x"},
        {"subtype": "message_changed", "message": {"bot_id": "B1", "user": "U1", "text": "new", "ts": "1.1"}},
        {
            "subtype": "message_changed",
            "message": {"user": "U1", "text": "x", "ts": "1"},
            "previous_message": {"text": "x"},
        },
        {"subtype": "message_changed"},
        {"bot_id": "B1", "user": "U1", "text": "x"},
        {"text": "x"},
    ],
)
def test_what_nobody_said(event):
    """Our own and other bots' messages, deletions and previews become nothing."""
    body = {"team_id": "T1", "event_id": "Ev1", "event": {"channel_type": "im", "ts": "1.1", **event}}
    assert from_message(body) == ()


@pytest.mark.parametrize("subtype", [None, "thread_broadcast", "me_message"])
def test_what_somebody_said(subtype):
    """Plain messages, replies in a thread that are sent to all, and /me are words."""
    event = {
        "channel_type": "im",
        "ts": "1.1",
        "user": "U1",
        "text": "yes",
        "subtype": subtype,
        "thread_ts": "1.0",
    }
    [heard] = from_message({"team_id": "T1", "event_id": "Ev1", "event": event})
    assert (heard.kind, heard.text, heard.external_id) == (InboundKind.TEXT, "yes", "Ev1")


@pytest.mark.parametrize(
    "action",
    [
        {"action_id": "picks:7.1", "selected_options": []},
        {"action_id": "day:7.1", "selected_date": None},
        {"action_id": "select:7.1", "selected_option": None},
        {"action_id": "write:7.1"},
        {"action_id": "home:code"},
        {"action_id": "somebody else's"},
        {},
    ],
)
def test_actions_that_say_nothing(action):
    """Ticks without Done, a cleared date, a control of some other app: acknowledged, never an error."""
    assert from_actions({"user": {"id": "U1"}, "team": {"id": "T1"}, "actions": [action]}) == ()


def test_done_without_a_state_is_an_empty_set():
    """Nothing ticked is a set of nothing; the flow decides whether that will do."""
    body = {
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "actions": [{"action_id": "done:7.1", "action_ts": "1.1"}],
    }
    [picks] = from_actions(body)
    assert (picks.kind, picks.options) == (InboundKind.PICKS, ())


@pytest.mark.parametrize("values", [{}, {"answer": {"text": {"value": None}}}])
def test_an_empty_form_is_nothing(values):
    """A form without words is acknowledged and closes."""
    view = {
        "id": "V1",
        "hash": "h",
        "callback_id": "write",
        "private_metadata": "7.1",
        "state": {"values": values},
    }
    assert from_submission({"user": {"id": "U1"}, "team": {"id": "T1"}, "view": view}) is None


def test_a_profile_without_its_fields():
    """Guests and bots may have neither locale nor time zone."""
    profile = read_profile({"id": "U1", "tz": None})
    assert (profile.locale, profile.timezone, profile.updated) == (None, None, "")
