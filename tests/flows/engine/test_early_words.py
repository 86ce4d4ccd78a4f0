"""Words of before the open question: what still works, what is joined, and what is not taken."""

from datetime import UTC, datetime

import pytest

from flows.engine.advance import advance
from flows.engine.compiled import compile_flow
from flows.engine.early_words import JoinedWords, edited_words, joined_words
from flows.engine.effects import (
    CHANGE_OPTION,
    AnswerStatus,
    Outcome,
    RecordAnswer,
    RecordConsent,
    SendMessage,
)
from flows.engine.events import Edited, Replied, Sight, Started, Tapped, TextSubmitted
from flows.engine.interruptions.safety_notice import RISK_TIER, ReportQuestion, SafetyNotice
from flows.engine.state import Care, encode_state
from flows.i18n.say import Sentence, say
from tests.support.engine_world import consent, end, flow_of, many, one, text
from tests.support.said_in_a_row import steps_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FLOW = flow_of(
    text("story"),
    text("name", personal=True),
    one("pick", "x", "y"),
    many("more", "p", "q"),
    {"key": "n", "kind": "number", "text": "N?"},
    {"key": "d", "kind": "date", "text": "D?"},
    consent("agree", purpose="use_words", on_decline="bye"),
    text("last"),
    end("bye", text="Bye."),
)


class Talk:
    """A conversation that is told event by event."""

    def __init__(self, flow=FLOW):
        self.flow = flow
        self.state = None
        self.play(Started({}, "en"))

    def play(self, event, notice=None):
        result = advance(self.flow, self.state, event, now=NOW, notice=notice)
        self.state = result.state
        self.effects = result.effects
        return self

    def reply(self, words, message_id=None, sight=Sight.SEEN):
        return self.play(Replied(words, message_id, sight))

    def early(self, words, message_id=None, sight=Sight.BEFORE):
        return self.reply(words, message_id, sight)

    @property
    def said(self):
        return [
            step.text for one in self.effects if isinstance(one, SendMessage) for step in steps_of(one.prompt)
        ]

    @property
    def kept(self):
        return [
            (one.slot, one.value) for one in self.effects if isinstance(one, RecordAnswer | RecordConsent)
        ]

    @property
    def open(self):
        return None if self.state.open is None else self.state.asks[self.state.open].slot


def at(slot):
    """A conversation whose open question is this one."""
    talk = Talk()
    replies = {
        "story": "It hurt",
        "name": "Ann",
        "pick": "x",
        "more": "p",
        "n": "3",
        "d": "1 May",
        "agree": "yes",
    }
    while talk.open != slot:
        talk.reply(replies[talk.open], f"of-{talk.open}")
    return talk


CLOSED = ("pick", "more", "n", "d", "agree")


@pytest.mark.parametrize("slot", CLOSED)
@pytest.mark.parametrize("words", ["x", "1", "yes", "no", "3", "1/5", "skip", "p, q", "👍"])
@pytest.mark.parametrize("sight", [Sight.BEFORE, Sight.UNREAD])
def test_no_closed_answer_is_made_of_early_words(slot, words, sight):
    """The question stays open, nothing is kept, and it is shown again only where nothing shows it after the words."""
    talk = at(slot)
    talk.early(words, sight=sight)
    assert talk.open == slot
    assert talk.kept == []
    shown = [] if sight is Sight.BEFORE else [say(Sentence.TOO_EARLY, "en")]
    assert talk.said[:1] == shown


def test_own_words_are_joined_in_order():
    """Two more messages before the next question: one answer, corrected twice."""
    talk = Talk().reply("It hurt.", "m1").early("All night.", "m2").early("And day.", "m3")
    assert talk.kept == [("story", "It hurt.\nAll night.\nAnd day.")]
    assert talk.said == []
    assert talk.open == "name"


def test_unread_words_are_joined_and_the_question_comes_again():
    """The writer sees that nothing was lost, and what is asked."""
    talk = Talk().reply("It hurt.", "m1").early("All night.", "m2", Sight.UNREAD)
    assert talk.kept == [("story", "It hurt.\nAll night.")]
    assert talk.said[0] == say(Sentence.ADDED_TO_ANSWER, "en")
    assert len(talk.said) == 2


def test_a_message_that_comes_twice_is_said_once():
    """An app that sends again what it thought lost."""
    talk = Talk().reply("It hurt.", "m1").early("It hurt.", "m2")
    assert talk.kept == []


def test_a_personal_answer_takes_nothing_up():
    """What belongs to a name would stay out of all exports."""
    talk = at("pick").early("I was born in May.")
    assert talk.kept == []


def test_a_part_is_edited_in_its_place():
    """Each message of a joined answer is edited alone; an answer that is given anew forgets its parts."""
    talk = Talk().reply("It hurt.", "m1").early("All night.", "m2")
    assert talk.play(Edited("m2", "All day.")).kept == [("story", "It hurt.\nAll day.")]
    assert talk.play(Edited("m1", "It burned.")).kept == [("story", "It burned.\nAll day.")]
    talk.play(TextSubmitted(0, "Nothing."))
    assert talk.state.joined == {}
    assert talk.play(Edited("m2", "So.")).kept == [("story", "So.")]


