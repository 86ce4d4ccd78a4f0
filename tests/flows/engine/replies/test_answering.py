"""What an answer leaves under its question, what 'Change' does, and what a tap is answered by."""

from datetime import date
from typing import Any

import pytest

from flows.engine.advance import advance
from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    EndConversation,
    Outcome,
    RecordAnswer,
    RecordConsent,
    SendMessage,
    ShowTrace,
    Trace,
)
from flows.engine.events import DatePicked, Edited, Event, Picked, Replied, Tapped, TextSubmitted
from flows.engine.state import decode_state
from tests.support.engine_world import (
    DATE,
    SCALE,
    Person,
    Speaker,
    confirm,
    consent,
    end,
    flow_of,
    many,
    one,
    say,
    text,
)

CHOSEN_NOTHING = Trace()
"""A question whose buttons were taken away."""
BANDS = [
    {"code": "few", "label": "1 to 4", "low": 1, "high": 4},
    {"code": "some", "label": "5 or more", "low": 5},
]
NUMBER = {"key": "q", "kind": "number", "text": "How many?"}


def trace(*chosen: str) -> Trace:
    return Trace(chosen, change=True)


def changes(person: Person, ask: int) -> Person:
    """Tap 'Change' under a question."""
    return person.tell(Tapped(ask, CHANGE_OPTION))


@pytest.mark.parametrize(
    ("step", "event", "expected"),
    [
        (one("q", "red", "blue"), Tapped(0, 1), trace("Blue")),
        (one("q", "red", "blue"), Replied("the 2nd", "m1"), trace("Blue")),
        (many("q", "a", "b", "c"), Picked(0, (0, 2)), trace("A", "C")),
        (many("q", "a", "b", "c"), Replied("1 and 3", "m1"), trace("A", "C")),
        (SCALE, Tapped(0, 3), trace("4")),
        (SCALE, Replied("five", "m1"), trace("5")),
        (NUMBER, Replied("1,200", "m1"), trace("1,200")),
        (NUMBER | {"bands": BANDS}, Replied("7", "m1"), trace("5 or more")),
        (DATE, Tapped(0, 0), trace("2 March 2026")),
        (DATE, DatePicked(0, date(2026, 3, 9)), trace("9 March 2026")),
        (DATE, Replied("9 March", "m1"), trace("9 March 2026")),
        (text("q"), Replied("it hurts at night", "m1"), trace()),
        (text("q"), TextSubmitted(0, "it hurts at night"), trace()),
        (text("q", choices=[{"code": "no", "label": "No, nothing"}]), Tapped(0, 0), trace("No, nothing")),
        (text("q", required=False), Tapped(0, 0), trace("Skip")),
        (one("q", "red", "blue", required=False), Replied("skip", "m1"), trace("Skip")),
        (consent("q"), Tapped(0, 0), trace("I agree")),
        (confirm("q", "z"), Tapped(0, 0), trace("Yes")),
    ],
)
def test_every_answer_leaves_its_trace(step: dict[str, Any], event: Event, expected: Trace) -> None:
    """What was chosen is shown by its label, a day or number as it is written, and words not at all."""
    person = Person(flow_of(step, text("z"))).tell(event)
    assert person.traces == {0: expected}
    assert person.open == "z"


def test_the_trace_goes_before_the_next_question_in_the_turn() -> None:
    """The next question is the last thing of a turn."""
    flow = flow_of(one("q", "red", "blue"), text("z"))
    stored = Person(flow).stored
    assert stored is not None
    effects = advance(flow, decode_state(stored), Tapped(0, 0), now=Person(flow).now).effects
    assert [type(effect) for effect in effects][-1] is SendMessage
    assert ShowTrace in {type(effect) for effect in effects}


def test_words_kept_unread_are_not_shown() -> None:
    """What could not be read is kept as words, and words are not repeated."""
    person = Person(flow_of(one("q", "red", "blue"), text("z"))).types("hm", "hmm")
    assert person.traces == {0: trace()}


