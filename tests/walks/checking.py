"""Check all invariants of a walk."""

from collections.abc import Iterator

from tests.walks.evidence import Evidence
from tests.walks.invariants import ON_TURNS, Broken, Findings
from tests.walks.remains import ON_REMAINS

INVARIANTS = {check.__name__: check for check in (*ON_TURNS, *ON_REMAINS)}
"""By their names; each docstring is what must hold."""


def check(evidence: Evidence) -> Iterator[Broken]:
    """Yield everything that breaks an invariant."""
    found = Findings(evidence)
    for name, invariant in INVARIANTS.items():
        for address, place, what in invariant(found):
            yield Broken(name, address, place, what)