def parts(talk):
    return [part.words for part in talk.state.joined.get("story", ())]


def over_with_two_parts():
    """A conversation that has ended; its one answer was joined of two messages."""
    return Talk(LONE).reply("It hurt.", "m1").early("All night.", "m2")


def decides(talk, option):
    """Tap a button of the newest of our questions."""
    return talk.play(Tapped(len(talk.state.asks) - 1, option))


def test_an_undo_keeps_the_parts():
    """After the end an edit of a part is asked about; made, undone and made again, each part is edited alone still."""
    talk = over_with_two_parts().play(Edited("m2", "All day."))
    assert parts(talk) == ["It hurt.", "All night."]
    assert decides(talk, 0).kept == [("story", "It hurt.\nAll day.")]
    assert parts(talk) == ["It hurt.", "All day."]
    assert decides(talk, 0).kept == [("story", "It hurt.\nAll night.")]
    assert parts(talk) == ["It hurt.", "All night."]
    decides(talk.play(Edited("m1", "It burned.")), 0)
    assert talk.kept == [("story", "It burned.\nAll night.")]


def test_an_edit_that_is_not_wanted_changes_no_part():
    """Left as it was, the answer goes on with the words of before."""
    talk = decides(over_with_two_parts().play(Edited("m2", "All day.")), 1)
    assert parts(talk) == ["It hurt.", "All night."]
    decides(talk.play(Edited("m1", "It burned.")), 0)
    assert talk.kept == [("story", "It burned.\nAll night.")]


def test_an_undo_of_other_words_brings_the_parts_back():
    """Words from a form replace the whole; undone, it is of two messages again."""
    talk = decides(over_with_two_parts().play(TextSubmitted(0, "Nothing.")), 0)
    assert parts(talk) == []
    decides(talk, 0)
    assert parts(talk) == ["It hurt.", "All night."]


def test_a_part_is_edited_while_its_question_is_open_again():
    """'Change' was tapped, and then one of the messages was edited instead: the other part stays."""
    talk = Talk().reply("It hurt.", "m1").early("All night.", "m2")
    talk.play(Tapped(0, CHANGE_OPTION))
    assert talk.open == "story"
    assert talk.play(Edited("m2", "All day.")).kept == [("story", "It hurt.\nAll day.")]
    assert (talk.open, parts(talk)) == ("name", ["It hurt.", "All day."])


@pytest.mark.parametrize(
    ("message", "words"),
    [("m2", JoinedWords("It hurt.\nAll night.", "It hurt.\nx")), ("m3", None), ("other", None)],
)
def test_what_an_edit_makes_of_the_whole(message, words):
    """For the safety scan: the answer before and after; none for the whole of an answer, and for no answer."""
    talk = Talk().reply("It hurt.", "m1").early("All night.", "m2").reply("Ann", "m3")
    assert edited_words(talk.state, message, "x") == words


@pytest.mark.parametrize(("words", "outcome"), [("stop", Outcome.WITHDRAWN), ("restart", Outcome.RESTARTED)])
def test_what_works_everywhere_works(words, outcome):
    """Nobody must have seen a question to leave."""
    assert at("agree").early(words).state.outcome is outcome


@pytest.mark.parametrize("words", ["help", "pause", "I am away until 1 June", "back"])
def test_what_asks_for_something_is_granted(words):
    """And is no answer."""
    talk = at("agree").early(words)
    assert talk.effects
    assert not [one for one in talk.effects if isinstance(one, RecordConsent)]


def test_after_the_end_they_belong_to_the_last_answer():
    """The second half of a text that was cut in two."""
    talk = at("last").reply("It was good,", "m1")
    assert talk.state.outcome is Outcome.COMPLETED
    talk.early("mostly.", "m2")
    assert talk.kept == [("last", "It was good,\nmostly.")]
    assert talk.said == []


def test_taps_and_forms_name_their_question():
    """They are never early."""
    talk = at("pick")
    assert talk.play(Tapped(talk.state.open, 0)).kept == [("pick", "x")]
    assert talk.play(TextSubmitted(talk.state.open, "q")).kept == [("more", ["q"])]


@pytest.mark.parametrize(
    ("slot", "joined"),
    [("name", JoinedWords("It hurt", "It hurt\nmore")), ("pick", None), ("n", None), ("story", None)],
)
def test_what_they_would_be_joined_to(slot, joined):
    """For the safety scan, which reads the whole."""
    talk = at(slot)
    assert joined_words(compile_flow(FLOW), talk.state, Replied("more")) == joined


RISK = SafetyNotice(RISK_TIER, False, (), Care("112"))
LONE = flow_of(text("story"), end("bye", text="Bye."))


