"""Tell the ordinary use of a medicine from a mistake with it, and an answer that says that all is well with it.

Theory. Who is asked about a medicine says how it is taken: twice a day, half in the morning and half at night, a shot
in the eye every eight weeks. Two halves near one another ('tablet' and 'twice') then look like a mistake or a sign. So
a half that only tells how often, when or how much (`schedule`) makes neither. A value alone ('pressure is 125') is a
weak sign: nothing says that it is bad.

An answer that says that all is well ('it agrees with me', 'no complaints', 'Fine.') and takes nothing back by a 'but'
or an 'otherwise' tells of no event, unless it names one outright: a reaction, a stop, a mistake. What is only put
together of halves, or is a part of the body or a value, counts for nothing there, and the second reader looks for no
event.
"""

from typing import Final

from flows.safety.marked_words import MarkedWords
from flows.safety.patterns import PatternHit
from flows.script.roles import QuestionTopic

_FEW: Final = 3
"""Words at most of a part of a sentence in which a single word says that all is well: 'Aye fine'."""
_NEAR: Final = 3
"""Words before it among which a 'no' or 'not' takes it back."""
_TIMED: Final = frozenset({"onset", "mistake", "pull"})
"""Halves that may only say how often or when a medicine is taken."""


def is_schedule(hit: PatternHit, words: MarkedWords, about: QuestionTopic | None) -> bool:
    """Tell whether a hit only says how often, when or how much of a medicine is taken.

    Where the question is not about a medicine, 'every day' may be said of a sign: only mistakes are looked at.
    """
    schedules = words.of("schedule")
    if not schedules:
        return False
    if about is QuestionTopic.MEDICINE and _is_place_of_use(hit, words):
        return True
    if any(other.covers(hit) for other in schedules):
        return about is QuestionTopic.MEDICINE or hit.family == "misuse"
    if about is not QuestionTopic.MEDICINE and hit.family != "misuse":
        return False
    timed = (part for part in hit.parts if part.family in _TIMED)
    return any(other.first < part.last and part.first < other.last for part in timed for other in schedules)


def _is_place_of_use(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit is a part of the body beside a schedule: 'one drop in each eye twice a day'."""
    if not any(words.sentence(other) == words.sentence(hit) for other in words.of("schedule")):
        return False
    if hit.family == "symptom":
        return words.is_all("vague", hit)
    return bool(hit.parts) and hit.parts[1].family == "change" and words.overlaps(hit.parts[1], ("medicine",))


def is_bare_value(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit is a value and nothing that says how it is: 'pressure is at 125', 'went from 9 to 6'."""
    if hit.family not in {"acute", "misuse"} or not _has_number(hit, words):
        return False
    here = range(hit.first, hit.last)
    return all(
        words.tokens[place].is_number or words.has_any("measured", hit, range(place, place + 1))
        for place in here
    )


def _has_number(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a number stands in a hit, or soon after it in its sentence."""
    ends = min(hit.last + _NEAR, words.places(words.sentence(hit)).stop)
    return any(words.tokens[place].is_number for place in range(hit.first, ends))


def says_all_well(words: MarkedWords, about: QuestionTopic | None) -> bool:
    """Tell whether an answer about a medicine says that all is well with it, and takes nothing of it back."""
    if about is not QuestionTopic.MEDICINE or not words.of("suits") or words.of("apart"):
        return False
    if any(words.has("turn", language, range(len(words.tokens))) for language in _languages(words)):
        return False
    return any(_is_said(hit, words) for hit in words.of("suits"))


def is_named_outright(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit names an event by itself: no value or part of the body, nor put together of such halves."""
    inside = range(hit.first, hit.last)
    if (
        hit.family in {"acute", "misuse"}
        and _has_number(hit, words)
        and words.has_any("measured", hit, inside)
    ):
        return False
    match hit.family:
        case "attributed":
            return False
        case "symptom":
            return not words.is_all("vague", hit)
        case "acute" if hit.parts:
            return hit.parts[1].family == "change" and not words.overlaps(hit.parts[1], ("medicine",))
        case _:
            return True


def _languages(words: MarkedWords) -> set[str]:
    """Return the languages in which an answer says that all is well."""
    return {hit.language for hit in words.of("suits")}


def _is_said(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether words of contentment stand: not denied, and a single one with little else in its part."""
    if hit.is_doubtful:
        return False
    begins = hit.first
    while begins and not words.ends_clause(begins - 1):
        begins -= 1
    negators = words.lexicon.negating(hit.language, words.language)
    before = (*range(max(begins, hit.first - _NEAR), hit.first), *hit.passed)
    if any(not negators.isdisjoint(words.tokens[place].forms) for place in before):
        return False
    if hit.last - hit.first > 1:
        return True
    ends = hit.first
    while not words.ends_clause(ends):
        ends += 1
    return ends + 1 - begins <= _FEW
