"""Every kind of step: what it asks, what it keeps and where it leads."""

from datetime import date
from typing import Any

import pytest

from flows.engine.advance import advance
from flows.engine.effects import (
    AnswerStatus,
    Effect,
    EndConversation,
    Outcome,
    Prompt,
    PromptKind,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    ReviseCommitment,
    ScheduleWaves,
    SendMessage,
    Toast,
)
from flows.engine.events import DatePicked, Edited, Replied, Started, TextSubmitted
from flows.engine.prompts import join_messages
from flows.errors import ConversationOver
from flows.script.bounds import KEPT
from flows.script.model import Flow, Purpose
from tests.support.engine_world import NOW, Person, confirm, consent, do, end, flow_of, many, one, say, text


def question(kind: str, **fields: Any) -> dict[str, Any]:
    return {"key": "q", "kind": kind, "text": "Ask?", **fields}


BANDS = [
    {"code": "few", "label": "1 to 4", "low": 1, "high": 4},
    {"code": "many", "label": "5 or more", "low": 5},
    {"code": "unknown", "label": "Don't know"},
]
SHORTCUTS = [
    {"code": "now", "label": "Today", "date": "today"},
    {"code": "month", "label": "This month", "date": "end_of_month"},
]
SCALE = {"low_label": "bad", "high_label": "good"}


@pytest.mark.parametrize(
    ("step", "labels"),
    [
        (one("q", "yes", "no"), ["Yes", "No", "(Skip)"]),
        (one("q", "yes", "no", required=True), ["Yes", "No"]),
        (many("q", "a", "b"), ["A", "B", "(Skip)", "(Done)"]),
        (many("q", "a", "b", required=True), ["A", "B", "(Done)"]),
        (question("scale", **SCALE, high=3), ["1", "2", "3", "(Skip)"]),
        (question("number"), ["(Skip)"]),
        (question("number", bands=BANDS), ["1 to 4", "5 or more", "Don't know", "(Skip)"]),
        (question("date", shortcuts=SHORTCUTS), ["Today", "This month", "(Skip)"]),
        (text("q"), ["(Skip)"]),
        (text("q", required=True), []),
        (text("q", choices=[{"code": "no", "label": "No"}]), ["No", "(Skip)"]),
        (consent("q"), ["I agree", "No"]),
        (confirm("q", "q"), ["Yes", "Change it"]),
    ],
)
def test_buttons(step: dict[str, Any], labels: list[str]) -> None:
    """A question shows its choices, Skip where it may be left out, and Done where several are picked."""
    shown = Person(flow_of(step)).last.options
    assert [f"({option.label})" if option.control else option.label for option in shown] == labels


@pytest.mark.parametrize(
    ("step", "reply", "value"),
    [
        (one("q", "red", "blue"), "Blue", "blue"),
        (one("q", "red", "blue"), "2", "blue"),
        (one("q", "red", "blue"), "BLUE!", "blue"),
        (one("q", "red", "purple"), "purpel", "purple"),
        (one("q", "red", "blue"), "the second one", "blue"),
        (one("q", "red", "blue"), "٢", "blue"),
        (many("q", "red", "blue", "green"), "1, 3", ["red", "green"]),
        (many("q", "red", "blue", "green"), "green and red", ["red", "green"]),
        (question("scale", **SCALE), "four", 4),
        (question("scale", **SCALE), "५", 5),
        (question("number"), "about 12", 12),
        (question("number", whole=False), "1.5", 1.5),
        (question("number", bands=BANDS), "7", "many"),
        (question("number", bands=BANDS), "don't know", "unknown"),
        (question("date"), "in two weeks", "2026-03-16"),
        (question("date"), "1 April", "2026-04-01"),
        (question("date", shortcuts=SHORTCUTS), "this month", "2026-03-31"),
        (text("q"), "  My own words, *all* {of} them \n", "  My own words, *all* {of} them \n"),
        (text("q", choices=[{"code": "no", "label": "No"}]), "no", "no"),
        (text("q", choices=[{"code": "no", "label": "No"}]), "1", "no"),
        (consent("q"), "yes", True),
        (consent("q", purpose="use_words"), "no", False),
        (confirm("q", "q"), "that's right", True),
    ],
)
def test_typed_reply(step: dict[str, Any], reply: str, value: Any) -> None:
    """A typed reply is kept as the value of its kind, with the person's own words beside it."""
    person = Person(flow_of(step, end("bye"))).types(reply)
    kept = next(effect for effect in person.kept if isinstance(effect, RecordAnswer))
    assert (kept.value, kept.raw, kept.status) == (value, reply, AnswerStatus.ANSWERED)
    assert EndConversation(Outcome.COMPLETED) in person.kept


