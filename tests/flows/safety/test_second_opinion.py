"""The second opinion on strong hits of events: whom it never judges, what becomes of what it holds back, its file."""

import json

import pytest

from flows.safety.finding import FindingKind
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import Product, mark, scan
from flows.safety.second_opinion import OPINION, OUTRIGHT, SecondOpinion, features, shipped_opinion, weighed
from flows.safety.tokens import tokens
from flows.script.roles import QuestionTopic
from training.opinion_card import opinion_card, opinion_digest, opinion_version

PRODUCTS = (Product("lenalidomide", "Revlimid", "lenalidomide", ()),)
STORY = (
    "I got a rash from the tablets, so we drove to the clinic in town and waited there for a very long time"
)
NEVER = SecondOpinion("never", 0.0, {}, 1.0)
ALWAYS = SecondOpinion("always", 0.0, {}, -1.0)


def judged(text, opinion, products=(), about=None):
    words, named = mark(text, tokens(text), products, languages=SHIPPED, language="en")
    signals = scan("vomiting from the tablets", products=(), languages=SHIPPED, about=QuestionTopic.MEDICINE)
    assert signals.reportable
    found = signals.signals[0]._replace(start=text.index("rash"), end=text.index("rash") + 4)
    finding = type(signals)((found,), named)
    return weighed(finding, words, about, opinion)


def test_what_is_held_back_is_a_hint_that_nothing_takes_back():
    """No hit is lost: it stands among the hints, which the reading queue has under events, and is marked so."""
    before, after = judged(STORY, ALWAYS), judged(STORY, NEVER)
    assert before.reportable
    assert not before.held_back
    assert (after.signals, after.hints) == ((), before.signals)
    assert after.held_back
    assert FindingKind.ADVERSE_EVENT in after.noticed


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (" ".join(STORY.split()[:OUTRIGHT]), None),
        (STORY + " with Revlimid", None),
        (STORY, QuestionTopic.PLAN),
    ],
)
def test_who_reports_in_few_words_or_names_a_product_is_never_held_back(text, about):
    """Nor is a clinician's plan, of which training knew nothing."""
    assert judged(text, NEVER, PRODUCTS, about).reportable


@pytest.mark.parametrize("kind", [FindingKind.RISK, FindingKind.UPSET, FindingKind.PRODUCT_COMPLAINT])
def test_distress_and_complaints_are_never_held_back(kind):
    """They stand beside an event that is."""
    event = judged(STORY, ALWAYS)
    both = type(event)((*event.signals, event.signals[0]._replace(kind=kind)))
    words, _ = mark(STORY, tokens(STORY), (), languages=SHIPPED, language="en")
    assert weighed(both, words, None, NEVER).kinds == {kind}


def test_no_feature_holds_a_word_of_the_text():
    """Names of features are of rules, topics, languages and sizes: another name or number changes none of them."""
    found = []
    for name in ("Miriam", "Sophie"):
        text = f"{name} says I got a rash from the tablets and then {name} drove me home"
        words, _ = mark(text, tokens(text), (), languages=SHIPPED, language="en")
        signal = (
            judged(STORY, ALWAYS).signals[0]._replace(start=text.index("rash"), end=text.index("rash") + 4)
        )
        found.append(features(signal, words, None))
    assert found[0] == found[1]


def test_the_scan_asks_the_shipped_weights():
    """A text that they hold back stays found; of all texts none raises."""
    opinion = shipped_opinion()
    assert opinion.weights
    finding = scan(STORY, products=(), languages=SHIPPED)
    assert FindingKind.ADVERSE_EVENT in finding.noticed


def test_the_weights_cannot_be_changed():
    """They are read once, for all turns."""
    with pytest.raises(TypeError):
        shipped_opinion().weights["about none"] = 1.0


def test_the_card_belongs_to_the_opinion():
    """Weights, threshold, name and figures are those that the card shows."""
    kept = json.loads(OPINION.read_text(encoding="utf-8"))
    shown = OPINION.with_name("card.md").read_text(encoding="utf-8")
    assert kept["version"] == opinion_version(kept)
    assert opinion_digest(kept) in shown
    assert shown == opinion_card(kept)
    assert OPINION.stat().st_size < 150_000
