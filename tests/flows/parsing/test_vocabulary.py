"""The words that people type, in every language at once."""

from datetime import date

import pytest

from flows.formats.yaml_source import read_source
from flows.i18n.say import Sentence
from flows.parsing.answers import (
    RatingScale,
    ReadReply,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_scale,
    read_yes_no,
)
from flows.parsing.choices import ChoiceText
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.vocabulary import FOLDER, languages, others, understood, vocabulary

TODAY = date(2026, 3, 2)
TABLES = {
    ("amounts",),
    ("ordinals",),
    ("hundreds",),
    ("scales",),
    ("durations", "units"),
    *(("dates", name) for name in ("distances", "weekdays", "months")),
}


def keys(value, path=()):
    """All keys of a file, with those above them; some are tables of a language's own."""
    if not isinstance(value, dict) or path in TABLES:
        return {path}
    return {path}.union(*(keys(inner, (*path, key)) for key, inner in value.items()))


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_keys(language):
    """A translator sees all that there is to fill, and nothing that is not read."""
    english, there = (read_source(FOLDER / f"{name}.yaml") for name in ("en", language))
    assert not there.problems
    assert keys(there.value) == keys(english.value)


@pytest.mark.parametrize("language", languages())
def test_a_global_word_means_one_thing(language):
    """Within a language no phrase stands for two of the words that work everywhere, nor for yes or no."""
    words = vocabulary(language)
    phrases = [phrase for group in words.globals.values() for phrase in group]
    assert len(phrases) == len(set(phrases))
    assert not set(phrases) & (words.yes | words.no)


@pytest.mark.parametrize("conversation", languages())
@pytest.mark.parametrize("language", languages())
def test_words_of_every_language_work_in_every_conversation(conversation, language):
    """A global word is understood whatever the conversation's language, unless that or a third one claims it.

    A yes is claimed: Italians end with 'fine'.
    """
    claimed = vocabulary(conversation).ordinary | understood(conversation).yes
    taken = claimed.union(*vocabulary(conversation).globals.values())
    third = {
        phrase
        for name in others(language)
        for phrases in vocabulary(name).globals.values()
        for phrase in phrases
    }
    for name, phrases in vocabulary(language).globals.items():
        if name in set(GlobalWord):
            own = phrases if conversation == language else phrases - taken - third
            short = {phrase for phrase in own if len(phrase) <= 60}
            assert {phrase for phrase in short if global_word(phrase, conversation) != name} == set()


def test_the_conversations_own_language_comes_first():
    """'Once' is one time in English and eleven in Spanish."""
    assert read_number("once", "en") == ReadReply(1)
    assert read_number("once", "es") == ReadReply(11)


@pytest.mark.parametrize(
    ("text", "number"), [("siete", 7), ("cinq", 5), ("drei", 3), ("quattro", 4), ("oito", 8), ("خمسة", 5)]
)
def test_numbers_of_every_language(text, number):
    """A number word is read in any conversation: as an amount, a rating and the place of a choice."""
    assert read_number(text, "en") == ReadReply(number)
    assert read_scale(text, "en", RatingScale(low=1, high=10)) == ReadReply(number)
    choices = tuple(
        ChoiceText(f"c{place}", f"Label {letter}") for place, letter in enumerate("abcdefghij", 1)
    )
    assert read_choice(text, choices, "en") == ReadReply(f"c{number}")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 de agosto", date(2026, 8, 3)),
        ("3 août", date(2026, 8, 3)),
        ("3. August", date(2026, 8, 3)),
        ("3 agosto", date(2026, 8, 3)),
        ("Freitag", date(2026, 3, 6)),
        ("sexta-feira", date(2026, 3, 6)),
    ],
)
def test_dates_of_every_language(text, day):
    """A day with the name of a month or of the week is read in any conversation; a weekday is said back."""
    note = None if day.month == 8 else Sentence.DATE_SAID_BACK
    assert read_date(text, "en", today=TODAY) == ReadReply(day, note)


@pytest.mark.parametrize("language", languages())
def test_yes_and_no_of_every_language(language):
    """What says yes or no in one language does so in an English conversation, unless it means the other elsewhere."""
    words, known = vocabulary(language), understood("en")
    for phrases, meant, sure in ((words.yes, True, known.yes), (words.no, False, known.no)):
        for phrase in phrases & sure:
            assert read_yes_no(phrase, agree="I agree", decline="Not now", language="en") == ReadReply(meant)


def test_all_and_none():
    """'All' and 'none' too."""
    choices = (ChoiceText("a", "Pain"), ChoiceText("b", "Sleep"), ChoiceText("c", "Nothing", exclusive=True))
    every = min(understood("es").every)
    assert read_choices(every, choices, "fr") == ReadReply(["a", "b"])
    assert read_choices(min(vocabulary("en").none), choices, "fr") == ReadReply(["c"])


@pytest.mark.parametrize("text", ["sexta-feira", "Sexta", "na próxima sexta-feira"])
def test_days_whose_names_are_two_words(text):
    """In Portuguese a day is said with or without its '-feira'."""
    assert read_date(text, "pt", today=TODAY) == ReadReply(date(2026, 3, 6), Sentence.DATE_SAID_BACK)
