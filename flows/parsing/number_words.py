"""Read number words: cardinals and ordinals up to a hundred as num2words spells them, and what is made up of them.

Theory. The words for 0 to 100 are a table for each language, with what people write besides (Belgian and Swiss tens,
German cases, the endings of Arabic). A larger number is taken apart: `<1 to 999> thousand <1 to 999>`, and each
of the two as `<hundreds> <1 to 99>`, with the word for 'and' between them or none. Each part must be a number by
itself, so that nothing is passed over. German and Italian write the parts as one word. Digits are no part of it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from flows.heavy_packages import load
from flows.parsing.vocabulary import base_of, languages, vocabulary
from flows.text.folding import fold

LARGEST_LISTED: Final = 100
"""Number words are listed up to here."""

_MOST_DIGITS: Final = 12
"""Longer runs of digits are telephone numbers and the like, and no count of anything."""

_ORDINAL_ENDING = re.compile(r"^(\d{1,3})(?:st|nd|rd|th|er|e|eme|o|a|te|ten|ter|tes|tem)$")
_DIGIT = re.compile(r"\d")
_LONGEST: Final = 90
"""Letters of a number in words: what is longer is a text."""


def word_number(key: str, language: str) -> int | None:
    """Return the value of a folded number word ('two', 'a dozen', 'two hundred and five'); None if it is none."""
    number = _cardinals(language).get(key)
    if number is not None or len(key) > _LONGEST:
        return number
    stems = _WRITTEN_AS_ONE.get(language[:2])
    if stems is not None:
        has_step = stems[0] in key or stems[1] in key or stems[2] in key
    else:
        has_step = " " in key and not _steps(base_of(language)).isdisjoint(key.split())
    return _made_up(key, base_of(language)) if has_step else None


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


def may_hold_number(key: str, language: str) -> bool:
    """Return whether a folded text may have a number of a language in it, in digits or words; False is certain.

    Most texts have none, and are told by one look instead of one a word.
    """
    if not _telling_words(language).isdisjoint(key.split()):
        return True
    stems = _WRITTEN_AS_ONE.get(language[:2], ())
    return any(map(key.__contains__, stems)) or _DIGIT.search(key) is not None


def whole_or_word(key: str, language: str) -> int | None:
    """Return the value of a run of digits or a number word; None for all else."""
    if key.isdecimal():
        return int(key) if len(key) <= _MOST_DIGITS else None
    return word_number(key, language)


def warm() -> None:
    """Spell the numbers of every language now (about a quarter of a second) rather than at the first reply."""
    for name in languages():
        _cardinals(name)
        _ordinals(name)
        _patterns(name)
        _telling_words(name)


@lru_cache(maxsize=64)
def _cardinals(language: str) -> Mapping[str, int]:
    """Map the number words of a language to their numbers: 0 to 100, hundreds, and what its vocabulary has besides."""
    base = base_of(language)
    hundreds = _hundreds(base) if base == language.partition("-")[0] else {}
    return MappingProxyType({**hundreds, **_listed(language), **vocabulary(language).amounts})


@lru_cache(maxsize=64)
def _listed(language: str) -> Mapping[str, int]:
    """Map the number words of a language to 0 to 100, in Arabic in all their forms."""
    spelled = _spelled(language, "cardinal")
    return {**dict(_arabic_words(spelled)), **spelled}


@lru_cache(maxsize=16)
def _parts(base: str) -> Mapping[str, int]:
    """Map the words that may be part of a larger number to 1 to 99: those listed, and their forms in the vocabulary.

    A form begins as the number does ('una' as 'uno'): no dozen, and no 'twice'.
    """
    forms = {
        key: number
        for key, number in vocabulary(base).amounts.items()
        if number < LARGEST_LISTED and " " not in key and _is_form(key, _by_library(number, base))
    }
    return {**{key: number for key, number in _listed(base).items() if 0 < number < LARGEST_LISTED}, **forms}


def _is_form(key: str, spelled: str) -> bool:
    """Return whether a word begins as the number that is spelled so does."""
    length = min(_BEGINNING, len(key) - 1)
    return length > 0 and key[:length] == spelled[:length]


_BEGINNING: Final = 3
"""Letters by which a form of a number is told from another word for it."""


@lru_cache(maxsize=64)
def _ordinals(language: str) -> Mapping[str, int]:
    """Map the ordinals of a language to 1 to 100."""
    listed = {word: number for word, number in _spelled(language, "ordinal").items() if number > 0}
    own = vocabulary(language).ordinals
    tens = _arabic_tens(_listed(language))
    return {**dict(_arabic_ordinals(own, tens)), **listed, **own}


_REGIONS: Final = {"fr": ("fr_BE", "fr_CH")}
"""Where a language counts differently: septante, huitante, nonante."""


def _spellings(key: str, base: str) -> tuple[str, ...]:
    """Return how a folded number word is written: in French also without 'et' and the s, and with octante.

    A German ordinal has an ending for each case.
    """
    if base == "de" and key.endswith("te"):
        return tuple(f"{key}{ending}" for ending in ("", "n", "r", "s", "m"))
    if base != "fr":
        return (key,)
    shorter = key.replace(" et ", " ")
    several = key[:-1] if key.endswith("vingts") else key
    return (key, shorter, several, key.replace("huitante", "octante"))


def _spelled(language: str, form: str) -> Mapping[str, int]:
    """Map the folded words for 0 to 100, cardinal or ordinal, to their numbers; English ones serve every language."""
    table: dict[str, int] = {}
    for number in range(LARGEST_LISTED + 1):
        base = language.partition("-")[0]
        for name in dict.fromkeys((language.replace("-", "_"), base, *_REGIONS.get(base, ()), "en")):
            for key in _spellings(_by_library(number, name, form), base):
                if key:
                    table.setdefault(key, number)
    return MappingProxyType(table)


def _by_library(number: int, language: str, form: str = "cardinal") -> str:
    """Return the folded words of num2words for a number; '' where the language has none there."""
    try:
        return fold(str(load("num2words").num2words(number, lang=language, to=form)))
    except (NotImplementedError, KeyError, IndexError, TypeError, ValueError):
        return ""


_JOINING: Final = re.compile("و")
_TEN_OF_TEENS: Final = ("عشر", "عشره")
_ALLIED_TO_TEN: Final = MappingProxyType({"احد": 1, "احدي": 1, "اثنا": 2, "اثني": 2, "اثنتا": 2, "اثنتي": 2})
"""How one and two are written before ten."""


def _arabic_words(listed: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield Arabic numbers below a hundred in the forms that people write: of both genders, in either case.

    Nothing where the number words listed are of another language.
    """
    tens = _arabic_tens(listed)
    if not tens:
        return
    digits = {number: key for key, number in listed.items() if 1 <= number <= 9 and _is_arabic_word(key)}  # noqa: PLR2004 - digits
    units = {key: number for number, key in digits.items()}
    units |= {
        key: number
        for key, number in vocabulary("ar").amounts.items()
        if number in digits and _is_arabic_word(key) and _is_form(key, digits[number])
    }
    for unit, number in (*units.items(), *_ALLIED_TO_TEN.items()):
        for ten in _TEN_OF_TEENS:
            yield f"{unit} {ten}", 10 + number
    for ten, tenfold in tens.items():
        for case in (ten, f"{ten[:-2]}ين"):
            yield case, tenfold
            for unit, number in units.items():
                yield f"{unit} و {case}", tenfold + number
                yield f"{unit} و{case}", tenfold + number


