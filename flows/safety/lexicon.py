"""Load the lexicons of the safety scan, one file a language under flows/library/lexicon/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flows.formats.yaml_source import read_source
from flows.safety.patterns import Pattern, PatternElement, PatternIndex, build_index, read_pattern
from flows.safety.tokens import PRODUCT, fold_word

LEXICONS: Final = Path(__file__).parents[1] / "library" / "lexicon"
SHIPPED: Final = ("en", "es", "fr", "de", "it", "pt", "ar")
_WORD_LISTS = frozenset({"negators", "denials", "fillers", "ordinary", "common"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns of some languages, with the words before a pattern that deny it (`negators`, by language).

    `fillers` are words that may stand between the two.
    """

    index: PatternIndex
    negators: Mapping[str, frozenset[str]]
    denials: frozenset[str]
    """Words that deny what stands before them where they end a part of a sentence: `side effects: none`."""
    denying: frozenset[str]
    """All negators and denials: a text without any of them denies nothing."""
    fillers: frozenset[str]
    common: Mapping[str, frozenset[str]]
    """The common words of the languages, each with those in which it is one."""
    short: Mapping[str, tuple[str, ...]]
    """What people write for a word when in a hurry: `nn` for `non`."""

    def negating(self, language: str, main: str | None) -> frozenset[str]:
        """Return the words that deny in one language and in the text's; in all, where the text's is not known."""
        if main is None:
            return frozenset[str]().union(*self.negators.values())
        own = self.negators.get(main, _NONE)
        return own if language == main else own | self.negators.get(language, _NONE)


_NONE: Final = frozenset[str]()


@lru_cache(maxsize=32)
def lexicon(languages: tuple[str, ...]) -> Lexicon:
    """Load the lexicons of the languages as one.

    Regions are looked through ('pt-BR' is 'pt'); a language that has no lexicon adds nothing.
    """
    bases = sorted({language.partition("-")[0] for language in languages} & set(SHIPPED))
    files = [_read(base) for base in bases]
    return Lexicon(
        build_index(
            (pattern for file in files for pattern in file.patterns),
            (word for file in files for word in file.words["ordinary"]),
        ),
        {file.language: file.words["negators"] for file in files},
        frozenset(word for file in files for word in file.words["denials"]),
        frozenset(word for file in files for word in file.words["denials"] | file.words["negators"]),
        frozenset(word for file in files for word in file.words["fillers"]),
        _common(files),
        _short(files),
    )


@dataclass(frozen=True, slots=True)
class _LexiconFile:
    """The lexicon of one language, as read."""

    language: str
    patterns: tuple[Pattern, ...]
    words: dict[str, frozenset[str]]
    short: tuple[tuple[str, str], ...]


def _common(files: Sequence["_LexiconFile"]) -> Mapping[str, frozenset[str]]:
    """Map each common word to the languages in which it is one."""
    languages: dict[str, set[str]] = {}
    for file in files:
        for word in file.words["common"]:
            languages.setdefault(word, set()).add(file.language)
    return {word: frozenset(theirs) for word, theirs in languages.items()}


def _short(files: Sequence[_LexiconFile]) -> Mapping[str, tuple[str, ...]]:
    """Map what people write in a hurry to the words it stands for."""
    words: dict[str, tuple[str, ...]] = {}
    for file in files:
        for written, meant in file.short:
            words[written] = (*words.get(written, ()), meant)
    return words


@lru_cache(maxsize=len(SHIPPED))
def _read(language: str) -> _LexiconFile:
    """Read the lexicon of a language."""
    families: dict[str, str] = read_source(LEXICONS / f"{language}.yaml").value
    words = {
        name: frozenset(fold_word(word) for word in families.get(name, "").split()) for name in _WORD_LISTS
    }
    macros = {"medicine": _macro(_lines(families["medicine"])), "item": _macro(_lines(families["item"]))}
    patterns = tuple(
        read_pattern(line, family, language, macros)
        for family, text in families.items()
        if family not in _WORD_LISTS and family != "short"
        for line in _lines(text)
    )
    short = (pair.rstrip(",").split("=") for pair in families.get("short", "").split())
    return _LexiconFile(
        language, patterns, words, tuple((fold_word(written), fold_word(meant)) for written, meant in short)
    )


def _lines(text: str) -> Sequence[str]:
    """Split a family at commas and line ends."""
    return [line.strip() for line in text.replace("\n", ",").split(",") if line.strip()]


def _macro(lines: Sequence[str]) -> PatternElement:
    """Make what `{medicine}` stands for: the single words of the family, and any product of the program."""
    options = [option for line in lines if " " not in line for option in line.split("/")]
    words = {fold_word(option) for option in options if not option.endswith("*")}
    stems = {fold_word(option[:-1]) + "*" for option in options if option.endswith("*")}
    return PatternElement(frozenset({PRODUCT} | words | stems))
