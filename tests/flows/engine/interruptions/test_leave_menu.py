"""What people write who want to be done: which words stop at once, and which are asked what they mean."""

import pytest

from flows.engine.effects import AnswerStatus, Pause, RecordAnswer, Withdraw
from flows.engine.events import Edited, TextSubmitted
from flows.i18n.say import Sentence, say
from tests.support.engine_world import Person, Speaker, confirm, consent, end, flow_of, many, one, text

STOPS = {
    "en": "stop|STOP!|unsubscribe|please stop|opt out|take me off the list|please stop writing to me|leave me alone"
    "|no more messages|I want to stop|do not write to me|stop texting me|I want to withdraw|stop it pls"
    "|STOP thanks|don't contact me again",
    "de": "stopp|bitte stopp|aufhören|abmelden|abbestellen|ich möchte aufhören|keine Nachrichten mehr"
    "|schreiben Sie mir nicht mehr|lassen Sie mich in Ruhe|nehmen Sie mich von der Liste|bitte nicht mehr schreiben"
    "|stop bitte|danke, stopp|lasst mich in Ruhe",
    "es": "parar|pare|stop|darme de baja|quiero parar|no más mensajes|no me escriba más|déjeme en paz"
    "|deje de escribirme|quíteme de la lista|cancelar suscripción|para por favor|dejame en paz",
    "fr": "stop|arrêter|arrêtez|me désabonner|désinscrire|je veux arrêter|plus de messages|ne m'écrivez plus"
    "|laissez-moi tranquille|retirez-moi de la liste|arrêtez de m'écrire|merci, stop|laisse-moi tranquille",
    "it": "stop|si fermi|fermarsi|disiscrivermi|voglio smettere|basta messaggi|non mi scriva più|mi lasci in pace"
    "|mi tolga dalla lista|annulla iscrizione|stop grazie|lasciami in pace",
    "pt": "parar|pare|stop|cancelar subscrição|quero parar|sem mais mensagens|não me escreva mais|deixe-me em paz"
    "|tire-me da lista|pare de me escrever|pare, obrigada|deixem-me em paz",
    "ar": "إيقاف|توقف|التوقف|إلغاء الاشتراك|أريد التوقف|لا مزيد من الرسائل|لا تراسلوني|اتركني وشأني"
    "|أوقفوا الرسائل|احذفوني من القائمة|أريد الانسحاب|وقف لو سمحت|كفى رسائل",
}
"""Whoever clearly wants no more messages, or says the word that we name, is asked nothing."""
ASKS = {
    "en": "cancel|/cancel|end|quit|I quit|enough|that's enough|no more questions|end this|finish|exit"
    "|Can I stop?|do I have to go on|how do i stop|How can I unsubscribe?"
    "|I want out|i dont want to do this anymore|enough, thanks",
    "de": "abbrechen|Ende|Schluss|fertig|genug|es reicht|beenden|ich breche ab|keine Fragen mehr|ich will nicht mehr"
    "|Kann ich aufhören?|Wie kann ich aufhören?|wie melde ich mich ab|jetzt reichts|ich hab keine lust mehr",
    "es": "cancelar|basta|fin|salir|terminar|quiero salir|no quiero seguir|no más preguntas|¡Ya basta!|¿Puedo parar?"
    "|¿Cómo puedo parar?|como me doy de baja|ya no quiero|no quiero contestar mas",
    "fr": "annuler|fin|quitter|terminer|ça suffit|je veux quitter|plus de questions|je ne veux pas continuer"
    "|Je peux arrêter ?|Comment arrêter ?|comment je me désabonne|laisse tomber|je veux plus répondre",
    "it": "annulla|fine|basta|esci|uscire|finire|basta così|non voglio continuare|interrompere|voglio uscire"
    "|Posso smettere?|Come faccio a smettere?|come mi cancello|ora basta|non voglio più rispondere",
    "pt": "cancelar|fim|sair|chega|basta|terminar|desisto|não quero continuar|quero sair|Posso parar?"
    "|Como faço para parar?|como saio|já não quero|chega disto",
    "ar": "إلغاء|إنهاء|خلاص|كفى|نهاية|خروج|لا أريد المتابعة|خلص|انسحاب|لا مزيد من الأسئلة|هل يمكنني التوقف؟"
    "|كيف أتوقف؟|كيف ألغي الاشتراك|خلاص بس|بس رسائل|ما بدي جاوب",
}
"""What ends something, and may mean this question."""
LANGUAGES = tuple(STOPS)
STEPS = (consent("may"), one("q", "red", "blue"), text("z"), end("bye"))


