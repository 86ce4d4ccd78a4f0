"""Remarks: what answers no question is kept, said back, edited, and becomes an answer where it is one after all."""

import pytest

from flows.engine.effects import EndRemark, ForgetWords, Outcome, RecordAnswer, RecordRemark
from flows.engine.events import Edited, Remarked, Replied, Sight, TextSubmitted
from flows.i18n.say import Sentence, say
from tests.support.engine_world import SCALE, Person, Speaker, confirm, consent, end, flow_of, many, one, text
from tests.support.retelling import LANGUAGES

STORY = "my wife had to carry me up the stairs"
KEPT = say(Sentence.REMARK_KEPT, "en")
TAP = say(Sentence.NOW_ONE_TAP, "en")
HELD = say(Sentence.REMARK_HELD, "en")


def somebody(*steps) -> Person:
    """Somebody who was asked for a colour, and is to be asked for words."""
    return Person(flow_of(*(steps or (one("q", "red", "blue"), text("z"), end("bye")))))


def test_a_story_at_a_tap_question():
    """It is kept from the first time on, with the question that was open, and one tap is asked for."""
    person = somebody().types(STORY)
    [kept] = [effect for effect in person.kept if isinstance(effect, RecordRemark)]
    assert (kept.number, kept.slot, kept.raw, kept.shown_text) == (0, "q", STORY, "Ask q?")
    assert person.texts == [KEPT, TAP, "Ask q?"]


@pytest.mark.parametrize("words", ["yes", "no, thanks", "7", "...", "👍", "I don't know", "ok", "thank you"])
def test_what_says_nothing_is_no_remark(words):
    """Courtesy, numbers, signs: nothing to be read by anybody."""
    person = somebody().types(words)
    assert person.remarks == []


@pytest.mark.parametrize("command", ["help", "later", "pause", "my data", "language"])
def test_a_command_is_no_remark(command):
    """What works everywhere is carried out, and kept nowhere."""
    assert somebody().types(command).remarks == []


def test_a_story_under_a_menu():
    """It goes to nobody's question, and is kept with the script's; a short reply was meant for the menu."""
    person = somebody().types("later")
    assert person.types("banana").remarks == []
    assert person.types("later", STORY).remarks == [STORY]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "my knee hurts"),
        ("de", "20. Januar"),
        ("es", "20 de enero"),
        ("fr", "le 20 janvier"),
        ("ar", "\u0662\u0660 يناير"),
    ],
)
def test_a_few_words_under_a_menu_that_is_given_up(language, words):
    """The first are told to be no choice; of the second nobody is told so, and they are kept."""
    steps = text("a"), text("b"), confirm("c", "a", "b"), text("z")
    for words_before in (("cancel", "banana"), ("x", "y", "cancel", "banana")):
        person = Speaker(language, *steps).types(*words_before)
        assert person.remarks == []
        assert person.types(words).remarks == [words]
        assert person.texts[0] == say(Sentence.REMARK_KEPT, language)


def test_an_absence_with_a_story_in_it():
    """The absence is heard, and the rest is not lost."""
    words = "I am away until Monday, my daughter takes me to the sea for the last time"
    assert somebody().types(words).remarks == [words]
    assert somebody().types("I am away until Monday").remarks == []


def test_words_under_an_earlier_question():
    """Words that quote a question before, and do not answer it, are kept with that one."""
    person = somebody().types("red").tell(TextSubmitted(0, STORY, "m7"))
    [kept] = [effect for effect in person.kept if isinstance(effect, RecordRemark)]
    assert (kept.slot, person.open, person.texts[0]) == ("q", "z", KEPT)


def test_early_words_that_belong_to_nothing():
    """Written before the question could be seen, after a tap: kept, and the question is shown again."""
    person = somebody().tell(Replied(STORY, "m1", Sight.UNREAD))
    assert (person.remarks, person.texts) == ([STORY], [KEPT, say(Sentence.QUESTION_AGAIN, "en"), "Ask q?"])


def test_an_edit_of_a_remark_is_the_same_remark():
    """After the question was answered otherwise, an edit of the words changes the remark alone."""
    person = somebody().types("later", STORY).tell(Edited(f"m-{STORY}", "she carried me"))
    [kept] = [effect for effect in person.kept if isinstance(effect, RecordRemark)]
    assert (kept.number, kept.raw, kept.corrects) == (0, "she carried me", True)


def test_an_edit_that_answers():
    """Where the edited words answer the question, they are a remark no more."""
    person = somebody().types("rad and blee").tell(Edited("m-rad and blee", "red"))
    assert person.answers == {"q": "red"}
    assert [effect for effect in person.kept if isinstance(effect, EndRemark)] == [EndRemark(0, "q")]


def test_before_the_consent_it_is_held():
    """It is recorded with the consent, under the time at which it was said, and said so truly."""
    person = somebody(consent("c"), text("z")).types(STORY)
    assert (person.remarks, person.texts[0]) == ([], HELD)
    assert person.types("I agree").remarks == [STORY]


def test_without_consent_it_is_forgotten():
    """Nothing of it is left, not even in the state."""
    person = somebody(consent("c", on_decline="bye"), text("z"), end("bye", outcome="declined")).types(
        STORY, "no"
    )
    assert any(isinstance(effect, ForgetWords) for effect in person.kept)
    assert STORY not in str(person.state)
    assert person.remarks == []


