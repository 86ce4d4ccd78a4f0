"""Keep programs, the versions of flows that were played, and what participants consent to in a program."""
