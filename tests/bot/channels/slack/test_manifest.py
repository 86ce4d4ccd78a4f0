"""docs/slack-manifest.yaml says what the code does: no scope too few, none too many."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.channel import COMMAND, SlackChannel
from bot.channels.slack.diagnostics import SCOPES, WITHOUT
from bot.channels.slack.options import SlackConfig

ROOT = Path(__file__).parents[4]
METHOD_SCOPES = {
    "apps_connections_open": None,  # the app-level token's
    "auth_test": None,
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "conversations_open": "im:write",
    "files_upload_v2": "files:write",
    "users_info": "users:read",
    "views_open": None,
    "views_publish": None,
}
"""The scope that each method of the Web API needs, from Slack's reference; None needs none."""
EVENT_SCOPES = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}


@pytest.fixture(scope="module")
def manifest():
    return YAML(typ="safe").load((ROOT / "docs/slack-manifest.yaml").read_text())


@pytest.fixture(scope="module")
def channel():
    return SlackChannel(SlackConfig(bot_token="xoxb-1", signing_secret="s"))


def calls():
    """Every method of the Web API that the channel's source calls."""
    for file in (ROOT / "bot/channels/slack").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = (
                node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else "_"
            )
            if "_" in name and not name.startswith("_") and hasattr(AsyncWebClient, name):
                yield name


def test_the_scopes_are_those_that_are_used(manifest):
    """Scopes asked for = scopes declared = scopes that the calls, events and commands need."""
    used = set(calls())
    assert used == set(METHOD_SCOPES)
    needed = {METHOD_SCOPES[method] for method in used} | set(EVENT_SCOPES.values()) | {"commands"}
    declared = SCOPES | WITHOUT.keys()
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == declared == needed - {None}


def test_the_events_are_those_that_are_heard(manifest, channel):
    """Each subscribed event has a listener, and each listener its subscription."""
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert events == set(EVENT_SCOPES)
    assert {event.partition(".")[0] for event in events} == set(channel._listeners())


def test_the_command_is_the_one_that_is_heard(manifest):
    """One slash command, unescaped so that its code arrives as typed."""
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is False


def test_people_can_answer(manifest):
    """The Messages tab is on and takes messages, the Home tab is on, buttons work, tokens do not rotate."""
    home, settings = manifest["features"]["app_home"], manifest["settings"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert home["home_tab_enabled"] is True
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["socket_mode_enabled"] is True
    assert settings["token_rotation_enabled"] is False


def test_slacks_lengths(manifest):
    """Names and descriptions are within what Slack takes."""
    display = manifest["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert len(manifest["features"]["slash_commands"][0]["description"]) <= 2000
