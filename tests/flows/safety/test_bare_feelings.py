"""Bare feelings in answer to how care was, and what only looks like distress."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import scan
from flows.script.roles import QuestionTopic

CARE = QuestionTopic.CARE

BARE = {
    "en": ["gutted tbh.", "FED UP.", "Furious."],
    "de": ["Sauer.", "Wütend."],
    "fr": ["Furieuse.", "Terrifiée."],
    "es": ["Rabia.", "Impotencia. Esa cosa en la garganta."],
    "pt": ["Raiva.", "Triste."],
    "it": ["Rabbia.", "Arrabbiata e triste."],
    "ar": ["مصدومة ومستفزة.", "انقهرت."],
}
NOW = {
    "en": ["I am so scared", "I can't stop crying", "Not coping.", "Terrified right now."],
    "de": ["Heule nur noch.", "ich habe solche Angst"],
    "fr": ["Je suis terrifiée", "Effondrée."],
    "es": ["Lloro todas las noches.", "no puedo más"],
    "pt": ["Choro muito.", "não aguento mais"],
    "it": ["Piango sempre.", "Sono disperata"],
    "ar": ["ببكي كل ليلة", "أنا خايفة"],
}
LOOKS_ALIKE = {
    "en": ["alone with my crossword, I was fine"],
    "de": ["da hab i halt nimmer kocht", "allein mit meiner Lupe", "Weder wütend noch traurig, nur müde."],
    "fr": ["le soir, seule avec ma loupe", "Ni triste ni en colère, juste lasse."],
    "es": [
        "un viejito, mal de Chagas, me dijo espero",
        "me da mal de altura",
        "me dio un chorro de coraje",
        "A mi marido le tratan el Parkinson y a mí la depresión",
    ],
    "pt": ["tem mal de Parkinson", "Nem triste nem zangada."],
    "it": ["Né arrabbiata né triste.", "ne triste ne arrabbiata"],
    "ar": ["لا حزينة ولا غاضبة"],
}


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), by_language(BARE))
def test_a_bare_feeling_answers_how_care_was(text, language):
    """'Furious.' is what was asked: a hint. Where the question is about something else, it is asked about."""
    assert scan(text, products=PRODUCTS, languages=SHIPPED, about=CARE, language=language).signals == ()
    assert scan(text, products=PRODUCTS, languages=SHIPPED, about=None, language=language).tier == 1


@pytest.mark.parametrize(("text", "language"), by_language(NOW))
def test_a_feeling_of_now_is_asked_about_under_any_question(text, language):
    """A verb of the present, the writer beside it, tears, or what lasts."""
    assert scan(text, products=PRODUCTS, languages=SHIPPED, about=CARE, language=language).tier >= 1


@pytest.mark.parametrize(("text", "language"), by_language(LOOKS_ALIKE))
def test_what_only_looks_like_distress_stops_nothing(text, language):
    """Names of illnesses, 'neither ... nor', a dialect's 'no longer', another language's word."""
    assert scan(text, products=PRODUCTS, languages=SHIPPED, about=CARE, language=language).signals == ()
