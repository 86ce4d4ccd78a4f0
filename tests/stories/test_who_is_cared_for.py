"""Who the interview is about, said in words: a carer is asked about the person they care for, nobody else is."""

import pytest

from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person

YES_AND_NO = {
    "en": ("yes", "no"),
    "ar": ("نعم", "لا"),
    "de": ("ja", "nein"),
    "es": ("sí", "no"),
    "fr": ("oui", "non"),
    "it": ("sì", "no"),
    "pt": ("sim", "não"),
}
SAID = {
    "carer": {
        "en": "I look after my mum|my husband has it, I look after him|caring for my husband",
        "ar": "أعتني بزوجي|مرافقة|زوجها",
        "de": "ich pflege meine Mutter|Tochter",
        "es": "cuido a mi madre|soy su hija",
        "fr": "je m'occupe de mon mari|mari",
        "it": "assisto mia madre|sono la figlia",
        "pt": "cuido da minha mãe|sou a filha",
    },
    "patient": {
        "en": "I have it|I'm the patient|I have a carer",
        "ar": "أنا المريضة|أنا مريض",
        "de": "ich habe es selbst",
        "es": "soy yo",
        "fr": "c'est moi",
        "it": "ce l'ho io",
        "pt": "sou eu",
    },
    None: {
        "en": "my wife looks after me|I look after myself|me and my wife|it is me, not my husband"
        "|my husband is my carer|my daughter is my caregiver|my carer is my wife"
        "|I have a wife|I have a husband|I've got a daughter",
        "ar": "زوجتي تعتني بي|أعتني بنفسي|عندي زوجة|لدي زوج",
        "de": "meine Frau pflegt mich|ich pflege mich selbst|ich habe eine Frau|habe eine Tochter",
        "es": "mi mujer me cuida|mi hija es mi cuidadora|me cuido yo|tengo mujer|tengo marido|tengo una cuidadora",
        "fr": "ma femme s'occupe de moi|ma fille est mon aidante|je suis une femme|j'ai un mari|j'ai une épouse",
        "it": "mia moglie mi assiste|ho una moglie|ho un marito",
        "pt": "a minha mulher cuida de mim|a minha filha é a minha cuidadora|sou uma mulher|tenho marido|tenho esposa",
    },
}
"""What people write to 'Which fits you best?', by how it is taken; None: it is asked once more."""


@pytest.mark.parametrize("language", YES_AND_NO)
@pytest.mark.parametrize("meant", SAID)
def test_who_it_is_about_is_read_from_words_that_say_it(meant: str | None, language: str) -> None:
    """Words that name a carer or a patient are taken; words of both are not, as they would turn all questions round."""
    localizations = Localizations((), LanguagePolicy(allow_drafts=True))
    yes, no = YES_AND_NO[language]
    for words in SAID[meant][language].split("|"):
        person = Person(library()["patient_interview"], facts_named("patient"), localizations=localizations)
        if language != "en":
            person.types(f"language {name_of(language)}")
        person.types("1", yes, no, words)
        given = person.state.answers.get("a1")
        assert (words, None if given is None else given.value) == (words, meant)
