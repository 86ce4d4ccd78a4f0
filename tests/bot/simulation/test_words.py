"""What synthetic people write has one truth, whatever becomes of it on its way."""

from bot.simulation.phrases import MORE_EVENTS, ORDINARY_PHRASES
from bot.simulation.words import EDITED_WORDS, EVENTS, ORDINARY_WORDS, RISKS, Matter, told_by


def test_each_text_has_one_truth():
    """No text stands under two matters, and an edit changes nothing about it."""
    ordinary = {*ORDINARY_PHRASES, *(text for texts in ORDINARY_WORDS.values() for text in texts)}
    assert not ordinary & {*EVENTS, *RISKS}
    assert not set(EVENTS) & set(RISKS)
    for matter, texts in (
        (Matter.EVENT, EVENTS),
        (Matter.RISK, RISKS),
        (Matter.ORDINARY, ordinary),
    ):
        assert {told_by(text) for text in texts} == {matter}
        assert {told_by(text + EDITED_WORDS) for text in texts} == {matter}


def test_no_text_stands_twice():
    """What is written by several hands is different words, so that no wording weighs more than another."""
    assert len(set(EVENTS)) == len(EVENTS) > len(MORE_EVENTS)
    assert len(set(ORDINARY_PHRASES)) == len(ORDINARY_PHRASES)
