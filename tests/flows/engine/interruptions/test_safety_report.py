"""The questions of a safety report: few words, and who says that it is no medicine is asked no more."""

import pytest
from msgspec.structs import replace

from flows.engine.advance import advance
from flows.engine.effects import RecordReportAnswer, SendMessage
from flows.engine.events import Replied, Tapped
from flows.engine.interruptions.safety_notice import ReportQuestion, SafetyNotice
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.state import encode_state, is_over
from flows.i18n.say import Sentence, say
from flows.parsing.vocabulary import languages
from tests.support.engine_world import Person, flow_of, text
from tests.support.said_in_a_row import steps_of

ALL = tuple(ReportQuestion)
NO_MEDICINE = {
    "en": (
        "Not a medicine",
        "no medicine",
        "none",
        "Nothing!",
        "no, it was not the tablets",
        "I take no medicine",
        "I don't take any",
    ),
    "de": (
        "Kein Medikament",
        "nein, es lag nicht an den Tabletten",
        "nichts",
        "ich nehme keine Medikamente",
        "ich nehme keine",
    ),
    "fr": (
        "Pas un médicament",
        "rien",
        "ce n'est pas le médicament",
        "je ne prends rien",
        "je n'en prends pas",
    ),
    "es": ("No es un medicamento", "nada", "no fue el medicamento", "no tomo nada", "no tomo ninguno"),
    "it": ("Non è un farmaco", "niente", "non prendo farmaci", "il farmaco non c'entra", "non ne prendo"),
    "pt": ("Não é um medicamento", "nada", "não foi o medicamento", "não tomo nenhum"),
    "ar": ("ليس دواء", "لا شيء", "لا علاقة له بالدواء", "لا آخذ دواء", "لا آخذ شيئا"),
}
NOT_KNOWN = {
    "en": ("I don't know", "no idea", "same as before", "as I said"),
    "de": ("weiß nicht", "keine Ahnung", "wie vorher", "das habe ich schon gesagt"),
    "fr": ("je ne sais pas", "comme avant", "je l'ai déjà dit"),
    "es": ("no sé", "ni idea", "lo mismo que antes", "ya lo dije"),
    "it": ("non lo so", "come prima", "l'ho già detto"),
    "pt": ("não sei", "como antes", "já disse"),
    "ar": ("لا أعرف", "كما قلت", "نفس الشيء"),
}


def asked(language: str = "en", ask: tuple[ReportQuestion, ...] = ALL) -> Person:
    """Somebody whose words lack all that a report needs, at its first question."""
    person = Person(flow_of(text("words"), text("more"), language=language))
    state = replace(person.state, language=language)
    notice = SafetyNotice(0, True, ask)
    result = advance(person.flow, state, Replied("it made me ill", "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    person.heard = steps_of(*(one.prompt for one in result.effects if isinstance(one, SendMessage)))
    person.asked |= {prompt.ask: prompt for prompt in person.heard if prompt.ask is not None}
    return person


def report_answers(person: Person) -> list[RecordReportAnswer]:
    return [one for one in person.kept if isinstance(one, RecordReportAnswer)]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("question", [ReportQuestion.WHAT, ReportQuestion.WHICH, ReportQuestion.WHO])
def test_no_medicine_ends_the_questions(language, question):
    """The words are kept with the case, and make nothing known; the script goes on at once."""
    for words in NO_MEDICINE[language]:
        person = asked(language, (question, ReportQuestion.CONTACT)).types(words)
        assert person.texts[0] == say(Sentence.SAFETY_CLOSED, language), words
        is_label = words == say(Sentence.SAFETY_NO_MEDICINE, language) and question is not ReportQuestion.WHO
        kept = "no_medicine" if is_label else words
        assert report_answers(person) == [RecordReportAnswer(question.value, kept, tells=False)]
        assert (person.state.aside, person.state.concerns) == (None, ())
        assert person.texts[-1] == "Ask more?"


def test_what_is_denied_in_part_goes_on():
    """Words that tell more, or name a medicine, are an answer."""
    for words in (
        "Revlimid",
        "it was not the tablets but the needle",
        "the medicine",
        "no pain, only the rash",
        "a drug",
    ):
        person = asked(ask=(ReportQuestion.WHICH, ReportQuestion.CONTACT)).types(words)
        assert report_answers(person) == [RecordReportAnswer("which", words)]
        assert person.texts == [say(Sentence.SAFETY_CONTACT, "en")]


@pytest.mark.parametrize("language", languages())
def test_what_is_not_known_makes_nothing_known(language):
    """'I don't know' and 'same as before' are kept with the case, and the next question is put."""
    for words in NOT_KNOWN[language]:
        person = asked(language, (ReportQuestion.WHICH, ReportQuestion.CONTACT)).types(words)
        assert report_answers(person) == [RecordReportAnswer("which", words, tells=False)], words
        assert person.texts == [say(Sentence.SAFETY_CONTACT, language)]


@pytest.mark.parametrize("question", [ReportQuestion.WHAT, ReportQuestion.WHICH])
def test_the_way_out_can_be_tapped_and_chosen_by_its_number(question):
    """Of the questions for words the one button says that it is about no medicine."""
    label = say(Sentence.SAFETY_NO_MEDICINE, "en")
    tapped = asked(ask=(question, ReportQuestion.CONTACT)).taps(label)
    typed = asked(ask=(question, ReportQuestion.CONTACT)).types("1")
    for person in (tapped, typed):
        assert person.texts[0] == say(Sentence.SAFETY_CLOSED, "en")
        assert [one.tells for one in report_answers(person)] == [False]


def test_a_question_of_before_has_no_such_button():
    """What was put before there was a way out shows 'Skip' alone, so that a tap on it skips."""
    person = asked(ask=(ReportQuestion.WHICH, ReportQuestion.CONTACT))
    bare = tuple(
        replace(one, codes=None) if one.slot.startswith(REPORT) else one for one in person.state.asks
    )
    person.stored = encode_state(replace(person.state, asks=bare))
    person.tell(Tapped(person.state.aside, 0))
    assert person.texts == [say(Sentence.SAFETY_CONTACT, "en")]
    assert report_answers(person) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "enough"),
        ("en", "cancel"),
        ("de", "Schluss jetzt"),
        ("de", "keine Fragen mehr"),
        ("fr", "ça suffit"),
    ],
)
def test_enough_ends_the_questions_and_nothing_else(language, words):
    """Whoever has had enough of the questions about a medicine goes on with the interview."""
    person = asked(language).types(words)
    assert person.texts[0] == say(Sentence.SAFETY_CLOSED, language)
    assert person.texts[-1] == "Ask more?"
    assert report_answers(person) == []


