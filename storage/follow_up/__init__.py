"""Keep what has a due time, and what follows from it.

`timers` are the rows of all kinds, `holds` what puts contact off; `commitments` and `waves` of follow-up on them,
`commitment_facts` what scripts are told of them, `starts` the wave more for what starts late,
`follow_ons` and `review_points`, `cosignatures` of submissions; `planned_contacts` tells what of it comes next.
`missed_contacts` takes up what fell due while its participant could not be reached; `picks` reads what somebody picked,
and the themes that it raises.
`situations`, `due_waves`, `wave_facts` and `follow_on_facts` are read at the time of firing, and `loop_facts`, what is
told of other people, when a conversation begins; `openers` keeps what was decided until it is handed over.
"""

__all__ = [
    "commitment_facts",
    "commitments",
    "cosignatures",
    "due_waves",
    "follow_on_facts",
    "follow_ons",
    "holds",
    "loop_facts",
    "missed_contacts",
    "openers",
    "picks",
    "planned_contacts",
    "review_points",
    "situations",
    "starts",
    "timers",
    "wave_facts",
    "waves",
]
