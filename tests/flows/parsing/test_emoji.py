"""Emoji in replies to every kind of question: what people mean by them, and no more."""

from datetime import UTC, date, datetime

import emoji
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.parsing.answers import (
    BandText,
    ChoiceText,
    ExpectedDate,
    ExpectedNumber,
    RatingScale,
    ReadReply,
    ShortcutText,
    UnreadReply,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_scale,
    read_yes_no,
)
from flows.parsing.commands import global_word
from flows.parsing.dates.later import read_later
from flows.parsing.language_names import asked_language, language_alone, language_named
from flows.parsing.link_codes import link_code
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import languages
from flows.text.emoji import signs_in

TODAY = date(2026, 2, 10)
NOW = datetime(2026, 2, 10, 9, tzinfo=UTC)
PLAIN = (ChoiceText("a", "Explaining"), ChoiceText("b", "Listening"), ChoiceText("c", "Side effects"))
PAIR = (ChoiceText("y", "Yes, in full"), ChoiceText("n", "No"), ChoiceText("s", "Sometimes"))
FACES = (ChoiceText("good", "😀"), ChoiceText("fair", "😐"), ChoiceText("bad", "😞"))
MANY = tuple(
    ChoiceText(f"c{number}", f"Choice of {name}") for number, name in enumerate("abcdefghijklmnop", 1)
)
LABELS = {
    "en": ("Yes", "No"),
    "de": ("Ja", "Nein"),
    "es": ("Sí", "No"),
    "fr": ("Oui", "Non"),
    "it": ("Sì", "No"),
    "pt": ("Sim", "Não"),
    "ar": ("نعم", "لا"),
}


def value(reading: ReadReply | UnreadReply) -> object:
    """The value that was read; None for none."""
    return reading.value if isinstance(reading, ReadReply) else None


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("👍", True), ("👍🏽", True), ("👍👍👍", True), (":+1:", True), (":thumbsup:", True), ("✅", True), ("✔️", True),
        ("☑️", True), ("👌🏿", True), ("🙆\u200d♀️", True), (":white_check_mark:", True), ("👍!", True),
        ("👎", False), ("👎🏻", False), ("👎👎", False), (":-1:", False), (":-1::skin-tone-2:", False), ("❌", False),
        ("✖️", False), ("🚫", False), ("🙅🏽\u200d♂️", False), (":x:", False), (":no_entry_sign:", False),
        ("👍👎", None), (":+1::-1:", None), ("💯", None), ("🙏", None), ("🛑", None), (":100:", None), ("+1", None),
        ("-1", None), (":blob-yes-1:", None),
    ],
)  # fmt: skip
def test_yes_and_no(language: str, text: str, meant: bool | None) -> None:
    """Thumbs, ticks and crosses are yes and no in every language; whatever else is neither."""
    agree, decline = LABELS[language]
    assert value(read_yes_no(text, agree=agree, decline=decline, language=language)) is meant


@pytest.mark.parametrize("language", languages())
def test_beside_words(language: str) -> None:
    """A sign that agrees with the word changes nothing; where the two disagree, neither counts."""
    yes, no = LABELS[language]
    for text, meant in (
        (f"{yes} 👍", True), (f"👍 {yes}", True), (f"{yes}:+1:", True), (f"{no} 👎", False), (f"👎 {no}", False),
        (f"{yes} 👎", None), (f"{no} 👍", None), (f"❌ {yes}", None), (f"{yes} 👍👎", None), (f"{yes} 🎉", True),
        (f":-1: {yes}", None), ("1 👎", None), ("2 👍", None), ("1 👍", True), ("2 ❌", False),
        (f"{yes}, please 👎", None), (f"👎 thanks, {yes}", None), (f"please {yes} 👍", True),
    ):  # fmt: skip
        reading = read_yes_no(text, agree=yes, decline=no, language=language)
        assert value(reading) is meant, text