def test_a_refusal_shows_its_label() -> None:
    """A no to a consent is shown like a yes."""
    person = Person(flow_of(consent("q"), text("z"))).taps("No")
    assert person.traces[0].chosen == ("No",)


def test_an_old_tap_changes_the_trace() -> None:
    """An answer that is corrected by an old button shows the new choice."""
    person = Person(flow_of(one("q", "red", "blue"), text("z"))).taps("Red").taps_at(0, "Blue")
    assert person.answers == {"q": "blue"}
    assert person.traces == {0: trace("Blue")}


def test_an_edit_changes_the_trace() -> None:
    """So does a typed answer that is edited."""
    person = Person(flow_of(one("q", "red", "blue"), text("z"))).types("red").tell(Edited("m-red", "blue"))
    assert person.traces == {0: trace("Blue")}


def test_old_ticks_stay_a_list_until_done() -> None:
    """Under an earlier list each tick shows the list anew; Done folds it up."""
    person = Person(flow_of(many("q", "a", "b", "c"), text("z"))).taps("A", "Done")
    person.taps_at(0, "B")
    assert person.traces == {0: trace("A")}
    assert len(person.refreshed) == 1
    assert person.taps_at(0, "Done").traces == {0: trace("A", "B")}


def test_change_puts_the_question_again_and_comes_back() -> None:
    """'Change' asks once more under a new number; the open question waits, and the old message has no buttons."""
    person = Person(flow_of(one("q", "red", "blue"), one("r", "x", "y"), text("z"))).taps("Red", "X")
    changes(person, 0)
    assert (person.open, person.texts) == ("q", ["Ask q?"])
    assert person.traces == {0: CHOSEN_NOTHING, 1: trace("X")}
    person.taps("Blue")
    assert (person.open, person.texts) == ("z", ["Ask z?"])
    assert person.answers == {"q": "blue"}
    assert person.traces == {0: CHOSEN_NOTHING, 1: trace("X"), 2: CHOSEN_NOTHING, 3: trace("Blue")}


def test_change_shows_the_ticks_of_before() -> None:
    """A list that is put again is ticked as it was answered."""
    person = changes(Person(flow_of(many("q", "a", "b"), text("z"))).taps("A", "Done"), 0)
    assert [option.picked for option in person.last.options[:2]] == [True, False]


def test_change_of_words_takes_new_words() -> None:
    """An answer in words is given anew, and the conversation goes on where it was."""
    person = changes(Person(flow_of(text("q"), text("z"))).types("one"), 0)
    assert person.open == "q"
    person.types("two")
    assert (person.answers, person.open) == ({"q": "two"}, "z")


@pytest.mark.parametrize("joins", ["separate", "append"])
def test_change_of_a_further_question_puts_it_again(joins: str) -> None:
    """The further question after a thin answer has a trace of its own, and is put again by itself."""
    probe = {"when": "words < 3", "text": "Tell me more.", "joins": joins}
    person = Person(flow_of(text("q", probe=probe), text("z"))).types("It hurt", "At night")
    assert person.traces == {0: trace(), 1: trace()}
    assert changes(person, 1).texts == ["Tell me more."]
    assert person.traces[1] == CHOSEN_NOTHING
    assert person.types("By day").open == "z"


def test_change_twice_asks_once() -> None:
    """A second tap on 'Change' says where the question is."""
    person = changes(Person(flow_of(one("q", "red", "blue"), text("z"))).taps("Red"), 0)
    changes(person, 0)
    assert (person.texts, person.toasts) == ([], ["This question is open, further down."])


def test_change_closes_a_menu() -> None:
    """While 'When should I come back?' is open, 'Change' takes its place."""
    person = Person(flow_of(one("q", "red", "blue"), text("z"))).taps("Red").types("later")
    assert changes(person, 0).open == "q"
    assert person.state.aside is None


