"""List the words that decide whether a word behind a title is a name: folded, in seven languages.

A name has a capital letter. So have words that begin a sentence, and nouns in German: those that often stand behind a
title are listed here. They were written down by hand; a list of names is here for Arabic alone, which has no capitals.
"""

from typing import Final

from flows.text.folding import fold


def _words(*lists: str) -> frozenset[str]:
    """Return the words of lists, folded."""
    return frozenset(fold(word) for words in lists for word in words.split())


PARTICLES: Final = _words(
    "van von vom der den de del della dello di da do dos das la le los las el al bin ben ibn ter zu zum zur du "
    "des"
)
"""What stands before a family name or within a name."""
NOUN_BEFORE: Final = _words(
    "meine meiner meinem eine einer seine seiner deine deiner ihre ihrer unsere unserer keine keiner jede "
    "jeder als junge jungen alte alten schwangere andere anderen nossa nuestra mein"
)
"""Words before "Frau", "Herr" or "Senhora" with which these are no titles."""
DISEASES: Final = _words(
    "alzheimer addison basedow bechterew behcet castleman crohn cushing dupuytren fabry gaucher hashimoto "
    "hodgkin huntington kahler meniere osler paget parkinson perthes pompe raynaud recklinghausen scheuermann "
    "sjogren still sudeck waldenstrom werlhof whipple wilson"
)
"""Diseases that bear a name: "M." is also short for morbus."""
NO_NAMES: Final = _words(
    # English
    "i he she it we you they the a an my his her our your their this that these those there then and but or "
    "so if when while because as at in on for from with to of by about after before since until however also "
    "what who why how which where not no yes ok okay well now next last just only even still again once today "
    "tomorrow yesterday is was are were has had have do does did can could will would should may might must "
    "never always sometimes maybe perhaps please thanks thank everything everyone nothing nobody all some any "
    "each every both more most much many one two three told said says gave asked explained put took went got "
    "made changed prescribed monday tuesday wednesday thursday friday saturday sunday january february march "
    "april june july august september october november december christmas easter google right wrong hyde",
    # those who have a title, and what is theirs
    "doktorin professorin kollege kollegin nachbar nachbarin direktor minister prasident oberarzt oberarztin chefarzt "
    "apotheker apothekerin hausarzt hausarztin pfarrer "
    "who google office visit visits appointment appointments practitioner specialist consultant manager "
    "clinic hospital surgery team nurse doctor surgeon oncologist haematologist hematologist",
    # German
    "ich er sie es wir ihr der die das den dem des ein eine einen mein meine sein seine unser und aber oder "
    "wenn weil dass als am im in an auf aus bei mit nach von vor zu zum zur fur uber um seit bis dann da "
    "danach jetzt heute morgen gestern nicht nein ja auch nur noch schon immer nie hat hatte ist war sind "
    "waren wird wurde kann konnte soll sollte muss was wer wie wo warum man alles nichts montag dienstag "
    "mittwoch donnerstag freitag samstag sonntag januar februar marz mai juni juli oktober dezember "
    "weihnachten ostern gott",
    # Spanish
    "yo el ella ello nosotros usted ustedes ellos ellas la los las un una unos unas mi su nuestro y e o pero "
    "si cuando porque como en de del al a con sin por para desde hasta despues antes luego entonces ahora hoy "
    "manana ayer no tambien solo ya siempre nunca que quien donde es era fue ha habia esta estaba me te se le "
    "lo nos todo nada lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo "
    "junio julio agosto septiembre octubre noviembre diciembre navidad dios",
    # wards
    "hematologia oncologia urgencias cardiologia neurologia familia cabecera guardia hematologie oncologie "
    "urgences garde ematologia cardiologie medicina medecine interna hospital clinica onkologie hamatologie",
    # French
    "je il elle on nous vous ils elles ce cela ca le la les l un une des du de mon ma mes son sa ses notre et "
    "ou mais si quand parce que qui quoi comme dans en a au aux avec sans par pour depuis apres avant puis "
    "alors maintenant hier demain aujourd pas non oui aussi toujours jamais est etait avait tout rien lundi "
    "mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre "
    "octobre novembre decembre noel paques",
    # Italian
    "io lui lei noi voi loro il lo la i gli le un uno una mio mia suo sua e o ma se quando perche come in di "
    "da del della al con senza per dopo prima poi allora adesso ora oggi domani ieri non no si anche solo "
    "sempre mai che chi dove cosa mi ti ci vi era ha aveva sono tutto niente lunedi martedi mercoledi giovedi "
    "venerdi sabato domenica gennaio febbraio aprile maggio giugno luglio agosto settembre ottobre dicembre "
    "natale pasqua dio",
    # Portuguese
    "eu ele ela nos voce voces eles elas o a os as um uma meu minha seu sua e ou mas se quando porque como em "
    "no na de do da ao com sem por para desde ate depois antes entao agora hoje amanha ontem nao sim tambem "
    "so ja sempre nunca que quem onde me te lhe foi era ha tinha esta estava tudo nada segunda terca quarta "
    "quinta sexta sabado domingo janeiro fevereiro marco abril maio junho julho agosto setembro outubro "
    "novembro dezembro deus aparecida",
)
"""Words with a capital letter that are no names."""
GERMAN_NOUNS: Final = _words(
    "angst arzt arztin assistent assistentin apotheker apothekerin arbeit arme augen ausschlag beine bescheid "
    "besuch blut blutwerte bluthochdruck brustkrebs chefarzt chemo depressionen diabetes direktor ehemann "
    "eltern familie fieber frage fragen freund freundin geburtstag geld haare hausarzt hausarztin hilfe hund "
    "husten infusion job kinder klinik kollege kollegin kontrolle kopf kopfschmerzen krankenhaus krankheit "
    "krebs leukamie mann medikament medikamente minister mut myelom nachbar nachbarin nebenwirkungen oberarzt "
    "oberarztin operation pflege pfleger praxis praxen prasident probleme rezept ruckenschmerzen schlaf "
    "schmerzen schwester sorgen spritze spritzen tablette tabletten termin termine therapie tochter sohn "
    "ubelkeit vertretung zeit zeitung zuhause",
)
"""Nouns, which have a capital letter in German: "als Frau Angst", "Frau Huber Tabletten"."""
ARABIC_GIVEN: Final = _words(
    "أحمد محمد محمود علي عمر عثمان حسن حسين خالد سامي سمير يوسف إبراهيم إسماعيل مصطفى طارق ماجد فهد سعد سعود "
    "سلطان ناصر فيصل تركي بندر نايف مشعل جمال كمال هشام وليد ياسر زياد عماد أيمن أشرف هاني رامي وائل باسم حاتم "
    "نبيل فؤاد مراد بلال أنس حمزة أسامة عصام طلال غسان مازن نزار فادي جورج بيتر إيهاب سارة فاطمة عائشة خديجة "
    "مريم زينب نورة نور هدى منى أمل سعاد ليلى سلمى ريم رنا دينا هند هالة إيمان أسماء نادية سميرة حنان وفاء "
    "عبير رانيا داليا ياسمين لينا نجلاء سحر غادة شيماء آمنة حليمة سناء رشا مها لمى ابتسام نوال صفاء إلهام سلوى "
    "كوثر هاجر بشرى زهرة ندى دعاء آية"
)
"""Given names behind the whole word for a title."""
ARABIC_NO_FAMILY: Final = _words(
    "الذي التي الماضي الحالي الثاني التالي الطبي النفسي العلاجي الكيماوي الكيميائي اللي الباقي"
)
"""Words that are formed like the name of a family."""
ARABIC_NO_NAMES: Final = _words(
    "قال قالت يقول تقول هو هي في من إلى على عن مع لم لا ما كان كانت ثم أو أن إن قد بعد قبل عند"
)
"""Words that may stand behind a full stop."""
