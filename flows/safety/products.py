"""Find products of a program in free text: brand and generic names, other spellings, and misspellings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from flows.safety.tokens import Token, fold_word

ALIKE = 0.75
"""Share of a name's letters that must be right: two slips in a name of eight letters (optimal string
alignment, so that two swapped letters are one slip). Chosen on misspellings of cancer medicines against the
ordinary words of the labelled sets.
"""
ALIKE_OTHER_INITIAL = 0.85
"""The same where the first letter differs, which people seldom get wrong."""
_SHORTEST_FUZZY = 6
_BEGUN = 2
"""Letters by which a word is told that begins no name."""


class Product(NamedTuple):
    """A medicine or device whose adverse events must be passed on.

    `aliases` are other brands, short names and names in other scripts.
    """

    code: str
    brand: str
    generic: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductMention:
    """A product (its code) named in a text, and where, in characters. `exact` is false for a misspelling."""

    product: str
    start: int
    end: int
    exact: bool


class _ProductNames(NamedTuple):
    """All names of some products, folded and without spaces, with the products' codes (`known`).

    `fuzzy` are those that are alike enough in length to a word of so many letters to be misspelt by it. `begun` are
    the letters with which a name begins, or a first word of it: of that there may be one alone.
    """

    known: Mapping[str, str]
    fuzzy: Mapping[int, Sequence[str]]
    begun: frozenset[str]


@lru_cache(maxsize=64)
def _names(products: tuple[Product, ...]) -> _ProductNames:
    """Return the names of products, worked out once."""
    known = {
        "".join(fold_word(part) for part in name.split()): product.code
        for product in products
        for name in (product.brand, product.generic, *product.aliases)
        if name.strip()
    }
    long = [name for name in known if len(name) >= _SHORTEST_FUZZY]
    lengths = range(_SHORTEST_FUZZY - 1, int(max(map(len, long), default=0) / ALIKE) + 1)
    fuzzy = {
        length: tuple(name for name in long if min(length, len(name)) >= ALIKE * max(length, len(name)))
        for length in lengths
    }
    return _ProductNames(known, fuzzy, frozenset(name[:length] for name in known for length in (1, _BEGUN)))


def mentions(
    found: Sequence[Token], products: tuple[Product, ...]
) -> Iterator[tuple[int, int, ProductMention]]:
    """Yield each product named in a text, after the numbers of its first word and of the one after its last.

    `found` are the words of the text. A name may be written as two words.
    """
    known, fuzzy, begun = _names(products)
    if not known:
        return
    words = [token.forms[0] for token in found]
    possible = [  # few small words: most begin no name, and misspell none
        place
        for place, word in enumerate(words)
        if word[:_BEGUN] in begun or len(word) in fuzzy or len(found[place].forms) > 1
    ]
    after = 0
    for place in possible:
        if place < after:
            continue  # the second word of a name
        following = words[place + 1] if place + 1 < len(words) else None
        length, name, exact = _named(found[place].forms, following, known, fuzzy)
        after = place + length
        if name is not None:
            yield place, after, ProductMention(known[name], found[place].start, found[after - 1].end, exact)


def _named(
    forms: Sequence[str], following: str | None, known: Mapping[str, str], fuzzy: Mapping[int, Sequence[str]]
) -> tuple[int, str | None, bool]:
    """Return how many words name a product, its folded name (None if none does), and if it is exact.

    `forms` are those of the first word; `following` is the next one, None at the end of the text.
    """
    if following is not None:
        joined = forms[0] + following
        if joined in known:
            return 2, joined, True
    for form in forms:
        if form in known:
            return 1, form, True
    for form in forms:
        alike = fuzzy.get(len(form))
        if alike and (near := _misspelt(form, alike)):
            return 1, near, False
    return 1, None, False


def _misspelt(word: str, fuzzy: Sequence[str]) -> str | None:
    """Return the name that a word misspells; None if none is alike enough."""
    best = process.extractOne(word, fuzzy, scorer=OSA.normalized_similarity, score_cutoff=ALIKE)
    if best is None or (best[0][0] != word[0] and best[1] < ALIKE_OTHER_INITIAL):
        return None
    return str(best[0])
