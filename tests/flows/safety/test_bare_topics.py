"""Nouns of what medicines do, alone under a question about care, are a subject: read early, and no case."""

import pytest

from flows.safety.lexicon import SHIPPED
from flows.safety.products import Product
from flows.safety.scan import SafetyFinding, scan
from flows.script.roles import QuestionTopic

REVLIMID = Product("lenalidomide", "Revlimid")
SUBJECTS = {
    "en": (
        "Side effects.",
        "More on side effects",
        "The side effects of the tablets",
        "Side effects, mostly.",
    ),
    "de": ("Nebenwirkungen.", "Die Nebenwirkungen der Tabletten", "Umgang mit Nebenwirkungen"),
    "fr": ("Effets secondaires.", "Les effets indésirables", "Comment gérer les effets secondaires"),
    "es": ("Efectos secundarios.", "Más sobre los efectos secundarios", "Los efectos adversos"),
    "it": ("Effetti collaterali.", "Gli effetti collaterali dei farmaci", "Gli effetti indesiderati"),
    "pt": ("Efeitos secundários.", "Os efeitos colaterais dos remédios", "Mais sobre os efeitos adversos"),
    "ar": ("الآثار الجانبية", "الأعراض الجانبية.", "كيفية التعامل مع الآثار الجانبية"),
}
TOLD = {
    "en": (
        "I had side effects",
        "My side effects",
        "Bad side effects",
        "Side effects again",
        "An overdose",
        "Side effects, numb feet since the tablets",
    ),
    "de": ("Ich habe Nebenwirkungen", "Starke Nebenwirkungen", "Nebenwirkungen, immer noch"),
    "fr": ("J'ai des effets secondaires", "Encore des effets secondaires depuis le Revlimid"),
    "es": ("Tengo efectos secundarios", "Muchos efectos secundarios por las pastillas"),
    "it": ("Ho effetti collaterali", "Effetti collaterali dal Revlimid"),
    "pt": ("Tenho efeitos secundários", "Efeitos secundários desde o Revlimid"),
    "ar": ("عندي آثار جانبية", "ظهرت عندي آثار جانبية"),
}


def scanned(text: str, language: str, about: QuestionTopic | None) -> SafetyFinding:
    return scan(text, products=(REVLIMID,), languages=SHIPPED, about=about, language=language)


@pytest.mark.parametrize("language", SHIPPED)
def test_a_subject_under_a_question_about_care_is_read_early(language):
    """No case is opened; some are nothing at all."""
    hinted = [scanned(text, language, QuestionTopic.CARE) for text in SUBJECTS[language]]
    assert not any(finding.signals for finding in hinted)
    assert hinted[0].hints
    assert [one.kind for one in hinted[0].hints] == sorted(one.kind for one in hinted[0].hints)


@pytest.mark.parametrize("language", SHIPPED)
def test_the_same_words_under_a_question_about_a_medicine_are_an_event(language):
    """There they are the answer; so they are where nothing is known of the question."""
    assert scanned(SUBJECTS[language][0], language, QuestionTopic.MEDICINE).reportable
    assert scanned(SUBJECTS[language][0], language, None).reportable


@pytest.mark.parametrize("language", SHIPPED)
def test_what_befell_somebody_stays_an_event_under_care(language):
    """Somebody, how bad it is, or when it came: any of them tells."""
    for text in TOLD[language]:
        assert scanned(text, language, QuestionTopic.CARE).reportable, text
