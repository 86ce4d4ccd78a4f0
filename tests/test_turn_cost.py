"""Promises of `bench/turn_cost.py`: what is compared did the same work, at the same time, and the interval is right."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import turn_cost

OURS, OTHERS = Path("ours"), Path("others")


class Slow:
    """Plays every block in the same time, and writes down who played."""

    def __init__(self, root, log, rows):
        self.root, self.log, self.rows = root, log, rows
        self.milliseconds = []

    def play_block(self):
        self.log.append(self.root)
        self.milliseconds.append(2.0 if self.root == OURS else 1.0)

    def hear(self):
        return f'{{"answer": {self.rows}}}'


@pytest.fixture
def log(monkeypatch):
    """Who played, in order; `ours` writes as many rows as `others` unless the table is changed."""
    played = []
    rows = {OURS: 1, OTHERS: 1}

    @contextmanager
    def player(root, _people):
        yield Slow(root, played, rows[root])

    monkeypatch.setattr(turn_cost, "player", player)
    played.append(rows)
    return played


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_pair_takes_turns(log, ours_first):
    """Each plays as many blocks, never three in a row; the ratio is ours to the other's, whoever began."""
    found = turn_cost.pair(OURS, OTHERS, 1, ours_first=ours_first)
    assert found == turn_cost.Pair(ours=2.0, others=1.0, ratio=2.0)
    order = log[1:]
    assert order.count(OURS) == order.count(OTHERS) == turn_cost.BLOCKS
    assert all(len(set(order[place : place + 3])) == 2 for place in range(len(order) - 2))


def test_other_work_is_not_compared(log):
    """A checkout that writes more rows does more, so that its time says nothing."""
    log[0][OURS] = 2
    with pytest.raises(ValueError, match="not the same work"):
        turn_cost.pair(OURS, OTHERS, 1, ours_first=True)


@pytest.mark.parametrize(
    ("ratios", "low", "high"),
    [([1.0], 1.0, 1.0), ([1.0, 1.1, 0.9], 0.752, 1.248), ([1.0, 1.02] * 8, 1.0045, 1.0155)],
)
def test_the_interval_is_students(ratios, low, high):
    """Wide for few pairs, narrow for many; none for a single one."""
    assert turn_cost.interval(ratios) == pytest.approx((low, high), abs=0.0005)
