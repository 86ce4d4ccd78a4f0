"""Tables by kind: events that are said by half, open no case; what is said outright does."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, scan
from flows.script.roles import QuestionTopic

MEDICINE, CARE = QuestionTopic.MEDICINE, QuestionTopic.CARE

CHANGED = {
    "en": ["they changed the brand, it's a white one now not pink, does the same"],
    "fr": ["la pharmacienne a changé de marque, pareil"],
    "es": ["El médico me bajó la dosis de 10 a 5 porque voy bien"],
    "it": ["mi hanno cambiato la scatola, la pastiglia è la stessa"],
    "pt": ["mudou de caixa, o comprimido é o mesmo"],
    "ar": ["غيروا لي الشركة، صارت صفرا بدل بيضا، نفس الشي"],
    "de": ["haben sie von 20 auf 5 runter, läuft gut"],
}
BEFORE = {
    "en": [
        "I used to have migraines every week, now I go cycling",
        "since I've been on it I can walk to the shop again",
    ],
    "de": ["Früher hatte ich jede Woche Migräne, jetzt vielleicht einmal im Monat"],
    "fr": ["Avant j'avais mal aux genoux tous les jours, maintenant je fais du vélo"],
    "es": ["antes tenía migraña cada mes y ahora ninguna", "Desde que la tomo ya no me duele la cabeza"],
    "it": ["Prima avevo vomito ogni mattina, adesso lavoro nell'orto"],
    "pt": ["antes eu tinha enxaqueca toda semana, agora jogo bola"],
    "ar": ["من يوم بديت عليه ما عاد يوجعني راسي"],
}
LOOSE = {
    "en": ["my sugar runs like clockwork"],
    "fr": ["le cachet blanc pour le sucre deux fois et la piqure le soir"],
    "pt": ["pomada e secuquinumabe, tranquilo, pele tá quase lisa"],
    "it": ["la glicemia fila liscia come l'olio"],
}
ASKED = {
    "en": ["What if I forget a dose?"],
    "it": ["per il vaccino bisogna sospendere qualcosa?"],
    "ar": ["ماذا أفعل إن نسيت جرعة؟"],
    "fr": ["est-ce que le traitement peut faire grossir ?"],
}
READ = {
    "en": ["The leaflet says nausea and death", "it may cause a rash"],
    "de": ["Der Beipackzettel ist länger als die Bibel, Übelkeit, Schwindel, alles drin"],
    "fr": ["la notice parle de nausées"],
    "it": ["Il bugiardino è un romanzo: vomito e svenimenti"],
    "pt": ["a bula fala de enjoo e tontura"],
    "es": ["el prospecto habla de vómitos"],
}
ELSEWHERE = {
    "de": ["Mein Knie tut weh vom Fußball, das hat mit den Pillen nichts zu tun"],
    "it": ["ho il mal di schiena per il lavoro, la cura non c'entra"],
}
FELT_NOTHING = {
    "ar": ["إبرة كل شهر في البيت، ما أحس فيها، ماشي الحال تمام"],
    "it": ["la puntura nemmeno la sento"],
    "es": ["la aguja ni la noto"],
}
WELL = {
    "en": ["one a day, thank God", "much better on these, lost a stone and all"],
    "fr": ["le soir, ça va hamdoullah", "je n'ai rien remarqué de fâcheux"],
    "es": ["una al día, gracias a Dios", "nada raro"],
    "de": ["gottseidank, nichts Besonderes"],
    "it": ["Benissimo, ho perso anche tre chili", "niente di strano"],
    "pt": ["graças a Deus", "nada de estranho"],
    "ar": ["حبة كل يوم والحمد لله"],
}
OUTRIGHT = {
    "en": [
        "can't sleep since I started it",
        "took the tablet twice by mistake",
        "Better before, now I throw up every morning",
        "they changed the dose because I kept throwing up",
        "can't feel the tips of my fingers",
    ],
    "de": ["jetzt hab ich Durchfall", "die Dosis wurde gesenkt, weil ich erbrochen habe"],
    "fr": [
        "avant tout allait bien, maintenant je vomis",
        "j'avais oublié que je l'avais déjà pris, j'en ai repris",
    ],
    "es": ["antes bien, ahora vomito cada mañana"],
    "it": ["adesso vomito ogni mattina", "cambiato farmaco perché vomitavo"],
    "pt": ["agora tenho vómitos"],
    "ar": ["الحين عندي غثيان"],
}
TOLD_TEARS = {
    "en": ["tears came in the lift"],
    "de": ["mir kamen die Tränen im Aufzug"],
    "fr": ["j'ai eu les larmes aux yeux dans l'ascenseur"],
    "es": ["Se me saltaron las lágrimas en el ascensor", "dice que se asusto, lloro varios dias"],
    "it": ["mi sono venute le lacrime in ascensore"],
    "pt": ["vieram-me as lágrimas no elevador"],
}


def read(text, language, about=MEDICINE):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=about, language=language)


def by_language(*tables):
    return [
        pytest.param(text, language, id=text)
        for table in tables
        for language, texts in table.items()
        for text in texts
    ]


@pytest.mark.parametrize(
    ("text", "language"), by_language(CHANGED, BEFORE, LOOSE, ASKED, READ, ELSEWHERE, FELT_NOTHING)
)
def test_what_is_said_by_half_opens_no_case(text, language):
    """A changed brand, former days, loose halves, questions, leaflets and other causes are at most a hint."""
    assert read(text, language).signals == ()


@pytest.mark.parametrize(("text", "language"), by_language(WELL))
def test_thanks_and_nothing_untoward_say_that_all_is_well(text, language):
    """Nor is weight that was lost an event where somebody is glad of the medicine."""
    finding = read(text, language)
    assert finding.is_well
    assert (finding.signals, finding.hints) == ((), ())


@pytest.mark.parametrize(("text", "language"), by_language(OUTRIGHT))
def test_an_event_that_is_said_outright_opens_a_case(text, language):
    """Beside a change, a 'before' or a 'now' too."""
    assert FindingKind.ADVERSE_EVENT in read(text, language).kinds


@pytest.mark.parametrize(("text", "language"), by_language(TOLD_TEARS))
def test_tears_of_then_are_told(text, language):
    """Tears that came, in a place of then or in somebody else's story, stop nothing."""
    assert FindingKind.UPSET not in read(text, language, CARE).kinds


def test_a_meal_far_from_a_flush_is_no_word_of_risk():
    """Two halves of every day that a comma parts are read first, and stop nothing."""
    text = "dass ich nicht mehr essen gehe, weil ich immer erst gucke wo das Klo ist"
    assert FindingKind.RISK not in read(text, "de", CARE).kinds


def test_a_label_alone_is_no_fault_of_a_product():
    """'El rótulo' is a thing and its own fault in the list: the thing must be named in other words."""
    assert read("El rótulo lo puse yo", "es", CARE).signals == ()
