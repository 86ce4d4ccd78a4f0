"""Emoji that Slack names become emoji again, and nothing else with colons does."""

import emoji
import pytest

from bot.channels.slack.payloads.emoji_names import put_emoji

NAMES = [
    (":-1:", "👎"),
    (":+1:", "👍"),
    (":thumbsup:", "👍"),
    (":thumbsdown:", "👎"),
    (":thumbsup_all:", "👍"),
    (":white_check_mark:", "✅"),
    (":heavy_check_mark:", "✔️"),
    (":x:", "❌"),
    (":zero:", "0️⃣"),
    (":five:", "5️⃣"),
    (":keycap_ten:", "🔟"),
    (":keycap_star:", "*️⃣"),
    (":hash:", "#️⃣"),
    (":100:", "💯"),
    (":1234:", "🔢"),
    (":simple_smile:", "🙂"),
    (":octagonal_sign:", "🛑"),
    (":large_green_circle:", "🟢"),
    (":large_blue_circle:", "🔵"),
    (":face_palm:", "🤦"),
    (":man-shrugging:", "🤷‍♂️"),
    (":woman-gesturing-no:", "🙅‍♀️"),
    (":female-doctor:", "👩‍⚕️"),
    (":male-teacher:", "👨‍🏫"),
    (":man-woman-girl:", "👨‍👩‍👧"),
    (":flag-de:", "🇩🇪"),
    (":flag-england:", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    (":gb:", "🇬🇧"),
    (":+1::skin-tone-2:", "👍🏻"),
    (":+1::skin-tone-6:", "👍🏿"),
    (":man-shrugging::skin-tone-4:", "🤷🏽‍♂️"),
    (":point_up::skin-tone-3:", "☝🏼"),
    (":skin-tone-3:", "🏼"),
    (":THUMBSUP:", "👍"),
]


@pytest.mark.parametrize(("name", "sign"), NAMES)
def test_slacks_names(name, sign):
    """Each name that Slack gives an emoji is that emoji, with its skin tone."""
    assert put_emoji(name) == sign


WORDS = [
    ("I say :-1:, and :five:!", "I say 👎, and 5️⃣!"),
    (":+1::-1:", "👍👎"),
    ("(:ok_hand:)\n:pray:", "(👌)\n🙏"),
    ("at 10:30:45 :x:", "at 10:30:45 ❌"),
]


@pytest.mark.parametrize(("sent", "read"), WORDS)
def test_names_among_words(sent, read):
    """Names among words and signs become emoji; the words stay."""
    assert put_emoji(sent) == read


STAY = [
    "10:30:45",
    "a:b:c",
    "ratio 5:100:3",
    "12:1234:56",
    "note: this and that: yes",
    ":partyparrot:",
    ": ok :",
    "::",
    "https://x.org/:ok:/a:b",
    "http://x.org:80:ok:",
    "<https://x.org/:ok:|see :ok: here>",
    "no colon",
    "",
]


@pytest.mark.parametrize("words", STAY)
def test_colons_that_are_no_emoji(words):
    """Times, ratios, prose, links, and pictures that only one workspace has stay as they are."""
    assert put_emoji(words) == words


def test_what_the_message_shows_decides():
    """The message's own rich text goes first: its emoji stand also beside letters, where it has as many of them."""
    assert put_emoji("fine:+1:", {"+1": "👍"}, often={"+1": 1}) == "fine👍"
    assert put_emoji("a:b:c :b:", {"b": "🅱️"}, often={"b": 1}) == "a:b:c 🅱️"
    assert put_emoji(":new_one:", {"new_one": "🫨"}) == "🫨"


def test_names_that_there_are_not_are_not_looked_for(monkeypatch):
    """The package goes through all of its names to find one: a message full of others would hold everybody up."""

    def looked_for(*_arguments, **_more):
        raise AssertionError("the package was asked")

    monkeypatch.setattr(emoji, "emojize", looked_for)
    words = " ".join(f":n{number}:" for number in range(5000))
    assert put_emoji(words) == words
