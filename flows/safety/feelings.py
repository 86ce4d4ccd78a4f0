"""Tell whose a feeling is, and when: being upset now is answered at once, being told of one stops nothing.

Theory. "I was so scared that week" is a story, and "I am so scared" is a person who may need a pause. Most languages
set the two apart by a few common words, which stand before the word of feeling and seldom far from it: a verb of the
past or of the present ("was", "am"; "j'ai eu", "j'ai"). The nearest one counts. Where there is none ("terrified, the
first time"), the sentence may name a time that is over. What lasts until today ("since", "still") is never over.

To have cried is told, unless it lasts ("and I still do"). Tears otherwise, and being broken by something, are heard as
of now in the perfect too ("it broke me"), unless a verb of duration or a time sets them in the past.

Fear of a result, worry about money, tears after the diagnosis are in most stories of illness. Such a word of every day
counts only where the sentence says little else, has a word of measure ("so", "every night", "can't stop") or tells of
distress twice; else it is a feeling among others: a hint, and no pause is offered for it. It is one too where something
helps ("it really helped my depression") or somebody is treated for an illness, and the name of an illness beside it is
no second word of distress.

Who goes on with 'but' has come to another thing ("I worry about the scan, but it is the usual nerves"): a word or two
of distress before it are a hint, unless what follows tells of distress too ("but I cry every night").

A question about care asks how it was. "Furious.", "Fed up, to be honest" is its answer and told of then: a hint, where
no verb of the present and no writer stand beside it, and nothing says that it lasts. Tears and being broken are of now.

A feeling of people in general ("we are all afraid"), one that is only supposed ("so I can panic at home"), reported
("asked me if I was anxious") or of a thing ("the word is scary") is nobody's here and now either. Nor is a death that
is told beside something else, or what nobody understands of an illness.
"""

from enum import Enum, auto
from typing import Final

from flows.safety.finding import HitStrength
from flows.safety.marked_words import MarkedWords
from flows.safety.patterns import PatternHit
from flows.script.roles import QuestionTopic

_SENTENCE_OF_FEELING: Final = 3
"""Words of which words of distress need nobody beside them: they mostly have the verb."""
_SHORT_SENTENCE: Final = 7
"""Words of a sentence that is about two words of distress in it."""
_SHORT_SENTENCE_OF_FEELING: Final = 5
"""Words of a sentence that says little else than a feeling of every day: 'I am just really scared'."""
_FEW_WORDS: Final = 3
"""Words of a sentence that says little but how somebody feels."""
_NEAR_SELF: Final = 4
"""Words before or after a word of distress among which the writer must stand."""
_NEAR_VERB: Final = 7
"""Words before a word of distress among which its verb stands."""
_NEAR_SUPPOSED: Final = 5
"""The same for 'if' and 'so that'."""
_AFTER: Final = 4
"""Words after a word of distress among which its verb may stand: 'the fear that I had'."""
_AFTER_BUT: Final = 12
"""Words after 'but' at most for it to lead away from a feeling: who has more to tell is not done with it."""
_BARE: Final = 4
"""Words at most of a part of a sentence that is a mere feeling."""
_VERB_LAST: Final = frozenset({"de"})
"""Languages whose verb at the end says more than the one before: 'habe ... gehabt'."""


class _Tense(Enum):
    """What the verb of a feeling says of its time."""

    PRESENT = auto()
    HELPING = auto()
    """Of the present by itself, of the past with a participle: 'habe Angst', 'habe geweint'."""
    PAST = auto()
    """Once, or from then until now: 'got', 'j'ai eu'."""
    DURATION = auto()
    """For some time that is over: 'was', 'j'avais'."""


_VERBS: Final = (
    ("duration", _Tense.DURATION),
    ("past", _Tense.PAST),
    ("present", _Tense.PRESENT),
    ("helping", _Tense.HELPING),
)
"""Aids to judge by that tell of time; phrases of the past have words of the present in them, so they come first."""


