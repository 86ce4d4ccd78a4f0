"""What an answer is kept under was shown, also where a probe adds to it in another language."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flows.engine.advance import advance
from flows.engine.effects import CHANGE_OPTION, RecordAnswer, SendMessage
from flows.engine.events import Edited, Event, Replied, ShownQuestion, Sight, Started, Tapped
from flows.engine.state import AskedText
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person, consent, end, flow_of, one, text
from tests.support.said_in_a_row import steps_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO_THE_PROBE = ("yes", "no", "physician", "1", "4", "The hand-out is in plain words.")


OFFERED = {
    "activity": {
        "suggestions": [{"code": "ask", "label": "Ask patients"}, {"code": "plan", "label": "Send a plan"}]
    }
}
PICK = one(
    "pick",
    "own",
    text="Which?",
    choices_from="activity.suggestions",
    own_words={"choice": "own", "question": "words"},
)
ADDS = {"when": "specificity < 2", "text": "For whom?", "joins": "append"}
WORDS = text(
    "words",
    text="Say it your way?",
    keeps_pick={"question": "pick", "text": "You picked {pick:label}.", "label": "Keep it"},
    probe=ADDS,
)
ANSWER_FOR = [{"code": "other", "when": "who == 'other'", "text": "What did they want?"}]
ANYTHING = Localizations(policy=LanguagePolicy(only=("en", "es")))


class Reader(Person):
    """Somebody of whom it is asserted that what is kept of them stands under what was shown to them before."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.shown = set[tuple[str, str]]()
        self.under: list[tuple[str, str, str]] = []
        """Slot, text and language of each answer that the last event kept."""
        super().__init__(
            flow_of(*steps, text("more"), text("z"), end("bye")), OFFERED, localizations=ANYTHING
        )

    def tell(self, event: Event) -> Person:
        super().tell(event)
        answers = [kept for kept in self.kept if isinstance(kept, RecordAnswer)]
        self.under = [(kept.slot, kept.shown_text, kept.language) for kept in answers]
        assert {(text, language) for _, text, language in self.under} <= self.shown
        self.shown |= {(prompt.text, prompt.language) for prompt in self.heard}
        return self


@pytest.mark.parametrize(
    ("before", "under"),
    [
        pytest.param(
            ["1", "my older patients", "skip"],
            ("words", "You picked Ask patients.", "en"),
            id="words about a pick, which is changed",
        ),
        pytest.param(
            ["1", "my older patients"],
            ("words", "You picked Ask patients.", "en"),
            id="the same, while their probe is open",
        ),
        pytest.param(
            ["1", "ok", "language español"],
            ("words", "You picked Ask patients.", "en"),
            id="a pick that was kept, and is changed in another language",
        ),
        pytest.param(
            ["from Monday on", "skip", "language español"],
            ("words", "Which?", "en"),
            id="words that were written under the pick itself",
        ),
    ],
)
def test_words_follow_a_pick_under_the_text_that_was_shown(before, under):
    """A pick that is changed takes the words about it along; they stay under the text, and language, of then."""
    person = Reader(PICK, WORDS)
    person.types(*before).tell(Tapped(0, 1, ShownQuestion("en", "Which?")))
    assert person.under == [("pick", "Which?", "en"), under]


def test_words_that_are_added_stay_with_what_was_shown():
    """What a probe adds is kept with words under whose question something else stands by now."""
    quoting = Reader(text("a"), text("b", text="You said {a}. Why?", probe=ADDS))
    quoting.types("pain", "since").tell(Edited("m-pain", "worry"))
    quoting.types("at night")
    assert quoting.under == [("b", "You said pain. Why?", "en")]
    worded = Reader(one("who", "me", "other"), text("b", wordings=ANSWER_FOR, probe=ADDS))
    worded.types("me", "rest").tell(Tapped(0, 1))
    worded.types("at night")
    assert worded.under == [("b", "Ask b?", "en")]


def test_words_that_are_joined_stay_with_what_was_shown():
    """Words that came too early join an answer whose question quotes other words by now."""
    person = Reader(text("a"), text("b", text="You said {a}. Why?"))
    person.types("pain", "It began in spring").tell(Edited("m-pain", "worry"))
    person.tell(Replied("and it went on", "m9", sight=Sight.BEFORE))
    assert person.under == [("b", "You said pain. Why?", "en")]


