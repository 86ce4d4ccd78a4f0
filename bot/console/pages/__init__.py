"""Show the pages of the team, and do what their forms ask for: a module a page of the navigation.

`today`, `reading`, `people`, `person`, `safety`, `invitations`, `figures` of follow-ups and the loop, `themes`,
`programs`, `reports`, `members` of the team, `acts` of theirs and the `system` each have the table `PAGES`; so does
`reconciliation`, and so do the pages in `words`, about words of which something is to be decided. Making links takes
modules of its own: `new_invitations`, `rosters`, `made_links`, and `invitation_fields` that reads their forms.
"""

__all__ = [
    "acts",
    "figures",
    "invitations",
    "members",
    "people",
    "person",
    "programs",
    "reading",
    "reconciliation",
    "reports",
    "safety",
    "system",
    "themes",
    "today",
    "words",
]
