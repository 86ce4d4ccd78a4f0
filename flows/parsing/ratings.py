"""Read ratings as people type them: '4', 'four', 'about a 4', '4/5', or a word of the scale."""

import re
from dataclasses import dataclass
from typing import Final

from flows.parsing.number_words import counting_number
from flows.parsing.numbers import read_elsewhere, without_roughly
from flows.parsing.vocabulary import vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold, fold_label, plain_digits

_OUT_OF = re.compile(r"^\s*(\d{1,3})\s*/\s*(\d{1,3})\s*[.!]*\s*$")
_PARTING = re.compile(r"[,;:(\n]|\.\s|\s-\s")
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"^\s*(-?\d{1,6})\s*[.!)]*\s*$")


@dataclass(frozen=True, slots=True)
class RatingScale:
    """A scale to rate on: its lowest and highest number, and what the two ends mean."""

    low: int = 1
    high: int = 5
    low_label: str = ""
    high_label: str = ""


def find_rating(text: str, language: str, scale: RatingScale) -> int | None:
    """Find the one whole number that a reply to a scale names, in digits or words, or by a label of the scale.

    The number may lie outside of the scale: the caller decides. None where there is none, or more than one.
    """
    if len(text) > 200:  # noqa: PLR2004 - a rating with its reason, not a story
        return None
    plain = plain_digits(without_emoji(text))
    number = _PLAIN.match(plain)
    if number:
        return int(number[1])
    of = _OUT_OF.match(plain)
    if of:
        return int(of[1]) if int(of[2]) == scale.high else None
    key = fold(plain)
    rating = _by_label(key, language, scale)
    if rating is None:
        rating = _by_number(plain, key, language, high=scale.high)
    if rating is None:
        return read_elsewhere(key, language, lambda name: _by_number(plain, key, name, high=scale.high))
    return rating


def _by_label(key: str, language: str, scale: RatingScale) -> int | None:
    """Read a folded reply that is a word of the scale: one of its ends, the middle, or a rung between them."""
    words = vocabulary(language)
    bottom, top = fold_label(scale.low_label), fold_label(scale.high_label)
    if not key:
        return None
    if bottom != top and key in {bottom, top}:
        return scale.low if key == bottom else scale.high
    if key in words.lowest or key in words.highest:
        return scale.low if key in words.lowest else scale.high
    rung = _rung(key, language, bottom, top) if scale.high - scale.low == _LADDER_STEPS else None
    if rung is not None:
        return scale.low + rung
    has_middle = (scale.high - scale.low) % 2 == 0
    return (scale.low + scale.high) // 2 if has_middle and key in words.middle else None


_LADDER_STEPS: Final = 4
"""The ladders of words (very bad, bad, fair, good, very good) have five rungs."""


def _rung(key: str, language: str, bottom: str, top: str) -> int | None:
    """Return the rung, from 0, that a word stands on in the ladder whose ends are the labels of the scale."""
    for ladder in vocabulary(language).ladders:
        rungs = [rung for rung, names in enumerate(ladder) if key in names]
        if rungs and bottom in ladder[0] and top in ladder[-1]:
            return rungs[0]
    return None


def _by_number(plain: str, key: str, language: str, *, high: int) -> int | None:
    """Read one number among words that do not change it; a reason may follow. It must not count anything."""
    if "-" in plain or re.search(r"\d[.,]\d", plain):
        return None
    tokens = _before_reason(plain, language)
    if not vocabulary(language).counting.isdisjoint(tokens):
        return None
    about = counting_number(without_roughly(key) or "", language)
    if about is not None:
        return about
    tokens = (without_roughly(" ".join(tokens)) or " ".join(tokens)).split()
    if _ends_with_highest(tokens, key, language, high):
        tokens = tokens[:-1]
    return _only_number(_without_articles(tokens, language), language)


def _ends_with_highest(tokens: list[str], key: str, language: str, high: int) -> bool:
    """Tell whether the reply ends with 'out of' and the highest number of the scale: 'four out of five'."""
    if len(tokens) < 2 or counting_number(tokens[-1], language) != high:  # noqa: PLR2004 - a number and the highest
        return False
    return any(f" {phrase} {tokens[-1]}" in f" {key}" for phrase in vocabulary(language).out_of)


def _only_number(tokens: list[str], language: str) -> int | None:
    """Return the only number among the words; None if there are several, or words that are no filler."""
    numbers = [counting_number(token, language) for token in tokens]
    found = [number for number in numbers if number is not None]
    words = vocabulary(language)
    passed = words.filler | words.numbering
    says_more = any(
        number is None and token not in passed for token, number in zip(tokens, numbers, strict=True)
    )
    return found[0] if len(found) == 1 and not says_more else None


def _without_articles(tokens: list[str], language: str) -> list[str]:
    """Drop small words that name a number and stand before one: 'un 4' in French is a four."""
    filler = vocabulary(language).filler
    following = (*tokens, "")[1:]
    return [
        token
        for token, after in zip(tokens, following, strict=True)
        if token not in filler or counting_number(after, language) is None
    ]


def reason_beside(text: str, language: str, scale: RatingScale) -> str:
    """Return the words of a rating after the sign or the word that parts a reason from it; '' for none.

    None are less than two words, and a name that the scale has for its number: '5, very good'.
    """
    sign = _PARTING.search(text)
    head, rest = (text, "") if sign is None else (text[: sign.start()], text[sign.end() :])
    for word in _WORD.finditer(head):
        if fold(word[0]) in vocabulary(language).reasons:
            rest = text[word.start() :]
            break
    key = fold(rest)
    return "" if " " not in key or _by_label(key, language, scale) is not None else rest


def _before_reason(plain: str, language: str) -> list[str]:
    """Return the words before a sign or a word after which a reason follows."""
    reasons = vocabulary(language).reasons
    head = _PARTING.split(plain, maxsplit=1)[0]
    tokens: list[str] = []
    for token in fold(head).split():
        if token in reasons:
            break
        tokens.append(token)
    return tokens
