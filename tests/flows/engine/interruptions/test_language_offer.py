"""The offer of another language in a conversation: made once, only a yes switches, and nothing is lost by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.advance import advance
from flows.engine.effects import SetLanguage
from flows.engine.events import (
    Edited,
    Event,
    LanguageDetected,
    MediaKind,
    MediaSent,
    Reminded,
    Replied,
    Resumed,
    Tapped,
    TextSubmitted,
)
from flows.engine.interruptions.safety_notice import RISK_TIER, SafetyNotice
from flows.engine.state import Care, decode_state, encode_state, is_over
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.i18n.say import Sentence, say
from tests.support.engine_world import NOW, Person, end, flow_of, one, text

LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=("en", "es", "fr")))
FLOW_STEPS = one("colour", "red", "blue", "human"), text("why", required=False), text("more"), end("bye")
FLOW = flow_of(*FLOW_STEPS)
OFFER = say(Sentence.LANGUAGE_OFFER, "es")
IN_SPANISH, IN_ENGLISH = say(Sentence.LANGUAGE_SET, "es"), say(Sentence.LANGUAGE_SET, "en")
SPANISH = LanguageDetected("es")


def somebody(*texts: str, localizations: Localizations = LOCALIZATIONS) -> Person:
    """A person in an English conversation."""
    return Person(FLOW, localizations=localizations).types(*texts)


def offered(*texts: str) -> Person:
    """A person who is offered Spanish."""
    person = somebody(*texts).tell(SPANISH)
    assert person.texts == [OFFER]
    return person


def choices(person: Person) -> set[str]:
    return {effect.language for effect in person.kept if isinstance(effect, SetLanguage)}


@pytest.mark.parametrize(
    ("words", "language"), [("Español, por favor", "es"), ("French", "fr"), ("Deutsch", None)]
)
def test_a_language_alone_under_choices_is_a_wish(words, language):
    """Somebody who cannot read the choices names a language, and has them in it, where it can be had."""
    assert choices(somebody(words)) == ({language} if language else set())


def test_who_we_are_is_said_again_in_the_chosen_language():
    """Before the first answer a change of language begins anew; after it only the open question comes."""
    greeting = {"key": "hello", "kind": "say", "text": "Hello."}
    person = Person(flow_of(greeting, *FLOW_STEPS), localizations=LOCALIZATIONS).types("language español")
    assert person.texts[:2] == [IN_SPANISH, "Hello."]
    assert person.types("red", "language english").texts[0] == IN_ENGLISH
    assert "Hello." not in person.texts


def test_a_language_alone_as_own_words_is_an_answer():
    """Under a question for words, the name of a language is what it says."""
    assert choices(somebody("red", "Spanish")) == set()


def test_the_offer_is_made_in_the_other_language():
    """Its words and its buttons are Spanish, the conversation is English still, and the question goes on waiting."""
    person = offered()
    [prompt] = person.heard
    assert (prompt.language, [option.label for option in prompt.options]) == ("es", ["Sí", "No"])
    assert (person.state.language, person.open, choices(person)) == ("en", "colour", set())


@pytest.mark.parametrize(
    "words", ["sí", "si", "yes", "Sí.", "1", "claro", "español", "Spanish", "language spanish"]
)
def test_a_yes_switches(words):
    """A yes in either language, its number or the language's name: the choice is kept, the question put again."""
    person = offered().types(words)
    assert person.state.language == "es"
    assert choices(person) == {"es"}
    assert person.texts == [IN_SPANISH, "Ask colour?"]
    assert person.answers == {}


@pytest.mark.parametrize("words", ["no", "No gracias", "no thanks", "2", "nein", "English", "skip", "back"])
def test_a_no_leaves_all_as_it_is(words):
    """A no, the conversation's own language, or a word that gives the offer up: the question comes again, unchanged."""
    person = offered().types(words)
    assert person.state.language == "en"
    assert person.texts[-1] == "Ask colour?"
    assert (person.open, person.state.aside, person.answers) == ("colour", None, {})


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(["no"], id="declined"),
        pytest.param(["red"], id="left alone"),
        pytest.param(["sí"], id="accepted"),
        pytest.param(["sí", "language english"], id="accepted and taken back"),
    ],
)
def test_it_is_offered_once(before):
    """Whatever became of the offer, there is no second one in this conversation."""
    person = offered().types(*before)
    for language in ("es", "fr", "en"):
        assert person.tell(LanguageDetected(language)).heard == []
        assert person.kept == []


@pytest.mark.parametrize("word", ["language english", "language french"])
def test_a_choice_by_word_comes_first(word):
    """Whoever named a language before is offered none."""
    person = somebody(word)
    assert person.tell(SPANISH).heard == []


@pytest.mark.parametrize(
    ("language", "localizations"),
    [
        ("en", LOCALIZATIONS),
        ("de", LOCALIZATIONS),
        ("es", Localizations(policy=LanguagePolicy(only=("en",)))),
        ("es", None),
    ],
)
def test_what_cannot_be_had_is_not_offered(language, localizations):
    """The conversation's own language, and one in which it is not offered."""
    person = Person(FLOW, localizations=localizations)
    assert person.tell(LanguageDetected(language)).heard == []


