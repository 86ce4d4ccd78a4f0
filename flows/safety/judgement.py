"""Judge the hits of a text in their sentences: which of them stand, as what, and how much they count.

A strong hit interrupts: a case is opened, or help is shown. So it needs both a medicine and what befell the person,
unless the question is about the medicine, or the words tell of both by themselves ('side effects', 'overdose'). What
has one half only is weak.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from operator import attrgetter
from typing import Final, NamedTuple

from flows.safety.finding import FindingKind, ReportElement, SafetyFinding, SafetySignal
from flows.safety.lexicon import Lexicon
from flows.safety.patterns import PatternHit
from flows.safety.products import ProductMention
from flows.safety.tokens import Token
from flows.script.roles import QuestionTopic

_EVENTS: Final = frozenset({"acute", "event", "symptom", "bodily", "misuse", "attributed"})
"""Families that may make an adverse event."""
_TELLING: Final = _EVENTS | {"complaint", "defect", "upset", "risk", "hint"}
"""Families that make a finding; the others only say how to read these."""
_REACTIONS: Final = ("symptom", "acute", "bodily", "bad", "event", "misuse", "upset", "ache")
"""Families of what befalls somebody, which 'since the tablets' needs in its sentence to be strong."""
_LAUGHTER: Final = ("\U0001f602", "\U0001f923", "\U0001f605", "\U0001f606")
_CLAUSE_END: Final = re.compile(r"[.!?\n\u061f\u2026,;:()\u060c\u061b]|\s[-\u2013\u2014]+\s")

_SENTENCE_OF_FEELING: Final = 3
"""Words of which words of distress need nobody beside them: they mostly have the verb."""
_SHORT_SENTENCE: Final = 7
"""Words of a sentence that is about two words of distress in it."""
_FEW_WORDS: Final = 3
"""Words of a sentence that says little but how somebody feels."""
_NEAR_SELF: Final = 4
"""Words before or after a word of distress among which the writer must stand."""


class _Strength(Enum):
    """How much a hit counts."""

    WEAK = auto()
    STRONG = auto()


class _Surroundings(NamedTuple):
    """What stands round the hits of a text: the numbers of sentences of some kinds, and what is named anywhere."""

    topics: set[int]
    plans: set[int]
    general: set[int]
    medicines: set[int]
    """Sentences that name a medicine, in words that are of nothing else."""
    things: set[int]
    """Sentences that name something which may be faulty."""
    context: bool
    """Whether a product, a medicine or a cause is named."""
    denies: bool
    """Whether the text has any word that may deny what it tells; most have none."""


class Judgement(NamedTuple):
    """Judges the hits of one text, and makes the finding of those that stand."""

    text: str
    tokens: Sequence[Token]
    lexicon: Lexicon
    hits: Mapping[str, Sequence[PatternHit]]
    """By their families."""
    products: tuple[ProductMention, ...]
    about: QuestionTopic | None
    language: str | None
    """The one that the text is in, where something tells it."""

    def finding(self) -> SafetyFinding:
        """Judge all hits and return the finding."""
        families = self.hits.keys()
        if families.isdisjoint(_TELLING):
            return SafetyFinding(products=self.products)
        judged = list(self._judged())
        if not judged:
            return SafetyFinding(products=self.products)
        signals = _in_order([signal for signal, strength in judged if strength is _Strength.STRONG])
        hints = _in_order([signal for signal, strength in judged if strength is _Strength.WEAK])
        who = {ReportElement.REPORTER, ReportElement.PATIENT} if "self" in families else set()
        if "others" in families:
            who.add(ReportElement.PATIENT)
        return SafetyFinding(signals, self.products, frozenset(who) if signals else frozenset(), hints)

    def _judged(self) -> Iterable[tuple[SafetySignal, _Strength]]:
        """Yield the signal of each hit that stands, with how much it counts."""
        harmless = self._of("harmless")
        around = self._surroundings()
        for hit in (hit for family in self.hits.keys() & _TELLING for hit in self.hits[family]):
            if hit.is_doubtful and hit.family in _EVENTS and not self._knows_medicine(around):
                continue
            if (harmless and any(other.covers(hit) for other in harmless)) or self._is_errand(hit):
                continue
            judged = self._verdict(hit, around)
            if judged is not None:
                kind, strength = judged
                yield self._signal(hit, kind), strength
            if self._is_mood(hit, around):
                yield self._signal(hit, FindingKind.ADVERSE_EVENT), _Strength.WEAK

    def _is_mood(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a word of distress answers a question about a medicine: a mood may be its effect."""
        if self.about is not QuestionTopic.MEDICINE or hit.family != "upset":
            return False
        return self.tokens[hit.first].sentence not in around.topics and not self._negated(hit, around)

    def _surroundings(self) -> _Surroundings:
        """Return what stands round the hits."""
        clear = [hit for hit in self._of("medicine") if not self._is_all("loose", hit)]
        return _Surroundings(
            topics=self._sentences("topic"),
            plans=self._plans(),
            general=self._sentences("general"),
            medicines={self.tokens[hit.first].sentence for hit in clear},
            things=self._sentences("item") | self._sentences("medicine"),
            context=bool(self.products or self._of("medicine") or self._of("cause")),
            denies=not self.lexicon.denying.isdisjoint(
                [form for token in self.tokens for form in token.forms]
            ),
        )

    def _verdict(self, hit: PatternHit, around: _Surroundings) -> tuple[FindingKind, _Strength] | None:
        """Return the kind of finding that a hit makes in its sentence, and how much it counts; None for nothing."""
        strength = _Strength.WEAK if hit.is_doubtful else _Strength.STRONG
        match hit.family:
            case "complaint" | "defect":
                faulty = self._faulty(hit, around)
                return None if faulty is None else (FindingKind.PRODUCT_COMPLAINT, faulty)
            case "upset":
                stands = self._is_felt(hit) and not self._negated(hit, around)
                return (FindingKind.UPSET, _Strength.STRONG) if stands else None
            case "risk" if self._negated(hit, around):
                return FindingKind.UPSET, _Strength.STRONG
            case "risk" | "hint":
                return FindingKind.RISK, _Strength.WEAK if self._is_no_wish(hit, around) else strength
            case _:
                event = self._adverse(hit, around)
                return None if event is None else (FindingKind.ADVERSE_EVENT, event)

    def _faulty(self, hit: PatternHit, around: _Surroundings) -> _Strength | None:
        """Return how much a hit tells of a faulty product: None where denied, or nothing may be faulty."""
        strength = _Strength.WEAK if hit.is_doubtful else _Strength.STRONG
        if hit.family == "complaint":
            return strength
        if not (self.products or around.things) or self._negated(hit, around):
            return None
        is_near = bool(self.products) or self.tokens[hit.first].sentence in around.things
        return strength if is_near else _Strength.WEAK

    def _is_no_wish(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether words of risk are in a text that laughs ('gonna kill myself lol'), or only asked about."""
        laughs = (
            bool(self._of("joke"))
            or self._has("joke", "en", range(len(self.tokens)))
            or any(face in self.text for face in _LAUGHTER)
        )
        return laughs or (hit.family == "risk" and self._is_asked_about(hit, around))

    def _is_felt(self, hit: PatternHit) -> bool:
        """Tell whether a word of distress is somebody's own now, and no annoyance with parking.

        A word or two such as 'scared' may be about anybody, so that the writer must stand close before it, or the
        sentence say little else.
        """
        if hit.is_doubtful or self._is_annoyance(hit):
            return False
        if hit.last - hit.first >= _SENTENCE_OF_FEELING:
            return True
        if self.about is QuestionTopic.PLAN:  # a word or two are a topic there
            return False
        sentence = self.tokens[hit.first].sentence
        around = range(max(0, hit.first - _NEAR_SELF), min(hit.last + _NEAR_SELF, len(self.tokens)))
        near = [place for place in around if self.tokens[place].sentence == sentence]
        for other in (*self._of("self"), *self._of("felt")):
            if other.first in near:
                return True
        if self._has("felt", hit.language, near):
            return True
        few = _FEW_WORDS if hit.last - hit.first == 1 else _SHORT_SENTENCE
        return sum(token.sentence == sentence for token in self.tokens) <= few

    def _is_asked_about(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether words of risk are what somebody was asked about, or a term in a clinician's plan."""
        sentence = self.tokens[hit.first].sentence
        if sentence in around.plans:
            return True
        if self.about is QuestionTopic.PLAN and hit.last - hit.first == 1:
            return True
        return self._stands_before("asked", hit)

    def _stands_before(self, aid: str, hit: PatternHit) -> bool:
        """Tell whether words of an aid to judge by stand before a hit, in its sentence."""
        sentence = self.tokens[hit.first].sentence
        begins = hit.first
        while begins and self.tokens[begins - 1].sentence == sentence:
            begins -= 1
        before = range(begins, hit.first)
        return self._has(aid, hit.language, before) or any(other.first in before for other in self._of(aid))

    def _adverse(self, hit: PatternHit, around: _Surroundings) -> _Strength | None:
        """Return how much a hit tells of an event that happened: None where it is denied, planned, or a mere topic."""
        sentence = self.tokens[hit.first].sentence
        if sentence in around.plans or not self._happened(hit, around) or self._is_only_intended(hit):
            return None
        is_strong = not hit.is_doubtful and self._is_strong(hit, around)
        return _Strength.STRONG if is_strong else _Strength.WEAK

    def _happened(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit tells of something that befell somebody: not denied, named as a topic, or of everyday."""
        sentence = self.tokens[hit.first].sentence
        is_topic = sentence in around.topics and (
            self.about is not QuestionTopic.MEDICINE or self._tells_of_effects(hit)
        )
        if hit.family == "attributed":
            return not is_topic and not self._is_untroubled(hit, around)
        match hit.family:
            case "misuse":
                return not self._negated(hit, around)
            case "event":
                happened = True
            case "symptom" | "bodily":
                happened = not is_topic and (self._knows_medicine(around) or self._is_sign_alone(hit, around))
            case _:
                happened = not is_topic and sentence not in around.general
        return happened and not self._negated(hit, around) and not self._is_annoyance(hit)

    def _knows_medicine(self, around: _Surroundings) -> bool:
        """Tell whether the text or its question is about a medicine."""
        return self.about is QuestionTopic.MEDICINE or around.context

    def _is_sign_alone(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a symptom without a medicine is worth a reader's eye: no ache, which the talk is about."""
        if hit.family != "symptom" or self.tokens[hit.first].sentence in around.general:
            return False
        return not self._is_vague(hit) and not self._overlaps(hit, ("ache", "upset", "bodily"))

    def _is_strong(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit has a medicine beside it and says what befell the person."""
        if hit.family == "attributed":
            return self._has_reaction(hit)
        if hit.family == "symptom" and self._is_vague(hit):
            return False
        if self.about is QuestionTopic.MEDICINE or self._tells_of_effects(hit):
            return True
        return bool(self.products) or self.tokens[hit.first].sentence in around.medicines

    def _tells_of_effects(self, hit: PatternHit) -> bool:
        """Tell whether a hit has words that are of medicines alone: 'side effects', 'overdose', 'grade 3'."""
        inside = range(hit.first, hit.last)
        return self._has("effects", hit.language, inside) or self._overlaps(hit, ("effects",))

    def _has_reaction(self, hit: PatternHit) -> bool:
        """Tell whether the sentence of 'since the tablets' also says what befell somebody."""
        sentence = self.tokens[hit.first].sentence
        return any(
            self.tokens[other.first].sentence == sentence
            and not (family == "symptom" and self._is_vague(other))
            for family in _REACTIONS
            for other in self._of(family)
        )

    def _is_vague(self, hit: PatternHit) -> bool:
        """Tell whether a symptom is a part of the body, a value or a mood that says too little by itself."""
        return self._is_all("vague", hit)

    def _is_all(self, aid: str, hit: PatternHit) -> bool:
        """Tell whether a hit says no more than words of an aid to judge by: one of its words, or a phrase of it."""
        if hit.last - hit.first == 1 and self._has(aid, hit.language, (hit.first,)):
            return True
        return any(other.covers(hit) for other in self._of(aid))

    def _has(self, aid: str, language: str, places: Iterable[int]) -> bool:
        """Tell whether a word at one of some places is a single word of an aid to judge by, in a language."""
        words = self.lexicon.index.aids.get((aid, language))
        if words is None:
            return False
        return any(not words.isdisjoint(self.tokens[place].keys) for place in places)

    def _overlaps(self, hit: PatternHit, families: Iterable[str]) -> bool:
        """Tell whether a hit shares a word with one of some families."""
        for family in families:
            for other in self._of(family):
                if other.first < hit.last and hit.first < other.last:
                    return True
        return False

    def _is_only_intended(self, hit: PatternHit) -> bool:
        """Tell whether a hit is what somebody means to do or prevent, of no product and nobody in particular."""
        if self.about is QuestionTopic.MEDICINE:
            return False
        if self.about is not QuestionTopic.PLAN and not self._stands_before("aim", hit):
            return False
        of_somebody = bool(self._of("self") or self._of("others"))
        return not (self.products and of_somebody)

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

    def _is_untroubled(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether the sentence of 'since the tablets' says that all is well, or takes the sign back.

        Also where it is about how care is run, or denies a sign.
        """
        if any(self._stands_by(hit, family) for family in ("fine", "process", "mundane")):
            return True
        sentence = self.tokens[hit.first].sentence
        signs = (other for other in self._of("symptom") if self.tokens[other.first].sentence == sentence)
        return any(self._negated(sign, around) for sign in signs)

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

    def _negated(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit is denied: 'no nausea or rash', 'had no side effects', 'side effects: none'.

        Between a 'no' and the sign only fillers and other signs may stand; anything else between the two keeps the
        signal. A 'none' must end the sentence.
        """
        if not around.denies:
            return False
        inside = (place for place in reversed(hit.passed) if place < hit.last - 1)
        return (
            self._denied_by(hit, range(hit.first - 1, -1, -1))
            or (hit.family == "event" and self._denied_by(hit, inside))
            or (self._is_name_of_sign(hit) and self._denied_after(hit))
        )

    def _is_name_of_sign(self, hit: PatternHit) -> bool:
        """Tell whether a hit names a sign, as forms do ('rash: none'), rather than telling it with a verb."""
        return hit.family in _EVENTS and (hit.last - hit.first == 1 or self._tells_of_effects(hit))

    def _denied_by(self, hit: PatternHit, places: Iterable[int]) -> bool:
        """Tell whether, going back by these places, a 'no' comes before anything but fillers and signs.

        It must be a 'no' of the hit's language or of the text's: Portuguese `no` is 'in the'.
        """
        sentence, fillers = self.tokens[hit.first].sentence, self.lexicon.fillers
        negators = self.lexicon.negating(hit.language, self.language)
        for place in places:
            token = self.tokens[place]
            if token.sentence != sentence:
                return False
            if not negators.isdisjoint(token.forms):
                return True
            if fillers.isdisjoint(token.forms) and not self._is_sign(place):
                return False
        return False

    def _denied_after(self, hit: PatternHit) -> bool:
        """Tell whether a part of a sentence ends with a 'none' or 'not' that belongs to a hit before it."""
        denied, sentence = False, self.tokens[hit.first].sentence
        denials = self.lexicon.negating(hit.language, self.language) | self.lexicon.denials
        for place in range(hit.last, len(self.tokens)):
            token = self.tokens[place]
            if token.sentence != sentence:
                return False
            if not denials.isdisjoint(token.forms):
                denied = True
            elif self.lexicon.fillers.isdisjoint(token.forms):
                return False
            if denied and self._ends_clause(place):
                return True
        return False

    def _ends_clause(self, place: int) -> bool:
        """Tell whether a part of a sentence ends after this place."""
        if place + 1 == len(self.tokens):
            return True
        between = self.text[self.tokens[place].end : self.tokens[place + 1].start]
        return _CLAUSE_END.search(between) is not None

    def _is_sign(self, place: int) -> bool:
        """Tell whether a word is part of a symptom or an event."""
        for family in ("symptom", "event", "acute"):
            for hit in self._of(family):
                if hit.first <= place < hit.last:
                    return True
        return False


def _in_order(signals: Sequence[SafetySignal]) -> tuple[SafetySignal, ...]:
    """Return signals by their place in the text, each place and kind once: of several languages the first."""
    if len(signals) < 2:  # noqa: PLR2004 - one has no order
        return tuple(signals)
    by_language = sorted(signals, key=attrgetter("language"), reverse=True)
    places = {(signal.start, signal.end, signal.kind): signal for signal in by_language}
    return tuple(places[place] for place in sorted(places))
