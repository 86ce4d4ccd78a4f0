"""A reply to a message of before is kept with what stood in that message; the conversation goes on in that of now."""

from datetime import date
from typing import Any

import pytest

from flows.engine.effects import CHANGE_OPTION, RecordAnswer, RecordConsent
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    Picked,
    Replied,
    ShownQuestion,
    Sight,
    Tapped,
    TextSubmitted,
)
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.i18n.say import Sentence
from flows.i18n.say import say as sentence
from flows.script.model import Flow
from flows.script.reconsent import source_of
from flows.script.strings import rewrite
from tests.support.engine_world import DATE, SCALE, Person, confirm, consent, end, flow_of, many, one, text


class InSpanish(Localizations):
    """Flows whose texts in Spanish end in '(es)'."""

    def __init__(self) -> None:
        super().__init__(policy=LanguagePolicy(only=("en", "es")))
        self._flows: dict[str, Flow] = {}

    def localized(self, flow: Flow, language: str) -> Flow:
        """The flow itself, or the one with marked texts."""
        if language == flow.language:
            return flow
        if flow.hash not in self._flows:
            marked = rewrite(flow, lambda _context, words, _place: f"{words} (es)")
            self._flows[flow.hash] = marked.model_copy(update={"language": language})
            vars(self._flows[flow.hash])["hash"] = flow.hash
        return self._flows[flow.hash]


LOCALIZATIONS = InSpanish()
LATER = (text("more"), end("bye"))


def shown(words: str | None) -> ShownQuestion:
    """What stood in a message in English."""
    return ShownQuestion("en", words)


def in_spanish(step: dict[str, Any], *replies: str, before: tuple[dict[str, Any], ...] = ()) -> Person:
    """Somebody who has answered a question in English, and goes on in Spanish."""
    person = Person(flow_of(*before, step, *LATER), localizations=LOCALIZATIONS)
    return person.types(*replies, "language español")


def kept(person: Person) -> tuple[str, str, str]:
    """The words, the text and the language with which the last event kept an answer."""
    [answer] = [effect for effect in person.kept if isinstance(effect, RecordAnswer)]
    return answer.raw, answer.shown_text, answer.language


@pytest.mark.parametrize(
    ("step", "reply", "event", "expected"),
    [
        (one("q", "red", "blue"), "red", Tapped(0, 1, shown("Ask q?")), ("Blue", "Ask q?")),
        (one("q", "red", "blue"), "red", TextSubmitted(0, "Blue", "m9", shown("Ask q?")), ("Blue", "Ask q?")),
        (one("q", "red", "blue"), "red", TextSubmitted(0, "blue (es)", None, shown("Ask q?")), ("blue (es)", "Ask q?")),
        (many("q", "a", "b", "c"), "a", Picked(0, (0, 2), shown("Ask q?")), ("A, C", "Ask q?")),
        (many("q", "a", "b", "c"), "a", Tapped(0, 1, shown("Ask q?")), ("A, B", "Ask q?")),
        (SCALE, "5", Tapped(0, 3, shown("How well?")), ("4", "How well?")),
        (DATE, "tomorrow", Tapped(0, 0, shown("When?")), ("Today", "When?")),
        (DATE, "tomorrow", DatePicked(0, date(2026, 3, 9), shown("When?")), ("2026-03-09", "When?")),
        (text("q"), "Words.", TextSubmitted(0, "Others.", None, shown("Ask q?")), ("Others.", "Ask q?")),
        (one("q", "red", "blue"), "red", Edited("m-red", "blue", shown("Ask q?")), ("blue", "Ask q?")),
        (text("q", required=False), "Words.", Tapped(0, 0, shown("Ask q?")), ("", "Ask q?")),
        (one("q", "red", "blue"), "red", Tapped(0, 1, shown("Asked otherwise?")), ("Blue", "Asked otherwise?")),
    ],
)  # fmt: skip
def test_an_earlier_question(
    step: dict[str, Any], reply: str, event: Event, expected: tuple[str, str]
) -> None:
    """Words, text and language are those of the message; what is said to it is in the language of now."""
    person = in_spanish(step, reply).tell(event)
    assert kept(person) == (*expected, "en")
    assert person.texts == [sentence(Sentence.CORRECTED, "es"), "Ask more? (es)"]
    assert person.state.language == "es"