def weight_of_feeling(hit: PatternHit, words: MarkedWords, about: QuestionTopic | None) -> HitStrength | None:
    """Return how much words of distress count: None for nobody's, or for an annoyance with parking.

    Strong is somebody's own now. Weak is what is told of the past, of people in general, of a thing or as a mere
    possibility, and a word or two in a plan.
    """
    if hit.is_doubtful or is_annoyance(hit, words):
        return None
    is_sentence = hit.last - hit.first >= _SENTENCE_OF_FEELING
    if not (is_sentence or _is_near_somebody(hit, words)):
        return None
    if about is QuestionTopic.PLAN and not is_sentence:
        return HitStrength.WEAK
    is_elsewhere = _is_told(hit, words) or _is_supposed(hit, words) or _is_of_others(hit, words)
    is_elsewhere = is_elsewhere or (not is_sentence and _is_word_elsewhere(hit, words, about))
    is_elsewhere = is_elsewhere or _is_loss_told(hit, words) or _is_unheard_illness(hit, words)
    return HitStrength.WEAK if is_elsewhere or _is_one_of_many(hit, words) else HitStrength.STRONG


def _is_word_elsewhere(hit: PatternHit, words: MarkedWords, about: QuestionTopic | None) -> bool:
    """Tell whether a word or two of distress are left behind by a 'but', or a bare answer to how care was."""
    return _is_turned_from(hit, words) or (about is QuestionTopic.CARE and _is_bare(hit, words))


