"""Read what people ask the bot: who reads this, how long it takes, why it asks. A closed set, in every language.

Precise rather than wide: a sentence is one of these questions only if one pattern of `flows/library/inquiries` covers
all of it, but for words that change nothing. An answer that merely holds such words ('nobody told me who reads it') is
an answer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import Field
from rapidfuzz.distance import OSA

from flows.formats.yaml_source import read_source
from flows.parsing.substance import has_substance
from flows.parsing.vocabulary import base_of, languages, phrases
from flows.script.model import FrozenModel
from flows.text.emoji import without_emoji
from flows.text.folding import fold


class Inquiry(StrEnum):
    """Name what people ask the bot. Where two fit, the one that is named first here is meant."""

    WHO_ARE_YOU = auto()
    BOSS_OR_DOCTOR = auto()
    WHO_READS = auto()
    ANONYMOUS = auto()
    WHAT_SAID = auto()
    CALL_ME = auto()
    WHAT_HAPPENS = auto()
    WHEN_AGAIN = auto()
    HOW_LONG = auto()
    WHY = auto()
    MEDICAL = auto()
    HELLO = auto()
    THANKS = auto()


SOCIAL: Final = frozenset({Inquiry.HELLO, Inquiry.THANKS})
"""What asks nothing: beside a question or a story it is courtesy, and no inquiry of its own."""

FOLDER: Final = Path(__file__).parents[1] / "library" / "inquiries"
_LONGEST: Final = 400
"""Characters of a message. What is longer is a story."""
_MOST_WORDS: Final = 18
"""In one sentence."""
_SHORTEST_SLIP: Final = 5
"""Letters. In a shorter word a slip makes another word."""
_ENDS: Final = re.compile(r"(?<=[.!?\u061f\u2026;])(?<!\d\.)\s+|\n+")
_QUESTION_MARKS: Final = ("?", "\u061f")
_GAPS: Final = {"..": 3, "...": 7}
"""How many words whatever a gap of a pattern may stand for."""


class Inquired(NamedTuple):
    """Hold what a message asks, each once, in its order; and the other sentences in it, '' for none."""

    inquiries: tuple[Inquiry, ...]
    rest: str


class InquiryFile(FrozenModel):
    """The questions of a language as its file has them; en.yaml says how they are written."""

    asking: str = ""
    fillers: str = ""
    around: str = ""
    leads: str = ""
    tails: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    asks: dict[Inquiry, str] = Field(default_factory=dict)
    """The patterns of each, one a line."""


class _Question(NamedTuple):
    """Hold how a question is recognized: in a sentence with a question mark, and in one without."""

    inquiry: Inquiry
    marked: re.Pattern[str]
    unmarked: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The questions of one language, ready to match: see `_patterns`."""

    questions: tuple[_Question, ...]
    known: frozenset[str]
    """The words of all patterns."""
    stems: tuple[str, ...]


def read_inquiries(text: str, language: str) -> Inquired | None:
    """Return what a message asks the bot; None where it asks nothing of the closed set.

    It is read in the conversation's language first, then in each other one. Greetings and thanks count only where they
    are all of the message.
    """
    if len(text) > _LONGEST or not any(map(str.isalpha, text)):
        return None
    names = dict.fromkeys((base_of(language), *languages()))
    return next((found for name in names if (found := _read_in(text, name)) is not None), None)


def _read_in(text: str, language: str) -> Inquired | None:
    """Read a message by the questions of one language."""
    found: dict[Inquiry, None] = {}
    rest: list[str] = []
    for sentence in filter(str.strip, _ENDS.split(text)):
        clause, before = _asking_clause(sentence, language)
        if clause is None:
            rest.append(sentence)
        else:
            found[clause] = None
            if before:
                rest.append(before)
    telling = " ".join(one.strip() for one in rest if has_substance(one, language))
    asked = tuple(one for one in found if one not in SOCIAL)
    if asked:
        return Inquired(asked, telling)
    return Inquired(tuple(found)[-1:], "") if found and not rest else None


def _asking_clause(sentence: str, language: str) -> tuple[Inquiry | None, str]:
    """Return what a sentence asks, and what it says before that; (None, '') where it asks nothing.

    With a question mark its last clause may ask alone: 'I forgot what I said, can you show me my answers?'
    """
    whole = _meant(sentence, language)
    if whole is not None or not sentence.rstrip().endswith(_QUESTION_MARKS):
        return whole, ""
    clauses = re.split(r"[,\u060c:]\s+", sentence)
    last = _meant(clauses[-1], language) if len(clauses) > 1 else None
    if last is None or last in SOCIAL:
        return None, ""
    return last, ", ".join(one for one in clauses[:-1] if _meant(one, language) not in SOCIAL)