def test_a_probe_that_is_put_again_in_another_language():
    """What is added then is kept with the words of before, under what was shown to them, in its language."""
    person = Reader(text("b", probe=ADDS))
    person.types("rest", "at night", "language español")
    probe = next(ask for ask, asked in enumerate(person.state.asks) if asked.slot == "b_more")
    person.tell(Tapped(probe, CHANGE_OPTION))
    person.types("by day")
    assert person.under == [("b", "Ask b?", "en")]


def test_a_question_that_is_shown_again_is_the_one_that_was_answered():
    """Once a question was shown anew, its answer stands under what it says by now."""
    person = Reader(text("a"), text("b", text="You said {a}. Why?", probe=ADDS))
    person.types("pain", "since", "at night").tell(Edited("m-pain", "worry"))
    assert person.state.written_under == {"b": AskedText("You said pain. Why?", "en")}
    person.tell(Tapped(1, CHANGE_OPTION))
    assert (person.last.text, person.state.written_under) == ("You said worry. Why?", {})
    person.types("Every patient asks me about it at each visit")
    assert person.under == [("b", "You said worry. Why?", "en")]


def test_a_number_beside_a_band_is_kept_under_what_its_message_showed():
    """The number has the text of the message that was replied to, as its band has."""
    person = Person(flow_of(text("a"), {**HOW_LONG, "text": "How long {a}?"}, text("z"))).types("pain")
    person.types("4 years").tell(Edited("m-pain", "worry"))
    person.tell(Edited("m-4 years", "3 years", ShownQuestion("en", "How long pain?")))
    kept = [one for one in person.kept if isinstance(one, RecordAnswer)]
    assert [(one.slot, one.shown_text) for one in kept] == [
        ("a2_years", "How long pain?"),
        ("a2", "How long pain?"),
    ]


def test_what_waits_for_consent_keeps_the_place_where_it_was_said():
    """A remark that is edited before the consent to take part stays under the question where it was made."""
    person = Person(
        flow_of(one("role", "nurse", "doctor"), one("day", "now", "later"), consent("c0"), text("z"))
    )
    said, edited = "I lost my keys on the way to work today", "I lost my bag on the way to work today"
    person.types(said, "nurse").tell(Edited(f"m-{said}", edited))
    assert [(one.raw, one.shown_text) for one in person.state.held_remarks] == [(edited, "Ask role?")]


def test_what_a_probe_adds_in_another_language_is_kept_under_what_was_shown():
    """Each text under which an answer is recorded stood in a message before, in the language that is recorded."""
    commitment = LocalizedFlow(
        library()["hcp_commitment"], Localizations((), LanguagePolicy(allow_drafts=True))
    )
    words = (*TO_THE_PROBE, "language español", "A todos los pacientes, en cada visita")
    state, shown, kept = None, set[tuple[str, str]](), []
    events: list[Event] = [Started(facts_named("hcp"), "en"), *(Replied(text) for text in words)]
    for event in events:
        result = advance(commitment, state, event, now=NOW)
        state = result.state
        answers = [effect for effect in result.effects if isinstance(effect, RecordAnswer)]
        assert {(answer.shown_text, answer.language) for answer in answers} <= shown
        kept += [(answer.slot, answer.language) for answer in answers]
        said = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
        shown |= {(prompt.text, prompt.language) for prompt in steps_of(*said)}
    assert kept[-2:] == [("c4[0]", "en"), ("c4[0]", "es")]


@pytest.mark.parametrize(
    ("words", "anew"),
    [
        pytest.param("Ask every patient about numbness at each visit", {}, id="that name an act"),
        pytest.param("In plain words.", {"c4[0]": "In plain words."}, id="that lose the pick's label"),
    ],
)
def test_words_about_a_pick_follow_it_in_another_language(words, anew):
    """They were written under English words, in a block; the pick is left out once the talk is in French."""
    person = Person(
        library()["hcp_commitment"],
        facts_named("hcp"),
        localizations=Localizations((), LanguagePolicy(allow_drafts=True)),
    )
    person.types(*TO_THE_PROBE[:-1], words, "language français")
    [pick] = [ask for ask, asked in enumerate(person.state.asks) if asked.slot == "c3[0]"]
    person.types("passer")
    person.tell(Tapped(pick, [option.label for option in person.asked[pick].options].index("Skip")))
    assert person.answers == {"c3[0]": None, **anew}


