"""Tables by kind: how a medicine is taken, values, answers that all is well, and what they must not hide."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, scan
from flows.script.roles import QuestionTopic

MEDICINE, CARE = QuestionTopic.MEDICINE, QuestionTopic.CARE

SCHEDULES = {
    "en": [
        "one tablet twice daily",
        "half a tablet in the morning and half at night",
        "insulin twice a day and all the tablets together at breakfast",
        "two puffs twice a day, one in the evening",
        "eye drops three times a day, one in each eye",
    ],
    "de": [
        "eine halbe Tablette morgens, eine halbe abends",
        "Tropfen zweimal täglich in beide Augen",
        "alle Tabletten zusammen zum Frühstück",
        "Spritze ins Auge alle acht Wochen",
    ],
    "fr": [
        "un demi comprimé matin et soir",
        "tous les comprimés ensemble au petit déjeuner",
        "deux bouffées deux fois par jour",
        "piqûre dans le ventre une fois par semaine",
        "collyre deux fois par jour dans les deux yeux",
    ],
    "es": [
        "media pastilla por la mañana y media por la noche",
        "todas las pastillas juntas con el desayuno",
        "gotas dos veces al día en los dos ojos",
        "inyección en el ojo cada ocho semanas",
    ],
    "pt": [
        "meio comprimido de manhã e meio à noite",
        "todos os comprimidos juntos ao pequeno-almoço",
        "gotas duas vezes por dia nos dois olhos",
        "timolol e dorzolamida juntos no mesmo frasco",
    ],
    "it": [
        "mezza compressa la mattina e mezza la sera",
        "tutte le pastiglie insieme a colazione",
        "quella per il sangue due volte al giorno",
        "prendo la pastiglia due volte",
    ],
    "ar": [
        "نص حبة الصبح ونص بالليل",
        "كل الحبوب مع بعض على الفطور",
        "ميتفورمين مرتين في اليوم مع الأكل، وحبة",
        "قطرة مرتين في اليوم في العينين",
        "حبة كل يوم بالماء",
    ],
}
ALL_WELL = {
    "en": [
        "Ramipril and a water tablet. Aye fine.",
        "They agree with me well and my ferritin went from 6 to 41",
        "Insulin, pump. Fine.",
        "two of them, no bother at all",
    ],
    "de": [
        "Methotrexat als Spritze, vertrage ich gut",
        "Alle zwei Wochen ein Pen in den Bauch. Passt.",
        "Ich komme damit ausgezeichnet zurecht",
        "Blutdruck ist bei 125 zu 80, alles bestens",
    ],
    "fr": [
        "une piqûre dans l'œil toutes les huit semaines, cela se passe très bien",
        "L'méthotrexate el' mardi. Cha passe crème",
        "un par jour, je m'entends bien avec",
    ],
    "es": ["la tensión está en 12,5 y me sienta bien", "una al día, sin problemas", "me va de maravilla"],
    "pt": [
        "de manhã e à noite. Sem queixas.",
        "Vou indo muito bem, já consigo descascar batatas.",
        "zero drama",
    ],
    "it": [
        "insulina col microinfusore, tutto ok",
        "La pressione sta a 125 su 80, andiamo d'amore e d'accordo.",
        "due la mattina, mi trovo bene",
    ],
    "ar": [
        "حبة للكوليسترول قبل النوم. أموري معها طيبة",
        "حبوب الحديد بالمي كل يوم، زينة، والفيريتين نازل",
        "حبتين يومياً. لا مشاكل.",
    ],
}
NOT_ALL_WELL = {
    "en": [
        "Fine, but my hair comes out in handfuls",
        "I'm fine with them. Threw up after each tablet.",
        "otherwise fine, a rash on both arms",
        "no problem with it, I stopped taking it after a week",
        "all good, took the wrong tablet by mistake",
    ],
    "de": ["Vertrage ich nicht gut, ständig Durchfall", "alles gut, nur Ausschlag an den Armen"],
    "fr": ["ça va bien mais je vomis après chaque prise", "tout va bien, j'ai des nausées le matin"],
    "es": ["me sienta bien pero tengo náuseas", "todo bien, vómitos por la mañana"],
    "pt": ["dou-me bem, mas tenho náuseas", "tudo bem, só vómitos de manhã"],
    "it": ["mi trovo bene ma ho la nausea", "tutto bene, vomito ogni mattina"],
    "ar": ["تمام بس عندي غثيان", "كل شي تمام، عندي طفح جلدي"],
}
MISTAKES = {
    "en": ["took it twice by mistake yesterday", "only take half a tablet because it makes me dizzy"],
    "de": ["gestern die Tablette doppelt genommen", "hab aus Versehen zweimal genommen"],
    "fr": ["j'ai pris deux fois le comprimé hier par erreur"],
    "es": ["ayer tomé la pastilla dos veces sin querer"],
    "pt": ["ontem tomei o comprimido duas vezes por engano"],
    "it": ["ieri ho preso la pastiglia due volte per sbaglio"],
    "ar": ["أخذت الحبة مرتين بالغلط"],
}
VALUES = {
    "en": ["my sugar went from 9 to 6"],
    "de": ["Blutdruck ist bei 125 zu 80"],
    "fr": ["la tension est à 12,5"],
    "es": ["la tensión está en 12,5"],
    "pt": ["a tensão está em 12,5"],
    "it": ["la pressione sta a 125 su 80"],
    "ar": ["الضغط ١٢٥ على ٨٠"],
}
ACTS = {
    "en": ["I can't go on the bus any more", "I can't carry on with the gardening"],
    "de": ["ich kann nicht mehr laufen", "ich kann die Treppe nicht mehr", "ich kann nicht mehr Rad fahren"],
    "fr": ["je ne peux plus porter mes courses", "je ne peux plus monter l'escalier"],
    "es": ["no puedo más con la bolsa de la compra", "ya no puedo subir las escaleras"],
    "pt": ["não consigo mais abrir frascos", "já não consigo subir as escadas"],
    "it": ["non ce la faccio più a salire le scale"],
    "ar": ["لم أعد أستطيع إغلاق أزرار القميص", "لم أعد أستطيع حمل حفيدي"],
}
NO_MORE = {
    "en": ["I can't go on"],
    "de": ["ich kann nicht mehr", "ich kann nicht mehr leben"],
    "fr": ["je n'en peux plus", "je ne peux plus continuer"],
    "es": ["no puedo más", "ya no puedo seguir"],
    "pt": ["não aguento mais"],
    "it": ["non ce la faccio più"],
    "ar": ["لم أعد أستطيع", "لم أعد أستطيع الاستمرار", "لم أعد أحتمل"],
}


def read(text, language, about=MEDICINE):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=about, language=language)


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), by_language(SCHEDULES))
def test_how_a_medicine_is_taken_is_no_mistake_with_it(text, language):
    """How often, when, how much and where it is given opens no case, and is no word of risk."""
    assert read(text, language).signals == ()


@pytest.mark.parametrize(("text", "language"), by_language(ALL_WELL))
def test_an_answer_that_all_is_well_is_no_event(text, language):
    """Halves near one another and values count for nothing there, and the second reader looks for no event."""
    finding = read(text, language)
    assert finding.is_well
    assert (finding.signals, finding.hints) == ((), ())


@pytest.mark.parametrize(("text", "language"), by_language(NOT_ALL_WELL))
def test_an_event_that_is_named_stands_beside_fine(text, language):
    """A reaction, a stop or a mistake that is named outright is an event, whatever else is well."""
    finding = read(text, language)
    assert FindingKind.ADVERSE_EVENT in finding.kinds
    assert not finding.is_well


@pytest.mark.parametrize(("text", "language"), by_language(MISTAKES))
def test_a_mistake_with_a_medicine_is_found(text, language):
    """Twice by mistake, or half because of something, is no schedule."""
    assert FindingKind.ADVERSE_EVENT in read(text, language).kinds


@pytest.mark.parametrize(("text", "language"), by_language(VALUES))
def test_a_value_alone_is_a_hint(text, language):
    """Nothing says that it is bad: it is read soon and opens no case."""
    finding = read(text, language)
    assert finding.signals == ()
    assert FindingKind.ADVERSE_EVENT in finding.noticed


@pytest.mark.parametrize(("text", "language"), by_language(ACTS))
def test_an_act_that_is_no_longer_possible_is_no_despair(text, language):
    """'I can no longer' with an act of every day tells of the illness."""
    finding = read(text, language, CARE)
    assert finding.tier == 0


@pytest.mark.parametrize(("text", "language"), by_language(NO_MORE))
def test_who_can_go_on_no_longer_gets_help(text, language):
    """Alone, or with 'to go on', the same words are of risk."""
    assert FindingKind.RISK in read(text, language, CARE).kinds


def test_contentment_counts_only_under_a_question_about_the_medicine():
    """'Fine' after an appointment says nothing of a medicine."""
    assert not read("Fine.", "en", CARE).is_well
    assert read("Fine.", "en").is_well
