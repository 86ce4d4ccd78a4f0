"""Measure how two coders agree on the texts that both coded: Cohen's kappa of each code, and of all together.

Each code is a yes or a no for each text. Together: all these decisions in one row, of the codes that at least one of
the two gave. Kappa says how far they agree beyond chance: 1 always, 0 as chance would have it, below 0 less than that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from flows.heavy_packages import load


@dataclass(frozen=True, slots=True)
class CodedPair:
    """The codes that two coders gave one text, each alone; an empty set where nothing of the codebook fits."""

    first: frozenset[str]
    second: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two coders agree on one code (`code`), or on all (None).

    `both`, `first_only`, `second_only` and `neither` are decisions: texts, and for all codes together texts times
    codes. `share` is the part on which they agree, 0 to 1. `kappa` is None where it is not defined: nothing was coded,
    or both gave the code always, or never.
    """

    code: str | None
    both: int
    first_only: int
    second_only: int
    neither: int
    kappa: float | None

    @property
    def decisions(self) -> int:
        """How many decisions there are."""
        return self.both + self.first_only + self.second_only + self.neither

    @property
    def share(self) -> float | None:
        """The part of the decisions on which they agree, 0 to 1; None without any."""
        return (self.both + self.neither) / self.decisions if self.decisions else None


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """How two coders agree: on each code that one of them gave, on all together; `texts` is how many both coded."""

    texts: int
    codes: tuple[Agreement, ...]
    overall: Agreement


def agreement(pairs: Sequence[CodedPair], order: Iterable[str]) -> AgreementTable:
    """Return how two coders agree, code by code in an order of codes; those outside of it come last, by name.

    Raises:
        PackageMissing: scikit-learn is not installed.
    """
    given = frozenset(chain.from_iterable(pair.first | pair.second for pair in pairs))
    known = [code for code in dict.fromkeys(order) if code in given]
    codes = [*known, *sorted(given.difference(known))]
    columns = {code: [(code in pair.first, code in pair.second) for pair in pairs] for code in codes}
    each = tuple(_agreement(code, column) for code, column in columns.items())
    return AgreementTable(len(pairs), each, _agreement(None, list(chain.from_iterable(columns.values()))))


def _agreement(code: str | None, decisions: Sequence[tuple[bool, bool]]) -> Agreement:
    both, first_only, second_only, neither = (
        sum(1 for one in decisions if one == kind)
        for kind in ((True, True), (True, False), (False, True), (False, False))
    )
    return Agreement(code, both, first_only, second_only, neither, _kappa(decisions))


def _kappa(decisions: Sequence[tuple[bool, bool]]) -> float | None:
    """Return Cohen's kappa; None where both decided the same way every time, and there is no chance to go beyond."""
    if len(set(chain.from_iterable(decisions))) < 2:  # noqa: PLR2004 - a yes and a no
        return None
    first, second = zip(*decisions, strict=True)
    return float(load("sklearn.metrics").cohen_kappa_score(first, second, labels=[False, True]))
