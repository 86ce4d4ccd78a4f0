"""What can happen to an answer: corrections, words that work everywhere, replies that cannot be read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from flows.engine.effects import (
    AnswerStatus,
    EndConversation,
    Outcome,
    Pause,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    Restart,
    Snooze,
    Withdraw,
)
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    MediaKind,
    MediaSent,
    Picked,
    Reminded,
    Replied,
    Resumed,
    Started,
    Tapped,
    TextSubmitted,
)
from flows.engine.state import decode_state
from flows.errors import ConversationOver, StateUnreadable
from flows.i18n.say import Sentence
from flows.i18n.say import say as say_of
from tests.support.engine_world import (
    Person,
    Speaker,
    confirm,
    consent,
    do,
    end,
    flow_of,
    many,
    one,
    say,
    text,
)

CORRECTED = "I have changed that answer."
COLOURS = one("q", "red", "blue")
UNREAD = "I could not match that to a choice. Please pick one, or type its number, such as 2."
STORY = "nobody had told her anything about it before that day"
KEPT = "Thank you. I keep this for the team."


def statuses(person: Person) -> list[AnswerStatus]:
    return [kept.status for kept in person.kept if isinstance(kept, RecordAnswer)]


def test_old_button_corrects() -> None:
    """A tap on an old button corrects that answer; the open question stays open under its number."""
    person = Person(flow_of(COLOURS, text("a"), text("b"))).taps("Red").types("x")
    ask = person.state.open
    person.taps_at(0, "Blue")
    assert person.answers == {"q": "blue"}
    assert person.texts == [CORRECTED, "Ask b?"]
    assert person.state.open == ask
    assert [kept.corrects for kept in person.kept if isinstance(kept, RecordAnswer)] == [True]


def test_double_tap() -> None:
    """The same button twice changes nothing and says nothing."""
    person = Person(flow_of(COLOURS, text("a"))).taps("Red")
    person.taps_at(0, "Red")
    assert (person.kept, person.heard) == ([], [])


def test_correction_that_leads_elsewhere() -> None:
    """A correction that makes other questions apply puts those, and then comes back to where the conversation was."""
    flow = flow_of(COLOURS, text("r", when="q == 'red'"), text("b", when="q == 'blue'"), text("z"))
    person = Person(flow).taps("Red").types("because")
    assert person.open == "z"
    person.taps_at(0, "Blue")
    assert person.open == "b"
    assert person.types("why not").open == "z"


def test_correction_of_a_later_answer_while_back() -> None:
    """Who has gone back and then taps a later button stays at the question they went back to."""
    person = Person(flow_of(text("a"), COLOURS, text("z"))).types("x").taps("Red").types("back", "back")
    assert person.open == "a"
    person.taps_at(1, "Blue")
    assert (person.answers, person.open) == ({"q": "blue"}, "a")
    assert person.types("y").open == "z"


def test_old_ticks_correct_at_once() -> None:
    """A tick under an earlier question is kept at once, and the message shows it."""
    person = Person(flow_of(many("q", "a", "b"), text("z"))).taps("A", "Done")
    person.taps_at(0, "B")
    assert person.answers == {"q": ["a", "b"]}
    assert [option.picked for option in person.refreshed[0].options[:2]] == [True, True]
    person.taps_at(0, "A").taps_at(0, "B")
    assert (person.toasts, person.texts) == (["Please pick at least 1."], [])


@pytest.mark.parametrize(
    ("step", "first", "event", "value"),
    [
        ({"key": "q", "kind": "date", "text": "?"}, "today", DatePicked(0, date(2026, 3, 9)), "2026-03-09"),
        (text("q"), "one", TextSubmitted(0, "two"), "two"),
        (text("q"), "one", Edited("m-one", "two"), "two"),
        (COLOURS, "red", Edited("m-red", "the 2nd"), "blue"),
        (many("q", "a", "b"), "a", Picked(0, (1,)), ["b"]),
        (many("q", "a", "b"), "a", Edited("m-a", "1 and 2"), ["a", "b"]),
    ],
)
def test_every_way_corrects(step: dict[str, Any], first: str, event: Event, value: Any) -> None:
    """A date picker, a form, checkboxes and an edited message correct an earlier answer too."""
    person = Person(flow_of(step, text("z"))).types(first).tell(event)
    assert (person.answers, person.open) == ({"q": value}, "z")
    assert person.texts[0] == CORRECTED


def test_edit_that_cannot_be_read() -> None:
    """An edit that cannot be read leaves the answer as it was, and says so; its words are a remark."""
    person = Person(flow_of(COLOURS, text("z"))).types("red").tell(Edited("m-red", "banana"))
    assert person.remarks == ["banana"]
    assert person.texts == [KEPT, UNREAD, "That answer stays as it was."]


def test_edit_of_an_unread_message() -> None:
    """Editing the message that could not be read answers the open question."""
    person = Person(flow_of(COLOURS, text("z"))).types("banana").tell(Edited("m-banana", "blue"))
    assert (person.answers, person.open) == ({"q": "blue"}, "z")


def test_edit_of_an_unknown_message() -> None:
    """An edit of a message that gave no answer changes nothing."""
    person = Person(flow_of(COLOURS)).tell(Edited("m-other", "blue"))
    assert (person.kept, person.heard) == ([], [])


def test_correction_repeats_the_effect_that_used_it() -> None:
    """A commitment that was recorded is recorded again with the corrected words, and only that one."""
    steps = [text("c"), one("n", "x", "y"), do("save", fields={"statement": "c"}), one("more", "yes", "no")]
    block = {"key": "b", "kind": "block", "repeat": {"up_to": 2, "while": "more == 'yes'"}, "steps": steps}
    person = Person(flow_of(block, text("z"))).types("First", "x", "yes", "Second", "x")
    person.tell(Edited("m-First", "1st"))
    assert [kept for kept in person.kept if isinstance(kept, RecordCommitment)] == [
        RecordCommitment("save[0]", {"statement": "1st"})
    ]
    person.taps_at(1, "Y")
    assert not [kept for kept in person.kept if isinstance(kept, RecordCommitment)]


def test_old_consent() -> None:
    """A consent given or taken back later is a decision of its own, and leads where it says."""
    flow = flow_of(
        consent("c", on_decline="bye"), text("a"), text("b"), end("bye", outcome="declined", text="Bye.")
    )
    person = Person(flow).taps("I agree").types("x")
    person.taps_at(0, "No").taps("Change it")
    assert [kept.granted for kept in person.kept if isinstance(kept, RecordConsent)] == [False]
    assert EndConversation(Outcome.DECLINED) in person.kept


def test_correction_after_the_end() -> None:
    """An answer can be put right after the end, once that was asked; a double tap there says nothing."""
    person = Person(flow_of(COLOURS, do("save", fields={"statement": "q"}), end("bye"))).taps("Red")
    person.taps_at(0, "Blue").taps("Change it")
    assert person.texts == [CORRECTED]
    assert RecordCommitment("save", {"statement": "blue"}) in person.kept
    person.taps_at(0, "Blue")
    assert (person.kept, person.heard) == ([], [])
    assert person.state.outcome is Outcome.COMPLETED


def test_change_after_the_end() -> None:
    """A read-back cannot be opened again after the end; that is said."""
    person = Person(flow_of(text("a"), confirm("c", "a"), end("bye"))).types("x").taps("Yes")
    person.taps_at(1, "Change it")
    assert person.texts == ["This talk is over, so I can not change it here. Your answers are safe."]


def test_change_through_an_old_read_back() -> None:
    """'Change it' on an old read-back asks again, reads back again and returns to the open question."""
    flow = flow_of(text("a"), confirm("c", "a", text="So {a}?"), text("z"), text("zz"))
    person = Person(flow).types("x").taps("Yes").types("y")
    person.taps_at(1, "Change it")
    assert person.open == "a"
    assert person.types("w").texts == ["So w?"]
    assert person.taps("Yes").open == "zz"


@pytest.mark.parametrize("event", [Replied("hi"), MediaSent(MediaKind.VOICE), Reminded(), Resumed()])
def test_over(event: Event) -> None:
    """Whatever is no correction is refused after the end, and changes nothing."""
    person = Person(flow_of(COLOURS)).taps("Red")
    with pytest.raises(ConversationOver):
        person.tell(event)


@pytest.mark.parametrize(
    "event",
    [
        Tapped(0, 99),
        Tapped(99, 0),
        Tapped(-1, -1),
        Picked(0, (0,)),
        DatePicked(0, date(2026, 3, 3)),
        TextSubmitted(9, "x"),
        Started({}, "en"),
    ],
)
def test_events_that_mean_nothing(event: Event) -> None:
    """A button that is not there, or of another kind, changes nothing."""
    person = Person(flow_of(COLOURS))
    before = person.stored
    person.tell(event)
    assert (person.stored, person.kept, person.heard) == (before, [], [])


def test_unreadable_once() -> None:
    """Unreadable once: the words are a remark, which is said, and the question comes again with its choices."""
    person = Person(flow_of(COLOURS, text("z"))).types("banana")
    assert person.texts == [KEPT, "Now one tap, please:", "Ask q?"]
    assert [option.label for option in person.last.options] == ["Red", "Blue", "Skip"]
    assert (person.answers, person.remarks) == ({}, ["banana"])


def test_nothing_in_it() -> None:
    """What says nothing is no remark: a short sentence says what would do."""
    person = Person(flow_of(COLOURS, text("z"))).types("uh, 7")
    assert (person.texts, person.kept) == ([UNREAD, "Ask q?"], [])


def test_a_story_twice() -> None:
    """A story at a tap question is no answer to it, also the second time: it is a remark, and the talk goes on."""
    person = Person(flow_of(COLOURS, text("z"))).types("my mother died", STORY)
    assert (person.remarks, person.answers, person.open) == ([STORY], {"q": None}, "z")
    assert person.texts[0] == "I keep this for the team, too. Let us go on."
    [kept] = [one for one in person.kept if isinstance(one, RecordAnswer)]
    assert (kept.raw, kept.status) == ("", AnswerStatus.UNPARSED)


def test_unreadable_twice() -> None:
    """A few words, unreadable twice, may be meant as an answer: they are kept as they are, and the talk goes on."""
    person = Person(flow_of(COLOURS, text("z"))).types("banana", "a ripe banana")
    kept = person.kept[0]
    assert isinstance(kept, RecordAnswer)
    assert (kept.value, kept.raw, kept.status) == (None, "a ripe banana", AnswerStatus.UNPARSED)
    assert (person.texts[0], person.open) == (
        "I have kept your words as you wrote them. Let us go on.",
        "z",
    )


def test_misses_are_counted_for_each_question() -> None:
    """A miss at one question is forgotten at the next."""
    person = Person(flow_of(COLOURS, {**one("p", "x", "y")}, text("z"))).types("banana", "red", "banana")
    assert person.open == "p"


def test_consent_is_never_assumed() -> None:
    """A consent goes on asking: words that were not understood are no consent. What happens without one is said."""
    person = Person(flow_of(consent("q"), text("z"))).types("hm", "who are you", "why", "what for")
    assert (person.open, person.answers) == ("q", {})
    assert "Without a clear yes or no I go no further" in person.texts[-2]


@pytest.mark.parametrize("word", ["skip", "Skip!", "/skip", "SKIP", "pass", "skpi"])
def test_skip(word: str) -> None:
    """Skip leaves a question out, however it is written."""
    person = Person(flow_of(COLOURS, text("z"))).types(word)
    assert (statuses(person), person.open) == ([AnswerStatus.SKIPPED], "z")


def test_skip_where_an_answer_is_needed() -> None:
    """Where an answer is needed, skip says why and asks again."""
    person = Person(flow_of(consent("q"))).types("skip")
    assert person.texts[0] == "I need an answer here to go on. You can write “stop” if you want to end."
    assert person.open == "q"


def test_old_skip_button() -> None:
    """Skip under an earlier question takes that answer back."""
    person = Person(flow_of(COLOURS, text("z"))).taps("Red")
    person.taps_at(0, "Skip")
    assert (statuses(person), person.answers) == ([AnswerStatus.SKIPPED], {"q": None})


def test_back() -> None:
    """Back returns to the question before; an answer there corrects the old one; nothing is asked twice."""
    person = Person(flow_of(text("a"), text("b"), say("s", "Half."), text("c"))).types(
        "1", "2", "back", "back"
    )
    assert person.open == "a"
    person.types("one")
    assert (person.answers, person.open) == ({"a": "one"}, "c")
    assert person.texts == ["Ask c?"]


def test_back_with_the_same_answer() -> None:
    """Giving the same answer again after going back keeps nothing new."""
    person = Person(flow_of(text("a"), text("b"))).types("1", "back", "1")
    assert (person.kept, person.open) == ([], "b")


def test_back_at_the_first_question() -> None:
    """There is nothing before the first question."""
    person = Person(flow_of(text("a"))).types("back")
    assert person.texts == ["This is the first question. There is nothing to go back to.", "Ask a?"]


def test_pause_and_on() -> None:
    """After a pause, whatever is written is an answer."""
    person = Person(flow_of(text("a"), text("b"))).types("pause")
    assert person.kept == [Pause()]
    assert person.state.paused
    person.types("x")
    assert (person.answers, person.open, person.state.paused) == ({"a": "x"}, "b", False)


@pytest.mark.parametrize(
    ("reply", "until"),
    [
        ("This evening", datetime(2026, 3, 2, 18, tzinfo=UTC)),
        ("1", datetime(2026, 3, 2, 18, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("next week", datetime(2026, 3, 9, 9, tzinfo=UTC)),
        ("on Friday", datetime(2026, 3, 6, 9, tzinfo=UTC)),
    ],
)
def test_later(reply: str, until: datetime) -> None:
    """Later asks when, in the person's own time zone; the open question stays open."""
    person = Person(flow_of(text("a")), {"participant": {"timezone": "Europe/Vienna"}}).types("later")
    assert person.texts == ["When should I come back?"]
    person.types(reply)
    assert person.kept == [Snooze(until)]
    assert (person.open, person.state.paused) == ("a", True)
    assert person.types("my answer").answers == {"a": "my answer"}