@pytest.mark.parametrize(
    ("step", "label", "value"),
    [
        (one("q", "red", "blue"), "Blue", "blue"),
        (question("scale", **SCALE), "4", 4),
        (question("number", bands=BANDS), "5 or more", "many"),
        (question("date", shortcuts=SHORTCUTS), "Today", "2026-03-02"),
        (text("q", choices=[{"code": "no", "label": "No"}]), "No", "no"),
        (consent("q"), "I agree", True),
        (confirm("q", "q"), "Yes", True),
    ],
)
def test_tap(step: dict[str, Any], label: str, value: Any) -> None:
    """A tap means what its button says; the words kept are the button's."""
    person = Person(flow_of(step)).taps(label)
    kept = next(effect for effect in person.kept if isinstance(effect, RecordAnswer))
    assert (kept.value, kept.raw) == (value, label)


def test_today_is_where_the_person_is() -> None:
    """A shortcut's date is reckoned in the person's time zone."""
    step = question("date", shortcuts=SHORTCUTS)
    person = Person(flow_of(step), {"participant": {"timezone": "Pacific/Auckland"}})
    person.waits(hours=5).taps("Today")
    assert person.answers == {"q": "2026-03-03"}


def test_record_says_what_was_asked() -> None:
    """An answer is kept with the question as it was shown, when it was asked, and its language."""
    person = Person(
        flow_of(text("q", text="How is {program.team}?", personal=True)), {"program": {"team": "T {x}"}}
    )
    asked_at = person.now
    person.waits(hours=3).types("fine")
    kept = person.kept[0]
    assert isinstance(kept, RecordAnswer)
    assert (kept.shown_text, kept.asked_at, kept.language) == ("How is T {x}?", asked_at, "en")
    assert (kept.kind, kept.personal, kept.corrects) == (PromptKind.TEXT, True, False)


def test_select_many_by_taps() -> None:
    """Taps tick and untick on the message itself; Done keeps the picks in the order of the choices."""
    person = Person(flow_of(many("q", "a", "b", "c"), text("next")))
    person.taps("C")
    assert [option.picked for option in person.refreshed[0].options] == [False, False, True, False, False]
    assert not person.heard
    person.taps("B", "C", "A", "Done")
    assert person.answers == {"q": ["a", "b"]}
    assert person.open == "next"


def test_select_many_maximum() -> None:
    """A pick too many is refused kindly in answer to the tap, nothing is sent, and the others stay."""
    person = Person(flow_of(many("q", "a", "b", "c", max=2))).taps("A", "B", "C")
    assert (person.toasts, person.texts) == (["Please pick no more than 2."], [])
    assert person.taps("Done").answers == {"q": ["a", "b"]}


def test_select_many_minimum() -> None:
    """Done with nothing picked asks for at least one, and is no unreadable reply."""
    person = Person(flow_of(many("q", "a", "b")))
    person.taps("Done", "Done")
    assert person.open == "q"
    assert (person.toasts, person.texts) == (["Please pick at least 1."], [])
    empty = Person(flow_of(many("q", "a", "b", min=0))).taps("Done")
    assert empty.answers == {"q": []}


def test_select_many_exclusive() -> None:
    """'None of these' clears the others, and they clear it."""
    step = many("q", "a", "b")
    step["choices"].append({"code": "none", "label": "None", "exclusive": True})
    person = Person(flow_of(step)).taps("A", "None")
    assert person.state.picks == ("none",)
    assert person.taps("B").state.picks == ("b",)


def test_checkboxes_at_once() -> None:
    """A whole set of picks is kept at once, within the maximum."""
    person = Person(flow_of(many("q", "a", "b", "c", max=2)))
    person.picks(0, "A", "B", "C")
    assert person.open == "q"
    assert person.picks(0, "A", "C").answers == {"q": ["a", "c"]}


