"""How often strangers may ask, on a clock that is moved by hand."""

import pytest

from bot.channels import request_limits
from bot.channels.request_limits import RateKeeper, RequestKeeper, RequestLimits, RequestRate, range_of

FEW = RequestLimits(
    device=RequestRate(2, 1.0),
    range=RequestRate(5, 1.0),
    link=RequestRate(3, 1.0),
    unknown=RequestRate(2, 10.0),
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_at_once_then_one_by_one(clock):
    """A burst goes on; then one each interval, and who waited long has the whole burst again."""
    keeper = RateKeeper(RequestRate(3, 2.0), clock)
    assert [keeper.take("a") for _ in range(4)] == [0, 0, 0, 2.0]
    assert keeper.take("b") == 0
    clock.at += 2
    assert [keeper.take("a"), keeper.take("a")] == [0, 2.0]
    clock.at += 100
    assert [keeper.take("a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_what_is_refused_is_not_counted(clock):
    """Whoever keeps on asking does not wait longer for it."""
    keeper = RateKeeper(RequestRate(1, 5.0), clock)
    assert [keeper.take("a") for _ in range(10)] == [0, *[5.0] * 9]


def test_what_is_remembered_of_a_link_is_short(clock):
    """Links of any length can be asked for: more than what one of ours is long is not kept."""
    keeper = RequestKeeper(FEW, clock)
    assert [keeper.by_link("x" * 64 + "y" * more, "10.0.0.1") for more in (1, 60_000, 0)] == [0, 0, 0]
    assert keeper.by_link("x" * 64, "10.0.0.1") == 1.0


def test_a_limit_remembers_so_many_keys_and_no_more(clock, monkeypatch):
    """Those that asked longest ago are forgotten first."""
    monkeypatch.setattr(request_limits, "MOST_KEPT", 2)
    keeper = RateKeeper(RequestRate(1, 5.0), clock)
    for key in "abc":
        keeper.take(key)
    assert (keeper.take("c"), keeper.take("b"), keeper.take("a")) == (5.0, 5.0, 0)


def test_each_limit_counts_by_its_own_key(clock):
    """A device, a range and a link are counted apart."""
    keeper = RequestKeeper(FEW, clock)
    assert [keeper.by_device("web:1") for _ in range(3)] == [0, 0, 1.0]
    assert keeper.by_device("web:2") == 0
    assert [keeper.from_range(f"10.0.0.{number}") for number in range(6)] == [0] * 5 + [1.0]
    assert keeper.from_range("10.0.1.1") == 0
    assert [keeper.by_link("token", "10.0.2.1") for _ in range(4)] == [0, 0, 0, 1.0]


def test_links_that_are_not_there_cannot_be_tried_out(clock):
    """After some of them a range waits for every link, also a good one; others do not."""
    keeper = RequestKeeper(FEW, clock)
    for _ in range(2):
        assert keeper.by_link("guess", "10.0.0.1") == 0
        keeper.unknown_link("10.0.0.1")
    assert keeper.by_link("good", "10.0.0.2") == 10.0
    assert keeper.by_link("good", "10.0.9.2") == 0


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("192.0.2.77:51234", "192.0.2.0/24"),
        ("[2001:db8:1:2ff::1]:51234", "2001:db8:1:200::/56"),
        ("[2001:db8:1:2ff::1]", "2001:db8:1:200::/56"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_a_range_is_what_one_customer_has(client, expected):
    """256 addresses of IPv4, a /56 of IPv6; what is no address is all one range."""
    assert range_of(client) == expected
