"""Keep what a conversation goes by.

`programs` are the coordinators' files, `flow_versions` the flows as they were played, and `consents` what participants
agree to in a program. `choice_marks` reads what versions say of their choices. `word_permission` says what may be done
with participants' words, `case_words` which of them are about distress, `quotations` are those that the team released
to be shown to others, and `waiting_quotations` those that could be. `whereabouts` says in which countries a participant
most likely is.
"""

__all__ = [
    "case_words",
    "choice_marks",
    "consents",
    "flow_versions",
    "programs",
    "quotations",
    "waiting_quotations",
    "whereabouts",
    "word_permission",
]
