"""What makes a hit strong, weak or none: the question, denials, plans, jokes, another language, a medicine."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, scan
from flows.script.roles import QuestionTopic

MEDICINE, CARE, PLAN = QuestionTopic.MEDICINE, QuestionTopic.CARE, QuestionTopic.PLAN

DENIED = {
    "en": [
        "I had no side effects at all",
        "I have had no side effects",
        "I experienced no side effects",
        "Have not experienced any side effects",
        "Never had any side effects from it",
        "Side effects: none",
        "rash: none, nausea: none",
        "any side effects? nope, none",
        "rash? no. nausea? no. out in eight minutes",
    ],
    "de": [
        "ich hatte keine Nebenwirkungen",
        "Nebenwirkungen hatte ich keine",
        "Bisher keine Nebenwirkungen bemerkt",
        "Ich habe überhaupt keine Nebenwirkungen gehabt",
        "Nebenwirkungen: keine",
        "Nebenwirkungen? Keine.",
        "Übelkeit? nein. Ausschlag? nee.",
    ],
    "fr": [
        "je n'ai eu aucun effet secondaire",
        "je n'ai pas eu d'effets secondaires",
        "aucun effet indésirable",
        "effets secondaires : aucun",
        "pas d'effets secondaires du tout",
        "effets secondaires ? aucun",
    ],
    "es": [
        "no tuve ningún efecto secundario",
        "no he tenido efectos secundarios",
        "efectos secundarios, ninguno",
        "¿efectos secundarios? ninguno",
        "No he notado nada raro con las pastillas",
    ],
    "it": [
        "non ho avuto nessun effetto collaterale",
        "non ho avuto effetti collaterali",
        "effetti collaterali: nessuno",
        "Effetti collaterali? Neanche uno.",
    ],
    "pt": [
        "não tive nenhum efeito secundário",
        "não tive efeitos colaterais",
        "efeitos secundários: nenhum",
        "efeitos secundários? nenhum",
        "sem efeitos secundários",
    ],
    "ar": [
        "ما عندي اي اعراض جانبية",
        "لم تظهر علي اي اعراض جانبية",
        "مفيش أعراض جانبية",
        "الأعراض الجانبية: لا يوجد",
    ],
}
PLANNED = {
    "en": [
        "Ask about pain at each visit",
        "Give every new family one number to call",
        "I will check for neuropathy in every patient before each cycle",
        "fewer side effects",
        "to avoid infections I will give prophylaxis",
        "If a patient vomits I will change the tablets",
    ],
    "de": [
        "Ich werde jeden Patienten vor dem Zyklus nach Taubheit fragen",
        "weniger Übelkeit bei der Therapie",
    ],
    "fr": ["je vais demander à chaque patient s'il a des nausées", "prévenir les infections sous traitement"],
    "es": ["preguntar por el dolor y el cansancio en cada visita", "evitar las náuseas con las pastillas"],
    "it": ["chiederò a ogni paziente della nausea prima del ciclo", "prevenire le infezioni con la terapia"],
    "pt": ["vou perguntar a cada doente sobre náuseas", "evitar infeções com os comprimidos"],
    "ar": ["سأسأل كل مريض عن الغثيان قبل الجلسة", "لتجنب الغثيان مع الدواء"],
}
HARMLESS_KINDS = {
    "what cannot be done is a way to praise, or to say that nothing comes to mind": [
        ("en", "Can't think of anything that could be better"),
        ("en", "I couldn't think of anything to ask"),
        ("en", "I cannot speak too highly of them"),
        ("en", "couldn't do anything but praise them"),
    ],
    "a feeling that was given, and a heart that is none of the body": [
        ("en", "They made me feel at ease"),
        ("en", "made me feel normal again"),
        ("en", "It warms my heart"),
        ("en", "My heart sinks every time the phone rings"),
    ],
    "a word of one language that stands in another's list": [
        ("es", "Me encanta cómo me trataron"),
        ("en", "Always enjoy coming"),
        ("en", "a bit confusing"),
        ("en", "Wishing you a quick recovery"),
        ("en", "Good progress"),
        ("es", "Sigo en shock"),
        ("de", "das Internet"),
        ("pt", "a internet aqui"),
        ("de", "manchmal"),
        ("en", "It could be better"),
        ("en", "I stopped at the shop"),
    ],
    "words that stand far apart": [
        ("en", "they went the extra mile to make the treatment pleasant"),
        ("en", "Loss of hearing is a disability you cannot see"),
        ("en", "I have not noticed anything wrong with the pen"),
    ],
    "a change of medicine without a reason": [
        ("en", "They changed the drug"),
        ("it", "mi hanno cambiato la terapia"),
        ("ar", "غيروا الدواء"),
    ],
    "side effects and medicines as what was talked about": [
        ("fr", "On m'a expliqué les effets secondaires"),
        ("fr", "On parle trop de médicaments"),
        ("en", "Nobody told me about side effects"),
    ],
    "a sign that the talk is about, with no medicine beside it": [
        ("de", "Schnellere Rückrufe, weil ich nachts Schmerzen habe"),
        ("en", "her numbers were up"),
        ("en", "not sure it fits"),
        ("es", "Estoy muy cansado de todo esto"),
    ],
    "an end of something else than a life": [
        ("en", "that hill you want to die on"),
        ("en", "so good I want to die"),
        ("es", "no quiero seguir con la encuesta"),
        ("es", "no quiero seguir esperando en el teléfono"),
    ],
    "words of distress of nobody here": [
        ("en", "it is a terrible word to give to a frightened woman at four in the afternoon"),
        ("fr", "Un plan écrit pour l'école, car la prof panique au moindre sifflement"),
        ("en", "asked me if I ever think about hurting myself, and I could say no"),
    ],
}
TOLD_OF_THE_MEDICINE = [
    "Chronic cough, weight gain, no interest in sex.",
    "slight loss of libido",
    "no sex drive, gained weight",
    "gained 10 pounds",
    "constant gas and constipation",
    "photosensitivity",
    "Redness and skin sensitivity",
    "lack of strength",
    "rectal bleeding",
    "heavy bleeding with my period",
    "sudden hearing loss, deaf in one ear",
    "Couldn't sleep.",
    "really bad dreams",
    "Vivid dreams and nightmares",
    "zombie-like, no emotions",
    "I have difficulty remembering things",
    "Very sleepy, I doze off at my desk",
    "extreme disorientation",
    "it changed my personality",
    "I felt drugged",
    "slow reactions when driving",
    "the brain zaps people talk about",
    "very rough on my stomach",
    "aches and pains like flu",
    "The headaches were unbearable",
    "no benefit, my cholesterol did not drop",
    "pill added nothing",
    "stopped working eventually",
    "hate the withdrawal",
    "I could barely get out of bed the first two weeks",
]
OF_RISK = {
    "en": [
        "tonight's the night, goodbye, my note is in the drawer",
        "I have 23 days of life left and feel calm",
        "doing it next week, pills or a train",
        "yesterday I sat on a scaffold on the 6th floor, tonight I go again",
        "found a longer belt, going to try again",
        "I want to blow my brains out",
        "I'm taking my life tomorrow",
        "closing the book on my life",
        "just wishing I was dead",
        "I'd be better off if I didn't exist",
        "I don't really have anything to live for",
        "is dying the only solution?",
        "my kids are the only 3 reasons not to do it",
        "if I die, will my brother have to pay for the flat?",
    ],
    "es": [
        "queriéndome matar",
        "mi vida no tiene sentido",
        "no valgo nada",
        "estoy listo para morir",
        "aveces lo único que quiero es no existir",
        "solo quiero rendirme a la vida",
    ],
    "de": ["das Leben hat keinen Sinn mehr", "ich denke dauernd daran, mich umzubringen"],
    "fr": ["ma vie n'a plus de sens", "je préfère ne plus exister"],
    "it": ["la mia vita non ha senso", "penso di uccidermi"],
    "pt": ["a minha vida não tem sentido", "ando a pensar em matar-me"],
    "ar": ["3yit mn had l7yat bghit nmout", "ana t3ebt men el 7ayat"],
}


def read(text, language, about=None):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=about, language=language)


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize("about", [None, CARE, MEDICINE])
@pytest.mark.parametrize(("text", "language"), by_language(DENIED))
def test_a_denial_is_no_finding_whatever_was_asked(text, language, about):
    """'I had no side effects' is the commonest answer where effects are asked about."""
    finding = read(text, language, about)
    assert (finding.signals, finding.hints) == ((), ())


@pytest.mark.parametrize(("text", "language"), by_language(PLANNED))
def test_what_somebody_means_to_do_is_no_event(text, language):
    """A plan names signs that nobody has; it is neither a report nor a hint."""
    finding = read(text, language, PLAN)
    assert FindingKind.ADVERSE_EVENT not in finding.noticed


def test_a_plan_with_a_product_and_a_patient_is_an_event_all_the_same():
    """Who plans for a patient who had a reaction to the product tells of that reaction."""
    assert read("stopped Velcade in my patient because he got a rash", "en", PLAN).reportable


@pytest.mark.parametrize(
    ("text", "language"),
    [pytest.param(text, language, id=text) for texts in HARMLESS_KINDS.values() for language, text in texts],
)
def test_ordinary_talk_interrupts_nobody(text, language):
    """The kinds of sentences that set off an alarm on real words, and should not."""
    assert read(text, language, CARE).signals == ()


@pytest.mark.parametrize("text", TOLD_OF_THE_MEDICINE)
def test_a_sign_is_a_report_or_a_hint_where_the_medicine_is_asked_about(text):
    """Nominal style, sleep and mind, no effect, leaving off: found when the question is known."""
    assert FindingKind.ADVERSE_EVENT in read(text, "en", MEDICINE).noticed


@pytest.mark.parametrize(
    ("text", "language", "about", "strong"),
    [
        ("I threw up again", "en", CARE, False),
        ("I threw up again", "en", MEDICINE, True),
        ("I threw up again after the tablets", "en", CARE, True),
        ("Revlimid. I threw up again", "en", CARE, True),
        ("mir ist schwindlig", "de", MEDICINE, True),
        ("mir ist schwindlig", "de", CARE, False),
        ("seit den Tabletten ist mir schwindlig", "de", CARE, True),
        ("j'ai des vertiges", "fr", MEDICINE, True),
        ("j'ai des vertiges", "fr", CARE, False),
    ],
)
def test_a_sign_alone_is_weak_and_one_with_a_medicine_is_strong(text, language, about, strong):
    """What interrupts has both halves, or the question as the other half."""
    finding = read(text, language, about)
    assert finding.reportable is strong
    assert FindingKind.ADVERSE_EVENT in finding.noticed


@pytest.mark.parametrize(("text", "language"), by_language(OF_RISK))
def test_words_of_risk_are_heard(text, language):
    """Method and time without the word, a life without sense, gerunds, Arabic in Latin letters."""
    assert read(text, language).tier == 2


@pytest.mark.parametrize("language", SHIPPED)
def test_words_of_risk_are_heard_in_any_language(language):
    """Whatever the conversation's language: people change to their own when it gets serious."""
    for texts in OF_RISK.values():
        for text in texts:
            assert read(f"{text}", language).tier == 2, text


