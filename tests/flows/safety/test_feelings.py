"""Whose a feeling is, and when: now shows the menu, told of the past stops nothing, in seven languages."""

import pytest

from bench.safety import PRODUCTS
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, scan
from flows.script.roles import QuestionTopic

NOW = {
    "en": [
        "I'm so upset I can't go on",
        "it makes me cry to write this",
        "I am terrified of the next scan",
        "I feel completely alone",
        "I can't cope any more",
        "I'm crying as I type this",
        "I was scared then and I still am",
        "so worried about my results on Friday",
        "I've been in tears since they told me",
        "I have panic attacks every night",
        "I'm terrified and I don't know who to ask",
        "honestly I'm falling apart",
        "I feel so low these days",
        "writing this makes me cry",
        "I'm scared it's back",
        "I haven't slept for worrying, I'm a wreck",
        "I'm so frightened of dying",
        "I am devastated, we got the news today",
        "so lonely since she died",
        "I can't stop crying",
    ],
    "de": [
        "ich bin so traurig, ich kann nicht weiter",
        "mir kommen die Tränen, wenn ich das schreibe",
        "ich habe furchtbare Angst vor dem nächsten Termin",
        "ich fühle mich ganz allein",
        "ich kann nicht mehr",
        "ich sitze hier und weine",
        "ich hatte damals Angst und habe sie immer noch",
        "seit der Diagnose habe ich nur noch Angst",
        "ich bin total verzweifelt",
        "ich hab solche Angst, dass es wieder da ist",
        "mir geht es seelisch sehr schlecht, ich weine viel",
        "ich fühle mich so einsam seit er tot ist",
        "ich kann nicht aufhören zu weinen",
        "ich bin am Boden zerstört",
    ],
    "fr": [
        "je suis tellement triste que je n'arrive plus à continuer",
        "j'ai les larmes aux yeux en écrivant",
        "je me sens complètement seule",
        "je n'en peux plus",
        "je pleure en vous écrivant",
        "j'avais peur et j'ai encore peur",
        "depuis le diagnostic j'ai peur tout le temps",
        "je suis désespérée",
        "j'ai tellement peur que ça revienne",
        "je me sens si seul depuis qu'elle est partie",
        "je n'arrête pas de pleurer",
        "ça me fait pleurer d'écrire ça",
        "je suis effondrée, on a eu la nouvelle aujourd'hui",
    ],
    "es": [
        "estoy tan triste que no puedo seguir",
        "me hace llorar escribir esto",
        "me siento completamente sola",
        "ya no puedo más",
        "estoy llorando mientras escribo",
        "tenía miedo y todavía lo tengo",
        "desde el diagnóstico vivo con miedo",
        "estoy desesperada",
        "tengo tanto miedo de que vuelva",
        "me siento muy sola desde que murió",
        "no paro de llorar",
        "lloro al escribir esto",
        "estoy hundida",
    ],
    "it": [
        "sono così triste che non riesco ad andare avanti",
        "mi viene da piangere a scriverlo",
        "ho tanta paura della prossima visita",
        "mi sento completamente sola",
        "non ce la faccio più",
        "sto piangendo mentre scrivo",
        "avevo paura e ho ancora paura",
        "dalla diagnosi vivo con l'ansia",
        "sono disperata",
        "ho così paura che torni",
        "mi sento tanto sola da quando è morto",
        "non smetto di piangere",
        "piango mentre lo scrivo",
        "sono a pezzi",
    ],
    "pt": [
        "estou tão triste que não consigo continuar",
        "dá-me vontade de chorar escrever isto",
        "sinto-me completamente sozinha",
        "não aguento mais",
        "estou a chorar enquanto escrevo",
        "tinha medo e ainda tenho medo",
        "desde o diagnóstico vivo com medo",
        "estou desesperada",
        "tenho tanto medo que volte",
        "sinto-me tão sozinha desde que ele morreu",
        "não paro de chorar",
        "choro ao escrever isto",
        "estou arrasada",
    ],
    "ar": [
        "أنا حزينة جدا وما أقدر أكمل",
        "عم ابكي وأنا أكتب",
        "خايفة كتير من الموعد الجاي",
        "حاسة حالي لوحدي",
        "ما عاد فيني اتحمل",
        "كنت خايفة ولسه خايفة",
        "انا يائسة",
        "خايفة كتير يرجع المرض",
        "حاسة حالي وحيدة من يوم مات",
        "ما عم اقدر وقف بكي",
        "عم ابكي هلأ",
        "انا منهارة",
    ],
}
TOLD = {
    "en": [
        "I was so scared that week",
        "It scared me when the phone rang",
        "I felt anxious before the visit but she explained everything",
        "When they called I panicked, it was only about the date",
        "I got quite upset at reception",
        "I cried when they told me it was gone",
        "Terrified, the first time, and then it was nothing",
        "I worried for days about the biopsy",
        "The waiting made me nervous",
        "My husband was devastated when he heard",
        "Scared stiff at diagnosis",
        "That letter frightened us both",
        "the nurse asked me if I was worried",
        "Send it earlier so I can panic at home",
        "Someone to ring if I get scared at night",
        "We are frightened even when we smile",
        "she took my fear away",
        "cried with relief",
        "I was in tears by the time the doctor came in",
        "the fear I had before the first infusion",
        "I'd been dreading it all month but the nurse was brilliant",
        "Waiting six weeks for that letter nearly broke me, they should phone",
        "It was scary not knowing who to call",
        "My daughter got very upset in the corridor, so a quiet room would be good",
        "I was a nervous wreck before the MRI and the radiographer sang to me",
        "The word cancer frightened me more than the treatment ever did",
        "I felt sad leaving the old ward",
        "He looked worried so I got worried",
        "I used to be afraid of needles",
        "I was angry that nobody had told us",
        "They left me waiting and I started to panic a bit",
        "Tell us the truth, not knowing is what makes people anxious",
        "Don't ask if I'm depressed in front of my wife",
        "The doctor saw I was close to tears and stopped typing",
    ],
    "de": [
        "Ich hatte in der Woche solche Angst",
        "Der Anruf hat mir Angst gemacht",
        "Vor dem Termin war ich nervös und besorgt, aber sie hat alles erklärt",
        "Als sie anriefen, bekam ich Panik",
        "Ich habe geweint, als er sagte, dass es weg ist",
        "Beim ersten Mal panisch, danach ging es",
        "Ich habe mir tagelang Sorgen gemacht",
        "Mein Mann war am Boden, als er es hörte",
        "Der Brief hat uns erschreckt",
        "die Schwester fragte, ob ich Angst habe",
        "Jemand, den ich anrufen kann, wenn ich nachts Angst habe",
        "Wir haben Angst, auch wenn wir lächeln",
        "sie hat mir die Angst genommen",
        "vor Erleichterung geweint",
        "weil ich so traurig war",
        "ich war damals ganz verzweifelt",
        "Das Warten auf den Befund war furchtbar, ich war völlig verzweifelt",
        "Ich hatte anfangs ziemlichen Bammel vor der Spritze",
        "Mir war ganz bange, als die Ärztin so lange schwieg",
        "Beim ersten Termin habe ich fast geweint",
        "Da hab ich Panik bekommen",
        "Meine Tochter hat sich große Sorgen gemacht",
        "Die Ungewissheit hat mich fertig gemacht, drei Wochen lang",
        "Ich war sauer und traurig, weil niemand anrief",
        "Früher hatte ich Angst vor jedem Termin",
        "Man ist ja aufgeregt und hat Angst",
        "die Angst sieht man uns nicht an",
    ],
    "fr": [
        "J'ai eu peur",
        "j'ai eu tellement peur cette semaine-là",
        "L'appel m'a fait peur",
        "Avant la visite j'étais angoissée, mais elle a tout expliqué",
        "Quand ils ont appelé j'ai paniqué",
        "J'ai pleuré quand il m'a dit que c'était parti",
        "Terrifiée la première fois, puis rien",
        "Je me suis inquiétée pendant des jours",
        "Mon mari était effondré quand il l'a su",
        "Cette lettre nous a effrayés",
        "l'infirmière m'a demandé si j'étais inquiète",
        "Quelqu'un à appeler si j'ai peur la nuit",
        "On a peur, même quand on sourit",
        "elle m'a enlevé la peur",
        "j'ai pleuré de soulagement",
        "l'attente m'a stressée",
        "j'étais très triste à l'époque",
        "J'étais complètement paniquée avant l'IRM",
        "Ça m'a angoissée d'attendre trois semaines",
        "J'avais la boule au ventre en arrivant",
        "On m'a annoncé ça dans le couloir, j'étais effondrée",
        "Ma femme a eu très peur",
        "J'ai eu un coup de stress dans la salle d'attente",
        "Il a vu que j'avais peur et il s'est assis",
        "Le mot m'a terrifiée sur le moment",
        "J'ai failli pleurer quand elle m'a pris la main",
        "Nous avons peur de déranger",
        "Ne dites pas que nous sommes anxieux",
    ],
    "es": [
        "Tuve mucho miedo",
        "tuve tanto miedo aquella semana",
        "La llamada me asustó",
        "Antes de la visita estaba nerviosa, pero me lo explicó todo",
        "Cuando llamaron me entró el pánico",
        "Lloré cuando me dijeron que ya no estaba",
        "Aterrada la primera vez, luego nada",
        "Me preocupé durante días por la biopsia",
        "Mi marido estaba destrozado cuando lo supo",
        "Esa carta nos asustó a los dos",
        "la enfermera me preguntó si tenía miedo",
        "Alguien a quien llamar si tengo miedo por la noche",
        "Tenemos miedo aunque sonriamos",
        "me quitó el miedo",
        "lloré de alivio",
        "pasé mucho miedo esperando los resultados",
        "qué miedo pasé",
        "me dio mucho miedo la sala",
        "Pasé una angustia horrible esperando la biopsia",
        "Me puse muy nerviosa en la sala",
        "Estaba aterrada y la enfermera me cogió la mano",
        "Me dio pánico cuando vi la máquina",
        "Casi lloro cuando me dijo que estaba bien",
        "Mi hija se preocupó mucho",
        "Antes me daba miedo preguntar",
        "Vi que el doctor estaba preocupado y me asusté",
        "La espera me desesperó",
        "Los pacientes tenemos miedo, aunque no lo digamos",
        "Fue muy triste despedirme del equipo",
    ],
    "it": [
        "Ho avuto paura",
        "ho avuto tanta paura quella settimana",
        "La telefonata mi ha spaventata",
        "Prima della visita ero agitata, ma mi ha spiegato tutto",
        "Quando hanno chiamato sono andata nel panico",
        "Ho pianto quando mi ha detto che era sparito",
        "Terrorizzata la prima volta, poi niente",
        "Mi sono preoccupata per giorni",
        "Mio marito era distrutto quando l'ha saputo",
        "Quella lettera ci ha spaventati",
        "l'infermiera mi ha chiesto se avevo paura",
        "Qualcuno da chiamare se ho paura di notte",
        "Abbiamo paura anche quando sorridiamo",
        "mi ha tolto la paura",
        "ho pianto di gioia",
        "ero molto triste allora",
        "che paura ho avuto",
        "Ero terrorizzata prima della risonanza",
        "L'attesa mi ha messo un'ansia tremenda",
        "Mi è venuto il panico quando ho visto la macchina",
        "Ho avuto un po' di paura, poi il medico mi ha spiegato",
        "Stavo per piangere quando mi ha preso la mano",
        "Mia figlia si è spaventata molto",
        "All'inizio avevo il terrore degli aghi",
        "Mi sentivo persa nei corridoi",
        "Noi malati abbiamo paura anche quando scherziamo",
        "Ho passato una settimana d'angoscia",
    ],
    "pt": [
        "Tive muito medo",
        "tive tanto medo naquela semana",
        "O telefonema assustou-me",
        "Antes da consulta estava nervosa, mas ela explicou tudo",
        "Quando ligaram entrei em pânico",
        "Chorei quando me disse que tinha desaparecido",
        "Apavorada na primeira vez, depois nada",
        "Fiquei preocupada durante dias",
        "O meu marido estava arrasado quando soube",
        "Aquela carta assustou-nos",
        "a enfermeira perguntou se eu tinha medo",
        "Alguém para ligar se eu tiver medo à noite",
        "A gente tem medo mesmo quando sorri",
        "ela tirou-me o medo",
        "chorei de alívio",
        "Medo confesso que tinha",
        "fiquei muito triste na altura",
        "Passei uma semana aflita à espera do resultado",
        "Estava cheia de medo antes da ressonância",
        "Entrei em pânico quando vi a máquina",
        "Quase chorei quando ela me deu a mão",
        "Fiquei assustado com o tamanho da agulha",
        "A minha filha ficou muito preocupada",
        "Deu um medo danado esperar sozinho",
        "No começo eu tinha pavor de agulha",
        "Senti-me perdida nos corredores",
        "Nós doentes temos medo mesmo a rir",
    ],
    "ar": [
        "كنت خايفة كتير هداك الأسبوع",
        "خفت كتير",
        "التلفون خوفني",
        "كنت متوترة قبل الموعد بس شرحت لي كل شي",
        "لما اتصلوا خفت",
        "بكيت لما قالولي انه راح",
        "خايفة اول مرة وبعدين عادي",
        "قلقت كم يوم",
        "زوجي كان منهار لما عرف",
        "الممرضة سألتني اذا كنت خايفة",
        "حدا اتصل فيه اذا خفت بالليل",
        "نحنا خايفين حتى لو ضحكنا",
        "بكيت من الفرح",
        "كنت حزينة وقتها",
        "انصدمت لما شفت الورقة",
        "كنت مرعوبة قبل الرنين",
        "انتظار النتيجة وترني كتير",
        "خفت لما شفت الجهاز",
        "كنت رح ابكي لما مسكت ايدي",
        "بنتي قلقت كتير",
        "اول مرة كنت خايفة من الابرة",
        "كنا خايفين كلنا",
    ],
}
HINTS = [
    ("en", "I was so scared that week"),
    ("de", "ich war damals ganz verzweifelt"),
    ("fr", "J'ai eu peur"),
    ("es", "Tuve mucho miedo"),
    ("it", "Ho avuto paura"),
    ("pt", "Tive muito medo"),
    ("ar", "خفت كتير"),
    ("en", "so I can panic at home"),
    ("en", "the nurse asked me if I was worried"),
]
FEW_WORDS = {
    "en": ["devastated."],
    "de": ["am Ende"],
    "fr": ["effondrée."],
    "es": ["destrozada."],
    "it": ["disperata"],
    "pt": ["arrasada."],
    "ar": ["منهارة"],
}
TEARS = [
    ("en", "i cried the whole way home", 0),
    ("en", "I cried when they told me it was gone", 0),
    ("en", "I cried when they told me and I still do", 1),
    ("en", "they nearly broke me", 0),
    ("en", "it broke me", 1),
    ("de", "hab die ganze Heimfahrt geweint", 0),
    ("de", "ich habe geweint, als er anrief", 0),
    ("fr", "j'ai pleuré tout le trajet", 0),
    ("fr", "j'ai pleuré quand il m'a appelée", 0),
    ("es", "lloré todo el camino a casa", 0),
    ("es", "lloré cuando me llamaron", 0),
    ("it", "ho pianto per tutto il viaggio", 0),
    ("it", "ho pianto quando mi ha chiamata", 0),
    ("pt", "chorei o caminho todo", 0),
    ("pt", "chorei quando me ligaram", 0),
    ("ar", "بكيت طول الطريق", 0),
    ("ar", "بكيت لما قالولي", 0),
]
LED_AWAY = [
    ("en", "I get sad about the garden, but my neighbour digs it with me"),
    ("en", "Half of us have been on antidepressants and it is rather helped by walking"),
    ("en", "The group has really helped my depression and my anxiety"),
    ("en", "I hate this queue at the pharmacy every single month"),
    ("en", "I lost my mother to the same thing, and came with a list of questions"),
    ("en", "Nobody understands how tired you get"),
    ("en", "My wife gets very anxious before each scan"),
    ("es", "mi madre tiene mucho miedo a las agujas"),
    ("fr", "ma femme est très angoissée avant chaque examen"),
    ("de", "meine Frau hat immer große Angst vor dem Termin"),
    ("it", "mia madre piange sempre quando esce"),
    ("pt", "minha mãe tem muito medo de agulha"),
    ("en", "Too much information at once, I went home with eleven leaflets"),
    ("es", "perdí a mi madre por lo mismo"),
    ("es", "nadie entiende el cansancio"),
    ("fr", "j'ai perdu ma mère de la même maladie"),
    ("fr", "personne ne comprend la fatigue"),
    ("de", "keiner versteht, wie müde man ist"),
    ("it", "ho perso mia madre per la stessa cosa"),
    ("it", "nessuno capisce la stanchezza"),
    ("pt", "perdi a minha mãe com a mesma coisa"),
    ("pt", "ninguém entende o cansaço"),
    ("de", "Vor dem MRT hab ich Angst, aber die Musik ist schön"),
    ("fr", "des fois j'ai le cafard, mais je sors le chien"),
    ("es", "tengo miedo de la máquina, pero la enfermera canta conmigo"),
    ("it", "sono preoccupata per l'esame, ma poi viene mio nipote"),
    ("pt", "tenho medo da máquina, mas a enfermeira canta comigo"),
    ("ar", "خايفة من الجهاز لكن الممرضة بتغني معي"),
]
NOT_LED_AWAY = [
    ("en", "I am so scared but nobody listens"),
    ("en", "I get sad in the day, but at night I just cry and cry"),
    ("en", "nothing helps against my depression and I cannot sleep, I am so low"),
    ("en", "I lost my husband and I am so lonely now"),
    ("en", "I lost my wife"),
    ("en", "my husband makes me so sad"),
    ("en", "my husband left and I am so scared"),
    ("de", "mein Mann ist weg und ich habe solche Angst"),
    ("en", "Nobody understands."),
    ("en", "nobody understands me"),
    ("es", "nadie me entiende aquí"),
    ("fr", "personne ne me comprend ici"),
    ("it", "nessuno mi capisce qui"),
    ("pt", "ninguém me entende aqui"),
    ("de", "keiner versteht mich hier"),
    ("de", "ich hab solche Angst, aber keiner hört zu"),
    ("es", "tengo tanto miedo, pero nadie me escucha"),
]
NOBODYS_HERE = [
    ("en", "it is sad to leave the ward"),
    ("en", "We are frightened even when we smile"),
    ("de", "Man hat ja Angst"),
    ("es", "da miedo la máquina"),
    ("es", "Los pacientes tenemos miedo"),
]


