"""What must hold after any walk, whatever went wrong in it.

Each invariant is a function over `Findings` that yields what breaks it; its docstring is the promise. Those of `turns`
look at every turn, those of `suspicions` at what the second reader says in between, those of `remains` at what the
database holds in the end. Add one to `ON_TURNS`, `ON_SUSPICIONS` or `ON_REMAINS`, and show in
`tests/walks/test_invariants.py` that it can fail.
"""

from collections.abc import Iterator

from tests.walks.evidence import Evidence
from tests.walks.invariants.findings import Broken, Findings
from tests.walks.invariants.remains import ON_REMAINS
from tests.walks.invariants.suspicions import ON_SUSPICIONS
from tests.walks.invariants.turns import ON_TURNS

__all__ = ["INVARIANTS", "Broken", "Findings", "check"]

INVARIANTS = {invariant.__name__: invariant for invariant in (*ON_TURNS, *ON_SUSPICIONS, *ON_REMAINS)}
"""By their names."""


def check(evidence: Evidence) -> Iterator[Broken]:
    """Yield everything that breaks an invariant."""
    found = Findings(evidence)
    for name, invariant in INVARIANTS.items():
        for address, place, what in invariant(found):
            yield Broken(name, address, place, what)
