"""Say to the operator that an alert would get to nobody, and what to do."""

from typing import Final

NOBODY: Final = "no coordinator is reached, so nobody hears of somebody at risk or of a safety report"
"""What the operator is told where an alert would get to nobody."""
NOBODY_REMEDY: Final = "run `said coordinator enrol CODE` and open the link; see docs/howto/coordinators.md"
