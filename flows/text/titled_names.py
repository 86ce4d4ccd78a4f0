"""Find names that stand behind a title: "Dr Brown", "Frau von Stein", "la Dra. Pérez", "الدكتورة سارة القحطاني".

Only a title makes a word a name here; there is no list of names by which others would be found. What is found is the
name without its title, so that it can still be read whose part somebody has: "Dr [name]".

A name has a capital letter. So have words that begin a sentence, and nouns in German: those that often stand behind a
title ("the Dr. She", "Frau Doktor", "meine Frau Krebs") are no names. Arabic has no capitals. There a word is a name
behind the short title, which is written to name somebody ("د. سامي"), and behind the whole word where it is a given
name: "الدكتور قال" is a doctor who said something.
"""

import re
from collections.abc import Iterator
from typing import Final

from flows.text.folding import fold
from flows.text.name_words import (
    ARABIC_GIVEN,
    ARABIC_NO_FAMILY,
    ARABIC_NO_NAMES,
    DISEASES,
    GERMAN_NOUNS,
    NO_NAMES,
    NOUN_BEFORE,
    PARTICLES,
)

SHORT_TITLES: Final = (
    "Dr", "Dr.in", "Dr. med", "Dre", "Dra", "Drª", "Dr.ª", "Mr", "Mrs", "Ms", "Mx", "Prof", "Prof.in", "Prof.ssa",
    "Profa", "Pr", "Sr", "Sra", "Srta", "Srª", "Sr.ª", "Dña", "Sig", "Sig.ra", "Sig.na", "Dott", "Dott.ssa", "Mme",
    "Mlle", "Hrn",
)  # fmt: skip
"""Titles that may be followed by a full stop."""
WHOLE_TITLES: Final = (
    "Doctor", "Professor", "Miss", "Nurse", "Frau", "Herr", "Herrn", "Doktor", "Señor", "Señora", "Señorita",
    "Doctora", "Don", "Doña", "Profesor", "Profesora", "Senhor", "Senhora", "Doutor", "Doutora", "Dona", "Professora",
    "Enfermeira", "Enfermeiro", "Enfermera", "Enfermero", "Signor", "Signora", "Signorina", "Dottor", "Dottore",
    "Dottoressa", "Professore", "Professoressa", "Madame", "Monsieur", "Mademoiselle", "Docteur", "Docteure",
    "Professeur", "Professeure",
)  # fmt: skip
"""Titles that are words of their own."""


def _any_of(titles: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(titles, key=len, reverse=True)))


_APOSTROPHE: Final = r"['\u2019]"
_TITLE: Final = re.compile(
    rf"(?<![\w@'\u2019-])(?:(?P<short>{_any_of(SHORT_TITLES)})(?:\.\s?|(?=[ \u00a0]))"
    rf"|(?P<whole>{_any_of(WHOLE_TITLES)})(?=[ \u00a0])|(?P<m>(?<!\d )(?<!\w\. )(?-i:M)\.)(?=[ \u00a0]))",
    re.IGNORECASE,
)
_WORD: Final = re.compile(
    rf"[ \u00a0]{{0,2}}(?P<word>[^\W\d_]+(?:(?:{_APOSTROPHE}|-)[^\W\d_]+)*)(?P<dot>\.?)"
)
_POSSESSIVE: Final = re.compile(rf"{_APOSTROPHE}s$", re.IGNORECASE)
_JOINED: Final = re.compile(rf"{_APOSTROPHE}|-")
_LOWER_NAMED: Final = frozenset({"mr", "mrs"})
"""Titles behind which a word is a name without a capital letter: they mean nothing else."""
_CAPITAL_ONLY: Final = frozenset({"ms", "mx", "miss", "pr", "hrn"})
"""Titles that are other words or signs without their capital letter or full stop."""
_PARTICLES_FIRST: Final = {"whole": frozenset({"van", "von", "zu"}), "short": PARTICLES, "m": PARTICLES}
"""What a name may begin with by its kind of title: "el doctor de Madrid" names a town."""
_CAPITAL_PARTICLES: Final = frozenset(
    {"Le", "La", "De", "Van", "Von", "Del", "Della", "Di", "Da", "El", "Al", "Ben", "Du"}
)
"""Some people write them so: "Mme Le Pen"."""
_TITLE_WORDS: Final = frozenset(
    word for title in (*SHORT_TITLES, *WHOLE_TITLES) for word in fold(title).split()
)
_NO_NAMES: Final = NO_NAMES | _TITLE_WORDS
_NO_NAMES_LATER: Final = _NO_NAMES | GERMAN_NOUNS
_NO_NAMES_FIRST: Final = {"m": _NO_NAMES | DISEASES, "frau": _NO_NAMES_LATER}
"""What is no name right behind some titles; behind the others a noun may well be one, as in "Herr Krebs"."""
_NO_FIRST_PARTS: Final = _NO_NAMES - PARTICLES - {"o", "d"}
"""What no name begins with before a hyphen or an apostrophe: Right-now, but not O'Neill or Al-Masri."""
_MOST_WORDS: Final = 3
_LONGEST_SIGN: Final = 4
"""Letters of a word in capitals that is no name: MRI, NHS."""
_BEFORE: Final = re.compile(r"([^\W\d_]+)[ \u00a0]+$")
_LONGEST_BEFORE: Final = 20

