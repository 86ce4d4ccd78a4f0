"""The words that work everywhere: each of them, in every language, in a conversation of any language, at any step."""

from collections.abc import Iterator
from functools import cache

import pytest

from flows.engine.advance import advance
from flows.engine.effects import (
    AskFor,
    Effect,
    Pause,
    RecordAnswer,
    RequestKind,
    Restart,
    SendMessage,
    Withdraw,
)
from flows.engine.events import Replied
from flows.engine.state import ConversationState
from flows.formats.yaml_source import read_source
from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.vocabulary import FOLDER, languages, vocabulary
from flows.script.loader import library
from flows.script.model import Flow
from tests.support.dialogue_facts import facts_named
from tests.support.engine_world import NOW, Person
from tests.support.said_in_a_row import steps_of
from tests.support.step_kinds import STEPS, at_step

WORDED = [name for name in languages() if all(vocabulary(name).globals[word] for word in GlobalWord)]
"""The languages that have a word for each."""


@cache
def written(language: str) -> dict[str, str]:
    """The words of a language as its file has them."""
    found: dict[str, str] = read_source(FOLDER / f"{language}.yaml").value["globals"]
    return found


def phrases(language: str, word: GlobalWord) -> Iterator[str]:
    """What people type for a word."""
    return (phrase.strip() for phrase in written(language)[word.value].replace("،", ",").split(","))


def done(flow: Flow, before: ConversationState, words: str) -> tuple[ConversationState, tuple[Effect, ...]]:
    """What comes of these words."""
    result = advance(flow, before, Replied(words, "m2"), now=NOW)
    return result.state, result.effects


@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("conversation", languages())
def test_every_word_of_every_language_at_every_step(conversation: str, kind: str) -> None:
    """Said in any language, a word does what its command does, whatever is asked and in which language."""
    flow, before = at_step(kind, conversation)
    for word in GlobalWord:
        by_command = done(flow, before, f"/{word.value}")
        for language in WORDED:
            known = [
                phrase for phrase in phrases(language, word) if global_word(phrase, conversation) is word
            ]
            assert known, f"no word of {language} for {word.value} is understood in {conversation}"
            assert done(flow, before, known[0]) == by_command, (language, known[0])


@pytest.mark.parametrize("kind", STEPS)
def test_what_the_commands_do(kind: str) -> None:  # noqa: PLR0912 - one case a command
    """Each word does its own at every kind of step."""
    flow, before = at_step(kind, "en")
    for word in GlobalWord:
        state, effects = done(flow, before, f"/{word.value}")
        sent = [effect.prompt for effect in effects if isinstance(effect, SendMessage)]
        said = [step.text for step in steps_of(*sent)]
        match word:
            case GlobalWord.SKIP:
                skipped = [effect.status for effect in effects if isinstance(effect, RecordAnswer)]
                assert skipped == ["skipped"] or said[0] == say(Sentence.SKIP_NOT_HERE, "en")
            case GlobalWord.BACK:
                assert said == ["Ask first?"]
            case GlobalWord.TIME_ZONE:
                assert said[1] == say(Sentence.ZONE_HOW, "en")
            case GlobalWord.LATER:
                assert state.aside is not None
                assert state.asks[state.aside].slot == "@later"
            case GlobalWord.HELP:
                assert len(said) == 2
            case GlobalWord.LANGUAGE:
                assert said[0] == say(Sentence.LANGUAGE_ONLY, "en")
            case GlobalWord.PAUSE:
                assert Pause() in effects
            case GlobalWord.STOP:
                assert Withdraw() in effects
            case GlobalWord.LEAVE if kind == "confirm":
                assert said == ["Ask first?"]  # it has one answer to change
            case GlobalWord.LEAVE:
                assert said == [say(Sentence.LEAVE_WHICH, "en")]
                assert state.asks[state.aside or 0].slot == "@leave"
            case GlobalWord.RESTART:
                assert Restart() in effects
            case _:
                assert AskFor(RequestKind(word.value)) in effects


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("arrêtez", "fr", "stop"),
        ("Arrêtez tout !", "fr", "stop"),
        ("ça suffit", "de", "leave"),
        ("para", "es", "stop"),
        ("¡Basta!", "es", "leave"),
        ("basta", "it", "leave"),
        ("quiero salir", "en", "leave"),
        ("aufhören", "de", "stop"),
        ("Ich möchte abbrechen", "de", "leave"),
        ("توقف", "ar", "stop"),
        ("قف", "ar", "stop"),
        ("اوقفوا الرسائل", "ar", "stop"),
        ("أوقفوا الرسائل", "fr", "stop"),
        ("quero sair", "pt", "leave"),
        ("Parem", "pt", "stop"),
        ("prefiero no decirlo", "es", "skip"),
        ("keine Angabe", "de", "skip"),
        ("je préfère ne pas le dire", "fr", "skip"),
        ("أفضل ألا أجيب", "ar", "skip"),
        ("I'd rather not say", "en", "skip"),
        ("ora non ho tempo", "it", "later"),
        ("agora não tenho tempo", "pt", "later"),
        ("Ich habe gerade keine Zeit", "de", "later"),
        ("ليس لدي وقت الآن", "ar", "later"),
        ("un momentito", "es", "pause"),
        ("vorrei parlare con qualcuno", "it", "human"),
        ("عايز أكلم حد", "ar", "human"),
    ],
)
def test_as_people_say_them(text: str, language: str, word: str) -> None:
    """The words in the forms that people use."""
    assert global_word(text, language) == word


