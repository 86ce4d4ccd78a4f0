"""Numbers in words: each that num2words spells is read as itself or asked again, however it is written."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from flows.parsing.dates.durations import find_years
from flows.parsing.number_words import counting_number, may_hold_number, word_number, word_ordinal
from flows.parsing.numbers import Amount, find_amount
from flows.parsing.vocabulary import languages, vocabulary
from flows.text.folding import fold

SPELLED = {name: [name] for name in languages()} | {"fr": ["fr", "fr_BE", "fr_CH"]}


def ways_to_write(words: str) -> set[str]:
    """A number as it is spelled, with and without hyphens, and in capitals."""
    ways = {words, words.replace("-", " "), words.replace(" ", "-"), words.capitalize(), words.upper()}
    return ways | {re.sub(r"[ -]", "", words)} if " " not in words else ways


def spelled(number: int, language: str) -> set[str]:
    """All ways in which a number may be written in a language."""
    return {way for name in SPELLED[language] for way in ways_to_write(num2words(number, lang=name))}


@pytest.mark.parametrize("language", languages())
def test_every_number_is_itself(language):
    """Each number up to 999 is read as itself or not at all, with other hyphens and in capitals too."""
    unread = 0
    for number in range(1000):
        for words in spelled(number, language):
            found = find_amount(words, language)
            assert found in (None, Amount(number, number)), words
        plain = (num2words(number, lang=name) for name in SPELLED[language])
        unread += sum(find_amount(words, language) is None for words in plain)
    assert unread <= 9  # in Italian 'centodicotto' for 'centodiciotto', a slip of num2words


@given(st.data())
def test_a_number_of_another_language_is_itself_or_unread(data):
    """In a conversation of another language a number is itself too, or asked again; so it is as a number of years."""
    language, conversation = (data.draw(st.sampled_from(languages())) for _ in "12")
    number = data.draw(st.integers(0, 999))
    words = data.draw(st.sampled_from(sorted(spelled(number, language))))
    assert find_amount(words, conversation) in (None, Amount(number, number))
    years = find_years(words, AFTER, conversation)
    assert years is None or (years.low, years.high) == (number, number)


AFTER = date(2026, 2, 10)


@given(st.data())
def test_two_numbers_are_never_one(data):
    """Two numbers beside each other are never taken for a third that neither of them begins."""
    language = data.draw(st.sampled_from(languages()))
    first, second = data.draw(st.integers(1, 99)), data.draw(st.integers(1, 99))
    words = f"{num2words(first, lang=language)}, {num2words(second, lang=language)}"
    found = find_amount(words, language)
    tens = first + second if first % 10 == 0 and second < 10 else None  # 'twenty, five' may be 25
    assert found is None or found.low != found.high or found.low in {tens, first * 20 + second}, words


@pytest.mark.parametrize(
    ("language", "words", "number"),
    [
        ("ar", "خمسة وعشرين", 25),
        ("ar", "خمس وعشرون", 25),
        ("ar", "ثلاثمئة وخمسين", 350),
        ("ar", "ثلاثة آلاف", 3000),
        ("ar", "إحدى عشرة", 11),
        ("de", "zweihundert", 200),
        ("de", "hundertzwei", 102),
        ("de", "zweitausenddreihundert", 2300),
        ("fr", "cent vingt", 120),
        ("fr", "deux-cent-vingt-et-un", 221),
        ("fr", "quatre-vingt-cinq", 85),
        ("it", "centouno", 101),
        ("it", "duemilacento", 2100),
        ("es", "doscientas cinco", 205),
        ("es", "mil", 1000),
        ("pt", "cento e vinte e uma", None),
        ("pt", "mil e duzentos", 1200),
        ("en", "a hundred and five", 105),
        ("en", "a thousand", 1000),
        ("en", "two million", 2_000_000),
        ("en", "two thousand thousand", None),
        ("en", "hundred hundred", None),
        ("it", "mila", None),
    ],
)
def test_made_up_numbers(language, words, number):
    """Hundreds, thousands and millions with what stands before and after them; a step alone is none in Italian."""
    assert word_number(fold(words), language) == number


@pytest.mark.parametrize(
    ("language", "words", "number"),
    [
        ("ar", "الخامس والعشرون", 25),
        ("ar", "الثالث عشر", 13),
        ("ar", "الثانية", 2),
        ("es", "cuarta", 4),
        ("de", "15ten", 15),
        ("en", "21st", 21),
    ],
)
def test_ordinals(language, words, number):
    """What counts a place is an ordinal and no amount: 'la cuarta' are not four patients."""
    assert word_ordinal(fold(words), language) == number
    assert word_number(fold(words), language) is None


@given(st.data())
def test_where_a_look_finds_no_number_there_is_none(data):
    """A text of which one look says that it holds no number of a language has none, however it is written."""
    language, spoken = (data.draw(st.sampled_from(languages())) for _ in "12")
    number = data.draw(st.integers(0, 999_999))
    form = data.draw(st.sampled_from(["cardinal", "ordinal"]))
    try:
        words = num2words(number, lang=spoken, to=form)
    except NotImplementedError:
        words = str(number)
    words = data.draw(st.sampled_from(sorted(ways_to_write(words))))
    if counting_number(fold(words), language) is not None:
        assert may_hold_number(fold(words), language)
        assert may_hold_number(fold(f"I think {words} or so"), language)


@pytest.mark.parametrize("language", languages())
def test_each_listed_number_is_seen_by_one_look(language):
    """Every word and phrase of the vocabulary that is a number is one that may hold a number."""
    known = vocabulary(language)
    for key in (*known.amounts, *known.ordinals, *known.hundreds, *known.scales):
        assert may_hold_number(key, language), key
    assert not may_hold_number("she was kind", language)