def test_later_without_a_time() -> None:
    """Who says later and then nothing clear is asked once more, and is then left in peace."""
    person = Person(flow_of(text("a"))).types("later", "hm")
    assert person.texts[-1] == "When should I come back?"
    assert person.types("dunno").kept == [Pause()]


def test_later_and_then_an_answer() -> None:
    """A button of the open question still answers it while 'when' is being asked."""
    person = Person(flow_of(COLOURS, text("z"))).types("later").taps("Red")
    assert (person.answers, person.open, person.state.aside) == ({"q": "red"}, "z", None)


@pytest.mark.parametrize("before", [(), ("later",), ("pause",), ("banana",)])
def test_stop(before: tuple[str, ...]) -> None:
    """Stop ends at once, at every step, and asks nothing."""
    person = Person(flow_of(COLOURS)).types(*before, "STOP")
    assert person.kept == [Withdraw(), EndConversation(Outcome.WITHDRAWN)]
    assert len(person.heard) == 1


def test_stop_is_never_shadowed() -> None:
    """A choice named Stop can be tapped; typed, the word stops."""
    flow = flow_of(one("q", "stop", "back"), text("z"))
    assert Person(flow).types("stop").kept == [Withdraw(), EndConversation(Outcome.WITHDRAWN)]
    assert Person(flow).taps("Stop").answers == {"q": "stop"}


