"""Bound how often a browser, a link and a range of addresses may ask: in memory, by a clock that only goes on.

Each limit lets so many through at once and then one every so often (the generic cell rate algorithm). Everybody at a
congress may come from one address, so that a range may ask much more often than a device.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic


@dataclass(frozen=True, slots=True)
class RequestRate:
    """How often something may be asked: `burst` times at once, then once every `seconds`."""

    burst: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The rates of what strangers may ask."""

    device: RequestRate = RequestRate(60, 0.25)
    """Pages and posts of one browser."""
    range: RequestRate = RequestRate(600, 0.05)
    """All that comes from one range of addresses."""
    link: RequestRate = RequestRate(300, 0.2)
    """How often one link may be opened or begun, by all its holders: a group's link may stand on a slide."""
    unknown: RequestRate = RequestRate(20, 3.0)
    """How often a range may try links that there are not: nobody can try them all."""


MOST_KEPT = 20_000
"""Keys that one limit remembers; beyond that it forgets those that asked longest ago."""

LONGEST_TOKEN = 64
"""Characters of a link by which it is remembered: ours are no longer, and anybody can ask for longer ones."""


@dataclass(slots=True)
class RateKeeper:
    """Counts what came, by key, against one rate."""

    rate: RequestRate
    clock: Callable[[], float] = monotonic
    _arrivals: "OrderedDict[str, float]" = field(default_factory=OrderedDict, init=False)

    def take(self, key: str) -> float:
        """Count a request; return 0 where it may go on, else in how many seconds it might, and it is not counted."""
        wait = self.wait(key)
        if not wait:
            now = self.clock()
            self._arrivals[key] = max(self._arrivals.pop(key, now), now) + self.rate.seconds
            while len(self._arrivals) > MOST_KEPT:
                self._arrivals.popitem(last=False)
        return wait

    def wait(self, key: str) -> float:
        """Return in how many seconds a request might go on, 0 for now; nothing is counted."""
        now = self.clock()
        arrival = self._arrivals.get(key, now)
        return max(0.0, arrival - (self.rate.burst - 1) * self.rate.seconds - now)


class RequestKeeper:
    """Counts what strangers ask, and says what is too much."""

    def __init__(self, limits: RequestLimits, clock: Callable[[], float] = monotonic) -> None:
        self._device = RateKeeper(limits.device, clock)
        self._range = RateKeeper(limits.range, clock)
        self._link = RateKeeper(limits.link, clock)
        self._unknown = RateKeeper(limits.unknown, clock)

    def from_range(self, client: str) -> float:
        """Count a request from a client's address; return in how many seconds it may come again, 0 if now."""
        return self._range.take(range_of(client))

    def by_device(self, address: str) -> float:
        """Count a request of a device; return in how many seconds it may come again, 0 if now."""
        return self._device.take(address)

    def by_link(self, token: str, client: str) -> float:
        """Count the opening of a link; return in how many seconds it may come again, 0 if now.

        Whoever tried too many links that there are not waits, too.
        """
        return self._unknown.wait(range_of(client)) or self._link.take(token[:LONGEST_TOKEN])

    def unknown_link(self, client: str) -> None:
        """Count a link that there is not, against the range that it came from."""
        self._unknown.take(range_of(client))


def range_of(client: str) -> str:
    """Return the range of a client's address: 256 addresses of IPv4, or what one customer has of IPv6 (a /56).

    Some proxies write a port behind the address. What is no address is one range, whatever it is.
    """
    try:
        address = ipaddress.ip_address(_without_port(client).partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    length = 24 if address.version == 4 else 56  # noqa: PLR2004 - IP's versions
    return str(ipaddress.ip_network((address, length), strict=False))


def _without_port(client: str) -> str:
    """Return the address in `192.0.2.1:443` or `[2001:db8::1]:443`."""
    if client.startswith("["):
        return client[1:].partition("]")[0]
    return client.partition(":")[0] if client.count(":") == 1 else client
