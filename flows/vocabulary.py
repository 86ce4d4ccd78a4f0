"""Small words that replies are made of, by language. Data only, folded as `flows.folding.fold` does; add a
language here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final


def words(text: str) -> frozenset[str]:
    """A set of words, written with spaces between."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """A set of phrases, written with commas between."""
    return frozenset(phrase.strip() for phrase in text.split(","))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language. A language that lacks some reads a little less; nothing breaks."""

    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    every: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()
    both: frozenset[str] = frozenset()
    zero: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    """Words between several picks: 'and'."""
    filler: frozenset[str] = frozenset()
    """Words round an answer that change nothing in it: 'I think it is ... please'."""
    negation: frozenset[str] = frozenset()
    numbering: frozenset[str] = frozenset()
    """Words before a number: 'option', 'number'."""
    last: frozenset[str] = frozenset()
    amounts: Mapping[str, int] = field(default_factory=dict)
    """Amounts that are no number words: 'a dozen'."""
    above: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    or_more: frozenset[str] = frozenset()
    until: frozenset[str] = frozenset()
    """Words inside a range: '5 to 9'."""
    between: frozenset[str] = frozenset()
    """Words of 'between 5 and 9', taken away or read as 'to' in it."""
    out_of: frozenset[str] = frozenset()
    middle: frozenset[str] = frozenset()
    lowest: frozenset[str] = frozenset()
    highest: frozenset[str] = frozenset()
    ladders: tuple[tuple[frozenset[str], ...], ...] = ()
    """Five words each, from low to high: they hold where the ends of a scale are labelled with the outer
    two.
    """
    reasons: frozenset[str] = frozenset()
    """Words after which a reason may follow an answer: 'because'."""


_ENGLISH: Final = Vocabulary(
    yes=phrases(
        "yes, y, yep, yeah, yea, yup, ya, yess, yes please, sure, ok, okay, okey, k, of course, i agree,"
        " agree, agreed,"
        " i do, i accept, accept, absolutely, definitely, certainly, correct, right, thats right, that is"
        " right, true,"
        " yes i do, yes i agree, fine, all good, i consent, looks good, please do, go ahead, you may, yes"
        " you may,"
        " sure thing, yes thats right, yes it is, that is correct, thats correct, exactly"
    ),
    no=phrases(
        "no, n, nope, nah, no thanks, no thank you, i dont, i do not, not really, i disagree, disagree,"
        " never, no way,"
        " i decline, decline, i refuse, i dont agree, i do not agree, no i dont, no i do not, wrong, thats"
        " wrong,"
        " that is wrong, not right, incorrect, rather not, i would rather not, id rather not, please dont,"
        " not correct"
    ),
    every=phrases("all, all of them, all of these, all of the above, everything, every one, all of it"),
    both=phrases("both, both of them, both of these"),
    none=phrases(
        "none, none of these, none of them, none of the above, nothing, no, neither, not any, nope, none at"
        " all, nil"
    ),
    zero=phrases(
        "none, no one, nobody, nil, nothing, zero, not any, nope, none at all, no patients, not one, never"
    ),
    unknown=phrases(
        "dont know, do not know, i dont know, i do not know, not sure, im not sure, i am not sure, unsure,"
        " no idea, idk,"
        " dunno, cant say, i cant say, cannot say, who knows, dont remember, i dont remember, no clue, hard"
        " to say"
    ),
    joining=words("and or plus also then with"),
    filler=words(
        "i id im it its is am are was the a an my me mine we our this that one ones id say think guess"
        " believe would"
        " choose pick picks go going for please probably maybe perhaps just answer be definitely mostly"
        " more most like"
        " thanks thank you so well hmm um uh oh ok okay option number choice about around roughly"
        " approximately approx"
        " almost nearly some give gave rate rating score points point stars star of to as ill take want"
        " exactly only"
        " out saw had have in total far patients people times"
    ),
    negation=words(
        "not no dont doesnt didnt isnt arent wasnt wont cant cannot never none nothing without neither nor"
        " except"
        " hardly less unsure un"
    ),
    numbering=words("option number no nr num choice answer item"),
    last=phrases("last, the last, last one, the last one"),
    amounts=MappingProxyType(
        {
            "a dozen": 12,
            "one dozen": 12,
            "dozen": 12,
            "half a dozen": 6,
            "half dozen": 6,
            "two dozen": 24,
            "a couple": 2,
            "couple": 2,
            "a pair": 2,
            "a hundred": 100,
            "once": 1,
            "twice": 2,
            "a single": 1,
        }
    ),
    above=phrases("more than, over, above, greater than"),
    below=phrases("less than, fewer than, under, below"),
    or_more=phrases("or more, and more, and up, plus, at least, or over, upwards, and above"),
    until=words("to till until or through"),
    between=phrases("between, and"),
    out_of=phrases("out of, of"),
    middle=phrases(
        "middle, in the middle, neutral, in between, neither, average, medium, so so, ok, okay, mixed, half"
    ),
    lowest=phrases("lowest, the lowest, minimum, min, worst, the worst"),
    highest=phrases("highest, the highest, maximum, max, best, the best"),
    ladders=(
        (
            phrases("very bad, terrible, awful, really bad, horrible, very poor"),
            phrases("bad, poor, not good, rather bad, quite bad, not great"),
            phrases(
                "ok, okay, so so, fair, neither, neutral, in the middle, middle, not bad, average, all right"
            ),
            phrases("good, quite good, pretty good, fine, rather good"),
            phrases("very good, great, excellent, really good, perfect"),
        ),
        (
            phrases(
                "not at all, not sure, not at all sure, not sure at all, not confident, not at all"
                " confident, never"
            ),
            phrases(
                "a little, slightly, a bit, not very, a little sure, not very sure, slightly sure, not very"
                " confident"
            ),
            phrases(
                "somewhat, moderately, medium, fairly, somewhat sure, fairly sure, half, in the middle, so so"
            ),
            phrases(
                "quite, mostly, quite sure, quite a bit, pretty sure, quite confident, mostly sure, pretty,"
                " a lot"
            ),
            phrases(
                "very, very sure, completely, totally, extremely, fully, completely sure, certain, very"
                " confident,"
                " absolutely, totally sure, fully confident, 100 percent, fully sure, extremely sure, always,"
                " completely confident, absolutely sure, very much"
            ),
        ),
        (
            phrases("strongly disagree, completely disagree, totally disagree"),
            phrases("disagree, rather disagree"),
            phrases("neutral, neither, neither agree nor disagree, undecided, in the middle"),
            phrases("agree, rather agree"),
            phrases("strongly agree, completely agree, totally agree"),
        ),
        (
            phrases("never"),
            phrases("rarely, seldom, hardly ever"),
            phrases("sometimes, now and then, occasionally"),
            phrases("often, usually, most of the time"),
            phrases("always, all the time, every time"),
        ),
    ),
    reasons=words("because since as cause cos coz for but if when due"),
)

_BY_LANGUAGE: Final[Mapping[str, Vocabulary]] = MappingProxyType({"en": _ENGLISH})


@lru_cache(maxsize=64)
def vocabulary(language: str) -> Vocabulary:
    """The words of a language, of its base ('de' for 'de-AT'), or the English ones, which many people
    know.
    """
    return _BY_LANGUAGE.get(language) or _BY_LANGUAGE.get(language.partition("-")[0]) or _ENGLISH
