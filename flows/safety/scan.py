"""Scan a free text for what must be passed on, or answered with care before anything else.

Theory. The scan compares words with lists, and is no model (why: docs/why/safety-by-rules.md). It is tuned
so that little is missed, since a false alarm costs a coordinator a minute. A finding says which words stood
in the text and never what a person has. The steps:

1. the text is cut into words with all their forms (`tokens`), and products of the program are marked in it;
2. patterns of every enabled language are looked up (`patterns`), whatever the conversation's language, since people
   change in the middle of a sentence; halves that stand near one another make further hits (`cooccurrence`);
3. each hit of a telling family (`_TELLING`) is judged in its sentence: a harmless phrase that covers it, a 'no'
   before it, a plan, a topic or a general statement take it back, and an event needs a medicine or a cause in the
   text where its words alone say too little;
4. what is left are the signals, and their kinds decide what happens: a report of an adverse event or a complaint,
   tier 1 (upset: acknowledge, go on) or tier 2 (risk: resources first, the script stops).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from flows.safety.cooccurrence import ANY, pairs
from flows.safety.lexicon import Lexicon, lexicon
from flows.safety.patterns import PatternHit
from flows.safety.products import Product, ProductMention, mentions
from flows.safety.tokens import PRODUCT, Token, tokens

__all__ = [
    "FindingKind",
    "Product",
    "ProductMention",
    "ReportElement",
    "SafetyFinding",
    "SafetySignal",
    "elements",
    "scan",
    "warm",
]


class FindingKind(StrEnum):
    """What a text may be found to tell of: an adverse event, a product complaint, distress of two grades.

    None of these is a judgement of the person.
    """

    ADVERSE_EVENT = auto()
    """Something unwanted beside a medicine: also no effect, a wrong dose, a pregnancy, a stop."""
    PRODUCT_COMPLAINT = auto()
    """Something is wrong with the product itself."""
    UPSET = auto()
    """Tier 1 of distress: sadness, fear, tears, too much. Acknowledge; the conversation goes on."""
    RISK = auto()
    """Tier 2 of distress: words of dying or self-harm, direct or not. Resources first, the script stops."""


class ReportElement(StrEnum):
    """The four elements that make a safety report valid (GVP Module VI, VI.B.2): who, whom, what, which product.

    Source: https://www.navireg.com/regulation/gvp-module-vi/vi-b-2-validation-of-reports.
    """

    REPORTER = auto()
    PATIENT = auto()
    REACTION = auto()
    PRODUCT = auto()


class SafetySignal(NamedTuple):
    """Words of the text that made the finding: from `start` to before `end`, in characters.

    `language` is the lexicon's, which need not be the text's; a word of several lexicons counts once.
    """

    kind: FindingKind
    language: str
    start: int
    end: int


@dataclass(frozen=True)
class SafetyFinding:
    """What the scan found in one text.

    Without signals there is nothing to pass on: naming a product alone is none.
    """

    signals: tuple[SafetySignal, ...] = ()
    products: tuple[ProductMention, ...] = ()
    says_who: frozenset[ReportElement] = frozenset()
    """REPORTER where the writer speaks of what they saw or had, PATIENT where the text says whom it is about."""

    @cached_property
    def kinds(self) -> frozenset[FindingKind]:
        """The kinds found; empty for a harmless text."""
        return frozenset(signal.kind for signal in self.signals)

    @property
    def tier(self) -> int:
        """The tier of distress: 2 for words of risk, 1 for upset, 0 for neither."""
        if FindingKind.RISK in self.kinds:
            return 2
        return int(FindingKind.UPSET in self.kinds)

    @property
    def reportable(self) -> bool:
        """Whether it is to open a safety case: an adverse event or a product complaint was found."""
        return bool(self.kinds & {FindingKind.ADVERSE_EVENT, FindingKind.PRODUCT_COMPLAINT})


_NOTHING = SafetyFinding()


def scan(text: str, *, products: Sequence[Product], languages: Sequence[str]) -> SafetyFinding:
    """Look for adverse events, product complaints and distress in a participant's own words. No text raises.

    Args:
        text: As stored; any length, any script.
        products: Of the program; without one the general words for medicines still count.
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
        if token.forms[0] in lexicons.short:
            token.forms += lexicons.short[token.forms[0]]
    hits = [PatternHit("medicine", ANY, first, last) for first, last, _ in named]
    hits += lexicons.index.find(found)
    families: dict[str, list[PatternHit]] = {}
    for hit in (*hits, *pairs(hits, found)):
        families.setdefault(hit.family, []).append(hit)
    return _FindingBuilder(found, lexicons, families, tuple(mention for _, _, mention in named)).finding()