def test_date_picker_within_bounds() -> None:
    """A day outside the bounds is refused with the bound; one inside is kept."""
    person = Person(flow_of(question("date", earliest_days=0, latest_days=30)))
    assert (person.last.earliest, person.last.latest) == (date(2026, 3, 2), date(2026, 4, 1))
    person.tell(DatePicked(0, date(2026, 3, 1)))
    assert person.toasts == ["Please give a day that is not before 2 March 2026."]
    assert person.texts == []
    assert person.tell(DatePicked(0, date(2026, 3, 5))).answers == {"q": "2026-03-05"}


def test_form() -> None:
    """Words from a form count as typed."""
    assert Person(flow_of(text("q"))).tell(TextSubmitted(0, "From a form")).answers == {"q": "From a form"}


def test_long_text_is_kept_whole() -> None:
    """What is longer than asked for is kept whole, and said so."""
    person = Person(flow_of(text("q", max_length=5), text("next"))).types("1234567")
    assert person.answers == {"q": "1234567"}
    assert person.texts[0] == "Thank you. That was long, and I have kept all of it."


def test_consent() -> None:
    """Each decision is kept with its purpose and the exact text; no leads where the author says."""
    flow = flow_of(consent("c", on_decline="bye"), text("q"), end("bye", outcome="declined", text="Bye."))
    person = Person(flow).taps("No")
    [decision] = [effect for effect in person.kept if isinstance(effect, RecordConsent)]
    assert (decision.purpose, decision.granted) == (Purpose.TAKE_PART, False)
    assert (decision.shown_text, decision.language, decision.flow) == ("Agree c?", "en", flow.flow)
    assert EndConversation(Outcome.DECLINED) in person.kept
    assert person.texts == ["Bye."]


@pytest.mark.parametrize("joins", ["separate", "append"])
def test_probe(joins: str) -> None:
    """A thin answer is asked about once; the reply is kept apart or added."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": joins}
    person = Person(flow_of(text("q", probe=probe), text("next"))).types("It hurt")
    assert person.texts == ["Tell me more."]
    person.types("At night")
    assert person.answers == ({"q_more": "At night"} if joins == "separate" else {"q": "It hurt, At night"})
    assert person.open == "next"


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        ("It hurt.", "It hurt. At night"),
        ("It hurt \u2013", "It hurt \u2013 At night"),
        (
            "\u0643\u0627\u0646 \u0645\u0624\u0644\u0645\u0627",
            "\u0643\u0627\u0646 \u0645\u0624\u0644\u0645\u0627\u060c At night",
        ),
    ],
)
def test_a_comma_parts_what_a_probe_adds(first: str, whole: str) -> None:
    """Two replies read as one sentence: with the comma of their writing, and none after a mark of one's own."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": "append"}
    person = Person(flow_of(text("q", probe=probe), text("next"))).types(first, "At night")
    assert person.answers == {"q": whole}


@pytest.mark.parametrize(
    ("reply", "why"),
    [("It hurt me a lot", "is not thin"), ("skip", "was skipped"), ("No", "is a choice")],
)
def test_no_probe(reply: str, why: str) -> None:
    """The further question is put only when the rule holds: never after a skip or a choice."""
    probe = {"when": "words < 3", "text": "Tell me more."}
    step = text("q", probe=probe, choices=[{"code": "no", "label": "No"}])
    assert Person(flow_of(step, text("next"))).types(reply).open == "next", why


def test_probe_skipped() -> None:
    """A further question that is skipped leaves the first words as they are, and is not put again."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": "append"}
    person = Person(flow_of(text("q", probe=probe), text("next"))).types("It hurt")
    person.taps("Skip")
    assert (person.answers, person.open) == ({}, "next")
    person.types("back", "Ouch")
    assert person.answers == {"q": "Ouch"}
    assert person.open == "next"


def test_answer_given_anew_drops_the_addition() -> None:
    """When an answer is given anew as a whole, what was added to the old one is not added to it."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": "append"}
    person = Person(flow_of(text("q", probe=probe), text("next"))).types("It hurt", "At night", "back")
    assert person.types("It stopped").answers == {"q": "It stopped"}


