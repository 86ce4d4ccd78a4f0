"""What is named, and what befell somebody: reactions to be reported, learned or watched for; an overdose taken."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import scan
from flows.script.roles import QuestionTopic

CARE, PLAN = QuestionTopic.CARE, QuestionTopic.PLAN

NAMED_AS_SUBJECT = {
    "en": [
        "what side effects to report",
        "Which side effects should we report?",
        "Side effects.",
        "methotrexate toxicity",
        "More on methotrexate toxicity",
        "learned about immune toxicities",
        "How to manage toxicity",
        "Teach patients what reactions to watch for",
        "monitor for neuropathy with the tablets",
        "Explain the side effects of the tablets better",
        "tell me what side effects to expect from the tablets",
        "Side effects of chemo should be explained",
        "when to report a fever on chemo",
        "signs of an allergic reaction",
        "I learned how to spot a reaction to the infusion",
        "the leaflet on side effects",
        "It would have helped to have the possible side effects on paper",
        "I wish they had told me the likely side effects",
    ],
    "de": [
        "welche Nebenwirkungen man melden soll",
        "Nebenwirkungen.",
        "Toxizität von Methotrexat",
        "mehr über die Toxizität",
        "auf welche Nebenwirkungen ich achten muss",
        "Umgang mit Nebenwirkungen",
        "Anzeichen für eine allergische Reaktion",
        "Die Nebenwirkungen der Tabletten besser erklären",
        "Vortrag über Toxizität unter der Therapie",
        "Die möglichen Nebenwirkungen hätte ich gern vorher schriftlich gehabt",
    ],
    "fr": [
        "quels effets secondaires signaler",
        "Effets secondaires.",
        "toxicité du méthotrexate",
        "en savoir plus sur la toxicité",
        "surveiller les effets secondaires des comprimés",
        "comment gérer les effets indésirables",
        "signes d'une réaction allergique",
        "mieux expliquer les effets secondaires du traitement",
        "J'aurais aimé avoir les effets indésirables possibles par écrit",
    ],
    "es": [
        "qué efectos secundarios notificar",
        "Efectos secundarios.",
        "toxicidad del metotrexato",
        "más sobre la toxicidad",
        "vigilar los efectos secundarios de las pastillas",
        "cómo manejar los efectos adversos",
        "señales de una reacción alérgica",
        "explicar mejor los efectos secundarios del tratamiento",
    ],
    "it": [
        "quali effetti collaterali segnalare",
        "Effetti collaterali.",
        "tossicità del metotrexato",
        "saperne di più sulla tossicità",
        "monitorare gli effetti collaterali delle compresse",
        "come gestire gli effetti avversi",
        "segni di una reazione allergica",
        "spiegare meglio gli effetti collaterali della terapia",
    ],
    "pt": [
        "que efeitos secundários comunicar",
        "Efeitos secundários.",
        "toxicidade do metotrexato",
        "mais sobre a toxicidade",
        "vigiar os efeitos secundários dos comprimidos",
        "como gerir os efeitos adversos",
        "sinais de uma reação alérgica",
        "explicar melhor os efeitos secundários do tratamento",
    ],
    "ar": [
        "ما الأعراض الجانبية التي يجب الإبلاغ عنها",
        "أعراض جانبية",
        "سمية الميثوتركسات",
        "معلومات عن الأعراض الجانبية للدواء",
        "مراقبة الأعراض الجانبية للحبوب",
        "علامات الحساسية",
    ],
}
TOLD_AS_EVENT = {
    "en": [
        "I had terrible side effects from the tablets",
        "I learned that Revlimid gave me the rash",
        "told the nurse that my husband got neuropathy from Velcade",
        "the side effects of the tablets are awful for me",
        "I had an allergic reaction to the infusion",
        "my patient developed grade 3 toxicity on the infusion",
    ],
    "de": [
        "ich hatte schlimme Nebenwirkungen von den Tabletten",
    ],
    "fr": [
        "j'ai eu de gros effets secondaires avec les comprimés",
    ],
    "es": [
        "tuve efectos secundarios muy fuertes con las pastillas",
    ],
    "it": [
        "ho avuto forti effetti collaterali con le compresse",
    ],
    "pt": [
        "tive efeitos secundários fortes com os comprimidos",
    ],
    "ar": [
        "صار معي أعراض جانبية قوية من الدواء",
    ],
}
OVERDOSE_TAKEN = {
    "en": [
        "I took an overdose",
        "I overdosed on my pills last night",
        "ive taken an overdose",
    ],
    "de": [
        "Ich habe eine Überdosis genommen",
        "hab ne überdosis genommen",
    ],
    "fr": [
        "j'ai fait une overdose",
        "j'ai pris une surdose exprès",
    ],
    "es": [
        "me tomé una sobredosis",
        "he tomado una sobredosis",
    ],
    "it": [
        "ho preso un'overdose di pastiglie",
    ],
    "pt": [
        "tomei uma overdose",
        "fiz uma overdose",
    ],
    "ar": [
        "اخذت جرعة زائدة",
    ],
}
OVERDOSE_OF_NOBODY = {
    "en": [
        "avoid overdose of opioids",
        "a patient's overdose last year changed our practice",
        "I overdosed by mistake",
        "teach about overdose",
    ],
    "de": [
        "Überdosis vermeiden",
        "aus Versehen eine Überdosis genommen",
    ],
    "fr": [
        "éviter les surdoses",
        "un patient a fait une overdose",
    ],
    "es": [
        "evitar la sobredosis",
        "tomé una sobredosis por error",
    ],
    "it": [
        "evitare il sovradosaggio",
    ],
    "pt": [
        "evitar a overdose",
    ],
    "ar": [
        "تجنب الجرعة الزائدة",
    ],
}


def read(text, language, about=None):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=about, language=language)


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize("about", [CARE, PLAN])
@pytest.mark.parametrize(("text", "language"), by_language(NAMED_AS_SUBJECT))
def test_a_reaction_named_as_a_subject_opens_no_case(text, language, about):
    """What is to be reported, learned, explained or watched for, and toxicity in general, befell nobody."""
    assert not read(text, language, about).reportable


@pytest.mark.parametrize("about", [CARE, None])
@pytest.mark.parametrize(("text", "language"), by_language(TOLD_AS_EVENT))
def test_who_had_the_reaction_is_told_of_all_the_same(text, language, about):
    """A medicine and somebody who had it make an event, also where it was learned or reported."""
    assert read(text, language, about).reportable


def test_what_is_answered_to_the_question_about_the_medicine_is_no_subject():
    """'Side effects.' is an answer there."""
    assert read("Side effects.", "en", QuestionTopic.MEDICINE).reportable


@pytest.mark.parametrize("about", [None, *QuestionTopic])
@pytest.mark.parametrize(("text", "language"), by_language(OVERDOSE_TAKEN))
def test_an_overdose_that_somebody_took_is_answered_with_help(text, language, about):
    """Whatever was asked, a plan too."""
    assert read(text, language, about).tier == 2


@pytest.mark.parametrize(("text", "language"), by_language(OVERDOSE_OF_NOBODY))
def test_an_overdose_that_is_prevented_anothers_or_a_mistake_needs_no_help_in_a_plan(text, language):
    """Nor does it open a case there."""
    finding = read(text, language, PLAN)
    assert finding.tier == 0
    assert not finding.reportable


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The box was full of plastic and the lid was cracked", "en"),
        ("teníamos las cajas rotas y una montaña de plástico", "es"),
    ],
)
def test_a_complaint_in_a_plan_needs_a_product_and_a_person(text, language):
    """Nothing in a plan opens a case without both."""
    assert not read(text, language, PLAN).reportable
    assert read("my patient's Revlimid capsules were broken and the seal was cracked", "en", PLAN).reportable


def test_a_number_that_counts_no_weeks_ends_its_sentence():
    """'118. Then' are two sentences, so that the tablets of the second belong to no value of the first."""
    assert not read("my sugar is at 118. The tablets suit me fine", "en", CARE).reportable
    assert read("in der 7. Woche mit den Tabletten bekam ich Ausschlag", "de", CARE).reportable
