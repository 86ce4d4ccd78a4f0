"""Ratings as people type them: '4', 'four', 'about a 4', '4/5', or a word of the scale."""

import re

from flows.parsing.numbers import counting_number, read_elsewhere, without_roughly
from flows.parsing.vocabulary import vocabulary
from flows.text.folding import fold, fold_label, plain_digits

_OUT_OF = re.compile(r"^\s*(\d{1,3})\s*/\s*(\d{1,3})\s*[.!]*\s*$")
_DIGITS = re.compile(r"\d+")
_PLAIN = re.compile(r"^\s*(-?\d{1,6})\s*[.!)]*\s*$")


def find_rating(
    text: str, language: str, *, low: int, high: int, low_label: str, high_label: str
) -> int | None:
    """The one whole number that a reply names, in range or not; None if there is none. Nothing is raised."""
    if len(text) > 200:  # noqa: PLR2004 - a rating with its reason, not a story
        return None
    plain = plain_digits(text)
    number = _PLAIN.match(plain)
    if number:
        return int(number[1])
    of = _OUT_OF.match(plain)
    if of:
        return int(of[1]) if int(of[2]) == high else None
    key = fold(plain)
    rating = _by_label(key, language, low=low, high=high, low_label=low_label, high_label=high_label)
    if rating is None:
        rating = _by_number(plain, key, language, high=high)
    if rating is None:
        return read_elsewhere(key, language, lambda name: _by_number(plain, key, name, high=high))
    return rating


def _by_label(key: str, language: str, *, low: int, high: int, low_label: str, high_label: str) -> int | None:
    words = vocabulary(language)
    bottom, top = fold_label(low_label), fold_label(high_label)
    if not key:
        return None
    if bottom != top and key in {bottom, top}:
        return low if key == bottom else high
    if key in words.lowest or key in words.highest:
        return low if key in words.lowest else high
    if high - low == 4:  # noqa: PLR2004 - the ladders have five rungs
        for ladder in words.ladders:
            rungs = [low + rung for rung, names in enumerate(ladder) if key in names]
            if rungs and bottom in ladder[0] and top in ladder[-1]:
                return rungs[0]
    return (low + high) // 2 if key in words.middle and (high - low) % 2 == 0 else None


def _by_number(plain: str, key: str, language: str, *, high: int) -> int | None:
    """One number among words that change nothing in it; a reason may follow."""
    words = vocabulary(language)
    if "-" in plain or re.search(r"\d[.,]\d", plain):
        return None
    about = counting_number(without_roughly(key) or "", language)
    if about is not None:
        return about
    tokens = _before_reason(plain, language)
    tokens = (without_roughly(" ".join(tokens)) or " ".join(tokens)).split()
    if (
        tokens[-2:-1]
        and counting_number(tokens[-1], language) == high
        and any(f" {phrase} {tokens[-1]}" in f" {key}" for phrase in words.out_of)
    ):
        tokens = tokens[:-1]
    tokens = _without_articles(tokens, language)
    numbers = [number for token in tokens if (number := counting_number(token, language)) is not None]
    rest = [
        token
        for token in tokens
        if token not in words.filler
        and token not in words.numbering
        and counting_number(token, language) is None
    ]
    return numbers[0] if len(numbers) == 1 and not rest else None


def _without_articles(tokens: list[str], language: str) -> list[str]:
    """The words without a small word that names a number and stands before one: 'un 4' in French is a four."""
    filler = vocabulary(language).filler
    following = (*tokens, "")[1:]
    return [
        token
        for token, after in zip(tokens, following, strict=True)
        if token not in filler or counting_number(after, language) is None
    ]


def _before_reason(plain: str, language: str) -> list[str]:
    """The words up to a sign or a word after which a reason follows."""
    reasons = vocabulary(language).reasons
    head = re.split(r"[,;:(\n]|\.\s|\s-\s", plain, maxsplit=1)[0]
    tokens: list[str] = []
    for token in fold(head).split():
        if token in reasons:
            break
        tokens.append(token)
    return tokens
