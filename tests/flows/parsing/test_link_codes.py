"""Promises of flows/parsing/link_codes.py: a code or a link is read however it was pasted, and words are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.parsing.link_codes import InvitationMention, invitation_in, link_code, token_in
from storage.people.account_links import CODE_LETTERS
from storage.people.coordinators import new_team_token
from storage.people.invitations import new_token

TOKEN = "aB3_xY-9kLmN0pQrStUvWxYzaB3dE5f_"
LINK = f"https://t.me/said_bot?start={TOKEN}"
CUT = f"{TOKEN[:20]}\n{TOKEN[20:]}"

ALONE = [
    TOKEN,
    LINK,
    f"HTTPS://T.ME/Said_Bot?start={TOKEN}",
    f"http://telegram.me/said_bot?start={TOKEN}",
    f"https://telegram.dog/said_bot?start={TOKEN}",
    f"t.me/said_bot?start={TOKEN}",
    f"https://said_bot.t.me/?start={TOKEN}",
    f"tg://resolve?domain=said_bot&start={TOKEN}",
    f"tg://resolve?domain=said_bot&amp;start={TOKEN}",
    f"<{LINK}>",
    f"({LINK}).",
    f"  {LINK}\n",
    f"please {LINK}",
    f"{TOKEN}, thank you!",
    f"`{TOKEN}`",
    f"```{TOKEN}```",
    f"“{TOKEN}”.",
    f"«{TOKEN}»",
    f"'{TOKEN}'",
    f"start {TOKEN}",
    f"Start: {TOKEN}",
    f"start {LINK}",
    f"\u200b{TOKEN[:7]}\u200d{TOKEN[7:]}\ufeff",
    f"\u2068{TOKEN}\u2069",
    TOKEN.replace("-", "\u2011"),
    TOKEN.replace("-", "\u2013"),
]
"""The whole message is the invitation, but for quotes, courtesy and signs that are not seen."""

COMMANDED = [
    f"/start {TOKEN}",
    f"/start@said_bot {TOKEN}",
    f"/start\n{TOKEN}",
    f"/start {LINK}",
    f"/START {TOKEN}",
    f"/said start {TOKEN}",
    f"said start {TOKEN}",
    f"`/said start {TOKEN}`",
    f"“/said start {TOKEN}”.",
    f"> /said start {TOKEN}",
    f"/said start `{TOKEN}`",
    f"/said start <{LINK}>",
]

AMONG_WORDS = [
    f"I was sent this: {LINK} What do I do?",
    f"My code is {TOKEN}, can you hear me?",
    f"Hallo, hier ist mein Link {LINK}",
    f"my code:{TOKEN}",
    f"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ft.me%2Fsaid_bot%3Fstart%3D{TOKEN}&data=05",
    "A long story. " * 60 + LINK,
]

WORDS = [
    "",
    "start",
    "Start tomorrow",
    "said start",
    "I said start with the pills",
    "/start the thing",
    "I want to start again",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o",
    "https://example.org/?start=1",
    "https://t.me/said_bot",
    f"https://example.org/{TOKEN}",
    TOKEN[:-1],
    f"{TOKEN}x",
    "123456789",
]


@pytest.mark.parametrize("text", ALONE)
def test_an_invitation_that_is_the_whole_message(text: str) -> None:
    """Link or code, in whatever wrapping."""
    assert invitation_in(text) == InvitationMention(TOKEN)
    assert token_in(text) == TOKEN


@pytest.mark.parametrize("text", COMMANDED)
def test_an_invitation_after_a_command(text: str) -> None:
    """As each platform's command has it, also where it is no command there."""
    assert invitation_in(text) == InvitationMention(TOKEN, commanded=True)


@pytest.mark.parametrize("text", AMONG_WORDS)
def test_an_invitation_among_words(text: str) -> None:
    """It is found, and is not taken for more than words if there is none such."""
    assert invitation_in(text) == InvitationMention(TOKEN, alone=False, certain=False)


@pytest.mark.parametrize("text", WORDS)
def test_words_are_words(text: str) -> None:
    """Ordinary words, other links, and what is too short or too long for a token."""
    assert invitation_in(text) is None


@pytest.mark.parametrize("text", [CUT, f"https://t.me/said_bot?start={CUT}", f"start {CUT}"])
def test_a_broken_line_is_mended(text: str) -> None:
    """As mails break long lines; two lines of words that happen to have its length are not called an invitation."""
    assert invitation_in(text) == InvitationMention(TOKEN, certain=False)


@pytest.mark.parametrize(
    ("text", "token"), [("/start", ""), ("/said start", ""), ("/start x", "x"), ("/said start `x`", "x")]
)
def test_a_start_without_a_whole_token(text: str, token: str) -> None:
    """The command alone asks where one stands; whatever else stands after it is a wrong token."""
    assert invitation_in(text) == InvitationMention(token, commanded=True)


@pytest.mark.parametrize(
    ("text", "token"), [("", ""), (" abc ", "abc"), ("`abc`", "abc"), ("two words", "two words")]
)
def test_what_was_typed_to_start_is_a_token(text: str, token: str) -> None:
    """After a command or in the Home tab's field everything is meant as one."""
    assert token_in(text) == token


def test_a_team_link_with_a_capital_that_the_keyboard_made() -> None:
    """Its first letters are ours, and small."""
    token = new_team_token()
    assert invitation_in(f"T{token[1:]}") == invitation_in(token) != None  # noqa: E711
    assert token_in(f"T{token[1:]}") == token


@given(
    st.builds(new_token),
    st.sampled_from(["{}", "`{}`", "/start {}", "t.me/b?start={}", "“{}”.", "hi: {} ok"]),
)
def test_every_token_that_is_made_is_read(token: str, form: str) -> None:
    """Whatever it begins and ends with."""
    found = invitation_in(form.format(token))
    assert found is not None
    assert found.token == token


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Anything may be typed."""
    invitation_in(text)
    link_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "link BCDF2345",
        "LINK bcdf-2345",
        "/link BCDF 2345",
        "`link BCDF2345`",
        "“link BCDF2345”.",
        "Link: BCDF2345",
        "please link BCDF2345",
        "link \u2068BCDF2345\u2069",
        "verknüpfen BCDF2345",
        "In the other app, write this to me in the next 15 minutes: link BCDF2345",
    ],
)
def test_a_link_code(text: str) -> None:
    """After the word in any language, in quotes, and as the end of the sentence that gave it."""
    assert link_code(text) == "BCDF2345"


@pytest.mark.parametrize(
    "text",
    ["link", "link it", "I must link diabetes", "they link symptoms", "BCDF2345", "link BCDF2345 is my code"],
)
def test_no_link_code(text: str) -> None:
    """The word alone is a wish for a code, and other words are words."""
    assert link_code(text) is None


def test_link_codes_are_made_of_the_letters_that_are_read() -> None:
    """Each of them is found at the end of a sentence."""
    for letter in CODE_LETTERS:
        assert link_code(f"and write this: link {letter * 8}") == letter * 8