def read(text, language, about=QuestionTopic.CARE):
    return scan(text, products=PRODUCTS, languages=SHIPPED, about=about, language=language)


def by_language(table):
    return [pytest.param(text, language, id=text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "language"), by_language(NOW))
def test_who_is_upset_now_is_asked_how_to_go_on(text, language):
    """In the present, since something, or still; 'I can't go on' gets help at once."""
    assert read(text, language).tier >= 1


@pytest.mark.parametrize(("text", "language"), by_language(TOLD))
def test_who_tells_of_having_been_upset_is_not_interrupted(text, language):
    """In the past, at a time that is over, reported, supposed, of people in general, taken away, or of relief."""
    assert read(text, language).tier == 0


@pytest.mark.parametrize(("language", "text"), HINTS)
def test_what_is_told_of_is_read_soon(text, language):
    """It is a hint, whatever was asked."""
    for about in (None, *QuestionTopic):
        finding = read(text, language, about)
        assert FindingKind.UPSET not in finding.kinds
        assert FindingKind.UPSET in finding.noticed


@pytest.mark.parametrize(("language", "text", "tier"), TEARS)
def test_to_have_cried_is_told_and_to_be_broken_lasts(text, language, tier):
    """Unless crying goes on; a named time, or 'nearly', ends the other."""
    assert read(text, language).tier == tier