@pytest.mark.parametrize(
    "texts", [["stop"], ["red", "a", "b"], ["pause"], ["later"], ["until 3 August"], ["language"]]
)
def test_no_offer_where_it_would_disturb(texts):
    """Over, stopped, paused, away, or under another question of the bot's own: nothing is said, nor changed."""
    person = somebody(*texts)
    before = person.stored
    person.tell(SPANISH)
    assert (person.heard, person.kept, person.stored) == ([], [], before)


def test_nothing_is_offered_to_somebody_at_risk():
    """While the script is halted, help is all that is shown."""
    person = somebody()
    notice = SafetyNotice(RISK_TIER, reportable=False, ask=(), care=Care("112"))
    result = advance(
        LocalizedFlow(FLOW, LOCALIZATIONS), decode_state(person.stored), Replied("x"), now=NOW, notice=notice
    )
    halted = advance(LocalizedFlow(FLOW, LOCALIZATIONS), result.state, SPANISH, now=NOW)
    assert (halted.effects, halted.state) == ((), result.state)


@pytest.mark.parametrize(
    ("words", "slot", "value"),
    [("blue", "colour", "blue"), ("the red one", "colour", "red"), ("Human", "colour", "human")],
)
def test_an_answer_to_the_question_is_one(words, slot, value):
    """What is no answer to the offer answers the question that waits, also where the label is a global word."""
    person = offered().types(words)
    assert person.answers == {slot: value}
    assert (person.open, person.state.language, person.state.aside) == ("why", "en", None)


def test_a_long_answer_that_begins_with_no_is_an_answer():
    """Words under an open question are kept whole."""
    person = offered("red").types("no me dijeron nada de los mareos, y por eso me asusté mucho")
    assert person.answers == {"why": "no me dijeron nada de los mareos, y por eso me asusté mucho"}


def test_buttons_and_forms_of_the_question_work():
    """A tap on the question's own button, and a form under it, pass the offer by."""
    assert offered().tell(Tapped(0, 1)).answers == {"colour": "blue"}
    person = offered("red")
    assert person.tell(TextSubmitted(1, "for the sea")).answers == {"why": "for the sea"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("help", Sentence.HELP),
        ("ayuda", Sentence.HELP),
        ("pause", Sentence.PAUSED),
        ("later", Sentence.LATER_WHEN),
        ("stop", Sentence.STOPPED),
        ("parar", Sentence.STOPPED),
        ("language", Sentence.LANGUAGE_WHICH),
        ("restart", Sentence.RESTARTED),
    ],
)
def test_global_words_work_under_an_offer(word, said):
    """Each does what it does at any question, in either language."""
    assert offered().types(word).texts[0].startswith(say(said, "en", contact="…")[:20])


def test_reminders_and_pauses_give_it_up():
    """Silence is a no: the reminder asks the question, not the offer, and in the language of the conversation."""
    for event in (Reminded(), Resumed()):
        person = offered().tell(event)
        assert (person.texts[-1], person.state.aside, person.state.language) == ("Ask colour?", None, "en")


def test_taps_on_an_old_offer():
    """A late yes is the person's choice still; a late no, a second yes and a button that is not there do nothing."""
    person = offered().types("red")
    offer = next(ask for ask, asked in enumerate(person.state.asks) if asked.slot == "@offer")
    for option in (1, 2, -1):
        assert person.tell(Tapped(offer, option)).heard == []
    assert person.tell(Tapped(offer, 0)).texts == [IN_SPANISH, "Ask why?"]
    assert (person.state.language, choices(person)) == ("es", {"es"})
    assert person.tell(Tapped(offer, 0)).heard == []
    person.types("a", "b")
    assert is_over(person.state)
    assert person.tell(Tapped(offer, 0)).heard == []


def test_a_late_yes_leaves_another_question_open():
    """'When should I come back?' goes on waiting, in the new language."""
    person = offered().types("later")
    person.taps_at(1, "Sí")
    assert person.texts == [IN_SPANISH, say(Sentence.LATER_WHEN, "es")]
    assert person.state.asks[person.state.aside].slot == "@later"


def test_an_older_state_is_read():
    """A conversation that was stored before there were offers goes on, and can have one."""
    person = somebody()
    assert "chose_language" not in person.stored
    assert encode_state(decode_state(person.stored)) == person.stored


WORDS = st.sampled_from(
    ["red", "Human", "back", "help", "later", "pause", "banana", "no", "7", "2", "resume"]
)
EVENTS = st.one_of(
    WORDS.map(Replied),
    st.builds(Tapped, st.integers(0, 6), st.integers(1, 3)),
    st.sampled_from(["es", "fr", "de", "en"]).map(LanguageDetected),
    st.just(MediaSent(MediaKind.VOICE)),
    st.builds(Edited, st.just("m-red"), WORDS),
    st.just(Reminded()),
)


@given(events=st.lists(EVENTS, max_size=12))
def test_nothing_switches_without_a_yes(events: list[Event]):
    """Whatever happens, as long as nobody says yes, the conversation stays English and at most one offer is made."""
    state = decode_state(somebody().stored)
    offers = 0
    for event in events:
        if is_over(state):
            break
        result = advance(LocalizedFlow(FLOW, LOCALIZATIONS), state, event, now=NOW)
        state = result.state
        offers += sum(
            OFFER in repr(effect) or say(Sentence.LANGUAGE_OFFER, "fr") in repr(effect)
            for effect in result.effects
        )
        assert state.language == "en"
        assert not any(isinstance(effect, SetLanguage) for effect in result.effects)
    assert offers <= 1