def _arabic_tens(listed: Mapping[str, int]) -> Mapping[str, int]:
    """Return the Arabic words for 20 to 90 among number words, which end so; none among those of another language."""
    return {key: number for key, number in listed.items() if key.endswith("ون") and " " not in key}


_ARTICLE: Final = "ال"
_FIRST_OF_LARGER: Final = MappingProxyType({"الحادي": 1, "الحاديه": 1})
"""How the first is written before ten and the tens."""


def _arabic_ordinals(own: Mapping[str, int], tens: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield Arabic ordinals of two words: 'the thirteenth', 'the twenty-fifth'; nothing without tens."""
    if not tens:
        return
    units = {key: number for key, number in own.items() if key.startswith(_ARTICLE) and number < 10}  # noqa: PLR2004 - digits
    for unit, number in (*units.items(), *_FIRST_OF_LARGER.items()):
        for ten in _TEN_OF_TEENS:
            yield f"{unit} {ten}", 10 + number
        for ten, tenfold in tens.items():
            for case in (ten, f"{ten[:-2]}ين"):
                yield f"{unit} و{_ARTICLE}{case}", tenfold + number
                yield f"{unit} و {_ARTICLE}{case}", tenfold + number


def _is_arabic_word(key: str) -> bool:
    """Return whether a key is one word in Arabic letters."""
    return key.isalpha() and not key.isascii() and _JOINING.sub("", key) != ""


@lru_cache(maxsize=64)
def _hundreds(base: str) -> Mapping[str, int]:
    """Map the folded words for 100, 200 to 900 of a language, in all their forms."""
    table: dict[str, int] = dict(vocabulary(base).hundreds)
    for number in range(LARGEST_LISTED, 10 * LARGEST_LISTED, LARGEST_LISTED):
        key = _by_library(number, base)
        forms = [key, f"{key[:-2]}as"] if base in {"es", "pt"} and key.endswith("os") else [key]
        if base == "fr" and key.endswith("cents"):
            forms.append(key[:-1])
        for form in filter(None, forms):
            table.setdefault(form, number)
    return table


_WRITTEN_AS_ONE: Final = MappingProxyType(
    {"de": ("hundert", "tausend", "million"), "it": ("cent", "mil", "mil")}
)
"""Languages whose numbers are one word, with what is in those above a hundred."""
_ELIDED: Final = "(?:(?=ott|un)|o)"
"""'Centotto' and 'centuno' beside 'centouno'."""


@lru_cache(maxsize=16)
def _steps(base: str) -> frozenset[str]:
    """Return the words one of which is in each number above a hundred of several words."""
    return frozenset(name.split()[-1] for name in (*_hundreds(base), *vocabulary(base).scales))


@lru_cache(maxsize=64)
def _telling_words(language: str) -> frozenset[str]:
    """Return words one of which is in each number of several words, and all numbers of one.

    Of a listed phrase its longest word ('dozen' of 'a dozen').
    """
    phrases = (*_cardinals(language), *_ordinals(language))
    return _steps(base_of(language)).union(max(phrase.split(" "), key=len) for phrase in phrases)


@lru_cache(maxsize=16)
def _patterns(base: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what takes hundreds off the beginning of a key, and what parts one at a larger step."""
    words = vocabulary(base)
    forms = sorted(_hundreds(base), key=len, reverse=True)
    written = [
        f"{re.escape(form[:-1])}{_ELIDED}" if base == "it" and form.endswith("cento") else re.escape(form)
        for form in forms
    ]
    joining = "|".join(sorted(map(re.escape, words.number_joining), key=len, reverse=True)) or "(?!)"
    gap = rf"\s?(?:{joining})?\s?" if base in _WRITTEN_AS_ONE else rf"(?:$|\s(?:{joining})\s?|\s)"
    before = r"\s?" if base in _WRITTEN_AS_ONE else r"(?:^|(?<=\s))"
    scales = "|".join(sorted(map(re.escape, words.scales), key=len, reverse=True)) or "(?!)"
    return (
        re.compile(rf"({'|'.join(written)}){gap}(.*)"),
        re.compile(rf"(.*?){before}({scales}){gap}(.*)"),
    )


def _made_up(key: str, base: str) -> int | None:
    """Return the value of a number of hundreds, or larger, in words; None for all else."""
    found = _patterns(base)[1].fullmatch(key)
    if found is None:
        return _below_thousand(key, base)
    scale, before = vocabulary(base).scales[found[2]], found[1].strip()
    if f"{before} {found[2]}".strip() in vocabulary(base).amounts:
        left: int | None = 1  # 'mil', 'a thousand'
    else:
        left = _cardinals(base).get(before, _below_thousand(before, base))
    right = 0 if not found[3] else _below_thousand(found[3], base)
    if not left or left >= _THOUSAND or right is None or (found[3] and (not right or scale != _THOUSAND)):
        return None
    return left * scale + right


_THOUSAND: Final = 1000


def _below_thousand(key: str, base: str) -> int | None:
    """Return the value of a number word below a thousand; None for all else."""
    hundreds, parts = _hundreds(base), _parts(base)
    listed = parts.get(key, hundreds.get(key))
    found = _patterns(base)[0].fullmatch(key) if listed is None else None
    if found is None:
        return listed
    rest = parts.get(found[2])
    return None if rest is None else hundreds[found[1] if found[1] in hundreds else f"{found[1]}o"] + rest
