"""Words of risk that only hint: what two halves say together, and the ordinary talk that has one half of it."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import scan

HINTED = {
    "en": [
        "told my wife where the insurance papers are so they are ready before I go",
        "so nobody has to search, I put my affairs in order",
        "counted the sleeping tablets last night, there are enough to never wake up",
        "I keep looking at the river and how cold it would be",
        "already said my goodbyes to the grandchildren",
        "you won't have to worry about me any more",
        "I envy the people who have died",
        "wish the cancer had just taken me",
        "nothing keeps me here except the dog",
        "it would be simpler to just finish everything",
        "gave my guitar and my records away, no use for them now",
    ],
    "de": [
        "mein Testament liegt in der Schublade, damit keiner Arbeit hat",
        "damit niemand suchen muss, habe ich die Unterlagen sortiert",
        "hab die Schlaftabletten gezählt, es reicht für immer",
        "ich stehe oft auf der Brücke und denke nach",
        "ich habe mich von meinen Kindern verabschiedet",
        "bald müsst ihr euch nicht mehr um mich kümmern",
        "ich beneide die Toten",
        "hätte mich der Krebs doch geholt",
        "mich hält hier nichts mehr",
        "nur der Hund hält mich am Leben",
        "am einfachsten wäre es, mit allem Schluss zu machen",
    ],
    "fr": [
        "j'ai refait mon testament pour que personne n'ait d'ennuis",
        "avant de partir j'ai classé mes papiers",
        "j'ai compté les comprimés, il y en a assez pour dormir toujours",
        "la nuit je reste debout sur le pont à regarder l'eau",
        "j'ai fait mes adieux aux enfants",
        "bientôt vous n'aurez plus à vous occuper de moi",
        "j'envie les morts",
        "si seulement le cancer m'avait emporté",
        "plus rien ne me retient ici",
        "ce serait plus simple d'en finir",
        "je ne veux plus de cette vie",
    ],
    "es": [
        "he hecho el testamento para que nadie tenga líos",
        "para que nadie se preocupe he dejado los papeles listos",
        "he contado las pastillas y son suficientes para dormirme",
        "me quedo parada en el puente mirando el agua",
        "ya me despedí de mis nietos",
        "pronto no tendréis que preocuparos por mí",
        "envidio a los muertos",
        "ojalá la enfermedad me hubiera llevado",
        "nada me retiene aquí",
        "si no fuera por mi perra ya no seguiría",
        "sería más fácil acabar con todo",
    ],
    "it": [
        "ho scritto il testamento così nessuno avrà problemi",
        "prima di andarmene ho messo in ordine le mie carte",
        "ho contato le pastiglie, bastano per dormire",
        "mi fermo sul ponte e guardo giù",
        "ho detto addio ai miei figli",
        "tra poco non dovrete più occuparvi di me",
        "invidio i morti",
        "magari il tumore mi avesse portato via",
        "niente mi trattiene qui",
        "se non fosse per il cane non sarei qui",
        "sarebbe più semplice finire tutto",
    ],
    "pt": [
        "fiz o testamento para que ninguém tenha trabalho",
        "antes de eu partir deixei os documentos arrumados",
        "contei os comprimidos e chegam para dormir de vez",
        "fico parada na ponte a olhar para a água",
        "já me despedi dos netos",
        "não vão ter de se preocupar mais comigo",
        "invejo os mortos",
        "quem dera a doença me tivesse levado",
        "nada me prende aqui",
        "se não fosse o meu cão já não estava cá",
        "era mais fácil acabar com tudo",
    ],
    "ar": [
        "كتبت وصيتي عشان محدش يتعب بعدي",
        "رتبت اوراقي قبل ما اروح",
        "عديت الحبوب وبتكفي انام على طول",
        "بوقف على الجسر بالليل وبفكر",
        "ودعت ولادي كلهم",
        "قريبا رح ترتاحوا مني",
        "بحسد الميتين",
        "ياريت المرض اخدني",
        "ما في شي يربطني هون",
        "لولا ولادي ما كنت بقيت",
        "اسهل لو انهي كل شي",
    ],
}
PLAIN = {
    "en": [
        "we wrote my will years ago with a solicitor",
        "asked the hospice nurse about a will",
        "I walk over the bridge to the hospital",
        "the train to the clinic takes an hour",
        "I count my tablets every Sunday so I do not run out",
        "said goodbye to the nurse and went home",
        "I won't be here next week, we are on holiday",
        "glad to be finished with the treatment in May",
        "who will take my dog to the vet",
        "my papers are ready for the discharge",
        "it is easier to stop taking it at weekends",
        "you don't need to worry about me, all is well",
        "the train stood for an hour at night",
        "I have a balcony and look after tomatoes there",
    ],
    "de": [
        "das Testament haben wir vor Jahren beim Notar gemacht",
        "ich gehe über die Brücke ins Krankenhaus",
        "der Zug zur Klinik braucht eine Stunde",
        "ich zähle die Tabletten jeden Sonntag",
        "ich habe mich von der Schwester verabschiedet",
        "nächste Woche bin ich nicht da, wir haben Urlaub",
        "im Mai bin ich mit der Therapie fertig",
        "meine Unterlagen liegen bereit",
        "für heute muss ich Schluss machen",
        "auf dem Balkon wachsen Tomaten",
    ],
    "fr": [
        "le testament est fait depuis des années chez le notaire",
        "je traverse le pont pour aller à l'hôpital",
        "le train pour la clinique met une heure",
        "je compte mes comprimés chaque dimanche",
        "j'ai dit au revoir à l'infirmière",
        "je ne serai pas là la semaine prochaine, vacances",
        "je veux en finir avec le traitement en mai",
        "je range mes papiers pour la mutuelle",
    ],
    "es": [
        "el testamento lo hicimos hace años con el notario",
        "cruzo el puente para ir al hospital",
        "el tren a la clínica tarda una hora",
        "cuento las pastillas cada domingo",
        "dije adiós a la enfermera",
        "la semana que viene no estaré, me voy de vacaciones",
        "quiero terminar el tratamiento en mayo",
        "mi difunto marido, que en paz descanse, era médico",
        "mi perro me espera en casa",
    ],
    "it": [
        "il testamento lo abbiamo fatto anni fa dal notaio",
        "attraverso il ponte per andare in ospedale",
        "il treno per la clinica ci mette un'ora",
        "conto le pastiglie ogni domenica",
        "ho salutato l'infermiera",
        "la settimana prossima non ci sarò, vado in vacanza",
        "finisco la terapia a maggio",
        "porto le mie carte al reparto",
    ],
    "pt": [
        "o testamento fizemos há anos no notário",
        "passo a ponte para ir ao hospital",
        "o comboio para a clínica demora uma hora",
        "conto os comprimidos todos os domingos",
        "disse adeus à enfermeira",
        "para a semana não vou estar, vou de férias",
        "acabo o tratamento em maio",
        "ninguém me liga do hospital",
        "levo os meus documentos à consulta",
    ],
    "ar": [
        "الوصية كتبناها من سنين عند المحامي",
        "بمشي على الجسر للمستشفى",
        "القطار للعيادة بياخد ساعة",
        "بعد الحبوب كل يوم احد",
        "ودعت الممرضة ورحت البيت",
        "الاسبوع الجاي انا مسافر اجازة",
        "بخلص العلاج في مايو",
        "جبت اوراقي للدكتور",
    ],
}


def table(texts):
    return [
        pytest.param(text, id=f"{language}-{n}")
        for language in texts
        for n, text in enumerate(texts[language])
    ]


def tier(text):
    return scan(text, products=PRODUCTS, languages=SHIPPED).tier


@pytest.mark.parametrize("text", table(HINTED))
def test_what_is_only_hinted_at_is_heard_as_risk(text):
    """Affairs put in order, enough tablets, a place and a step, a farewell, envy of the dead: tier 2."""
    assert tier(text) == 2


@pytest.mark.parametrize("text", table(PLAIN))
def test_one_half_of_a_hint_is_ordinary_talk(text):
    """A will, a bridge, a train, counted tablets, goodbye to a nurse, a holiday: no word of risk."""
    assert tier(text) < 2


def test_every_language_has_both():
    """No language is left without its guard."""
    assert set(HINTED) == set(PLAIN) == set(SHIPPED)
