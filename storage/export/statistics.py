"""Count what became of commitments, with shares and intervals. Pure: it is told where each commitment stands.

Two rules hold for every figure. It has both denominators, those who responded and all who were due, since who does not
answer may not have done it: `Proportion` cannot be made with one of them. And it is what clinicians report of
themselves, which its `basis` says wherever it is shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from math import sqrt
from typing import Final

from storage.schema import ImplementationStatus

SELF_REPORTED: Final = "self-reported"
Z: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: a two-sided interval of 95 %."""
IN_WORDS: Final = "in_words"
"""Who answered in words that are no status: they responded, and what they reported is not one of the statuses."""
STATUSES: Final = (*(status.value for status in ImplementationStatus), IN_WORDS)
"""What is reported; of those who responded, each commitment is in exactly one."""
_FEWEST_FOR_INTERVAL: Final = 2
_T_975: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
)  # fmt: skip
"""The 97.5th percentiles of Student's t for 1, 2, 3, ... degrees of freedom."""
_EVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole. `value`, `low` and `high` are from 0 to 1, and None where the whole is nothing.

    `low` and `high` are Wilson's 95 % interval (https://doi.org/10.1080/01621459.1927.10502953). It takes all to be
    independent; several commitments of one participant are not, so it is rather too narrow than too wide.
    """

    n: int
    of: int

    @property
    def value(self) -> float | None:
        """Return the part divided by the whole, 0 to 1; None where the whole is nothing."""
        return self.n / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """Return the lower end of the 95 % interval; None where the whole is nothing."""
        return self._bound(-1)

    @property
    def high(self) -> float | None:
        """Return the upper end of the 95 % interval; None where the whole is nothing."""
        return self._bound(+1)

    def _bound(self, side: int) -> float | None:
        """Return an end of Wilson's interval: the lower for `side` -1, the upper for +1."""
        if not self.of:
            return None
        share, square = self.n / self.of, Z * Z
        spread = Z * sqrt(share * (1 - share) / self.of + square / (4 * self.of * self.of))
        bound = (share + square / (2 * self.of) + side * spread) / (1 + square / self.of)
        return min(1.0, max(0.0, bound))


@dataclass(frozen=True, slots=True)
class Proportion:
    """A number of commitments, out of those whose authors responded and out of all that were due.

    Raises:
        ValueError: it is more than responded, or more responded than were due.
    """

    n: int
    responded: int
    due: int
    basis: str = field(default=SELF_REPORTED, init=False)

    def __post_init__(self) -> None:
        """Check that the three numbers fit each other."""
        if not 0 <= self.n <= self.responded <= self.due:
            raise ValueError(f"{self.n} of {self.responded} who responded, of {self.due} who were due")

    @property
    def of_responders(self) -> Share:
        """Return the share of those who responded: the highest that it can be made to look."""
        return Share(self.n, self.responded)

    @property
    def of_due(self) -> Share:
        """Return the share of all who were due, who did not answer counting as not having done it: the floor."""
        return Share(self.n, self.due)

    def __str__(self) -> str:
        """Return both shares in words, with their intervals."""
        return (
            f"{self.n:,} = {share_in_words(self.of_responders)} of {self.responded:,} who responded,"
            f" {share_in_words(self.of_due)} of all {self.due:,} who were due, {self.basis}"
        )


def percent(value: float | None) -> float | None:
    """Return a share from 0 to 1 in per cent, with one decimal; None stays None."""
    return None if value is None else round(100 * value, 1)


def share_in_words(share: Share) -> str:
    """Return a share with its interval in words; a dash where the whole is nothing.

    >>> share_in_words(Share(6, 32)), share_in_words(Share(0, 0))
    ('18.8 % (8.9 to 35.3)', '-')
    """
    if share.value is None or share.low is None or share.high is None:
        return "-"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of the differences between two shares of the same commitments, after minus before, each from 0 to 1.

    `low` and `high` are its 95 % interval by Student's t, in which a participant's commitments count as belonging
    together; None with fewer than two participants.
    """

    n: int
    people: int
    before: float
    after: float
    low: float | None
    high: float | None

    @property
    def mean(self) -> float:
        """Return the difference, -1 to 1."""
        return self.after - self.before

    @property
    def in_points(self) -> str:
        """Return the difference in percentage points, with its interval in brackets where there is one."""
        interval = (
            "" if self.low is None or self.high is None else f" ({_points(self.low)} to {_points(self.high)})"
        )
        return f"{_points(self.mean)}{interval}"


def difference_of(pairs: Mapping[int, Sequence[tuple[float, float]]]) -> Difference:
    """Return the mean difference of shares before and after, which are given by participant.

    Raises:
        ValueError: there are none.
    """
    n, people = sum(map(len, pairs.values())), len(pairs)
    if not n:
        raise ValueError("no commitment has both shares")
    every = [pair for of_person in pairs.values() for pair in of_person]
    before, after = (sum(column) / n for column in zip(*every, strict=True))
    if people < _FEWEST_FOR_INTERVAL:
        return Difference(n, people, before, after, None, None)
    mean = after - before
    apart = (sum(one[1] - one[0] - mean for one in of_person) for of_person in pairs.values())
    error = sqrt(people / (people - 1) * sum(one * one for one in apart)) / n
    spread = _t_quantile(people - 1) * error
    return Difference(n, people, before, after, max(-1.0, mean - spread), min(1.0, mean + spread))


def _points(value: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}"


def _t_quantile(freedom: int) -> float:
    """Return the 97.5th percentile of Student's t: from the table, beyond it by expansion (right to three digits)."""
    if freedom <= len(_T_975):
        return _T_975[freedom - 1]
    return Z + (Z**3 + Z) / (4 * freedom) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom * freedom)