@pytest.mark.parametrize("event", [Tapped(0, 1), Picked(0, (1,)), TextSubmitted(0, "blue (es)")])
def test_a_message_that_is_not_on_record(event: Event) -> None:
    """The question counts as shown in the language of now."""
    step = many("q", "red", "blue") if isinstance(event, Picked) else one("q", "red", "blue")
    person = in_spanish(step, "red").tell(event)
    assert kept(person)[1:] == ("Ask q? (es)", "es")


def test_the_open_question() -> None:
    """It stands there twice, and is answered under the message that was tapped; the next one is Spanish."""
    person = in_spanish(one("q", "red", "blue"), "a", before=(text("first"),))
    assert person.texts[-1] == "Ask q? (es)"
    person.tell(Tapped(1, 1, shown("Ask q?")))
    assert (kept(person), person.texts) == (("Blue", "Ask q?", "en"), ["Ask more? (es)"])


def test_ticks_of_the_open_question() -> None:
    """The list that stands below is shown anew, in its own language."""
    person = in_spanish(many("q", "a", "b"), "a", before=(text("first"),))
    person.tell(Tapped(1, 1, shown("Ask q?")))
    assert [prompt.text for prompt in person.refreshed] == ["Ask q? (es)"]


def test_words_that_came_before_the_question_of_now() -> None:
    """They are a part of the answer before, and so is the text under which that was given."""
    person = in_spanish(text("q"), "It hurt.")
    person.tell(Replied("A lot.", "m9", Sight.BEFORE, joins=shown("Ask q?")))
    assert kept(person) == ("It hurt.\nA lot.", "Ask q?", "en")


def test_change_puts_the_question_in_the_language_of_now() -> None:
    """It is shown below, as all that is said from now on."""
    person = in_spanish(one("q", "red", "blue"), "red").tell(Tapped(0, CHANGE_OPTION, shown("Ask q?")))
    assert person.texts == ["Ask q? (es)"]


PROGRAM = {"program": {"team": "us"}}
YES = {"purpose": "contact_again", "agree": "I agree", "decline": "No"}


def decision(person: Person) -> tuple[bool, str, str, str]:
    [made] = [effect for effect in person.kept if isinstance(effect, RecordConsent)]
    return made.granted, made.shown_text, made.language, made.source


def test_a_yes_to_an_old_consent() -> None:
    """It is to the words that were read, and counts for the text as its author wrote it."""
    person = in_spanish(consent("q", **YES), "no").tell(Tapped(0, 0, shown("Agree q?")))
    assert decision(person) == (True, "Agree q?", "en", source_of("Agree q?", {}, "en"))


def test_a_yes_to_other_words() -> None:
    """It is no consent to what is asked now: the hash is of what was read, so that it is asked again."""
    person = in_spanish(consent("q", **YES), "no").tell(Tapped(0, 0, shown("Agree to less?")))
    assert decision(person) == (True, "Agree to less?", "en", source_of("Agree to less?", {}, "en"))


def test_a_no_to_an_old_consent() -> None:
    """It is asked with the whole text of now, and that is kept whatever the language is when it is decided."""
    person = in_spanish(consent("q", **YES), "I agree").tell(Tapped(0, 1, shown("Agree q?")))
    assert person.texts[0].startswith("Agree q? (es)\n")
    ask = person.last.ask
    person.types("language English").tell(Tapped(ask, 0))
    assert decision(person)[:3] == (False, "Agree q? (es)", "es")


def test_a_change_after_the_end() -> None:
    """What was tapped first is kept once the change is confirmed, in words of then."""
    person = in_spanish(one("q", "red", "blue"), "red").types("That is all.")
    person.tell(Tapped(0, 1, shown("Ask q?")))
    assert person.kept == []
    person.tell(Tapped(person.last.ask, 0))
    assert kept(person) == ("Blue", "Ask q?", "en")
    person.tell(Tapped(person.last.ask, 0))
    assert kept(person)[1:] == ("Ask q?", "en")


def test_change_twice_after_the_end() -> None:
    """The question is shown again once; after it was answered there it can be changed once more."""
    person = Person(flow_of(one("q", "red", "blue"), confirm("right", "q"), end("bye"))).types("red", "yes")
    assert person.tell(Tapped(0, CHANGE_OPTION)).texts == ["Ask q?"]
    for _ in range(2):
        assert person.tell(Tapped(0, CHANGE_OPTION)).heard == []
        assert person.toasts == [sentence(Sentence.ASKED_BELOW, "en")]
    person.tell(Tapped(0, 1))
    person.tell(Tapped(person.last.ask, 0))
    assert person.tell(Tapped(0, CHANGE_OPTION)).texts == ["Ask q?"]
