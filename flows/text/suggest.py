"""Suggest 'did you mean ...?' for names that an author misspelt."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

NEAR = 0.6
"""Likeness from which a name is offered: the part of its letters that stands, where two swapped count as one
slip.
"""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like this one; None if none is near."""
    found = process.extractOne(name, list(known), scorer=OSA.normalized_similarity, score_cutoff=NEAR)
    return None if found is None else str(found[0])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean '...'?` with the known name that is most like this one; empty if none is near."""
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Join names for a sentence: `a, b or c`; `nothing` if there are none."""
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} or {every[-1]}" if every else "nothing"
