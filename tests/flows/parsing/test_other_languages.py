"""Numbers, picks, ratings and days in another language than the conversation's: read as they are in their own."""
# ruff: noqa: RUF001 - Arabic digits

from datetime import UTC, date, datetime
from itertools import product

import pytest

from flows.i18n.say import Sentence
from flows.parsing.answers import (
    ChoiceText,
    ReadReply,
    UnreadReply,
    read_choice,
    read_choices,
    read_date,
    read_number,
    read_scale,
)
from flows.parsing.dates.later import read_later
from flows.parsing.numbers import Amount, find_amount

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar")
SIX = tuple(ChoiceText(name.lower(), name) for name in ("Alba", "Boris", "Clio", "Dana", "Egon", "Fay"))
MONDAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def everywhere(*replies):
    return list(product(LANGUAGES, replies))


@pytest.mark.parametrize(
    ("conversation", "reply"),
    everywhere("1 and 3", "1 y 3", "1 et 3", "1 und 3", "1 e 3", "١ و ٣", "one and three", "eins und drei"),
)
def test_picks(conversation, reply):
    """Numbers joined in any language are picks."""
    assert read_choices(reply, SIX, conversation) == ReadReply(["alba", "clio"])


@pytest.mark.parametrize(
    ("conversation", "reply"),
    everywhere("number 2", "la segunda", "la deuxième", "die zweite", "Nummer 2", "la seconda", "رقم ٢"),
)
def test_one_pick(conversation, reply):
    """A choice may be named by its place in any language."""
    assert read_choice(reply, SIX, conversation) == ReadReply("boris")


@pytest.mark.parametrize(
    ("conversation", "reply"),
    [
        ("pt", "sei lá"),  # 'who knows'; in Italian 'six there'
        ("en", "um"),
        ("de", "um"),
        ("fr", "très"),
        ("en", "um, me"),
        ("es", "no, la seconda"),
        ("en", "not number two"),
        ("de", "nicht la segunda"),
    ],
)
def test_words_of_the_conversation_are_no_foreign_numbers(conversation, reply):
    """What means something in the conversation's own language is no number of another's; a no is not passed over."""
    assert isinstance(read_choice(reply, SIX, conversation), UnreadReply)


@pytest.mark.parametrize(
    ("conversation", "reply"), everywhere("5 to 9", "de 5 a 9", "5 à 9", "5 bis 9", "da 5 a 9", "٥ إلى ٩")
)
def test_amounts(conversation, reply):
    """From so many to so many."""
    assert find_amount(reply, conversation) == Amount(5, 9)


@pytest.mark.parametrize(
    ("conversation", "reply"),
    everywhere("more than 20", "más de 20", "plus de 20", "mehr als 20", "أكثر من ٢٠"),
)
def test_open_amounts(conversation, reply):
    """More than so many."""
    assert find_amount(reply, conversation) == Amount(21, None)


@pytest.mark.parametrize(
    ("conversation", "reply"),
    everywhere("4 out of 5", "4 de 5", "4 sur 5", "4 von 5", "vier von fünf", "٤ من ٥"),
)
def test_ratings(conversation, reply):
    """So many out of so many."""
    assert read_scale(reply, conversation) == ReadReply(4)


@pytest.mark.parametrize("conversation", LANGUAGES)
def test_a_count_among_a_story_is_none(conversation):
    """A sentence that merely mentions a number is no number, in whatever language."""
    assert isinstance(read_number("Tengo 2 hijos y trabajo", conversation), UnreadReply)


@pytest.mark.parametrize(
    ("conversation", "reply", "day"),
    [
        (conversation, reply, day)
        for conversation in LANGUAGES
        for reply, day in (
            ("1er avril", date(2026, 4, 1)),
            ("April 1st", date(2026, 4, 1)),
            ("on the 5th", date(2026, 3, 5)),
            ("el próximo viernes", date(2026, 3, 6)),
            ("nächsten Freitag", date(2026, 3, 6)),
            ("vendredi prochain", date(2026, 3, 6)),
        )
    ],
)
def test_days(conversation, reply, day):
    """A day of the month, or a weekday that is pointed at, which is said back."""
    note = None if day.month == 4 else Sentence.DATE_SAID_BACK
    assert read_date(reply, conversation, today=MONDAY) == ReadReply(day, note)


@pytest.mark.parametrize(
    ("conversation", "reply"),
    everywhere("this evening", "esta tarde", "ce soir", "heute Abend", "stasera", "esta noite", "هذا المساء"),
)
def test_the_times_to_come_back(conversation, reply):
    """What is offered under 'later' may be called as in any language."""
    assert read_later(reply, now=NOW, zone="UTC", language=conversation) == ReadReply(
        datetime(2026, 3, 2, 19, tzinfo=UTC)
    )
