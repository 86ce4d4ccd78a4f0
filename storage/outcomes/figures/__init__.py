"""Draw the figures of the outcomes report as SVG, each with the table of its numbers.

`model` says what a figure is made of, `data` counts it from a database, `draw` makes the picture. `loop_data` counts
the figure of the loop, from theme to status, and `wording` says what codes are called. `cut_data` makes a supporter's
figures of the tables of a cut.
"""

__all__ = ["cut_data", "data", "draw", "loop_data", "model", "wording"]