def someone(language: str, *replies: str) -> Person:
    """Somebody whose conversation is in a language, after the consent and these replies."""
    return Speaker(language, *STEPS).types("yes", *replies)


def say_all(person: Person, *sentences: Sentence) -> bool:
    """Whether the last event said these, in the conversation's language."""
    return all(any(say(one, person.state.language) in told for told in person.texts) for one in sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_these_stop_at_once(language):
    """No menu, no second question: the farewell says how to come back."""
    for words in STOPS[language].split("|"):
        person = someone(language, words)
        assert Withdraw() in person.kept, words
        assert person.texts == [say(Sentence.STOPPED, person.state.language)], words


@pytest.mark.parametrize("language", LANGUAGES)
def test_these_are_asked_once(language):
    """This question, a pause or for good: nothing has ended yet."""
    for words in ASKS[language].split("|"):
        person = someone(language, words)
        assert Withdraw() not in person.kept, words
        assert person.texts == [say(Sentence.LEAVE_WHICH, person.state.language)], words
        assert len(person.last.options) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_choice_by_a_tap_and_in_words(language):
    """The labels do what they say, tapped or typed."""
    word = ASKS[language].split("|")[0]
    for sentence, effect in ((Sentence.UPSET_PAUSE, Pause()), (Sentence.UPSET_STOP, Withdraw())):
        assert effect in someone(language, word).taps(say(sentence, language)).kept
        assert effect in someone(language, word, say(sentence, language)).kept
        number = "2" if sentence is Sentence.UPSET_PAUSE else "3"
        assert effect in someone(language, word, number).kept
    left = someone(language, "red", word).taps(say(Sentence.LEAVE_QUESTION, language))
    assert [one.status for one in left.kept if isinstance(one, RecordAnswer)] == [AnswerStatus.SKIPPED]


def test_two_replies_that_name_no_choice_leave_all_as_it_is():
    """The menu asks once more, then the question comes again; what was said instead is a remark."""
    person = someone("en", "cancel", "my knee hurts when I walk")
    assert say_all(person, Sentence.LEAVE_WHICH)
    assert person.types("my knee hurts a lot on stairs").open == "q"
    assert person.texts[-1] == "Ask q?"
    assert person.remarks == ["my knee hurts a lot on stairs"]
    assert Withdraw() not in person.kept


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "no"),
        ("de", "nichts"),
        ("es", "nada, gracias"),
        ("fr", "non"),
        ("it", "niente"),
        ("pt", "nada"),
        ("ar", "لا شيء"),
        ("en", "continue"),
        ("en", "ok, let's go on"),
        ("de", "weiter"),
        ("es", "quiero seguir"),
        ("fr", "on continue"),
        ("it", "andiamo avanti"),
        ("pt", "continuar"),
        ("ar", "متابعة"),
    ],
)
def test_nothing_is_to_end(language, words):
    """Whoever wants to end nothing goes on where they were, and is told no mistake."""
    person = someone(language, "cancel", words)
    assert (person.open, person.texts, person.remarks) == ("q", ["Ask q?"], [])


def test_a_word_that_ends_here_and_agrees_there():
    """Italians end with 'fine', which consents nowhere in their language; in all others it is an English half a yes."""
    for language in LANGUAGES:
        person = Speaker(language, *STEPS).types("fine", "fine")
        assert (person.open == "may") is (language == "it"), language


