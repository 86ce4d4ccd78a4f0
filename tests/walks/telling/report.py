"""Count what walks met and what was checked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.walks.evidence import Evidence
from tests.walks.invariants import INVARIANTS, Broken
from tests.walks.kinds import Noise

_COUNTED = ("conversation", "answer", "consent", "safety_case", "commitment")


@dataclass
class Report:
    """The figures of all walks so far."""

    conversations: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    noises: Counter[Noise] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def add(self, evidence: Evidence, broken: Iterable[Broken]) -> None:
        """Count one walk."""
        rows = dict(evidence.figures)
        self.conversations += rows.get("conversation", 0)
        self.figures.update(rows)
        self.figures["things that people did"] += len(evidence.done)
        self.figures["turns"] += len(evidence.turns)
        self.figures["messages shown"] += sum(map(len, evidence.screens.values()))
        self.noises.update(evidence.noises)
        self.broken.update(one.invariant for one in broken)

    def table(self) -> str:
        """The figures, one a line."""
        lines = [f"{value:8}  {name}" for name, value in self.figures.items()]
        lines += ["", *(f"{self.noises[noise]:8}  {noise.value}" for noise in Noise), ""]
        for name, invariant in INVARIANTS.items():
            promise = (invariant.__doc__ or "").partition("\n")[0]
            times = f"BROKEN {self.broken[name]} times" if self.broken[name] else "held"
            lines.append(f"{times:>18}  {name}: {promise}")
        return "\n".join(lines)


def count_rows(evidence: Evidence) -> None:
    """Keep how many rows the walk left, while its database is open."""
    database = evidence.database
    assert database is not None
    for table in _COUNTED:
        query = f"SELECT count(*) FROM {table}"
        rows = database.read_now(lambda c, query=query: c.exec_driver_sql(query).scalar())
        evidence.figures[table] = int(rows or 0)
