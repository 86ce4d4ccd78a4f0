"""Find two things said near one another, in either order, that mean together what neither means alone.

"My hair comes out" and "it comes out, my hair" are one observation, and no list holds every wording. So a
lexicon also has families of halves (parts of the body and what goes wrong with them, a medicine and leaving
it off, being gone and others being better for it), and two halves close together are read as one sign.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from flows.safety.patterns import ANY, PatternHit
from flows.safety.tokens import Token

NEAR: Final = 5
"""Words that may stand between the halves."""
NEAR_HINT: Final = 8
"""The same where a life may depend on it."""
NEAR_SINCE: Final = 3
"""The same between 'since' and the medicine, which come in this order."""

PAIRS: Final[tuple[tuple[str, str, str], ...]] = (
    ("body", "change", "acute"),
    ("body", "ache", "bodily"),
    ("ache", "same", "acute"),
    ("symptom", "onset", "acute"),
    ("bodily", "onset", "acute"),
    ("medicine", "quit", "misuse"),
    ("medicine", "mistake", "misuse"),
    ("medicine", "useless", "misuse"),
    ("took", "mistake", "misuse"),
    ("quit", "ill", "misuse"),
    ("since", "medicine", "attributed"),
    ("since", "bad", "attributed"),
    ("medicine", "bad", "attributed"),
    ("means", "intent", "hint"),
    ("gone", "relief", "hint"),
    ("asleep", "forever", "hint"),
    ("life", "pointless", "hint"),
    ("affairs", "ending", "hint"),
    ("place", "drawn", "hint"),
    ("dead", "envy", "hint"),
    ("belongings", "giving", "hint"),
    ("rescued", "regret", "hint"),
    ("wound", "soothed", "hint"),
    ("voice", "urges", "hint"),
    ("lifeline", "refused", "hint"),
    ("fearful", "myself", "hint"),
    ("weapon", "hidden", "faint"),
    ("method", "pull", "faint"),
    ("dying", "longing", "faint"),
    ("season", "absent", "faint"),
    ("being", "weary", "faint"),
    ("nobody", "mourns", "faint"),
    ("bequest", "handed", "faint"),
    ("tried", "secret", "faint"),
    ("decided", "calm", "faint"),
    ("keeper", "held", "faint"),
    ("fate", "takes", "faint"),
)
"""Two halves, and the family of the whole."""
_OF_RISK: Final = frozenset({"hint", "faint"})
HALVES: Final = frozenset(half for pair in PAIRS for half in pair[:2])


def pairs(hits: Sequence[PatternHit], found: Sequence[Token]) -> Iterator[PatternHit]:
    """Yield a hit for every two hits of families that `PAIRS` joins, near one another within a sentence.

    So 'my hair' and 'comes out' make one sign: the new hit reaches over both and has the family that `PAIRS`
    gives for the two together. `found` are the words of the text. One word is never both halves.
    """
    halves: dict[str, list[PatternHit]] = {}
    for hit in hits:
        if hit.family in HALVES and not (hit.family == "symptom" and _is_expected(hit, hits)):
            halves.setdefault(hit.family, []).append(hit)
    if len(halves) < 2:  # noqa: PLR2004 - two halves are of two families
        return
    for one, other, whole in _pairs_among(frozenset(halves)):
        for first in halves[one]:
            for second in halves[other]:
                if one == "since" and not 0 <= second.first - first.last <= NEAR_SINCE:
                    continue
                if _are_near(first, second, found, NEAR_HINT if whole in _OF_RISK else NEAR):
                    start, end = min(first.first, second.first), max(first.last, second.last)
                    language = first.language if second.language == ANY else second.language
                    doubtful = first.is_doubtful or second.is_doubtful
                    yield PatternHit(whole, language, start, end, is_doubtful=doubtful, parts=(first, second))


@lru_cache(maxsize=1024)
def _pairs_among(families: frozenset[str]) -> tuple[tuple[str, str, str], ...]:
    """Return those of `PAIRS` both of whose halves are among some families, in their order."""
    return tuple(pair for pair in PAIRS if families.issuperset(pair[:2]))


def _is_expected(symptom: PatternHit, hits: Sequence[PatternHit]) -> bool:
    """Tell whether a symptom is one to expect in a conversation about an illness: pain, or how somebody feels."""
    return any(
        hit.family in {"upset", "ache"} and hit.first < symptom.last and symptom.first < hit.last
        for hit in hits
    )


def _are_near(one: PatternHit, other: PatternHit, found: Sequence[Token], near: int) -> bool:
    """Tell whether two hits are of one language and sentence, with at most `near` words between."""
    if not (one.language == other.language or ANY in {one.language, other.language}):
        return False
    earlier, later = (one, other) if one.first < other.first else (other, one)
    between = later.first - earlier.last
    return 0 <= between <= near and found[earlier.first].sentence == found[later.first].sentence