def test_a_choice_comes_before_other_words() -> None:
    """A choice whose label is one of the other words that work everywhere is that choice."""
    assert Person(flow_of(text("a"), one("q", "stop", "back"))).types("x", "Back").answers == {"q": "back"}


def test_stop_in_an_edit_or_a_form() -> None:
    """Stop stops wherever it is written."""
    for event in (Edited("m-x", "stop"), TextSubmitted(0, "stop")):
        person = Person(flow_of(text("a"), text("b"))).types("x").tell(event)
        assert Withdraw() in person.kept


def test_help() -> None:
    """Help names the words and the team, and shows the question again."""
    person = Person(flow_of(COLOURS), {"program": {"contact": "team@example.org"}}).types("help")
    assert "team@example.org" in person.texts[0]
    assert person.texts[1] == "Ask q?"


def test_restart() -> None:
    """Restart ends this conversation; the host begins a new one."""
    person = Person(flow_of(text("a"))).types("restart")
    assert person.kept == [EndConversation(Outcome.RESTARTED), Restart()]


@pytest.mark.parametrize("kind", list(MediaKind))
def test_media(kind: MediaKind) -> None:
    """What is no words gets a kind answer, and is no miss."""
    person = Person(flow_of(COLOURS)).tell(MediaSent(kind))
    assert len(person.texts) == 1
    assert (person.kept, person.state.misses, person.open) == ([], 0, "q")


