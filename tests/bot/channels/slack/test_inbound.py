"""Slack's payloads -> Inbound, without any network: the odd shapes that real workspaces send."""

import pytest

from bot.channels.base import InboundKind
from bot.channels.slack.inbound import (
    from_actions,
    from_command,
    from_profile,
    from_submission,
    read_profile,
)

TOKEN = "aB3_xY-9kLmN0pQrStUvWxYzaB3dE5fG"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("start abc", "abc"),
        ("START  abc ", "abc"),
        ("start", ""),
        ("start `abc`", "abc"),
        (f"start <https://t.me/b?start={TOKEN}>", f"https://t.me/b?start={TOKEN}"),
        (f"https://t.me/b?start={TOKEN}", f"https://t.me/b?start={TOKEN}"),
        (f"<https://t.me/b?start={TOKEN}|Open the talk>", f"https://t.me/b?start={TOKEN}"),
        (TOKEN, TOKEN),
        (f"`start {TOKEN}`", f"`start {TOKEN}`"),
        (f"/said start {TOKEN}", f"/said start {TOKEN}"),
    ],
)
def test_the_start_command(text, token):
    """The code is read however it was pasted."""
    start = from_command({"text": text, "user_id": "U1", "team_id": "T1", "trigger_id": "9.9"})
    assert start is not None
    assert (start.kind, start.text, start.external_id) == (InboundKind.START, token, "command:9.9")


@pytest.mark.parametrize(
    "text", ["stop", "STOP", "later", "start over", "pause", "link BCDF2345", "`link bcdf-2345`"]
)
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


@pytest.mark.parametrize(
    ("typed", "read"), [(":+1: it helped", "👍 it helped"), ("at 10:30:45", "at 10:30:45"), (":five:", "5️⃣")]
)
def test_emoji_in_forms_commands_and_fields(typed, read):
    """Wherever people type, emoji come by name, and are read as emoji."""
    who = {"user": {"id": "U1"}, "team": {"id": "T1"}}
    view = {"id": "V1", "hash": "h", "callback_id": "write"}
    form = from_submission(
        who | {"view": view | {"state": {"values": {"answer": {"text": {"value": typed}}}}}}
    )
    home = {"state": {"values": {"code": {"home:code": {"value": typed}}}}}
    [field] = from_actions(who | {"actions": [{"action_id": "home:start"}], "view": home})
    command = from_command({"text": f"start {typed}", "user_id": "U1", "team_id": "T1", "trigger_id": "9.9"})
    assert form is not None
    assert command is not None
    assert [form.text, field.text, command.text] == [read, read, read]


def test_a_profile_without_its_fields():
    """Guests and bots may have neither locale nor time zone."""
    profile = read_profile({"id": "U1", "tz": None})
    assert (profile.locale, profile.timezone, profile.updated) == (None, None, "")


def a_tap(user, at="1700000000.5"):
    """A button that a user tapped, in a message or on the Home tab."""
    return {
        "user": {"id": user},
        "team": {"id": "T1"},
        "message": {"ts": "1.1"},
        "actions": [{"action_id": "tap:7.1.0", "action_ts": at, "value": "7.1.0"}],
    }


def test_the_name_of_a_tap_does_not_say_whose_it_is():
    """One tap has one name, another person's or another moment's tap another one, and none holds Slack's id of a user.

    No former name is looked up: the names of before were rewritten in the database.
    """
    [ann], [again], [bob], [later] = (
        from_actions(a_tap(user, at))
        for user, at in [
            ("U0ANN", "1.5"),
            ("U0ANN", "1.5"),
            ("U0BOB", "1.5"),
            ("U0ANN", "2.5"),
        ]
    )
    assert ann == again
    assert len({ann.external_id, bob.external_id, later.external_id}) == 3
    assert "U0ANN" not in ann.external_id
    assert ann.former_id is None


def test_the_name_of_a_profile_does_not_say_whose_it_is():
    """One version of a profile has one name; another version's, and another person's, is another."""
    profiles = [
        from_profile("slack:T1/U", read_profile({"id": user, "updated": updated}))
        for user, updated in [("U0ANN", 1), ("U0ANN", 1), ("U0ANN", 2), ("U0BOB", 1)]
    ]
    ann, again, *others = [one.external_id for one in profiles]
    assert ann == again
    assert len({ann, *others}) == 3
    assert "U0ANN" not in ann
    assert profiles[0].former_id is None