@pytest.mark.parametrize(
    ("text", "choices", "code"),
    [
        ("👍", PLAIN, None), ("👎", PLAIN, None), (":-1:", PLAIN, None), (":+1:", PLAIN, None), ("✅", PLAIN, None),
        ("+1", PLAIN, None), (":100:", PLAIN, None), (":1234:", PLAIN, None), ("🥇", PLAIN, None), ("☝️", PLAIN, None),
        ("👍", PAIR, "y"), ("👎", PAIR, "n"), ("❌", PAIR, "n"), (":x:", PAIR, "n"), ("👍🏽👍🏽", PAIR, "y"),
        ("3️⃣", PLAIN, "c"), (":three:", PLAIN, "c"), ("3⃣ please", PLAIN, "c"), ("②", PLAIN, "b"), ("🔟", PLAIN, None),
        ("🔟", MANY, "c10"), ("1️⃣2️⃣", MANY, "c12"), (":one::two:", MANY, "c12"), ("\N{HEAVY MINUS SIGN}1", PLAIN, None),
        ("Side effects 🤢", PLAIN, "c"), ("✅ Side effects", PLAIN, "c"), ("Side effects 👍", PLAIN, "c"),
        ("❌ Side effects", PLAIN, None), ("Side effects 👎", PLAIN, None), ("Sometimes ❌", PAIR, None),
        ("😞", FACES, "bad"), ("😀", FACES, "good"), (":neutral_face:", FACES, "fair"), ("😀😞", FACES, None),
        ("🇩🇪", PLAIN, None), ("🕐", PLAIN, None),
    ],
)  # fmt: skip
def test_one_choice(text: str, choices: tuple[ChoiceText, ...], code: str | None) -> None:
    """A thumb is a choice only where one means yes or no, or is labelled so; keycaps are the number of a choice."""
    assert value(read_choice(text, choices, "en")) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1️⃣ 3️⃣", ["a", "c"]), ("1️⃣3️⃣", ["a", "c"]), (":one: :three:", ["a", "c"]), (":one::three:", ["a", "c"]),
        ("1️⃣, 2️⃣ and 3️⃣", ["a", "b", "c"]), ("1️⃣-3️⃣", ["a", "b", "c"]), ("✅ 1️⃣", ["a"]), ("①③", ["a", "c"]),
        ("✅ Side effects, ✅ Listening", ["b", "c"]), ("1️⃣ and listening 👍", ["a", "b"]),
        ("✅", None), ("👍", None), ("👎", None), ("❌", None), (":-1:", None), (":+1:", None), ("✅✅", None),
        ("✅ Side effects ❌ Listening", None), ("1️⃣ ❌", None), ("🔟", None), (":100:", None), ("💯", None),
        ("+1", None),
    ],
)  # fmt: skip
def test_several_choices(text: str, codes: list[str] | None) -> None:
    """Keycaps are numbers, each its own; a tick alone is no pick, and nothing crossed out is one."""
    assert value(read_choices(text, PLAIN, "en")) == codes


def test_keycaps_that_could_be_two_or_one() -> None:
    """Under a long list 1️⃣2️⃣ may be the twelfth, or the first and the second: it is asked again."""
    assert value(read_choices("1️⃣2️⃣", MANY, "en")) is None
    assert value(read_choices("1️⃣ 2️⃣", MANY, "en")) == ["c1", "c2"]
    assert value(read_choices("1️⃣9️⃣", MANY, "en")) == ["c1", "c9"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5️⃣", 5), (":five:", 5), ("1️⃣2️⃣", 12), ("🔟", 10), ("④", 4), ("5 👍", 5), ("5👍🏽", 5), ("about 7️⃣", 7),
        ("7️⃣ patients", 7), ("0️⃣", 0),
        (":-1:", None), (":+1:", None), (":100:", None), (":1234:", None), ("💯", None), ("🔢", None), ("🥇", None),
        ("🕐", None), ("🇩🇪", None), ("㊙", None), ("👍", None), ("👎", None), ("✋", None), (":8ball:", None),
        ("5 ❌", None), (":2:", None), ("1️⃣ 2️⃣", None),
    ],
)  # fmt: skip
def test_numbers(text: str, number: int | None) -> None:
    """A keycap is its digit; no other emoji and no digit of a name is a number."""
    assert value(read_number(text, "en")) == number
    bands = (BandText("few", "0 to 4", 0, 4), BandText("more", "5 or more", 5))
    band = None if number is None else "few" if number < 5 else "more"
    assert value(read_number(text, "en", ExpectedNumber(bands=bands))) == band


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("4️⃣", 4), (":four:", 4), ("4️⃣ 👍", 4), ("1 👎", 1), ("very good 👍", 5), ("4️⃣/5️⃣", 4), ("③", 3),
        ("👍", None), ("👎", None), (":-1:", None), (":+1:", None), (":100:", None), ("⭐", None), ("5 ❌", None),
        ("🔟", None),
    ],
)  # fmt: skip
def test_scales(text: str, point: int | None) -> None:
    """A keycap is a point; a thumb is none, and beside a number it is how somebody feels about it."""
    assert value(read_scale(text, "en", RatingScale(1, 5, "Very bad", "Very good"))) == point


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3️⃣ March", date(2026, 3, 3)), ("📅 3 March", date(2026, 3, 3)), ("tomorrow 👍", date(2026, 2, 11)),
        ("2️⃣0️⃣2️⃣6️⃣-0️⃣3️⃣-0️⃣1️⃣", date(2026, 3, 1)), ("in 2️⃣ weeks", date(2026, 2, 24)),
        (":-1:", None), (":+1:", None), ("👎", None), ("👍", None), ("📅", None), ("🔜", None), (":soon:", None),
        ("tomorrow ❌", None), ("tomorrow 👎", None), ("2️⃣", None), (":100:", None), ("🗓️ 🕐", None),
    ],
)  # fmt: skip
def test_dates(text: str, day: date | None) -> None:
    """Keycaps stand for digits in a date; a thumb names no day, and a cross beside one takes it back."""
    assert value(read_date(text, "en", today=TODAY)) == day


