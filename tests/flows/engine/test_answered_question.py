"""What the question that words answer is about: the open one, the one before for early words, the edited one."""

from flows.engine.advance import advance
from flows.engine.answered_question import asked_in_slot, slot_of_event
from flows.engine.compiled import compile_flow
from flows.engine.events import Edited, Event, Replied, Sight, Started, Tapped, TextSubmitted
from flows.engine.state import ConversationState
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from flows.script.loader import library
from flows.script.roles import QuestionTopic
from tests.support.engine_world import NOW, flow_of, text

FLOW = flow_of(text("effects", about="medicine"), text("wish", about="care"), text("rest"))
COMPILED = compile_flow(FLOW)


def topic_of_event(state: ConversationState, event: Event) -> QuestionTopic | None:
    """The topic of the question that an event's words answer."""
    return asked_in_slot(COMPILED, slot_of_event(state, event)).topic


def state_after(*replies: str):
    flow = LocalizedFlow(FLOW, Localizations())
    state = advance(flow, None, Started({}, "en"), now=NOW).state
    for n, reply in enumerate(replies):
        state = advance(flow, state, Replied(reply, f"m{n}"), now=NOW).state
    return state


def test_words_answer_the_open_question():
    """Each step's own topic, and none where the author names none."""
    topics = [
        topic_of_event(state_after(*["well enough, thank you"] * count), Replied("hm")) for count in range(3)
    ]
    assert topics == [QuestionTopic.MEDICINE, QuestionTopic.CARE, None]


def test_words_that_came_too_early_answer_the_question_before():
    """Whoever writes on before the next question could be seen still speaks of the first."""
    early = Replied("and then some", sight=Sight.BEFORE)
    assert topic_of_event(state_after("well enough, thank you"), early) is QuestionTopic.MEDICINE


def test_an_edit_is_of_the_question_that_its_message_answered():
    """An edited first answer is about the medicine, whatever is open by now."""
    state = state_after("well enough, thank you", "nothing to wish for")
    assert topic_of_event(state, Edited("m0", "bad")) is QuestionTopic.MEDICINE
    assert topic_of_event(state, Edited("other", "bad")) is None


def test_words_that_name_their_question_answer_that_one():
    """A form or a quoted question."""
    state = state_after("well enough, thank you")
    assert topic_of_event(state, TextSubmitted(0, "bad")) is QuestionTopic.MEDICINE
    assert topic_of_event(state, TextSubmitted(99, "bad")) is None
    assert topic_of_event(state, Tapped(0, 0)) is None


def test_an_interruption_has_no_topic_of_the_script():
    """Slots of interruptions belong to no question of an author."""
    assert asked_in_slot(COMPILED, "@later").topic is None
    assert asked_in_slot(COMPILED, None).topic is None


def test_an_answer_to_a_safety_report_is_about_a_medicine():
    """It stands beside the script, and is told of it."""
    assert asked_in_slot(COMPILED, "@safety_what") == (QuestionTopic.MEDICINE, False)


def test_the_question_that_asks_for_events_is_known_with_what_belongs_to_it():
    """The closed question, the words after 'not sure' and after a yes; no other question, and no interruption."""
    for name, closed in (("patient_interview", "a12"), ("patient_follow_up", "e7")):
        compiled = compile_flow(library()[name])
        asking = {key for key in compiled.questions if asked_in_slot(compiled, key).solicits}
        assert asking == {closed, f"{closed}_unsure", f"{closed}_what"}
        assert not asked_in_slot(compiled, None).solicits
        assert not asked_in_slot(compiled, "@safety_what").solicits