def test_change_of_a_consent_can_take_it_back() -> None:
    """The consent is asked again; a no then takes it back, once it is said what comes of that."""
    person = Person(flow_of(consent("q"), say("s", "Good."), text("z"))).taps("I agree")
    person = changes(person, 0)
    assert person.open == "q"
    person.tell(Tapped(person.state.open, 1)).taps("Change it")
    assert [kept.takes_back for kept in person.kept if isinstance(kept, RecordConsent)] == [True]


def test_change_after_the_end_shows_the_question_with_its_buttons() -> None:
    """After the end the question is shown once more under its number, ticked as it is, and a tap corrects it."""
    person = Person(flow_of(many("q", "a", "b"))).taps("A", "Done")
    assert any(kept == EndConversation(Outcome.COMPLETED) for kept in person.kept)
    changes(person, 0)
    assert (person.last.ask, person.traces[0]) == (0, CHOSEN_NOTHING)
    assert [option.picked for option in person.last.options[:2]] == [True, False]


def test_a_change_that_is_asked_about_leaves_its_trace_once_it_is_made() -> None:
    """After the end a tap is asked about; until yes the question shows what holds."""
    person = Person(flow_of(one("q", "red", "blue"))).taps("Red")
    person.taps_at(0, "Blue")
    assert person.traces == {0: trace("Red")}
    person.tell(Tapped(person.last.ask, 0))
    assert (person.answers, person.traces) == ({"q": "blue"}, {0: trace("Blue"), 1: Trace(("Change it",))})


def test_change_after_a_refusal_shows_the_consent_again() -> None:
    """Yes is as possible as no: the consent is shown once more, and its yes lets the conversation go on."""
    person = Person(flow_of(consent("q", on_decline="e"), text("z"), end("e", outcome="declined"))).taps("No")
    assert changes(person, 0).texts == ["Agree q?"]
    assert person.traces[0] == CHOSEN_NOTHING
    person.tell(Tapped(0, 0))
    person.tell(Tapped(person.last.ask, 0))
    assert (person.open, person.traces[0]) == ("z", trace("I agree"))


def test_change_without_consent_says_that_it_is_over() -> None:
    """Where nothing else was kept there is nothing else to change."""
    flow = flow_of(one("c", "red", "blue"), consent("q"))
    assert changes(Person(flow).taps("Red", "No"), 0).texts == [
        "This talk is over, so I can not change it here. Your answers are safe."
    ]


def test_a_tap_on_what_was_chosen_changes_nothing() -> None:
    """It says how to change the answer, and nothing else comes of it."""
    person = Person(flow_of(many("q", "a", "b"), text("z"))).taps("A", "Done")
    before = person.stored
    person.tell(Tapped(0, CHOSEN_OPTION))
    assert person.toasts == ["That is your answer. Tap “Change” to give another one."]
    assert (person.texts, person.refreshed, person.kept, person.stored) == ([], [], [], before)


def test_buttons_that_mean_nothing_say_so() -> None:
    """A button of a menu that was closed, or that is not there, is answered and does nothing."""
    person = Person(flow_of(one("q", "red", "blue"), one("r", "x"), confirm("c", "q", "r")))
    person.taps("Red", "X").tell(Tapped(2, 1))
    menu = person.state.open + 1
    assert person.state.asks[menu].slot == "@change"
    person.types("back")
    for event in (Tapped(menu, 0), Tapped(0, 9)):
        person.tell(event)
        assert (person.toasts, person.texts) == (["This button does nothing any more."], [])


RATED = flow_of(
    many("pick", "pain", "cost"),
    {
        "key": "each",
        "kind": "block",
        "repeat": {"for_each": "pick", "as": "it"},
        "steps": [
            {**SCALE, "key": "rate", "text": "{it.label}: how well?"},
            {**DATE, "key": "day", "text": "{it.label}: when?"},
            text("why", text="{it.label}: why?"),
        ],
    },
    text("z"),
)
"""Each pick is rated, dated and explained."""


