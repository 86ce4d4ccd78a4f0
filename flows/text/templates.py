"""Read and fill the placeholders in what an author writes.

Theory. A text is literal pieces and placeholders: `{path:spec}`, where the path is an answer (`{a5}`) or a
part of a fact (`{program.team}`), and the spec one of `SPECS`: none (`as it is`), `date`
(`{commitment.made_on:date}`, written out in the language), `label` (`{a6:label}`, the labels that were shown
instead of codes) or `weeks` ('12 weeks', as the language counts them). `{{` and `}}` are braces.

`parse` splits a text once and keeps the result; `fill` puts it together again. What is put in comes out byte
for byte and is never read again: braces, backslashes or markup in a participant's words mean nothing here.
Nothing to put in is `UNKNOWN`, never an error. Where the words run in the other direction than the text
(Arabic in English, English in Arabic), invisible marks are put round them, so that the two do not mix on the
screen (`isolated`).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from string import Formatter
from typing import Any, Final, NamedTuple

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_datetime_format
from babel.lists import format_list
from babel.numbers import format_decimal

from flows.errors import FlowError

SPECS = frozenset({"", "date", "label", "weeks"})
"""What may stand after the colon: as it is, as a date in words, as the label that was shown, as so many weeks."""

UNKNOWN = "…"
"""Stands where there is nothing to put in, such as the answer to a question that was passed over."""

ISOLATE = "\u2068"
"""First strong isolate: from here on the direction is that of the words themselves (UAX 9)."""
END_ISOLATE = "\u2069"
"""Pop directional isolate."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_STRONG = frozenset({"L", "R", "AL"})

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")


class TemplateError(FlowError):
    """A text's braces cannot be read. `column` counts from 1, in the text."""

    def __init__(self, message: str, column: int) -> None:
        self.message = message
        self.column = column
        super().__init__(f"{message} (column {column})")


class Placeholder(NamedTuple):
    """One place to fill: `{path:spec}`; `column` of its brace counts from 1."""

    path: str
    spec: str
    column: int

    @property
    def root(self) -> str:
        """The first name of the path: an answer's key, or a fact's."""
        return self.path.partition(".")[0]


ValueLookup = Callable[[str, str], Any]
"""Gives the value (JSON) for a path and a spec; None where there is none."""


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[str | Placeholder, ...]:
    """Split a text into literal pieces and placeholders, in order.

    Raises:
        TemplateError: A brace is left open, or what stands between braces is not a path.
    """
    pieces: list[str | Placeholder] = []
    column = 1
    try:
        for literal, name, spec, conversion in Formatter().parse(text):
            if literal:
                pieces.append(literal)
            # An escaped brace ends its piece and takes two characters of the text.
            column += len(literal) + (name is None and literal.endswith(("{", "}")))
            if name is None:
                continue
            placeholder = _placeholder(name, spec or "", conversion, column)
            pieces.append(placeholder)
            column += (
                len(name) + 2 + (text[column + len(name) : column + len(name) + 1] == ":") + len(spec or "")
            )
    except ValueError as error:
        raise TemplateError(
            f"{str(error).lower()}; write '{{{{' or '}}}}' for a brace itself", column
        ) from None
    return tuple(pieces)


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return the placeholders of a text, in order.

    Raises:
        TemplateError: Its braces cannot be read.
    """
    return tuple(piece for piece in parse(text) if isinstance(piece, Placeholder))


@lru_cache(maxsize=4096)
def fields_of(text: str) -> frozenset[str] | None:
    """Return the set of a text's placeholders as they stand between the braces; None where they cannot be read."""
    try:
        found = placeholders(text)
    except TemplateError:
        return None
    return frozenset(f"{each.path}:{each.spec}" if each.spec else each.path for each in found)


def fill(text: str, value_of: ValueLookup, language: str) -> str:
    """Return the text with the values that `value_of` gives in place of its placeholders.

    Strings are put in byte for byte, numbers and dates as the language writes them, `UNKNOWN` for None.

    Raises:
        TemplateError: Its braces cannot be read.
    """
    pieces = parse(text)
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(
        piece
        if isinstance(piece, str)
        else isolated(written(value_of(piece.path, piece.spec), piece.spec, language), language)
        for piece in pieces
    )


@lru_cache(maxsize=64)
def is_right_to_left(language: str) -> bool:
    """Tell whether a language is written from right to left."""
    return bool(Locale.parse(babel_name(language)).character_order == "right-to-left")