def test_the_same_word_again_is_no_choice():
    """Who writes 'cancel' under the menu may mean the menu: it asks once more, then all is as it was."""
    person = someone("en", "cancel", "cancel")
    assert say_all(person, Sentence.UNREAD_CHOICE, Sentence.LEAVE_WHICH)
    assert person.types("quit").texts[-1] == "Ask q?"


def test_stop_under_the_menu_stops():
    """The word that we name works there as everywhere."""
    assert Withdraw() in someone("en", "cancel", "stop").kept


def test_a_required_question_cannot_be_left():
    """It says so, and is asked again."""
    person = Speaker("en", *STEPS).types("cancel").taps(say(Sentence.LEAVE_QUESTION, "en"))
    assert (person.texts[0], person.open) == (say(Sentence.SKIP_NOT_HERE, "en"), "may")
    assert Speaker("en", *STEPS).types("cancel", "skip").texts[0] == say(Sentence.SKIP_NOT_HERE, "en")


def test_in_place_of_another_menu_it_leaves_that_one():
    """'Later', then 'cancel': this question is the menu, and the script's question is not skipped."""
    person = someone("en", "later", "cancel")
    assert say_all(person, Sentence.LEAVE_WHICH)
    person.taps(say(Sentence.LEAVE_QUESTION, "en"))
    assert (person.answers, person.texts, person.open) == ({}, ["Ask q?"], "q")


def test_a_label_is_an_answer():
    """A choice that is called so, and 'Done' in the language's words, are no wish to leave."""
    ends = Speaker("en", one("q", "end", "blue"), text("z"), end("bye"))
    assert ends.types("end").answers == {"q": "end"}
    ticked = Speaker("de", many("q", "red", "blue"), text("z"), end("bye"))
    assert ticked.taps("Red").types("Fertig").answers == {"q": ["red"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_under_a_read_back_it_means_change(language):
    """The no of the read-back: what was read back is asked again, and nobody is asked what they meant."""
    for words in ASKS[language].split("|"):
        steps = (one("q", "red", "blue"), confirm("c", "q"), end("bye"))
        person = Speaker(language, *steps).types("red", words)
        assert (person.open, person.texts) == ("q", ["Ask q?"]), words


def test_before_a_change_it_keeps_the_answer():
    """'Shall I change it?' 'Cancel': the answer stays, also after the end."""
    person = Person(flow_of(one("q", "red", "blue"), end("bye"))).types("red").taps_at(0, "Blue")
    assert person.types("cancel").texts == [say(Sentence.UNCHANGED, "en")]


@pytest.mark.parametrize("way", ["form", "edit"])
def test_under_an_earlier_question_it_changes_nothing(way):
    """An earlier message edited to 'cancel', or a form that says so, is no new answer."""
    person = Person(flow_of(text("first"), text("z"), end("bye"))).types("a story of mine")
    event = TextSubmitted(0, "cancel") if way == "form" else Edited("m-a story of mine", "cancel")
    person.tell(event)
    assert person.answers == {}
    assert person.texts[0] == say(Sentence.UNCHANGED, "en")


STORIES = {
    "en": "I had to cancel my appointment|that was enough for me to sleep|at the end they stopped the pump",
    "de": "ich musste den Termin abbrechen|am Ende war es gut|die Schmerzen hörten auf",
    "es": "tuve que cancelar la cita|basta con que escuchen|al fin me dieron otra pastilla",
    "fr": "j'ai dû annuler le rendez-vous|à la fin c'était mieux|il faut arrêter les douleurs",
    "it": "ho dovuto annullare la visita|basta che mi ascoltino|alla fine andava meglio",
    "pt": "tive de cancelar a consulta|chega tarde o médico|no fim correu bem",
    "ar": "اضطررت إلى إلغاء الموعد|في النهاية تحسنت|توقف الألم بعد العلاج",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_holds_such_a_word_is_an_answer(language):
    """Only a whole message leaves or stops."""
    for story in STORIES[language].split("|"):
        assert someone(language, "red", story).answers == {"z": story}