def test_an_edit_of_a_dropped_addition_is_a_remark() -> None:
    """What was added to words that were replaced since is no part of the new ones, also once it is edited."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": "append"}
    person = Person(flow_of(text("q", probe=probe), text("next"))).types("It hurt")
    person.tell(Replied("At night", "m2")).types("back", "It stopped")
    person.tell(Edited("m2", "Only at night in bed"))
    assert (person.answers, person.remarks) == ({}, ["Only at night in bed"])


def test_confirm_changes_the_only_answer() -> None:
    """With one answer to change, the change asks it again and comes back to the read-back."""
    person = Person(flow_of(text("q"), confirm("c", "q", text="You said: {q}"), end("bye"))).types("One")
    assert person.taps("Change it").open == "q"
    person.types("Two")
    assert person.texts == ["You said: Two"]
    assert person.taps("Yes").answers == {"c": True}


@pytest.mark.parametrize("how", ["tap", "number", "words"])
def test_confirm_asks_which(how: str) -> None:
    """With several, it first asks which one; what lies between is not asked again."""
    person = Person(flow_of(text("a", short="The A"), text("b"), confirm("c", "a", "b"))).types("One", "Two")
    person.taps("Change it")
    assert [option.label for option in person.last.options] == ["The A", "Ask b?"]
    if how == "tap":
        person.taps("The A")
    else:
        person.types({"number": "1", "words": "the a"}[how])
    assert person.open == "a"
    person.types("Three")
    assert person.answers == {"a": "Three"}
    assert person.open == "c"


def test_block_over_picks() -> None:
    """A block goes once for each pick; in it a key means the answer of the present round."""
    rate = question("scale", **SCALE, key="r", text="{pick.label} ({pick.index} of {pick.count})?")
    follow = text("why", when="r < 3", text="Why {r} for {pick.label}?")
    block = {
        "key": "each",
        "kind": "block",
        "repeat": {"for_each": "q", "as": "pick"},
        "steps": [rate, follow],
    }
    person = Person(flow_of(many("q", "a", "b", "c"), block, say("all", "All: {r}"))).types("a, c")
    assert person.texts == ["A (1 of 2)?"]
    person.types("2")
    assert (person.open, person.texts) == ("why[a]", ["Why 2 for A?"])
    person.types("Because")
    assert person.texts == ["C (2 of 2)?"]
    person.types("5")
    assert person.answers == {"r[c]": 5}
    assert person.texts == ["All: 2 and 5"]


@pytest.mark.parametrize(("second", "said"), [("yes", True), ("no", False)])
def test_condition_over_all_rounds(second: str, said: bool) -> None:
    """After a block a condition sees the answers of all its rounds, as a list; a single question does as well."""
    steps = [one("r", "yes", "no", text="{pick.label}?")]
    block = {"key": "each", "kind": "block", "repeat": {"for_each": "q", "as": "pick"}, "steps": steps}
    after = say("told", "One was yes", when="'yes' in r")
    person = Person(flow_of(many("q", "a", "b"), block, after, text("next"))).types("all", "no", second)
    assert ("One was yes" in person.texts) is said
    assert person.open == "next"


def test_block_over_nothing() -> None:
    """A block over no picks is passed."""
    block = {"key": "each", "kind": "block", "repeat": {"for_each": "q"}, "steps": [text("r")]}
    assert Person(flow_of(many("q", "a"), block, text("next"))).types("skip").open == "next"


def test_block_over_facts() -> None:
    """A block over facts names each by its id, and quotes it byte for byte."""
    step = one("d", "yes", "no", text='You wrote: "{commitment.statement}" on {commitment.made_on:date}')
    save = do("save", "record_implementation", fields={"status": "d"})
    block = {
        "key": "e",
        "kind": "block",
        "repeat": {"for_each": "commitments", "as": "commitment"},
        "steps": [step, save],
    }
    words = "{x} \\n *bold* <b> {{"
    facts = {
        "commitments": [
            {"id": 7, "follow_up_id": 70, "statement": words, "made_on": "2026-01-31"},
            {"id": 8, "follow_up_id": 80, "statement": "b", "made_on": "2026-02-01"},
        ]
    }
    person = Person(flow_of(block), facts)
    assert person.texts == [f'You wrote: "{words}" on 31 January 2026']
    person.types("yes")
    assert RecordImplementation(7, 70, {"status": "yes"}) in person.kept
    assert person.open == "d[8]"


def test_block_up_to_n() -> None:
    """A block goes round while the person wants another, and no more often than allowed."""
    steps = [text("c"), do("save", fields={"statement": "c"}), one("more", "yes", "no", when="round < 3")]
    block = {"key": "b", "kind": "block", "repeat": {"up_to": 3, "while": "more == 'yes'"}, "steps": steps}
    person = Person(flow_of(block, text("next"))).types("First", "yes", "Second")
    assert RecordCommitment("save[1]", {"statement": "Second"}) in person.kept
    assert person.types("no").open == "next"
    third = Person(flow_of(block, text("next"))).types("1st", "yes", "2nd", "yes", "3rd")
    assert third.open == "next"


@pytest.mark.parametrize(
    ("effect", "fields", "kept"),
    [
        (
            "record_commitment",
            {"statement": "q", "level": "1 + 1"},
            RecordCommitment("d", {"statement": "W", "level": 2}),
        ),
        ("record_commitment", {"x": "nothing.there"}, RecordCommitment("d", {"x": None})),
        (
            "revise_commitment",
            {"commitment_id": "5", "statement": "q"},
            ReviseCommitment(5, {"statement": "W"}),
        ),
        (
            "record_implementation",
            {"commitment_id": "5", "follow_up_id": "6", "status": "q"},
            RecordImplementation(5, 6, {"status": "W"}),
        ),
        ("schedule_waves", {}, ScheduleWaves()),
    ],
)
def test_do(effect: str, fields: dict[str, str], kept: Any) -> None:
    """Effects take their fields from answers and facts."""
    assert kept in Person(flow_of(text("q"), do("d", effect, fields=fields))).types("W").kept


def test_conditional_choices() -> None:
    """A choice is offered only if its condition holds; a tap on an older message keeps its meaning."""
    step = one("b", "x", "y", "z")
    step["choices"][0]["when"] = "a == 'no'"
    person = Person(flow_of(one("a", "yes", "no"), step, text("next"))).taps("Yes")
    assert [option.label for option in person.last.options] == ["Y", "Z", "Skip"]
    ask = person.last.ask
    person.taps("Z")
    person.taps_at(0, "No")
    person.taps_at(ask, "Y")
    assert person.answers == {"b": "y"}


def test_choices_from_facts() -> None:
    """Suggestions from a fact stand before the author's own choices."""
    facts = {"activity": {"suggestions": [{"code": "s1", "label": "Suggestion {1}"}]}}
    person = Person(flow_of(one("q", "own", choices_from="activity.suggestions")), facts)
    assert [option.label for option in person.last.options] == ["Suggestion {1}", "Own", "Skip"]
    assert person.taps("Suggestion {1}").answers == {"q": "s1"}


