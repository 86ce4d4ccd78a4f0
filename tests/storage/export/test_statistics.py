"""Figures: both denominators, honest intervals, and every commitment in one place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.export.statistics import (
    IN_WORDS,
    SELF_REPORTED,
    STATUSES,
    CommitmentStanding,
    Proportion,
    Share,
    WaveStanding,
    count_funnel,
    latest_standing,
    percent,
    share_in_words,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [
        (
            6,
            32,
            0.08889545,
            0.35309155,
        ),  # https://rstudio-pubs-static.s3.amazonaws.com/1367507_eef7a4d0fb5347a8a820fe3c10141369.html
        (0, 10, 0.0, 0.27753279),  # z*z / (n + z*z), what Wilson's formula comes to at none
        (10, 10, 0.72246721, 1.0),
    ],
)
def test_wilson(n, of, low, high):
    """The interval as it is published, also where nobody or everybody did."""
    share = Share(n, of)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-7), pytest.approx(high, abs=1e-7))


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share(pair):
    """Whatever the numbers, the share lies inside, and the interval between 0 and 1."""
    share = Share(*pair)
    assert 0 <= share.low <= share.value + 1e-12
    assert share.value - 1e-12 <= share.high <= 1


def test_nothing_of_nothing():
    """Where nobody was due there is no share: no zero, and no error."""
    none = Proportion(0, 0, 0)
    assert none.of_responders.value is none.of_due.low is percent(none.of_due.high) is None
    assert share_in_words(none.of_due) == "-"


def test_a_figure_says_all_of_itself():
    """As text it has both denominators, the intervals, and that it is self-reported."""
    assert str(Proportion(92, 132, 271)) == (
        "92 = 69.7 % (61.4 to 76.9) of 132 who responded, 33.9 % (28.6 to 39.8) of all 271 who were due,"
        " self-reported"
    )
    assert Proportion(1, 1, 1).basis == SELF_REPORTED


@pytest.mark.parametrize("numbers", [(3, 2, 5), (1, 6, 5), (-1, 2, 5)])
def test_impossible_figures_are_refused(numbers):
    """More than responded, or more responded than were due: the denominators were mixed up."""
    with pytest.raises(ValueError, match="who were due"):
        Proportion(*numbers)


def standings():
    answered = st.builds(
        CommitmentStanding, st.integers(1, 6), st.just(WaveStanding.RESPONDED), st.sampled_from(STATUSES)
    )
    late = st.builds(
        CommitmentStanding,
        st.integers(1, 6),
        st.just(WaveStanding.NO_RESPONSE),
        st.sampled_from(STATUSES),
        st.none(),
        st.just(True),
    )
    others = st.sampled_from([place for place in WaveStanding if place is not WaveStanding.RESPONDED])
    return st.lists(st.one_of(answered, late, st.builds(CommitmentStanding, st.integers(1, 6), others)))


@given(standings())
def test_every_commitment_is_in_one_place(made):
    """The places add up to what was made, the statuses to those who responded."""
    found = count_funnel(made)
    assert found.committed == len(made) == sum(cell.n for cell in found.places.values())
    assert found.due == sum(one.place is not WaveStanding.NOT_DUE for one in made)
    assert sum(found.statuses[status].n for status in STATUSES) == found.responded
    assert found.late == sum(one.late for one in made)
    for status in STATUSES:
        mine = [one.person for one in made if one.place is WaveStanding.RESPONDED and one.status == status]
        assert (found.statuses[status].n, found.statuses[status].people) == (len(mine), len(set(mine)))
        assert found.proportion(status).due == found.due


def test_an_answer_without_what_was_answered():
    """It would be lost between the statuses: refused."""
    with pytest.raises(ValueError, match="without a status"):
        count_funnel([CommitmentStanding(1, WaveStanding.RESPONDED)])


def at(place: WaveStanding, status: str | None = None, days: int = 0) -> CommitmentStanding:
    when = None if status is None else NOW + timedelta(days=days)
    return CommitmentStanding(
        1, place, status, when, late=status is not None and place is not WaveStanding.RESPONDED
    )


FULL, PARTIAL = "full", "partial"


@pytest.mark.parametrize(
    ("waves", "place", "status"),
    [
        (
            [at(WaveStanding.RESPONDED, FULL, 30), at(WaveStanding.RESPONDED, PARTIAL, 90)],
            WaveStanding.RESPONDED,
            PARTIAL,
        ),
        (
            [at(WaveStanding.RESPONDED, PARTIAL, 30), at(WaveStanding.NO_RESPONSE)],
            WaveStanding.RESPONDED,
            PARTIAL,
        ),
        (
            [at(WaveStanding.NO_RESPONSE, FULL, 50), at(WaveStanding.NO_RESPONSE)],
            WaveStanding.RESPONDED,
            FULL,
        ),
        (
            [at(WaveStanding.RESPONDED, FULL, 30), at(WaveStanding.RESPONDED, IN_WORDS, 90)],
            WaveStanding.RESPONDED,
            FULL,
        ),
        (
            [at(WaveStanding.RESPONDED, IN_WORDS, 30), at(WaveStanding.OPTED_OUT)],
            WaveStanding.RESPONDED,
            IN_WORDS,
        ),
        ([at(WaveStanding.NO_RESPONSE), at(WaveStanding.WAITING)], WaveStanding.WAITING, None),
        ([at(WaveStanding.NO_RESPONSE), at(WaveStanding.OPTED_OUT)], WaveStanding.OPTED_OUT, None),
        ([at(WaveStanding.NO_RESPONSE), at(WaveStanding.NOT_DUE)], WaveStanding.NO_RESPONSE, None),
        ([at(WaveStanding.NOT_DUE), at(WaveStanding.NOT_DUE)], WaveStanding.NOT_DUE, None),
    ],
)
def test_the_latest(waves, place, status):
    """The newest report counts, one that came late too; without any, what is open, then what ended it."""
    found = latest_standing(waves)
    assert (found.place, found.status) == (place, status)
