"""Promises of bot/channels/slack/home_tab.py: the tab says where its reader stands, and what they may ask for."""

from datetime import date

import pytest

from bot.channels.home import HomeStanding, HomeState
from bot.channels.slack.home_tab import HomeTab, home_view
from bot.channels.slack.inbound import from_actions
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from tests.emulators.slack.blockkit import texts, view_problems
from tests.support.retelling import LANGUAGES

DAY = date(2026, 3, 9)
OPEN = HomeState(HomeStanding.OPEN, "en", "A small talk", (3, 9))
STATES = {
    "stranger": HomeState(),
    "open": OPEN,
    "not counted": HomeState(HomeStanding.OPEN, "en", "A small talk"),
    "paused": HomeState(HomeStanding.PAUSED, "en", "A small talk", (3, 9)),
    "paused until": HomeState(HomeStanding.PAUSED, "en", "A small talk", (3, 9), DAY),
    "idle": HomeState(HomeStanding.IDLE, "en"),
    "with a follow-up to come": HomeState(HomeStanding.IDLE, "en", expects_us=True),
    "away": HomeState(HomeStanding.IDLE, "en", until=DAY),
    "stopped": HomeState(HomeStanding.STOPPED, "en"),
}
SAYS = {
    "stranger": [],
    "open": ["“A small talk”", "3 of 9", say(Sentence.SLACK_HOME_OPEN, "en")],
    "not counted": ["“A small talk”", say(Sentence.SLACK_HOME_OPEN, "en")],
    "paused": ["“A small talk”", "3 of 9", say(Sentence.PAUSED, "en")],
    "paused until": ["“A small talk”", "3 of 9", say(Sentence.SNOOZED, "en", when=DAY)],
    "idle": [say(Sentence.NO_QUESTION, "en")],
    "with a follow-up to come": [say(Sentence.NO_CONVERSATION, "en")],
    "away": [say(Sentence.HELD_IDLE, "en", when=DAY)],
    "stopped": [say(Sentence.STOPPED_BEFORE, "en")],
}
OFFERS = {
    "stranger": [],
    "open": ["home:go_on", "home:stop", "home:my_data", "home:help"],
    "not counted": ["home:go_on", "home:stop", "home:my_data", "home:help"],
    "paused": ["home:go_on", "home:stop", "home:my_data", "home:help"],
    "paused until": ["home:go_on", "home:stop", "home:my_data", "home:help"],
    "idle": ["home:stop", "home:my_data", "home:help"],
    "with a follow-up to come": ["home:stop", "home:my_data", "home:help"],
    "away": ["home:stop", "home:my_data", "home:help"],
    "stopped": ["home:my_data", "home:help"],
}
ANN, BOB = "slack:T1/U1", "slack:T1/U2"


def tapped(action, user="U1"):
    """What Slack posts after a tap on the tab."""
    return {
        "user": {"id": user},
        "team": {"id": "T1"},
        "view": {"state": {"values": {}}},
        "actions": [{"type": "button", "action_id": action, "action_ts": "1.2", "value": None}],
    }


@pytest.mark.parametrize("name", STATES)
def test_what_is_said_and_offered(name):
    """Where somebody stands, between the greeting and the field for an invitation, which everybody is shown."""
    view = home_view(STATES[name])
    shown = list(texts([block for block in view["blocks"] if block["type"] in ("section", "context")]))
    assert shown == [*SAYS[name], say(Sentence.SLACK_HOME_TEXT, "en")]
    actions = [
        element["action_id"]
        for block in view["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    assert actions == [*OFFERS[name], "home:start"]


@pytest.mark.parametrize("language", [None, "en-GB", "xx", *LANGUAGES])
@pytest.mark.parametrize("name", STATES)
def test_every_view_is_within_slacks_limits(name, language):
    """In every language, and with a title as long as any."""
    state = STATES[name]
    long = HomeState(state.standing, language, "T" * 2900 if state.title else "", state.progress, state.until)
    assert view_problems(home_view(long, language)) == []


def test_the_readers_language():
    """The one in which they are spoken to, else that of their Slack, else English."""
    start = [
        say(Sentence.SLACK_HOME_START, language)
        in texts(home_view(HomeState(language=own), locale)["blocks"])
        for own, locale, language in ((None, None, "en"), (None, "de-DE", "de"), ("fr", "de-DE", "fr"))
    ]
    assert start == [True] * 3


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("home:stop", GlobalWord.STOP),
        ("home:my_data", GlobalWord.MY_DATA),
        ("home:help", GlobalWord.HELP),
    ],
)
def test_a_button_is_a_command_in_every_language(action, command, language):
    """It means what the same word means in the chat, whatever is open."""
    [said] = from_actions(tapped(action))
    assert (said.kind.value, said.address) == ("text", ANN)
    assert global_word(said.text, language) is command


def test_slack_asks_before_stop_alone():
    """One tap too many stops nothing; what harms nobody is not asked about."""
    [row] = [block for block in home_view(OPEN)["blocks"] if block["type"] == "actions"][:1]
    asked = [element["action_id"] for element in row["elements"] if element.get("confirm")]
    assert asked == ["home:stop"]


def test_go_on_is_a_start_without_a_token():
    """The open question is shown again, as after `/start`; whatever stands in the field is for Start alone."""
    body = tapped("home:go_on")
    body["view"]["state"]["values"] = {"code": {"home:code": {"value": "some words"}}}
    [said] = from_actions(body)
    assert (said.kind.value, said.text) == ("start", "")


def test_other_buttons_of_the_tab_are_none():
    """What a later or another program put there is passed over."""
    assert from_actions(tapped("home:")) == from_actions(tapped("home:delete")) == ()


async def test_the_tab_is_shown_anew_once_after_the_answer():
    """After the next message to whoever tapped, not after those to others, and not after the one after that."""
    shown = []

    async def publish(user, view):
        shown.append((user, view))

    async def query(_address):
        return OPEN

    tab = HomeTab(publish, lambda _address: None)
    tab.query = query
    tab.notice(tapped("tap:1.0.0"))
    await tab.after_message(ANN)
    assert shown == []
    tab.notice(tapped("home:stop"))
    await tab.after_message(BOB)
    assert shown == []
    await tab.after_message(ANN)
    await tab.after_message(ANN)
    assert shown == [("U1", home_view(OPEN))]


async def test_what_cannot_be_read_leaves_the_tab_as_it_is():
    """And an opening of another tab shows nothing."""
    shown = []

    async def publish(user, view):
        shown.append((user, view))

    async def unreadable(_address):
        raise OSError("the disk is gone")

    tab = HomeTab(publish, lambda _address: None)
    await tab.opened({"event": {"user": "U1", "tab": "messages"}, "team_id": "T1"})
    tab.query = unreadable
    await tab.opened({"event": {"user": "U1", "tab": "home"}, "team_id": "T1"})
    assert shown == []


async def test_a_state_that_slack_would_not_show_ends_no_sending():
    """A title beyond Slack's limits leaves the tab as it is; the message that was sent before counts as sent."""
    shown = []

    async def publish(user, view):
        shown.append((user, view))

    async def too_long(_address):
        return HomeState(HomeStanding.OPEN, "en", "T" * 3001)

    tab = HomeTab(publish, lambda _address: None)
    tab.query = too_long
    tab.notice(tapped("home:go_on"))
    await tab.after_message(ANN)
    assert shown == []