def warm(languages: Sequence[str]) -> None:
    """Load the lexicons of the languages now rather than at the first text."""
    lexicon(tuple(languages))


def elements(finding: SafetyFinding) -> frozenset[ReportElement]:
    """Return which of the four elements of a valid safety report the text of a finding holds.

    What is missing is asked for; nothing is dropped for want of it.
    """
    found = set(finding.says_who)
    if finding.reportable:
        found.add(ReportElement.REACTION)
    if finding.products:
        found.add(ReportElement.PRODUCT)
    return frozenset(found)


class _Surroundings(NamedTuple):
    """What stands round the hits of a text: the numbers of sentences of some kinds, and what is named anywhere."""

    topics: set[int]
    plans: set[int]
    general: set[int]
    context: bool
    """Whether a product, a medicine or a cause is named."""
    things: bool
    """Whether something is named that may be faulty."""


class _FindingBuilder(NamedTuple):
    """Judges the hits of one text, and makes the finding of those that stand."""

    tokens: Sequence[Token]
    lexicon: Lexicon
    hits: Mapping[str, Sequence[PatternHit]]
    """By their families."""
    products: tuple[ProductMention, ...]

    def finding(self) -> SafetyFinding:
        """Judge all hits and return the finding."""
        families = self.hits.keys()
        if families.isdisjoint(_TELLING):
            return SafetyFinding(products=self.products)
        telling = sorted(self._signals(), key=attrgetter("language"), reverse=True)
        places = {(signal.start, signal.end, signal.kind): signal for signal in telling}
        signals = [places[place] for place in sorted(places)]
        who = {ReportElement.REPORTER, ReportElement.PATIENT} if "self" in families else set()
        if "others" in families:
            who.add(ReportElement.PATIENT)
        return SafetyFinding(tuple(signals), self.products, frozenset(who) if signals else frozenset())

    def _signals(self) -> Iterable[SafetySignal]:
        """Yield the signal of each hit that stands."""
        harmless = self._of("harmless")
        around = _Surroundings(
            topics=self._sentences("topic"),
            plans=self._plans(),
            general=self._sentences("general"),
            context=bool(self.products or self._of("medicine") or self._of("cause")),
            things=bool(self.products or self._of("item") or self._of("medicine")),
        )
        for hit in (hit for family in self.hits.keys() & _TELLING for hit in self.hits[family]):
            covered = any(other.covers(hit) for other in harmless)
            if covered or self._is_errand(hit):
                continue
            kind = self._kind(hit, around)
            if kind is not None:
                yield self._signal(hit, kind)

    def _kind(self, hit: PatternHit, around: _Surroundings) -> FindingKind | None:
        """Return the kind of finding that a hit makes in its sentence; None for nothing."""
        if hit.family in _EVEN_WHERE_DENIED:
            return _EVEN_WHERE_DENIED[hit.family]
        negated = self._negated(hit)
        match hit.family:
            case "defect":
                return FindingKind.PRODUCT_COMPLAINT if around.things and not negated else None
            case "upset":
                return None if negated or self._is_annoyance(hit) else FindingKind.UPSET
            case "risk":
                return FindingKind.UPSET if negated else FindingKind.RISK
            case _:
                return FindingKind.ADVERSE_EVENT if self._is_adverse(hit, around, negated=negated) else None

    def _is_adverse(self, hit: PatternHit, around: _Surroundings, *, negated: bool) -> bool:
        """Tell whether a hit tells of an event that happened: not denied, planned, or named as a topic."""
        sentence = self.tokens[hit.first].sentence
        is_topic = sentence in around.topics
        if sentence in around.plans:
            return False
        if hit.family == "attributed":
            return not is_topic and not self._is_untroubled(hit)
        if negated:
            return False
        match hit.family:
            case "misuse":
                return True
            case "event":
                happened = True
            case "symptom" | "bodily":
                happened = around.context and not is_topic
            case "acute":
                happened = not is_topic and sentence not in around.general
            case _:
                happened = False
        return happened and not self._is_annoyance(hit)

    def _sentences(self, family: str) -> set[int]:
        """Return the numbers of the sentences that have a hit of a family."""
        return {self.tokens[hit.first].sentence for hit in self._of(family)}

    def _plans(self) -> set[int]:
        """Return the sentences of what somebody means to do ('discuss side effects before starting').

        They begin with such a verb or, as German has it, end with one.
        """
        return {
            self.tokens[hit.first].sentence
            for hit in self._of("plan")
            if self._begins(hit.first) or (hit.language == "de" and self._begins(hit.last))
        }

    def _begins(self, place: int) -> bool:
        """Tell whether a sentence begins at this place."""
        ends = place in {0, len(self.tokens)}
        return ends or self.tokens[place].sentence != self.tokens[place - 1].sentence

    def _is_untroubled(self, hit: PatternHit) -> bool:
        """Tell whether the sentence of 'since the tablets' says that all is well, or takes the sign back.

        Also where it is about how care is run, or denies a sign.
        """
        if any(self._stands_by(hit, family) for family in ("fine", "process", "mundane")):
            return True
        sentence = self.tokens[hit.first].sentence
        signs = (other for other in self._of("symptom") if self.tokens[other.first].sentence == sentence)
        return any(map(self._negated, signs))

    def _is_errand(self, hit: PatternHit) -> bool:
        """Tell whether what went wrong is a form, a bus or an app ('stopped taking the bus'), with no medicine near."""
        if hit.family not in {"event", "misuse", "defect"} or self.products or self._of("medicine"):
            return False
        if any(hit.first <= other.first and other.last <= hit.last for other in self._of("mundane")):
            return True
        return hit.family == "defect" and self._stands_by(hit, "mundane")

    def _is_annoyance(self, hit: PatternHit) -> bool:
        """Tell whether somebody is only fed up with parking or paper: a mild word, and something of every day."""
        mild = (other for other in self._of("mild") if other.first < hit.last and hit.first < other.last)
        return any(self._stands_by(other, "mundane") for other in mild)

    def _stands_by(self, hit: PatternHit, family: str) -> bool:
        """Tell whether the sentence has a word of the family, in the same language: `the` is tea in French."""
        sentence = self.tokens[hit.first].sentence
        return any(
            other.language == hit.language and self.tokens[other.first].sentence == sentence
            for other in self._of(family)
        )

    def _of(self, family: str) -> Sequence[PatternHit]:
        """Return the hits of a family."""
        return self.hits.get(family, ())

    def _signal(self, hit: PatternHit, kind: FindingKind) -> SafetySignal:
        """Make the signal of a hit."""
        return SafetySignal(kind, hit.language, self.tokens[hit.first].start, self.tokens[hit.last - 1].end)

    def _negated(self, hit: PatternHit) -> bool:
        """Tell whether a word such as 'no' stands before a hit: 'no nausea or rash'.

        Only fillers and other signs may stand between; anything else between the two keeps the signal.
        """
        negators, fillers = self.lexicon.negators, self.lexicon.fillers
        sentence = self.tokens[hit.first].sentence
        for place in range(hit.first - 1, -1, -1):
            token = self.tokens[place]
            if token.sentence != sentence:
                return False
            if not negators.isdisjoint(token.forms):
                return True
            if fillers.isdisjoint(token.forms) and not self._is_sign(place):
                return False
        return False

    def _is_sign(self, place: int) -> bool:
        """Tell whether a word is part of a symptom or an event."""
        for family in ("symptom", "event", "acute"):
            for hit in self._of(family):
                if hit.first <= place < hit.last:
                    return True
        return False


_TELLING = frozenset(
    {
        "acute",
        "event",
        "symptom",
        "bodily",
        "misuse",
        "attributed",
        "complaint",
        "defect",
        "upset",
        "risk",
        "hint",
    }
)
"""Families that make a finding; the others only say how to read these."""
_EVEN_WHERE_DENIED = {"complaint": FindingKind.PRODUCT_COMPLAINT, "hint": FindingKind.RISK}
"""Families of which a 'no' before a hit takes nothing back."""
