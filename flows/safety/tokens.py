"""Cut a message into words as the safety lexicons compare them: folded, with their places in the text."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from msgspec import Struct

from flows.text.folding import fold

_LETTERS = r"[\w\u0300-\u036f\u064b-\u065f\u0670\u00ad\u200b-\u200f]+"
_APOSTROPHE = "['\u2018\u2019\u02bc`\u00b4]"
_WORD = re.compile(rf"\b[^\W\d_]&[^\W\d_]\b|{_LETTERS}(?:{_APOSTROPHE}{_LETTERS})*")
_PART = re.compile(_LETTERS)
_SENTENCE_END = re.compile(r"[.!?\n\u061f\u2026]")
_ORDINAL = re.compile(r"\d\.[^\W_]|(?<!\d)(?:[1-4]?\d|5[0-3])\.\s[^\W_]")
"""`39.5`, `der 7. Woche`: a full stop that ends no sentence. No year has more than 53 weeks: `118. Then` are two."""
_AMOUNT = re.compile(r"\d+(?:mg|mcg|ml|g|kg|kilos?|x|h|hrs?|k)")

_ELISIONS = frozenset(
    [
        "l",
        "d",
        "j",
        "m",
        "t",
        "s",
        "n",
        "c",
        "qu",
        "jusqu",
        "lorsqu",
        "puisqu",
        "quelqu",
        "dell",
        "all",
        "nell",
        "un",
        "sull",
        "quell",
        "dall",
        "com",
        "quest",
        "anch",
    ]
)
"""What French and Italian write with an apostrophe before a word of its own."""

_ARABIC = str.maketrans({"ة": "ه", "ى": "ي", "ک": "ك", "ی": "ي", "ـ": None})  # noqa: RUF001 - Arabic letters, on purpose
"""Forms of a letter that people use for one another, and the stroke that only stretches a word."""
_ARABIC_PREFIX = re.compile(r"^(?:[وف](?=..))?(?:ال|بال|كال|لل|[بلكس](?=...))?")
_SHORTEST_ARABIC = 3
_ALIF = "\u0627"
_STRETCHED = re.compile(r"(.)\1{2,}")
"""`sooo`, `nooo`: a letter held down."""
_IS_STRETCHED = re.compile(r"(.)\1\1")
"""Found where `_STRETCHED` is, in half the time."""

PRODUCT = "\0product"
"""The word that stands for a product of the program, however it is called."""


class Token(Struct):
    """A word of a text, from character `start` to before `end`, with the number of its sentence.

    `forms` are the keys under which lexicons may know it, its own first; the scan adds more.
    """

    start: int
    end: int
    sentence: int
    forms: list[str]
    keys: AbstractSet[str] = frozenset()
    """Under which it is known to the patterns, once they were looked for."""

    @property
    def word(self) -> str:
        """The word itself, folded."""
        return self.forms[0]

    @property
    def is_number(self) -> bool:
        """Whether it is a number, also with a unit written on: `10mg`."""
        word = self.forms[0]
        return word[0].isdecimal() and (word.isdecimal() or _AMOUNT.fullmatch(word) is not None)


def tokens(text: str) -> list[Token]:
    """Return the words of a text, in order. Elided words (`l'hôpital`) count as two."""
    found: list[Token] = []
    sentence = last = 0
    lowered = text.lower()
    is_stretched = _IS_STRETCHED.search(lowered) is not None  # asked once, since most texts are not
    has_forms = is_stretched or "ae" in lowered or "oe" in lowered or "ue" in lowered
    for start, end in _words(text):
        between = text[last:start]
        if between != " " and found:
            ends = _SENTENCE_END.search(between) and not _ends_no_sentence(text, last, start)
            sentence += bool(ends)
        last = end
        word = text[start:end]
        if word.isascii() and word.isalnum():
            key = word.lower()
            forms = _ascii_forms(key, stretched=is_stretched) if has_forms else [key]
            found.append(Token(start, end, sentence, forms))
        elif key := fold_word(word):
            found.append(Token(start, end, sentence, _forms(key)))
    return found


def _ends_no_sentence(text: str, last: int, start: int) -> bool:
    """Tell whether a full stop between two words, the one before `last` and that from `start`, is a number's."""
    return any(_ORDINAL.fullmatch(text, last - digits, start + 1) for digits in (1, 2))


def fold_word(word: str) -> str:
    """Return the key by which a word is compared: folded, without spaces, Arabic letters in one form."""
    if word.isascii():
        return fold(word).replace(" ", "")
    return fold(word).replace(" ", "").translate(_ARABIC)


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word of a text begins and ends."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match[0]
        if word.isalnum() or "&" in word:
            yield start, end
            continue
        parts = [part.span() for part in _PART.finditer(word)]
        while len(parts) > 1 and fold(word[parts[0][0] : parts[0][1]]) in _ELISIONS:
            yield start + parts[0][0], start + parts[0][1]
            parts.pop(0)
        yield start + parts[0][0], end


def _forms(key: str) -> list[str]:
    """Return a word with the other forms under which a lexicon may know it."""
    if key.isascii():
        return _ascii_forms(key, stretched=True)
    if "\u0600" <= key[0] <= "\u06ff":
        return list(dict.fromkeys((key, *_arabic_forms(key))))
    return [key]


def _ascii_forms(key: str, *, stretched: bool) -> list[str]:
    """Return a word without accents with its other forms; only if it may be `stretched` is a held letter looked for."""
    forms = [key]
    if "ae" in key or "oe" in key or "ue" in key:
        forms.append(key.replace("ae", "a").replace("oe", "o").replace("ue", "u"))
    if stretched and _STRETCHED.search(key):
        forms += [_STRETCHED.sub(r"\1", key), _STRETCHED.sub(r"\1\1", key)]
    return forms


def _arabic_forms(key: str) -> Iterator[str]:
    """Yield an Arabic word without what is written onto it, and spoken verbs as the written language has them."""
    plain = _STRETCHED.sub(r"\1", key)
    for word in (plain, *_without_prefixes(plain)):
        yield word
        spoken = word
        if spoken.endswith("ش") and len(spoken) > _SHORTEST_ARABIC + 1:
            spoken = spoken[:-1]
            yield spoken
        yield from _written_verb(spoken)


def _written_verb(word: str) -> Iterator[str]:
    """Yield the written forms of a spoken Arabic verb.

    `بعيط`, `هموت`, `نموت` are the 'I' of Cairo, of its future and of Rabat, written `اعيط`, `اموت`. A final
    alif is also given as the letter that the dictionary has.
    """
    if len(word) > _SHORTEST_ARABIC and word[0] in "بنهح":
        rest = word[1:].removeprefix(_ALIF)
        yield _ALIF + rest
    if word.endswith(_ALIF):
        yield word[:-1] + "ي"


def _without_prefixes(key: str) -> Iterator[str]:
    """Yield an Arabic word without the and, the, by, for and as that are written onto it."""
    longest = _ARABIC_PREFIX.match(key)
    for length in range(1, (longest.end() if longest else 0) + 1):
        if len(key) - length >= _SHORTEST_ARABIC:
            yield key[length:]