_ARABIC_WORD: Final = re.compile(r"[\u0621-\u065f\u0670]+")
_ARABIC_NEXT: Final = re.compile(r"[ \u00a0]{1,2}([\u0621-\u065f\u0670]+)")
_ARABIC_SHORT: Final = re.compile(r"(?<!\w)(?:[أا][./] ?)?د(?:\. ?|/ ?)([\u0621-\u065f\u0670]{2,})")
_ARABIC_TITLE: Final = re.compile(
    "[وف]?[بلك]?(?:ال|ل)?(?:دكتور|طبيب|استاذ|سيد|ممرض|بروفيسور|بروفسور)\u0647?|(?:ال)?(?:انس\u0647|مدام)"
)
"""Folded titles that are words."""
_SHORTEST_FAMILY: Final = 5


def titled_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the names behind titles stand in a text."""
    for match in _TITLE.finditer(text):
        found = _name_at(text, match) if _is_title(text, match) else None
        if found is not None:
            yield found
    if not text.isascii():
        yield from _arabic_names(text)


def _is_title(text: str, match: re.Match[str]) -> bool:
    """Return whether words are a title: not "MS" or "PR", nor "meine Frau"."""
    if match["m"]:
        return True
    title = match["short"] or match["whole"]
    if title.isupper():
        return False
    if title.islower() and title in _CAPITAL_ONLY and "." not in match[0]:
        return False
    before = _BEFORE.search(text[max(0, match.start() - _LONGEST_BEFORE) : match.start()])
    return match["whole"] is None or before is None or fold(before[1]) not in NOUN_BEFORE


def _name_at(text: str, title: re.Match[str]) -> tuple[int, int] | None:
    """Return where the name behind a title stands; None where none does."""
    kind = title.lastgroup or "short"
    named = fold(title[kind]).rstrip(".")
    no_names = _NO_NAMES_FIRST.get(named, _NO_NAMES)
    lower_too = named in _LOWER_NAMED
    place, start, end, words = title.end(), -1, -1, 0
    while words < _MOST_WORDS and (match := _WORD.match(text, place)):
        word = _POSSESSIVE.sub("", match["word"])
        if _is_name(word, no_names, lower_too=lower_too):
            words, no_names, lower_too = words + 1, _NO_NAMES_LATER, False
            end = match.start("word") + len(word)
        elif (
            match["dot"] or word not in (PARTICLES if words else _PARTICLES_FIRST[kind]) | _CAPITAL_PARTICLES
        ):
            break
        start = match.start("word") if start < 0 else start
        if _ends_name(word, match):
            break
        place = match.end()
    return (start, end) if words else None


def _ends_name(word: str, match: re.Match[str]) -> bool:
    """Return whether a name ends with a word of it: by 's, by a full stop behind no initial, or in small letters."""
    ends_sentence = match["dot"] != "" and len(word) > 1
    is_small = word.islower() and word not in PARTICLES
    return word != match["word"] or ends_sentence or is_small


def _is_name(word: str, no_names: frozenset[str], *, lower_too: bool) -> bool:
    """Return whether a word behind a title is a name, and none of `no_names`.

    With `lower_too` it needs no capital letter.
    """
    if not word[0].isupper() and not (lower_too and word.islower()):
        return False
    if 1 < len(word) <= _LONGEST_SIGN and word.isupper():
        return False
    return fold(word) not in no_names and fold(_JOINED.split(word)[0]) not in _NO_FIRST_PARTS


def _arabic_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where Arabic names behind titles stand in a text."""
    for match in _ARABIC_SHORT.finditer(text):
        if fold(match[1]) not in ARABIC_NO_NAMES:
            yield match.start(1), _arabic_end(text, match.start(1), match.end(1))
    for match in _ARABIC_WORD.finditer(text):
        if _ARABIC_TITLE.fullmatch(fold(match[0])):
            follows = _ARABIC_NEXT.match(text, match.end())
            if follows and _is_arabic_name(follows[1]):
                yield follows.start(1), _arabic_end(text, follows.start(1), follows.end(1))


def _is_arabic_name(word: str) -> bool:
    """Return whether an Arabic word is a given name, or one of those that begin with "servant of" or "father of"."""
    key = fold(word)
    return key in ARABIC_GIVEN or key.startswith(("عبد", "ابو"))


def _arabic_end(text: str, start: int, end: int) -> int:
    """Return where an Arabic name ends of which the first word stands from `start` to `end`."""
    for _ in range(_MOST_WORDS):
        match = _ARABIC_NEXT.match(text, end)
        if match is None:
            break
        key = fold(match[1])
        is_servant = text[start:end].endswith("عبد")
        is_family = key.startswith("ال") and key.endswith("ي") and len(key) >= _SHORTEST_FAMILY
        if not (is_servant or _is_arabic_name(match[1]) or (is_family and key not in ARABIC_NO_FAMILY)):
            break
        end = match.end()
    return end