class WaveStanding(StrEnum):
    """Where a commitment stands at a wave. Each is in exactly one, so that together they are all that were made.

    committed = responded + waiting + no_response + opted_out + not_due.
    """

    RESPONDED = "responded"
    WAITING = "waiting"
    """Asked, and the wave is still open. It is due, and not answered yet."""
    NO_RESPONSE = "no_response"
    """Due, and nothing was heard in time: asked in vain, or they could not be asked."""
    OPTED_OUT = "opted_out"
    """They said stop, or that they do not want to be asked again, before or after its day."""
    NOT_DUE = "not_due"
    """Not asked yet; or its day never comes, since there is nothing left to ask."""


@dataclass(frozen=True, slots=True)
class CommitmentStanding:
    """Where one commitment stands at one wave. `person` is the number of the participant whose it is.

    `status` is one of STATUSES, None if nothing was reported. `late` says that the report came after the wave had
    closed: then `place` stays what it was.
    """

    person: int
    place: WaveStanding
    status: str | None = None
    reported_at: datetime | None = None
    late: bool = False
    confirmed: bool = True
    """False where its author has never said that it is so: then it counts nowhere but apart."""


@dataclass(frozen=True, slots=True)
class CommitmentCount:
    """Some commitments, and whose they are: `who` maps a participant's number to how many of them are theirs."""

    who: Mapping[int, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Return how many commitments these are."""
        return sum(self.who.values())

    @property
    def people(self) -> int:
        """Return how many participants they belong to."""
        return len(self.who)

    def __add__(self, other: "CommitmentCount") -> "CommitmentCount":
        """Return both counts together."""
        return CommitmentCount(Counter(self.who) + Counter(other.who))


@dataclass(frozen=True, slots=True)
class Funnel:
    """All commitments at one wave, counted by where they stand, and those that were answered by the status reported.

    `late` counts those that stand as no response and were answered afterwards.
    """

    places: Mapping[WaveStanding, CommitmentCount]
    statuses: Mapping[str, CommitmentCount]
    late: int = 0
    unconfirmed: int = 0
    """How many more there are whose authors never said that they are so; they are in no other number here."""

    @property
    def committed(self) -> int:
        """Return how many commitments were made."""
        return sum(cell.n for cell in self.places.values())

    @property
    def responded(self) -> int:
        """Return how many commitments were answered while their wave was open."""
        return self.places[WaveStanding.RESPONDED].n

    @property
    def due(self) -> int:
        """Return how many commitments were due at the wave: also where somebody stopped, or could not be reached."""
        return self.committed - self.places[WaveStanding.NOT_DUE].n

    def proportion(self, status: str) -> Proportion:
        """Return how many commitments were reported with a status, which is one of STATUSES, with both denominators."""
        return Proportion(self.statuses[status].n, self.responded, self.due)


def count_funnel(standings: Iterable[CommitmentStanding]) -> Funnel:
    """Count where the commitments of one wave stand, and what was reported of them; apart, those not confirmed.

    Raises:
        ValueError: one is said to be answered, without what was answered.
    """
    places = {place: Counter[int]() for place in WaveStanding}
    statuses = {status: Counter[int]() for status in STATUSES}
    late = unconfirmed = 0
    for one in standings:
        if not one.confirmed:
            unconfirmed += 1
            continue
        places[one.place][one.person] += 1
        late += one.late
        if one.place is WaveStanding.RESPONDED:
            if one.status is None:
                raise ValueError(f"responded without a status: {one}")
            statuses[one.status][one.person] += 1
    return Funnel(
        {place: CommitmentCount(who) for place, who in places.items()},
        {status: CommitmentCount(who) for status, who in statuses.items()},
        late,
        unconfirmed,
    )


_LAST_WORD = (WaveStanding.WAITING, WaveStanding.OPTED_OUT, WaveStanding.NO_RESPONSE, WaveStanding.NOT_DUE)


def latest_standing(waves: Sequence[CommitmentStanding]) -> CommitmentStanding:
    """Return where a commitment stands over all its waves.

    That is its newest report, a late one too; without any, a wave that is open, else how its waves ended. A status
    counts before words that are none.
    """
    if not waves[0].confirmed:
        return waves[0]
    reported = [one for one in waves if one.status is not None]
    if reported:
        newest = max(reported, key=lambda one: (one.status != IN_WORDS, one.reported_at or _EVER))
        return CommitmentStanding(newest.person, WaveStanding.RESPONDED, newest.status, newest.reported_at)
    places = {one.place for one in waves}
    return CommitmentStanding(waves[0].person, next(place for place in _LAST_WORD if place in places))
