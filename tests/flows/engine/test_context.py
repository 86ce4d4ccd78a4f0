"""What a question is put with, and what its answer is, by the answers before it."""

from typing import Any

import pytest

from flows.engine.effects import RecordCommitment
from tests.support.engine_world import Person, confirm, do, end, flow_of, many, one, text

LABEL = "Ask about numbness"
FACTS = {
    "activity": {"suggestions": [{"code": "ask", "label": LABEL}, {"code": "plan", "label": "Send a plan"}]}
}
PICK = one(
    "pick",
    "own",
    choices_from="activity.suggestions",
    own_words={"choice": "own", "question": "words"},
)
WORDS = text(
    "words",
    text="Say it your way?",
    required=True,
    keeps_pick={"question": "pick", "text": "You picked {pick:label}.", "label": "Keep it"},
    probe={
        "when": "specificity < 2",
        "text": "For whom, and when?",
        "instead": [
            {"when": "says_who", "text": "What, and when?"},
            {"when": "says_when", "text": "What, and for whom?"},
        ],
        "joins": "append",
    },
)
SAVE = do("save", fields={"statement": "words", "suggestion": "pick"})


def picker(*steps: dict[str, Any]) -> Person:
    return Person(flow_of(PICK, WORDS, *steps, SAVE, text("more"), end("bye")), FACTS)


def saved(person: Person) -> list[tuple[object, object]]:
    """Statement and suggestion of what the last event saved."""
    made = [one.fields for one in person.kept if isinstance(one, RecordCommitment)]
    return [(fields["statement"], fields["suggestion"]) for fields in made]


@pytest.mark.parametrize(
    ("first", "more", "statement"),
    [
        ("Ask about pain", "at each visit", "Ask about pain, at each visit"),
        ("Ask about pain", "Ask about pain at each visit", "Ask about pain at each visit"),
        ("ask about pain.", "At each visit, ask about pain first", "At each visit, ask about pain first"),
        ("Ask about pain", "Ask about numbness", "Ask about pain, Ask about numbness"),
    ],
)
def test_what_is_said_again_in_full_stands_once(first, more, statement):
    """Asked for more, people add words, or say all of it anew: the plan reads as one sentence either way."""
    person = picker().types("own", first)
    person.types(more)
    assert saved(person) == [(statement, "own")]


@pytest.mark.parametrize("reply", ["Keep it", "yes", "ok", "Yes please", "👍", "keep it", "1"])
def test_what_was_picked_is_what_is_saved(reply):
    """It is shown with a button that keeps it; yes keeps it too. Nobody who kept it is asked for more."""
    person = picker().types("1")
    assert person.last.text == f"You picked {LABEL}."
    assert [option.label for option in person.last.options] == ["Keep it"]
    person.types(reply)
    assert person.open == "more"
    assert saved(person) == [(LABEL, "ask")]


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("all patients on bortezomib, each visit", f"{LABEL} \u2013 all patients on bortezomib, each visit"),
        ("from Monday", f"{LABEL} \u2013 from Monday"),
        ("yes, and every Monday", f"{LABEL} \u2013 yes, and every Monday"),
        ("Ask every patient at each visit", "Ask every patient at each visit"),
    ],
)
def test_words_without_an_act_are_put_behind_the_label(words, statement):
    """Words that name an act of their own stand alone; all others say more of what was picked."""
    person = picker().types("1", words)
    if person.open == "words_more":
        person.types("skip")
    assert saved(person) == [(statement, "ask")]


def test_own_words_keep_no_pick():
    """Who writes their own is shown no pick and no button, and 'yes' there keeps nothing."""
    person = picker().types("own")
    assert (person.last.text, person.last.options) == ("Say it your way?", ())
    person.types("yes")
    assert saved(person) == []


@pytest.mark.parametrize(
    ("words", "probe"),
    [
        ("be kinder", "For whom, and when?"),
        ("my older patients", "What, and when?"),
        ("every Monday", "What, and for whom?"),
        ("Ask every patient at each visit", None),
    ],
)
def test_a_probe_asks_only_for_what_is_missing(words, probe):
    """What was said already is not asked for again."""
    person = picker().types("own", words)
    assert person.last.text == (probe or "Ask more?")


def test_another_pick_takes_its_words_along():
    """A pick that was kept follows the pick; own words that name an act stay; with 'own' it is asked anew."""
    kept = picker().types("1", "ok").taps("Send a plan")
    assert (saved(kept), kept.answers["words"]) == ([("Send a plan", "plan")], "Send a plan")
    own = picker().types("1", "Ask every patient at each visit").taps("Send a plan")
    assert saved(own) == [("Ask every patient at each visit", "plan")]
    gone = picker().types("1", "ok").taps("Own")
    assert (gone.open, gone.last.text) == ("words", "Say it your way?")


def test_lines_of_a_read_back():
    """A line stands there only where something was answered."""
    lines = [{"when": "b != null", "text": "And {b}"}, {"when": "c != null", "text": "Else {c}"}]
    flow = flow_of(text("a"), text("b"), text("c"), confirm("right", "a", lines=lines), end("bye"))
    assert Person(flow).types("x", "y", "z").last.text == "Right right?\nAnd y\nElse z"
    assert Person(flow).types("x", "skip", "z").last.text == "Right right?\nElse z"
    assert Person(flow).types("x", "skip", "skip").last.text == "Right right?"


NUMBER = {"kind": "number", "min": 0, "max": 3, "taps": True}
NONE_SUCH = [{"code": "fewer", "label": "Fewer"}, {"code": "not_known", "label": "Don't know"}]


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("2", 2),
        ("two", 2),
        ("none", 0),
        ("Fewer", "fewer"),
        ("don't know", "not_known"),
        ("no idea", "not_known"),
    ],
)
def test_numbers_to_tap(reply, value):
    """Each number is a button whose value is the number itself; what is no number has its code."""
    person = Person(flow_of({"key": "n", "text": "How many?", "bands": NONE_SUCH, **NUMBER}, end("bye")))
    labels = [option.label for option in person.last.options]
    assert labels == ["0", "1", "2", "3", "Fewer", "Don't know", "Skip"]
    assert person.types(reply).answers == {"n": value}


def test_no_more_than_an_earlier_answer():
    """Buttons and typed numbers end at the answer before."""
    steps = (
        {"key": "had", "text": "How many?", **NUMBER},
        {"key": "did", "text": "Of them?", **NUMBER, "no_more_than": "had"},
    )
    person = Person(flow_of(*steps, end("bye"))).types("2")
    assert [option.label for option in person.last.options] == ["0", "1", "2", "Skip"]
    assert person.types("3").open == "did"
    assert person.types("2").answers == {"did": 2}


def test_a_choice_that_is_called_agree_is_no_yes():
    """'Yes' at a list of barriers does not mean the one whose code is `agree`."""
    choices = [{"code": "time", "label": "No time"}, {"code": "agree", "label": "I am not convinced"}]
    person = Person(flow_of(many("b", choices=choices), text("more"), end("bye")))
    assert person.types("yes").open == "b"
