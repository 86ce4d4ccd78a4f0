"""Whoever cares for a person is asked about that person: nothing that they may be shown speaks of their own care."""

import re
from collections.abc import Iterator

import pytest

from flows.i18n.catalogs import SHIPPED, languages_in
from flows.script.loader import library
from flows.script.roles import Role
from tests.support.told_strings import Told, told

LANGUAGES = ("en", *languages_in(SHIPPED))
THEIR_CARE = {
    "en": r"\byour (?:own )?(?:care|health|treatment|visit|doctor|nurse|medicine|illness|condition|family|life|body)",
    "ar": r"(?<!الذي في )\b\w*(?:رعايت|صحت|زيارت|طبيب|عائلت|علاج|مرض)ك\b|\w*فريقك\b",
    "de": (
        r"\bIhr(?:e[mnrs]?)? (?:eigenen )?(?:Versorgung|Behandlung|Gesundheit|Betreuung|Termin|Arzt|Ärzt|Team|Fami"
        r"|Krankheit|Medika)|Sie (?:betreut|behandelt)|um Sie kümmert|Ihnen geht"
    ),
    "es": r"\bsu (?:propia )?(?:atención|salud|tratamiento|consulta|equipo médico|familia|enfermedad)",
    "fr": r"\b(?:vos|votre) (?:propres )?(?:soins|santé|consultation|équipe|famille|maladie|traitement)",
    "it": r"\bSu[aeio]i? (?:assistenza|salute|cur|visit|team|famiglia|malattia)|La assistono",
    "pt": r"\b(?:seus?|suas?) (?:cuidados|saúde|consulta|equipa|família|doença)|cuidados que recebe",
}
"""Care that the words give to the one who reads them. Where 'su' and 'sua' are hers too, wordings for carers may have
it."""
THEM = {
    "en": r"\byou(?:rs?)?\b",
    "ar": r"\b(?!ذلك)\w{2,}ك\b",
    "de": r"\b(?:Sie|Ihnen|Ihre?[mnrs]?)\b",
    "es": r"\b(?:usted|sus?)\b|^Le\b",
    "fr": r"\b(?:[Vv]ous|vos|votre)\b",
    "it": r"\b(?:Lei|Le|La|Su[aeo]|Suoi)\b",
    "pt": r"\b(?:si|seus?|suas?|consigo)\b|lhe\b",
}
MINE = {
    "en": r"\b(?:me|my|I)\b",
    "ar": r"\bلي\b|يسمعوني|رأيي",
    "de": r"\b(?:ich|mi(?:r|ch)|mein\w*)\b",
    "es": r"\b(?:me|m[ií]s?)\b",
    "fr": r"\b(?:me|moi|m[ao]n|mes|je)\b|\bm'",
    "it": r"\b(?:mi|me|mi[aeo]i?)\b",
    "pt": r"\b(?:me|mim|meus?|minhas?|digo)\b",
}
OF_ONESELF = ("boss_or_doctor", "INQUIRY_BOSS_OR_DOCTOR")
"""Answers to a question about one's own doctor."""


def of(language: str) -> Iterator[Told]:
    """Every string of a language; English as it stands beside a translation."""
    if language == "en":
        yield from (each._replace(shown=each.english) for each in told("de"))
    else:
        yield from told(language)


def shown_to_carers(language: str) -> Iterator[Told]:
    """What a carer may be shown: of the questions that have other words for them, only those."""
    flows = {name for name, flow in library().items() if Role.CARER in flow.audience}
    every = list(of(language))
    for_carers = {each.context.removesuffix("wordings.carer") for each in every}
    for each in every:
        flow = each.context.partition(":")[0]
        told_otherwise = each.context.endswith((".text", "wordings.self")) and any(
            each.context == f"{start}{end}" for start in for_carers for end in ("text", "wordings.self")
        )
        if flow in {*flows, each.context} and not told_otherwise:
            yield each


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_prompt_for_carers_speaks_of_their_own_care(language: str) -> None:
    """Before it is known for whom somebody speaks, and where words are the same for all, care is nobody's."""
    every = list(shown_to_carers(language))
    contexts = {each.context for each in every}
    assert {"patient_follow_up:e0.text", "patient_interview:a01.text", "INQUIRY_MEDICAL"} <= contexts
    assert "patient_interview:a5.text" not in contexts
    wrong = [each for each in every if re.search(THEIR_CARE[language], each.shown)]
    assert [
        each.context
        for each in wrong
        if not each.context.endswith(OF_ONESELF)
        and not (language in ("es", "pt") and each.context.endswith("wordings.carer"))
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pattern_finds_what_patients_are_asked(language: str) -> None:
    """Patients are asked about their own: the words of the pattern are those of these scripts."""
    asked = [each for each in of(language) if each.context == "patient_interview:a5.text"]
    own = {"en": "your care team", "de": "Team", "ar": "رعايتك", "it": "team curante"}
    assert [each for each in asked if own.get(language, "") in each.shown]
    about = [each for each in of(language) if each.context == "patient_interview:a12.text"]
    assert [each.context for each in about if re.search(THEIR_CARE[language], each.shown)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_clinicians_did_is_told_without_a_you(language: str) -> None:
    """On one button for patients and for carers: 'Gave a plan on one page'."""
    labels = [each for each in of(language) if each.context.endswith(".patient_label")]
    assert len(labels) > 3
    assert [each.context for each in labels if re.search(THEM[language], each.shown)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_themes_are_nobody_s(language: str) -> None:
    """A carer picks them for another person, and clinicians read them: 'listening to me' is for neither."""
    themes = [
        each
        for each in of(language)
        if re.fullmatch(r"patient_interview:a6\.choices\.\w+\.label|\w+:themes\.\w+\.label", each.context)
    ]
    assert len(themes) > 15
    assert [each.context for each in themes if re.search(MINE[language], each.shown)] == []