def isolated(words: str, language: str) -> str:
    """Put words between marks that keep their direction from mixing with the text round them.

    The marks stand where the directions differ: round words with letters in a text from right to left, and
    round words from right to left in any other. What lies between them is the words, byte for byte.
    """
    if is_right_to_left(language):
        differs = any(unicodedata.bidirectional(letter) in _STRONG for letter in words)
    else:
        differs = not words.isascii() and any(
            unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in words
        )
    return f"{ISOLATE}{words}{END_ISOLATE}" if differs else words


def written(value: Any, spec: str, language: str) -> str:
    """Write a JSON value in words, as a placeholder's `spec` asks.

    A list reads as one (`a, b and c`), a mapping as its `label`; None and what is empty as `UNKNOWN`.
    """
    match value:
        case None | "" | []:
            words = UNKNOWN
        case str():
            words = date_in_words(value, language) if spec == "date" else value
        case bool():
            words = str(value).lower()
        case int() | float() if spec == "weeks":
            words = _weeks(value, language)
        case int() | float():
            words = format_decimal(value, locale=babel_name(language))
        case dict():
            words = written(value.get("label"), spec, language)
        case Sequence():
            parts = [written(item, spec, language) for item in value]
            words = format_list(parts, locale=babel_name(language))
        case _:
            words = str(value)
    return words


def _weeks(count: float, language: str) -> str:
    """Write a number of weeks: '12 weeks'. Babel's `format_unit` has one plural for all of Arabic's."""
    span = timedelta(weeks=count)
    return format_timedelta(span, granularity="week", threshold=_NEVER_MONTHS, locale=babel_name(language))


def years_in_words(count: int, language: str) -> str:
    """Write a number of years: '4 years', as the language counts them."""
    span = timedelta(days=365 * count)
    return format_timedelta(span, granularity="year", threshold=_NEVER_MONTHS, locale=babel_name(language))


_NEVER_MONTHS: Final = 10_000
"""Babel names a span by the largest unit of which there are so many."""


def date_in_words(value: str, language: str) -> str:
    """Write `2026-03-02` as '2 March 2026'; what is no ISO date stays as it is."""
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    return day_in_words(day, language)


def day_in_words(day: date, language: str) -> str:
    """Write a day as '2 March 2026'. The first of a French month is '1er'."""
    return _first_of_month(str(format_date(day, format="long", locale=babel_name(language))), day, language)


def short_day(day: date, language: str, today: date | None = None) -> str:
    """Write a day as '2 Mar', or as '2 Mar 2027' where that is not the year of `today`, or `today` is not known."""
    skeleton = "MMMd" if today is not None and today.year == day.year else "yMMMd"
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)  # Babel's skeletons take moments only.
    return _first_of_month(str(format_skeleton(skeleton, moment, locale=babel_name(language))), day, language)


def _first_of_month(words: str, day: date, language: str) -> str:
    """Write the first of a French month in a day's words as '1er'."""
    first_in_french = day.day == 1 and babel_name(language).partition("_")[0] == "fr"
    return re.sub(r"^1(?=\s)", "1er", words) if first_in_french else words


def day_with_weekday(day: date, language: str) -> str:
    """Write a day as 'Monday, 2 March 2026'. The first of a French month is '1er'."""
    locale = babel_name(language)
    words = str(format_date(day, format="full", locale=locale))
    first_in_french = day.day == 1 and locale.partition("_")[0] == "fr"
    return re.sub(r"(?<=\s)1(?=\s)", "1er", words) if first_in_french else words


def moment_in_words(at: datetime, language: str) -> str:
    """Write a moment as '2 March 2026, 09:30 CET', in the zone that it carries."""
    locale = babel_name(language)
    day, hour = day_in_words(at, language), format_time(at, format="short", locale=locale)
    pattern = str(get_datetime_format("medium", locale=locale))
    return f"{pattern.replace('{1}', day).replace('{0}', hour)} {at:%Z}"


def babel_name(language: str) -> str:
    """Return Babel's name of a language: `pt_BR` for `pt-BR`. English is that of no country: day before month."""
    return "en_001" if language == "en" else language.replace("-", "_")


def _placeholder(name: str, spec: str, conversion: str | None, column: int) -> Placeholder:
    """Make a placeholder of what stands between braces.

    Raises:
        TemplateError: It is not a path, or the spec is unknown.
    """
    if conversion or not _PATH.fullmatch(name):
        shown = f"{name}!{conversion}" if conversion else name
        raise TemplateError(f"'{{{shown}}}' is not a placeholder such as {{a5}} or {{program.team}}", column)
    if spec not in SPECS:
        raise TemplateError(f"'{spec}' cannot stand after the colon; 'date', 'label' and 'weeks' can", column)
    return Placeholder(name, spec, column)
