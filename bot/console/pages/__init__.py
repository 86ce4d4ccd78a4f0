"""The pages of the console: each module has the pages of a subject, and what their forms do, in its table `PAGES`.

`today`, `reading`, `people` and `safety` are those of a day; `members` are those of the team itself.
"""

__all__ = ["members", "people", "person", "reading", "safety", "today"]
