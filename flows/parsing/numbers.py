"""Read amounts as people type them: digits of any script, number words, ranges, open ends. No text raises."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, TypeVar

from flows.parsing.number_words import (
    LARGEST_LISTED,
    counting_number,
    may_hold_number,
    whole_or_word,
    word_number,
)
from flows.parsing.vocabulary import Vocabulary, languages, others, understood, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold, plain_digits

_Read = TypeVar("_Read")

_MOST_DIGITS: Final = 12
"""Longer runs of digits are telephone numbers and the like, and no count of anything."""

_SIGN = re.compile(r"^\s*-\s*\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+")
_GROUPED_DECIMAL = re.compile(r"(\d{1,3}(?:([.,'\u2019 \u00a0\u202f])\d{3})(?:\2\d{3})*)(?!\2)([.,])(\d+)")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_BARE_DECIMAL = re.compile(r"(^|[\s~\u2248-])\.(?=\d)|^,(?=\d)")
_HALVES = re.compile(r"(\d+)?\s?([\u00bc-\u00be\u2150-\u215e])")
_PARTS = re.compile(r"\b(\d+)\s(\d)\s?[/\u2044]\s?(\d)\b")
_DASH = re.compile(r"(?<=[\d\s])-|-(?=[\d\s])")
_WORD_DASH = re.compile(r"\b([^\W\d_]+)-([^\W\d_]+)\b(?!-)")
_COMPARED = re.compile(r"^\s*([<>\u2264\u2265]=?)\s*(\d.*)$")
_SPACES = re.compile(r"\s+")


def has_number(text: str, language: str) -> bool:
    """Return whether a reply has a number in it, in digits or a word of any language, the conversation's first."""
    tokens = fold(without_emoji(text)).split()
    spoken = (language, *others(language))
    return any(counting_number(token, name) is not None for token in tokens for name in spoken)


_LONGEST_ELSEWHERE: Final = 80
"""Characters: a number in another language with a few words round it. What is longer is a story."""


def read_elsewhere(key: str, language: str, read: Callable[[str], _Read | None]) -> _Read | None:
    """Read a folded reply with a number in it in other languages than the conversation's: '1 y 3', 'la segunda'.

    `read` reads the reply in the language that it is given; what it returns is returned. None where no language
    reads it, or two read it differently. An ordinary word of the conversation's own language is no number of
    another's ('um', 'très'), nor is a small word among others, and a word that denies is not passed over.
    """
    tokens = key.split() if len(key) <= _LONGEST_ELSEWHERE else []
    if not tokens or _UNIT_BEHIND.fullmatch(key):
        return None
    own = vocabulary(language)
    counted = _numbers_in(key, language)
    names = (name for name in others(language) if not _is_own(key, own, name, counted))
    found = {value for name in names if (value := read(name)) is not None}
    return found.pop() if len(found) == 1 else None


_UNIT_BEHIND = re.compile(r"\d+ [a-z]")
"""'30 l' are litres, whatever 'l' is in another language."""


def _is_own(key: str, own: Vocabulary, foreign: str, counted: frozenset[str]) -> bool:
    """Tell whether words that another language takes for numbers have a meaning in the conversation's own.

    `counted` are those that are numbers in its own: the other language must not pass over one of them.
    """
    found, tokens = _numbers_in(key, foreign), key.split()
    if not found and not counted:
        return not own.negation.isdisjoint(tokens)  # most texts: there is no number in them
    numbers = {token for token in found if not token.isdecimal()}
    meant = own.ordinary if len(tokens) == 1 else own.ordinary | own.filler
    passed = counted - found
    return bool(passed or numbers & meant or (own.negation & set(tokens)) - numbers)


def _numbers_in(key: str, language: str) -> frozenset[str]:
    """Return those words of a folded text that are numbers in a language, each by itself."""
    if not may_hold_number(key, language):
        return _NONE
    return frozenset(token for token in key.split() if counting_number(token, language) is not None)


_NONE: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Amount:
    """What a reply to 'how many' names: from `low` to `high`, both inside; None is open."""

    low: float | None
    high: float | None

    @property
    def exact(self) -> float | None:
        """The number where the amount is one number; None for a range and an open end."""
        return self.low if self.low == self.high else None


