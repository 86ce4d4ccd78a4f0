"""What an answer is kept under was shown, also where a probe adds to it in another language."""

from datetime import UTC, datetime

import pytest

from flows.engine.advance import advance
from flows.engine.effects import RecordAnswer, SendMessage
from flows.engine.events import Edited, Event, Replied, Started, Tapped
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person, flow_of, text
from tests.support.said_in_a_row import steps_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO_THE_PROBE = ("yes", "no", "physician", "1", "4", "The hand-out is in plain words.")


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


@pytest.mark.parametrize("said", ["since 2020", "5-10", "nearly 6 years", "more than 2 years", "I am 12"])
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