def test_shortcuts_and_times() -> None:
    """A day by its label or its number takes keycaps too, and no thumb."""
    expected = ExpectedDate(shortcuts=(ShortcutText("Today", "today"), ShortcutText("Tomorrow", "tomorrow")))
    assert value(read_date("2️⃣", "en", today=TODAY, expected=expected)) == date(2026, 2, 11)
    assert value(read_date("Today 👎", "en", today=TODAY, expected=expected)) is None
    assert value(read_date(":-1:", "en", today=TODAY, expected=expected)) is None
    assert value(read_later("1️⃣", now=NOW, zone="UTC", language="en")) is not None
    for text in (":-1:", "👍", ":+1:", "tomorrow ❌", ":1234:"):
        assert value(read_later(text, now=NOW, zone="UTC", language="en")) is None, text


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("text", [":end:", ":back:", ":soon:", "🛑", ":octagonal_sign:", "🔚", "🔙", ":stop:", ":skip:",
                                  "⏭️", "👎", ":help:", ":link:"])  # fmt: skip
def test_no_emoji_is_a_command(language: str, text: str) -> None:
    """The name of an emoji is no command, though it is spelled like one: nobody leaves by a picture."""
    assert global_word(text, language) is None


def test_commands_with_emoji() -> None:
    """A command is what it is beside an emoji, and the names of emoji are no languages or codes."""
    assert global_word("stop 🛑", "en") is global_word("stop", "en")
    assert global_word(":octagonal_sign: stop", "en") is global_word("stop", "en")
    assert asked_language(":speech_balloon: language español") == "espanol"
    assert language_named(":es:") is None
    assert language_alone(":de:") is None
    assert link_code(":link: ABCD2345") is None
    assert link_code("link ABCD2345 :+1:") == "ABCD2345"


def test_courtesy_leaves_the_signs() -> None:
    """Words of courtesy are taken away, and no thumb with them."""
    assert plainly("yes, please 👎") == "yes👎"
    assert plainly("👍 thanks, yes") == "👍yes"
    assert plainly("please :-1:") is None


@given(
    st.lists(st.sampled_from(sorted(set(emoji.EMOJI_DATA))), min_size=1, max_size=4),
    st.sampled_from(["", " "]),
    st.sampled_from(languages()),
)
@settings(max_examples=400, deadline=None)
def test_no_emoji_has_a_value_of_its_own(row: list[str], between: str, language: str) -> None:
    """Without keycaps no row of emoji is a number, a point, a day or a plain choice, and yes or no only by signs."""
    pictures = [sign for sign in row if "\u20e3" not in sign and sign != "🔟"]
    text = between.join(pictures) or "🙂"
    assert value(read_number(text, language)) is None
    assert value(read_scale(text, language)) is None
    assert value(read_date(text, language, today=TODAY)) is None
    assert value(read_later(text, now=NOW, zone="UTC", language=language)) is None
    assert value(read_choice(text, PLAIN, language)) is None
    assert value(read_choices(text, PLAIN, language)) is None
    agree, decline = LABELS[language]
    yes, no = signs_in(text)
    meant = value(read_yes_no(text, agree=agree, decline=decline, language=language))
    assert meant is (yes if yes != no else None)


SLACK_NAMES = sorted(
    {
        name
        for data in emoji.EMOJI_DATA.values()
        for name in (data["en"], *data.get("alias", ()))
        if any(map(str.isdigit, name)) and "keycap" not in name
    }
    | {":+1:", ":-1:", ":team-1:", ":2:", ":1st:", ":custom_3:", ":1234:", ":100:", ":b2b:"}
)


@given(
    st.sampled_from(SLACK_NAMES),
    st.sampled_from(["{}", "{}{}", " {}!", "{}.", "{} {}"]),
    st.sampled_from(languages()),
)
@settings(max_examples=300, deadline=None)
def test_no_digit_of_a_name_is_a_number(name: str, form: str, language: str) -> None:
    """Whatever names with digits are typed, no number, point, day or numbered choice comes of them."""
    text = form.format(name, name)
    assert value(read_number(text, language)) is None
    assert value(read_scale(text, language)) is None
    assert value(read_date(text, language, today=TODAY)) is None
    assert value(read_choice(text, PLAIN, language)) is None
    assert value(read_choices(text, PLAIN, language)) is None
