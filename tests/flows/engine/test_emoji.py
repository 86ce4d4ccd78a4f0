"""Emoji in a conversation: answers where they say enough, and never a consent, an end or a deletion by themselves."""

from typing import Any

import emoji
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.engine.advance import advance
from flows.engine.effects import Outcome, RecordReportAnswer
from flows.engine.events import Edited, Replied, TextSubmitted
from flows.engine.interruptions.safety_notice import ReportQuestion, SafetyNotice
from flows.engine.state import Care, encode_state, is_over
from flows.i18n.say import Sentence, say
from flows.parsing.vocabulary import languages
from flows.text.emoji import emoji_alone
from tests.support.engine_world import Person, confirm, consent, end, flow_of, many, one, text

ALONE = (
    "👍", "👎", "👍🏽", "👍👍👍", ":+1:", ":-1:", ":+1::skin-tone-3:", "✅", "❌", "✔️", "✖️", "🚫", "👌", "🙅",
    "🙆\u200d♀️", "1️⃣", "2️⃣", ":one:", ":two:", "①", "🎉", "💯", ":100:", ":yes:", ":no:", ":end:", ":back:", "🛑",
    "👎!", "🇩🇪",
)  # fmt: skip
NO_HELP = Care("112", ())


def sure(seen: str, language: str = "en") -> str:
    """What is said to an emoji alone."""
    return say(Sentence.EMOJI_ALONE, language, seen=seen)


def joining(**fields: Any) -> Person:
    """Somebody who is asked whether to take part."""
    return Person(flow_of(consent("agreed", **fields), text("after"), end("bye")))


def noticed(person: Person, notice: SafetyNotice, words: str = "x") -> Person:
    """The same person after words in which a safety scan found something."""
    result = advance(person.flow, person.state, Replied(words, "m"), now=person.now, notice=notice)
    person.stored = encode_state(result.state)
    return person


@pytest.mark.parametrize("typed", ALONE)
def test_an_emoji_alone_is_no_consent_and_no_refusal(typed: str) -> None:
    """It is said what was seen, and the same question comes again; a word then answers it."""
    person = joining().types(typed)
    assert person.texts == [sure(emoji_alone(typed) or ""), "Agree agreed?"]
    assert person.kept == []
    assert person.open == "agreed"
    assert person.types("yes").state.answers["agreed"].value is True


@pytest.mark.parametrize("required", [True, False])
def test_however_often_it_comes(required: bool) -> None:
    """A consent is never passed over by emoji, also where it may be skipped; words are still misread only once."""
    person = joining(required=required)
    for typed in ALONE:
        person.types(typed)
        assert person.open == "agreed"
        assert person.answers == {}
    assert person.state.misses == 0


@pytest.mark.parametrize(("typed", "agreed"), [("1", True), ("2", False), ("👍 yes", True), ("no 👎", False)])
def test_numbers_and_words_still_answer(typed: str, agreed: bool) -> None:
    """A number as it is typed, and a word beside an emoji, say enough."""
    assert joining().types(typed).state.answers["agreed"].value is agreed


@pytest.mark.parametrize("typed", ["yes 👎", "no 👍", "👍 no", "I agree ❌", "1 👎"])
def test_what_contradicts_itself_is_asked_again(typed: str) -> None:
    """A word and an emoji that disagree are no answer."""
    person = joining().types(typed)
    assert person.open == "agreed"
    assert person.last.text == "Agree agreed?"


@pytest.mark.parametrize("language", languages())
def test_in_every_language(language: str) -> None:
    """The sentence is said in the conversation's language."""
    person = Person(flow_of(consent("agreed"), text("after"), language=language))
    person.stored = encode_state(replace(person.state, language=language))
    assert person.types("👎").texts[0] == sure("👎", language)
    assert person.open == "agreed"


def test_no_edit_and_no_form_takes_a_consent_back_by_emoji() -> None:
    """Whoever edits their yes into a thumb down, or answers it by one in its thread, hears that nothing has changed."""
    person = joining().types("yes")
    for event in (Edited("m-yes", "👎"), TextSubmitted(0, ":-1:"), TextSubmitted(0, "2️⃣")):
        person.tell(event)
        assert person.texts[-1] == say(Sentence.UNCHANGED, "en")
        assert person.state.answers["agreed"].value is True
        assert person.kept == []
    assert person.tell(Edited("m-yes", "no")).state.answers["agreed"].value is True  # asked once first
    assert person.tell(Replied("yes")).state.answers["agreed"].value is False


@pytest.mark.parametrize("typed", ["👍", "👎", ":+1:", "1️⃣", "1", "2", "the first", "✅"])
@pytest.mark.parametrize("over", [False, True])
def test_no_emoji_makes_a_change(typed: str, over: bool) -> None:
    """Before a consent is taken back, or anything is changed after the end, a word or a tap is needed."""
    person = joining().types("yes", *(["mine"] if over else []))
    person.tell(Edited("m-yes", "no"))
    question = person.last.text
    assert say(Sentence.CHANGE_TAKES_BACK, "en") in question
    for _ in range(3):
        person.types(typed)
        assert person.texts == [sure(emoji_alone(typed) or typed), question]
        assert person.state.answers["agreed"].value is True
        assert person.kept == []
    assert person.types("yes").state.answers["agreed"].value is False


def test_a_read_back_takes_a_thumb() -> None:
    """A thumb under 'Is that right?' is as good as a word: up goes on, down leads to a change."""
    flow = flow_of(text("words"), confirm("check", "words"), text("after"))
    assert Person(flow).types("mine", "👍").open == "after"
    assert Person(flow).types("mine", ":+1:").open == "after"
    assert Person(flow).types("mine", "👎").open == "words"
    assert Person(flow).types("mine", "👍👎").open == "check"


