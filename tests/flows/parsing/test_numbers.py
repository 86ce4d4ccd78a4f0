from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from flows.parsing.answers import (
    BandText,
    ExpectedNumber,
    RatingScale,
    ReadReply,
    UnreadReply,
    read_number,
    read_scale,
)
from flows.parsing.number_words import counting_number
from flows.parsing.numbers import Amount, find_amount
from flows.parsing.vocabulary import languages, vocabulary
from flows.text.folding import fold


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Side Effects!", "side effects"),
        ("  a \n b ", "a b"),
        ("Café", "cafe"),
        ("Größe", "grosse"),
        ("don't", "dont"),
        ("don\u2019t", "dont"),
        ("👍🏽 yes ❤️", "yes"),
        ("2️⃣", "2"),
        ("٢", "2"),
        ("\uff12", "2"),
        ("२", "2"),
        ("½", ""),
        ("नमस्ते", fold("नमस्ते")),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_folding(text, key):
    """Case, accents, punctuation, emoji and the script of digits make no difference; folding twice changes
    nothing.
    """
    assert fold(text) == key
    assert fold(key) == key


@given(st.text())
def test_folding_is_stable(text):
    """A key is its own key, for every text."""
    assert fold(fold(text)) == fold(text)


def test_signs_of_other_scripts_stay():
    """Vowel signs that carry meaning are no accents."""
    assert fold("की") != fold("का")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" 7. ", 7),
        ("seven", 7),
        ("Twenty-five", 25),
        ("one hundred", 100),
        ("about 7", 7),
        ("about one", 1),
        ("~7", 7),
        ("7ish", 7),
        ("maybe 7 patients", 7),
        ("I saw 7", 7),
        ("a dozen", 12),
        ("half a dozen", 6),
        ("a couple", 2),
        ("none", 0),
        ("Nobody", 0),
        ("zero", 0),
        ("٣", 3),
        ("\uff17", 7),
        ("९", 9),
        ("4️⃣", 4),
        ("1,5", 1.5),
        ("1.5", 1.5),
        ("1,000", 1000),
        ("1.000", 1000),
        ("-3", -3),
        ("½", 0.5),
        ("2½", 2.5),
        ("2 ½", 2.5),
        ("¾", 0.75),
        ("100½", 100.5),
        ("2 1/2", 2.5),
        (".5", 0.5),
        (",5", 0.5),
        ("about .5", 0.5),
        ("\u066b\u0667\u0667", 0.77),
        ("one point five", 1.5),
        ("two and a half", 2.5),
    ],
)
def test_numbers(text, number):
    """A number in digits of any script, in words, or among words that change nothing in it."""
    assert find_amount(text, "en") == Amount(number, number)


ABOUT_SEVEN = {
    "en": ("about 7", "more or less 7", "7 or so", "7 give or take", "around seven"),
    "es": ("más o menos 7", "unos 7", "unas siete", "7 más o menos", "cerca de 7", "mas o menos siete"),
    "fr": ("environ 7", "à peu près 7", "7 environ", "plus ou moins 7", "autour de sept", "disons 7"),
    "de": ("etwa 7", "um die 7", "ca. 7", "ungefähr sieben", "mehr oder weniger 7", "so um die 7 Patienten"),
    "it": ("più o meno 7", "circa 7", "all'incirca sette", "7 circa", "intorno ai 7", "sui 7 pazienti"),
    "pt": (
        "mais ou menos 7",
        "cerca de 7",
        "uns 7 doentes",
        "7 mais ou menos",
        "por volta das sete",
        "perto de 7",
    ),
    "ar": ("حوالي 7", "حوالي \u0667", "7 تقريبا", "ما يقارب \u0667", "بحدود 7", "حوالي سبعة مرضى", "\u06f7"),
}