def test_to_be_left_alone_stops_all():
    """'Leave me alone' is what it is everywhere."""
    assert is_over(asked().types("leave me alone").state)


UNRELATED = "The garden is lovely this year"
CONTACT = say(Sentence.SAFETY_CONTACT, "en")
YES_OR_NO = say(Sentence.UNREAD_YES_NO, "en", agree="Yes", decline="No")


def at_contact() -> Person:
    return asked(ask=(ReportQuestion.CONTACT,))


def test_unrelated_words_do_not_end_the_question_for_contact():
    """They are kept, and the question is put once more; its answer counts."""
    person = at_contact().types(UNRELATED)
    assert person.remarks == [UNRELATED]
    assert person.texts == [say(Sentence.REMARK_KEPT, "en"), YES_OR_NO, CONTACT]
    assert report_answers(person.types("yes")) == [RecordReportAnswer("contact", "yes")]


def test_the_second_time_the_question_for_contact_is_left():
    """Nobody agrees by accident, nobody is kept at it, and nobody is thanked twice."""
    person = at_contact().types(UNRELATED).types("It is green")
    assert report_answers(person) == []
    assert person.remarks == ["It is green"]
    assert person.texts == [say(Sentence.REMARK_KEPT, "en"), "Ask more?"]
    assert (person.state.aside, person.state.misses) == (None, 0)


def test_words_that_say_nothing_leave_it_with_thanks():
    """Where nothing is kept, the report's own thanks stand."""
    person = at_contact().types("thanks")
    assert person.texts == [YES_OR_NO, CONTACT]
    assert person.types("thanks").texts == [say(Sentence.SAFETY_THANKS, "en"), "Ask more?"]


def test_whoever_does_not_know_is_not_asked_again():
    """'I don't know' is an answer: no agreement."""
    person = at_contact().types("I don't know")
    assert report_answers(person) == []
    assert person.texts == [say(Sentence.SAFETY_THANKS, "en"), "Ask more?"]


def test_thanks_after_the_report_are_no_answer_to_what_waits():
    """They answer the bot's own; the question is shown again, and the second time they are what they are anywhere."""
    person = at_contact().types("yes")
    assert person.texts == [say(Sentence.SAFETY_THANKS, "en"), "Ask more?"]
    person.types("thank you!")
    assert person.texts == [say(Sentence.INQUIRY_THANKS, "en"), "Ask more?"]
    assert (person.answers, person.open) == ({}, "more")
    assert person.types("thanks").answers == {"more": None}