def unticked(kind: str) -> Person:
    """Somebody who answered about pain and cost, and then unticked pain. What was asked about pain: 1, 2 and 3."""
    person = Person(RATED).taps("Pain", "Cost", "Done")
    if kind == "answered":
        for _ in range(2):
            person.types("3").tell(Replied("9 March", "day")).types("because of it")
    return person.taps_at(0, "Pain")


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("open", Tapped(1, 3)),
        ("open", TextSubmitted(1, "4", "m4")),
        ("answered", Tapped(1, 3)),
        ("answered", Tapped(1, CHANGE_OPTION)),
        ("answered", TextSubmitted(1, "4", "m4")),
        ("answered", DatePicked(2, date(2026, 3, 9))),
        ("answered", Tapped(2, 0)),
        ("answered", TextSubmitted(3, "other words", "m4")),
    ],
)
def test_what_was_unticked_is_asked_no_more(kind: str, event: Event) -> None:
    """An old keyboard of an item that was picked no more records nothing: its text could not be shown whole."""
    person = unticked(kind)
    before = (person.open, person.state.answers)
    person.tell(event)
    assert (person.open, person.state.answers, person.answers) == (*before, {})
    said = [*person.toasts, *person.texts]
    assert said[len(person.remarks) :] == ["This is no longer on your list, so nothing has changed."]


def test_what_is_ticked_again_is_asked_again() -> None:
    """The old keyboard is as good as before."""
    person = unticked("answered").taps_at(0, "Pain").tell(Tapped(1, 3))
    assert person.answers == {"rate[pain]": 4}
    [kept] = [one for one in person.kept if isinstance(one, RecordAnswer)]
    assert kept.shown_text == "Pain: how well?"


def test_an_edit_of_words_about_what_was_unticked() -> None:
    """Nor does an edit, and an edit of words about what is still picked does."""
    person = unticked("answered")
    assert person.tell(Edited("m-because of it", "other words")).answers == {"why[cost]": "other words"}
    person = (
        Person(RATED).taps("Pain", "Cost", "Done").types("3").tell(Replied("9 March", "day")).types("why")
    )
    person.taps_at(0, "Pain")
    assert person.tell(Edited("m-why", "other words")).answers == {}


def test_what_was_open_at_the_end_loses_its_buttons() -> None:
    """Whoever stops has no buttons left that do nothing."""
    assert Person(flow_of(one("q", "red", "blue"), one("z", "a"))).taps("Red").types("stop").traces == {
        0: trace("Red"),
        1: CHOSEN_NOTHING,
    }


CONSENTS = flow_of(
    consent("part", on_decline="bye"),
    consent("again", purpose="contact_again"),
    consent("words", purpose="use_words"),
    end("done"),
    end("bye", outcome="declined"),
)


def consents_put_again(*asks: int) -> Person:
    """Two consents are given and the third is asked; then 'Change' is tapped under these questions, one by one."""
    person = Person(CONSENTS).taps("I agree").taps("I agree")
    for ask in asks:
        changes(person, ask)
    return person


def test_a_question_to_come_back_to_loses_its_buttons_at_the_end() -> None:
    """Two consents are put again, and taking part is taken back: what waited below them can not be tapped any more."""
    person = consents_put_again(1, 0)
    assert (person.open, person.state.back_to) == ("part", ("words",))
    assert person.traces[3] == trace("I agree"), "it was left, and stands as it was answered"
    person.taps("No").taps("Change it")
    assert (person.state.outcome, person.traces[2]) == (Outcome.DECLINED, CHOSEN_NOTHING)
    buttons = [ask for ask in person.asked if ask not in person.traces]
    assert [person.state.asks[ask].slot for ask in buttons] == ["@answer_undo"]