@pytest.mark.parametrize(("language", "text"), NOBODYS_HERE)
def test_a_feeling_of_a_thing_or_of_people_in_general_is_nobodys_here(text, language):
    """A sad thing, or what all are afraid of, stops no talk."""
    assert read(text, language).tier == 0


@pytest.mark.parametrize(("text", "language"), by_language(FEW_WORDS))
def test_a_word_of_distress_in_a_plan_is_read_soon(text, language):
    """A clinician's 'devastated.' interrupts nothing and is not passed over; elsewhere it does."""
    assert read(text, language).tier == 1
    finding = read(text, language, QuestionTopic.PLAN)
    assert finding.signals == ()
    assert FindingKind.UPSET in finding.noticed


def test_every_language_has_its_feelings():
    """No language is left without its guard."""
    assert set(NOW) == set(TOLD) == set(FEW_WORDS) == set(SHIPPED)


AMONG_OTHERS = (
    ("en", "I'm frightened of the result on Friday, as anyone would be."),
    ("en", "I am worried about money more than about the illness."),
    ("de", "Ich fürchte mich vor dem Ergebnis am Freitag, das ist wohl menschlich."),
    ("fr", "Le scanner me stresse mais bon, c'est normal à mon âge."),
    ("es", "Mi cuñado me lleva en la moto y da miedo, la verdad."),
    ("it", "Ho paura che torni la malattia, ma stasera pizza."),
    ("pt", "Ando preocupada com a biópsia de segunda, é normal."),
    ("ar", "خايفة من رجوع المرض بس ماسكة نفسي"),
)
MORE_THAN_ONE_WORD = (
    ("en", "I'm so frightened of the result on Friday that I sleep badly."),
    ("de", "Ich hab ständig Angst, dass der Krebs wieder zurückkommt."),
    ("fr", "J'ai tellement peur du scanner de la semaine prochaine."),
    ("es", "Tengo mucho miedo del resultado del viernes y de todo."),
    ("it", "Ho sempre paura che torni la malattia, da mesi."),
    ("pt", "Tenho tanto medo da biópsia de segunda que vem."),
)


