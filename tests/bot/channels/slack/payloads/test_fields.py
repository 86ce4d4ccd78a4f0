"""Whose a payload is: the shapes are those of Slack's reference and of real workspaces."""

import pytest

from bot.channels.slack.payloads.fields import address, items, sent_at, user_of, within, word


def authorized(team, *, enterprise=None, wide=False):
    return {
        "authorizations": [
            {
                "enterprise_id": enterprise,
                "team_id": team,
                "user_id": "U0BOT",
                "is_bot": True,
                "is_enterprise_install": wide,
            }
        ]
    }


ORDINARY = [
    pytest.param({"team_id": "T1"}, "T1", id="event of before authorizations"),
    pytest.param({"team_id": "T1", **authorized("T1")}, "T1", id="event"),
    pytest.param({"team_id": None, **authorized("T1")}, "T1", id="event without a team"),
    pytest.param(
        {"team_id": "T1", "enterprise_id": "E1", **authorized("T1", enterprise="E1")}, "T1", id="in a grid"
    ),
    pytest.param({"team": {"id": "T1", "domain": "x"}, "enterprise": None}, "T1", id="tap"),
    pytest.param(
        {"team": {"id": "T1"}, "enterprise": {"id": "E1"}, "is_enterprise_install": False},
        "T1",
        id="tap, grid",
    ),
    pytest.param(
        {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}, "T1", id="tap with the user's team"
    ),
    pytest.param(
        {"team": {"id": "T1"}, "view": {"team_id": "T1", "app_installed_team_id": "T1"}}, "T1", id="form"
    ),
    pytest.param({"team_id": "T1", "is_enterprise_install": "false"}, "T1", id="command"),
    pytest.param({"team": None, "user": {"id": "U1", "team_id": "T1"}}, "T1", id="only the user's team"),
    pytest.param({"team_id": None}, "-", id="nothing"),
]
SHARED = [
    pytest.param(
        {"team_id": "T9", "is_ext_shared_channel": True, "context_team_id": "T9", **authorized("T1")},
        "T1",
        id="event from another workspace",
    ),
    pytest.param(
        {"team_id": "T9", "enterprise_id": "E9", **authorized("T1")},
        "T1",
        id="event from another organisation",
    ),
    pytest.param(
        {"team": {"id": "T9"}, "view": {"team_id": "T9", "app_installed_team_id": "T1"}},
        "T1",
        id="form, elsewhere",
    ),
    pytest.param(
        {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T9"}},
        "T1",
        id="tap by somebody of another workspace",
    ),
]
WIDE = [
    pytest.param({"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}, "E1", id="tap"),
    pytest.param(
        {"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "true"}, "E1", id="command"
    ),
    pytest.param({"team_id": "T9", **authorized(None, enterprise="E1", wide=True)}, "E1", id="event"),
    pytest.param(
        {"team_id": "T9", "enterprise_id": "E9", **authorized("T1", enterprise="E1", wide=True)},
        "E1",
        id="event from another organisation",
    ),
]


@pytest.mark.parametrize(("body", "team"), [*ORDINARY, *SHARED, *WIDE])
def test_one_person_has_one_address(body, team):
    """The installation names the team, on every way in; an organisation's installation goes by the organisation."""
    assert address(body, "U1") == f"slack:{team}/U1"
    assert user_of(f"slack:{team}/U1") == "U1"


def test_what_is_missing_is_empty():
    """A path into a payload ends in something empty wherever the payload is of another shape."""
    body = {"event": {"user": {"id": "U1"}, "files": [1, {"id": "F1"}], "ts": 5}, "actions": {}}
    assert word(body, "event", "user", "id") == "U1"
    assert [word(body, "event", "ts"), word(body, "event", "no", "id"), word(body, "actions", "x", "y")] == [
        "",
        "",
        "",
    ]
    assert (within(body, "event", "files"), within(body, "event", "user")) == ({}, {"id": "U1"})
    assert list(items(within(body, "event"), "files")) == [{"id": "F1"}]
    assert list(items(body, "actions")) == []


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"event": {"event_ts": "2.1", "ts": "1.1"}}, "2.1"),
        ({"event": {"ts": "1.1"}}, "1.1"),
        ({"actions": [{"action_ts": "3.1"}]}, "3.1"),
        ({"actions": [None]}, ""),
        ({}, ""),
    ],
)
def test_when_it_happened(body, at):
    """Events and taps say when they were; whatever says nothing has no time."""
    assert sent_at(body) == at
