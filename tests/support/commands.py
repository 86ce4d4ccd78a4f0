"""The commands of `said`, and words with which somebody would forge what they print."""

from typing import Any

FORGED = "hello\nP-9 yes \x1b[31m \x9b2J \u202eturned\rP-8"
"""Words that would write a row of their own, clear the screen, and turn what follows."""


def leaves(group: Any, before: str = "") -> list[str]:
    """The names of all commands below a group."""
    found = []
    for name in group.commands:
        one = group.commands[name]
        here = f"{before}{name}"
        found += leaves(one, f"{here} ") if hasattr(one, "commands") else [here]
    return found