@pytest.mark.parametrize("language", ABOUT_SEVEN)
def test_about_a_number(language):
    """A number that is not exact is that number, in the words of each language; of people it is no rating."""
    for text in ABOUT_SEVEN[language]:
        assert find_amount(text, language) == Amount(7, 7), text
        rating = read_scale(text, language, RatingScale(low=0, high=10))
        counts = not vocabulary(language).counting.isdisjoint(fold(text).split())
        assert isinstance(rating, UnreadReply) if counts else rating == ReadReply(7), text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("más o menos", "es"),
        ("mais ou menos", "pt"),
        ("plus ou moins bien 7", "fr"),
        ("um die Ecke 7", "de"),
        ("حوالي", "ar"),
        ("sui nervi", "it"),
    ],
)
def test_about_no_number(text, language):
    """'More or less' alone, or before something else, is no number."""
    assert find_amount(text, language) is None


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("7,5", "es", 7.5),
        ("7,5", "de", 7.5),
        ("\u0667\u066b\u0665", "ar", 7.5),
        ("\u06f7\u066b\u06f5", "ar", 7.5),
        ("1\u066c000", "ar", 1000),
        ("1'000,5", "de", 1000.5),
        ("1 000", "fr", 1000),
    ],
)
def test_fractions_of_every_script(text, language, number):
    """The decimal comma, Arabic and Persian digits and signs, and thousands that cannot be a fraction."""
    found = find_amount(text, language, whole=False)
    assert found == (None if number is None else Amount(number, number))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5 to 9", 5, 9),
        ("5-9", 5, 9),
        ("5–9", 5, 9),  # noqa: RUF001 - as phones write it
        ("between five and nine", 5, 9),
        ("3 or 4", 3, 4),
        ("20+", 20, None),
        ("20 or more", 20, None),
        ("at least 3", 3, None),
        ("more than 20", 21, None),
        ("less than 5", None, 4),
    ],
)
def test_ranges(text, low, high):
    """A range keeps its ends; an open end is None."""
    assert find_amount(text, "en") == Amount(low, high)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "banana",
            "loads",
            "7 visits a day and 3 at night",
            "I was born in 1960",
            "9" * 5000,
            "12 34",
            "9-5",
        ),
        *("no", "+43 660 1234567890", "1e5", "nan", "inf", "0x10", "between 3"),
    ],
)
def test_no_number(text):
    """What is not surely a number is none."""
    assert find_amount(text, "en") is None


def test_decimals_and_thousands():
    """Where fractions are asked for, '1.000' is one; a comma before three digits is a thousand in English
    only.
    """
    assert find_amount("1.000", "en", whole=False) == Amount(1, 1)
    assert find_amount("1,000", "en", whole=False) == Amount(1000, 1000)
    assert find_amount("1,000", "de", whole=False) == Amount(1, 1)


def test_the_unit_may_stand_beside_it():
    """The unit of the question is no other word."""
    assert find_amount("7 referrals", "en") is None
    assert find_amount("7 referrals", "en", unit="referrals") == Amount(7, 7)


@pytest.mark.parametrize(
    ("key", "language", "number"),
    [
        ("2", "en", 2),
        ("second", "en", 2),
        ("2nd", "en", 2),
        ("twenty first", "en", 21),
        ("zwei", "de", 2),
        ("funf", "de", 5),
        ("two", "de", 2),
        ("deux", "fr", 2),
        ("two", "xx", 2),
        ("banana", "en", None),
        ("", "en", None),
        ("9" * 5000, "en", None),
    ],
)
def test_counting(key, language, number):
    """Cardinals and ordinals of the language, and the English ones, which many people type."""
    assert counting_number(key, language) == number


@given(st.text(), st.sampled_from(["en", "de", "xx"]), st.booleans())
def test_any_text(text, language, whole):
    """No text raises."""
    find_amount(text, language, whole=whole)


FRENCH = {
    "quatre-vingt": 80,
    "quatre-vingts": 80,
    "quatre vingt": 80,
    "quatre-vingt-un": 81,
    "quatre-vingt-cinq": 85,
    "quatre vingt cinq": 85,
    "quatre-vingt-dix": 90,
    "quatre-vingt-dix-neuf": 99,
    "soixante et onze": 71,
    "soixante-et-onze": 71,
    "soixante onze": 71,
    "soixante-dix-sept": 77,
    "septante": 70,
    "septante et un": 71,
    "septante-cinq": 75,
    "huitante-deux": 82,
    "octante-deux": 82,
    "nonante": 90,
    "nonante-neuf": 99,
    "vingt et un": 21,
}


