"""The menu after words of sadness: a question that it came in place of was not shown, and is not kept as if it was."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import AnswerStatus, Effect, RecordAnswer, SendMessage
from flows.engine.events import Replied
from flows.engine.interruptions.safety_notice import ReportQuestion, SafetyNotice
from flows.engine.state import encode_state
from flows.i18n.say import Sentence, say
from tests.support.engine_world import Person, consent, flow_of, one, text

UPSET = SafetyNotice(1, False, ())
REPORT = SafetyNotice(0, True, (ReportQuestion.CONTACT,))
LEAVE_OUT = say(Sentence.UPSET_SKIP, "en")
MENU = say(Sentence.UPSET, "en")
PROBE = {"when": "words < 12", "text": "Why did that matter?", "joins": "separate"}


def writes(person: Person, words: str, notice: SafetyNotice) -> Person:
    """Somebody writes words in which the scan finds something."""
    result = advance(person.flow, person.state, Replied(words, f"m-{words}"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    sent = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
    person.heard = sent
    person.asked |= {prompt.ask: prompt for prompt in sent if prompt.ask is not None}
    return person


def recorded(effects: list[Effect]) -> list[tuple[str, AnswerStatus, str]]:
    """Slots, what became of them, and under which text."""
    return [(kept.slot, kept.status, kept.shown_text) for kept in effects if isinstance(kept, RecordAnswer)]


@pytest.mark.parametrize("by", ["a tap", "its label"])
@pytest.mark.parametrize("next_one", [one("sure", "yes", "no"), text("sure")], ids=["closed", "own words"])
def test_a_question_that_was_not_shown_is_left_out_under_the_menu(next_one, by):
    """Nobody was asked 'Ask sure?': what was said stands under the words that were on the screen."""
    person = writes(Person(flow_of(text("words"), next_one, text("after"))), "I am so sad", UPSET)
    assert [prompt.text for prompt in person.heard] == [MENU]
    person = person.taps(LEAVE_OUT) if by == "a tap" else person.types(LEAVE_OUT)
    assert recorded(person.kept) == [("sure", AnswerStatus.SKIPPED, MENU)]
    assert person.texts == ["Ask after?"]


def test_a_question_that_was_shown_is_left_out_under_its_text():
    """The words came at a question that stood there; or the menu was left, and the question shown, before."""
    person = Person(flow_of(one("sure", "yes", "no"), text("after")))
    writes(person, "I am so sad that I could weep all day", UPSET).taps(LEAVE_OUT)
    assert recorded(person.kept) == [("sure", AnswerStatus.SKIPPED, "Ask sure?")]
    person = writes(Person(flow_of(text("words"), text("sure"), text("after"))), "I am so sad", UPSET)
    person.taps(say(Sentence.UPSET_GO_ON, "en")).types("skip")
    assert recorded(person.kept) == [("sure", AnswerStatus.SKIPPED, "Ask sure?")]


def test_words_that_choose_nothing_leave_the_question_unshown():
    """The menu is put once more, and what is left out then is still what nobody saw."""
    person = writes(Person(flow_of(text("words"), text("sure"), text("after"))), "I am so sad", UPSET)
    person.types("hm, well").taps(LEAVE_OUT)
    assert recorded(person.kept) == [("sure", AnswerStatus.SKIPPED, MENU)]


def test_after_a_report_the_question_is_as_unshown_as_before():
    """The report came in its place, and the menu comes in the place of what the report would have shown."""
    person = writes(
        Person(flow_of(text("words"), text("sure"), text("after"))), "a rash of the pills", REPORT
    )
    writes(person, "Yes", UPSET)
    assert "Ask sure?" not in [prompt.text for prompt in person.heard]
    person.taps(LEAVE_OUT)
    [(slot, status, shown)] = recorded(person.kept)
    assert (slot, status) == ("sure", AnswerStatus.SKIPPED)
    assert shown in (MENU, say(Sentence.UPSET_HEARD, "en"))


def test_a_question_behind_that_for_the_zone_is_as_unshown():
    """The zone was asked for in its place, and the menu came while that waited: nobody has seen 'Ask sure?'."""
    flow = flow_of(consent("again", purpose="contact_again"), one("sure", "yes", "no"), text("after"))
    person = Person(flow, {"participant": {"timezone": "UTC", "countries": ["GB", "US"]}}).types("yes")
    assert person.texts == [say(Sentence.ZONE_WHICH, "en")]
    writes(person, "I am so sad", UPSET)
    assert "Ask sure?" not in [prompt.text for prompt in person.heard]
    person.taps(LEAVE_OUT)
    assert recorded(person.kept) == [("sure", AnswerStatus.SKIPPED, say(Sentence.UPSET_HEARD, "en"))]


def test_a_further_question_that_was_not_shown_is_passed_over():
    """Nothing is kept of it: it was never put."""
    flow = flow_of(text("words", probe=PROBE), text("after"))
    person = writes(Person(flow), "I am so sad", UPSET).types(LEAVE_OUT)
    assert recorded(person.kept) == []
    assert person.texts == ["Ask after?"]
    assert person.types("well").open is None


def test_a_question_that_must_be_answered_is_shown():
    """It cannot be left out, and is from then on a question like any other."""
    person = writes(Person(flow_of(text("words"), text("sure", required=True))), "I am so sad", UPSET)
    person.taps(LEAVE_OUT)
    assert person.texts == [say(Sentence.SKIP_NOT_HERE, "en"), "Ask sure?"]
    assert person.state.in_its_place is None
    person.types("quite")
    assert recorded(person.kept) == [("sure", AnswerStatus.ANSWERED, "Ask sure?")]