@pytest.mark.parametrize(
    "text", ["late again, gonna kill myself lol", "kill me now haha, i want to die \U0001f602"]
)
def test_a_plain_joke_halts_nothing_and_is_read_early(text):
    """Words of risk in a text that laughs stand in the reading queue as risk."""
    finding = read(text, "en")
    assert finding.tier == 0
    assert FindingKind.RISK in {hint.kind for hint in finding.hints}


def test_a_term_of_risk_in_a_plan_is_no_persons_risk():
    """A clinician means to ask about it."""
    assert read("Poser la question des idées suicidaires à chaque patient", "fr", PLAN).tier == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [("Me encanta", "es"), ("Me encanta", "en"), ("Recomendado", "es"), ("encantada con todo", "es")],
)
def test_correction_of_misspellings_touches_no_common_word(text, language):
    """'Me encanta' is no misspelt sickbed, nor is a word of the text's language corrected into another's."""
    finding = read(text, language, MEDICINE)
    assert (finding.signals, finding.hints) == ((), ())


def test_a_misspelling_is_read_in_the_texts_own_language():
    """One slip in a long word of the conversation's language is still understood."""
    assert read("the tablets gave me palpitationns", "en").reportable


def test_every_language_has_its_tables():
    """No language is left without its guard."""
    assert set(DENIED) == set(PLANNED) == set(OF_RISK) == set(SHIPPED)