@pytest.mark.parametrize("text", FRENCH)
def test_french_compounds(text):
    """Numbers from 60 to 99 are one number, as France, Belgium and Switzerland write them, with hyphens or without."""
    assert find_amount(text, "fr") == Amount(FRENCH[text], FRENCH[text])
    assert find_amount(f"environ {text} patients", "fr") == Amount(FRENCH[text], FRENCH[text])


@pytest.mark.parametrize("language", ["en", "ar", "de", "es", "fr", "it", "pt"])
def test_every_number_word_is_itself(language):
    """Each number up to 99 is itself or unread, however its words are joined; none is a range."""
    for number in range(21, 100):
        word = str(num2words(number, lang=language))
        for text in (word, word.replace("-", " "), word.replace(" ", "-")):
            assert find_amount(text, language) in (Amount(number, number), None), text
        assert find_amount(word, language) == Amount(number, number), word


@pytest.mark.parametrize(
    ("text", "language", "low", "high"),
    [
        ("1 to 5", "en", 1, 5),
        ("between 2 and 3", "en", 2, 3),
        ("5-10", "en", 5, 10),
        ("5 \u2013 10", "en", 5, 10),
        ("five-six", "en", 5, 6),
        ("zwischen 2 und 3", "de", 2, 3),
        ("5 bis 10", "de", 5, 10),
        ("entre 2 et 3", "fr", 2, 3),
        ("vingt-trente", "fr", 20, 30),
        ("entre dos y tres", "es", 2, 3),
        ("tra 2 e 3", "it", 2, 3),
        ("entre 2 e 3", "pt", 2, 3),
        ("بين 2 و 3", "ar", 2, 3),
        ("من 5 إلى 10", "ar", 5, 10),
        ("<5", "en", None, 4),
        ("≤ 5", "en", None, 5),
        (">5", "en", 6, None),
        (">=5", "en", 5, None),
    ],
)
def test_ranges_of_each_language(text, language, low, high):
    """A range has its two ends, and one that is written with a sign is open at the other."""
    assert find_amount(text, language) == Amount(low, high)


HALVES = {
    "en": "two and a half, 2 point 5, 2½",
    "de": "zweieinhalb, 2 Komma 5, zwei Komma fünf",
    "fr": "deux et demi, 2 virgule 5, deux et demie",
    "es": "dos y medio, dos y media, 2 coma 5",
    "it": "due e mezzo, 2 virgola 5",
    "pt": "dois e meio, 2 vírgula 5",
    "ar": "2 ونصف, اثنان ونصف, 2 فاصلة 5",
}


@pytest.mark.parametrize("language", HALVES)
def test_two_and_a_half(language):
    """A half is part of the number, and a decimal may be spoken."""
    for text in HALVES[language].split(", "):
        assert find_amount(text, language, whole=False) == Amount(2.5, 2.5), text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("point 77", "en"),
        ("punto cinco", "es"),
        ("zero dos", "es"),
        ("ok ,5", "fr"),
        ("5²", "en"),
        ("about ± 5", "en"),
        ("deux sur cent", "fr"),
        ("un sur 20", "fr"),
        ("two to three hundred", "en"),
        ("zehn bis zwanzig tausend", "de"),
        ("1/2", "en"),
        ("30 l", "en"),
        ("2 mil", "en"),
        ("5 < 6", "en"),
        ("10⁶", "en"),
        ("the 3.5.2 version", "en"),
    ],
)
def test_what_changes_a_number_is_not_passed_over(text, language):
    """A sign or a word that makes another number of it leaves the reply unread."""
    assert find_amount(text, language) is None