ANSWERS = {
    "en": (
        "I had to stop my medicine",
        "They stop and listen",
        "help with the pills",
        "back pain",
        "later that day",
    ),
    "es": (
        "no tengo tiempo para hablar",
        "para mí fue difícil",
        "basta con que escuchen",
        "la espera",
        "alto",
    ),
    "fr": (
        "il faut arrêter les douleurs",
        "assez bien",
        "pas assez de temps",
        "retour à la maison",
        "une minute",
    ),
    "de": (
        "ich möchte aufhören zu rauchen",
        "am Ende war es gut",
        "halt schwierig",
        "zurück ins Leben",
        "Pausen",
    ),
    "it": ("basta che mi ascoltino", "fermi immobili", "dopo la visita", "la fine del mese", "salti d'umore"),
    "pt": (
        "para mim é difícil",
        "chega tarde o médico",
        "voltar a andar",
        "a espera",
        "pare de fumar, disse ele",
    ),
    "ar": (
        "توقف الألم بعد العلاج",
        "أريد أن يتوقف الألم",
        "بعدين تحسنت",
        "دقيقة واحدة فقط مع الطبيب",
        "مساعدة الممرضة لي",
    ),
}


@pytest.mark.parametrize("language", ANSWERS)
def test_in_an_answer_they_are_none(language: str) -> None:
    """A sentence that holds such a word, or a word that only looks like one, is an answer in its own language."""
    for answer in ANSWERS[language]:
        flow, before = at_step("text", language)
        state, _ = done(flow, before, answer)
        assert state.answers["it"].value == answer


LATER = {
    "en": ("later", "not now"),
    "ar": ("لاحقا", "ليس الآن"),
    "de": ("später", "jetzt nicht"),
    "es": ("más tarde", "ahora no"),
    "fr": ("plus tard", "pas maintenant"),
    "it": ("più tardi", "non ora"),
    "pt": ("mais tarde", "agora não"),
}
"""The word of the help and the reminders, and what people say to 'Are you ready to start?'."""


@pytest.mark.parametrize("language", LATER)
@pytest.mark.parametrize(
    ("flow", "facts"), [("patient_interview", "patient"), ("hcp_follow_up", "hcp_wave_late_alone")]
)
def test_later_is_no_answer_where_people_are_asked_to_begin_or_for_a_start(
    language: str, flow: str, facts: str
) -> None:
    """'Not now' is not 'No thanks', which would end it all; 'later' is not 'Another date' under the start of a plan."""
    localizations = Localizations((), LanguagePolicy(allow_drafts=True))
    for words in LATER[language]:
        person = Person(library()[flow], facts_named(facts), localizations=localizations)
        if language != "en":
            person.types(f"language {name_of(language)}")
        before = person.open
        person.types(words)
        assert (person.texts, person.open) == ([say(Sentence.LATER_WHEN, language)], before)
