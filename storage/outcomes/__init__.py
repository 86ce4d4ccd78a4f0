"""Tell what came of a program: the report for its team, and the cut that may be handed to a supporter.

`cohort` gives the connection on which a report is counted, `supporters` what a supporter sees of it, `cuts` hands such
a cut out, and keeps it for comparison with the next.
"""

__all__ = ["cohort", "cuts", "supporters"]