@pytest.mark.parametrize(
    "text",
    [
        "Why do I have a rash since the tablets? Nobody answers.",
        "Nausea? Yes, since the new tablets.",
        "the tablets gave me a rash. None of you rang",
    ],
)
def test_a_question_is_answered_no_only_where_it_is_short_and_next_to_it(text):
    """A long question names more than a sign, and what ends in a full stop is no question."""
    assert scan(text, products=PRODUCTS, languages=SHIPPED, about=MEDICINE, language="en").reportable


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My kidney figures are stable and the protein dropped by a third"),
        ("de", "Der Blutdruck liegt stabil bei 125"),
        ("fr", "Les reins sont stables, la protéine a baissé d'un tiers"),
        ("es", "que me traten como persona y no como un número"),
        ("it", "I reni sono stabili, la proteina è scesa di un terzo"),
        ("pt", "ser tratado como pessoa e não como um número"),
        ("ar", "وظائف الكلى مستقرة والبروتين نزل"),
    ],
)
def test_a_value_that_has_not_changed_is_no_sign(language, text):
    """Nor is 'not as a number' somebody who does not eat."""
    finding = scan(text, products=PRODUCTS, languages=SHIPPED, about=CARE, language=language)
    assert (finding.signals, finding.hints) == ((), ())
