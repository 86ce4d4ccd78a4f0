"""Keep what a conversation goes by.

`programs` are the coordinators' files, `flow_versions` the flows as they were played, and `consents` what participants
agree to in a program.
"""

__all__ = ["consents", "flow_versions", "programs"]