@pytest.mark.parametrize(("language", "text"), AMONG_OTHERS)
def test_a_worry_among_other_things_offers_no_pause(language, text):
    """Most stories of illness have one; it is a hint."""
    finding = scan(text, products=(), languages=SHIPPED, about=QuestionTopic.CARE, language=language)
    assert finding.tier == 0


@pytest.mark.parametrize(("language", "text"), MORE_THAN_ONE_WORD)
def test_a_worry_with_a_measure_is_one_of_now(language, text):
    """'So', 'every night', 'always': how much somebody is afraid is what they tell."""
    finding = scan(text, products=(), languages=SHIPPED, about=QuestionTopic.CARE, language=language)
    assert finding.tier == 1


CRIED_OFTEN = (
    ("en", "I've cried every single day this week, at work too"),
    ("de", "Ich habe jeden einzelnen Tag geweint, auch vor der Arbeit"),
    ("es", "Lloré todos los días de esta semana, también en el trabajo"),
    ("fr", "J'ai pleuré tous les soirs de la semaine, même au travail"),
    ("it", "Ho pianto tutti i giorni questa settimana, anche al lavoro"),
    ("pt", "Chorei todos os dias desta semana, até no trabalho"),
    ("ar", "بكيت كل يوم هذا الأسبوع حتى في العمل"),
)
CRIED_OFTEN_THEN = (
    ("en", "I cried every day back then"),
    ("de", "Damals habe ich jeden Tag geweint"),
    ("es", "Al principio lloraba todos los días"),
    ("fr", "Au début je pleurais tous les jours"),
    ("it", "All'inizio piangevo tutti i giorni"),
    ("pt", "No começo eu chorava todos os dias"),
)