def test_promoted_choices() -> None:
    """What was picked before comes first, with a mark, and may be typed without it."""
    step = many("q", "a", "b", "c", promote={"codes": "participant.earlier", "mark": "before"})
    person = Person(flow_of(step), {"participant": {"earlier": ["c"]}})
    assert [option.label for option in person.last.options][:3] == ["C (before)", "A", "B"]
    assert person.types("c, a").answers == {"q": ["c", "a"]}


def test_goto() -> None:
    """A step, a choice and an early end lead where the author says."""
    choosing = one("q", "stay", "leave")
    choosing["choices"][1]["goto"] = "bye"
    flow = flow_of(
        choosing, say("s", "Hello.", goto="last"), text("between"), text("last"), end("bye", text="Bye.")
    )
    assert Person(flow).taps("Stay").open == "last"
    assert Person(flow).taps("Leave").texts == ["Bye."]


def test_goto_out_of_a_block() -> None:
    """A choice in a block may lead to a step outside of it."""
    leaving = one("q", "go", "on")
    leaving["choices"][0]["goto"] = "after"
    block = {
        "key": "b",
        "kind": "block",
        "repeat": {"up_to": 3, "while": "true"},
        "steps": [leaving, text("in")],
    }
    assert Person(flow_of(block, text("between"), text("after"))).taps("Go").open == "after"


def test_too_many_steps() -> None:
    """A loop ends politely."""
    person = Person(
        flow_of(say("a", "Round."), say("b", "And round.", goto="a"), limits={"steps_per_turn": 10})
    )
    assert person.kept == [EndConversation(Outcome.TOO_MANY_STEPS)]
    assert person.texts == ["Something is wrong with my script, so I must stop here. Your answers are safe."]


def test_a_kept_version_takes_as_many_steps_as_it_was_allowed() -> None:
    """What is bounded now where a file is loaded does not end a conversation that began before; a loop ends still."""
    limits = {"steps_per_turn": 10**9}
    shape = flow_of(*(say(f"s{number}", "On.") for number in range(1_100)), text("q")).model_dump(mode="json")
    long = Flow.model_validate({**shape, "limits": limits}, context=KEPT)
    assert Person(long).open == "q"
    shape = flow_of(say("a", "Round.", goto="a")).model_dump(mode="json")
    loop = Flow.model_validate({**shape, "limits": limits}, context=KEPT)
    assert Person(loop).kept == [EndConversation(Outcome.TOO_MANY_STEPS)]


