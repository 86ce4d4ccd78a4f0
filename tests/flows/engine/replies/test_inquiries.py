"""A participant asks the bot something: it is answered, and what was open is put again."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import AnswerInquiry, AskFor, RecordConsent, RecordRemark, RequestKind
from flows.engine.events import Replied, Sight, TextSubmitted
from flows.engine.interruptions.safety_notice import SafetyNotice
from flows.engine.state import Care
from flows.i18n.say import Sentence, say
from flows.inquiries.inquiry import Inquiry
from tests.support.engine_world import Person, Speaker, confirm, consent, end, flow_of, one, text

FLOW = flow_of(one("colour", "red", "blue", "why"), text("words"), text("more"), end("bye"))
ASKED = {
    Inquiry.GENUINE: "Is this a scam?",
    Inquiry.WHO_ARE_YOU: "Are you a bot?",
    Inquiry.WHO_READS: "who reads this",
    Inquiry.ANONYMOUS: "Is this anonymous?",
    Inquiry.BOSS_OR_DOCTOR: "Will my doctor see this?",
    Inquiry.HOW_LONG: "how long does it take",
    Inquiry.WHY: "Why do you ask?",
    Inquiry.WHAT_HAPPENS: "What happens with my answers?",
    Inquiry.WHEN_AGAIN: "When will you write again?",
    Inquiry.VOLUNTARY: "do i have to answer",
    Inquiry.MEDICAL: "can i take ibuprofen with this?",
    Inquiry.HELLO: "Hello",
}
WISHES = {Inquiry.WHAT_SAID: "What did I say?", Inquiry.CALL_ME: "Can somebody call me?"}


def asked(person: Person) -> list[Inquiry]:
    """What was asked by the last message, as it is to be answered."""
    return [effect.inquiry for effect in person.kept if isinstance(effect, AnswerInquiry)]


def wishes(person: Person) -> list[RequestKind]:
    return [effect.wish for effect in person.kept if isinstance(effect, AskFor)]


@pytest.mark.parametrize(("inquiry", "words"), ASKED.items())
def test_at_a_question_with_buttons(inquiry: Inquiry, words: str) -> None:
    """It is answered, nothing is recorded as an answer, and the question comes again with its buttons."""
    person = Person(FLOW).types(words)
    assert asked(person) == [inquiry]
    assert person.texts == ["Ask colour?"]
    assert (person.answers, person.open) == ({}, "colour")
    assert person.types("Red").open == "words"


@pytest.mark.parametrize(("inquiry", "words"), ASKED.items())
def test_at_a_question_for_own_words(inquiry: Inquiry, words: str) -> None:
    """A message that is wholly a question is answered rather than recorded."""
    person = Person(FLOW).types("Red", words)
    assert asked(person) == [inquiry]
    assert (person.answers, person.open) == ({}, "words")
    assert person.types("it was fine").answers == {"words": "it was fine"}


@pytest.mark.parametrize(("inquiry", "words"), ASKED.items())
def test_under_a_consent(inquiry: Inquiry, words: str) -> None:
    """The consent comes again, and nothing is consented to by asking."""
    person = Person(flow_of(consent("yes"), text("words"), end("bye"))).types(words)
    assert asked(person) == [inquiry]
    assert person.open == "yes"
    assert not [effect for effect in person.kept if isinstance(effect, RecordConsent)]
    assert person.last.text == "Agree yes?"


@pytest.mark.parametrize(("inquiry", "words"), WISHES.items())
def test_what_a_command_gives_too(inquiry: Inquiry, words: str) -> None:
    """The own answers are sent as with 'my data', a person is called as with 'human'."""
    wanted = {Inquiry.WHAT_SAID: RequestKind.MY_DATA, Inquiry.CALL_ME: RequestKind.HUMAN}[inquiry]
    assert wishes(Person(FLOW).types(words)) == [wanted]
    assert wishes(Person(FLOW).types("Red", words)) == [wanted]


def test_what_goes_beyond_the_question_is_a_remark() -> None:
    """Whoever tells something and asks hears both: the answer, and that the words are kept."""
    person = Person(FLOW).types("My uncle had it too. Who reads this?")
    assert asked(person) == [Inquiry.WHO_READS]
    assert person.remarks == ["My uncle had it too. Who reads this?"]
    assert person.texts == [say(Sentence.REMARK_KEPT, "en"), "Ask colour?"]


def test_a_story_that_ends_in_a_question_is_a_story() -> None:
    """Under a question for own words the whole is recorded, and nothing is answered."""
    person = Person(FLOW).types("Red", "My uncle had it too. Who reads this?")
    assert asked(person) == []
    assert person.answers == {"words": "My uncle had it too. Who reads this?"}


def test_thanks_for_own_words_end_a_question_with_buttons_only() -> None:
    """Thanks get one warm line where a tap is asked for; under own words they are for the question's reader."""
    assert asked(Person(FLOW).types("thank you very much")) == [Inquiry.THANKS]
    assert asked(Person(FLOW).types("Red", "thank you very much")) == []


