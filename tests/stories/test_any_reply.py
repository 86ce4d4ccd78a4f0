"""Replies of any text, in any script: nothing raises, and nothing that was said is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.advance import advance
from flows.engine.effects import Hold, RecordAnswer, RecordRemark
from flows.engine.events import Edited, Replied
from flows.inquiries.reading import read_inquiries
from flows.parsing.commands import global_word
from flows.parsing.language_names import asked_language
from flows.parsing.vocabulary import languages, vocabulary
from tests.support.engine_world import NOW
from tests.support.step_kinds import STEPS, at_step

SCRIPTS = st.sampled_from(
    [
        "Latn",
        "\u0627\u0644\u0623\u0645\u0629\u0649\u064b\u060c\u061b\u0663\u06f7\u066b",
        "\u0915\u093e\u0928",
        "\u4e00\u4e8c\u3000",
        "\u05d0\u05d1",
        "\u0416\u0451",
        "\U0001f642\u200d\ufe0f\u2060",
    ]
)
CHARACTERS = st.characters() | SCRIPTS.flatmap(st.sampled_from) | st.sampled_from(" .,;:-/%\n1237")
WORDS = st.sampled_from(
    sorted(
        phrase
        for name in languages()
        for part in (
            vocabulary(name).yes,
            vocabulary(name).joining,
            vocabulary(name).roughly,
            vocabulary(name).polite,
        )
        for phrase in part
    )
)
REPLIES = st.text(CHARACTERS, max_size=90) | st.lists(
    WORDS | st.text(CHARACTERS, max_size=6), max_size=6
).map(" ".join)


@pytest.mark.parametrize("kind", STEPS)
@settings(max_examples=40)
@given(text=REPLIES, language=st.sampled_from(languages()))
def test_any_reply(kind: str, text: str, language: str) -> None:
    """Two replies of the same text are an answer, a word that works everywhere, or words that are kept, all of them."""
    flow, state = at_step(kind, language)
    first = advance(flow, state, Replied(text, "m2"), now=NOW)
    second = advance(flow, first.state, Replied(text, "m3"), now=NOW)
    advance(flow, second.state, Edited("m3", text), now=NOW)
    effects = [effect for result in (first, second) for effect in result.effects]
    records = [effect for effect in effects if isinstance(effect, RecordAnswer)]
    kept = {effect.raw for effect in effects if isinstance(effect, RecordAnswer | RecordRemark)}
    commanded = global_word(text, language) or asked_language(text) or read_inquiries(text, language)
    announced = any(isinstance(effect, Hold) for effect in effects)  # "até logo", "away until Monday"
    if kind not in MUST_BE_CLEAR and text.strip() and not commanded and not announced:
        assert text in kept or any(record.status == "skipped" for record in records)


MUST_BE_CLEAR = {"consent", "confirm", "select_many"}
"""A consent and a read-back are asked until they are clear, and so are picks that disagree."""