def test_authors_loop_asks_again() -> None:
    """A script that leads back to a question puts it again."""
    again = one("more", "yes", "no")
    again["choices"][0]["goto"] = "q"
    person = Person(flow_of(text("q"), again)).types("One", "yes")
    assert person.open == "q"
    assert person.types("Two").answers == {"q": "Two"}
    assert person.open == "more"


def test_after_the_end() -> None:
    """Nothing but a correction moves a conversation that has ended."""
    person = Person(flow_of(end("bye")))
    with pytest.raises(ConversationOver):
        person.tell(Replied("hello"))


@pytest.mark.parametrize(
    ("steps", "replies", "progress"),
    [
        ([text("a"), text("b"), text("c")], ["x", "x"], [(1, 3), (2, 3), (3, 3)]),
        ([text("a"), text("b", counted=False), text("c")], ["x", "x"], [(1, 2), None, (2, 2)]),
        ([one("a", "y", "n"), text("b", when="a == 'y'"), text("c")], ["y", "x"], [(1, 3), (2, 3), (3, 3)]),
        ([one("a", "y", "n"), text("b", when="a == 'y'"), text("c")], ["n"], [(1, 3), (2, 2)]),
        (
            [one("a", "y", "n"), text("b", when="a == 'y'"), text("c", when="a == 'n'"), text("d")],
            ["y", "x"],
            [(1, 3), (2, 3), (3, 3)],
        ),
        ([one("a", "y", "n"), text("b", when="a == 'y' && wave.last")], [], [(1, 1)]),
        ([text("a"), text("b")], ["x", "back", "z"], [(1, 2), (2, 2), (1, 2), (2, 2)]),
        (  # `b` is left out, and with it what hangs on its answer
            [one("a", "y", "n"), one("b", "v", "w", when="a == 'y'"), text("c", when="b == 'v'"), text("d")],
            ["n"],
            [(1, 4), (2, 2)],
        ),
    ],
)
def test_progress(
    steps: list[dict[str, Any]], replies: list[str], progress: list[tuple[int, int] | None]
) -> None:
    """'n of m' counts what lies ahead as far as the answers tell, and the last question has n = m."""
    person = Person(flow_of(*steps), {"wave": {"last": False}})
    seen = [person.last.progress, *(person.types(reply).last.progress for reply in replies)]
    assert seen == progress


def test_progress_in_blocks() -> None:
    """A block counts once for each item that is known, and once while the picks are still to come."""
    block = {"key": "each", "kind": "block", "repeat": {"for_each": "q"}, "steps": [text("r")]}
    person = Person(flow_of(many("q", "a", "b", "c"), block, text("z")))
    assert person.last.progress == (1, 3)
    assert person.types("a, b, c").last.progress == (2, 5)
    assert person.types("x", "x", "x").last.progress == (5, 5)


def _said(text: str, ask: int | None = None, **fields: Any) -> SendMessage:
    return SendMessage(Prompt(text, ask=ask), **fields)


def _as_lines(effects: list[Effect]) -> list[str]:
    """Messages with what leads to their question before a bar, and everything else by its name."""
    return [
        " | ".join(filter(None, (one.prompt.lead, one.prompt.text)))
        if isinstance(one, SendMessage)
        else type(one).__name__
        for one in join_messages(effects)
    ]


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ([_said("a"), _said("b"), _said("Q?", 1)], ["a\n\nb | Q?"]),
        ([_said("a"), _said("b")], ["a\n\nb"]),
        ([_said("a"), ScheduleWaves(), _said("Q?", 1)], ["ScheduleWaves", "a | Q?"]),
        ([_said("Q?", 1), _said("a")], ["Q?", "a"]),
        ([_said("Q?", 1), _said("R?", 2)], ["Q?", "R?"]),
        ([_said("a"), _said("help", is_help=True), _said("Q?", 1)], ["a", "help", "Q?"]),
        ([_said("a"), Toast("no"), _said("Q?", 1)], ["a", "Toast", "Q?"]),
        ([_said("a"), _said("a"), _said("Q?", 1)], ["a\n\na | Q?"]),
        ([_said("a"), Toast("no"), _said("a"), _said("Q?", 1)], ["a", "Toast", "a | Q?"]),
        ([_said("a")], ["a"]),
        ([], []),
    ],
)
def test_what_is_said_in_a_row_is_one_message(effects, expected):
    """Its buttons are the question's, which ends it; crisis help and what passes stand alone."""
    assert _as_lines(effects) == expected


