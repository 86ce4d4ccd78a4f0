"""Tell signs of an illness that are part of a story about care, from those that a medicine may have caused.

Theory. Who is asked about an appointment tells which illness it was for, and how that felt. So under a question about
care, in a sentence without a medicine, the name of a long illness ('my psoriasis') is no sign, nor are a part of the
body or a value alone. Nor are two halves that were only found near one another ('my toe was up like a beetroot'):
beside a medicine they are one. A reaction that is named outright ('threw up', 'rash') stays a weak sign, and so do a
stop, a mistake with a medicine and a hospital.
"""

from flows.safety.marked_words import MarkedWords
from flows.safety.patterns import PatternHit


def is_part_of_story(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a hit is only part of what somebody tells of care; it must have no medicine beside it."""
    if words.is_all("disease", hit):
        return True
    match hit.family:
        case "symptom":
            return words.is_all("vague", hit)
        case "acute" | "misuse" if hit.parts:
            return not _is_of_medicine(hit) and not _names_sign(hit, words)
        case _:
            return False


def _is_of_medicine(hit: PatternHit) -> bool:
    """Tell whether one half names a medicine."""
    return any(part.family == "medicine" for part in hit.parts)


def _names_sign(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether one half is a sign by itself, and no illness."""
    return any(
        part.family in {"symptom", "bodily"}
        and not words.is_all("vague", part)
        and not words.is_all("disease", part)
        for part in hit.parts
    )
