"""Trace what one Telegram reply visits from payload to commit, in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("one_turn.py")
_ANY_CHECKOUT = Path(__file__).parents[2] / "bench" / "in_checkout"


@dataclass(frozen=True, slots=True)
class Visits:
    """What the reply to a select_one question visits; what is counted is told in `one_turn.py`."""

    functions: tuple[str, ...]
    """Each as `folder/file.py:Class.method`."""
    deepest: tuple[str, ...]
    """Our functions on the deepest stack, the outermost first."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of these functions."""
        return tuple(sorted({function.partition(":")[0] for function in self.functions}))


def trace_reply(root: Path) -> Visits:
    """
    Play one turn with the code below `root`, and return what it visited.

    Raises:
        RuntimeError: It could not be played; the message is what the process said.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    environment["PYTHONPATH"] = os.pathsep.join((str(root), str(_ANY_CHECKOUT)))
    done = subprocess.run(
        [sys.executable, str(_SCRIPT)], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the reply could not be traced in {root}: {done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Visits(tuple(found["functions"]), tuple(found["deepest"]))