@pytest.mark.parametrize("asks", [(0,), (1,), (1, 0), (0, 1)])
@pytest.mark.parametrize("last", [(), ("No",), ("later",), ("No", "help"), ("No", "Keep it")])
def test_nothing_that_waited_keeps_its_buttons_after_stop(
    asks: tuple[int, ...], last: tuple[str, ...]
) -> None:
    """Questions put again, those to come back to, a change that is asked about, a menu: all lose their buttons."""
    person = consents_put_again(*asks)
    for said in last:
        if said in ("No", "Keep it"):
            person.taps(said)
        else:
            person.types(said)
    person.types("stop")
    assert [ask for ask, prompt in person.asked.items() if prompt.options and ask not in person.traces] == []


def test_a_read_back_to_come_back_to_loses_its_buttons_at_the_end() -> None:
    """A no to a read-back opens the menu of what to change; 'stop' there leaves neither of them to be tapped."""
    person = Person(flow_of(text("a"), text("b"), confirm("q", "a", "b"))).types("x", "y").taps("Change it")
    person.types("stop")
    assert (person.traces[2], person.traces[3]) == (CHOSEN_NOTHING, CHOSEN_NOTHING)


def test_back_twice_shows_what_was_answered_in_between() -> None:
    """Who goes back two questions passes one: it shows its answer again, and can be changed."""
    person = Person(flow_of(one("a", "x", "y"), one("b", "x", "y"), text("z"))).taps("X").taps("Y")
    person.types("back", "back")
    assert (person.open, person.traces[3]) == ("a", trace("Y"))
    assert changes(person, 3).open == "b"


def test_the_last_answer_shows_what_was_chosen() -> None:
    """A question whose answer ends the conversation was answered: it can be changed."""
    assert Person(flow_of(one("q", "red", "blue"))).taps("Red").traces == {0: trace("Red")}


def test_what_was_open_when_a_change_ended_it() -> None:
    """An old answer is changed so that the conversation ends in the middle of another question."""
    steps = [
        one("q", "on", "off"),
        one("a", "x", when="q == 'on'"),
        one("b", "x", when="q == 'on'"),
        end("bye"),
    ]
    person = Person(flow_of(*steps)).taps("On", "X").taps_at(0, "Off").taps("Change it")
    assert person.traces == {0: trace("Off"), 1: trace("X"), 2: CHOSEN_NOTHING, 3: Trace(("Change it",))}
    assert "Ask b?" in person.taps("Undo").texts


@pytest.mark.parametrize("said", ["Change it", "no"])
@pytest.mark.parametrize("way", ["Change", "back"])
def test_a_no_to_an_old_read_back_whose_question_is_open(said: str, way: str) -> None:
    """The question is put again already, by 'Change' or 'back': once it is answered the new words are read back."""
    person = Person(flow_of(text("a"), confirm("q", "a"), text("z"))).types("x").taps("Yes")
    if way == "Change":
        changes(person, 0)
    else:
        person.types("back", "back")
    assert person.open == "a"
    for _ in range(2):
        if said == "no":
            assert person.tell(TextSubmitted(1, said)).texts == ["This question is open, further down."]
        else:
            person.taps_at(1, said)
            assert (person.texts, person.toasts) == ([], ["This question is open, further down."])
    assert person.types("y").texts == ["Right q?"]
    assert person.taps("Yes").texts == ["Ask z?"]
    assert person.state.back_to == ()


def test_two_read_backs_of_the_same_answers() -> None:
    """A no to both: one menu is open, and the conversation comes back to each."""
    steps = [text("a"), text("b"), confirm("q", "a", "b"), confirm("r", "a", "b"), text("z")]
    person = Person(flow_of(*steps)).types("x", "y").taps("Yes").taps("Yes")
    person.taps_at(3, "Change it").taps_at(2, "Change it")
    assert (person.texts, person.toasts) == ([], ["This question is open, further down."])
    person.tell(Tapped(person.state.aside, 0)).types("new")
    assert (person.open, person.taps("Yes").open, person.taps("Yes").open) == ("q", "r", "z")


