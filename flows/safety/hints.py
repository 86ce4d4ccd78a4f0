"""Tell hits that say an event only by half: they are read soon, and open no case.

Theory. Whoever is asked about a medicine names boxes, breakfasts, sisters and what the leaflet warns of, and some
of these words are halves of a sign. So a hit counts in full only where it is said outright. It is said by half

- where it is put together of two halves that stand in different parts of the sentence or far from one another, with
  praise between them, or where it is a mere likeness ('sugar runs like clockwork');
- where the sentence asks ('what if I forget a dose?');
- where it is set against today ('I used to have migraines every week, now I go cycling'), or a doctor changed a dose or
  a brand and nothing else is told;
- where a sign is only possible, read or told of ('the leaflet says it may cause a rash');
- where the sentence says that it has another cause ('my knee is from football, nothing to do with the pills').
"""

from typing import Final

from flows.safety.marked_words import MarkedWords
from flows.safety.medicine_use import says_all_well
from flows.safety.patterns import PatternHit
from flows.script.roles import QuestionTopic

_CLOSE: Final = 4
"""Words between two halves that belong together."""
_NEAR: Final = 4
"""Words between 'may cause' and a sign."""
_EVERYDAY: Final = frozenset({"lifeline"})
"""Halves of words of risk that are in most talks by themselves: to eat, a tablet."""
_NEAR_MEDICINE: Final = 5
"""Words between a medicine and a sign that may be of it: who types without marks makes one long sentence."""
_ECHO: Final = 3
"""Words of a sentence that says again what was asked."""
_REACTIONS: Final = ("symptom", "acute", "bodily", "bad", "upset", "ache", "risk")
_ASKING: Final = ("?", "\u061f")


def is_said_by_half(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit is loosely put together, asked about, only possible, or said to have another cause."""
    if hit.parts and _is_loose(hit, words):
        return True
    here = words.places(words.sentence(hit))
    if words.has_any("unrelated", hit, here) or _is_question(here, words):
        return True
    return _is_possible(hit, words) or _is_of_before(hit, words)


def is_far_apart(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit is put together of two halves that are parted by a mark and by more than a few words.

    It is asked of words of risk, and only of halves that are of every day.
    """
    if not hit.parts or hit.parts[0].family not in _EVERYDAY:
        return False
    one, other = sorted(hit.parts, key=lambda part: part.first)
    if other.first - one.last <= _CLOSE:
        return False
    return any(words.ends_clause(place) for place in range(one.last - 1, other.first))


def _is_loose(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether two halves are far apart, parted by a mark or by praise, or a mere likeness."""
    one, other = sorted(hit.parts, key=lambda part: part.first)
    between = range(one.last, other.first)
    is_parted = any(words.ends_clause(place) for place in range(one.last - 1, other.first))
    if hit.parts[0].family == "took":
        return is_parted and any(words.is_all("onset", part) for part in hit.parts)
    if (is_parted and between) or len(between) > _CLOSE:
        return True
    if any(praise.first in between for praise in words.of("suits")):
        return True
    return _is_mere_count(hit, words) or _is_injection(hit, words) or _is_likeness(hit, words)


def _is_likeness(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether something vague, or that is measured, is only likened to a sign: 'sugar runs like clockwork'."""
    is_likeness = any(words.is_all("likeness", part) for part in hit.parts)
    return is_likeness and any(words.is_all("vague", part) or _is_value(part, words) for part in hit.parts)


def _is_mere_count(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a mistake with a medicine is only a number of times: 'tablet twice', with no 'by mistake'."""
    counts = (part for part in hit.parts if part.family == "mistake")
    return hit.parts[0].family == "medicine" and any(words.is_all("onset", part) for part in counts)


def _is_injection(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether the change of a part of the body is itself a word for a medicine: 'sugar ... the jab'."""
    return any(part.family == "change" and words.overlaps(part, ("medicine",)) for part in hit.parts)


def _is_value(part: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a half is what is measured or runs by itself: sugar, blood, sleep."""
    return words.has_any("measured", part, range(part.first, part.last))


def _is_question(here: range, words: MarkedWords) -> bool:
    """Tell whether a sentence asks. A word or two are what was asked, and answered: 'Nausea? Yes, since May'."""
    if len(here) <= _ECHO:
        return False
    last = words.tokens[here.stop - 1]
    ends = words.tokens[here.stop].start if here.stop < len(words.tokens) else len(words.text)
    return any(mark in words.text[last.end : ends] for mark in _ASKING)


def _is_possible(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a sign is one that may come, or that somebody read or was told of."""
    before = words.before(hit)
    near = range(max(before.start, hit.first - _NEAR), hit.first)
    return words.has_any("possible", hit, near) or words.has_any("warned", hit, before)


def _is_of_before(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a sign is one of former days, which the text sets against how it is now."""
    before, after = words.before(hit), range(hit.last, len(words.tokens))
    return words.has_any("formerly", hit, before) and words.has_any("nowadays", hit, after)


def is_mere_change(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a dose or a brand was changed, and the text tells of no reaction, stop or mistake."""
    if hit.family not in {"misuse", "event"} or not words.has_any(
        "adjusted", hit, range(hit.first, hit.last)
    ):
        return False
    if words.overlaps(hit, ("effects", "mistake")):
        return False
    return not any(
        other.last <= hit.first or hit.last <= other.first
        for family in _REACTIONS
        for other in words.of(family)
        if not words.is_all("vague", other)
    )


def is_praised(hit: PatternHit, words: MarkedWords, about: QuestionTopic | None) -> bool:
    """Tell whether a hit is put together with a part of the body or a medicine, in an answer that all is well."""
    is_loose = bool(hit.parts) and hit.parts[0].family in {"body", "medicine"}
    return is_loose and says_all_well(words, about)


def is_by_medicine(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a medicine is named near a hit in its sentence, in words that are of nothing else."""
    return any(
        words.sentence(other) == words.sentence(hit)
        and max(other.first - hit.last, hit.first - other.last) <= _NEAR_MEDICINE
        and not words.is_all("loose", other)
        for other in words.of("medicine")
    )


def names_other(hit: PatternHit, words: MarkedWords, families: tuple[str, ...]) -> bool:
    """Tell whether the sentence of a hit has one of some families in other words than those of the hit."""
    return any(
        words.sentence(other) == words.sentence(hit)
        and not (hit.first <= other.first and other.last <= hit.last)
        for family in families
        for other in words.of(family)
    )


def is_no_event_alone(hit: PatternHit, words: MarkedWords, about: QuestionTopic | None) -> bool:
    """Tell whether a hit is said by half, a mere change of dose or brand, or loosely joined beside praise."""
    return is_said_by_half(hit, words) or is_mere_change(hit, words) or is_praised(hit, words, about)
