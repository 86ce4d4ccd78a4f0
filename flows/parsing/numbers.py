"""Read numbers as people type them: digits of any script, number words, ordinals, amounts. No text raises."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, TypeVar

from flows.heavy_packages import load
from flows.parsing.vocabulary import Vocabulary, languages, others, understood, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold, plain_digits

_Read = TypeVar("_Read")

LARGEST_WORD: Final = 100
"""Number words are read up to here; people type larger numbers in digits."""

_MOST_DIGITS: Final = 12
"""Longer runs of digits are telephone numbers and the like, and no count of anything."""

_ORDINAL_ENDING = re.compile(r"^(\d{1,3})(?:st|nd|rd|th|er|e|eme|o|a)$")
_SIGN = re.compile(r"^\s*-\s*\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SPACES = re.compile(r"\s+")


def word_number(key: str, language: str) -> int | None:
    """Return the value of a folded number word ('two', 'twenty five', 'a dozen'), 0 to 100; None if it is none."""
    amount = vocabulary(language).amounts.get(key)
    return _cardinals(language).get(key) if amount is None else amount


def word_ordinal(key: str, language: str) -> int | None:
    """Return the value of a folded ordinal ('second', '2nd'), from 1; None if it is none."""
    ending = _ORDINAL_ENDING.match(key)
    return int(ending[1]) if ending else _ordinals(language).get(key)


def counting_number(key: str, language: str) -> int | None:
    """Return the number that a folded word or run of digits names, cardinal or ordinal; None if it names none."""
    if key.isdecimal():
        return int(key) if len(key) <= _MOST_DIGITS else None
    number = word_number(key, language)
    return word_ordinal(key, language) if number is None else number


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
    if not tokens:
        return None
    own = vocabulary(language)
    names = (name for name in others(language) if not _is_own(tokens, own, name))
    found = {value for name in names if (value := read(name)) is not None}
    return found.pop() if len(found) == 1 else None


def _is_own(tokens: list[str], own: Vocabulary, foreign: str) -> bool:
    """Tell whether words that another language takes for numbers have a meaning in the conversation's own."""
    numbers = {
        token for token in tokens if not token.isdecimal() and counting_number(token, foreign) is not None
    }
    meant = own.ordinary if len(tokens) == 1 else own.ordinary | own.filler
    return bool(numbers & meant or (own.negation & set(tokens)) - numbers)


@lru_cache(maxsize=64)
def _cardinals(language: str) -> Mapping[str, int]:
    """Map the number words of a language to 0 to 100."""
    return _spelled(language, "cardinal")


@lru_cache(maxsize=64)
def _ordinals(language: str) -> Mapping[str, int]:
    """Map the ordinals of a language to 1 to 100."""
    return {word: number for word, number in _spelled(language, "ordinal").items() if number > 0}


def warm() -> None:
    """Spell the numbers of every language now (about a quarter of a second) rather than at the first reply."""
    for name in languages():
        _cardinals(name)
        _ordinals(name)


def _spelled(language: str, form: str) -> Mapping[str, int]:
    """Map the folded words for 0 to 100, cardinal or ordinal, to their numbers; English ones serve every language."""
    num2words = load("num2words").num2words
    table: dict[str, int] = {}
    for number in range(LARGEST_WORD + 1):
        for name in dict.fromkeys((language.replace("-", "_"), language.partition("-")[0], "en")):
            try:
                word = num2words(number, lang=name, to=form)
            except (NotImplementedError, KeyError, IndexError, TypeError, ValueError):
                continue  # this language has no such words
            table.setdefault(fold(str(word)), number)
    return MappingProxyType(table)


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
    plain = plain_digits(without_emoji(text)).strip().lower()
    number = _typed(plain, language, whole=whole)
    if number is not None:
        return Amount(number, number)
    if unit:
        plain = plain.replace(unit.lower(), " ").strip()
    found = _worded(plain, language, whole=whole)
    if found is None and (rest := without_roughly(fold(plain))) and not re.search(r"\d[.,]\d", plain):
        found = _worded(rest, language, whole=whole)
    if found is None:
        return read_elsewhere(fold(plain), language, lambda name: _worded(plain, name, whole=whole))
    return found


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
    return sign * float(body.replace(",", ".")) if _DECIMAL.fullmatch(body) else None


def _worded(plain: str, language: str, *, whole: bool) -> Amount | None:
    """Read an amount with words: nought, an open end, a range, or a number among words that do not change it."""
    words = vocabulary(language)
    key = fold(plain)
    if key in understood(language).zero:
        return Amount(0, 0)
    if _SIGN.match(plain):
        return None
    for phrases, open_end in ((words.above, "above"), (words.below, "below"), (words.or_more, "more")):
        for phrase in phrases:
            rest = _without(key, phrase)
            number = None if rest is None else _single(rest, language)
            if number is not None:
                return _open_amount(number, open_end)
    if plain.endswith("+"):
        least = _typed(plain[:-1].strip(), language, whole=whole)
        return None if least is None else Amount(least, None)
    return _range(plain, language) or _surrounded(plain, language, whole=whole)


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
    number = _whole_or_word(key, language)
    if number is not None:
        return number
    filler = vocabulary(language).filler
    kept = [word for word in key.split() if word not in filler or word_number(word, language) is not None]
    return _whole_or_word(" ".join(kept), language)


def _whole_or_word(key: str, language: str) -> int | None:
    """Return the value of a run of digits or a number word."""
    if key.isdecimal():
        return int(key) if len(key) <= _MOST_DIGITS else None
    return word_number(key, language)


def _range(plain: str, language: str) -> Amount | None:
    """Read '5 to 9', '5-9' and 'between five and nine'."""
    vocab = vocabulary(language)
    tokens = plain.replace("-", " – ").split()  # noqa: RUF001 - a sign of its own, so that it is no minus
    between = any(fold(word) in vocab.between for word in tokens[:1])
    words = tokens[1:] if between else tokens
    for place, word in enumerate(words):
        if word == "–" or fold(word) in (vocab.between if between else vocab.until):  # noqa: RUF001 - as above
            low = _single(fold(" ".join(words[:place])), language)
            high = _single(fold(" ".join(words[place + 1 :])), language)
            if low is not None and high is not None and low <= high:
                return Amount(low, high)
    return None


def _surrounded(plain: str, language: str, *, whole: bool) -> Amount | None:
    """Read a number with words round it that do not change it: 'about 7 patients', '7ish'."""
    spaced = _SPACES.sub(" ", re.sub(r"[~≈]", " ", re.sub(r"(?<=\d)-?ish\b", "", plain))).strip()
    found = _NUMBER.findall(spaced)
    if len(found) == 1 and spaced.count("-") == 0:
        rest = fold(spaced.replace(found[0], " ", 1)).split()
        number = _typed(found[0], language, whole=whole)
        if number is not None and all(word in vocabulary(language).filler for word in rest):
            return Amount(number, number)
        return None
    key = fold(spaced)
    word = None if found else _single(key, language)
    return None if word is None else Amount(word, word)