def test_the_question_keeps_its_own_text():
    """What is recorded with an answer, and with a consent, is what was asked: not what was said before it."""
    flow = flow_of(say("hi", "Hello."), consent("c"), end("no", outcome="declined"))
    result = advance(flow, None, Started({}, "en"), now=NOW)
    [sent] = result.effects
    assert (sent.prompt.lead, sent.prompt.text, sent.prompt.whole_text) == (
        "Hello.",
        "Agree c?",
        "Hello.\n\nAgree c?",
    )
    given = advance(flow, result.state, Replied("I agree"), now=NOW).effects
    shown = [one.shown_text for one in given if isinstance(one, RecordAnswer | RecordConsent)]
    assert shown == ["Agree c?", "Agree c?"]


# Other words for some people.


def worded() -> dict[str, Any]:
    """A question that is put in other words to those who care for somebody."""
    return text(
        "q", wordings=[{"code": "carer", "when": "who == 'carer'", "text": "What did {who:label} see?"}]
    )


def test_a_wording_by_condition() -> None:
    """Whoever the condition holds for reads the other words; the answer keeps its key, and the text that was shown."""
    who = one("who", "patient", "carer")
    patient = Person(flow_of(who, worded(), text("z"))).taps("Patient")
    assert patient.last.text == "Ask q?"
    carer = Person(flow_of(who, worded(), text("z"))).taps("Carer")
    assert carer.last.text == "What did Carer see?"
    carer.types("A long corridor with nobody in it")
    [kept] = [effect for effect in carer.kept if isinstance(effect, RecordAnswer)]
    assert (kept.question_key, kept.shown_text) == ("q", "What did Carer see?")


def test_a_wording_that_was_corrected() -> None:
    """Who corrects what decides on the words reads the open question in the right ones."""
    person = Person(flow_of(one("who", "patient", "carer"), worded(), text("z"))).taps("Patient")
    person.types("back").taps("Carer")
    assert person.last.text == "What did Carer see?"


# Choices from another one on.


def rotated(seed: int, **fields: Any) -> Person:
    """Somebody whose conversation has this seed, before three choices, 'other' and 'none'."""
    step = many("q", "a", "b", "c", "other", rotates="q_order", **fields)
    step["choices"].append({"code": "none", "label": "None", "exclusive": True})
    return Person(flow_of(step, text("z")), seed=seed)


@pytest.mark.parametrize(
    ("seed", "shown"),
    [(0, "A B C Other None"), (1, "B C A Other None"), (2, "C A B Other None"), (3, "A B C Other None")],
)
def test_choices_rotate_with_the_seed(seed: int, shown: str) -> None:
    """Each seed begins with another choice; 'other' and what excludes the others stay last."""
    labels = [option.label for option in rotated(seed).last.options if not option.control]
    assert labels == shown.split()


def test_the_first_place_is_kept_with_the_answer() -> None:
    """A tap, a number and a label mean the choice that was shown there; the place of the first is kept beside."""
    assert rotated(1).taps("B", "Done").answers == {"q_order": 2, "q": ["b"]}
    assert rotated(1).types("1").answers == {"q_order": 2, "q": ["b"]}
    assert rotated(2).types("b, c").answers == {"q_order": 3, "q": ["c", "b"]}
    assert rotated(2).types("skip").answers == {"q_order": 3, "q": None}


def test_a_correction_keeps_the_place() -> None:
    """Whoever picks again sees the same order; the place is not recorded twice."""
    person = rotated(1).taps("B", "Done")
    person.types("back")
    assert [option.label for option in person.last.options][:3] == ["B", "C", "A"]
    assert person.picks(person.last.ask or 0, "A").answers == {"q": ["a"]}


def test_a_merged_choice_is_not_offered() -> None:
    """What has become part of another choice has no button, and no word of its own."""
    step = many("q", "a", "b")
    step["choices"].append({"code": "c", "label": "C", "into": "a"})
    person = Person(flow_of(step))
    assert [option.label for option in person.last.options if not option.control] == ["A", "B"]
    assert person.types("c").answers == {}
