"""Judge the hits of a text in their sentences: which of them stand, as what, and how much they count.

A strong hit interrupts: a case is opened, or help is shown. So it needs both a medicine and what befell the person,
unless the question is about the medicine, or the words tell of both by themselves ('side effects', 'overdose'). What
has one half only is weak.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Final

from msgspec import Struct

from flows.safety.care_signs import is_part_of_story
from flows.safety.feelings import is_annoyance, weight_of_feeling
from flows.safety.finding import FindingKind, HitStrength, ReportElement, SafetyFinding, SafetySignal
from flows.safety.hints import is_by_medicine, is_far_apart, is_no_event_alone, names_other
from flows.safety.marked_words import MarkedWords
from flows.safety.medicine_use import is_bare_value, is_named_outright, is_schedule, says_all_well
from flows.safety.patterns import PatternHit
from flows.safety.products import ProductMention
from flows.script.roles import QuestionTopic

_EVENTS: Final = frozenset({"acute", "event", "symptom", "bodily", "misuse", "attributed"})
"""Families that may make an adverse event."""
_TELLING: Final = _EVENTS | {"complaint", "defect", "upset", "risk", "hint", "overdose", "faint"}
"""Families that make a finding; the others only say how to read these."""
_REACTIONS: Final = ("symptom", "acute", "bodily", "bad", "event", "misuse", "upset", "ache")
"""Families of what befalls somebody, which 'since the tablets' needs in its sentence to be strong."""
_DISTRESS: Final = frozenset({"risk", "hint", "faint", "upset"})
_REPORTABLE: Final = frozenset({FindingKind.ADVERSE_EVENT, FindingKind.PRODUCT_COMPLAINT})
_LAUGHTER: Final = ("\U0001f602", "\U0001f923", "\U0001f605", "\U0001f606")


_ASKING: Final = ("?", "\u061f")
"""Marks that end a question."""
_SHORT_QUESTION: Final = 5
"""Words of a question that names a sign: 'any side effects so far?'."""
_NEAR_SUBJECT: Final = 6
"""Words between 'watch for' and a reaction."""


class _Surroundings:
    """What stands round the hits of a text: numbers of sentences of some kinds, and what is named anywhere.

    Each is found when it is first asked for: most texts that have a hit need one or two.
    """

    def __init__(self, words: MarkedWords, *, names_product: bool) -> None:
        self._words = words
        self._names_product = names_product

    @cached_property
    def topics(self) -> set[int]:
        """Sentences that name something as a topic."""
        return self._words.sentences("topic")

    @cached_property
    def plans(self) -> set[int]:
        """Sentences of what somebody means to do ('discuss side effects before starting').

        They begin with such a verb or, as German has it, end with one.
        """
        words = self._words
        return {
            words.sentence(hit)
            for hit in words.of("plan")
            if words.begins(hit.first) or (hit.language == "de" and words.begins(hit.last))
        }

    @cached_property
    def general(self) -> set[int]:
        """Sentences about people in general."""
        return self._words.sentences("general")

    @cached_property
    def medicines(self) -> set[int]:
        """Sentences that name a medicine, in words that are of nothing else."""
        clear = [hit for hit in self._words.of("medicine") if not self._words.is_all("loose", hit)]
        return {self._words.sentence(hit) for hit in clear}

    @cached_property
    def things(self) -> set[int]:
        """Sentences that name something which may be faulty."""
        return self._words.sentences("item") | self._words.sentences("medicine")

    @cached_property
    def context(self) -> bool:
        """Whether a product, a medicine or a cause is named."""
        return bool(self._names_product or self._words.of("medicine") or self._words.of("cause"))

    @cached_property
    def denies(self) -> bool:
        """Whether the text has any word that may deny what it tells; most have none."""
        forms = [form for token in self._words.tokens for form in token.forms]
        return "ne" in forms or not self._words.lexicon.denying.isdisjoint(forms)


class Judgement(Struct, frozen=True):
    """Judges the hits of one text, and makes the finding of those that stand."""

    words: MarkedWords
    products: tuple[ProductMention, ...]
    about: QuestionTopic | None

    def finding(self) -> SafetyFinding:
        """Judge all hits and return the finding."""
        families = self.words.hits.keys()
        is_well = says_all_well(self.words, self.about)
        if families.isdisjoint(_TELLING):
            return SafetyFinding(products=self.products, is_well=is_well)
        judged = list(self._judged(is_well=is_well))
        if not judged:
            return SafetyFinding(products=self.products, is_well=is_well)
        is_well = is_well and not any(signal.kind in _REPORTABLE for signal, _ in judged)
        signals = _in_order([signal for signal, strength in judged if strength is HitStrength.STRONG])
        hints = _in_order([signal for signal, strength in judged if strength is HitStrength.WEAK])
        who = {ReportElement.REPORTER, ReportElement.PATIENT} if "self" in families else set()
        if "others" in families:
            who.add(ReportElement.PATIENT)
        said_by = frozenset(who) if signals else frozenset[ReportElement]()
        return SafetyFinding(signals, self.products, said_by, hints, is_well)

    def _judged(self, *, is_well: bool) -> Iterable[tuple[SafetySignal, HitStrength]]:
        """Yield the signal of each hit that stands, with how much it counts."""
        harmless = self.words.of("harmless")
        around = _Surroundings(self.words, names_product=bool(self.products))
        for hit in (hit for family in self.words.hits.keys() & _TELLING for hit in self.words.hits[family]):
            if hit.is_doubtful and hit.family in _EVENTS and not self._knows_medicine(around):
                continue
            if (harmless and any(other.covers(hit) for other in harmless)) or self._is_ordinary(
                hit, is_well=is_well
            ):
                continue
            judged = self._lost_act(around) if self._is_act(hit) else self._verdict(hit, around)
            if judged is not None:
                kind, strength = judged
                yield self._signal(hit, kind), strength
            if not is_well and self._is_mood(hit, around):
                yield self._signal(hit, FindingKind.ADVERSE_EVENT), HitStrength.WEAK

    def _is_ordinary(self, hit: PatternHit, *, is_well: bool) -> bool:
        """Tell whether a hit is of every day: an errand, a schedule, or, where all is well, not named outright."""
        if self._is_errand(hit) or is_schedule(hit, self.words, self.about):
            return True
        if not is_well:
            return False
        return hit.family == "faint" or (hit.family in _EVENTS and not is_named_outright(hit, self.words))

    def _is_mood(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a word of distress answers a question about a medicine: a mood may be its effect."""
        if self.about is not QuestionTopic.MEDICINE or hit.family != "upset":
            return False
        return self.words.sentence(hit) not in around.topics and not self._negated(hit, around)

    def _verdict(self, hit: PatternHit, around: _Surroundings) -> tuple[FindingKind, HitStrength] | None:
        """Return the kind of finding that a hit makes in its sentence, and how much it counts; None for nothing."""
        strength = HitStrength.WEAK if hit.is_doubtful else HitStrength.STRONG
        match hit.family:
            case "complaint" | "defect":
                faulty = self._faulty(hit, around)
                return None if faulty is None else (FindingKind.PRODUCT_COMPLAINT, faulty)
            case "upset":
                felt = weight_of_feeling(hit, self.words, self.about)
                return None if felt is None or self._negated(hit, around) else (FindingKind.UPSET, felt)
            case "overdose":
                return None if self._negated(hit, around) else (FindingKind.RISK, strength)
            case "risk" if self._negated(hit, around):
                return FindingKind.UPSET, HitStrength.STRONG
            case "risk" | "hint" | "faint":
                return FindingKind.RISK, HitStrength.WEAK if self._is_faint(hit, around) else strength
            case _:
                event = self._adverse(hit, around)
                return None if event is None else (FindingKind.ADVERSE_EVENT, event)

    def _is_act(self, hit: PatternHit) -> bool:
        """Tell whether 'I can no longer' goes on with an act of every day, such as to climb stairs: no distress."""
        return hit.family in _DISTRESS and any(other.covers(hit) for other in self.words.of("unable"))

    def _lost_act(self, around: _Surroundings) -> tuple[FindingKind, HitStrength] | None:
        """Return what an act that is no longer possible tells of: a weak sign beside a medicine, else nothing."""
        return (FindingKind.ADVERSE_EVENT, HitStrength.WEAK) if self._knows_medicine(around) else None

    def _faulty(self, hit: PatternHit, around: _Surroundings) -> HitStrength | None:
        """Return how much a hit tells of a faulty product: None where denied, or nothing may be faulty."""
        is_weak = hit.is_doubtful or (
            self.about is QuestionTopic.PLAN and not self._names_product_and_person()
        )
        strength = HitStrength.WEAK if is_weak else HitStrength.STRONG
        if hit.family == "complaint":
            return strength
        if not (self.products or around.things) or self._negated(hit, around):
            return None
        is_near = bool(self.products) or names_other(hit, self.words, ("item", "medicine"))
        return strength if is_near else HitStrength.WEAK

    def _is_faint(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether words of risk are read first, and halt nothing."""
        return hit.family == "faint" or self._is_no_wish(hit, around) or is_far_apart(hit, self.words)

    def _is_no_wish(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether words of risk are in a text that laughs ('gonna kill myself lol'), or only asked about."""
        laughs = (
            bool(self.words.of("joke"))
            or self.words.has("joke", "en", range(len(self.words.tokens)))
            or any(face in self.words.text for face in _LAUGHTER)
        )
        if laughs or self._denies_its_end(hit):
            return True
        return hit.family == "risk" and self._is_asked_about(hit, around)

    def _denies_its_end(self, hit: PatternHit) -> bool:
        """Tell whether a denial that a gap passed over stands right before the last word: 'want to rest, not die'."""
        place = hit.last - 2
        negators = self.words.lexicon.negating(hit.language, self.words.language)
        return place in hit.passed and not negators.isdisjoint(self.words.tokens[place].forms)

    def _is_asked_about(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether words of risk are what somebody was asked about, or a term in a clinician's plan."""
        sentence = self.words.sentence(hit)
        if sentence in around.plans:
            return True
        if self.about is QuestionTopic.PLAN and hit.last - hit.first == 1:
            return True
        return self.words.stands_before("asked", hit)

    def _adverse(self, hit: PatternHit, around: _Surroundings) -> HitStrength | None:
        """Return how much a hit tells of an event that happened: None where it is denied, planned, or a mere topic."""
        sentence = self.words.sentence(hit)
        if sentence in around.plans or not self._happened(hit, around) or self._is_only_intended(hit):
            return None
        if self._is_told(hit, around):
            return None
        is_strong = not hit.is_doubtful and self._is_strong(hit, around)
        return HitStrength.STRONG if is_strong else HitStrength.WEAK

    def _happened(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit tells of something that befell somebody: not denied, named as a topic, or of everyday."""
        sentence = self.words.sentence(hit)
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
            case "acute" if self.words.has("steady", hit.language, range(hit.first, hit.last)):
                happened = False
            case _:
                happened = not is_topic and sentence not in around.general
        return happened and not self._negated(hit, around) and not is_annoyance(hit, self.words)

    def _is_told(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit under a question about care is part of a story, with no medicine in its sentence."""
        if self.about is not QuestionTopic.CARE:
            return False
        has_medicine = bool(self.products) or self.words.sentence(hit) in around.medicines
        return not has_medicine and is_part_of_story(hit, self.words)

    def _knows_medicine(self, around: _Surroundings) -> bool:
        """Tell whether the text or its question is about a medicine."""
        return self.about is QuestionTopic.MEDICINE or around.context

    def _is_sign_alone(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a symptom without a medicine is worth a reader's eye: no ache, which the talk is about."""
        if hit.family != "symptom" or self.words.sentence(hit) in around.general:
            return False
        return not self._is_vague(hit) and not self.words.overlaps(hit, ("ache", "upset", "bodily"))

    def _is_strong(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit has a medicine beside it and says what befell the person."""
        if hit.family == "attributed":
            return self._has_reaction(hit)
        if (hit.family == "symptom" and self._is_vague(hit)) or is_bare_value(hit, self.words):
            return False
        if self._is_subject(hit, around) or is_no_event_alone(hit, self.words, self.about):
            return False
        if self.about is QuestionTopic.MEDICINE or self._tells_of_effects(hit):
            return True
        if self.products or self.about is not QuestionTopic.CARE:
            return bool(self.products) or self.words.sentence(hit) in around.medicines
        return is_by_medicine(hit, self.words)

    def _tells_of_effects(self, hit: PatternHit) -> bool:
        """Tell whether a hit has words that are of medicines alone: 'side effects', 'overdose', 'grade 3'."""
        inside = range(hit.first, hit.last)
        return self.words.has("effects", hit.language, inside) or self.words.overlaps(hit, ("effects",))

    def _has_reaction(self, hit: PatternHit) -> bool:
        """Tell whether the sentence of 'since the tablets' also says what befell somebody."""
        sentence = self.words.sentence(hit)
        return any(
            self.words.sentence(other) == sentence and not (family == "symptom" and self._is_vague(other))
            for family in _REACTIONS
            for other in self.words.of(family)
        )

    def _is_vague(self, hit: PatternHit) -> bool:
        """Tell whether a symptom is a part of the body, a value or a mood that says too little by itself."""
        return self.words.is_all("vague", hit)

    def _is_only_intended(self, hit: PatternHit) -> bool:
        """Tell whether a hit is what somebody means to do or prevent, of no product and nobody in particular."""
        if self.about is QuestionTopic.MEDICINE:
            return False
        if self.about is not QuestionTopic.PLAN and not self.words.stands_before("aim", hit):
            return False
        return not self._names_product_and_person()

    def _names_product_and_person(self) -> bool:
        """Tell whether the text names a product of the program, and the writer or somebody else."""
        return bool(self.products) and self._is_of_somebody()

    def _is_of_somebody(self) -> bool:
        """Tell whether the text has the writer in it, or somebody else."""
        return bool(self.words.of("self") or self.words.of("others"))

    def _is_subject(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a reaction is named as what is to be reported, learned or watched for, or in general.

        Who tells of a product and of somebody who had it tells of an event all the same.
        """
        sentence = self.words.sentence(hit)
        if self.about is QuestionTopic.MEDICINE and not self._tells_of_effects(hit):
            return False
        if any(self.words.is_near_in_clause(other, hit, _NEAR_SUBJECT) for other in self.words.of("subject")):
            is_had = self.words.has_any("having", hit, self.words.places(sentence))
            return not (is_had and self._names_product_and_person())
        if self.about in (None, QuestionTopic.MEDICINE) or not self.words.is_all("generic", hit):
            return False
        has_medicine = bool(self.products) or sentence in around.medicines
        return not (has_medicine and self._is_of_somebody())

    def _is_untroubled(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether the sentence of 'since the tablets' says that all is well, or takes the sign back.

        Also where it is about how care is run, or denies a sign.
        """
        if any(self.words.stands_by(hit, family) for family in ("fine", "process", "mundane")):
            return True
        sentence = self.words.sentence(hit)
        signs = (other for other in self.words.of("symptom") if self.words.sentence(other) == sentence)
        return any(self._negated(sign, around) for sign in signs)

    def _is_errand(self, hit: PatternHit) -> bool:
        """Tell whether what went wrong is a form, a bus or an app ('stopped taking the bus'), with no medicine near."""
        if hit.family not in {"event", "misuse", "defect"} or self.products or self.words.of("medicine"):
            return False
        if any(hit.first <= other.first and other.last <= hit.last for other in self.words.of("mundane")):
            return True
        return hit.family == "defect" and self.words.stands_by(hit, "mundane")

    def _signal(self, hit: PatternHit, kind: FindingKind) -> SafetySignal:
        """Make the signal of a hit."""
        return SafetySignal(
            kind, hit.language, self.words.tokens[hit.first].start, self.words.tokens[hit.last - 1].end
        )

    def _negated(self, hit: PatternHit, around: _Surroundings) -> bool:
        """Tell whether a hit is denied: 'no nausea or rash', 'had no side effects', 'side effects: none'.

        Between a 'no' and the sign only fillers and other signs may stand; anything else between the two keeps the
        signal. A 'none' must end the sentence, or begin the next where this one asks.
        """
        if not around.denies:
            return False
        inside = (place for place in reversed(hit.passed) if place < hit.last - 1)
        return (
            self._denied_by(hit, range(hit.first - 1, -1, -1))
            or (hit.family == "event" and self._denied_by(hit, inside))
            or (self._is_name_of_sign(hit) and (self._denied_after(hit) or self._is_answered_no(hit)))
        )

    def _is_name_of_sign(self, hit: PatternHit) -> bool:
        """Tell whether a hit names a sign, as forms do ('rash: none'), rather than telling it with a verb."""
        return hit.family in _EVENTS and (hit.last - hit.first == 1 or self._tells_of_effects(hit))

    def _denied_by(self, hit: PatternHit, places: Iterable[int]) -> bool:
        """Tell whether, going back by these places, a 'no' comes before anything but fillers and signs.

        It must be a 'no' of the hit's language or of the text's: Portuguese `no` is 'in the'.
        """
        sentence, fillers = self.words.sentence(hit), self.words.lexicon.fillers
        negators = self.words.lexicon.negating(hit.language, self.words.language)
        for place in places:
            token = self.words.tokens[place]
            if token.sentence != sentence:
                return False
            if not negators.isdisjoint(token.forms) or self.words.is_nor(place):
                return True
            if fillers.isdisjoint(token.forms) and not self._is_sign(place):
                return False
        return False

    def _denied_after(self, hit: PatternHit) -> bool:
        """Tell whether a part of a sentence ends with a 'none' or 'not' that belongs to a hit before it."""
        denied, sentence = False, self.words.sentence(hit)
        denials = self.words.lexicon.negating(hit.language, self.words.language) | self.words.lexicon.denials
        for place in range(hit.last, len(self.words.tokens)):
            token = self.words.tokens[place]
            if token.sentence != sentence:
                return False
            if not denials.isdisjoint(token.forms):
                denied = True
            elif self.words.lexicon.fillers.isdisjoint(token.forms):
                return False
            if denied and self.words.ends_clause(place):
                return True
        return False

    def _is_answered_no(self, hit: PatternHit) -> bool:
        """Tell whether a hit is in a short question whose answer begins with a 'no': 'Side effects? None.'."""
        sentence = self.words.places(self.words.sentence(hit))
        answer = sentence.stop
        if len(sentence) > _SHORT_QUESTION or answer == len(self.words.tokens):
            return False
        between = self.words.text[self.words.tokens[answer - 1].end : self.words.tokens[answer].start]
        if not any(mark in between for mark in _ASKING):
            return False
        denials = self.words.lexicon.negating(hit.language, self.words.language) | self.words.lexicon.denials
        return not denials.isdisjoint(self.words.tokens[answer].forms)

    def _is_sign(self, place: int) -> bool:
        """Tell whether a word is part of a symptom or an event."""
        for family in ("symptom", "event", "acute"):
            for hit in self.words.of(family):
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
