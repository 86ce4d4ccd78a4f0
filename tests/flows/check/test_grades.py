"""Reading grades in seven languages: an easy text is read sooner than a hard one, and each script has its row."""

import pytest

from flows.check.grades import FORMULAS, grade_in, reading_grades
from flows.check.readability import GRADE
from flows.formats.po_files import read_po_file, write_po_file
from flows.i18n.catalogs import translation_path
from flows.i18n.extraction import flow_domain
from flows.i18n.sync import update
from flows.script.loader import library, load_flow_text
from flows.script.model import Role

EASY_AND_HARD = {
    "ar": (
        "قل لي ما حدث. ماذا كان ذلك؟",
        "الاستفسارات المتعلقة بالاستراتيجيات العلاجية والتشخيصية المتخصصة.",
    ),
    "de": (
        "Was ist da passiert? Wie war das für Sie?",
        "Vergegenwärtigen Sie sich Versorgungsentscheidungen.",
    ),
    "en": (
        "What was that like? Tell me.",
        "Characterise the multidisciplinary organisation of your therapy.",
    ),
    "es": ("¿Qué pasó? ¿Cómo fue eso?", "Caracterice la organización multidisciplinaria correspondiente."),
    "fr": (
        "Que s'est-il passé ? Dites-moi tout.",
        "Caractérisez l'organisation multidisciplinaire considérée.",
    ),
    "it": (
        "Che cosa è successo? Mi dica tutto.",
        "Caratterizzi l'organizzazione multidisciplinare corrispondente.",
    ),
    "pt": ("O que foi? Diga-me tudo.", "Caracterize a organização multidisciplinar correspondente."),
}


@pytest.mark.parametrize("language", FORMULAS)
def test_an_easy_text_is_read_sooner(language):
    """By the formula of each language."""
    easy, hard = (grade_in(text, language) for text in EASY_AND_HARD[language])
    assert 1 <= easy <= GRADE < hard


def test_what_is_put_in_does_not_count():
    """The name of an illness is a short word in every language, and short vowels are no letters of Arabic."""
    for language, (easy, _) in EASY_AND_HARD.items():
        assert grade_in(f"{easy} {{program.condition}}.", language) <= GRADE + 2
    assert grade_in("كَتَبَ لِي", "ar") == grade_in("كتب لي", "ar")


@pytest.mark.parametrize(
    ("language", "text", "years"),
    [
        ("it", "Io ho un re e un bue. " * 4, 1.0),
        ("it", "Abcde " * 10, 6.65),
        ("it", "Abcdefghij " * 10, 18.25),
        ("fr", "Le chat dort. " * 4, 1.0),
        ("ar", "ابجد", 4.188),
        ("ar", "ابجده", 8.602),
    ],
)
def test_formulas(language, text, years):
    """Single values, worked out by hand; no grade is below the first year, and a table goes on beyond its last row."""
    assert grade_in(text, language) == pytest.approx(years)


SCRIPT = """
flow: tea
title: Tea
language: en
audience: [patient]
steps:
  - {key: hi, kind: say, text: "Is there tea in the pot that stands on the table there?"}
  - {key: short, kind: say, text: "Extraordinary."}
  - {key: bye, kind: end}
"""


def test_own_scripts_with_what_is_finished_beside_them(tmp_path):
    """What is finished counts; one long word is not the hardest text; languages without a formula are left out."""
    flow = load_flow_text(SCRIPT)
    folder = tmp_path / "translations"
    update([flow_domain(flow)], folder, ["de", "es", "nl"])
    for language, string in (
        ("de", "Ist in der Kanne, die dort auf dem Tisch steht, noch Tee?"),
        ("nl", "Thee?"),
    ):
        path = translation_path(folder, language, "tea")
        file = read_po_file(path, language)
        next(one for one in file if one.context == "tea:hi.text").string = string
        write_po_file(path, file)
    script = tmp_path / "tea.yaml"
    script.write_text(SCRIPT, encoding="utf-8")
    found = reading_grades([script])
    assert [(each.language, each.texts, each.where) for each in found] == [
        ("en", 2, "tea:hi.text"),
        ("de", 1, "tea:hi.text"),
    ]
    assert reading_grades([]) == []


def test_every_shipped_script_for_patients_in_every_language():
    """Patients are never given a script whose texts together are above grade 6 by the formula of its language."""
    found = reading_grades()
    patients = {name for name, flow in library().items() if {Role.PATIENT, Role.CARER} & set(flow.audience)}
    assert {each.script for each in found} == patients
    assert {each.language for each in found if each.script == "patient_interview"} == set(FORMULAS)
    interviews = [each for each in found if each.script in {"patient_interview", "patient_follow_up"}]
    assert [each for each in interviews if each.grade > GRADE] == []
