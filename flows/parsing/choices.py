"""Find the choice that a reply means.

Theory. A reply is compared as a key: `fold` takes away case, accents, punctuation and emoji. The readers are
tried in this order, from what is sure to what is likely, and the first that finds a choice ends the search:

1. the whole key is a label or an alias;
2. only emoji, such as a thumb: the choice labelled so, or that means yes or no (`means` marks the two of a pair);
3. a label among words that change nothing ('les deux, merci'), before any number in it is looked at;
4. a number, an ordinal or 'the last', by the place of the choice from 1;
5. the part of a label before its first comma or bracket; '2. Side effects', where number and label must agree;
6. 'none', 'both' and yes or no, which must be the whole reply, in any language;
7. a label of several words among any words, unless one of them denies it; whole words of one label only;
8. slips of the finger: few, counted against the length of the label, and never such as turn its sense round;
   then, in Arabic, the label without the articles that are written onto its words.

Then come 'yes, continue' and numbers in other languages. Whatever fits two choices alike means none: the
question is asked again, since a wrong answer that is stored does more harm than a second question. So it is
where words and an emoji beside them disagree ('yes' and a thumb down). Replies of more than 400 characters are
stories, and pick nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from flows.parsing.number_words import counting_number, may_hold_number
from flows.parsing.numbers import read_elsewhere
from flows.parsing.vocabulary import consists_of, understood, vocabulary
from flows.text.arabic import is_arabic, without_articles
from flows.text.emoji import Signs, bare_emoji, signs_in, without_emoji
from flows.text.folding import fold, fold_label, without_drawn_letters

LONGEST_REPLY = 400
"""Characters. A longer reply is a story, and no pick."""

_CLAUSE = re.compile(r"[,،(:;؛/–—]| - ")  # noqa: RUF001 - authors write these
SIGNED = re.compile(r"^\s*[-−+]\s?\d")  # noqa: RUF001 - the true minus sign
"""No place in a list: '-1' and '+1' are thumbs as often as numbers."""


class ChoiceText(NamedTuple):
    """A choice as it is offered, known by a number too: its place, from 1.

    An `exclusive` one goes with no other ('none of these'); `means` marks the yes (True) and the no of a pair,
    `is_whom` one that says who somebody is: who has a wife is none.
    """

    code: str
    label: str
    aliases: tuple[str, ...] = ()
    exclusive: bool = False
    means: bool | None = None
    is_whom: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceIndex:
    """The choices of a question by their keys, made once for each list."""

    by_key: Mapping[str, ChoiceText | None]
    """None where two choices share the key."""
    by_clause: Mapping[str, ChoiceText | None]
    by_bare: Mapping[str, ChoiceText | None]
    """Arabic labels without their articles."""
    keys: tuple[tuple[str, ChoiceText], ...]


@lru_cache(maxsize=2048)
def index_of(choices: tuple[ChoiceText, ...]) -> ChoiceIndex:
    """Build the index of a list of choices."""
    keys = tuple((fold_label(name), choice) for choice in choices for name in (choice.label, *choice.aliases))
    clauses = ((fold_label(_CLAUSE.split(choice.label)[0]), choice) for choice in choices)
    bare = ((without_articles(key), choice) for key, choice in keys if is_arabic(key))
    named = tuple(pair for pair in keys if pair[0])
    return ChoiceIndex(unambiguous(keys), unambiguous(clauses), unambiguous(bare), named)


def unambiguous(pairs: Iterable[tuple[str, ChoiceText]]) -> Mapping[str, ChoiceText | None]:
    """Map each key to its choice, or to None where two choices share it."""
    table: dict[str, ChoiceText | None] = {}
    for key, choice in pairs:
        if key:
            table[key] = choice if table.get(key, choice) is choice else None
    return table


def exact_choice(text: str, choices: tuple[ChoiceText, ...]) -> ChoiceText | None:
    """Return the choice whose label or alias the text is; else None.

    Case, accents, punctuation and emoji do not matter.
    """
    return index_of(choices).by_key.get(fold(without_emoji(text))) if len(text) <= LONGEST_REPLY else None


def find_choice(text: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Find the one choice that a reply means; None if it means none, or could mean two."""
    if len(text) > LONGEST_REPLY or not choices:
        return None
    words = without_emoji(text)
    if not fold(words):
        return _by_emoji(text, choices, language)
    found = (
        find_in_words(words, choices, language, loose=True)
        or _by_yes_then_label(words, choices, language)
        or _by_foreign_number(words, choices, language)
    )
    return found if found and agrees(signs_in(text), found, choices, language) else None


