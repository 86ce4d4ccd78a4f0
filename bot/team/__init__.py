"""Write to coordinators: alerts at once, and the texts of what they ask for.

Public modules:

- `alerts`: Alert the team at once and at any hour, each in their own language: codes and numbers, nobody's words.
- `clocks`: Say how much of a safety case's time is used.
- `messages`: Write what the team reads in chat: lists, cases, a participant's story, the digest.
- `reasons`: Put codes of reasons in plain words, for `said why` and `/why`.
- `safety_reports`: Open the safety team's cases, and keep with them what participants answer for a report.
- `unheard`: Say to the operator that an alert would get to nobody, and what to do.
"""

__all__ = ["alerts", "clocks", "messages", "reasons", "safety_reports", "unheard"]
