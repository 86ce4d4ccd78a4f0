"""A remark is offered once as the answer to a question that takes remarks, and becomes it by a tap."""

from flows.engine.effects import EndRemark
from flows.i18n.say import Sentence, say
from tests.support.engine_world import Person, end, flow_of, one, text

STORY = "my wife had to carry me up the stairs"
OFFER = say(Sentence.REMARK_OFFER, "en", words=STORY)


def somebody(*, takes: bool = True) -> Person:
    """Somebody who told a story at a tap question, and was then asked for it."""
    asks = {**text("story"), "takes_remarks": takes}
    return Person(flow_of(one("q", "red", "blue"), asks, text("z"), end("bye"))).types(STORY, "red")


def test_it_is_offered_under_the_question():
    """The question comes as ever, and then the words with two buttons."""
    person = somebody()
    assert person.texts == ["Ask story?", OFFER]
    assert [option.label for option in person.last.options] == ["Yes, take it", "No, I write it now"]


def test_taken_by_a_tap():
    """The words are the answer, word for word, and a remark no more."""
    person = somebody().taps("Yes, take it")
    assert (person.answers, person.open) == ({"story": STORY}, "z")
    assert EndRemark(0, "story") in person.kept


def test_left_by_a_tap():
    """The question comes again, and the remark stays one."""
    person = somebody().taps("No, I write it now")
    assert (person.texts, person.answers) == (["Ask story?"], {})
    assert person.types("something else").answers == {"story": "something else"}


def test_other_words_are_the_answer():
    """Whoever just writes on answers the question."""
    assert somebody().types("It was on a Monday").answers == {"story": "It was on a Monday"}


def test_a_label_in_words():
    """A button may be typed; a plain yes is too little to go by, and an answer like any other words."""
    assert somebody().types("Yes, take it").answers == {"story": STORY}


def test_only_where_the_script_says_so():
    """Elsewhere nothing is offered."""
    assert somebody(takes=False).texts == ["Ask story?"]


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
