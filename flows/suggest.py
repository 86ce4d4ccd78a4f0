"""'Did you mean ...?', for names that an author misspelt."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

NEAR = 70
"""Likeness in per cent from which a name is offered. Two letters changed of seven still pass; other words do not."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like it, None if none is near."""
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=NEAR)
    return None if found is None else str(found[0])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest name; empty if none is near."""
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Names for a sentence: `a, b or c`."""
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} or {every[-1]}" if every else "nothing"
