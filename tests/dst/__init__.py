"""Simulate people, platforms, clock, disk and death for a million person-days, in one loop, all of it from one seed.

`town` is one bot with its people; `platform` and `mortal` do what goes wrong: on the way to and from people, and at
every commit. `witness` notes inside the database what its rows come to, `tables` asks plain SQL what must hold of that,
and `promises` holds what people did and saw against the rows; these two share no code. `plan` says how much of
everything there must be. Run `python -m tests.dst --help`.
"""
