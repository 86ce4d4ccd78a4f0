"""Bound what strangers may hold open: how many connections, and for how long each may take to say what it wants.

Whoever knows the address of a webhook can connect and say nothing, or a letter a second; uvicorn waits for them for
ever. Its protocol is kept, with a clock over each part of a request. Nothing that a stranger does writes more than a
line a minute into the log.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import Any, assert_never, cast

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger(__name__)

_OF_STRANGERS = logging.getLogger("bot.doors.uvicorn")
"""What uvicorn says of single requests: only errors of ours pass, since a stranger can cause a warning at will."""
_OF_STRANGERS.setLevel(logging.ERROR)


class DoorReason(StrEnum):
    """Why a connection was closed that its other end would have kept."""

    SLOW_HEADER = "slow_header"
    SLOW_BODY = "slow_body"
    CROWDED = "crowded"
    MALFORMED = "malformed"


class _RequestPart(StrEnum):
    """What of a request is waited for."""

    HEADER = "header"
    BODY = "body"
    NOTHING = "nothing"
    """It is whole: now the other end waits for us, or is done, and uvicorn closes it after some seconds."""


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How much strangers may hold open: times in seconds, and connections at once."""

    header_seconds: float = 10.0
    """From the connection (or the first byte of a further request) to the end of its header."""
    body_seconds: float = 30.0
    """From the end of the header to the end of the body."""
    connections: int = 128
    """Telegram opens 40 at most (`max_connections`), and Slack some."""
    tell_every_seconds: float = 60.0
    """Between two lines in the log."""


@dataclass(slots=True)
class Doors:
    """The connections of one server that are open, oldest first, and how many were closed, by reason."""

    limits: DoorLimits = field(default_factory=DoorLimits)
    closed: dict[DoorReason, int] = field(default_factory=lambda: dict.fromkeys(DoorReason, 0))
    clock: Callable[[], float] = monotonic
    _open: dict["GuardedProtocol", None] = field(default_factory=dict, init=False)
    _untold: dict[DoorReason, int] = field(default_factory=dict, init=False)
    _told_at: float | None = field(default=None, init=False)

    def protocol(self) -> type[asyncio.Protocol]:
        """Return what uvicorn makes for each connection: its own protocol, held to these limits."""
        return cast("type[asyncio.Protocol]", partial(GuardedProtocol, self))

    def came(self, protocol: "GuardedProtocol") -> None:
        """Take a new connection; where too many are open, close the oldest that asks nothing, else this one."""
        is_full = len(self._open) >= self.limits.connections
        idle = next((one for one in self._open if one.is_waited_for), protocol) if is_full else None
        self._open[protocol] = None
        if idle is not None:
            self.close(idle, DoorReason.CROWDED)

    def left(self, protocol: "GuardedProtocol") -> None:
        """Forget a connection that is closed."""
        self._open.pop(protocol, None)

    def close(self, protocol: "GuardedProtocol", reason: DoorReason) -> None:
        """Close a connection at once, and count it."""
        self._open.pop(protocol, None)
        protocol.transport.abort()
        self.count(reason)

    def count(self, reason: DoorReason) -> None:
        """Count a connection that was closed, and tell of all since the last time, at most once a minute."""
        self.closed[reason] += 1
        self._untold[reason] = self._untold.get(reason, 0) + 1
        now = self.clock()
        if self._told_at is not None and now - self._told_at < self.limits.tell_every_seconds:
            return
        self._told_at = now
        for kind, number in self._untold.items():
            log.warning("connections_closed", kind=kind.value, count=number)
        self._untold.clear()


PAGE_CONNECTIONS = 512
"""Open at once where people talk on pages: a full hall that answers in the same moment. Most systems let a process have
1,024 files open."""


def for_pages() -> Doors:
    """Return the doors of a server that people's browsers come to, and not platforms alone."""
    return Doors(DoorLimits(connections=PAGE_CONNECTIONS))


class GuardedProtocol(H11Protocol):
    """uvicorn's protocol, with a time for the header and one for the body of each request."""

    def __init__(self, doors: Doors, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _OF_STRANGERS
        self._doors = doors
        self._part = _RequestPart.NOTHING
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_waited_for(self) -> bool:
        """Return whether the other end has asked nothing yet, or nothing more: closing it loses no request."""
        return self.conn.their_state is h11.IDLE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, and give it the time of a header."""
        super().connection_made(transport)
        self._doors.came(self)
        if not transport.is_closing():
            self._wait_for(_RequestPart.HEADER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._wait_for(_RequestPart.NOTHING)
        self._doors.left(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; the clock of a part goes on until the part is whole, however often some of it comes."""
        super().data_received(data)
        self._wait_for(self._awaited())

    def on_response_complete(self) -> None:
        """Go on to what is awaited after a response: the rest of a body that nobody needs has its time, too."""
        super().on_response_complete()
        self._wait_for(_rest(self.conn.their_state))

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, where an answer is still due; else only close."""
        self._doors.count(DoorReason.MALFORMED)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # an answer is under way or done: h11 would refuse a second one
            self.transport.abort()

    def _awaited(self) -> _RequestPart:
        """Return what is awaited once bytes came."""
        if self.transport.is_closing():
            return _RequestPart.NOTHING
        if self.conn.their_state is h11.IDLE:
            return _RequestPart.HEADER
        return _rest(self.conn.their_state)

    def _wait_for(self, part: _RequestPart) -> None:
        """Set the clock for what is awaited now; where that is the same part still, the clock goes on."""
        if part is self._part:
            return
        self._part = part
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        limits = self._doors.limits
        match part:
            case _RequestPart.HEADER:
                self._give(limits.header_seconds, DoorReason.SLOW_HEADER)
            case _RequestPart.BODY:
                self._give(limits.body_seconds, DoorReason.SLOW_BODY)
            case _RequestPart.NOTHING:
                return
            case _:
                assert_never(part)

    def _give(self, seconds: float, reason: DoorReason) -> None:
        self._timer = self.loop.call_later(seconds, self._doors.close, self, reason)


def _rest(their_state: object) -> _RequestPart:
    return _RequestPart.BODY if their_state is h11.SEND_BODY else _RequestPart.NOTHING
