"""Emoji in a text: by name, as keycaps, as signs, and alone."""

import emoji
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.text.emoji import Signs, emoji_alone, signs_in, with_emoji, without_emoji

ALL = sorted(emoji.EMOJI_DATA)
KEYCAPS = {f"{digit}{look}\u20e3": str(digit) for digit in range(10) for look in ("", "\ufe0f")} | {
    "🔟": "10"
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (":-1:", "👎"),
        (":+1:", "👍"),
        (":thumbsup:", "👍"),
        (":100:", "💯"),
        (":1234:", "🔢"),
        (":five:", "5️⃣"),
        (":keycap_ten:", "🔟"),
        (":white_check_mark:", "✅"),
        (":heavy_check_mark:", "✔️"),
        (":x:", "❌"),
        (":no_entry_sign:", "🚫"),
        (":ok_hand:", "👌"),
        (":no_good:", "🙅"),
        (":woman-gesturing-no:", "🙅\u200d♀️"),
        (":man-gesturing-ok:", "🙆\u200d♂️"),
        (":+1::skin-tone-3:", "👍🏼"),
        (":+1::+1:", "👍👍"),
        ("yes:+1:", "yes👍"),
        (":-1:no", "👎no"),
        ("5:100:", "5💯"),
        (":flag-de:", "🇩🇪"),
        ("It hurt :cry: all day", "It hurt 😢 all day"),
        ("10:30:+1:", "10:30👍"),
    ],
)
def test_a_name_is_its_emoji(typed: str, meant: str) -> None:
    """The names that Slack delivers, and that people paste, stand for the emoji."""
    assert with_emoji(typed) == meant


@pytest.mark.parametrize(
    "text",
    ["10:30:45", "a:b:c", "http://x:80/", "10:30:", "at 10:30: yes", "key:value:", "::", ": 1 :", "1:100:2",
     "one:two:three", "Note: at 9: two", "fe80:1:2:3"],
)  # fmt: skip
def test_what_is_no_name_stays(text: str) -> None:
    """Times, addresses and words with colons are what they were, also for whoever reads numbers."""
    assert with_emoji(text) == text
    assert without_emoji(text) == text


def test_an_unknown_name_means_nothing() -> None:
    """A workspace's own emoji is kept as it was written, and no reader sees its words or digits."""
    assert with_emoji(":blob-2: :party:") == ":blob-2: :party:"
    assert without_emoji(":blob-2: :party: :22:").strip() == ""
    assert without_emoji("yes:blob-2:").strip() == "yes"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1️⃣", "1"),
        ("1⃣", "1"),
        ("1️⃣0️⃣", "10"),
        ("1️⃣ 3️⃣", "1 3"),
        ("5️⃣5", "5 5"),
        ("🔟", "10"),
        ("①", "1"),
        ("⑫", "12"),
        ("❸", "3"),
        ("\N{HEAVY MINUS SIGN}1", "-1"),
        ("5\N{HEAVY PLUS SIGN}", "5+"),
        ("2️⃣-4️⃣", "2-4"),
        ("💯", ""),
        ("🔢", ""),
        ("🥇", ""),
        ("🕐", ""),
        ("🇩🇪", ""),
        ("㊙", ""),
        ("\N{INFORMATION SOURCE}\ufe0f", ""),
        ("🈷️", ""),
        ("Ⓜ️", ""),
        ("✌🏽", ""),
        ("#️⃣", ""),
        ("№ 2", "№ 2"),
        ("5 ❤️", "5"),
        ("👩🏽\u200d⚕️ 3", "3"),
    ],
)
def test_words_and_numbers_without_emoji(text: str, read: str) -> None:
    """Keycaps and circled digits are their digits; a picture of a number is none."""
    assert without_emoji(text).strip() == read


