"""Where help can be found, said in passing after words that may be those of somebody at risk."""

from datetime import timedelta

import pytest

from flows.engine.advance import advance
from flows.engine.effects import SendMessage
from flows.engine.events import LanguageDetected, Reminded, Replied, RiskSuspected
from flows.engine.interruptions.safety_notice import RISK_TIER, SafetyNotice
from flows.engine.state import Care, encode_state
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.script.model import Flow
from tests.support.engine_world import NOW, Person, end, flow_of, one, text
from tests.support.engine_world import say as told

FLOW = flow_of(text("why"), one("colour", "red", "blue"), text("more"), end("bye"))
READ_BACK = flow_of(
    text("first"),
    text("why"),
    told("shown", "You wrote: {first}"),
    one("colour", "red", "blue"),
    text("more"),
    end("bye"),
)
CARE = Care("112")
LINES = Care("112", ("Samaritans: 116 123", "Text line: 85258"))
SUSPECTED = RiskSuspected(CARE)
SAID = say(Sentence.HELP_NEAR, "en", number="112")


def at_risk(person: Person, flow: Flow = FLOW) -> list[str]:
    """Somebody writes words in which the rules find risk; what is said to them."""
    notice = SafetyNotice(RISK_TIER, reportable=False, ask=(), care=CARE)
    result = advance(
        LocalizedFlow(flow), person.state, Replied("I want to die"), now=person.now, notice=notice
    )
    person.stored = encode_state(result.state)
    return [effect.prompt.text for effect in result.effects if isinstance(effect, SendMessage)]


def somebody(*texts: str) -> Person:
    return Person(FLOW).types(*texts)


def test_help_is_named_and_what_is_open_stays_open():
    """One message that asks nothing, marked as help; the answer to the open question counts as before."""
    person = somebody("it is a heavy time").tell(SUSPECTED)
    assert person.texts == [SAID]
    assert person.heard[0].ask is None
    assert person.open == "colour"
    assert not person.state.paused
    assert person.types("red").open == "more"


def test_it_is_marked_as_help_which_goes_first():
    """Its lane is that of help for somebody at risk, and it is sent although they leave."""
    person = somebody("it is a heavy time")
    result = advance(LocalizedFlow(FLOW), person.state, SUSPECTED, now=NOW)
    [sent] = result.effects
    assert isinstance(sent, SendMessage)
    assert sent.is_help


def test_help_lines_are_named_where_there_are_any():
    """Each with its number, a line each."""
    [said] = somebody().tell(RiskSuspected(LINES)).texts
    assert "Samaritans: 116 123\nText line: 85258" in said


def test_it_is_said_once():
    """The stored state remembers it."""
    person = somebody("one").tell(SUSPECTED)
    assert person.state.told_of_help
    assert person.tell(SUSPECTED).texts == []


def test_it_is_not_said_where_crisis_help_was_shown():
    """Neither while the script is halted, nor once it goes on: the number stands there."""
    person = somebody("one")
    at_risk(person)
    halted = person.state
    assert person.tell(SUSPECTED).texts == []
    assert person.state == halted
    person.types(say(Sentence.CARE_GO_ON, "en"))
    assert person.tell(SUSPECTED).texts == []


def test_words_of_risk_bring_crisis_help_after_it():
    """It takes nothing from what the rules do later."""
    person = somebody("one").tell(SUSPECTED)
    assert at_risk(person) == [say(Sentence.CARE, "en", number="112")]


def test_it_is_said_after_the_end_too():
    """Whoever wrote it with the last answer is still there; the conversation stays ended."""
    person = somebody("one", "red", "two")
    ended = person.state.outcome
    assert person.tell(SUSPECTED).texts == [SAID]
    assert person.state.outcome is ended


@pytest.mark.parametrize("event", [LanguageDetected("es"), Reminded()])
def test_other_events_of_ours_are_as_before_it(event):
    """An offer or a reminder comes after it as it would have come."""
    localizations = Localizations(policy=LanguagePolicy(only=("en", "es")))
    with_it = Person(FLOW, localizations=localizations).types("one").tell(SUSPECTED).tell(event)
    without = Person(FLOW, localizations=localizations).types("one").tell(event)
    assert with_it.texts == without.texts


@pytest.mark.parametrize(
    "words",
    ["continue", "let's go on", "weiter", "seguir", "on continue", "andiamo avanti", "continuar", "متابعة"],
)
def test_words_that_ask_to_go_on_go_on_after_help(words):
    """Not only the label of the button: the question that was open waits again, and its answer counts."""
    person = somebody("one")
    at_risk(person)
    person.types(words)
    assert person.state.care is None
    assert person.texts == [say(Sentence.WELCOME_BACK, "en"), "Ask colour?"]
    assert person.types("red").open == "more"


@pytest.mark.parametrize("words", ["I'm ready", "here I am", "yes", "ok", "bin bereit", "I can't go on", "1"])
def test_other_words_bring_help_again(words):
    """To be there, or ready, may mean something else to somebody at risk."""
    person = somebody("one")
    at_risk(person)
    person.types(words)
    assert person.state.care is not None
    assert person.texts == [say(Sentence.CARE_AGAIN, "en", number="112")]


def test_what_stood_before_the_question_is_said_when_it_goes_on():
    """Nobody is asked to permit words that they were not shown: help took the place of those."""
    person = Person(READ_BACK).types("it was long")
    at_risk(person, READ_BACK)
    person.types("continue")
    assert person.texts == [say(Sentence.WELCOME_BACK, "en"), "You wrote: it was long", "Ask colour?"]
    assert person.types("red").open == "more"


def test_what_was_seen_is_not_said_again():
    """Words of risk under a question that stood there already."""
    person = Person(READ_BACK).types("it was long", "so be it")
    assert "You wrote: it was long" in person.texts
    person.now += timedelta(minutes=1)
    at_risk(person, READ_BACK)
    person.types("continue")
    assert person.texts == [say(Sentence.WELCOME_BACK, "en"), "Ask colour?"]
