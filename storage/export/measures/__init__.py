"""Measure response and the closed loop: every number has an id, a definition, a source, and a query for its rows.

`measure` says what a measure is and what its cells hold, `registry` lists the tables in order, `reference` writes the
page on them. `loop` has the seam for themes that were coded, and the caveat that stands under the loop. `barriers`,
`care_ratings`, `links` and `statuses` also read whom their numbers count.
"""

__all__ = ["barriers", "care_ratings", "links", "loop", "measure", "reference", "registry", "statuses"]
