"""Measure response and the closed loop: every number has an id, a definition, a source, and a query for its rows.

`measure` says what a measure is and what its cells hold, `asked_answers` which answers count, `registry`
lists the tables in order, `reference` writes the page on them, `shown` shows cells in words and as JSON. `links`,
`waves` and `questions` count response, `statuses` and `barriers` what clinicians report, `care_ratings` what patients
do. `loop` has the seam for themes that were coded, and the caveat that stands under the loop.
"""

__all__ = [
    "asked_answers",
    "barriers",
    "care_ratings",
    "links",
    "loop",
    "measure",
    "questions",
    "reference",
    "registry",
    "shown",
    "statuses",
    "waves",
]
