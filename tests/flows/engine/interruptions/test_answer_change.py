"""Before a change that takes something back the bot asks once, says what it will do, and offers to undo it."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    EndConversation,
    EndRemark,
    Outcome,
    RecordAnswer,
    RecordConsent,
    ScheduleWaves,
    Trace,
)
from flows.engine.events import DatePicked, Edited, Event, Picked, Replied, Tapped, TextSubmitted
from flows.engine.state import encode_state
from flows.errors import ConversationOver
from flows.i18n.say import Sentence, say
from tests.support.engine_world import NOW, Person, confirm, consent, do, end, flow_of, many, one, text

CORRECTED = "I have changed that answer."
CHANGED_BEFORE = "That answer is changed. “Undo”, further down, changes it back."
UNCHANGED = "That answer stays as it was."
TAKES_BACK = "This takes back your yes."
NONE = "No follow-up comes any more."
STAYS = "What you told me stays until you write “delete my data”."
PART = consent("part", on_decline="bye")
AGAIN = consent("again", purpose="contact_again")
WORDS = consent("words", purpose="use_words")
BYE = end("bye", outcome="declined", text="Bye.")
FLOW = flow_of(PART, AGAIN, WORDS, one("q", "red", "blue"), text("z"), end("done"), BYE)
AGREE, DECLINE = "I agree", "No"


def talking() -> Person:
    """Somebody who has said yes to all three, has answered `q`, and is asked `z`."""
    return Person(FLOW).taps(AGREE).taps(AGREE).taps(AGREE).taps("Red")


def ended() -> Person:
    return talking().types("nothing")


def consents(person: Person) -> list[tuple[str, bool, bool, bool]]:
    return [
        (kept.purpose.value, kept.granted, kept.takes_back, kept.gives_again)
        for kept in person.kept
        if isinstance(kept, RecordConsent)
    ]


def labels(person: Person) -> list[str]:
    return [option.label for option in person.last.options]


YES_TO_NO = "You answered “I agree”. Shall I change it to “No”?"
ASKED = [
    (0, ("Agree part?", YES_TO_NO, TAKES_BACK, "This talk then ends.", NONE, STAYS)),
    (1, ("Agree again?", YES_TO_NO, TAKES_BACK, NONE)),
    (2, ("Agree words?", YES_TO_NO, TAKES_BACK)),
]


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize(("ask", "question"), ASKED)
def test_a_no_under_an_old_consent_asks_once(person: Any, ask: int, question: tuple[str, ...]) -> None:
    """Whatever the consent is for, before the end and after: what it takes back is said, and nothing is changed yet."""
    pat = person()
    open_slot = pat.open
    pat.taps_at(ask, DECLINE)
    lines = [line for line in question if person is talking or line != "This talk then ends."]
    assert pat.texts == ["\n".join(lines)]
    assert labels(pat) == ["Change it", "Keep it"]
    assert (pat.kept, pat.open) == ([], open_slot)


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize("ask", [0, 1, 2])
@pytest.mark.parametrize("reply", ["Keep it", "no", "no thanks"])
def test_it_is_kept(person: Any, ask: int, reply: str) -> None:
    """A no, tapped or typed, leaves all as it is, says so and goes on."""
    pat = person()
    pat.taps_at(ask, DECLINE)
    if reply == "Keep it":
        pat.taps(reply)
    else:
        pat.types(reply)
    assert pat.texts == ([UNCHANGED, "Ask z?"] if person is talking else [UNCHANGED])
    assert (pat.kept, pat.state.aside) == ([], None)


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize(("ask", "purpose"), [(1, "contact_again"), (2, "use_words")])
@pytest.mark.parametrize("reply", ["Change it", "yes"])
def test_it_is_changed_and_undone(person: Any, ask: int, purpose: str, reply: str) -> None:
    """A yes takes the consent back; 'Undo' gives it again, and can be undone; the old buttons work both ways."""
    pat = person()
    pat.taps_at(ask, DECLINE)
    if reply == "Change it":
        pat.taps(reply)
    else:
        pat.types(reply)
    after = ["Ask z?"] if person is talking else []
    assert pat.texts == [CORRECTED, *after]
    assert consents(pat) == [(purpose, False, True, False)]
    assert [
        (kept.slot, kept.value, kept.corrects) for kept in pat.kept if isinstance(kept, RecordAnswer)
    ] == [(pat.state.asks[ask].slot, False, True)]
    pat.taps("Undo")
    assert pat.texts == [CORRECTED, *after]
    assert consents(pat) == [(purpose, True, False, True)]
    pat.taps("Undo")
    assert consents(pat) == [(purpose, False, True, False)]
    pat.taps_at(ask, AGREE)
    if person is ended:
        assert (pat.kept, labels(pat)) == ([], ["Change it", "Keep it"])
        pat.taps("Change it")
    assert consents(pat) == [(purpose, True, False, True)]


def test_no_to_taking_part_is_undone() -> None:
    """Who left by a slip comes back: what was forgotten meanwhile is asked again, and that is said."""
    pat = talking()
    pat.taps_at(0, DECLINE).taps("Change it")
    assert pat.texts == [CORRECTED, "Bye."]
    assert EndConversation(Outcome.DECLINED) in pat.kept
    assert [
        (kept.slot, kept.value, kept.corrects) for kept in pat.kept if isinstance(kept, RecordAnswer)
    ] == [("part", False, True)]
    pat.taps("Undo")
    assert pat.texts == [
        CORRECTED,
        "Some of what you told me before is not here any more, so I ask again.",
        "Agree again?",
    ]
    assert consents(pat) == [("take_part", True, False, True)]
    assert (pat.state.outcome, pat.open) == (None, "again")
    pat.taps(AGREE)
    assert [kept.corrects for kept in pat.kept if isinstance(kept, RecordAnswer)] == [True]
    assert pat.taps(AGREE).taps("Blue").types("x").state.outcome is Outcome.COMPLETED


def test_no_thanks_and_then_yes() -> None:
    """Who declined at first may say yes under the same button: it is asked once, and the conversation begins."""
    pat = Person(FLOW).taps(DECLINE)
    assert pat.texts == ["Bye."]
    pat.taps_at(0, AGREE)
    assert pat.texts == ["Agree part?\nYou answered “No”. Shall I change it to “I agree”?"]
    assert pat.types("no").texts == [UNCHANGED]
    pat.taps_at(0, AGREE)
    assert pat.taps("Change it").texts == [CORRECTED, "Agree again?"]
    assert consents(pat) == [("take_part", True, False, False)]
    assert [kept.corrects for kept in pat.kept if isinstance(kept, RecordAnswer)] == [False]


def test_taking_part_is_taken_back_after_the_end() -> None:
    """The answer is superseded, nothing else can be changed then, and a yes makes it all as it was."""
    pat = ended()
    pat.taps_at(0, DECLINE).taps("Change it")
    assert pat.texts == [CORRECTED]
    assert consents(pat) == [("take_part", False, True, False)]
    assert pat.answers == {"part": False}
    pat.taps_at(3, "Blue")
    assert pat.texts == ["This talk is over, so I can not change it here. Your answers are safe."]
    pat.tell(TextSubmitted(4, "what I never told before", "m9"))
    assert (pat.texts, pat.remarks) == ([say(Sentence.NOT_KEPT, "en")], [])
    pat.taps("Undo")
    assert (pat.answers, pat.state.outcome) == ({"part": True}, Outcome.COMPLETED)


ENDS = flow_of(one("q", "red", "blue"), text("z"), end("bye"))


@pytest.mark.parametrize(
    "event",
    [Tapped(0, 1), Edited("m-red", "blue"), TextSubmitted(0, "blue"), Tapped(0, 2)],
)
def test_every_way_after_the_end_asks(event: Event) -> None:
    """A button, an edit, a form, 'Skip': after the end each asks once and can be undone."""
    pat = Person(ENDS).types("red", "x").tell(event)
    new = "Skip" if event == Tapped(0, 2) else "blue"
    assert pat.kept == []
    assert pat.texts[0].lower().startswith("ask q?\nyou answered “red”.")
    pat.taps("Change it")
    assert pat.texts == [CORRECTED]
    assert pat.answers == {"q": None if new == "Skip" else "blue"}
    assert pat.taps("Undo").answers == {"q": "red"}


@pytest.mark.parametrize(
    ("step", "first", "event", "asked", "value"),
    [
        (
            {"key": "q", "kind": "date", "text": "When?"},
            "today",
            DatePicked(0, NOW.date().replace(day=9)),
            "When?\nYou answered “2 March 2026”. Shall I change it to “9 March 2026”?",
            "2026-03-09",
        ),
        (
            {"key": "q", "kind": "scale", "text": "How?", "low_label": "a", "high_label": "b"},
            "2",
            Tapped(0, 4),
            "How?\nYou answered “2”. Shall I change it to “5”?",
            5,
        ),
        (
            many("q", "a", "b"),
            "a",
            Picked(0, (0, 1)),
            "Ask q?\nYou answered “A”. Shall I change it to “A, B”?",
            ["a", "b"],
        ),
        (
            text("q"),
            "one",
            Edited("m-one", "two"),
            "Ask q?\nYou answered “one”. Shall I change it to “two”?",
            "two",
        ),
        (
            text("q"),
            "skip",
            TextSubmitted(0, "two"),
            "Ask q?\nYou answered “(left out)”. Shall I change it to “two”?",
            "two",
        ),
    ],
)
def test_both_answers_are_named(
    step: dict[str, Any], first: str, event: Event, asked: str, value: Any
) -> None:
    """The question says what was answered and what would be, as people read it."""
    pat = Person(flow_of(step, text("z"))).types(first, "x").tell(event)
    assert pat.texts == [asked]
    assert pat.types("yes").answers == {"q": value}


def test_ticks_after_the_end_add_up() -> None:
    """A second tick before the first is decided on asks about both; the message shows ticks once they are kept."""
    pat = Person(flow_of(many("q", "a", "b", "c"), text("z"))).taps("A", "Done").types("x")
    pat.taps_at(0, "B").taps_at(0, "C")
    assert pat.refreshed == []
    assert pat.texts == ["Ask q?\nYou answered “A”. Shall I change it to “A, B, C”?"]
    pat.taps("Change it")
    assert pat.answers == {"q": ["a", "b", "c"]}
    assert [option.picked for option in pat.refreshed[0].options[:3]] == [True, True, True]
    pat.taps("Undo")
    assert [option.picked for option in pat.refreshed[0].options[:3]] == [True, False, False]


def test_another_reply_goes_on() -> None:
    """Words that are neither yes nor no answer the open question, and the earlier answer stays."""
    pat = talking()
    pat.taps_at(1, DECLINE)
    assert pat.types("something else").answers == {"z": "something else"}
    assert consents(pat) == []
    assert pat.state.answers["again"].value is True


@pytest.mark.parametrize("word", ["skip", "back", "help", "later"])
def test_a_command_goes_on(word: str) -> None:
    """So does a word that works everywhere."""
    pat = talking()
    pat.taps_at(1, DECLINE).types(word)
    assert (consents(pat), pat.state.answers["again"].value) == ([], True)


def test_other_words_after_the_end_are_no_answer() -> None:
    """After the end they are refused as ever, and the change stays open."""
    pat = ended()
    pat.taps_at(1, DECLINE)
    with pytest.raises(ConversationOver):
        pat.tell(Replied("what?"))
    assert consents(pat.types("yes")) == [("contact_again", False, True, False)]


def test_a_late_tap_and_a_double_tap() -> None:
    """'Change it' under a question that was passed over works once; 'Keep it' there says nothing."""
    pat = talking()
    pat.taps_at(1, DECLINE).types("more words")
    late = next(ask for ask, asked in enumerate(pat.state.asks) if asked.slot == "@answer_change")
    assert (pat.taps_at(late, "Keep it").texts, pat.toasts) == ([], [UNCHANGED])
    assert consents(pat.taps_at(late, "Change it")) == [("contact_again", False, True, False)]
    for label in ("Change it", "Keep it"):
        assert (pat.taps_at(late, label).kept, pat.texts, pat.toasts) == ([], [], [CHANGED_BEFORE])


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize("ask", [0, 1, 2])
@pytest.mark.parametrize("second", ["Keep it", "Change it", CHOSEN_OPTION])
def test_a_tap_after_the_change_says_how_to_undo_it(person: Any, ask: int, second: Any) -> None:
    """Whoever keeps an answer just after changing it is told that it is changed, and where 'Undo' is."""
    pat = person()
    pat.taps_at(ask, DECLINE)
    asked = pat.state.aside
    pat.taps("Change it")
    if second == CHOSEN_OPTION:
        pat.tell(Tapped(asked, CHOSEN_OPTION))
    else:
        pat.taps_at(asked, second)
    assert (pat.kept, pat.texts, pat.toasts) == ([], [], [CHANGED_BEFORE])
    undo = next(place for place, one in enumerate(pat.state.asks) if one.slot == "@answer_undo")
    pat.taps_at(undo, "Undo")
    assert (pat.state.answers[pat.state.asks[ask].slot].value, pat.traces[undo]) == (True, Trace())
    assert (pat.taps_at(undo, "Undo").kept, pat.toasts) == ([], [CHANGED_BEFORE])


@pytest.mark.parametrize("words", ["no", "yes", "what do you mean?"])
def test_words_after_the_change_are_told_of_it(words: str) -> None:
    """Words that quote the question after its change was made do not hear that the answer stays as it was."""
    pat = talking()
    pat.taps_at(1, DECLINE)
    asked = pat.state.aside
    pat.taps("Change it").tell(TextSubmitted(asked, words))
    remarks = [words] if "?" in words else []
    assert [one.raw for one in pat.kept] == remarks
    assert pat.texts[len(remarks) :] == [CHANGED_BEFORE, "Ask z?"]


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("chosen", ["Change it", "Keep it"])
def test_the_question_shows_what_was_chosen(person: Any, typed: bool, chosen: str) -> None:
    """Once it is decided its buttons give way to the one that decided it; what was chosen can be tapped in vain."""
    pat = person()
    pat.taps_at(2, DECLINE)
    asked = pat.state.aside
    if typed:
        pat.types("yes" if chosen == "Change it" else "no")
    else:
        pat.taps(chosen)
    assert pat.traces[asked] == Trace((chosen,))
    pat.tell(Tapped(asked, CHOSEN_OPTION))
    assert pat.toasts == [CHANGED_BEFORE if chosen == "Change it" else UNCHANGED]


def test_a_skipped_question_shows_that_the_answer_was_kept() -> None:
    """'skip' keeps the answer, and that is shown."""
    pat = talking()
    pat.taps_at(1, DECLINE)
    asked = pat.state.aside
    assert pat.types("skip").traces[asked] == Trace(("Keep it",))


def test_a_question_that_is_asked_anew_loses_its_buttons() -> None:
    """A second tick asks about both ticks: the question about the first one can not be tapped any more."""
    pat = Person(flow_of(many("q", "a", "b", "c"), text("z"))).taps("A", "Done").types("x")
    first = pat.taps_at(0, "B").state.aside
    assert pat.taps_at(0, "C").traces[first] == Trace()


def test_a_change_that_ends_the_conversation() -> None:
    """It asks, says that the conversation ends, and 'Undo' goes on at the question that was open."""
    steps = [one("q", "on", "off"), text("a", when="q == 'on'"), text("b", when="q == 'on'"), end("bye")]
    pat = Person(flow_of(*steps)).taps("On").types("x")
    pat.taps_at(0, "Off")
    assert pat.texts == ["Ask q?\nYou answered “On”. Shall I change it to “Off”?\nThis talk then ends."]
    pat.taps("Change it")
    assert pat.state.outcome is Outcome.COMPLETED
    pat.taps("Undo")
    assert pat.texts == [CORRECTED, "Ask b?"]
    assert (pat.answers, pat.open, pat.state.outcome) == ({"q": "on"}, "b", None)
    assert pat.types("y").state.outcome is Outcome.COMPLETED


@pytest.mark.parametrize("again", ["Change", "back"])
@pytest.mark.parametrize("reply", [Tapped, Replied])
def test_a_consent_that_is_put_again_is_not_taken_back_unasked(again: str, reply: Any) -> None:
    """Whoever tapped 'Change' or went back is asked too, with what comes of it; kept, the talk is where it was."""
    for last in ("Keep it", "Change it"):
        pat = Person(flow_of(PART, text("z"), end("done"), BYE)).taps(AGREE)
        pat.tell(Tapped(0, CHANGE_OPTION) if again == "Change" else Replied("back"))
        assert pat.texts == ["Agree part?"]
        pat.tell(Replied("no") if reply is Replied else Tapped(pat.state.open, 1))
        assert (consents(pat), labels(pat)) == ([], ["Change it", "Keep it"])
        assert TAKES_BACK in pat.texts[-1]
        pat.taps(last)
        if last == "Keep it":
            assert (pat.texts, pat.open, pat.state.back_to) == ([UNCHANGED, "Ask z?"], "z", ())
        else:
            assert consents(pat) == [("take_part", False, True, False)]
            assert pat.state.outcome is Outcome.DECLINED
            assert pat.taps("Undo").open == "z"


def test_a_question_that_is_put_again_does_not_end_the_talk_unasked() -> None:
    """A change that would end the talk asks; one that would not goes on as before."""
    steps = [one("q", "on", "off"), text("a", when="q == 'on'"), text("b", when="q == 'on'"), end("bye")]
    pat = Person(flow_of(*steps)).taps("On").types("x")
    pat.tell(Tapped(0, CHANGE_OPTION)).types("off")
    assert pat.texts == ["Ask q?\nYou answered “On”. Shall I change it to “Off”?\nThis talk then ends."]
    assert (pat.taps("Keep it").open, pat.state.answers["q"].value) == ("b", "on")
    assert pat.tell(Tapped(0, CHANGE_OPTION)).types("on").texts == ["Ask b?"]


def test_undo_does_not_open_what_ended_later() -> None:
    """Who undoes a change after the conversation has ended by itself changes the answer, and is asked nothing."""
    pat = talking()
    pat.taps_at(1, DECLINE).taps("Change it").types("x")
    pat.taps("Undo")
    assert (pat.texts, pat.state.outcome) == ([CORRECTED], Outcome.COMPLETED)


def test_plain_corrections_ask_nothing() -> None:
    """Before the end an old tap on a plain question, or a yes where a no was said, works at once as ever."""
    pat = Person(FLOW).taps(AGREE).taps(DECLINE).taps(AGREE).taps("Red")
    assert pat.taps_at(3, "Blue").texts == [CORRECTED, "Ask z?"]
    assert pat.taps_at(1, AGREE).texts == [CORRECTED, "Ask z?"]
    assert consents(pat) == [("contact_again", True, False, True)]


def test_a_late_yes_schedules_the_waves() -> None:
    """A yes to follow-ups after the end does what the script would have done with it."""
    flow = flow_of(
        AGAIN, do("save", fields={}), do("w", "schedule_waves", when="again == true"), text("z"), end("bye")
    )
    pat = Person(flow).taps(DECLINE).types("x")
    pat.taps_at(0, AGREE).taps("Change it")
    assert ScheduleWaves() in pat.kept
    pat.taps("Undo").taps("Undo")
    assert ScheduleWaves() not in pat.kept, "they are there already"


def test_a_changed_mind_between_question_and_tap() -> None:
    """Where the answer has become a third one meanwhile, 'Change it' asks anew."""
    pat = Person(flow_of(one("q", "red", "blue", "green"), end("bye"))).taps("Red")
    pat.taps_at(0, "Blue")
    first = pat.state.aside
    pat.taps_at(0, "Green").taps("Change it")
    pat.taps_at(first, "Change it")
    assert pat.texts == ["Ask q?\nYou answered “Green”. Shall I change it to “Blue”?"]


def test_a_read_back_is_no_change() -> None:
    """'Change it' under an old read-back asks which answer to change, as ever."""
    pat = Person(flow_of(text("a"), confirm("c", "a"), text("z"))).types("x").taps("Yes")
    pat.taps_at(1, "Change it")
    assert pat.open == "a"


@pytest.mark.parametrize("person", [talking, ended])
@pytest.mark.parametrize(
    ("words", "changed"), [("yes", True), ("change it", True), ("no", False), ("what do you mean?", False)]
)
def test_words_that_name_the_question(person: Any, words: str, changed: bool) -> None:
    """In its thread or quoting it, also later: a yes changes the answer, and all else leaves it, which is said."""
    pat = person()
    pat.taps_at(1, DECLINE)
    asked = pat.state.aside
    if person is talking:
        pat.types("hm")  # it is passed over
        assert pat.state.aside is None
    pat.tell(TextSubmitted(asked, words))
    assert (consents(pat) == [("contact_again", False, True, False)]) is changed
    assert pat.texts["?" in words] == (CORRECTED if changed else UNCHANGED)


@pytest.mark.parametrize("sign", ["👍", ":-1:", "✅", "❌"])
@pytest.mark.parametrize("person", [talking, ended])
def test_an_emoji_alone_decides_nothing(person: Any, sign: str) -> None:
    """A change takes a tap or words: an emoji alone is asked about once more."""
    pat = person()
    pat.taps_at(1, DECLINE).types(sign)
    assert (consents(pat), len(pat.texts), labels(pat)) == ([], 2, ["Change it", "Keep it"])
    assert consents(pat.types("yes")) == [("contact_again", False, True, False)]


def test_words_that_halted_the_script_are_not_shown_again() -> None:
    """The question before they are changed stands without them; 'Undo' has them kept as they were."""
    pat = Person(flow_of(text("q"), text("z"))).types("I want to die", "x")
    pat.stored = encode_state(replace(pat.state, risky=("q",)))
    pat.tell(Edited("m-I want to die", "I was sad"))
    assert pat.texts == ["Ask q?\nYou answered “…”. Shall I change it to “I was sad”?"]
    assert pat.types("yes").answers == {"q": "I was sad"}


def test_a_forgotten_change_is_not_made() -> None:
    """Who declines to take part leaves no change behind but that one: its buttons, and words about it, do nothing."""
    steps = [one("q", "on", "off"), text("a", when="q == 'on'"), end("done"), BYE]
    pat = Person(flow_of(PART, *steps)).taps(AGREE).taps("On")
    pat.taps_at(1, "Off")
    asked = pat.state.aside
    pat.taps_at(0, DECLINE).taps("Change it")
    assert pat.state.outcome is Outcome.DECLINED
    assert [one.codes is None for one in pat.state.asks if one.slot.startswith("@")] == [True, False, False]
    assert (pat.taps_at(asked, "Change it").kept, pat.texts) == ([], [])
    pat.taps("Undo")
    assert pat.state.outcome is None
    assert pat.tell(TextSubmitted(asked, "yes")).texts[0] == UNCHANGED


YEARS = {
    "key": "q",
    "kind": "number",
    "text": "How long?",
    "counts": "years",
    "keeps_number": "q_years",
    "bands": [
        {"code": "short", "label": "Up to 5 years", "low": 0, "high": 5},
        {"code": "long", "label": "6 years or more", "low": 6},
    ],
}
HIGHEST = {
    "key": "q",
    "kind": "number",
    "text": "How many?",
    "keeps_number": "q_number",
    "bands": [
        {"code": "few", "label": "Up to 5", "low": 0, "high": 5},
        {"code": "many", "label": "6 or more", "low": 6},
    ],
}


def kept_beside(person: Person) -> Any:
    """The number that is kept beside the band of `q`."""
    return next(given.value for slot, given in person.state.answers.items() if slot.startswith("q_"))


@pytest.mark.parametrize("question", [YEARS, HIGHEST])
@pytest.mark.parametrize("event", [Edited("m-2", "9"), TextSubmitted(0, "9")])
def test_the_number_beside_a_band_is_changed_and_undone_with_it(
    question: dict[str, Any], event: Event
) -> None:
    """A number that waits for 'Change it' is kept beside its band then; 'Undo' brings back the one from before."""
    person = Person(flow_of(question, text("z"))).types("2", "x").tell(event)
    assert person.kept == []
    person.taps("Change it")
    assert sorted(map(str, person.answers.values())) == sorted(["9", "long" if question is YEARS else "many"])
    person.taps("Undo")
    assert kept_beside(person) == 2
    person.taps("Undo")
    assert kept_beside(person) == 9


@pytest.mark.parametrize("question", [YEARS, HIGHEST])
def test_a_band_that_is_tapped_drops_the_number_that_was_typed(question: dict[str, Any]) -> None:
    """The number from before is not that of another band; 'Undo' brings both back."""
    person = Person(flow_of(question, text("z"))).types("2", "x").tell(Tapped(0, 1)).taps("Change it")
    assert kept_beside(person) is None
    person.taps("Undo")
    assert kept_beside(person) == 2


def test_a_number_that_changes_an_answer_put_again_is_kept() -> None:
    """So it is by 'back', where the new answer ends the conversation and is asked about."""
    early = end("early", when="q == 'long'")
    person = Person(flow_of(YEARS, early, text("z"), end("done"))).types("2", "back", "9")
    assert labels(person) == ["Change it", "Keep it"]
    assert person.types("yes").answers == {"q_years": 9, "q": "long"}


def test_what_is_told_beside_a_change_is_kept_although_nothing_is_changed() -> None:
    """The rest of 'blue, since ...' is a remark at once, whatever becomes of the change; it is kept once."""
    person = Person(ENDS).types("red", "x").tell(Edited("m-red", "blue, because my doctor told me so"))
    assert person.remarks == ["blue, because my doctor told me so"]
    assert person.types("no").remarks == []
    person.tell(Edited("m-red", "blue, because my doctor told me so")).taps("Change it")
    assert (person.answers, person.remarks) == ({"q": "blue"}, [])


def test_a_change_without_a_number_is_kept_as_before() -> None:
    """Changes of answers are stored with their questions: those of choices as they were before numbers were kept."""
    person = Person(ENDS).types("red", "x").tell(Tapped(0, 1))
    assert len(json.loads(person.state.asks[-1].codes[0])) == 7
    assert person.taps("Change it").answers == {"q": "blue"}


MAY_I = consent("may", purpose="use_words", text='May I use "{said}"?')


@pytest.mark.parametrize("question", [MAY_I, one("q", "red", "blue", text='Why "{said}"?')])
@pytest.mark.parametrize("undoes", [True, False])
def test_a_change_is_asked_anew_once_its_question_quotes_other_words(question, undoes):
    """Neither 'Undo' nor 'Change it' decides on words that came into the question later: they are shown first."""
    person = Person(flow_of(text("said"), question, text("z"), end("done")))
    person.types("a pain").tell(Tapped(1, 0))
    person.types("nothing").tell(Tapped(1, 1))
    if undoes:
        person.taps("Change it")
    decides = max(person.asked)
    person.tell(Edited("m-a pain", "Doctor Smith"))
    person.taps_at(max(person.asked), "Change it")
    person.tell(Tapped(decides, 0))
    assert person.kept == []
    assert "Doctor Smith" in person.last.text
    assert "Shall I change it to" in person.last.text
    person.taps("Change it")
    assert [one.shown_text for one in person.kept if isinstance(one, RecordAnswer)] == [
        question["text"].format(said="Doctor Smith")
    ]


TO_THE_END = ("red", "I wait for hours")
NEW_WORDS = "My tablets came in another box"


@pytest.mark.parametrize("decision", [None, "Keep it"])
def test_own_words_of_a_change_that_is_not_made_are_a_remark(decision: str | None) -> None:
    """Whoever leaves the question alone, or keeps what was, has told us all the same."""
    person = Person(ENDS).types(*TO_THE_END).tell(Edited(f"m-{TO_THE_END[1]}", NEW_WORDS))
    assert person.remarks == [NEW_WORDS]
    if decision is not None:
        person.taps(decision)
        assert not [kept for kept in person.kept if isinstance(kept, EndRemark)]


def test_own_words_that_become_the_answer_are_no_remark_more() -> None:
    """They stand once, as the answer; a change that was asked anew keeps them once, too."""
    person = Person(ENDS).types(*TO_THE_END).tell(Edited(f"m-{TO_THE_END[1]}", NEW_WORDS)).taps("Change it")
    assert person.answers == {"z": NEW_WORDS}
    assert [kept for kept in person.kept if isinstance(kept, EndRemark)] == [EndRemark(0, "z")]