def find_amount(text: str, language: str, *, whole: bool = True, unit: str = "") -> Amount | None:
    """Find the amount in a reply: '7', 'about 7', 'seven', '1,5', '5 to 9', 'more than 20', '20+'.

    `whole` reads '1.000' as a thousand; `unit` is a word that may stand beside the number. None if there is
    no amount: a sentence that merely mentions a number has none.
    """
    if len(text) > 80:  # noqa: PLR2004 - an amount is a few words
        return None
    plain = with_decimals(text)
    if plain is None:
        return None
    number = _typed(plain, language, whole=whole)
    if number is not None:
        return Amount(number, number)
    if unit:
        plain = plain.replace(unit.lower(), " ").strip()
    found = _counted(plain, language) or _worded(plain, language, whole=whole)
    if found is None and not whole and not unit:
        found = _half_alone(fold(plain), language)
    if found is None and (rest := without_roughly(fold(plain))) and not re.search(r"\d[.,]\d", plain):
        found = _worded(rest, language, whole=whole)
    if found is None:
        return read_elsewhere(fold(plain), language, lambda name: _worded(plain, name, whole=whole))
    return found


_COUNTED = re.compile(r"(\d+(?:[.,]\d{1,2})?)\s?([^\W\d_]+)")
_THOUSAND_SIGN: Final = "k"


def _counted(plain: str, language: str) -> Amount | None:
    """Read digits that count thousands or millions: '100k', '5 thousand', '2,5 Millionen'; None for all else."""
    found = _COUNTED.fullmatch(without_roughly(plain) or plain)
    if found is None:
        return None
    key = fold(found[2])
    scale = 1000 if key == _THOUSAND_SIGN else vocabulary(language).scales.get(key)
    if scale is None:
        return None
    number = round(float(found[1].replace(",", ".")) * scale, 6)
    return Amount(number, number)


def _half_alone(key: str, language: str) -> Amount | None:
    """Read 'half', 'a half' and 'anderthalb'; None for all else. A share is no number: 'half of them'."""
    words = vocabulary(language).durations
    tokens = key.split()
    if key in words.one_and_a_half:
        return Amount(1.5, 1.5)
    article = len(tokens) == 2 and (tokens[0] in _ARTICLES or word_number(tokens[0], language) == 1)  # noqa: PLR2004 - 'a half'
    return Amount(0.5, 0.5) if tokens and tokens[-1] in words.half and (article or len(tokens) == 1) else None


_ARTICLES: Final = frozenset({"a", "an", "une"})
"""Words for one that are no number words."""


def with_decimals(text: str) -> str | None:
    """Return a reply in lower case with digits of any script, and fractions as decimals: '2½' and '.5' as 2.5 and 0.5.

    None where it has digits above or below the line, or a sign before a decimal that may be a comma of the sentence.
    """
    bare = without_emoji(text)
    if any(
        unicodedata.category(sign) == "No"
        and unicodedata.decomposition(sign).startswith(("<super>", "<sub>"))
        for sign in bare
    ):
        return None
    plain = plain_digits(_HALVES.sub(_decimal, bare)).strip().lower()
    plain = _PARTS.sub(_divided, plain)
    if re.search(r"\s,\d|[^\W\d]\.\d|\u00b1", plain):
        return None
    if _COMPARED.match(plain) is None and re.search(r"[<>\u2264\u2265]", plain):
        return None
    return _BARE_DECIMAL.sub(r"\g<1>0.", plain) if _BARE_DECIMAL.search(plain) else plain


def _decimal(found: re.Match[str]) -> str:
    """Return a number with a fraction of one sign as a decimal."""
    return f"{round(int(found[1] or 0) + unicodedata.numeric(found[2]), 3):.12g} "


def _divided(found: re.Match[str]) -> str:
    """Return a number with a fraction ('2 1/2') as a decimal; as it was where that is none."""
    above, below = int(found[2]), int(found[3])
    return f"{round(int(found[1]) + above / below, 3):.12g}" if above < below else found[0]


def without_roughly(key: str) -> str | None:
    """Return a folded reply without the word for 'about', in any language, at its start or end; None without one."""
    starts, ends = _around()
    if not key.startswith(starts) and not key.endswith(ends):
        return None
    found = (_without(key, phrase) for phrase in _roughly())
    return next((rest for rest in found if rest), None)


