"""Typed words under the help for somebody at risk: nobody is removed by a number, in any language."""

import pytest
from msgspec.structs import replace

from flows.engine.advance import advance
from flows.engine.effects import RecordReportAnswer, SendMessage
from flows.engine.events import Replied
from flows.engine.interruptions.crisis_help import CARE, CrisisHelp
from flows.engine.interruptions.safety_notice import ReportQuestion, SafetyNotice
from flows.engine.interruptions.upset_menu import UPSET
from flows.engine.state import Care, encode_state, is_over
from flows.i18n.say import Sentence, say
from tests.support.engine_world import Person, confirm, flow_of, one, text
from tests.support.engine_world import say as script_says
from tests.support.said_in_a_row import steps_of

NUMBERS = {
    "en": ("2", "2.", "(2)", "two", "the second", "no", "good"),
    "es": ("2", "dos", "la segunda", "no"),
    "fr": ("2", "deux", "la deuxi\u00e8me", "non"),
    "de": ("2", "zwei", "das zweite", "nein"),
    "it": ("2", "due", "la seconda", "no"),
    "pt": ("2", "dois", "a segunda", "n\u00e3o", "uma vez"),
    "ar": (
        "2",
        "\u0662",
        "\u0627\u062b\u0646\u064a\u0646",
        "\u0627\u0644\u062b\u0627\u0646\u064a",
        "\u0644\u0627",
    ),
}


