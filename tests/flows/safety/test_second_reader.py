"""The second reader's heads: what a score comes to, how a text is cut, and the file of weights that is shipped."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.safety.reading import ReadingClass, SignalLevel
from flows.safety.second_reader import WEIGHTS, LinearHead, ReaderSignal, pieces, shipped_reader
from tests.support.small_reader import READER
from training.card import card, digest_of, version_of, wilson

CARE = ReaderSignal(ReadingClass.RISK, SignalLevel.CARE)
QUEUE = ReaderSignal(ReadingClass.RISK, SignalLevel.QUEUE)
EVENT = ReaderSignal(ReadingClass.EVENT, SignalLevel.QUEUE)


def test_a_head_adds_up():
    """The weighted sum and the bias; a vector of another length is refused."""
    head = LinearHead((2.0, -1.0), 0.5)
    assert head.score([1.0, 3.0]) == -0.5
    with pytest.raises(ValueError, match="2 numbers"):
        head.score([1.0])


@pytest.mark.parametrize(
    ("vectors", "found"),
    [
        ([], None),
        ([[0.0, 0.0]], None),
        ([[1.0, 0.0]], QUEUE),
        ([[2.0, 0.0]], CARE),
        ([[0.0, 1.0]], EVENT),
        ([[1.0, 1.0]], QUEUE),
        ([[0.0, 0.0], [2.0, 0.0], [0.0, 0.0]], CARE),
        ([[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]], None),
        ([[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]], EVENT),
        ([[0.0, 0.0], [0.0, 0.0], [2.0, 0.0]], None),
    ],
)
def test_one_window_tells_of_risk_and_the_whole_of_an_event(vectors, found):
    """The graver signal counts; the last vector is that of the whole text, where there are several."""
    assert READER.judge(vectors) == found


def test_what_the_rules_found_is_not_looked_for():
    """Either may be left out."""
    both = [[2.0, 1.0]]
    assert READER.judge(both, risk=False) == EVENT
    assert READER.judge(both, event=False) == CARE
    assert READER.judge(both, risk=False, event=False) is None


def test_two_that_suspect_are_as_sure_as_one():
    """Where the rules have a weak hit of risk, a tenth of the way from the queue to words of care will do."""
    assert READER.judge([[1.05, 0.0]], hinted=True) == QUEUE
    assert READER.judge([[1.4, 0.0]], hinted=True) == CARE
    assert READER.judge([[1.4, 0.0]]) == QUEUE
    assert READER.judge([[0.0, 0.0]], hinted=True) is None
    assert READER.judge([[0.0, 1.0]], hinted=True) == EVENT


def test_what_sounds_like_no_event_at_all_is_doubted():
    """By the whole text; without words there is nothing to doubt."""
    assert READER.doubts_event([[0.0, 0.0]])
    assert not READER.doubts_event([[0.0, 1.0]])
    assert not READER.doubts_event([[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    assert not READER.doubts_event([])


@given(st.lists(st.text("ab", min_size=1), max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_every_word_stands_in_a_window(words, window, step):
    """Nothing of a text is passed over where windows overlap, none is longer than it may be, and the whole is last."""
    step = min(step, window)
    cut = pieces("  ".join(words), window, step)
    if not words:
        assert cut == ()
        return
    windows = cut[:-1] or cut
    assert cut[-1] == " ".join(words)
    assert all(len(one.split()) <= window for one in windows)
    seen = [word for one in windows[:1] for word in one.split()]
    for _, one in pairwise(windows):
        seen += one.split()[max(window - step, 0) :]
    assert seen == words


def test_the_shipped_weights_are_whole():
    """512 finite numbers a head, and care needs more than the queue. The file stays small."""
    reader = shipped_reader()
    assert {len(reader.risk.weights), len(reader.event.weights)} == {512}
    assert all(abs(one) < 1_000 for head in (reader.risk, reader.event) for one in head.weights)
    assert reader.care_from > reader.risk_from
    assert reader.event_from > reader.doubt_below
    assert WEIGHTS.stat().st_size < 40_000


def test_the_card_belongs_to_the_weights():
    """Weights, thresholds, name and figures are those that the card shows: none can be changed without it."""
    kept = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    shown = WEIGHTS.with_name("card.md").read_text(encoding="utf-8")
    assert kept["version"] == version_of(kept)
    assert digest_of(kept) in shown
    assert shown == card(kept)


def test_another_weight_is_another_version():
    """The name would tell."""
    kept = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    kept["risk"]["bias"] += 0.001
    assert kept["version"] != version_of(kept)


@pytest.mark.parametrize(
    ("found", "among", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_wilson(found, among, low, high):
    """As tables have it."""
    assert wilson(found, among) == pytest.approx((low, high), abs=1e-4)