@cache
def strange_words(language):
    """Words that may stand round a number, of its own language and of the others: none of them a number."""
    listed = (
        "reasons",
        "negation",
        "above",
        "below",
        "lowest",
        "highest",
        "decimal_mark",
        "joining",
        "no",
        "roughly",
    )
    found = {
        word
        for name in languages()
        for kind in listed
        for phrase in getattr(vocabulary(name), kind)
        for word in phrase.split()
        if not any(map(str.isdigit, word))
        and all(counting_number(word, other) is None for other in languages())
    }
    return sorted(found - vocabulary(language).filler - vocabulary(language).and_a_half)


@given(st.data())
def test_a_number_among_other_words_is_itself_or_unread(data):
    """Words of other lists and languages round a number leave it as it is, make it a bound, or it is asked again."""
    language = data.draw(st.sampled_from(languages()))
    number = data.draw(st.integers(min_value=2, max_value=99))
    strange = st.lists(st.sampled_from(strange_words(language)), max_size=2)
    before, after = data.draw(strange), data.draw(strange)
    found = find_amount(" ".join((*before, str(number), *after)), language, whole=False)
    assert found is None or found.exact in (number, None)
    assert found is None or {found.low, found.high} & {number, number - 1, number + 1}


@pytest.mark.parametrize("text", ["1 to 5", "between 2 and 3", "2-3", "3 or 4", "3 \u2013 4"])
def test_a_range_is_no_single_number_and_no_place_on_a_scale(text):
    """Where one number is asked for, or a place on a scale, a range is asked again."""
    assert isinstance(read_number(text, "en"), UnreadReply)
    assert isinstance(read_scale(text, "en"), UnreadReply)


HALF = {
    "en": "half, a half, ½, 0.5, .5",
    "de": "halb, ein halbes, ½",
    "fr": "un demi, une demie, ½",
    "es": "medio, media, ½",
    "it": "mezzo, mezza, ½",
    "pt": "meio, meia, ½",
    "ar": "نصف, \u0660\u066b\u0665",
}


@pytest.mark.parametrize("language", HALF)
def test_a_half_alone(language):
    """A half is a number where fractions are asked for; where whole ones are, it is asked again."""
    for text in HALF[language].split(", "):
        assert find_amount(text, language, whole=False) == Amount(0.5, 0.5), text
        assert isinstance(read_number(text, language), UnreadReply), text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", "one and a half|one and half|1½|1 1/2|1.5"),
        ("de", "anderthalb|eineinhalb|1,5"),
        ("fr", "un et demi|une et demie|1,5"),
        ("es", "uno y medio|una y media|1,5"),
        ("it", "uno e mezzo|una e mezza|1,5"),
        ("pt", "um e meio|uma e meia|1,5"),
        ("ar", "واحد ونصف|1.5"),
    ],
)
def test_one_and_a_half(language, texts):
    """One and a half in the words of each language. Of years that something has lasted the completed ones count."""
    for text in texts.split("|"):
        assert find_amount(text, language, whole=False) == Amount(1.5, 1.5), text
        years = ExpectedNumber(years_by=date(2026, 2, 10))
        assert read_number(text, language, years) == ReadReply(1), text


def test_a_fraction_is_kept_as_no_whole_number():
    """A number and a half falls into the band that holds it; no other number is kept beside that."""
    bands = (BandText("few", "1 to 4", 1, 4), BandText("some", "5 or more", 5))
    expected = ExpectedNumber(bands=bands, keeps=True)
    assert read_number("one and a half", "en", expected) == ReadReply("few")
    assert read_number("2", "en", expected) == ReadReply("few", number=2)
    assert isinstance(read_number("4.5", "en", expected), UnreadReply)


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "100k", 100_000),
        ("de", "2,5 Millionen", 2_500_000),
        ("fr", "environ 5 mille", 5000),
        ("ar", "10 آلاف", 10_000),
        ("en", "1,674,200.5", 1_674_200.5),
        ("de", "1.000.000,25", 1_000_000.25),
        ("en", "about two hundred and five patients", 205),
    ],
)
def test_counted_thousands(language, text, number):
    """Thousands in letters, words and groups of digits with a fraction."""
    assert find_amount(text, language, whole=False) == Amount(number, number)