def at_risk(language: str) -> Person:
    """Somebody who was just shown the help."""
    person = Person(flow_of(text("words"), text("more"), language=language))
    notice = SafetyNotice(2, False, (), Care("112", ()))
    state = replace(person.state, language=language)
    result = advance(person.flow, state, Replied("x", "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    return person


@pytest.mark.parametrize("typed_in", list(NUMBERS))
@pytest.mark.parametrize("language", list(NUMBERS))
def test_a_number_removes_nobody_at_risk(language, typed_in):
    """A number, a 'no' or part of a label, in whatever language, shows the help again."""
    for said in NUMBERS[typed_in]:
        person = at_risk(language).types(said)
        assert person.texts == [say(Sentence.CARE_AGAIN, language, number="112")], said
        assert person.state.care is not None


@pytest.mark.parametrize("language", list(NUMBERS))
def test_what_the_buttons_say_may_be_typed(language):
    """The whole label of either choice is a clear wish."""
    go_on, stop = CrisisHelp().labels(CARE, language)
    assert at_risk(language).types(go_on).state.care is None
    assert is_over(at_risk(language).types(stop).state)


PROBE = {"when": "words < 12", "text": "Tell me a bit more about one part that stands out."}


@pytest.mark.parametrize("joins", ["append", "separate"])
@pytest.mark.parametrize("before", [(), ("It was",)], ids=["by the answer", "under the further question"])
def test_nobody_is_asked_for_more_of_words_that_halted_the_conversation(before, joins):
    """Whoever goes on after the help comes to the next question, never to 'tell me more' about what they wrote."""
    probe = {**PROBE, "joins": joins}
    flow = flow_of(text("visit", probe=probe), text("after"))
    person = Person(flow).types(*before)
    notice = SafetyNotice(2, False, (), Care("112", ()))
    result = advance(flow, person.state, Replied("I want to die", "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    person.types(CrisisHelp().labels(CARE, "en")[0])
    assert person.texts == [say(Sentence.WELCOME_BACK, "en"), "Ask after?"]
    person.types("fine")
    assert is_over(person.state)


def halted_by(person: Person, words: str) -> Person:
    """Words of risk, and the wish to go on after the help."""
    notice = SafetyNotice(2, False, (), Care("112", ()))
    result = advance(person.flow, person.state, Replied(words, "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    return person.types(CrisisHelp().labels(CARE, "en")[0])


@pytest.mark.parametrize("probe", [None, {**PROBE, "joins": "append"}])
def test_nobody_is_read_back_words_that_halted_the_conversation(probe):
    """'Did I get that right?' is left out, and not counted; what else is read back still is."""
    fields = {} if probe is None else {"probe": probe}
    own = confirm("check", "wish", text='You said: "{wish}"', counted=True, when="wish != null")
    both = confirm("check_all", "wish", "other")
    flow = flow_of(text("wish", **fields), text("other"), own, both, text("after"))
    person = Person(flow)
    if probe is not None:
        person.types("It was")
    halted_by(person, "I want to die")
    assert person.last.progress == (2, 3)
    person.types("fine")
    assert person.open == "check_all"
    assert person.types("yes").last.progress == (3, 3)


def test_nobody_is_shown_words_that_halted_the_conversation():
    """A message that quotes them is left out; one that quotes others, or nothing, is said."""
    told = {"key": "told", "kind": "say", "text": "You told me:"}
    wish = {"key": "say_wish", "kind": "say", "text": '"{wish}"', "when": "wish != null"}
    other = {"key": "say_other", "kind": "say", "text": '"{other}"', "when": "other != null"}
    flow = flow_of(text("wish"), text("other"), told, wish, other, text("after"))
    person = halted_by(Person(flow), "I want to die")
    assert person.types("fine").texts == ["You told me:", '"fine"', "Ask after?"]


def test_what_was_written_anew_is_read_back():
    """Harmless words in the place of those that halted the conversation are read back like any."""
    flow = flow_of(text("wish"), text("other"), confirm("check", "wish", text='"{wish}"'))
    person = halted_by(Person(flow), "I want to die")
    person.types("back").types("More time")
    assert person.types("fine").texts == ['"More time"']


@pytest.mark.parametrize("language", list(NUMBERS))
@pytest.mark.parametrize(
    "notice",
    [
        SafetyNotice(0, True, (ReportQuestion.CONTACT,), Care("112", ())),
        SafetyNotice(1, False, (), Care("112", ())),
    ],
    ids=["a report", "upset"],
)
def test_what_would_do_as_an_answer_is_said_with_the_question_alone(notice, language):
    """Where the safety questions come in its place nobody is told to tap what is not there; after them it comes."""
    flow = flow_of(one("colour", "red", "blue"), text("words"), language=language)
    person = Person(flow)
    told = replace(person.state, language=language)
    words = Replied("the tablets gave me a rash on both my arms", "m")
    result = advance(flow, told, words, now=person.now, notice=notice)
    sent = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
    shown = [step.text for prompt in sent for step in steps_of(prompt)]
    assert shown[0] == say(Sentence.REMARK_KEPT, language)
    assert len(shown) > 1
    assert say(Sentence.NOW_ONE_TAP, language) not in shown
    assert "Ask colour?" not in shown


def told(person: Person, words: str, notice: SafetyNotice) -> list[str]:
    """What is said to words in which the scan found something."""
    result = advance(person.flow, person.state, Replied(words, "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    sent = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
    return [step.text for step in steps_of(*sent)]


@pytest.mark.parametrize(
    "notice",
    [
        SafetyNotice(0, True, (ReportQuestion.CONTACT,), Care("112", ())),
        SafetyNotice(1, False, (), Care("112", ())),
    ],
    ids=["a report", "upset"],
)
def test_what_gets_no_response_any_more_is_said_to_be_kept(notice):
    """The response is made once in a conversation; what is told after it does not go without a word."""
    person, kept = (
        Person(flow_of(one("colour", "red", "blue"), text("words"))),
        say(Sentence.REMARK_KEPT, "en"),
    )
    told(person, "I was so afraid and nobody came", notice)
    person.types("skip" if notice.reportable else "Go on")
    assert told(person, "later", notice)[0] == say(Sentence.LATER_WHEN, "en")
    assert told(person, "I was so afraid again last week and alone", notice)[0] == kept


UPSET_NOTICE = SafetyNotice(1, False, (), Care("112", ()))
REPORT_NOTICE = SafetyNotice(0, True, (ReportQuestion.CONTACT,), Care("112", ()))


@pytest.mark.parametrize("step", [text("words"), one("colour", "red", "blue"), confirm("words", "first")])
def test_skipping_the_menu_speaks_of_no_report(step):
    """Who was offered a pause and skips is asked the script's question; nobody hears of a team that was not told."""
    person = Person(flow_of(text("first"), step, text("last")))
    person.types("a")
    told(person, "I was so afraid and nobody came", UPSET_NOTICE)
    assert person.state.asks[person.state.aside].slot == UPSET
    shown = person.types("skip").texts
    assert shown
    assert say(Sentence.SAFETY_THANKS, "en") not in shown
    assert person.state.aside is None


def test_skipping_the_last_question_of_a_report_is_thanked_for():
    """Where a report was made, skipping its last question ends it with thanks."""
    person = Person(flow_of(text("words"), text("more")))
    told(person, "the tablets gave me a rash on both my arms", REPORT_NOTICE)
    assert person.types("skip").texts == [say(Sentence.SAFETY_THANKS, "en"), "Ask more?"]


def test_nobody_is_thanked_twice_for_the_same_words():
    """Menu and report thank for what was told, except where the script has just done so, or the words were kept."""
    heard = {"key": "heard", "kind": "say", "text": "Thank you for telling me that.", "when": "words != null"}
    afraid = "I was so afraid and nobody came"
    alone = Person(flow_of(text("words"), text("more")))
    after = Person(flow_of(text("words"), heard, text("more")))
    beside = Person(flow_of(one("colour", "red", "blue"), text("words")))
    again = say(Sentence.UPSET_HEARD, "en")
    assert told(alone, afraid, UPSET_NOTICE) == [say(Sentence.UPSET, "en")]
    assert told(after, afraid, UPSET_NOTICE) == ["Thank you for telling me that.", again]
    assert told(beside, afraid, UPSET_NOTICE) == [say(Sentence.REMARK_KEPT, "en"), again]
    for before, intro in ((alone, Sentence.SAFETY_INTRO), (after, Sentence.SAFETY_INTRO_HEARD)):
        person = Person(before.flow)
        assert told(person, "the tablets gave me a rash", REPORT_NOTICE)[-2] == say(intro, "en")


ASKED = (
    "who reads this?",
    "Wer liest das?",
    "Will my doctor see this?",
    "is it anonymous?",
    "why do you ask?",
)


@pytest.mark.parametrize("words", ASKED)
@pytest.mark.parametrize("question", list(ReportQuestion))
def test_a_question_to_the_bot_is_no_answer_for_a_report(question, words):
    """It is answered, and the question of the report comes again; nothing is kept with the case, nor skipped."""
    person = Person(flow_of(text("words"), text("more")))
    asked = told(person, "I had a rash", SafetyNotice(0, True, (question,), Care("112", ())))[-1]
    person.types(words)
    assert [type(effect).__name__ for effect in person.kept] == ["AnswerInquiry"]
    assert (person.texts, person.remarks) == ([asked], [])


@pytest.mark.parametrize("words", ["Could it be the chemo?", "thank you", "The tablets. Who reads this?"])
def test_what_may_be_an_answer_for_a_report_is_kept_with_the_case(words):
    """A medical question, courtesy, and a question beside other words."""
    person = Person(flow_of(text("words"), text("more")))
    told(person, "I had a rash", SafetyNotice(0, True, (ReportQuestion.WHICH,), Care("112", ())))
    person.types(words)
    assert [kept.words for kept in person.kept if isinstance(kept, RecordReportAnswer)] == [words]


@pytest.mark.parametrize("notice", [None, (0, True), (1, False)])
def test_thanks_come_once(notice):
    """The script's own thanks for an answer are left out where a safety response thanks for it, and said where none is.

    A second sign gets no response, and thus the script's thanks.
    """
    thanks = script_says("heard", "Thank you for that.", thanks=True)
    person = Person(flow_of(text("words"), thanks, text("more"), thanks | {"key": "heard_too"}, text("last")))
    found = None if notice is None else SafetyNotice(*notice, (ReportQuestion.WHICH,), Care("112", ()))
    first = advance(person.flow, person.state, Replied("x", "m"), now=person.now, notice=found)
    person.stored = encode_state(first.state)
    assert ("Thank you for that." in texts_of(first.effects)) is (notice is None)
    if notice is not None:
        person.types("Skip" if notice[1] else "Go on")
        assert person.open == "more"
    second = advance(person.flow, person.state, Replied("x", "m"), now=person.now, notice=found)
    assert "Thank you for that." in texts_of(second.effects)


def texts_of(effects):
    """All that is sent, as one text."""
    return "\n".join(
        f"{one.prompt.lead}\n{one.prompt.text}" for one in effects if isinstance(one, SendMessage)
    )
