"""Load and compile the patterns of a language's questions: `flows/library/inquiries/<language>.yaml`, read once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from pydantic import Field

from flows.formats.yaml_source import read_shipped
from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.parsing.vocabulary import phrases
from flows.script.model import FrozenModel
from flows.text.folding import fold

SHORTEST_SLIP: Final = 5
"""Letters. In a shorter word a slip makes another word."""
FOLDER: Final = Path(__file__).parents[1] / "library" / "inquiries"
_MARKED: Final = "? "
"""Before a pattern that is a statement without a question mark."""
_NEVER: Final = "(?!)"
"""A regular expression that matches nothing."""
_GAPS: Final = {"..": 3, "...": 7}
"""How many words whatever a gap of a pattern may stand for."""


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


@dataclass(frozen=True)
class InquiryPatterns:
    """Hold how a question is recognized: in a sentence with a question mark, and in one without.

    Compiled when first matched, a tenth of a second each: most are never, see `reading`.
    """

    inquiry: Inquiry
    marked_text: str
    unmarked_text: str

    @cached_property
    def marked(self) -> re.Pattern[str]:
        """Return the pattern of a sentence with a question mark."""
        return re.compile(self.marked_text)

    @cached_property
    def unmarked(self) -> re.Pattern[str]:
        """Return the pattern of a sentence without one."""
        return re.compile(self.unmarked_text)


@dataclass(frozen=True, slots=True)
class LanguagePatterns:
    """The questions of one language, ready to match: see `patterns_in`."""

    questions: tuple[InquiryPatterns, ...]
    asking: frozenset[str]
    """The phrases that a question begins with."""
    known: frozenset[str]
    """The words of all patterns."""
    stems: tuple[str, ...]
    openers: frozenset[str]
    """The first words of `asking`."""
    misspelt: tuple[str, ...]
    """Those of `known` that are recognized with a slip, in order."""


@cache
def patterns_in(language: str) -> LanguagePatterns:
    """Read and compile the file of a language."""
    file = InquiryFile.model_validate(read_shipped(FOLDER / f"{language}.yaml").value)
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
    asking = phrases(file.asking)
    openers = frozenset(phrase.partition(" ")[0] for phrase in asking)
    misspelt = tuple(sorted(word for word in written if len(word) >= SHORTEST_SLIP))
    return LanguagePatterns(questions, asking, frozenset(written), tuple(stems), openers, misspelt)


def _question(inquiry: Inquiry, file: InquiryFile, groups: Mapping[str, str]) -> InquiryPatterns:
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
    written: dict[str, list[str]] = {"": [], "gap": [], "marked": []}
    for line in file.asks[inquiry].splitlines():
        pattern = line.removeprefix(_MARKED)
        is_open_ended = not _GAPS.keys().isdisjoint(pattern.split())
        kind = "marked" if pattern != line else "gap" if is_open_ended else ""
        written[kind].append(_sequence(pattern, groups, _any_of(fillers)))
    asking = f"(?={_one_of(phrases(file.asking))})" if file.asking else ""
    exact, open_ended = ("|".join(written[kind]) or _NEVER for kind in ("", "gap"))
    either = f"(?:{exact}|{asking}(?:{open_ended}))"
    whole = f"(?:{'|'.join(one for kind in written.values() for one in kind)})"
    head, tail = _any_of(before), _any_of(after)
    return InquiryPatterns(inquiry, head + whole + tail, head + either + tail)


def _parts(asks: Mapping[Inquiry, str]) -> Iterator[str]:
    """Yield each word or phrase that patterns name, without the names of groups and the gaps."""
    for element in " ".join(asks.values()).split():
        if element not in (*_GAPS, _MARKED.strip()):
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