def test_harmless_words_beside_words_that_halted_the_script_hide_them_still():
    """Words that are added, and a change of another part: the whole still has the words that are not shown again."""
    talk = Talk().play(Replied("I want to die", "m1"), notice=RISK).early("and so on", "m2")
    assert talk.state.risky == ("story",)
    talk.reply("Go on with the questions")
    talk.play(Edited("m2", "and on"))
    assert talk.kept == [("story", "I want to die\nand on")]
    assert talk.state.risky == ("story",)
    talk.play(TextSubmitted(0, "It hurt."))
    assert talk.state.risky == ()


@pytest.mark.parametrize("sight", [Sight.BEFORE, Sight.UNREAD])
@pytest.mark.parametrize("words", ["yes", "sorry, wrong button"])
def test_what_follows_the_farewell_is_no_part_of_the_last_answer(words, sight):
    """A change is asked about after the end, and the words came before that could be read."""
    talk = Talk(LONE).reply("A", "m1").play(Edited("m1", "B"))
    [question] = talk.said
    talk.early(words, "m2", sight)
    assert talk.kept == []
    told = [] if words == "yes" else [say(Sentence.REMARK_KEPT, "en")]
    assert talk.said == told + ([] if sight is Sight.BEFORE else [question])


def test_parts_outlive_a_change_that_was_asked_about():
    """Two messages are edited after the end, each asked about: the first stays when the second is changed."""
    talk = Talk(LONE).reply("A", "m1").early("B", "m2")
    talk.play(Edited("m1", "A2")).reply("yes")
    assert talk.play(Edited("m2", "B2")).reply("yes").kept == [("story", "A2\nB2")]


def test_a_change_that_was_refused_is_not_made_by_words_that_are_added():
    """The answer is as it was, and the words stand after it."""
    talk = Talk(LONE).reply("A", "m1").early("B", "m2")
    talk.play(Edited("m1", "A2")).reply("no")
    assert talk.early("C", "m3").kept == [("story", "A\nB\nC")]


def test_the_part_before_is_the_newest_message_of_the_answer():
    """An answer was given anew, then another message came: the edit is of the words that stand."""
    talk = Talk().reply("It hurt.", "m1").play(Tapped(0, CHANGE_OPTION)).reply("It burned.", "m2")
    talk.early("All night.", "m3")
    assert talk.play(Edited("m2", "It stung.")).kept == [("story", "It stung.\nAll night.")]


NONE_THEN_PICK = flow_of(
    consent("agree"), text("story"), one("pick", "x", "y"), text("last"), end("bye", text="Bye.")
)
FIRST_HALF = "They looked at my blood counts for a long time"
SECOND_HALF = "and the doctor said that we stay on the same plan."


@pytest.mark.parametrize("notice", [None, SafetyNotice(0, True, (ReportQuestion.WHICH,), Care("112"))])
def test_the_second_half_of_a_remark_is_no_answer(notice):
    """A story at a tap question was cut in two, after an answer that told nothing: both halves are remarks."""
    talk = Talk(NONE_THEN_PICK).reply("yes").reply("thanks", "m1").play(Replied(FIRST_HALF, "m2"), notice)
    talk.early(SECOND_HALF, "m3")
    assert talk.kept == []
    assert talk.state.answers["story"].status is AnswerStatus.NONE
    assert set(talk.state.remarks) == {"m2", "m3"}


def test_what_follows_nothing_at_once_is_the_story():
    """'Thanks' at once and the story behind it: it belongs to the question that both were written to."""
    talk = Talk(NONE_THEN_PICK).reply("yes").reply("thanks", "m1").early(FIRST_HALF, "m2")
    assert talk.kept == [("story", FIRST_HALF)]


def test_an_answer_that_is_held_until_consent_takes_up_the_second_half():
    """What was cut in two before the consent is recorded whole once it is given."""
    talk = Talk(
        flow_of(text("story"), consent("agree", on_decline="bye"), text("last"), end("bye", text="Bye."))
    )
    talk.reply("It hurt,", "m1").early("mostly.", "m2")
    assert talk.kept == []
    recorded = [one for one in talk.reply("yes").effects if isinstance(one, RecordAnswer)]
    assert recorded[0].value == "It hurt,\nmostly."


@pytest.mark.parametrize("held", [True, False])
def test_no_word_stays_in_the_state_without_consent(held):
    """Joined words go with the others when consent is not given, or is taken back."""
    asked = [text("story"), consent("agree", on_decline="bye")]
    talk = Talk(flow_of(*(asked if held else asked[::-1]), text("last"), end("bye", text="Bye.")))
    if held:
        talk.reply("It hurt,", "m1").early("mostly.", "m2").reply("no")
    else:
        talk.reply("yes").reply("It hurt,", "m1").early("mostly.", "m2")
        talk.play(Tapped(0, 1)).reply("yes")
    assert talk.state.answers.keys() <= {"agree"}
    assert "mostly" not in encode_state(talk.state)
