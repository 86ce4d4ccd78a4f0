"""Signs of an illness in a story about care: which stay a hint, and which are part of the story."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, scan
from flows.script.roles import QuestionTopic

STORIES = {
    "en": ["Psoriasis since I was twelve", "my toe was up like a beetroot", "she looked at my eyes"],
    "de": ["Neurodermitis seit der Kindheit", "ein Blick auf die Augen, mehr nicht"],
    "fr": ["un questionnaire sur mes migraines, quarante questions", "asthme depuis six ans"],
    "es": ["Colitis ulcerosa. No preguntaron por el trabajo.", "tengo psoriasis en el cuero cabelludo"],
    "pt": ["tenho hipotireoidismo e asma", "olhou para os meus olhos"],
    "it": ["Emicrania cronica, visita di controllo", "asma da sempre"],
    "ar": ["عندي الصدفية من أيام الجامعة", "عندي الربو وأشتغل في البناء"],
}
NAMED = {
    "en": ["I threw up again", "a rash all over since Tuesday"],
    "de": ["Durchfall seit Tagen", "Ausschlag am ganzen Körper"],
    "fr": ["j'ai vomi toute la nuit"],
    "es": ["vómitos toda la noche"],
    "pt": ["vómitos a noite toda"],
    "it": ["ho vomitato tutta la notte"],
    "ar": ["استفرغت طول الليل"],
}


def read(text, language):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=QuestionTopic.CARE, language=language)


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), by_language(STORIES))
def test_an_illness_and_its_signs_are_part_of_a_story(text, language):
    """The name of an illness, a part of the body, a comparison: no hint where no medicine stands beside them."""
    assert FindingKind.ADVERSE_EVENT not in read(text, language).noticed


@pytest.mark.parametrize(("text", "language"), by_language(NAMED))
def test_a_reaction_that_is_named_stays_a_hint(text, language):
    """It may be of a medicine that nobody named: a person reads it soon."""
    finding = read(text, language)
    assert FindingKind.ADVERSE_EVENT in finding.noticed


def test_a_medicine_in_the_sentence_makes_it_an_event():
    """'My migraines, since the tablets' tells of both."""
    assert FindingKind.ADVERSE_EVENT in read("migraines ever since the tablets", "en").noticed
