"""Commands about people: invitations, participants and what was sent to them, coordinators of the team.

Public modules:

- `why`: `said why`: tell what was sent to a participant and why, what was not, and what is to come.
"""

__all__ = ["why"]
