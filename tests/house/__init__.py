"""Measure the house: how long, how deep and how well told the code of the three packages is.

`python -m tests.house [ROOT]` prints the table for this checkout, or for another one; `--against OTHER` adds its
column; `--json` prints the same for a program. How each figure is taken is told where it is taken:

    tests.house.source      the modules of a checkout, parsed once
    tests.house.functions   length, complexity, imports inside functions
    tests.house.imports     the import graph and its longest chain
    tests.house.words       docstrings, comments
    tests.house.names       class names that mean two things
    tests.house.visits      what one Telegram reply visits, traced in a process of its own
    tests.house.report      the figures together

Nothing of the measured checkout is imported here: its source is parsed, and the trace runs in its own process.
"""