@cache
def _roughly() -> tuple[str, ...]:
    """Return the phrases for 'about' of every language, long ones first."""
    known = frozenset[str]().union(*(vocabulary(name).roughly for name in languages()))
    return tuple(sorted(known, key=lambda phrase: (-len(phrase), phrase)))


@cache
def _around() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the phrases for 'about' as a reply may begin with them, and as it may end."""
    return tuple(f"{phrase} " for phrase in _roughly()), tuple(f" {phrase}" for phrase in _roughly())


def _typed(plain: str, language: str, *, whole: bool) -> float | None:
    """Read a number in digits and nothing else."""
    body = plain.removeprefix("-").strip().rstrip(".!;)")
    sign = -1 if plain.startswith("-") else 1
    if not body or not body[0].isdigit() or sum(map(str.isdigit, body)) > _MOST_DIGITS:
        return None
    if body.isdecimal():
        return sign * int(body)
    grouped = whole or not re.search("[.,]", body) or (language.startswith("en") and "." not in body)
    if _THOUSANDS.fullmatch(body) and grouped:
        return sign * int(re.sub(r"\D", "", body))
    decimal = _GROUPED_DECIMAL.fullmatch(body)
    if decimal:
        return sign * float(f"{re.sub(r'[^0-9]', '', decimal[1])}.{decimal[4]}")
    return sign * float(body.replace(",", ".")) if _DECIMAL.fullmatch(body) else None


def _worded(plain: str, language: str, *, whole: bool) -> Amount | None:
    """Read an amount with words: nought, an open end, a range, or a number among words that do not change it."""
    key = fold(plain)
    if key in understood(language).zero:
        return Amount(0, 0)
    if _SIGN.match(plain):
        return None
    compared = _COMPARED.match(plain)
    if compared:
        return _compared(compared[1], _typed(compared[2], language, whole=whole))
    return (
        _spoken_decimal(key, language)
        or _half_open(plain, key, language, whole=whole)
        or _range(plain, language)
        or _surrounded(plain, language, whole=whole)
    )


def _half_open(plain: str, key: str, language: str, *, whole: bool) -> Amount | None:
    """Read an amount that is open at one end: 'more than 20', 'at least 5', '20+'."""
    words = vocabulary(language)
    for phrases, open_end in ((words.above, "above"), (words.below, "below"), (words.or_more, "more")):
        for phrase in phrases:
            rest = _without(key, phrase)
            number = None if rest is None else _single(rest, language)
            if number is not None:
                return _open_amount(number, open_end)
    least = _typed(plain[:-1].strip(), language, whole=whole) if plain.endswith("+") else None
    return None if least is None else Amount(least, None)


def _compared(sign: str, number: float | None) -> Amount | None:
    """Return the amount of '<5', '>5', '≤5' and '>=5'."""
    if number is None:
        return None
    match sign:
        case "<":
            return _open_amount(number, "below")
        case ">":
            return _open_amount(number, "above")
        case "\u2264" | "<=":
            return Amount(None, number)
        case _:
            return Amount(number, None)


def _spoken_decimal(key: str, language: str) -> Amount | None:
    """Read 'one point five' and '2 Komma 5', and 'two and a half'; None for all else."""
    words = vocabulary(language)
    for phrase in words.and_a_half:
        before = key.removesuffix(phrase).strip() if key.endswith(phrase) else ""
        whole = 1 if before in _ARTICLES else whole_or_word(before, language)
        if whole is not None:
            return Amount(whole + 0.5, whole + 0.5)
    tokens = key.split()
    for place in range(1, len(tokens) - 1):
        before, after = " ".join(tokens[:place]), " ".join(tokens[place + 1 :])
        if tokens[place] in words.decimal_mark:
            left, right = whole_or_word(before, language), whole_or_word(after, language)
            if left is not None and right is not None:
                digits = after if after.isdecimal() else str(right)
                return Amount(float(f"{left}.{digits}"), float(f"{left}.{digits}"))
    return None


def _open_amount(number: float, open_end: str) -> Amount:
    """Return an amount that is open at one end: 'above', 'below' or 'more' ('or more')."""
    match open_end:
        case "above":
            return Amount(number + 1, None)
        case "below":
            return Amount(None, number - 1)
        case _:
            return Amount(number, None)


def _without(key: str, phrase: str) -> str | None:
    """Return the key without the phrase at its start or end; None where it is not there."""
    if key.startswith(phrase + " "):
        return key[len(phrase) + 1 :]
    return key[: -len(phrase) - 1] if key.endswith(" " + phrase) else None


def _single(key: str, language: str) -> int | None:
    """Read one number among words that do not change it."""
    number = whole_or_word(key, language)
    if number is not None:
        return number
    filler, tokens = vocabulary(language).filler, key.split()
    if not vocabulary(language).decimal_mark.isdisjoint(tokens[:-1]) and _mark_before_number(
        tokens, language
    ):
        return None
    passed = [word in filler and word_number(word, language) is None for word in tokens]
    if False not in passed:
        return None
    first, last = passed.index(False), len(passed) - passed[::-1].index(False)
    kept = tokens[first:last]  # words inside change it: 'deux sur cent' is no 200
    return whole_or_word(" ".join(kept), language)


def _mark_before_number(tokens: list[str], language: str) -> bool:
    """Return whether a word such as 'point' stands before a number, so that it may be a decimal."""
    marks = vocabulary(language).decimal_mark
    return any(
        mark in marks and counting_number(after, language) is not None for mark, after in pairwise(tokens)
    )


def _range(plain: str, language: str) -> Amount | None:
    """Read '5 to 9', '5-9' and 'between five and nine'."""
    vocab = vocabulary(language)
    if word_number(fold(plain), language) is not None:
        return None  # 'quatre-vingt-cinq' is one number
    tokens = _with_dashes(plain, language).split()
    between = any(fold(word) in vocab.between for word in tokens[:1])
    words = tokens[1:] if between else tokens
    for place, word in enumerate(words):
        if word == "–" or fold(word) in (vocab.between if between else vocab.until):  # noqa: RUF001 - as above
            low = _single(fold(" ".join(words[:place])), language)
            high = _single(fold(" ".join(words[place + 1 :])), language)
            if low is not None and high is not None and low <= high:
                return None if _may_count_alike(words, low, high) else Amount(low, high)
    return None


def _may_count_alike(words: list[str], low: int, high: int) -> bool:
    """Return whether the last word of a range in words may count both its ends: 'two to three hundred'."""
    scales = (scale for scale in (100, 1000, 10**6) if high % scale == 0)
    return not words[-1].isdecimal() and any(0 < low < high // scale for scale in scales)


_DASHED: Final = " \u2013 "
"""A sign of its own, so that it is no minus."""


def _with_dashes(plain: str, language: str) -> str:
    """Return a reply with spaces round the dashes of ranges: '5-9', 'five-six'; not round the hyphens of words."""

    def opened(found: re.Match[str]) -> str:
        """Return two number words with a dash between them, if together they are no number."""
        low, high = (word_number(fold(word), language) for word in found.groups())
        joined = word_number(fold(found[0]), language)
        is_range = low is not None and high is not None and low < high < LARGEST_LISTED and joined is None
        return f"{found[1]}{_DASHED}{found[2]}" if is_range else found[0]

    return _WORD_DASH.sub(opened, _DASH.sub(_DASHED, plain))


def _surrounded(plain: str, language: str, *, whole: bool) -> Amount | None:
    """Read a number with words round it that do not change it: 'about 7 patients', '7ish'."""
    spaced = _SPACES.sub(" ", re.sub(r"[~≈]", " ", re.sub(r"(?<=\d)-?ish\b", "", plain))).strip()
    found = _NUMBER.findall(spaced)
    if len(found) == 1 and spaced.count("-") == 0:
        if _mark_before_number(fold(spaced).split(), language):
            return None
        rest = fold(spaced.replace(found[0], " ", 1)).split()
        if _is_share(rest, language):
            return None
        number = _typed(found[0], language, whole=whole)
        if number is not None and all(word in vocabulary(language).filler for word in rest):
            return Amount(number, number)
        return None
    key = fold(spaced)
    word = None if found or "/" in spaced else _single(key, language)
    return None if word is None else Amount(word, word)


def _is_share(rest: list[str], language: str) -> bool:
    """Return whether the words round a number in digits are a number and 'out of': 'un sur 20'."""
    words = vocabulary(language)
    counted = [word for word in rest if word_number(word, language) is not None]
    return bool(counted) and any(f" {phrase} " in f" {' '.join(rest)} " for phrase in words.out_of)