@pytest.mark.parametrize(("language", "text"), CRIED_OFTEN)
def test_tears_day_after_day_are_of_now(language, text):
    """Crying that is told is over, unless it came back every day."""
    assert scan(text, products=(), languages=SHIPPED, about=QuestionTopic.CARE, language=language).tier == 1


@pytest.mark.parametrize(("language", "text"), CRIED_OFTEN_THEN)
def test_tears_day_after_day_of_a_time_that_is_named_are_told(language, text):
    """'Back then' names when it was, however often."""
    assert scan(text, products=(), languages=SHIPPED, about=QuestionTopic.CARE, language=language).tier == 0


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Ich war verzweifelt und bin es noch"), ("en", "I was terrified and I am now too")],
)
def test_what_is_still_so_is_of_now(language, text):
    """Whatever the first verb said."""
    assert read(text, language).tier == 1


@pytest.mark.parametrize(("language", "text"), LED_AWAY)
def test_who_goes_on_to_another_thing_is_not_interrupted(language, text):
    """With 'but', or as something that helps, beside the name of an illness, or as a thing that is hated."""
    assert read(text, language).tier == 0


@pytest.mark.parametrize(("language", "text"), NOT_LED_AWAY)
def test_who_goes_on_to_more_of_it_is_asked(language, text):
    """What follows 'but' tells of distress too, or of nobody and nothing that helps."""
    assert read(text, language).tier >= 1
