"""The tables of an export: a module for each family of tables, and `registry`, which lists them in order.

`table` has what all share: the selection, the table as a stream of rows, the cells. `answers` and `remarks` are written
as JSON Lines too, the counts of `safety` are shown in a terminal, and the cut of `waves` is part of a supporter's
report. `best_practice` says which question tells of which row of the GRIPP2 short form. The others are reached through
the registry alone.
"""

__all__ = ["answers", "best_practice", "registry", "remarks", "safety", "table", "waves"]
