"""Read replies: from typed text to a value, one function for each kind of question.

No text raises: a reply that cannot be read is a value too (`UnreadReply`). An exact label or number takes
the fast path; number words, typos and dates are looked at only when that fails. Only what is sure is read:
where two readings are possible, the question is asked again. Emoji are read by name too (`:+1:`): keycaps are digits,
thumbs and ticks mean yes or no, and all others nothing. No digit of a name is a number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from msgspec import Struct

from flows.i18n.say import Sentence
from flows.parsing.beginnings import find_beginning, find_beginning_choices, find_shortfall, says_more
from flows.parsing.choices import ChoiceText, exact_choice, find_choice, find_shortcut
from flows.parsing.dates.day_rules import shortcut_day
from flows.parsing.dates.days import UnclearDate, find_date
from flows.parsing.dates.durations import find_years
from flows.parsing.dates.unclear_days import is_named_in_full
from flows.parsing.numbers import Amount, find_amount, has_number
from flows.parsing.picks import find_choices
from flows.parsing.politeness import plainly
from flows.parsing.ratings import RatingScale, find_rating, reason_beside
from flows.parsing.substance import has_substance
from flows.parsing.vocabulary import consists_of, understood
from flows.text.emoji import emoji_alone, is_crossed, signs_in, without_emoji
from flows.text.folding import fold, fold_label

__all__ = [
    "BandText",
    "ChoiceText",
    "ExpectedDate",
    "ExpectedNumber",
    "RatingScale",
    "ReadReply",
    "ShortcutText",
    "UnreadReply",
    "courteously",
    "exact_choice",
    "find_shortcut",
    "read_back",
    "read_choice",
    "read_choices",
    "read_date",
    "read_number",
    "read_scale",
    "read_text",
    "read_yes_no",
    "too_little",
]


class ReadReply(Struct, frozen=True):
    """A reply that was understood: its value, and a sentence to say about it, if any.

    `remark` are the words of a reply that tell more than the choice that was read out of them; '' for none.
    """

    value: Any
    note: Sentence | None = None
    remark: str = ""
    number: int | None = None
    """The number that was typed, where the value is the code of its band; None where none was."""


@dataclass(frozen=True, slots=True)
class UnreadReply:
    """A reply that was not understood: `why` is the sentence that says what would be, `fields` what is put in it."""

    why: Sentence
    fields: Mapping[str, object] = field(default_factory=dict)
    uncertain: bool = False
    """Whether the words were understood, but mean two of the choices."""


@dataclass(frozen=True, slots=True)
class BandText:
    """A band of numbers as it is offered. Both ends are inside, None is open; both None is 'do not know'."""

    code: str
    label: str
    low: float | None = None
    high: float | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortcutText:
    """A date that is chosen by its label; `date` names the day, such as `tomorrow` or `end_of_month`."""

    label: str
    date: str


@dataclass(frozen=True, slots=True)
class ExpectedNumber:
    """What a question about a number takes: bounds (both inside; None is open), its unit, bands to choose from."""

    low: float | None = None
    high: float | None = None
    whole: bool = True
    bands: Sequence[BandText] = ()
    unit: str | None = None
    """A word that may stand beside the number, such as 'patients'."""
    keeps: bool = False
    """Whether the number is kept beside its band."""
    years_by: date | None = None
    """Today, where the number is that of the years that something has lasted; None where it is any number."""
    taps: bool = False
    """Whether the number itself is kept; the bands are what else may be said."""

    @property
    def example(self) -> int:
        """A number that would be taken: 7, or the bound nearest to it."""
        at_least = 7 if self.low is None else max(7, self.low)
        return int(at_least if self.high is None else min(at_least, self.high))


@dataclass(frozen=True, slots=True)
class ExpectedDate:
    """What a question about a date takes: its bounds (both inside; None is open), and dates that have a label."""

    earliest: date | None = None
    latest: date | None = None
    shortcuts: Sequence[ShortcutText] = ()


_ONE_TO_FIVE: Final = RatingScale()
_ANY_NUMBER: Final = ExpectedNumber()
_ANY_DATE: Final = ExpectedDate()

_P = ParamSpec("_P")
_Found = TypeVar("_Found")


def courteously(
    read: Callable[Concatenate[str, _P], ReadReply | UnreadReply],
) -> Callable[Concatenate[str, _P], ReadReply | UnreadReply]:
    """Wrap a reader so that a text it cannot read is tried again without 'please' and 'thanks'."""

    @wraps(read)
    def reading(text: str, /, *args: _P.args, **kwargs: _P.kwargs) -> ReadReply | UnreadReply:
        """Read the text as it is, then without words of courtesy."""
        found = read(text, *args, **kwargs)
        plain = plainly(text) if isinstance(found, UnreadReply) else None
        again = found if plain is None else read(plain, *args, **kwargs)
        return again if isinstance(again, ReadReply) else found

    return reading


def _with_courtesy(text: str, find: Callable[[str], _Found | None]) -> _Found | None:
    """Return what is found in the text as it is, else in it without 'please' and 'thanks'; None for neither."""
    found = find(text)
    plain = plainly(text) if found is None else None
    return found if plain is None else find(plain)


def read_choice(text: str, choices: Sequence[ChoiceText], language: str) -> ReadReply | UnreadReply:
    """Read which one of the choices a reply means; the value is its code.

    Understood are labels, aliases, numbers from 1, ordinals, yes and no, and slips of the finger; also a label, a yes
    or a no with more behind it. An `UnreadReply` where none is meant, or two could be.
    """
    offered = tuple(choices)
    found = _with_courtesy(text, lambda words: find_choice(words, offered, language))
    if found is not None:
        return ReadReply(found.code, remark=text if says_more(text, found, offered, language) else "")
    begun = find_beginning(text, offered, language)
    if begun is None:
        return UnreadReply(Sentence.UNREAD_CHOICE)
    return ReadReply(begun.choice.code, remark=_remark(text, begun.rest, language))


def _remark(text: str, rest: str, language: str) -> str:
    """Return a reply as a remark where the rest of it, behind a choice, says something; '' where it does not."""
    return text if has_substance(rest, language) else ""


def read_yes_no(text: str, *, agree: str, decline: str, language: str) -> ReadReply | UnreadReply:
    """Read the reply to a consent.

    `agree` and `decline` are the labels of the two choices. The value is True for `agree`, False for
    `decline`; an `UnreadReply` for anything else. More may stand behind a no, and nothing behind a yes: 'yes, but
    not my name' agrees to something else.
    """
    pair = (ChoiceText("yes", agree, means=True), ChoiceText("no", decline, means=False))
    found = _with_courtesy(text, lambda words: find_choice(words, pair, language))
    if found is not None and (found.code == "no" or _is_clean(text, agree, language)):
        return ReadReply(found.code == "yes")
    begun = find_beginning(text, pair, language)
    if begun is not None and begun.choice.code == "no":
        return ReadReply(False, remark=_remark(text, begun.rest, language))
    return UnreadReply(Sentence.UNREAD_YES_NO, {"agree": agree, "decline": decline})


def read_back(text: str, *, agree: str, change: str, language: str) -> ReadReply | UnreadReply:
    """Read the reply to 'Is that right?' as `read_yes_no` does; 'not quite' and 'almost' are a no."""
    reading = read_yes_no(text, agree=agree, decline=change, language=language)
    rest = find_shortfall(text, language) if isinstance(reading, UnreadReply) else None
    return reading if rest is None else ReadReply(False, remark=_remark(text, rest, language))


def _is_clean(text: str, agree: str, language: str) -> bool:
    """Return whether a reply that was read as a yes says nothing else: no word stands beside the label but a yes."""
    key, label = fold(without_emoji(plainly(text) or text)), fold_label(agree)
    if key == label or f" {label} " not in f" {key} ":
        return True
    return consists_of(tuple(key.split()), understood(language).yes | {label})


def too_little(text: str, *, agree: str, decline: str, language: str) -> str | None:
    """Return what a reply shows that is too little to delete something or to take it back by; None for all others.

    Too little are emoji alone, and a yes or no by the number of its choice ('1'): most apps show no numbers, so it may
    be meant for another question. `agree` and `decline` are the labels of the two choices.
    """
    seen = emoji_alone(text)
    known = understood(language)
    if seen is not None or not has_number(text, language) or fold(text) in known.yes | known.no:
        return seen  # 'ich willige ein' has a number word in it
    found = read_yes_no(text, agree=agree, decline=decline, language=language)
    return text.strip() if isinstance(found, ReadReply) else None


def read_choices(
    text: str, choices: Sequence[ChoiceText], language: str, *, least: int = 1, most: int | None = None
) -> ReadReply | UnreadReply:
    """Read which of the choices a reply names.

    The value is a list of codes in the order in which they were offered, each once. `least` and `most` are
    the numbers of picks that are allowed; None is no upper limit. An `UnreadReply` where they cannot be read,
    are too few or too many, or one that excludes the others is among several.
    """
    offered = tuple(choices)
    found, rest = _with_courtesy(text, lambda words: find_choices(words, offered, language)), ""
    if found is None:
        found, rest = find_beginning_choices(text, offered, language)
    if found is None or (not found and least > 0):
        return UnreadReply(Sentence.UNREAD_CHOICES)
    picked = [choice for choice in offered if choice in found]
    problem = _problem_with(picked, least, most)
    return problem or ReadReply([choice.code for choice in picked], remark=_remark(text, rest, language))


def _problem_with(picked: list[ChoiceText], least: int, most: int | None) -> UnreadReply | None:
    """Return why choices cannot be picked together: too few, too many, or one that goes with no other; else None."""
    alone = next((choice for choice in picked if choice.exclusive), None)
    if alone is not None and len(picked) > 1:
        return UnreadReply(Sentence.PICKS_DISAGREE, {"label": alone.label})
    if most is not None and len(picked) > most:
        return UnreadReply(Sentence.TOO_MANY_PICKS, {"max": most})
    if len(picked) < least and alone is None:
        return UnreadReply(Sentence.TOO_FEW_PICKS, {"min": least})
    return None


@courteously
def read_scale(text: str, language: str, scale: RatingScale = _ONE_TO_FIVE) -> ReadReply | UnreadReply:
    """Read a rating; the value is a whole number on the scale, and an `UnreadReply` what names none there.

    A reason beside it that says something is a remark.
    """
    rating = None if is_crossed(text) else find_rating(text, language, scale)
    if rating is None or not scale.low <= rating <= scale.high:
        return UnreadReply(Sentence.UNREAD_SCALE, {"low": scale.low, "high": scale.high})
    return ReadReply(rating, remark=_remark(text, reason_beside(text, language, scale), language))


@courteously
def read_number(text: str, language: str, expected: ExpectedNumber = _ANY_NUMBER) -> ReadReply | UnreadReply:
    """Read a number, or where there are bands the code of the band that it falls in.

    The value is an int where the number is whole, else a float; with bands it is a code. An `UnreadReply`
    where there is none, or it is not what is expected.
    """
    words = "" if signs_in(text).no else without_emoji(text)
    band = _band_by_label(words, expected.bands, language)
    if band is not None:
        return ReadReply(band.code)
    if expected.years_by is not None:
        return _read_years(words, language, expected, expected.years_by)
    amount = find_amount(words, language, whole=expected.whole, unit=expected.unit or "")
    if amount is None:
        return UnreadReply(Sentence.UNREAD_NUMBER, {"example": expected.example})
    if expected.bands and not expected.taps:
        within = _band_of(amount, expected.bands)
        exact = amount.exact if expected.keeps else None
        number = int(exact) if exact is not None and float(exact).is_integer() else None
        return (
            UnreadReply(Sentence.UNREAD_CHOICE) if within is None else ReadReply(within.code, number=number)
        )
    return _bounded(amount, expected)


def _read_years(text: str, language: str, expected: ExpectedNumber, today: date) -> ReadReply | UnreadReply:
    """Read how long something has lasted: as the band of its completed years, or their number where there are none.

    What may be in two bands is an `UnreadReply`.
    """
    years = find_years(text, today, language)
    if years is None:
        return UnreadReply(Sentence.UNREAD_YEARS)
    amount = Amount(years.low, years.high)
    if not expected.bands:
        return _bounded(amount, expected)
    within = _band_of(amount, expected.bands)
    if within is None:
        return UnreadReply(Sentence.UNREAD_YEARS, uncertain=True)
    return ReadReply(within.code, number=years.number if expected.keeps else None)


def _bounded(amount: Amount, expected: ExpectedNumber) -> ReadReply | UnreadReply:
    """Take the amount if it is one number that the question allows."""
    number = amount.exact
    if number is None:
        return UnreadReply(Sentence.UNREAD_NUMBER, {"example": expected.example})
    if expected.whole and not float(number).is_integer():
        return UnreadReply(Sentence.NUMBER_NOT_WHOLE, {"example": expected.example})
    if expected.low is not None and number < expected.low:
        return UnreadReply(Sentence.NUMBER_TOO_LOW, {"low": expected.low})
    if expected.high is not None and number > expected.high:
        return UnreadReply(Sentence.NUMBER_TOO_HIGH, {"high": expected.high})
    return ReadReply(int(number) if float(number).is_integer() else number)


def _band_by_label(text: str, bands: Sequence[BandText], language: str) -> BandText | None:
    """Find the band whose label was typed, or the band for 'do not know'; None if there is none, or more than one."""
    key, typed = fold(text), text.strip().lower()
    named = [band for band in bands if _is_called(band, typed, key)]
    if named:
        return named[0] if len(named) == 1 else None
    unknown = understood(language).unknown
    open_bands = [band for band in bands if band.low is None and band.high is None]
    meant = [one for one in open_bands if len(open_bands) == 1 or fold(one.label) in unknown]
    return meant[0] if len(meant) == 1 and key in unknown else None


def _is_called(band: BandText, typed: str, key: str) -> bool:
    """Return whether a reply is the label or an alias of a band; one of digits and signs only as it is written."""
    names = (band.label, *band.aliases)
    has_letters = any(map(str.isalpha, key))
    return any(
        (fold_label(name) == key and has_letters) or (name.strip().lower() == typed and not typed.isdecimal())
        for name in names
    )


def _band_of(amount: Amount, bands: Sequence[BandText]) -> BandText | None:
    """Return the only band that holds the whole amount; None if none or several do."""
    holding = [band for band in bands if _holds(band, amount)]
    return holding[0] if len(holding) == 1 else None


def _holds(band: BandText, amount: Amount) -> bool:
    """Tell whether all of an amount lies inside a band."""
    if band.low is None and band.high is None:
        return False
    fits_below = (
        band.low is None
        or (amount.low is not None and amount.low >= band.low)
        or _starts_at_zero(band, amount)
    )
    fits_above = band.high is None or (amount.high is not None and amount.high <= band.high)
    return fits_below and fits_above


def _starts_at_zero(band: BandText, amount: Amount) -> bool:
    """Tell whether an amount that is open below ('less than 5') may fall into a band that reaches down to 0."""
    return amount.low is None and band.low is not None and band.low <= 0


@courteously
def read_date(
    text: str, language: str, *, today: date, expected: ExpectedDate = _ANY_DATE
) -> ReadReply | UnreadReply:
    """Read a calendar date; the value is a `datetime.date`.

    A day without a year is the next such day from today on. One that the words may mean otherwise has a note, by which
    it is said back. An `UnreadReply` where there is none, it could be two, or it is out of the bounds expected.
    """
    labels = tuple(ChoiceText(shortcut.date, shortcut.label) for shortcut in expected.shortcuts)
    picked = find_choice(text, labels, language) if labels else None
    words = "" if signs_in(text).no else without_emoji(text)
    day = shortcut_day(picked.code, today) if picked else find_date(words, today, language)
    if isinstance(day, UnclearDate):
        return UnreadReply(Sentence.DATE_UNCLEAR)
    if day is None:
        return UnreadReply(Sentence.UNREAD_DATE)
    if expected.earliest is not None and day < expected.earliest:
        return UnreadReply(Sentence.DATE_TOO_EARLY, {"earliest": expected.earliest})
    if expected.latest is not None and day > expected.latest:
        return UnreadReply(Sentence.DATE_TOO_LATE, {"latest": expected.latest})
    is_sure = picked is not None or is_named_in_full(words, day, today, language)
    return ReadReply(day, None if is_sure else Sentence.DATE_SAID_BACK)


def read_text(text: str, *, least: int = 1, most: int = 4000) -> ReadReply | UnreadReply:
    """Take a reply as the participant's own words; the value is the text, byte for byte.

    `least` counts characters without the white space round them; what has fewer is an `UnreadReply`. What is
    longer than `most` characters is kept whole, with a note.
    """
    length = len(text.strip())
    if length == 0:
        return UnreadReply(Sentence.UNREAD_TEXT)
    if length < least:
        return UnreadReply(Sentence.TEXT_TOO_SHORT)
    return ReadReply(text, Sentence.TEXT_LONG if len(text) > most else None)