def _is_bare(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a feeling stands without a verb of the present or the writer: 'Furious.', 'Fed up, frankly'.

    Who is asked how care was answers so, and tells of then. What lasts, or comes every night, is of now.
    """
    begins, ends = hit.first, hit.last
    while begins and not words.ends_clause(begins - 1):
        begins -= 1
    while not words.ends_clause(ends - 1):
        ends += 1
    clause, sentence = range(begins, ends), words.places(words.sentence(hit))
    if len(clause) > _BARE or any(other.first in clause for other in words.of("self")):
        return False
    if words.is_all("unheard", hit) or words.has_any("deep", hit, range(hit.first, hit.last)):
        return False
    if any(words.has_any(aid, hit, clause) for aid in ("present", "helping", "ongoing")):
        return False
    return not any(words.has_any(aid, hit, sentence) for aid in ("lasting", "often"))


def _is_one_of_many(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a word of every day for a feeling stands in a sentence that says more than how somebody feels."""
    is_word = hit.last - hit.first == 1
    is_everyday = is_word and words.has_any("everyday", hit, range(hit.first, hit.last))
    if not (is_everyday or words.is_all("everyday", hit)):
        return False
    sentence = words.sentence(hit)
    here = words.places(sentence)
    if _is_eased(hit, words, here) or _is_treated(hit, words, here):
        return True
    if words.length(sentence) <= _SHORT_SENTENCE_OF_FEELING:
        return False
    if any(words.has_any(measure, hit, here) for measure in ("intense", "lasting", "often")):
        return False
    return not any(
        (other.first >= hit.last or hit.first >= other.last) and not words.is_all("illness", other)
        for other in words.of("upset")
        if words.sentence(other) == sentence
    )


def _is_eased(hit: PatternHit, words: MarkedWords, here: range) -> bool:
    """Tell whether a sentence says that something helps against a feeling: 'it really helped my depression'."""
    if not words.has_any("eased", hit, here):
        return False
    negators = words.lexicon.negating(hit.language, words.language)
    return all(negators.isdisjoint(words.tokens[place].forms) for place in here)


def _is_treated(hit: PatternHit, words: MarkedWords, here: range) -> bool:
    """Tell whether a hit is the name of an illness for which somebody is treated: 'they treat my depression'."""
    return words.is_all("illness", hit) and words.has_any("treated", hit, here)


def _is_loss_told(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether somebody's death is told beside something else: 'I lost my mother to it, so I came early'."""
    sentence = words.sentence(hit)
    here = words.places(sentence)
    if len(here) <= _SHORT_SENTENCE_OF_FEELING or not words.is_all("bereft", hit):
        return False
    if any(words.has_any(aid, hit, here) for aid in ("lasting", "often")):
        return False
    return not any(
        other.first >= hit.last or hit.first >= other.last
        for other in words.of("upset")
        if words.sentence(other) == sentence
    )


def _is_unheard_illness(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether nobody understands something, such as the tiredness, rather than the writer."""
    if not words.is_all("unheard", hit) or words.begins(hit.last):
        return False
    sentence = words.sentence(hit)
    return sentence not in words.sentences("self") and sentence not in words.sentences("felt")


def _is_turned_from(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a sentence goes on with 'but' after a feeling, and then tells of none, nor of a 'no'."""
    sentence = words.places(words.sentence(hit))
    for place in range(hit.last, sentence.stop):
        if not words.has("turn", hit.language, (place,)):
            continue
        rest = range(place + 1, sentence.stop)
        if len(rest) > _AFTER_BUT:
            return False
        if any(other.first in rest for other in words.of("upset")):
            return False
        negators = words.lexicon.negating(hit.language, words.language)
        return all(negators.isdisjoint(words.tokens[after].forms) for after in rest)
    return False


def is_annoyance(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether somebody is only fed up with parking or paper: a mild word, and something of every day."""
    mild = (other for other in words.of("mild") if other.first < hit.last and hit.first < other.last)
    return any(words.stands_by(other, "mundane") for other in mild)


def _is_near_somebody(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a word or two of distress have the writer close by, or the sentence says little else."""
    sentence = words.sentence(hit)
    around = range(max(0, hit.first - _NEAR_SELF), min(hit.last + _NEAR_SELF, len(words.tokens)))
    near = [place for place in around if words.tokens[place].sentence == sentence]
    for other in (*words.of("self"), *words.of("felt")):
        if other.first in near:
            return True
    if words.has("felt", hit.language, near):
        return True
    few = _FEW_WORDS if hit.last - hit.first == 1 else _SHORT_SENTENCE
    return words.length(sentence) <= few


def _is_told(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a feeling is told as one of the past."""
    sentence = words.places(words.sentence(hit))
    tense = _tense(hit, words)
    if tense is _Tense.PRESENT or words.has_any("lasting", hit, sentence):
        return False
    is_of_then = words.has_any("then", hit, sentence)
    if words.has_any("often", hit, sentence) and not is_of_then:
        return False
    if words.has_any("cried", hit, range(hit.first, hit.last)):
        return True
    is_deep = words.has_any("deep", hit, range(hit.first, hit.last))
    if tense is _Tense.HELPING and not is_deep:
        return False
    if tense is _Tense.DURATION or (tense is _Tense.PAST and not is_deep):
        return True
    return is_of_then


def _tense(hit: PatternHit, words: MarkedWords) -> _Tense | None:
    """Return what the nearest verb says of the time of a feeling; None where no verb does."""
    if words.language in _VERB_LAST and _verb_after(hit, words):
        return _Tense.DURATION
    clause = _clause_before(hit, words)
    for place in reversed(range(clause.start, hit.last)):
        for aid, tense in _VERBS:
            if words.has_any(aid, hit, range(place, place + 1)):
                return tense
    return _Tense.DURATION if _verb_after(hit, words) else None


def _verb_after(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a verb of the past soon follows a feeling in its clause: 'the fear that I had'."""
    last = hit.last
    while last - hit.last < _AFTER and not words.ends_clause(last - 1):
        if words.has_any("joint", hit, range(last, last + 1)):
            break
        last += 1
    return last > hit.last and words.has_any("after", hit, range(hit.last, last))


def _is_supposed(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a feeling is a mere possibility, one to be spared, or what somebody was asked about."""
    clause = _clause_before(hit, words)
    near = range(max(clause.start, hit.first - _NEAR_SUPPOSED), hit.first)
    return words.has_any("supposed", hit, near) or words.stands_before("asked", hit)


def _is_of_others(hit: PatternHit, words: MarkedWords) -> bool:
    """Tell whether a feeling is that of people in general or of another, or what a thing is like."""
    clause = _clause_before(hit, words)
    for place in reversed(range(max(clause.start, hit.first - _NEAR_SELF), hit.first)):
        here = range(place, place + 1)
        if words.has_any("people", hit, here) or _is_another(place, words):
            return True
        if any(other.first == place for other in words.of("self")):
            return False
    is_of_thing = words.overlaps(hit, ("thing",))
    return is_of_thing and words.sentence(hit) not in words.sentences("self")


def _is_another(place: int, words: MarkedWords) -> bool:
    """Tell whether a place names somebody else, such as the writer's mother."""
    return any(other.first <= place < other.last for other in words.of("others"))


def _clause_before(hit: PatternHit, words: MarkedWords) -> range:
    """Return the places before a hit in its part of the sentence, a few words at most."""
    begins = hit.first
    while begins and hit.first - begins < _NEAR_VERB and not words.ends_clause(begins - 1):
        if words.has_any("joint", hit, range(begins - 1, begins)):
            break
        begins -= 1
    return range(begins, hit.first)
