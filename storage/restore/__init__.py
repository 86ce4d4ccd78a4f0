"""Put a backup in the place of the database, and tell it of whoever left since it was made.

`place` does it, as a whole or not at all; `untold` finds the entries of the journal that a database does not know of,
and `replay` does again to it what they tell; `team_replay` is the part of it about the team and its links.
"""

__all__ = ["place", "replay", "team_replay", "untold"]
