"""Measure the school year at which patients' texts are read, in each language by the formula made for it.

English is held to a grade (`readability`). The formulas of the other languages were made on books, not on messages:
what they tell shows which translation to read again, and nobody is refused by it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from flows.check.readability import neutral, sentences
from flows.formats.po_files import read_po_file, strings_of, texts_of
from flows.heavy_packages import load
from flows.i18n.catalogs import FUZZY, SHIPPED, languages_in, translation_path
from flows.i18n.extraction import flow_domain
from flows.i18n.localized_program import FOLDER
from flows.script.loader import library, load_flow
from flows.script.model import Flow, Role

FORMULAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "word length",
        "de": "Wiener Sachtextformel 1",
        "en": "Flesch-Kincaid",
        "es": "Crawford",
        "fr": "Kandel-Moles",
        "it": "Gulpease",
        "pt": "Martins (Flesch)",
    }
)
"""Language -> the name of its formula. docs/why/reading-grade.md says where each comes from."""
LONG: Final = 10
"""Words. In a text of fewer one long word makes a grade of its own."""
_SYLLABLES: Final = {"de": "de_DE", "en": "en_US", "es": "es", "fr": "fr", "it": "it_IT", "pt": "pt_PT"}
"""Language -> the rules of hyphenation by which textstat counts its syllables."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_YEARS_OF_EASE: Final = (
    (100.0, 4.0),
    (90.0, 5.0),
    (80.0, 6.0),
    (70.0, 7.0),
    (60.0, 8.5),
    (50.0, 11.0),
    (30.0, 14.0),
)
"""Flesch's own table: what a score of ease is in school years (Flesch, How to write plain English, 1979)."""
_YEARS_OF_GULPEASE: Final = ((100.0, 2.0), (80.0, 5.0), (60.0, 8.0), (40.0, 13.0))
"""From which score on a text is read with the elementary, the middle and the high school's diploma."""


@dataclass(frozen=True, slots=True)
class ReadingGrade:
    """At which school year a script for patients is read in one language."""

    language: str
    script: str
    texts: int
    """How many of its texts are finished in that language."""
    grade: float
    """Of all its texts together."""
    hardest: float
    """Of its hardest text of `LONG` words or more."""
    where: str
    """The step of that text, such as `patient_interview:a5.text`."""
    formula: str


def reading_grades(paths: Iterable[Path] | None = None) -> list[ReadingGrade]:
    """Return the grades of the scripts for patients, by script and language, the script's own language first.

    Of the shipped scripts (None), or of those of these files with the translations beside them. Languages without a
    formula are left out.

    Raises:
        TranslationError: A PO file cannot be read.
        FlowError: A script cannot be read.
    """
    if paths is None:
        flows = [(flow, SHIPPED) for flow in library().values()]
    else:
        flows = [(load_flow(file), file.parent / FOLDER) for file in paths]
    return [
        _grade_of(flow.flow, language, texts)
        for flow, folder in flows
        if {Role.PATIENT, Role.CARER} & set(flow.audience)
        for language, texts in _texts(flow, folder)
        if texts and language.partition("-")[0] in FORMULAS
    ]


def _texts(flow: Flow, folder: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each language of a script with its finished messages by context."""
    own = {
        entry.context: entry.texts[0]
        for entry in flow_domain(flow).entries
        if entry.context.endswith(".text")
    }
    yield flow.language, own
    for language in languages_in(folder):
        path = translation_path(folder, language, flow.flow)
        if language != flow.language and path.exists():
            yield (
                language,
                {
                    message.context: strings_of(message)[0]
                    for message in read_po_file(path)
                    if message.context in own
                    and own[message.context] == texts_of(message)[0]
                    and strings_of(message)[0]
                    and FUZZY not in message.flags
                },
            )


def _grade_of(script: str, language: str, texts: Mapping[str, str]) -> ReadingGrade:
    """Measure the texts of a script together, and the hardest of them."""
    name = language.partition("-")[0]
    long = {context: text for context, text in texts.items() if len(_WORD.findall(text)) >= LONG} or texts
    hardest, where = max((grade_in(text, name), context) for context, text in long.items())
    whole = grade_in("\n".join(texts.values()), name)
    return ReadingGrade(
        language, script, len(texts), round(whole, 1), round(hardest, 1), where, FORMULAS[name]
    )


def grade_in(text: str, language: str) -> float:
    """Return the school year at which a text is read, at least 1; each placeholder counts as a short word.

    Raises:
        KeyError: There is no formula for the language.
    """
    plain = neutral(text)
    words = len(_WORD.findall(plain)) or 1
    in_a_sentence = words / (sum(map(sentences, text.split("\n"))) or 1)
    match language:
        case "ar":
            years = 4.414 * sum(map(len, _WORD.findall(_without_vowels(plain)))) / words - 13.468
        case "de":
            years = _counter("de").wiener_sachtextformel(plain, 1)
        case "it":
            letters = sum(map(len, _WORD.findall(plain)))
            years = _years(89 + 300 / in_a_sentence - 10 * letters / words, _YEARS_OF_GULPEASE)
        case "en":
            years = _counter("en").flesch_kincaid_grade(plain)
        case _:
            years = _by_syllables(_counter(language).syllable_count(plain) / words, in_a_sentence, language)
    return max(1.0, float(years))


def _by_syllables(in_a_word: float, in_a_sentence: float, language: str) -> float:
    """Return the school year by syllables in a word and words in a sentence, in Spanish, French or Portuguese."""
    if language == "es":
        return 4.9 * in_a_word - 20.5 / in_a_sentence - 3.407
    base, weight = {"fr": (207.0, 73.6), "pt": (248.835, 84.6)}[language]
    return _years(base - 1.015 * in_a_sentence - weight * in_a_word, _YEARS_OF_EASE)


def _years(score: float, table: Sequence[tuple[float, float]]) -> float:
    """Return the school years of a score between the rows of a table, and beyond them along its first or last rows."""
    for (high, least), (low, most) in pairwise(table):
        if score >= low or low == table[-1][0]:
            return least + (high - score) * (most - least) / (high - low)
    raise AssertionError("a table has two rows")


def _without_vowels(text: str) -> str:
    """Return an Arabic text without the marks of short vowels, which are letters of no word."""
    return re.sub(r"[\u064b-\u0652\u0670]", "", text)


@cache
def _counter(language: str) -> Any:
    """Return a textstat of its own that counts the syllables of a language."""
    made = type(load("textstat").textstat)()
    made.set_lang(_SYLLABLES[language])
    return made
