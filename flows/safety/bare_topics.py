"""Tell a mere topic from an event: 'Side effects.' as all that somebody wishes to have been told more about.

Under a question about care, nouns of what medicines do, with nothing but small words round them, name a subject. They
say neither that it befell anybody nor with which product.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from flows.safety.finding import SafetyFinding
from flows.safety.lexicon import Lexicon
from flows.safety.patterns import ANY, PatternHit
from flows.safety.tokens import Token

_EVENTS: Final = ("event", "symptom")
"""Families in which such nouns are: each hit must name an effect, with small words at most."""
_TELLING: Final = frozenset(
    {
        "acute",
        "attributed",
        "bad",
        "bodily",
        "cause",
        "complaint",
        "defect",
        "faint",
        "hint",
        "misuse",
        "others",
        "overdose",
        "risk",
        "self",
        "since",
        "upset",
    }
)
"""Families whose words say that something befell somebody, or whom; small words round a topic do not."""
_LONGEST: Final = 7
"""Words of a mere topic at most: 'more about the side effects of the tablets'."""


def is_bare_topic(
    tokens: Sequence[Token], families: Mapping[str, Sequence[PatternHit]], lexicon: Lexicon
) -> bool:
    """Return whether the words of a text only name what medicines do, as a subject: no verb, nobody, no product.

    `families` are the hits of the text by family.
    """
    if len(tokens) > _LONGEST:
        return False
    effects = _places(families.get("generic", ())) | _single("generic", tokens, lexicon)
    framed = effects | _single("framing", tokens, lexicon)
    if not effects or _tells(families, effects, framed):
        return False
    medicines = _places([hit for hit in families.get("medicine", ()) if hit.language != ANY])
    passed = framed | medicines
    return all(
        place in passed or not lexicon.fillers.isdisjoint(token.forms) for place, token in enumerate(tokens)
    )


def _tells(families: Mapping[str, Sequence[PatternHit]], effects: set[int], framed: set[int]) -> bool:
    """Return whether any hit tells more than a subject: its words are no effects with small words round them."""
    telling = [_places((hit,)) for family in _TELLING for hit in families.get(family, ())]
    events = [_places((hit,)) for family in _EVENTS for hit in families.get(family, ())]
    if not all(places <= framed for places in (*telling, *events)):
        return True
    return any(places.isdisjoint(effects) for places in events)


def _places(hits: Iterable[PatternHit]) -> set[int]:
    """Return the places of the words that hits are made of."""
    return {place for hit in hits for place in range(hit.first, hit.last)}


def weakened(finding: SafetyFinding) -> SafetyFinding:
    """Return a finding whose strong hits are weak ones: the text is read early, and opens no case."""
    hints = sorted({*finding.signals, *finding.hints}, key=attrgetter("start", "end"))
    return SafetyFinding(products=finding.products, hints=tuple(hints))


def _single(aid: str, tokens: Sequence[Token], lexicon: Lexicon) -> set[int]:
    """Return the places of the words that are single words of an aid to judge by, in any language."""
    lists = [words for (name, _), words in lexicon.index.aids.items() if name == aid]
    return {
        place
        for place, token in enumerate(tokens)
        if any(not words.isdisjoint(token.keys) for words in lists)
    }
