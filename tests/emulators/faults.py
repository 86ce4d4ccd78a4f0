"""What can go wrong between us and a platform, planned in advance: the emulators ask this plan first.

A plan is a list of faults by method; each is used up after so many calls. Nothing is random: a test that
wants chance draws its own faults with a seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

ANY = "*"
"""Matches every method."""


class Fault(StrEnum):
    """What happens instead of an ordinary answer."""

    RATE_LIMIT = "rate_limit"
    """429 with `retry_after` seconds; nothing is done."""
    SERVER_ERROR = "server_error"
    """`status` (500) in the platform's own words; nothing is done."""
    GATEWAY = "gateway"
    """`status` (502) with HTML from something in between, or on Telegram with `error` as the body; nothing is done, but
    who is to know?"""
    TIMEOUT_AFTER = "timeout_after"
    """The request is carried out, and the answer never comes."""
    DROP_BEFORE = "drop_before"
    """The connection is closed before anything is done."""
    DROP_AFTER = "drop_after"
    """The request is carried out, then the connection is closed without an answer."""
    BLOCKED = "blocked"
    """The person cannot be written to (403 on Telegram, an `ok: false` on Slack)."""
    REVOKED = "revoked"
    """The token is no longer good (401 on Telegram, `token_revoked` on Slack)."""


CARRIED_OUT = frozenset({Fault.TIMEOUT_AFTER, Fault.DROP_AFTER})
"""The faults after which the platform has done what it was asked."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault for the next `times` calls of `method`, once `after` calls of it have gone well."""

    method: str
    fault: Fault
    times: int = 1
    after: int = 0
    retry_after: float = 1
    status: int | None = None
    error: str | None = None
    """The platform's error word, where another than the usual one is wanted."""


class FaultPlan:
    """The faults to come. An empty plan lets everything pass."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._duplicates: list[int] = []
        self._reorder = 0
        self.met: list[tuple[str, Fault]] = []
        """What was used, in order, for assertions."""

    def add(self, method: str, fault: Fault, **details: object) -> None:
        """Plan a fault; `details` are the other fields of `Planned`."""
        self._planned.append(Planned(method, fault, **details))  # type: ignore[arg-type]

    def take(self, method: str) -> Planned | None:
        """The fault that this call meets, used up once; None lets it pass."""
        for place, planned in enumerate(self._planned):
            if planned.method not in (method, ANY):
                continue
            if planned.after:
                self._planned[place] = replace(planned, after=planned.after - 1)
                continue
            left = replace(planned, times=planned.times - 1)
            self._planned[place : place + 1] = [left] if left.times else []
            self.met.append((method, planned.fault))
            return planned
        return None

    def duplicate_deliveries(self, events: int = 1, copies: int = 2) -> None:
        """Hand each of the next `events` deliveries over `copies` times."""
        self._duplicates += [copies] * events

    def reorder_deliveries(self, batches: int = 1) -> None:
        """Hand the next `batches` batches of two or more over in the wrong order, the last first."""
        self._reorder += batches

    def deliveries(self, batch: Sequence[T]) -> list[T]:
        """The batch as it is handed over: with its duplicates, in its wrong order."""
        out: list[T] = []
        for item in batch:
            out += [item] * (self._duplicates.pop(0) if self._duplicates else 1)
        if self._reorder and len(out) > 1:
            self._reorder -= 1
            out.reverse()
        return out

    def clear(self) -> None:
        """Everything passes again."""
        self._planned.clear()
        self._duplicates.clear()
        self._reorder = 0
