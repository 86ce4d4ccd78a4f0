"""Do for one participant what a coordinator decides: send the question again, set what is known, move them, erase.

The commands and the team's pages call it, so that both do the same. `parts` is what it is done with. `changes` sets
zone, language and role, `open_question` sends that once more, and `leaving` moves somebody to another account, and
deletes everything of theirs once two people want it.
"""

__all__ = ["changes", "leaving", "open_question", "parts"]
