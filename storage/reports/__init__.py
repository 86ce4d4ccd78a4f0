"""Read what operators (`operators`) and the team in chat (`team`) look up, and how a running bot stands (`health`).

`people` lists who takes part, `today` what a day of the team begins with, `digest` counts what it is told each day,
`team_acts` tells who of the team did what, `paused_programs` what is paused and by whom, `program_changes` what a new
file of a program would touch, and `changed_lines` each line of it that is worded otherwise: codes and numbers only, and
what the file says. What somebody said, redacted, is in `conversation_words` alone.
"""

__all__ = [
    "changed_lines",
    "conversation_words",
    "digest",
    "health",
    "operators",
    "paused_programs",
    "people",
    "program_changes",
    "team",
    "team_acts",
    "today",
]
