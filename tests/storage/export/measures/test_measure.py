"""What a cell says of how many people answered for it."""

import pytest

from storage.export.measures.measure import Figure, RatingChange
from storage.export.measures.registry import EVERY_TABLE


@pytest.mark.parametrize(("responders", "few"), [(0, True), (4, True), (5, False), (90, False)])
def test_fewer_than_five_say_so(responders: int, few: bool):
    """People count, not commitments: four people with nine commitments are few."""
    assert Figure(6, 9, responders).is_few is few
    assert RatingChange(responders, 0.5, None, None).is_few is few


def test_a_share_has_its_interval():
    """Wilson's, of the part and the whole."""
    share = Figure(6, 32, 20).share
    assert share.value == pytest.approx(0.1875)
    assert (share.low, share.high) == (pytest.approx(0.0889, abs=1e-4), pytest.approx(0.3531, abs=1e-4))


def test_ids_are_unique_and_name_their_table():
    """An id is its table and its column, once."""
    ids = [measure.id for table in EVERY_TABLE for measure in table.measures]
    assert len(ids) == len(set(ids))
    for table in EVERY_TABLE:
        assert all(measure.id == f"{table.name}.{measure.column}" for measure in table.measures)
        assert len(set(table.columns)) == len(table.columns)


def test_a_share_names_its_whole():
    """Every measure says what it is; what is a share says of what."""
    for measure in (one for table in EVERY_TABLE for one in table.measures):
        assert measure.definition.endswith(".")
        assert measure.numerator
        assert measure.denominator != ""