@pytest.mark.parametrize("over", [False, True], ids=["going on", "after the end"])
@pytest.mark.parametrize("changed_to", ["own words", "another pick"])
def test_a_pick_that_was_changed_is_kept_by_no_button(over, changed_to):
    """'Keep it' was offered for the pick of then: neither another one is kept for it, nor none."""
    person = Person(flow_of(PICK, WORDS, text("z"), end("bye")), OFFERED)
    under = ShownQuestion("en", "You picked Ask patients.")
    person.types("Ask patients").tell(Tapped(1, 0, under))
    person.taps_at(0, "Own" if changed_to == "own words" else "Send a plan")
    if changed_to == "own words":
        person.types("Call every patient on Monday, from the list of the ward")
    if over:
        person.types("so it ends")
    person.tell(Tapped(1, 0, under))
    assert (person.answers, person.toasts) == ({}, [say(Sentence.BUTTON_OVER, "en")])


def test_a_pick_is_kept_by_no_button_of_a_longer_one():
    """Its label is the beginning of that of the one before, which the message quotes."""
    longer = {"code": "more", "label": "Ask patients and carers"}
    offered = {"activity": {"suggestions": [*OFFERED["activity"]["suggestions"], longer]}}
    person = Person(flow_of(PICK, WORDS, text("z"), end("bye")), offered)
    under = ShownQuestion("en", "You picked Ask patients and carers.")
    person.types("Ask patients and carers").tell(Tapped(1, 0, under)).taps_at(0, "Ask patients")
    person.tell(Tapped(1, 0, under))
    assert (person.answers, person.toasts) == ({}, [say(Sentence.BUTTON_OVER, "en")])


@pytest.mark.parametrize("by", ["tap", "word"])
def test_a_text_that_does_not_quote_the_pick_keeps_it_too(by):
    """What the author wrote is what was shown: it was offered for the pick of now."""
    plain = {**WORDS, "keeps_pick": {"question": "pick", "text": "Keep it, or say it?", "label": "Keep it"}}
    person = Person(flow_of(PICK, {**plain, "required": True}, text("z"), end("bye")), OFFERED)
    person.types("Ask patients")
    if by == "tap":
        person.tell(Tapped(1, 0, ShownQuestion("en", "Keep it, or say it?")))
    else:
        person.types("yes")
    assert person.answers == {"words": "Ask patients"}


def test_a_question_is_shown_again_without_a_button_that_keeps_nothing():
    """The pick was changed to own words while it was open."""
    person = Person(flow_of(PICK, {**WORDS, "required": True}, end("bye")), OFFERED)
    person.types("Ask patients")
    assert [option.label for option in person.last.options] == ["Keep it"]
    person.taps_at(0, "Own")
    assert (person.last.text, person.last.options) == ("Say it your way?", ())


def test_a_choice_that_is_called_keep_is_like_any_other():
    """The code is an author's there: under a question with choices, and as a shortcut under one for words."""
    person = Person(
        flow_of(one("still", "keep"), text("why", choices=[{"code": "keep", "label": "Keep"}]), end("e"))
    )
    assert [option.label for option in person.last.options] == ["Keep", "Skip"]
    assert person.taps("Keep").answers == {"still": "keep"}
    assert person.taps("Keep").answers == {"why": "keep"}
    alone = Person(flow_of(one("still", "keep", required=True), end("e")))
    assert [option.label for option in alone.last.options] == ["Keep"]


