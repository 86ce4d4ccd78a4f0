"""Count what only the outcomes report shows, a module for each of its sections.

`funnel` counts T1, `commitments` T2, `barrier_ranks` T4, `alignment` T5, `accreditation` T6, `involvement` T8,
`safety_counts` T9 and `data_quality` T10; `evidence` says what shows the numbers of T6.
"""

__all__ = [
    "accreditation",
    "alignment",
    "barrier_ranks",
    "commitments",
    "data_quality",
    "evidence",
    "funnel",
    "involvement",
    "safety_counts",
]
