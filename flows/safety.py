"""The safety scan: what in a free text must be passed on, or answered with care before anything else.

Word lists, not a model (why: docs/why/safety-by-rules.md): tuned so that little is missed, since a false alarm
costs a coordinator a minute. A finding says which words stood in the text and never what a person has.
All enabled languages are read whatever the talk's, since people change in the middle of a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from flows.safety_lexicon import Lexicon, lexicon
from flows.safety_patterns import Hit
from flows.safety_products import Mention, Product, mentions
from flows.safety_tokens import PRODUCT, Token, tokens

__all__ = [
    "Element",
    "Mention",
    "Product",
    "SafetyFinding",
    "SafetyKind",
    "Signal",
    "elements",
    "scan",
    "warm",
]


class SafetyKind(StrEnum):
    """What a text is to be looked at for. None of these is a judgement of the person."""

    ADVERSE_EVENT = auto()
    """Something unwanted beside a medicine: also no effect, a wrong dose, a pregnancy, a stop."""
    PRODUCT_COMPLAINT = auto()
    """Something is wrong with the product itself."""
    UPSET = auto()
    """Tier 1 of distress: sadness, fear, tears, too much. Acknowledge; the talk goes on."""
    RISK = auto()
    """Tier 2 of distress: words of dying or self-harm, direct or not. Resources first, the script stops."""


class Element(StrEnum):
    """The four that make a report valid: GVP Module VI, VI.B.2,
    https://www.navireg.com/regulation/gvp-module-vi/vi-b-2-validation-of-reports.
    """

    REPORTER = auto()
    PATIENT = auto()
    REACTION = auto()
    PRODUCT = auto()


@dataclass(frozen=True, slots=True)
class Signal:
    """Words of the text that made the finding: from `start` to before `end`, in characters. `language` is the
    lexicon's, which need not be the text's; a word of several lexicons counts once.
    """

    kind: SafetyKind
    language: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SafetyFinding:
    """What was found. Without signals there is nothing to pass on; products alone are no finding."""

    signals: tuple[Signal, ...] = ()
    products: tuple[Mention, ...] = ()
    says_who: frozenset[Element] = frozenset()
    """REPORTER where the writer speaks of what they saw or had, PATIENT where the text says whom it is about."""

    @property
    def kinds(self) -> frozenset[SafetyKind]:
        """The kinds found; empty for a harmless text."""
        return frozenset(signal.kind for signal in self.signals)

    @property
    def tier(self) -> int:
        """2 for words of risk, 1 for upset, 0 for neither."""
        if SafetyKind.RISK in self.kinds:
            return 2
        return int(SafetyKind.UPSET in self.kinds)

    @property
    def reportable(self) -> bool:
        """Whether it opens a case for the safety team: an adverse event or a complaint."""
        return bool(self.kinds & {SafetyKind.ADVERSE_EVENT, SafetyKind.PRODUCT_COMPLAINT})


_NOTHING = SafetyFinding()


def scan(text: str, *, products: Sequence[Product], languages: Sequence[str]) -> SafetyFinding:
    """Look for adverse events, product complaints and distress in a person's own words. Never raises.

    Args:
        text: As stored; any length, any script.
        products: Of the programme; without one the general words for medicines still count.
        languages: All that are enabled. Those without a lexicon are passed over.
    """
    found = tokens(text)
    if not found:
        return _NOTHING
    lexicons = lexicon(tuple(languages))
    named = list(mentions(found, tuple(products)))
    for first, last, _ in named:
        for token in found[first:last]:
            token.forms.append(PRODUCT)
    for token in found:
        lexicons.index.correct(token)
    reading = _Reading(found, lexicons, tuple(lexicons.index.find(found)), tuple(m for _, _, m in named))
    return reading.finding()


def warm(languages: Sequence[str]) -> None:
    """Read the lexicons now rather than at the first text."""
    lexicon(tuple(languages))


def elements(finding: SafetyFinding) -> frozenset[Element]:
    """Which of the four the text itself holds. What is missing is asked for; nothing is dropped for want of
    it.
    """
    found = set(finding.says_who)
    if finding.reportable:
        found.add(Element.REACTION)
    if finding.products:
        found.add(Element.PRODUCT)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text with its hits, being judged."""

    tokens: Sequence[Token]
    lexicon: Lexicon
    hits: tuple[Hit, ...]
    products: tuple[Mention, ...]

    def finding(self) -> SafetyFinding:
        families = {hit.family for hit in self.hits}
        if not families & _TELLING:
            return SafetyFinding(products=self.products)
        places = {(signal.start, signal.end, signal.kind): signal for signal in self._signals()}
        signals = [places[place] for place in sorted(places)]
        who = {Element.REPORTER, Element.PATIENT} if "self" in families else set()
        if "others" in families:
            who.add(Element.PATIENT)
        return SafetyFinding(tuple(signals), self.products, frozenset(who) if signals else frozenset())

    def _signals(self) -> Iterable[Signal]:
        harmless = self._of("harmless")
        topics = {self.tokens[hit.first].sentence for hit in self._of("topic")}
        context = bool(self.products or self._of("medicine") or self._of("cause"))
        things = bool(self.products or self._of("item") or self._of("medicine"))
        for hit in self.hits:
            if hit.family not in _TELLING or any(other.covers(hit) for other in harmless):
                continue
            negated = self._negated(hit)
            match hit.family:
                case "event" if not negated:
                    yield self._signal(hit, SafetyKind.ADVERSE_EVENT)
                case "symptom" if context and not negated and self.tokens[hit.first].sentence not in topics:
                    yield self._signal(hit, SafetyKind.ADVERSE_EVENT)
                case "complaint":
                    yield self._signal(hit, SafetyKind.PRODUCT_COMPLAINT)
                case "defect" if things and not negated:
                    yield self._signal(hit, SafetyKind.PRODUCT_COMPLAINT)
                case "upset" if not negated:
                    yield self._signal(hit, SafetyKind.UPSET)
                case "risk":
                    yield self._signal(hit, SafetyKind.UPSET if negated else SafetyKind.RISK)

    def _of(self, family: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.family == family]

    def _signal(self, hit: Hit, kind: SafetyKind) -> Signal:
        return Signal(kind, hit.language, self.tokens[hit.first].start, self.tokens[hit.last - 1].end)

    def _negated(self, hit: Hit) -> bool:
        """Whether a word such as 'no' stands before, with only fillers and other signs between ('no nausea or
        rash'). Anything else between the two keeps the signal.
        """
        place = hit.first - 1
        while place >= 0 and self.tokens[place].sentence == self.tokens[hit.first].sentence:
            forms = self.tokens[place].forms
            if any(form in self.lexicon.negators for form in forms):
                return True
            if not any(form in self.lexicon.fillers for form in forms) and not self._is_sign(place):
                return False
            place -= 1
        return False

    def _is_sign(self, place: int) -> bool:
        return any(hit.family in {"symptom", "event"} and hit.first <= place < hit.last for hit in self.hits)


_TELLING = frozenset({"event", "symptom", "complaint", "defect", "upset", "risk"})
"""Families that make a finding; the others only say how to read these."""
