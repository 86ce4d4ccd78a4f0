"""Write the patterns of a language's questions as regular expressions over words that end with a space each."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Self

from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.inquiries.inquiry_file import GAPS, InquiryFile
from flows.parsing.vocabulary import phrases
from flows.text.folding import fold


@dataclass(frozen=True, slots=True)
class LanguageExpressions:
    """Hold what the expressions of a language share, each an expression itself.

    `groups` has the words of each name, `between` what may stand between two elements; `before` and `after` what may
    stand round the pattern of a question.
    """

    groups: Mapping[str, str]
    asking: str
    between: str
    before: Mapping[Inquiry, str]
    after: Mapping[Inquiry, str]

    @classmethod
    def of(cls, file: InquiryFile) -> Self:
        """Return those of a file."""
        fillers = phrases(file.fillers)
        groups = {name: _one_of(phrases(text)) for name, text in file.words.items()}
        before = {one: _any_of(fillers | _phrases_before(file, one)) for one in Inquiry}
        after = {one: _any_of(fillers | _phrases_after(file, one)) for one in Inquiry}
        asking = f"(?={_one_of(phrases(file.asking))})" if file.asking else ""
        return cls(groups, asking, _any_of(fillers), before, after)

    def compiled(self, inquiry: Inquiry, pattern: str, *, begins_by_asking: bool) -> re.Pattern[str]:
        """Compile a pattern for a whole sentence; if `begins_by_asking`, for one that begins as questions do."""
        middle = self.between.join(_element(one, self.groups) for one in pattern.split())
        asking = self.asking if begins_by_asking else ""
        return re.compile(f"{self.before[inquiry]}{asking}{middle}{self.after[inquiry]}")


def _phrases_before(file: InquiryFile, inquiry: Inquiry) -> AbstractSet[str]:
    """Return what may stand before a question.

    Courtesy stands round no greeting and thanks, which are some. 'I want to know' stands before no medical question:
    what people want to know of their illness is an answer.
    """
    if inquiry in SOCIAL:
        return frozenset()
    around = phrases(file.around)
    return around if inquiry is Inquiry.MEDICAL else around | phrases(file.leads)


def _phrases_after(file: InquiryFile, inquiry: Inquiry) -> AbstractSet[str]:
    """Return what may stand after a question."""
    return frozenset() if inquiry in SOCIAL else phrases(file.around) | phrases(file.tails)


def _element(element: str, groups: Mapping[str, str]) -> str:
    """Return one element of a pattern as a regular expression."""
    if element in GAPS:
        return rf"(?:\S+ ){{0,{GAPS[element]}}}?"
    wanted = "|".join(
        groups[part.strip("<>")] if part.startswith("<") else _word(part)
        for part in element.strip("[]").split("/")
    )
    return f"(?:{wanted})?" if element.startswith("[") else f"(?:{wanted})"


def _word(part: str) -> str:
    """Return a word, a phrase joined by '_' or a stem with '*' as a regular expression."""
    folded = re.escape(fold(part.replace("_", " ")))
    return rf"{folded}\S* " if part.endswith("*") else f"{folded} "


def _any_of(listed: AbstractSet[str]) -> str:
    """Return phrases as a regular expression for any number of them, also none."""
    return f"(?:{_one_of(listed)})*" if listed else ""


def _one_of(listed: AbstractSet[str]) -> str:
    """Return phrases as a regular expression for one of them, the longest first."""
    return "|".join(f"{re.escape(one)} " for one in sorted(listed, key=lambda one: (-len(one), one)))
