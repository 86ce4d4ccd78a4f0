"""Say a sentence to the team, in the language of whoever reads it."""

from datetime import date, datetime, timedelta
from typing import Final, Literal

from babel.dates import format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from flows.i18n.catalogs import team_sentence_in, words_language
from flows.i18n.team_messages import TeamSentence
from flows.text.templates import babel_name, isolated, short_day

__all__ = ["TeamSentence", "tell", "written"]

_OF_DAYS: Final = timedelta(days=2)
"""From here on an age is told in days."""
_OF_HOURS: Final = timedelta(hours=2)
"""From here on in hours, before in minutes."""
_NEVER: Final = 1e9
"""Babel goes on to the next larger unit at this many; we say when."""


def tell(sentence: TeamSentence, language: str, *, today: date | None = None, **fields: object) -> str:
    """Return the sentence in the language (in English where it has none), with its fields filled in.

    A `datetime` is written with its own clock's hour and minute, and it and a `date` without the year where that is the
    year of `today` (None where that is not known: then with it), a `timedelta` as an age, a float as a per cent of a
    whole; another sentence as itself; and text as it is.

    Raises:
        KeyError: A field is missing; that is a mistake in the program, and a test finds it.
    """
    template = team_sentence_in(sentence, language)
    if not fields:
        return template
    return template.format_map({key: written(value, language, today) for key, value in fields.items()})


def written(value: object, language: str, today: date | None = None) -> str:  # noqa: PLR0911 - one line a kind
    """Return a value in words of a language, as it is put into a sentence to the team.

    A `date` without its year where that is the year of `today`, a `datetime` with its hour and minute too, a
    `timedelta` as an age, a float as a per cent of a whole, a sentence as itself, all else as text.
    """
    locale = babel_name(words_language(language))
    match value:
        case TeamSentence():
            return tell(value, language)
        case datetime():
            day = short_day(value, locale, today)
            return f"{day} {format_time(value, 'HH:mm', tzinfo=value.tzinfo, locale=locale)}"
        case date():
            return short_day(value, locale, today)
        case timedelta():
            return _age(value, locale)
        case int():
            return format_decimal(value, locale=locale)
        case float():
            return format_percent(value, locale=locale)
        case _:
            return isolated(str(value), language)


def _age(age: timedelta, locale: str) -> str:
    """Return an age in days, hours or minutes, in words."""
    granularity: Literal["day", "hour", "minute"] = (
        "day" if age >= _OF_DAYS else "hour" if age >= _OF_HOURS else "minute"
    )
    return str(format_timedelta(age, granularity=granularity, threshold=_NEVER, locale=locale))