@pytest.mark.parametrize("event", [Reminded(), Resumed()])
def test_reminder_and_return(event: Event) -> None:
    """A reminder and the end of a pause say a gentle line and show the question under its old number."""
    person = Person(flow_of(COLOURS, text("z"))).types("later").tell(event)
    assert person.texts[1] == "Ask q?"
    assert person.last.ask == 0
    assert person.taps("Red").open == "z"


def test_a_reminder_knows_what_was_answered() -> None:
    """Who has answered is told that it is kept; who has only agreed to take part may not have seen the question."""
    begun = Person(flow_of(COLOURS, text("z"))).taps("Red").tell(Reminded())
    assert begun.texts == [say_of(Sentence.REMINDER_BEGUN, "en"), "Ask z?"]
    agreed = Person(flow_of(consent("c"), COLOURS, text("z"))).taps("I agree").tell(Reminded())
    assert agreed.texts == [say_of(Sentence.REMINDER, "en"), "Ask q?"]


def test_words_are_put_in_byte_for_byte() -> None:
    """What a person wrote is quoted as it is, and never read as a placeholder."""
    words = "{q} {{x}} {program.team} \\n %s <b>*_~` unicode\u202e \U0001f600"
    person = Person(flow_of(text("q"), say("s", 'You said "{q}".'), text("z", text="{{{q}}}"))).types(words)
    assert person.texts == [f'You said "{words}".', "{" + words + "}"]