@pytest.mark.parametrize("words", ["genau, danke", "ja, danke", "passt, danke schön", "fine, thanks"])
def test_a_yes_with_thanks_is_the_yes(words: str) -> None:
    """Courtesy round a yes is no courtesy to be answered: the answer is taken."""
    person = Speaker("de", text("q"), confirm("back", "q"), text("z")).types("Sie war freundlich")
    assert person.types(words).answers == {"back": True}


def test_a_medical_question_is_kept() -> None:
    """It gets no advice, and stays for the team to read."""
    person = Person(FLOW).types("Should I stop taking my medicine?")
    assert asked(person) == [Inquiry.MEDICAL]
    assert person.remarks == ["Should I stop taking my medicine?"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Can I take a break?"),
        ("de", "Kann ich eine Pause machen?"),
        ("es", "¿Puedo hacer una pausa?"),
        ("fr", "Puis-je faire une pause ?"),
        ("it", "Posso fare una pausa?"),
        ("pt", "Posso fazer uma pausa?"),
        ("ar", "هل يمكنني أخذ استراحة؟"),
    ],
)
def test_what_may_be_done_in_the_talk_is_no_medical_question(language: str, words: str) -> None:
    """Who asks whether they may pause does; who asks whether it is a fraud is not sent to a pharmacist."""
    person = Speaker(language, text("words"), end("bye")).types(words)
    assert (asked(person), person.state.paused) == ([], True)
    assert asked(Speaker("de", text("words"), end("bye")).types("Ist das Betrug?")) == [Inquiry.GENUINE]


TOLD_OR_ASKED = {
    "es": "tengo que pagar; hay que pagar algo; pues tengo que pagar; es obligatorio; me obligan a hacerlo",
    "fr": "c'est obligatoire; on est obligé de le faire; je dois payer quelque chose; c'est encore long",
    "it": "devo pagare; è obbligatorio; sono obbligato a farlo; devo compilare tutto; è uno scherzo; bisogna pagare",
    "pt": "tenho de pagar; é obrigatório; tenho que fazer tudo; temos que fazer tudo; falta muito; é uma fraude",
    "ar": "لازم أدفع; لازم نعمل كل شيء; لازم أدفع مصاري",
}


@pytest.mark.parametrize(("language", "texts"), TOLD_OR_ASKED.items())
def test_what_only_a_sign_makes_a_question_is_a_story(language: str, texts: str) -> None:
    """'Tengo que pagar' is told where a story was asked for; with its sign, it asks."""
    for words in texts.split("; "):
        person = Speaker(language, text("words"), text("more"), end("bye"))
        assert person.types(words).answers == {"words": words}
        assert len(asked(Speaker(language, text("words"), end("bye")).types(f"{words}?"))) == 1, words


def test_what_may_be_told_is_kept_where_it_is_answered() -> None:
    """Under a question with buttons 'tengo que pagar' is answered, and stays with the team as a remark."""
    person = Speaker("es", one("colour", "red", "blue"), end("bye")).types("tengo que pagar")
    assert asked(person) == [Inquiry.GENUINE]
    assert [kept.raw for kept in person.kept if isinstance(kept, RecordRemark)] == ["tengo que pagar"]


def test_a_label_of_the_open_question_is_its_answer() -> None:
    """'Why' is a button here, and no question back."""
    assert Person(FLOW).types("why").answers == {"colour": "why"}


def test_words_of_concern_win() -> None:
    """What the safety scan found is answered by help or by a report, whatever else the words ask."""
    person, notice = Person(FLOW), SafetyNotice(2, False, (), Care("112", ()))
    words = Replied("I want to die. Who reads this?", "m")
    result = advance(person.flow, person.state, words, now=person.now, notice=notice)
    assert not [effect for effect in result.effects if isinstance(effect, AnswerInquiry)]
    assert "112" in " ".join(effect.prompt.text for effect in result.effects if hasattr(effect, "prompt"))


def test_a_menu_stays_open() -> None:
    """Under 'When should I come back?' the answer comes, and then the menu again."""
    person = Person(FLOW).types("later", "Who reads this?")
    assert asked(person) == [Inquiry.WHO_READS]
    assert person.last.text == say(Sentence.LATER_WHEN, "en")
    assert person.taps("Tomorrow").texts != []


def test_a_pause_ends_with_it() -> None:
    """Whoever paused and asks hears the answer and the question that waits."""
    person = Person(FLOW).types("pause", "How long does it take?")
    assert asked(person) == [Inquiry.HOW_LONG]
    assert person.texts == ["Ask colour?"]
    assert not person.state.paused


def test_a_question_in_another_language() -> None:
    """It is known in all languages, whatever the conversation's is."""
    assert asked(Person(FLOW).types("¿Quién lee esto?")) == [Inquiry.WHO_READS]


def test_a_question_in_a_form() -> None:
    """What is typed into the form of the open question, or in its thread, is answered too."""
    person = Person(FLOW).types("Red")
    person.tell(TextSubmitted(person.state.open, "Who reads this?", "m9"))
    assert asked(person) == [Inquiry.WHO_READS]
    assert person.open == "words"


def test_a_question_that_came_early() -> None:
    """It is no part of the answer before, though it was written before the next question could be seen."""
    person = Person(FLOW).types("Red", "it was fine")
    person.tell(Replied("Who reads this?", "m9", Sight.BEFORE))
    assert asked(person) == [Inquiry.WHO_READS]
    assert person.answers == {}
