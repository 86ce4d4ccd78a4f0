"""What a probe's rule may see of an answer: how many words, whether a reason is given, how specific it is.

Rule-based hints for one further question, and never a judgement that is stored: the coordinator's rating is
that. The four points of specificity are who, what, when and measure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import regex

_WORD: Final = regex.compile(r"\b\w.*?\b", regex.WORD | regex.V1 | regex.DOTALL)
"""Words by Unicode's default boundaries (UAX 29): `don't` and `3.5` are one word each."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one language: patterns that are looked for in lower-case text."""

    reason: re.Pattern[str]
    points: tuple[re.Pattern[str], ...]
    """Who, what, when, measure."""


def _any(alternatives: str, endings: str = "") -> str:
    """One of the alternatives (patterns, with commas between) as whole words, each with one of the
    endings.
    """
    parts = (" ".join(part.split()).replace("'", "['\u2019]?") for part in alternatives.split(","))
    return rf"\b(?:{'|'.join(part for part in parts if part)}){endings}\b"


_MONTH: Final = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn"
    ")"
)
_DAY: Final = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_COUNT: Final = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half|all)"

_ENGLISH_REASON: Final = _any(
    rf"""because, cos, coz, cuz, so that, so (?:i|we|you|they|he|she|it|my|our|patients|people|nobody|no
    one), in order to, since (?!\d|then|last|{_MONTH}|{_DAY}|my|the|diagnosis|i was), due to, owing to,
    therefore, otherwise, as a result, that's why, that is why, this is why, which is why, the reason, to
    avoid, to prevent, to make sure, to ensure, to reduce, to help, to protect, to catch, to keep, as
    (?:i|we|they|it) (?:was|were|am|are|is|have|had|could|need)"""
)
_ENGLISH_WHO: Final = _any(
    r"""patients?, people, persons?, wom[ae]n, m[ae]n, child(?:ren)?, kids, bab(?:y|ies), infants?, adults?,
    elderly, teenagers?, adolescents?, famil(?:y|ies), carers?, caregivers?, clients?, residents?,
    inpatients?, outpatients?, smokers?, diabetics?, survivors?, (?:everyone|anyone|those|all)
    (?:with|over|under|on|who|aged), new referrals, new cases, (?:in|at|on|to) (?:the|our|my|every) (?:[\w-]+
    )?(?:clinic|ward|practice|unit|surgery|hospital|pharmacy), (?:in|at|on|to) (?:the|our|my|every) (?:[\w-]+
    )?(?:department|office|team|round|meeting)"""
)
_ENGLISH_WHAT: Final = _any(
    """ask, check, screen, refer, prescrib, order, offer, explain, discuss, review, measur, test, us(?=e|i),
    giv,
    start, stopp?, switch, reduc, increas, titrat, monitor, record, document, writ, call, phon, ring, send,
    book, arrang, schedul, examin, counsel, teach, train, show, tell, inform, assess, add, adjust, taper,
    vaccinat, immuni[sz], hand out, print, invit, listen to, set up, run(?:n)?, hold, perform, tak, calculat,
    scor, audit, deprescrib, recommend, advis, talk (?:to|with|about|through), repeat, avoid, includ,
    introduc, draw up, shar, complet, fill in, follow up, do (?!more|better|less|it|that|this|so|not|my
    best|what|things)""",
    "(?:e|s|es|ing|ed)?",
)
_ENGLISH_WHEN: Final = _any(
    rf"""when(?:ever)?, every, each, before, after, during, daily, weekly, monthly, as soon as, once, within,
    today, tomorrow, starting, at (?:the
    )?(?:first|next|start|end|diagnosis|discharge|admission|baseline|annual|follow), routinely, on
    (?:admission|discharge|day \d+|{_DAY}), from (?:now|today|tomorrow|next|{_DAY}), by (?:the
    end|next|{_MONTH}), in (?:{_MONTH}|\d+ (?:days|weeks|months)), next (?:week|month|clinic|visit|{_DAY}),
    this (?:week|month), {_DAY}, if (?:a|an|the|they|i|we|someone|their|his|her|it)"""
)
_ENGLISH_MEASURE: Final = (
    r"\d\s?%|"
    + _any(rf"per ?cent, {_COUNT} (?:out )?of (?:\d+|ten|my|our|them|the)")
    + "|"
    + _any(
        rf"(?:at least|no more than|fewer than|less than|more than|up to) {_COUNT},"
        rf" {_COUNT} (?:patients|people|charts)"
    )
    + "|"
    + _any(
        r"""audit(?:ed|ing|s)?, count(?:ed|ing|s)?, track(?:ed|ing|s)?, tally, tick(?:ed|ing)? off, chart
        review, register, dashboard, measured by, (?:i|we) will know, (?:i'|we')ll know, shown by,
        spreadsheet, checklist, log(?:ged|ging)?, score (?:below|above|under|over), target"""
    )
)

_BY_LANGUAGE: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {"en": (_ENGLISH_REASON, (_ENGLISH_WHO, _ENGLISH_WHAT, _ENGLISH_WHEN, _ENGLISH_MEASURE))}
)


@lru_cache(maxsize=64)
def _rules(language: str) -> Rules | None:
    patterns = _BY_LANGUAGE.get(language) or _BY_LANGUAGE.get(language.partition("-")[0])
    if patterns is None:
        return None
    reason, points = patterns
    return Rules(re.compile(reason), tuple(map(re.compile, points)))


def count_words(text: str) -> int:
    """The words of a text by Unicode's word boundaries; signs and emoji are none."""
    return sum(1 for _ in _WORD.finditer(text))


def has_reason(text: str, language: str) -> bool:
    """Whether the words say why. True in a language without rules, so that nobody is asked for what cannot
    be seen.
    """
    rules = _rules(language)
    return rules is None or rules.reason.search(text.lower()) is not None


def specificity(text: str, language: str) -> int:
    """0 to 4, one point each for who, what, when and a measure. 4 in a language without rules, as in
    `has_reason`.
    """
    rules = _rules(language)
    lowered = text.lower()
    return 4 if rules is None else sum(point.search(lowered) is not None for point in rules.points)


FEATURES: Final[Mapping[str, Callable[[str, str], Any]]] = MappingProxyType(
    {
        "answer": lambda text, _language: text,
        "words": lambda text, _language: count_words(text),
        "has_reason": has_reason,
        "specificity": specificity,
    }
)
"""The names that a probe's rule may use, each from an answer and its language; most rules use one or two."""


def features(text: str, language: str) -> dict[str, Any]:
    """All of `FEATURES` of one answer."""
    return {name: of(text, language) for name, of in FEATURES.items()}
