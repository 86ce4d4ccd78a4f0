"""What clinicians call themselves, in seven languages, at the question for their role."""

import pytest

from flows.engine.compiled import compile_flow, written_buttons
from flows.engine.prompts import choice_texts
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.parsing.answers import ReadReply, UnreadReply, read_choice
from flows.script.loader import library

ROLES = {
    "en": {
        "physician": (
            *(
                "haematologist",
                "Hematologist",
                "I'm a haematologist",
                "consultant haematologist",
                "registrar",
            ),
            *(
                "haematology registrar",
                "resident",
                "fellow",
                "Dr",
                "GP",
                "consultant",
                "junior doctor",
                "I am a GP",
            ),
            *("haemotologist", "a registrar in haematology", "doctor (GP)"),
        ),
        "nurse": ("CNS", "clinical nurse specialist", "nurse practitioner", "staff nurse", "research nurse"),
        "pharmacist": ("pharmacist", "clinical pharmacist", "I'm a hospital pharmacist"),
        "ahp": ("PA", "physician assistant", "physician associate", "physio", "dietician", "social worker"),
        "other": ("student", "medical student", "I'm a student", "educator"),
    },
    "de": {
        "physician": (
            "Hämatologe",
            "Haematologin",
            "Oberärztin",
            "Assistenzarzt",
            "Dr.",
            "Hausarzt",
            "Hämatoonkologin",
        ),
        "nurse": ("Pflegerin", "Krankenschwester", "APN", "Pflegeexpertin"),
        "pharmacist": ("Apothekerin", "klinischer Pharmazeut"),
        "ahp": ("Physiotherapeutin", "Arztassistent", "Psychoonkologin"),
        "other": ("Medizinstudentin", "Student", "Dozentin"),
    },
    "es": {
        "physician": (
            "hematólogo",
            "hematologa",
            "soy hematóloga",
            "residente",
            "médico residente",
            "MIR",
            "Dra.",
        ),
        "nurse": ("enfermera", "enfermera de práctica avanzada", "enfermero gestor"),
        "pharmacist": ("farmacéutico hospitalario", "farmacéutica"),
        "ahp": ("fisioterapeuta", "trabajadora social", "psicooncóloga"),
        "other": ("estudiante de medicina", "estudiante", "docente"),
    },
    "fr": {
        "physician": (
            "hématologue",
            "hematologue",
            "interne",
            "cheffe de clinique",
            "Dr",
            "généraliste",
            "oncologue",
        ),
        "nurse": ("infirmière de coordination", "IDE", "infirmier en pratique avancée", "IPA"),
        "pharmacist": ("pharmacien hospitalier", "pharmacienne"),
        "ahp": ("kiné", "assistante sociale", "psycho-oncologue"),
        "other": ("étudiant en médecine", "étudiante", "externe"),
    },
    "it": {
        "physician": (
            "ematologo",
            "ematologa",
            "sono un ematologo",
            "specializzando",
            "specializzanda",
            "dott.ssa",
            "Dr",
        ),
        "nurse": ("infermiere specializzato", "infermiera di ricerca", "infermiera"),
        "pharmacist": ("farmacista clinico", "farmacista"),
        "ahp": ("fisioterapista", "logopedista", "assistente sociale"),
        "other": ("studentessa di medicina", "studente", "docente"),
    },
    "pt": {
        "physician": (
            "hematologista",
            "sou hematologista",
            "interno de hematologia",
            "médica de família",
            "Dra.",
            "Dr",
        ),
        "nurse": ("enfermeira especialista", "enfermeiro", "enfermeira chefe"),
        "pharmacist": ("farmacêutico hospitalar", "farmacêutica"),
        "ahp": ("terapeuta da fala", "assistente social", "fisioterapeuta"),
        "other": ("estudante de medicina", "aluna", "docente"),
    },
    "ar": {
        "physician": (
            "طبيب أمراض دم",
            "طبيبة أمراض دم",
            "أخصائي أمراض الدم",
            "طبيب مقيم",
            "د.",
            "استشاري",
            "طبيب عام",
        ),
        "nurse": ("ممرض متخصص", "ممرضة", "أخصائية تمريض"),
        "pharmacist": ("صيدلي سريري", "صيدلانية"),
        "ahp": ("أخصائي علاج طبيعي", "أخصائية تغذية", "مساعد طبيب"),
        "other": ("طالبة طب", "طالب", "باحثة"),
    },
}
LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=tuple(ROLES)))


def role(text: str, language: str) -> ReadReply | UnreadReply:
    """What a reply to the question for the role is read as."""
    flow = LOCALIZATIONS.localized(library()["hcp_commitment"], language)
    node = compile_flow(flow).questions["c1"]
    return read_choice(text, choice_texts(tuple(written_buttons(node))), language)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        (language, text, code)
        for language, codes in ROLES.items()
        for code, texts in codes.items()
        for text in texts
    ],
)
def test_a_role(language: str, text: str, code: str) -> None:
    """The names of the field, their spellings and short forms are their role."""
    assert role(text, language) == ReadReply(code)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            ("en", text)
            for text in ("specialist", "assistant", "nurse and pharmacist", "not a doctor", "trainee")
        ),
        ("de", "Spezialist"),
        ("es", "consultora"),
        ("fr", "assistante"),
        ("it", "consulente"),
        ("pt", "consultor"),
    ],
)
def test_a_role_that_could_be_two(language: str, text: str) -> None:
    """What could be more than one is asked."""
    assert isinstance(role(text, language), UnreadReply)


def test_more_about_a_role() -> None:
    """What is told beside the role is a remark."""
    assert role("Consultant haematologist, mostly myeloma", "en") == ReadReply(
        "physician", remark="Consultant haematologist, mostly myeloma"
    )