@pytest.mark.parametrize("stored", ["", "nonsense", "{}", '{"language":"en","sealed_facts":{},"version":99}'])
def test_state_of_another_version(stored: str) -> None:
    """A stored state that this program does not read is refused with a clear error."""
    with pytest.raises(StateUnreadable):
        decode_state(stored)


BACK = {
    "en": "continue|I want to go on|I'm back|ok, let's continue|ready|please go on",
    "de": "weiter|ich möchte weitermachen|bin wieder da|ja, weiter geht's",
    "es": "seguir|quiero continuar|ya estoy aquí|sí, sigamos",
    "fr": "continuer|on continue|me revoilà|oui, continuons",
    "it": "continua|andiamo avanti|eccomi|sì, continuiamo",
    "pt": "continuar|já voltei|vamos continuar|sim, continuemos",
    "ar": "متابعة|عدت|أريد المتابعة|نعم، لنكمل",
}


@pytest.mark.parametrize("language", list(BACK))
def test_whoever_paused_and_is_back_is_asked_again(language):
    """That somebody wants to go on is no answer to the question that waits: a story is."""
    for words in BACK[language].split("|"):
        person = Speaker(language, text("z"), end("bye")).types("/pause", words)
        assert person.texts == [say_of(Sentence.WELCOME_BACK, language), "Ask z?"], words
        assert (person.answers, person.remarks, person.state.paused) == ({}, [], False)
        assert person.types("They never called back").answers == {"z": "They never called back"}


def test_to_go_on_is_an_answer_where_nobody_paused_or_it_is_a_label():
    """'Continue' may be a button, and 'ready' what somebody tells."""
    assert Person(flow_of(text("z"), end("bye"))).types("ready").answers == {"z": "ready"}
    person = Person(flow_of(one("q", "continue", "no"), end("bye"))).types("pause", "continue")
    assert person.answers == {"q": "continue"}
    person = Person(flow_of(text("z"), end("bye"))).types("pause", "I'm back in hospital since then")
    assert person.answers == {"z": "I'm back in hospital since then"}


TYPED_ONLY = flow_of(
    one("d", "full", "partly"), confirm("c", "d", when="d != null", typed_only=True), text("z"), end("bye")
)


@pytest.mark.parametrize(
    ("reply", "open_"),
    [
        ("Full", "z"),
        ("full", "z"),
        (" FULL ", "z"),
        ("1", "z"),
        ("skip", "z"),
        ("partly I think", "c"),
        ("the first one", "c"),
    ],
)
def test_only_what_was_understood_from_words_is_read_back(reply: str, open_: str) -> None:
    """A label as it stands, its number and a skip are clear; other words are read back before they count."""
    assert Person(TYPED_ONLY).types(reply).open == open_


def test_a_tap_is_not_read_back() -> None:
    """Nor is a tap that takes the place of typed words; words after a tap are read back."""
    person = Person(TYPED_ONLY).types("the first one")
    assert person.open == "c"
    assert person.taps("Partly").open == "z"
    assert Person(TYPED_ONLY).taps("Full").types("back", "the second one").open == "c"