def find_shortcut(text: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Find the choice that a reply names by its whole label or an emoji alone, where other words are an answer too."""
    named = exact_choice(text, choices)
    if named is None:
        return _by_emoji(text, choices, language)
    return named if agrees(signs_in(text), named, choices, language) else None


def _by_emoji(text: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Return the choice that emoji without words mean: labelled so, else the only one that means yes, or no.

    None where there is none, and for words.
    """
    yes, no = signs_in(text)
    meant = find_meaning(choices, language, yes=yes) if yes != no and not fold(without_emoji(text)) else None
    return labelled_so(text, choices) or meant


def labelled_so(text: str, choices: tuple[ChoiceText, ...]) -> ChoiceText | None:
    """Return the only choice whose label is the same emoji as the text; None where there is none."""
    bare = bare_emoji(text)
    labelled = [choice for choice in choices if bare and bare_emoji(choice.label) == bare]
    return labelled[0] if len(labelled) == 1 else None


def agrees(signs: Signs, found: ChoiceText, choices: tuple[ChoiceText, ...], language: str) -> bool:
    """Tell whether the emoji beside words do not contradict the choice that the words mean.

    Emoji that the label has itself are part of it.
    """
    if not any(signs):
        return True
    label = signs_in(found.label)
    yes, no = signs.yes and not label.yes, signs.no and not label.no
    declines = found.means is False or found is find_meaning(choices, language, yes=False)
    denies = declines or found.exclusive or bool(_denials(fold_label(found.label), language))
    return not (yes and (no or declines)) and not (no and not denies)


def _by_foreign_number(text: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Find a choice by its number in another language than the conversation's: 'la segunda', 'Nummer 2'.

    Digits alone are the same number in every language.
    """
    key = fold(text)
    if SIGNED.match(text) or key.isdecimal():
        return None
    return read_elsewhere(key, language, lambda name: _by_number(key, choices, name))


def find_in_words(
    text: str, choices: tuple[ChoiceText, ...], language: str, *, loose: bool = False
) -> ChoiceText | None:
    """Find a choice in words: try the readers in the order that the module's docstring gives; None if none finds one.

    `loose` allows any words round a label.
    """
    index = index_of(choices)
    key = fold(text)
    if key in index.by_key:
        return index.by_key[key]
    if key in understood(language).unknown:
        return _by_unknown(choices, language)
    if not SIGNED.match(text):
        # A label among words that say nothing comes first: in 'les deux, merci' there is a number too.
        named = _by_surrounded_label(key, index, language, loose=False) if " " in key else None
        numbered = named or _by_number(key, choices, language)
        if numbered is not None:
            return numbered
    if key in index.by_clause:
        return index.by_clause[key]
    return (
        _by_enumerated(text, choices, index)
        or _by_none_or_both(key, choices, language)
        or _by_yes_no(key, choices, language)
        or _by_surrounded_label(key, index, language, loose=loose)
        or _by_part_of_label(key, index, language)
        or _by_slip(key, index, language)
        or (index.by_bare.get(without_articles(key)) if is_arabic(key) else None)
    )


_LONGEST_YES = 3
"""Words before the label in 'yes of course, I agree'."""


def _by_yes_then_label(text: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Read 'yes, continue' and 'no, not now': the label after the yes or no must not say the contrary."""
    tokens, known = fold(text).split(), understood(language)
    for length in range(1, min(_LONGEST_YES, len(tokens) - 1) + 1):
        head, rest = " ".join(tokens[:length]), " ".join(tokens[length:])
        choice = index_of(choices).by_key.get(rest)
        if choice is not None and (head in known.yes or head in known.no):
            denies = choice.means is False or rest in known.no or tokens[length] in known.no
            return choice if denies == (head in known.no) else None
    return None


def _by_number(key: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Find a choice by its number or ordinal, alone or with words that choose it: 'option two', 'I choose 2'.

    A number that counts something ('I had 2', '3 years') is no place in a list, nor is 'both' ('las dos'), nor one
    after a 'no' where no can be chosen.
    """
    words = vocabulary(language)
    if key in words.last:
        return choices[-1]
    if not may_hold_number(key, language):
        return None
    tokens = key.split()
    if not words.counting.isdisjoint(tokens) or key in words.both:
        return None
    number = counting_number(key, language)
    if number is None:
        if not words.no.isdisjoint(tokens) and find_meaning(choices, language, yes=False) is not None:
            return None  # 'no, 2 times'
        number = counting_number(place_named(tokens, language), language)
    return choices[number - 1] if number is not None and 1 <= number <= len(choices) else None


def place_named(tokens: list[str], language: str) -> str:
    """Return the words of a reply that may be the number of a choice, without those by which it is chosen.

    After a word that announces a number ('I think it is number 3') any small words may stand round it.
    """
    words = vocabulary(language)
    announced = [at for at, word in enumerate(tokens[:-1]) if announces(word, language)]
    if len(announced) == 1:
        at = announced[0] + 1
        return tokens[at] if words.filler.issuperset(tokens[: at - 1] + tokens[at + 1 :]) else ""
    kept = [word for word in tokens if word not in words.choosing and word not in words.numbering]
    # 'One' counts where a number was announced: 'option one' is the first, 'this one' is none.
    named = kept or [word for word in tokens if word not in words.numbering]
    return " ".join(named) if kept or len(named) < len(tokens) else ""


def announces(word: str, language: str) -> bool:
    """Return whether a word announces a number and says nothing else: 'number', but no article."""
    is_long = len(word) >= _SHORTEST_ANNOUNCER or is_arabic(word)
    return is_long and word in vocabulary(language).numbering


_SHORTEST_ANNOUNCER = 4
"""Letters. Shorter ones are articles and abbreviations that may be other words: 'die', 'no'."""


_ENUMERATED = re.compile(r"^\s*#?(\d{1,2})\s*[.):-]?\s+(\S.*)$", re.DOTALL)


def _by_enumerated(text: str, choices: tuple[ChoiceText, ...], index: ChoiceIndex) -> ChoiceText | None:
    """Read '2. Side effects': the number and the label must be of the same choice."""
    found = _ENUMERATED.match(text)
    choice = index.by_key.get(fold(found[2])) if found else None
    return choice if found and choice and choices[int(found[1]) - 1 : int(found[1])] == (choice,) else None


def _by_none_or_both(key: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Read 'none' and the like, where exactly one choice excludes the others, and 'both' where one is called so."""
    known = understood(language)
    if key in known.both:
        named = [
            one for one in choices if not known.both.isdisjoint(map(fold_label, (one.label, *one.aliases)))
        ]
    else:
        named = [one for one in choices if one.exclusive and key in known.none]
    return named[0] if len(named) == 1 else None


def _by_yes_no(key: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Read a reply that is yes or no and nothing else, its letters drawn out or not."""
    words = understood(language)
    for plain in dict.fromkeys((key, without_drawn_letters(key))):
        tokens = tuple(plain.split())
        yes, no = consists_of(tokens, words.yes), consists_of(tokens, words.no)
        if yes != no:
            return find_meaning(choices, language, yes=yes)
    return None


def _by_unknown(choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Return the only choice that says 'I do not know', by its label or an alias; 'no sé' is no 'no'."""
    unknown = understood(language).unknown
    named = [
        choice
        for choice in choices
        if any(fold_label(name) in unknown for name in (choice.label, *choice.aliases))
    ]
    return named[0] if len(named) == 1 else None


def find_meaning(choices: tuple[ChoiceText, ...], language: str, *, yes: bool) -> ChoiceText | None:
    """Return the only choice that means yes (or no): marked so, else called so, else beginning so.

    An alias ('yes' for 'Add another') is enough where the contrary has another choice: then yes or no was asked. A
    choice that may be typed as both ('None' by 'no' and 'all good') is the no.
    """
    found = _called(choices, language, yes=yes)
    if not found:
        contrary = _called(choices, language, yes=not yes) or _aliased(choices, language, yes=not yes)
        named = _aliased(choices, language, yes=yes)
        if len(contrary) == 1:
            found = [choice for choice in named if not yes or choice not in contrary]
    return found[0] if len(found) == 1 else None


def _called(choices: tuple[ChoiceText, ...], language: str, *, yes: bool) -> list[ChoiceText]:
    """Return the choices that are marked as yes (or no), else those called so, else those beginning so."""
    wanted = understood(language).yes if yes else understood(language).no
    marked = [choice for choice in choices if choice.means is yes]
    named = [choice for choice in choices if fold_label(choice.label) in wanted]
    begun = [choice for choice in choices if fold_label(_CLAUSE.split(choice.label)[0]) in wanted]
    return marked or named or begun


def _aliased(choices: tuple[ChoiceText, ...], language: str, *, yes: bool) -> list[ChoiceText]:
    """Return the choices that may be typed as yes (or no)."""
    wanted = understood(language).yes if yes else understood(language).no
    return [choice for choice in choices if any(fold_label(alias) in wanted for alias in choice.aliases)]


def _in_no_other(name: str, labels: Iterable[tuple[str, ChoiceText]]) -> bool:
    """Return whether a label is no part of a longer one that was found too."""
    return not any(name != other and name in other for other, _ in labels)


def _labels_in(padded: str, index: ChoiceIndex) -> list[tuple[str, ChoiceText]]:
    """Return the labels that stand as words of a reply, which has a space at each end."""
    return [(name, choice) for name, choice in index.keys if name in padded and f" {name} " in padded]


def _by_surrounded_label(key: str, index: ChoiceIndex, language: str, *, loose: bool) -> ChoiceText | None:
    """Find the only label that stands among the words of a reply.

    The words round it must be fillers, and none of them 'have' where the label says who somebody is; if `loose`, a
    label of several words may stand among a few words of any kind, unless one of them denies it or is a number.
    """
    words = vocabulary(language)
    inside = _labels_in(padded := f" {key} ", index)
    longest = [(name, choice) for name, choice in inside if _in_no_other(name, inside)]
    if len({choice.code for _, choice in longest}) != 1:
        return None
    choice = longest[0][1]
    for name, _ in longest:  # 'consultant haematologist' is one and the same twice
        padded = padded.replace(f" {name} ", " ", 1)
    rest = padded.split()
    if all(word in words.filler for word in rest):
        return _unless_had(choice, rest, language)
    stands_out = any(" " in name for name, _ in longest) and len(rest) <= _MOST_BESIDE
    return choice if loose and stands_out and not _is_denied(rest, language) else None


def _unless_had(choice: ChoiceText, rest: list[str], language: str) -> ChoiceText | None:
    """Return a choice; None for one that says who somebody is where the words beside it say 'have'."""
    return None if choice.is_whom and not vocabulary(language).having.isdisjoint(rest) else choice


_MOST_BESIDE = 6
"""Words beside a label: among more of them it is a part of a story ('I stopped, as it was no longer ...')."""


def _is_denied(rest: list[str], language: str) -> bool:
    """Return whether the words beside a label may say otherwise: by a denial, by a yes before it, or by a number.

    A number may be another choice's: '4. Side effects' where that is the third.
    """
    words = vocabulary(language)
    return rest[0] in words.yes_first or any(word in words.negation or word.isdecimal() for word in rest)


_SHORTEST_PART = 4
"""Letters. Shorter words ('no', 'of') stand in too many labels by chance."""


def _by_part_of_label(key: str, index: ChoiceIndex, language: str) -> ChoiceText | None:
    """Find the only label that holds the reply as whole words: 'appointment' for 'Getting an appointment'."""
    words = vocabulary(language)
    if len(key) < _SHORTEST_PART or key in words.filler or key in words.negation:
        return None
    found = {choice.code: choice for name, choice in index.keys if key in name and f" {key} " in f" {name} "}
    if len(found) != 1 or any(char.isdigit() for char in key):
        return None
    choice = next(iter(found.values()))
    return choice if _denials(key, language) == _denials(fold_label(choice.label), language) else None


_SLIPS = ((16, 3), (9, 2), (5, 1))
"""(letters of the label, slips forgiven). One slip in a label of four letters or fewer makes another word
too easily ('Same', 'Some'); about one in six is what people mistype on a phone and still a reader knows the
word."""

_MARGIN = 2
"""The next best choice must be at least this many slips further away, so that one more slip would not turn
it round.
"""


def _by_slip(key: str, index: ChoiceIndex, language: str) -> ChoiceText | None:
    """Find the label that a reply misspells; the next best choice must be clearly further away."""
    distances: dict[str, int] = {}
    for name, choice in index.keys:
        distance = OSA.distance(key, name, score_cutoff=_SLIPS[0][1] + _MARGIN)
        distances[choice.code] = min(distance, distances.get(choice.code, distance))
    ranked = sorted((distance, code) for code, distance in distances.items())
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < _MARGIN:
        return None
    best, code = ranked[0]
    names = [(name, choice) for name, choice in index.keys if choice.code == code]
    return next(
        (
            choice
            for name, choice in names
            if OSA.distance(key, name) == best and _forgiven(key, name, best, language)
        ),
        None,
    )


def _forgiven(key: str, name: str, slips: int, language: str) -> bool:
    """Tell whether so many slips are allowed in a label of this length and leave its sense as it is."""
    allowed = next((slips_allowed for letters, slips_allowed in _SLIPS if len(name) >= letters), 0)
    return slips <= allowed and not _turned_round(key, name, language)


def _turned_round(key: str, name: str, language: str) -> bool:
    """Tell whether the few letters between two keys change the sense: 'atypical', 'not', another number."""
    return (
        key.endswith(name)
        or name.endswith(key)
        or _denials(key, language) != _denials(name, language)
        or re.findall(r"\d+", key) != re.findall(r"\d+", name)
    )


def _denials(key: str, language: str) -> list[str]:
    """Return the words of a key that deny something, in order."""
    negation = vocabulary(language).negation
    return [word for word in key.split() if word in negation]