BACK_TO_ONE = confirm("q", "a")
BACK_TO_TWO = confirm("q", "a", "b")


@pytest.mark.parametrize(
    ("steps", "typed", "tap"),
    [
        ([one("q", "red", "blue"), text("z")], (), "Red"),
        ([one("q", "red", "blue")], (), "Red"),
        ([one("q", "red", "blue", required=False), text("z")], (), "Skip"),
        ([one("q", "red", "blue", required=False)], (), "Skip"),
        ([text("q", required=False), text("z")], (), "Skip"),
        ([many("q", "a", "b", required=False), text("z")], (), "Skip"),
        ([SCALE, text("z")], (), "3"),
        ([DATE, text("z")], (), "Today"),
        ([NUMBER | {"bands": BANDS}, text("z")], (), "1 to 4"),
        ([consent("q"), text("z")], (), "I agree"),
        ([consent("q", on_decline="bye"), text("z"), end("bye", outcome="declined")], (), "No"),
        ([consent("q"), text("z")], (), "No"),
        ([consent("q", purpose="use_words"), text("z")], (), "No"),
        ([one("q", "red", "blue"), consent("k"), end("bye", outcome="declined")], (), "Red"),
        ([text("a"), BACK_TO_ONE, text("z")], ("words",), "Yes"),
        ([text("a"), BACK_TO_ONE, text("z")], ("words",), "Change it"),
        ([text("a"), text("b"), BACK_TO_TWO, text("z")], ("words", "more"), "Change it"),
        ([text("a"), text("b"), BACK_TO_TWO, text("z")], ("words", "more"), "Yes"),
    ],
)
def test_the_same_tap_twice_says_nothing_wrong(
    steps: list[dict[str, Any]], typed: tuple[str, ...], tap: str
) -> None:
    """Whatever the question and wherever it leads: no message, no answer, and the conversation as it was."""
    person = Person(flow_of(*steps)).types(*typed)
    ask = person.state.open
    after = person.taps_at(ask, tap).state
    person.taps_at(ask, tap)
    assert (person.texts, person.kept, person.state) == ([], [], after)
    assert person.toasts in ([], ["This question is open, further down."])


HEARD = say("heard", "I heard you.", when="q != null")


@pytest.mark.parametrize(
    ("steps", "texts"),
    [
        ([HEARD, text("z")], ["I heard you.", "Ask z?"]),
        ([text("z")], ["That is fine.", "Ask z?"]),
        ([say("s", "Else.", when="q == 'x'"), text("z")], ["That is fine.", "Ask z?"]),
        ([end("bye", text="Goodbye.")], ["That is fine.", "Goodbye."]),
    ],
)
@pytest.mark.parametrize("reply", ["no", "nothing else", "I don't know", "..."])
def test_a_probe_that_adds_nothing_is_acknowledged_once(
    steps: list[dict[str, Any]], texts: list[str], reply: str
) -> None:
    """What the script says to the answer is enough; where it says nothing, one kind line comes."""
    probe = {"when": "words < 6", "text": "A bit more?"}
    assert Person(flow_of(text("q", probe=probe), *steps)).types("It was ok", reply).texts == texts


def test_a_day_answers_nothing_but_the_question_for_a_day() -> None:
    """Where that is not asked, what comes next is asked, and is not answered by the day."""
    own = {"choice": "else", "question": "day"}
    steps = (
        one("q", "same", "else", own_words=own),
        {**DATE, "key": "day", "when": "false"},
        text("z"),
        end("bye"),
    )
    person = Person(flow_of(*steps)).types("no, 1 July")
    assert (person.answers, person.open, person.texts) == ({"q": "else"}, "z", ["Ask z?"])


