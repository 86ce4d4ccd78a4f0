"""Runs the command `said` inside a test, as the shell would."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from bot.cli import main

COMMITMENT = (
    "1",  # shall we start
    "1",  # may we come back
    "2",  # a nurse
    "1",  # will change something
    "1",  # the first suggestion
    "Ask each myeloma patient about numbness at every visit, before I prescribe",
    "I see a new cycle, I will ask about numbness",
    "today",
    "4",
    "3",
    "5",  # of the last ten
    "1, 2",
    "ask our nurse to do it",
    "1",  # save it
    "2",  # done
)
"""The replies of a clinician to the commitment flow, from its beginning to its end."""


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Said:
    """Calls the command; `lines` are typed at its standard input."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: object, lines: Sequence[str] = ()) -> Result:
        self._monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        written = self._capsys.readouterr()
        return Result(int(left.value.code or 0), written.out, written.err)