def test_keycaps_side_by_side() -> None:
    """Beside one another they are one number, or each its own where a list is read."""
    assert without_emoji("1️⃣3️⃣") == "13"
    assert without_emoji("1️⃣3️⃣", apart=True) == "1 3"


def test_no_other_emoji_leaves_a_letter_or_digit() -> None:
    """Of every emoji that there is, only keycaps leave anything to read, and every one is seen as an emoji alone."""
    left = {sign: read for sign in ALL if (read := without_emoji(sign).strip())}
    assert left == {sign: KEYCAPS[sign] for sign in left}
    assert [sign for sign in ALL if emoji_alone(sign) is None] == []


def test_no_name_with_a_digit_is_a_number() -> None:
    """Of every name that the library has, in Slack's spelling too, no digit is left."""
    names = {
        spelled
        for data in emoji.EMOJI_DATA.values()
        for name in (data["en"], *data.get("alias", ()))
        for spelled in (name, name.replace("_", "-"), name.lower())
        if any(map(str.isdigit, name)) and "keycap" not in name.lower()
    }
    assert len(names) > 50
    assert [name for name in names if any(map(str.isdigit, without_emoji(name)))] == []


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("👍", Signs(yes=True, no=False)),
        ("👍🏿", Signs(yes=True, no=False)),
        ("✔️", Signs(yes=True, no=False)),
        ("✓", Signs(yes=True, no=False)),
        (":ok_hand::skin-tone-5:", Signs(yes=True, no=False)),
        ("🙆🏻\u200d♀️", Signs(yes=True, no=False)),
        ("👎", Signs(yes=False, no=True)),
        ("🙅🏽\u200d♂️", Signs(yes=False, no=True)),
        (":x:", Signs(yes=False, no=True)),
        ("🙂\u200d↕️", Signs(yes=True, no=False)),
        ("🙂\u200d↔️", Signs(yes=False, no=True)),
        ("🙂", Signs(yes=False, no=False)),
        ("👍👎", Signs(yes=True, no=True)),
        ("🛑", Signs(yes=False, no=False)),
        ("🙏", Signs(yes=False, no=False)),
        ("no", Signs(yes=False, no=False)),
    ],
)
def test_signs(text: str, signs: Signs) -> None:
    """Thumbs, ticks and crosses mean yes or no, whatever their skin; a smile, thanks or a stop sign do not."""
    assert signs_in(text) == signs


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("👎", "👎"),
        (":-1:", "👎"),
        (" 👍🏽! ", "👍🏽"),
        ("👍👍👍", "👍"),
        ("👍👎🎉❌", "👍👎🎉"),
        ("1️⃣", "1️⃣"),
        (":five:", "5️⃣"),
        ("②", "②"),
        ("🇩🇪", "🇩🇪"),
        (":yes:", ":yes:"),
        ("yes 👍", None),
        ("1 👍", None),
        ("1", None),
        ("", None),
        ("...", None),
        ("10:30:45", None),
    ],
)
def test_emoji_alone(text: str, seen: str | None) -> None:
    """What is said back are the first three; with a word or a number of its own a reply is more than emoji."""
    assert emoji_alone(text) == seen


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=6), st.sampled_from(["", " ", "\n"]))
@settings(max_examples=300)
def test_emoji_in_any_row_are_emoji_alone(row: list[str], between: str) -> None:
    """However they stand together, nothing but the digits of keycaps is left of them."""
    text = between.join(row)
    assert emoji_alone(text) is not None
    digits = "".join(KEYCAPS.get(sign, "") for sign in row)
    assert "".join(without_emoji(text).split()).replace("+", "").replace("-", "") == digits


@given(st.text(st.sampled_from(":+-1a2 👍5\u20e3\ufe0f_"), max_size=30))
def test_no_text_raises(text: str) -> None:
    """Whatever stands between colons is read in one pass."""
    assert isinstance(without_emoji(text), str)
    assert with_emoji(with_emoji(text)) is not None
    assert isinstance(signs_in(text), Signs)
