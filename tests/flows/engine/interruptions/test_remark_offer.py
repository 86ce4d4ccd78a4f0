"""A remark is offered once as the answer to a question that takes remarks, and becomes it by a tap."""

import pytest

from flows.engine.effects import CHANGE_OPTION, EndRemark, Trace
from flows.engine.events import Edited, Reminded, Replied, Sight, Tapped, TextSubmitted
from flows.i18n.say import Sentence, say
from tests.support.engine_world import Person, end, flow_of, one, text

STORY = "my wife had to carry me up the stairs"
OFFER = "Ask story?\n\n" + say(Sentence.REMARK_OFFER, "en", words=STORY)


def somebody(*, takes: bool = True) -> Person:
    """Somebody who told a story at a tap question, and was then asked for it."""
    asks = {**text("story"), "takes_remarks": takes}
    return Person(flow_of(one("q", "red", "blue"), asks, text("z"), end("bye"))).types(STORY, "red")


def test_it_is_offered_with_the_question():
    """The question and the words are one message with two buttons: neither arrives without the other."""
    person = somebody()
    assert person.texts == [OFFER]
    assert [option.label for option in person.last.options] == ["Yes, take it", "No, I write it now"]


def test_taken_by_a_tap():
    """The words are the answer, word for word, and a remark no more."""
    person = somebody().taps("Yes, take it")
    assert (person.answers, person.open) == ({"story": STORY}, "z")
    assert EndRemark(0, "story") in person.kept


def test_taken_and_changed():
    """The message that asked and offered shows what was chosen, and 'Change' puts its question again."""
    person = somebody()
    ask = person.state.aside
    person.taps("Yes, take it")
    assert person.traces[ask] == Trace(("Yes, take it",), change=True)
    person.tell(Tapped(ask, CHANGE_OPTION))
    assert (person.texts, person.open) == (["Ask story?"], "story")
    assert person.types("something else").answers == {"story": "something else"}


def test_other_words_can_be_changed():
    """Nor does the message keep its buttons once the question was answered in other words."""
    person = somebody()
    ask = person.state.aside
    person.types("It was on a Monday")
    assert person.traces[ask] == Trace(change=True)
    assert person.tell(Tapped(ask, CHANGE_OPTION)).open == "story"


@pytest.mark.parametrize("words", ["Yes, take it", "It was on a Monday"])
def test_words_that_name_the_offer_are_about_its_question(words):
    """Who replies to the message that asked and offered, in a thread or by quoting it, adds to the answer."""
    person = somebody()
    ask = person.state.aside
    person.types(words).tell(TextSubmitted(ask, "It was on a Tuesday", "m9"))
    assert person.answers == {"story": "It was on a Tuesday"}
    assert person.open == "z"
    person.types("some words").tell(TextSubmitted(ask, "It was on a Friday", "m10"))
    assert person.last.text.startswith("Ask story?")
    assert person.taps("Change it").answers == {"story": "It was on a Friday"}


def test_words_that_name_an_offer_that_was_left_answer_its_question():
    """They are no remark, for the question waits for them."""
    person = somebody()
    ask = person.state.aside
    person.taps("No, I write it now").tell(TextSubmitted(ask, "It was on a Tuesday", "m9"))
    assert (person.answers, person.remarks, person.open) == ({"story": "It was on a Tuesday"}, [], "z")


def test_words_that_name_the_open_offer():
    """They decide on it, or are the answer."""
    person = somebody()
    assert person.tell(TextSubmitted(person.state.aside, "yes", "m9")).answers == {"story": STORY}
    person = somebody()
    assert person.tell(TextSubmitted(person.state.aside, "On a Monday", "m9")).answers == {
        "story": "On a Monday"
    }


def test_an_edit_changes_what_is_offered():
    """The offer shows what the message says now, and that is taken."""
    edited = f"{STORY} and down again"
    person = somebody().tell(Edited(f"m-{STORY}", edited))
    assert [prompt.text for prompt in person.refreshed] == [OFFER.replace(STORY, edited)]
    assert person.taps("Yes, take it").answers == {"story": edited}


def test_an_edit_of_what_was_offered_is_not_offered_again():
    """It was left once."""
    steps = [one("q", "red"), *({**text(key), "takes_remarks": True} for key in ("a", "b")), end("bye")]
    person = Person(flow_of(*steps)).types(STORY, "red").tell(Edited(f"m-{STORY}", f"{STORY} again"))
    person.taps("No, I write it now").types("It was on a Monday")
    assert (person.texts, person.state.aside) == (["Ask b?"], None)


@pytest.mark.parametrize("event", [Reminded(), Replied("help", "m5"), Replied("pause", "m5")])
def test_its_buttons_work_while_its_question_waits(event):
    """What shows the question alone leaves the message with the buttons above it: they do what they say."""
    person = somebody()
    ask = person.state.aside
    person.tell(event)
    assert (person.state.aside, person.open) == (None, "story")
    edited = f"{STORY} and down again"
    person.tell(Edited(f"m-{STORY}", edited)).taps_at(ask, "Yes, take it")
    assert (person.answers, person.open) == ({"story": edited}, "z")
    person.taps_at(ask, "No, I write it now")
    assert person.toasts == [say(Sentence.BUTTON_OVER, "en")]