def asked_when(language: str = "en") -> Person:
    """Somebody who is asked for a day, then for a rating."""
    return Speaker(language, DATE, {**SCALE, "key": "r"}, text("t"), end("done"))


SUNDAY = "I take that as Sunday, 8 March 2026. If you meant another day, just write it."


def test_a_day_that_may_be_another_is_said_back():
    """'Next Sunday' is kept, and said with its date and weekday before the conversation goes on."""
    person = asked_when().types("next Sunday")
    assert person.answers == {"q": "2026-03-08"}
    assert person.texts[0].startswith(SUNDAY)
    assert "How well?" in person.texts[-1]


@pytest.mark.parametrize("words", ["9 March", "in two weeks", "tomorrow"])
def test_a_day_named_in_full_is_not(words):
    """Who names a day in full is not told it."""
    assert not any("I take that" in said for said in asked_when().types(words).texts)


def test_taps_are_not_said_back():
    """Nor is a shortcut that was tapped, or typed by its label."""
    assert not any("I take that" in said for said in asked_when().taps("Today").texts)
    assert not any("I take that" in said for said in asked_when().types("Today").texts)


@pytest.mark.parametrize("words", ["no, the 10th", "the 10th", "No. 10 March", "no, 10.3."])
def test_another_day_puts_it_right(words):
    """Another day, after a no or alone, changes the answer, and the open question is shown again."""
    person = asked_when().types("next Sunday", words)
    assert person.answers == {"q": "2026-03-10"}
    assert "Tuesday, 10 March 2026" in person.texts[0]
    assert person.open == "r"


def test_the_same_day_is_said_again():
    """Who names the same day is told so once more, and nothing changes."""
    person = asked_when().types("next Sunday", "no, the 8th")
    assert person.answers == {}
    assert person.texts[0].startswith(SUNDAY)
    assert person.open == "r"


def test_a_number_answers_the_open_question():
    """Digits alone are no day: they answer what is asked now, and then the day stands."""
    person = asked_when().types("next Sunday", "4")
    assert person.answers == {"r": 4}
    person.types("no, the 10th")
    assert person.answers.get("q") is None
    assert person.state.answers["q"].value == "2026-03-08"


def test_a_day_out_of_bounds_is_refused():
    """A day that the question does not allow changes nothing, and why is said."""
    bounded = {**DATE, "earliest_days": 0}
    person = Person(flow_of(bounded, {**SCALE, "key": "r"}, end("done"))).types(
        "next Sunday", "no, yesterday"
    )
    assert person.answers == {}
    assert person.texts[0] == "Please give a day that is not before 2 March 2026."
    assert person.open == "r"
    assert person.remarks == []


def test_a_day_answers_the_next_question_for_a_day():
    """Where a day is asked next, a day answers it; after a no it puts the one before right."""
    asked = flow_of(DATE, {**DATE, "key": "r"}, end("done"))
    assert Person(asked).types("next Sunday", "10 March").answers == {"r": "2026-03-10"}
    assert Person(asked).types("next Sunday", "no, 10 March").answers == {"q": "2026-03-10"}


def test_an_edited_day_is_said_back():
    """Who edits the message to another such day is told which one it is now."""
    person = asked_when().types("next Sunday").tell(Edited("m-next Sunday", "next Monday"))
    assert person.answers == {"q": "2026-03-09"}
    assert "Monday, 9 March 2026" in person.texts[0]


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("de", "nächsten Sonntag", "Sonntag, 8. März 2026"),
        ("fr", "dimanche prochain", "dimanche 8 mars 2026"),
        ("ar", "الأحد القادم", "الأحد، 8 مارس 2026"),
    ],
)
def test_a_day_is_said_back_in_the_language(language, words, said):
    """The day is written with its weekday as the language of the conversation has it."""
    assert said in asked_when(language).types(words).texts[0]
