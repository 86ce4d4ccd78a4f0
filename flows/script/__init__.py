"""Read scripts: their models, conditions, facts and code lists, and how to load them.

`loader` is the entry; `model` is what the engine plays.
"""