NOES = {"en": "no", "ar": "لا", "de": "nein", "es": "no", "fr": "non", "it": "no", "pt": "não"}
REASONS = {
    "en": "I was treated badly on that ward last year",
    "ar": "لقد عاملوني معاملة سيئة في ذلك القسم العام الماضي",
    "de": "ich wurde voriges Jahr auf dieser Station schlecht behandelt",
    "es": "el año pasado me trataron mal en esa planta",
    "fr": "on m'a mal traité dans ce service l'année dernière",
    "it": "l'anno scorso mi hanno trattato male in quel reparto",
    "pt": "no ano passado fui maltratado naquele serviço",
}
DECLINED = (consent("c", on_decline="bye"), text("z"), end("bye", outcome="declined"))


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_a_no_with_a_reason_is_told_that_the_reason_is_not_kept(language):
    """Nothing is kept of who declines, and they are not left to think that it is; a bare no needs no such word."""
    lost = say(Sentence.NOT_KEPT, language)
    no = NOES[language]
    person = Speaker(language, *DECLINED).types(f"{no}, {REASONS[language]}")
    assert (person.remarks, lost in person.texts, person.state.outcome) == ([], True, Outcome.DECLINED)
    assert REASONS[language] not in str(person.state)
    assert lost not in Speaker(language, *DECLINED).types(no).texts


def test_what_is_written_under_a_question_after_the_end_without_consent_is_refused_in_words():
    """Also where it names a question of ours, by its thread or a quotation, that waits no more."""
    person = somebody(*DECLINED).types("no").tell(TextSubmitted(0, STORY, "m7"))
    assert person.texts[0] == say(Sentence.NOT_KEPT, "en")
    assert person.remarks == []


def test_words_under_a_decided_change_after_the_consent_was_taken_back():
    """That the answer is changed is no word about what was written there."""
    person = somebody(consent("c", on_decline="bye"), one("q", "red", "blue"), end("bye", outcome="declined"))
    person.types("I agree", "red").tell(TextSubmitted(1, "blue", "m2")).taps("Change it")
    person.tell(TextSubmitted(0, "no", "m3")).types("yes")
    person.tell(TextSubmitted(2, STORY, "m4"))
    assert person.texts[0] == say(Sentence.NOT_KEPT, "en")


def test_after_the_end():
    """Words to no question are a remark of the conversation that ended."""
    person = somebody().types("red", "because").tell(Remarked(STORY, "m9"))
    assert (person.remarks, person.texts) == ([STORY], [KEPT])
    person.tell(Edited("m9", "she carried me"))
    assert person.remarks == ["she carried me"]


def test_words_at_a_read_back():
    """A story at a read-back confirms nothing, and is kept."""
    person = somebody(text("a"), confirm("c", "a"), text("z")).types("x", STORY)
    assert (person.remarks, person.open) == ([STORY], "c")


PICKS = many("q", "pain", "cost", "time", max=2)
NUMBER = {"key": "q", "kind": "number", "text": "How many days?", "min": 0, "max": 30, "unit": "days"}


@pytest.mark.parametrize(
    ("step", "words", "uncertain"),
    [
        (one("q", "red", "blue"), "Red", False),
        (one("q", "red", "blue"), "2", False),
        (one("q", "red", "blue"), "red, please", False),
        (one("q", "red", "blue"), "maybe blue", True),
        (one("q", "red", "blue"), "blue, because it is calm", True),
        (PICKS, "pain, cost", False),
        (PICKS, "1, 3", False),
        (PICKS, "pain and cost", True),
        (NUMBER, "12", False),
        (NUMBER, "12 days", False),
        (NUMBER, "about twelve", True),
        (SCALE, "4", False),
        (SCALE, "4/5", False),
        (text("q"), "maybe blue", False),
    ],
    ids=str,
)
def test_what_was_read_out_of_words_that_do_not_name_it_is_uncertain(step, words, uncertain):
    """Labels, places, lists and plain numbers are certain, and so are own words; all else a person may put right."""
    person = somebody(step, text("z"), end("bye")).types(words)
    found = [effect for effect in person.kept if isinstance(effect, RecordAnswer)]
    if not found:
        pytest.fail(f"{words!r} was not read as an answer")
    assert [effect.uncertain for effect in found] == [uncertain]


def test_a_tap_is_certain_and_so_is_a_consent():
    """A button names its choice; nobody else says what a consent or a read-back means."""
    person = somebody(consent("q"), one("c", "red", "blue"), end("bye"))
    for step in (lambda: person.types("yes"), lambda: person.taps("Red")):
        kept = [effect for effect in step().kept if isinstance(effect, RecordAnswer)]
        assert kept
        assert not any(effect.uncertain for effect in kept)


def test_words_that_could_not_be_read_are_uncertain():
    """Given up after the second time, with the words as they came."""
    person = somebody().types("kgoro", "kgoro mola")
    [kept] = [effect for effect in person.kept if isinstance(effect, RecordAnswer)]
    assert (kept.value, kept.uncertain) == (None, bool(kept.raw))
