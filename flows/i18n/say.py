"""Say one of the bot's own sentences in a language, with its fields filled in."""

from datetime import date
from typing import Final

from babel.numbers import format_decimal

from flows.i18n.catalogs import sentence_in, words_language
from flows.i18n.messages import ENGLISH
from flows.i18n.sentences import Sentence
from flows.i18n.translator_notes import PLURALS
from flows.text.templates import babel_name, day_in_words, isolated

__all__ = ["FALLBACK", "Sentence", "say", "written_out"]

FALLBACK: Final = "en"
"""What is said where a language has no words yet."""


def say(sentence: Sentence, language: str, **fields: object) -> str:
    """Return the sentence in the language (in English where it has none), with its fields filled in.

    Fields are put in as they are and never read as a template; a `date` or `datetime` is written out in the
    language.

    Raises:
        KeyError: A field is missing; that is a mistake in the program, and a test finds it.
    """
    if not fields and words_language(language) == FALLBACK:
        return ENGLISH[sentence]
    counted = fields.get(PLURALS[sentence]) if sentence in PLURALS else None
    template = sentence_in(sentence, language, counted if isinstance(counted, int | float) else None)
    if not fields:
        return template
    spoken = words_language(language)
    return template.format_map({key: written_out(value, spoken) for key, value in fields.items()})


def written_out(value: object, language: str) -> str:
    """Return a value as it is written in a language: a date in full, a number with its marks, words as they are."""
    match value:
        case date():
            return day_in_words(value, language)
        case bool():
            return str(value)
        case int() | float():
            return format_decimal(value, locale=babel_name(language))
        case _:
            return isolated(str(value), language)
