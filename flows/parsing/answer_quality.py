"""What a probe's rule may see of an answer: how many words, whether a reason is given, how specific it is.

Rule-based hints for one further question, and never a judgement that is stored: the coordinator's rating is
that. The four points of specificity are who, what, when and measure. The rules are data, a file a language:
`flows/library/features/<language>.yaml`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import regex

from flows.formats.yaml_source import read_source
from flows.script.model import FrozenModel

_WORD: Final = regex.compile(r"\b\w.*?\b", regex.WORD | regex.V1 | regex.DOTALL)
"""Words by Unicode's default boundaries (UAX 29): `don't` and `3.5` are one word each."""


FOLDER: Final = Path(__file__).parents[1] / "library" / "features"


class QualityRuleFile(FrozenModel):
    """The rules of a language as its file has them; what each key is for stands in the file."""

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
    """The rules of one language: patterns that are looked for in text as `plain` makes it."""

    reason: re.Pattern[str]
    points: tuple[re.Pattern[str], ...]
    """Who, what, when, measure."""


_LETTERS: Final = str.maketrans(
    {"\u0629": "\u0647", "\u0649": "\u064a", "\u0640": "", "ß": "ss", "ø": "o", "œ": "oe", "\u2019": "'"}
)
"""As `flows.text.folding` has them. Punctuation stays here: it keeps apart what does not belong together."""


def plain(text: str) -> str:
    """The text in lower case, without accents and vowel signs, a letter always in the same form."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _any(alternatives: str, file: QualityRuleFile, *, endings: str = "") -> str:
    """One of the alternatives as whole words, each with one of the endings."""
    for name, part in file.parts.items():
        alternatives = alternatives.replace(f"{{{name}}}", f"(?:{part})")
    parts = (plain(part).replace("'", "'?") for part in alternatives.split(" | "))
    return rf"\b{plain(file.starts)}(?:{'|'.join(parts)}){endings}\b"


@cache
def ruled_languages() -> frozenset[str]:
    """The languages that have rules."""
    return frozenset(path.stem for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=64)
def _rules(language: str) -> QualityRules | None:
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
    """The words of a text by Unicode's word boundaries; signs and emoji are none."""
    return sum(1 for _ in _WORD.finditer(text))


def has_reason(text: str, language: str) -> bool:
    """Whether the words say why. True in a language without rules, so that nobody is asked for what cannot
    be seen.
    """
    rules = _rules(language)
    return rules is None or rules.reason.search(plain(text)) is not None


def specificity(text: str, language: str) -> int:
    """0 to 4, one point each for who, what, when and a measure. 4 in a language without rules, as in
    `has_reason`.
    """
    rules = _rules(language)
    seen = plain(text)
    return 4 if rules is None else sum(point.search(seen) is not None for point in rules.points)


QUALITIES: Final[Mapping[str, Callable[[str, str], Any]]] = MappingProxyType(
    {
        "answer": lambda text, _language: text,
        "words": lambda text, _language: count_words(text),
        "has_reason": has_reason,
        "specificity": specificity,
    }
)
"""The names that a probe's rule may use, each from an answer and its language; most rules use one or two."""


def qualities(text: str, language: str) -> dict[str, Any]:
    """All of `QUALITIES` of one answer."""
    return {name: of(text, language) for name, of in QUALITIES.items()}
