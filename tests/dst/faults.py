"""Name what goes wrong, and count how often it did."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong beside death."""

    LIMITED = "a call met a rate limit (429)"
    DOWN = "a call met an error of the platform (5xx)"
    ARRIVED = "a call timed out after the message was stored"
    LOST = "a call timed out, and the message was lost"
    REVOKED = "a call was refused: token revoked"
    BLOCKED = "a call was refused: blocked by the person"
    DROPPED = "the socket dropped before updates were acknowledged"
    TWICE = "an acknowledged update was delivered again"
    REORDERED = "updates came in another order"
    AHEAD = "the clock was set ahead"
    BACK = "the clock was set back"
    CHANGE_OF_CLOCKS = "a person lived through a change of clocks"
    FULL = "the disk was full in a transaction"
    FSYNC = "a commit failed for an error of the disk"


class End(StrEnum):
    """At what moment the process dies."""

    BEFORE_COMMIT = "before a transaction"
    IN_COMMIT = "inside a transaction or its commit"
    BEFORE_ACK = "after updates were committed, before they were acknowledged"
    AFTER_COMMIT = "after another commit"
    BEFORE_SEND = "before a message reached the platform"
    AFTER_SEND = "between a send and its acknowledgement"


@dataclass
class Counts:
    """How much there was of everything."""

    faults: Counter[Fault] = field(default_factory=Counter)
    deaths: Counter[End] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Add those of another town or process."""
        self.faults += other.faults
        self.deaths += other.deaths
        self.figures += other.figures