READY = {
    **one("ready", "more"),
    "choices": [
        {"code": "yes", "label": "Continue", "goto": "after", "aliases": ["yes"]},
        {"code": "more", "label": "Tell me more"},
        {"code": "no", "label": "No thanks", "goto": "bye", "aliases": ["no"]},
    ],
}


@pytest.mark.parametrize("typed", ["👎", ":-1:", "3️⃣", ":three:", "❌"])
def test_no_emoji_ends_a_conversation(typed: str) -> None:
    """The choice that leads to an end takes a word or a tap; the others take a keycap."""
    flow = flow_of(READY, text("why"), text("after"), end("bye", outcome="declined"))
    person = Person(flow).types(typed)
    assert person.texts == [sure(emoji_alone(typed) or ""), "Ask ready?"]
    assert not is_over(person.state)
    assert is_over(Person(flow).types("no thanks").state)
    assert Person(flow).types("2️⃣").open == "why"


def test_a_binding_choice_takes_no_emoji() -> None:
    """Where the script says so an emoji never answers, whichever choice it would be."""
    flow = flow_of({**one("sign", "agree", "change"), "binding": True}, text("after"))
    for typed in ("👍", "1️⃣", "🎉"):
        assert Person(flow).types(typed).texts == [sure(typed), "Ask sign?"]
    assert Person(flow).types("agree").open == "after"


def test_choices_numbers_and_lists() -> None:
    """Keycaps are numbers; a thumb, a tick and the digits of a name are no pick and no number."""
    flow = flow_of(one("pick", "red", "blue"), many("picks", "red", "blue", "green"),
                   {"key": "count", "kind": "number", "text": "How many?"}, text("after"))  # fmt: skip
    for typed in (":-1:", ":+1:", "👍", "👎", ":100:", "🥇"):
        assert Person(flow).types(typed).open == "pick"
        assert Person(flow).types("red", typed).open == "picks"
        assert Person(flow).types("red", "1", typed).open == "count"
    person = Person(flow).types("2️⃣", "1️⃣ 3️⃣", "1️⃣2️⃣")
    assert {slot: answer.value for slot, answer in person.state.answers.items()} == {
        "pick": "blue", "picks": ["red", "green"], "count": 12
    }  # fmt: skip


def test_words_of_ones_own() -> None:
    """Emoji alone are no words; a thumb or a keycap picks a short cut that means the same."""
    cuts = [{"code": "none", "label": "No"}, {"code": "other", "label": "Another"}]
    flow = flow_of(text("words", choices=cuts), text("after"))
    for typed, kept in (
        ("🎉", None),
        (":end:", None),
        ("👍", None),
        ("👎", "none"),
        ("2️⃣", "other"),
        ("No ❌", "none"),
    ):
        assert Person(flow).types(typed).state.answers["words"].value == kept


@given(
    st.lists(st.sampled_from(sorted(emoji.EMOJI_DATA)), min_size=1, max_size=4), st.sampled_from(["", " "])
)
@settings(max_examples=200, deadline=None)
def test_no_emoji_consents_declines_or_stops(row: list[str], between: str) -> None:
    """Of all emoji there are, in any row: no consent and no refusal, nobody at risk removed, no contact agreed to."""
    typed = between.join(row)
    person = joining().types(typed)
    assert (person.open, person.kept) == ("agreed", [])
    at_risk = noticed(
        Person(flow_of(text("words"), text("more"))), SafetyNotice(2, False, (), NO_HELP)
    ).types(typed)
    assert at_risk.state.care is not None
    assert at_risk.texts == [say(Sentence.CARE_AGAIN, "en", number="112")]
    upset = noticed(Person(flow_of(text("words"), text("more"))), SafetyNotice(1, False, (), NO_HELP)).types(
        typed
    )
    assert upset.state.outcome is not Outcome.WITHDRAWN
    told = noticed(
        Person(flow_of(text("words"), text("more"))),
        SafetyNotice(0, True, (ReportQuestion.CONTACT,), NO_HELP),
    ).types(typed)
    assert not any(isinstance(effect, RecordReportAnswer) for effect in told.kept)
    assert told.state.aside is not None


@pytest.mark.parametrize(
    "typed", [":end:", ":back:", "🛑", ":octagonal_sign:", ":stop:", ":x:", "2️⃣", ":two:"]
)
def test_nobody_at_risk_is_removed_by_the_name_of_an_emoji(typed: str) -> None:
    """Under the help for somebody at risk it shows the help again."""
    person = noticed(Person(flow_of(text("words"), text("more"))), SafetyNotice(2, False, (), NO_HELP)).types(
        typed
    )
    assert person.texts == [say(Sentence.CARE_AGAIN, "en", number="112")]


def test_being_contacted_and_stopping_take_a_word() -> None:
    """A thumb does not agree to be contacted about a report, and a keycap does not stop; a word does."""
    notice = SafetyNotice(0, True, (ReportQuestion.CONTACT,), NO_HELP)
    person = noticed(Person(flow_of(text("words"), text("more"))), notice)
    assert person.types("👍").texts == [sure("👍"), say(Sentence.SAFETY_CONTACT, "en")]
    assert person.types("yes").kept == [RecordReportAnswer("contact", "yes")]
    upset = noticed(Person(flow_of(text("words"), text("more"))), SafetyNotice(1, False, (), NO_HELP))
    assert upset.types("4️⃣").texts == [sure("4️⃣"), say(Sentence.UPSET, "en")]
    assert upset.state.misses == 0
    assert upset.types("1️⃣").texts == ["Ask more?"]
