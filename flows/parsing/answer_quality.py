"""Measure what a probe's rule may look at in an answer: its words, whether it gives a reason, how specific it is.

These are hints of rules for asking one further question and for a column of exports, and never a judgement that is
stored: the coordinator's rating is that. The four points of specificity are who, what, when and measure. The rules are
data, one file a language: `flows/library/features/<language>.yaml`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from flows.formats.yaml_source import read_source
from flows.heavy_packages import load
from flows.script.model import FrozenModel
from flows.text.emoji import with_emoji

FOLDER: Final = Path(__file__).parents[1] / "library" / "features"


class QualityRuleFile(FrozenModel):
    """The rules of a language for the quality of an answer, as its file has them; the file explains each key."""

    starts: str = ""
    endings: str = ""
    parts: dict[str, str]
    reason: str
    who: str
    what: str
    when: str
    measure: str


@dataclass(frozen=True, slots=True)
class QualityRules:
    """The rules of one language for the quality of an answer: patterns to search for in its `plain` text."""

    reason: re.Pattern[str]
    points: tuple[re.Pattern[str], ...]
    """Who, what, when, measure."""


_LETTERS: Final = str.maketrans(
    {"\u0629": "\u0647", "\u0649": "\u064a", "\u0640": "", "ß": "ss", "ø": "o", "œ": "oe", "\u2019": "'"}
)
"""As `flows.text.folding` has them. Punctuation stays here: it keeps apart what does not belong together."""


def plain(text: str) -> str:
    """Return a text as the rules for the quality of answers compare it.

    In lower case, without accents and vowel signs, each letter in one form.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _any(alternatives: str, file: QualityRuleFile, *, endings: str = "") -> str:
    """Build a pattern that matches one of the alternatives as whole words, each with one of the endings.

    Alternatives are separated by ' | '; `{name}` stands for a part that the file defines.
    """
    for name, part in file.parts.items():
        alternatives = alternatives.replace(f"{{{name}}}", f"(?:{part})")
    parts = (plain(part).replace("'", "'?") for part in alternatives.split(" | "))
    return rf"\b{plain(file.starts)}(?:{'|'.join(parts)}){endings}\b"


@cache
def ruled_languages() -> frozenset[str]:
    """Return the languages that have rules for the quality of answers."""
    return frozenset(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=64)
def _rules(language: str) -> QualityRules | None:
    """Load the rules of a language or of its base ('es' for 'es-MX'); None where there are none."""
    name = next((name for name in (language, language.partition("-")[0]) if name in ruled_languages()), None)
    if name is None:
        return None
    file = QualityRuleFile.model_validate(read_source(FOLDER / f"{name}.yaml").value)
    what = _any(file.what, file, endings=file.endings)
    points = (
        _any(file.who, file),
        what,
        _any(file.when, file),
        rf"\d\s?[%\u066a]|{_any(file.measure, file)}",
    )
    return QualityRules(re.compile(_any(file.reason, file)), tuple(map(re.compile, points)))


def count_words(text: str) -> int:
    """Count the words of a text by Unicode's word boundaries; signs and emoji, by name too, are not counted."""
    named = with_emoji(text, unknown=" ")
    parts = named.split() if named.isascii() else []
    if parts and all(part.rstrip(_AFTER_WORDS).isalnum() for part in parts):
        return len(parts)  # as the pattern would count, and most answers are written so
    return sum(1 for _ in _word().finditer(named))


@cache
def _word() -> Any:
    """Return the pattern of words by Unicode's default boundaries (UAX 29): `don't` and `3.5` are one word each."""
    regex = load("regex")
    return regex.compile(r"\b\w.*?\b", regex.WORD | regex.V1 | regex.DOTALL)


_AFTER_WORDS: Final = ".,;!?"


def has_reason(text: str, language: str) -> bool:
    """Tell whether an answer says why.

    True in a language without rules, so that nobody is asked for what cannot be seen.
    """
    rules = _rules(language)
    return rules is None or rules.reason.search(plain(text)) is not None


def specificity(text: str, language: str) -> int:
    """Count which of who, what, when and measure an answer says: 0 to 4.

    4 in a language without rules, so that nobody is asked for what cannot be seen.
    """
    return sum(points(text, language))


def known_specificity(text: str, language: str) -> int | None:
    """Return the points of `specificity`, for a figure; None for no words, and in a language without rules."""
    return specificity(text, language) if text.strip() and _rules(language) is not None else None


def points(text: str, language: str) -> tuple[bool, bool, bool, bool]:
    """Return whether an answer says who, what, when and measure, in this order.

    All four in a language without rules, so that nobody is asked for what cannot be seen.
    """
    rules = _rules(language)
    if rules is None:
        return True, True, True, True
    seen = plain(text)
    who, what, when, measure = (point.search(seen) is not None for point in rules.points)
    return who, what, when, measure


def says_what(text: str, language: str) -> bool:
    """Tell whether an answer names an act: something that can be seen being done."""
    return points(text, language)[1]


QUALITIES: Final[Mapping[str, Callable[[str, str], Any]]] = MappingProxyType(
    {
        "answer": lambda text, _language: text,
        "words": lambda text, _language: count_words(text),
        "has_reason": has_reason,
        "specificity": specificity,
        "says_who": lambda text, language: points(text, language)[0],
        "says_what": says_what,
        "says_when": lambda text, language: points(text, language)[2],
        "says_measure": lambda text, language: points(text, language)[3],
    }
)
"""The names that a probe's rule may use, each from an answer and its language; most rules use one or two."""


def qualities(text: str, language: str) -> dict[str, Any]:
    """Return all that a probe's rule may look at in one answer, by name.

    Its text (`answer`), number of words (`words`), `has_reason` (a truth value), `specificity` (0 to 4), and its points
    `says_who`, `says_what`, `says_when` and `says_measure` (truth values).
    """
    return {name: of(text, language) for name, of in QUALITIES.items()}