@pytest.mark.parametrize(
    ("typed", "kept"), [("1", {}), ("2", {"words": "later"}), ("keep it", {}), ("yes", {})]
)
def test_places_count_all_buttons_that_stand_there(typed, kept):
    """'Keep it' is over and still shown beside others, so it keeps its number; whoever names it is asked again."""
    more = {**WORDS, "choices": [{"code": "later", "label": "Later"}]}
    person = Person(flow_of(PICK, more, end("bye")), OFFERED).types("Ask patients").taps_at(0, "Own")
    assert [option.label for option in person.last.options] == ["Keep it", "Later", "Skip"]
    assert person.types(typed).answers == kept
    assert person.open == (None if kept else "words")


HOW_LONG = {
    "key": "a2",
    "kind": "number",
    "text": "How long?",
    "counts": "years",
    "keeps_number": "a2_years",
    "bands": [
        {"code": "under_1", "label": "Less than 1 year", "low": 0, "high": 0, "aliases": ["<1", "months"]},
        {"code": "from_1_to_5", "label": "1 to 5 years", "low": 1, "high": 5, "aliases": ["1-5"]},
        {"code": "from_6", "label": "6 years or more", "low": 6, "aliases": ["6+", "more than 5"]},
        {"code": "not_sure", "label": "Not sure"},
    ],
}


def how_long(*events: Event) -> Person:
    """Somebody who was asked how long, and did this."""
    person = Person(flow_of(HOW_LONG, text("z")))
    for event in events:
        person.tell(event)
    return person


@pytest.mark.parametrize(
    ("said", "band", "years"),
    [
        ("4 years", "from_1_to_5", 4),
        ("3", "from_1_to_5", 3),
        ("8 months", "under_1", 0),
        ("just diagnosed", "under_1", 0),
        ("about two and a half years", "from_1_to_5", 2),
        ("since 2019", "from_6", 7),
        ("seit April 2021", "from_1_to_5", 4),
        ("depuis 3 ans", "from_1_to_5", 3),
        ("two decades", "from_6", 20),
    ],
)
def test_a_number_is_kept_beside_its_band(said, band, years):
    """Whoever writes how long it is answers with a band, and the years that they named are kept too."""
    assert how_long(Replied(said, "m1")).answers == {"a2_years": years, "a2": band}


@pytest.mark.parametrize(
    ("event", "band"),
    [
        (Tapped(0, 1), "from_1_to_5"),
        (Replied("1 to 5", "m1"), "from_1_to_5"),
        (Replied("1-5", "m1"), "from_1_to_5"),
        (Replied("between 2 and 3", "m1"), "from_1_to_5"),
        (Replied("6+", "m1"), "from_6"),
        (Replied("<1", "m1"), "under_1"),
        (Replied("more than 10 years", "m1"), "from_6"),
        (Replied("I don't know", "m1"), "not_sure"),
        (Replied("months", "m1"), "under_1"),
    ],
)
def test_a_band_alone_keeps_no_number(event, band):
    """A tap, a label and a range name a band and no number."""
    assert how_long(event).answers == {"a2": band}


@pytest.mark.parametrize(
    "said", ["since 2020", "5-10", "nearly 6 years", "more than 2 years", "I am 12", "I had 2"]
)
def test_what_may_be_in_two_bands_is_asked_again(said):
    """Where months decide on the band, or words are not understood, a tap is asked for."""
    person = how_long(Replied(said, "m1"))
    assert person.answers == {}
    assert person.open == "a2"
    assert "since March 2021" in "".join(prompt.whole_text for prompt in person.heard)
    assert person.remarks == []


def test_a_correction_of_a_band_corrects_its_number():
    """The number follows each change of the answer, also within one band; a tap takes it away."""
    person = how_long(Replied("3 years", "m1"), Edited("m1", "4 years"))
    assert person.answers == {"a2_years": 4, "a2": "from_1_to_5"}
    assert all(kept.corrects for kept in person.kept if isinstance(kept, RecordAnswer))
    person.tell(Tapped(0, 1))
    assert person.answers == {"a2_years": None, "a2": "from_1_to_5"}
    person.tell(Tapped(0, 2))
    assert person.answers == {"a2": "from_6"}
    person.tell(Edited("m1", "9 years"))
    assert person.answers == {"a2_years": 9, "a2": "from_6"}
    assert all(kept.corrects for kept in person.kept if isinstance(kept, RecordAnswer))