def _meant(sentence: str, language: str) -> Inquiry | None:
    """Return which question a sentence is in a language; None for none."""
    patterns = _patterns(language)
    tokens = fold(without_emoji(sentence)).split()
    if not 0 < len(tokens) <= _MOST_WORDS:
        return None
    is_marked = sentence.rstrip().endswith(_QUESTION_MARKS)
    for words in dict.fromkeys((tuple(tokens), tuple(_corrected(word, language) for word in tokens))):
        line = "".join(f"{word} " for word in words)
        for question in patterns.questions:
            if (question.marked if is_marked else question.unmarked).fullmatch(line):
                return question.inquiry
    return None


@lru_cache(maxsize=4096)
def _corrected(word: str, language: str) -> str:
    """Return the word of a pattern that this one misspells by one slip; the word itself where there is none."""
    patterns = _patterns(language)
    if len(word) < _SHORTEST_SLIP or word in patterns.known or word.startswith(patterns.stems):
        return word
    near = (
        known
        for known in sorted(patterns.known)
        if len(known) >= _SHORTEST_SLIP and OSA.distance(word, known, score_cutoff=1) == 1
    )
    return next(near, word)


@cache
def _patterns(language: str) -> _Patterns:
    """Read and compile the file of a language."""
    file = InquiryFile.model_validate(read_source(FOLDER / f"{language}.yaml").value)
    groups = {name: _one_of(phrases(text)) for name, text in file.words.items()}
    questions = tuple(
        _question(inquiry, file, groups) for inquiry in Inquiry if file.asks.get(inquiry, "").strip()
    )
    listed = [*file.words.values(), file.around, file.fillers, file.leads, file.tails]
    written = {word for text in listed for phrase in phrases(text) for word in phrase.split()}
    stems = []
    for part in _parts(file.asks):
        folded = fold(part.replace("_", " "))
        if part.endswith("*"):
            stems.append(folded)
        else:
            written.update(folded.split())
    return _Patterns(questions, frozenset(written), tuple(stems))


def _question(inquiry: Inquiry, file: InquiryFile, groups: Mapping[str, str]) -> _Question:
    """Compile the patterns of one question.

    Courtesy stands round no greeting and thanks, which are some. 'I want to know' stands before no medical question:
    what people want to know of their illness is an answer.
    """
    fillers = phrases(file.fillers)
    before = after = fillers
    if inquiry not in SOCIAL:
        before, after = before | phrases(file.around), after | phrases(file.around) | phrases(file.tails)
    if inquiry not in (*SOCIAL, Inquiry.MEDICAL):
        before |= phrases(file.leads)
    lines = file.asks[inquiry].splitlines()
    written = {line: _sequence(line, groups, _any_of(fillers)) for line in lines}
    exact = "|".join(text for line, text in written.items() if _GAPS.keys().isdisjoint(line.split()))
    asking = f"(?={_one_of(phrases(file.asking))})" if file.asking else ""
    open_ended = "|".join(text for line, text in written.items() if not _GAPS.keys().isdisjoint(line.split()))
    either = f"(?:{exact or '(?!)'}|{asking}(?:{open_ended or '(?!)'}))"
    whole = f"(?:{'|'.join(written.values())})"
    head, tail = _any_of(before), _any_of(after)
    return _Question(inquiry, re.compile(head + whole + tail), re.compile(head + either + tail))


def _parts(asks: Mapping[Inquiry, str]) -> Iterator[str]:
    """Yield each word or phrase that patterns name, without the names of groups and the gaps."""
    for element in " ".join(asks.values()).split():
        if element not in _GAPS:
            yield from (part for part in element.strip("[]").split("/") if not part.startswith("<"))


def _sequence(pattern: str, groups: Mapping[str, str], fillers: str) -> str:
    """Return a pattern as a regular expression over words that end with a space each, with `fillers` between them.

    Raises:
        KeyError: It names a group of words that there is not; a test finds it.
    """
    return fillers.join(_element(one, groups) for one in pattern.split())


def _element(element: str, groups: Mapping[str, str]) -> str:
    """Return one element of a pattern as a regular expression."""
    if element in _GAPS:
        return rf"(?:\S+ ){{0,{_GAPS[element]}}}?"
    wanted = "|".join(
        groups[part.strip("<>")] if part.startswith("<") else _word(part)
        for part in element.strip("[]").split("/")
    )
    return f"(?:{wanted})?" if element.startswith("[") else f"(?:{wanted})"


def _word(part: str) -> str:
    """Return a word, a phrase joined by '_' or a stem with '*' as a regular expression."""
    folded = re.escape(fold(part.replace("_", " ")))
    return rf"{folded}\S* " if part.endswith("*") else f"{folded} "


def _any_of(listed: frozenset[str]) -> str:
    """Return phrases as a regular expression for any number of them, also none."""
    return f"(?:{_one_of(listed)})*" if listed else ""


def _one_of(listed: frozenset[str]) -> str:
    """Return phrases as a regular expression for one of them, the longest first."""
    return "|".join(f"{re.escape(one)} " for one in sorted(listed, key=lambda one: (-len(one), one)))
