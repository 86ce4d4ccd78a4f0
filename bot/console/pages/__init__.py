"""The pages of the console: each module has the pages of a subject, and what their forms do, in its table `PAGES`.

`today` is the first; then `reading`, `people` and `safety`, `figures` of follow-ups and the loop, `programs`,
`reports`, `members` of the team, and the `system`.
"""

__all__ = [
    "figures",
    "members",
    "people",
    "programs",
    "reading",
    "reports",
    "safety",
    "system",
    "today",
]
