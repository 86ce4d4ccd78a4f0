"""At a read-back: the name of what was read back changes it, and words that say nothing are not asked for for ever."""

import pytest

from flows.engine.effects import AnswerStatus, RecordAnswer, RecordCommitment
from flows.engine.state import GivenAnswer
from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import Person, confirm, do, end, flow_of, one, text

LOCALIZATIONS = Localizations((), LanguagePolicy(allow_drafts=True))
PLAN = "At the next visit I hand the sheet in plain words to all my patients"
REPLIES = {
    "c0": "yes",
    "c0_follow": "no",
    "c1": "1",
    "c2": "1",
    "c3": "4",
    "c4": PLAN,
    "c6": "today",
    "c7": "4",
    "c8": "4",
}
"""What is said to each question; all others are skipped."""
NAMED = {
    "en": {"c6": "The start|start|the start is wrong", "c5": "When I see, I will|when I see"},
    "de": {"c6": "Der Beginn|Beginn|der Beginn stimmt nicht"},
    "es": {"c6": "El comienzo|comienzo"},
    "fr": {"c6": "Le début|début|le début n'est pas juste"},
    "it": {"c6": "L'inizio|inizio"},
    "pt": {"c6": "O início|início"},
    "ar": {"c6": "البداية|بداية"},
}
"""What people write at 'Shall I save this?', and the question that it names."""
NOTHING_NAMED = {
    "en": "well|it is not as I meant it|what you will|2024",
    "de": "na ja|so habe ich das nicht gemeint",
    "es": "a ver|no es lo que quise decir",
    "fr": "bof|ce n'est pas ce que je voulais dire",
    "it": "boh|non era questo che intendevo",
    "pt": "bem|não era isto que eu queria dizer",
    "ar": "لا أدري|ليس هذا ما قصدته",
}


def at_the_read_back(language: str) -> Person:
    """A clinician who is asked whether their commitment is to be saved."""
    person = Person(library()["hcp_commitment"], facts_named("hcp"), localizations=LOCALIZATIONS)
    if language != "en":
        person.types(f"language {name_of(language)}")
    while person.open != "c10[0]":
        person.types(REPLIES.get(str(person.open).partition("[")[0], "skip"))
    assert person.state.language == language
    return person


def saved_at_the_end(person: Person) -> RecordCommitment:
    """The commitment as it is saved, once all that is asked after the read-back is left out."""
    while person.open != "c11[0]":
        person.types("skip")
    [saved] = [one for one in person.kept if isinstance(one, RecordCommitment)]
    return saved


@pytest.mark.parametrize("language", NAMED)
def test_what_is_named_is_asked_again(language):
    """A short name, or a word that stands in no other short name there, puts that question and comes back."""
    for key, said in NAMED[language].items():
        for words in said.split("|"):
            person = at_the_read_back(language).types(words)
            assert person.open == f"{key}[0]", words
            assert person.types("tomorrow" if key == "c6" else "When I see one, I will ask").open == "c10[0]"


@pytest.mark.parametrize("language", NOTHING_NAMED)
def test_two_misses_go_on_unconfirmed(language):
    """What says nothing is asked about once; then it is saved, not confirmed, and that is said."""
    first, second = (NOTHING_NAMED[language].split("|") * 2)[:2]
    person = at_the_read_back(language).types(first)
    assert person.open == "c10[0]"
    person.types(second)
    [kept] = [one for one in person.kept if isinstance(one, RecordAnswer)]
    assert (kept.slot, kept.value, kept.status) == ("c10[0]", None, AnswerStatus.UNPARSED)
    assert any(say(Sentence.CONFIRM_PASSED, language) in told for told in person.texts)
    assert person.open == "c7[0]"
    assert not saved_at_the_end(person).confirmed


def test_a_yes_confirms():
    """Saved by its button it is confirmed; also afterwards, under the read-back that was passed."""
    saved = saved_at_the_end(at_the_read_back("en").types("yes"))
    assert saved.confirmed
    passed = at_the_read_back("en").types("well", "hm")
    assert not saved_at_the_end(passed).confirmed
    passed.taps("Save it")
    [again] = [one for one in passed.kept if isinstance(one, RecordCommitment)]
    assert (again.slot, again.confirmed) == (saved.slot, True)


def test_a_no_with_a_name_needs_no_menu():
    """'No, the start is wrong' leads there at once; a no alone asks which."""
    assert at_the_read_back("en").types("no, the start").open == "c6[0]"
    assert at_the_read_back("en").types("no").texts == [say(Sentence.CHANGE_WHICH, "en")]


def test_words_that_could_name_two_name_none():
    """Nothing is guessed: it is asked again."""
    person = at_the_read_back("en").types("when I see, the start")
    assert person.open == "c10[0]"


def test_what_is_said_instead_is_a_remark():
    """Words at a read-back tell what is not right: they are kept, however few."""
    person = at_the_read_back("en").types("only for those above seventy years")
    assert person.remarks == ["only for those above seventy years"]
    assert person.types("that is, after their first cycle").remarks == ["that is, after their first cycle"]


def test_a_change_resets_the_misses():
    """Whoever changed something is shown the read-back anew, and is not passed over at the next miss."""
    person = at_the_read_back("en").types("well", "start", "tomorrow", "hm")
    assert person.open == "c10[0]"


def test_a_read_back_of_one_answer_is_passed_too():
    """Any read-back of data: the conversation goes on, and its answer says that nobody confirmed it."""
    script = flow_of(one("q", "red", "blue"), confirm("c", "q"), text("z"), end("bye"))
    person = Person(script).types("red", "hm", "well")
    assert person.open == "z"
    assert person.state.answers["c"] == GivenAnswer(None, AnswerStatus.UNPARSED)


def test_one_that_ends_otherwise_waits():
    """Nobody declines by words that were not understood."""
    script = flow_of(one("q", "red", "blue"), confirm("c", "q"), end("bye", outcome="declined"))
    person = Person(script).types("red", "hm", "well", "what")
    assert person.open == "c"


def test_an_unconfirmed_commitment_beside_a_confirmed_one():
    """Each round has its own read-back."""
    fields = {"fields": {"statement": "q"}}
    script = flow_of(text("q"), confirm("c", "q"), do("save", **fields), text("p"), end("bye"))
    person = Person(script).types("words of mine", "hm", "well")
    assert [one.confirmed for one in person.kept if isinstance(one, RecordCommitment)] == [False]
