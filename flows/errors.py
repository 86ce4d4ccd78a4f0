"""Define the errors of the flows, by whose move it is.

A participant can do nothing wrong: an unreadable reply is a value, and never an error.
"""

from dataclasses import dataclass


class FlowError(Exception):
    """The base of all errors that the package `flows` raises."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a file that an author wrote, where, and what to do. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.code} {self.message}, {self.remedy}"


class ScriptError(FlowError):
    """A script or program file cannot be used; `problems` says why, sorted by place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ConversationOver(FlowError):
    """An event came for a conversation that has ended or has not begun. Nothing has changed."""


class StateUnreadable(FlowError):
    """A stored state cannot be read: it is damaged, or of a version that this program does not read.

    Update the program, or restore a backup.
    """