def test_left_by_a_tap():
    """The question comes again, and the remark stays one."""
    person = somebody().taps("No, I write it now")
    assert (person.texts, person.answers) == (["Ask story?"], {})
    assert person.types("something else").answers == {"story": "something else"}


def test_other_words_are_the_answer():
    """Whoever just writes on answers the question."""
    assert somebody().types("It was on a Monday").answers == {"story": "It was on a Monday"}


def test_a_label_in_words():
    """A button may be typed."""
    assert somebody().types("Yes, take it").answers == {"story": STORY}
    assert somebody().types("No, I write it now").texts == ["Ask story?"]


@pytest.mark.parametrize("words", ["yes", "Yes please", "ok", "👍", "oui"])
def test_a_plain_yes(words):
    """It says yes to what was asked last, and is no story."""
    assert somebody().types(words).answers == {"story": STORY}


@pytest.mark.parametrize("words", ["no", "No, thanks", "nein"])
def test_a_plain_no(words):
    """The question comes again for a story of its own."""
    person = somebody().types(words)
    assert (person.texts, person.answers, person.open) == (["Ask story?"], {}, "story")


@pytest.mark.parametrize("words", ["no, it was on a Monday in the rain", "Yes, on a Monday in the rain"])
def test_more_than_a_yes_or_no(words):
    """What tells a story is the answer."""
    assert somebody().types(words).answers == {"story": words}


def test_a_word_to_leave_by():
    """It is asked what to end; to leave the offer leaves its remark where it is."""
    person = somebody().types("cancel", "leave this question")
    assert (person.texts, person.answers, person.open) == (["Ask story?"], {}, "story")


@pytest.mark.parametrize("word", ["skip", "Skip this"])
def test_skip_leaves_the_question_out(word):
    """It stands in the same message: nobody has to skip it twice. The remark stays one."""
    person = somebody()
    ask = person.state.aside
    person.types(word)
    assert (person.open, person.answers, person.remarks) == ("z", {"story": None}, [])
    assert person.traces[ask] == Trace(change=True)
    assert person.tell(Tapped(ask, CHANGE_OPTION)).open == "story"


def test_skip_of_a_question_that_is_required():
    """It can not be skipped, and comes again."""
    asks = {**text("story"), "takes_remarks": True, "required": True}
    person = Person(flow_of(one("q", "red"), asks, end("bye"))).types(STORY, "red", "skip")
    assert (person.texts, person.open) == ([say(Sentence.SKIP_NOT_HERE, "en"), "Ask story?"], "story")


def test_a_question_to_the_bot():
    """It is answered, and the offer comes again."""
    person = somebody().types("who reads this?")
    assert person.texts == [OFFER]
    assert person.taps("Yes, take it").answers == {"story": STORY}


def test_only_where_the_script_says_so():
    """Elsewhere nothing is offered."""
    assert somebody(takes=False).texts == ["Ask story?"]


def test_a_choice_of_a_question_before_is_not_offered():
    """It was typed once more, and came under the next question: nobody's story."""
    choices = [
        {"code": "carer", "label": "I care for someone"},
        {"code": "patient", "label": "I am a patient"},
    ]
    who = {"key": "who", "kind": "select_one", "text": "Who?", "choices": choices}
    asks = {**text("story"), "takes_remarks": True}
    person = Person(flow_of(who, one("q", "red"), asks, end("bye"))).types("I care for someone")
    person.tell(Replied("I care for someone", "m2", sight=Sight.UNREAD))
    assert person.remarks == ["I care for someone"]
    assert person.types("red").texts == ["Ask story?"]


@pytest.mark.parametrize("words", ["What do you mean by that?", "why do they never listen to us?"])
def test_a_question_back_after_the_story(words):
    """The story is offered all the same: it is the newest remark that may be an answer."""
    asks = {**text("story"), "takes_remarks": True}
    person = Person(flow_of(one("q", "red"), one("p", "red"), asks, end("bye"))).types(STORY, "red", words)
    assert person.remarks == [words]
    assert person.types("red").texts == [OFFER]


def test_a_story_that_became_a_question():
    """Edited into a question back it is offered no more."""
    asks = {**text("story"), "takes_remarks": True}
    person = Person(flow_of(one("q", "red"), asks, end("bye"))).types(STORY)
    person.tell(Edited(f"m-{STORY}", "Why do they never listen to us?"))
    assert person.types("red").texts == ["Ask story?"]


def test_it_is_offered_once():
    """Not again when the question is put again, nor at the next one."""
    person = somebody().types("a word", "back")
    assert OFFER not in person.texts


def test_a_late_tap_does_nothing():
    """Once the question is answered, the offer is over."""
    person = somebody()
    ask = person.state.aside
    person.types("It was on a Monday").taps_at(ask, "Yes, take it")
    assert person.answers == {}
