"""Words that are no choice, where the script takes them as the person's own."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import RecordAnswer, SendMessage
from flows.engine.events import Edited, Replied, Started
from flows.engine.state import ConversationState
from flows.i18n.say import Sentence, say
from flows.script.model import Flow
from tests.support.engine_world import NOW, end, flow_of, one, text
from tests.support.said_in_a_row import steps_of

FLOW = flow_of(
    text("first"),
    {**one("pick", "red", "blue", "own"), "own_words": {"choice": "own", "question": "words"}},
    text("words"),
    text("after"),
    end("bye"),
)
SENTENCE = "Paint every wall in green on Monday"


def at_pick(flow: Flow = FLOW) -> ConversationState:
    """The conversation with the choice open."""
    begun = advance(flow, None, Started({}, flow.language), now=NOW)
    return advance(flow, begun.state, Replied("xyz", "m1"), now=NOW).state


def test_a_sentence_is_the_persons_own() -> None:
    """It stands for the choice and answers the next question, with what was asked then; what was taken is said."""
    result = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW)
    kept = {effect.slot: effect for effect in result.effects if isinstance(effect, RecordAnswer)}
    assert {slot: effect.value for slot, effect in kept.items()} == {"pick": "own", "words": SENTENCE}
    assert kept["words"].shown_text == kept["pick"].shown_text
    said = [
        step.text
        for effect in result.effects
        if isinstance(effect, SendMessage)
        for step in steps_of(effect.prompt)
    ]
    assert said == [say(Sentence.OWN_WORDS, "en", words=SENTENCE), "Ask after?"]


def test_an_edited_message_corrects_the_words() -> None:
    """The message belongs to the words, so editing it changes them and not the pick."""
    taken = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW).state
    state = advance(FLOW, taken, Edited("m2", "Paint one wall"), now=NOW).state
    assert state.answers["words"].value == "Paint one wall"
    assert state.answers["pick"].value == "own"


def test_words_written_before_stay() -> None:
    """Back at the choice, a sentence does not silently take the place of the words written before."""
    taken = advance(FLOW, at_pick(), Replied(SENTENCE, "m2"), now=NOW).state
    back = advance(FLOW, advance(FLOW, taken, Replied("back"), now=NOW).state, Replied("back"), now=NOW).state
    state = advance(FLOW, back, Replied("Leave the walls as they are", "m3"), now=NOW).state
    assert state.answers["words"].value == SENTENCE


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("banana", "en"),
        ("ok then", "en"),
        ("I do not know yet", "en"),
        ("None of these fit me", "en"),
        ("Which one is best for me?", "en"),
        ("1 and 3", "en"),
        ("the first or the second one", "en"),
        ("no sé qué elegir ahora", "es"),
        ("je ne sais pas encore", "fr"),
        ("weiß nicht was ich nehmen soll", "de"),
        ("non lo so ancora bene", "it"),
        ("nenhuma destas serve para mim", "pt"),
        ("لا أعرف ماذا أختار", "ar"),
        ("ما هو الأفضل لي؟", "ar"),
    ],
)
def test_what_is_no_sentence_of_ones_own(words: str, language: str) -> None:
    """A word or two, a question, numbers and 'I do not know' are asked again: nothing is made a promise by accident."""
    flow = flow_of(*FLOW.model_dump(by_alias=True, exclude_none=True)["steps"], language=language)
    state = advance(flow, at_pick(flow), Replied(words, "m2"), now=NOW).state
    assert "pick" not in state.answers
    assert state.misses == 1


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Dar un plan escrito a cada familia", "es"),
        ("Donner un plan écrit à chaque famille", "fr"),
        ("Jeder Familie einen schriftlichen Plan geben", "de"),
        ("Dare un piano scritto a ogni famiglia", "it"),
        ("Dar um plano escrito a cada família", "pt"),
        ("إعطاء خطة مكتوبة لكل عائلة", "ar"),
    ],
)
def test_sentences_of_every_language(words: str, language: str) -> None:
    """A sentence is one in each language."""
    flow = flow_of(*FLOW.model_dump(by_alias=True, exclude_none=True)["steps"], language=language)
    state = advance(flow, at_pick(flow), Replied(words, "m2"), now=NOW).state
    assert (state.answers["pick"].value, state.answers["words"].value) == ("own", words)
