"""Make the best of a script that has wrong steps, so that `said check` can report the rest in the same run.

A step that cannot be read is replaced by a stand-in with its key; what the stand-in hides is not complained
about. The result is only ever checked, never played.
"""

import re
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from flows.formats.yaml_source import ValuePath
from flows.script.model import Flow
from flows.script.validation import findings

_TOP: dict[str, Any] = {"flow": "unreadable", "title": "…", "language": "en", "audience": ["educator"]}


def repair(value: dict[str, Any], error: ValidationError) -> tuple[Flow, frozenset[ValuePath]] | None:
    """Return the flow of a script with steps that cannot be read, and the paths of those steps.

    `value` is the file's, `error` what is wrong with it. A stand-in with its key is put for each such step;
    None where even so no flow can be made. The result is only for checks, never to be played.
    """
    mended = deepcopy(value)
    stand_ins: set[ValuePath] = set()
    found = sorted(findings(value, error), key=lambda finding: finding.kind == "extra_forbidden")
    for finding in found:
        if not _mend(mended, finding.path, finding.kind, stand_ins):
            return None
    try:
        return Flow.model_validate(mended), frozenset(stand_ins)
    except ValidationError:
        return None


def _mend(mended: dict[str, Any], path: ValuePath, kind: str, stand_ins: set[ValuePath]) -> bool:
    """Mend what one error is about; False where that is not possible."""
    step = _step_around(path)
    if step is not None and step in stand_ins:
        return True
    if kind == "extra_forbidden":
        _at(mended, path[:-1]).pop(path[-1], None)
        return True
    if step is None:
        return _mend_top(mended, path)
    given = _at(mended, step)
    if not isinstance(given, dict) or given.get("kind") == "block" or "steps" in given:
        return False
    _at(mended, step[:-1])[step[-1]] = _stand_in(given, len(stand_ins))
    stand_ins.add(step)
    return True


def _mend_top(mended: dict[str, Any], path: ValuePath) -> bool:
    """Put a default where the script's head is wrong or lacks a key; False where its steps are wrong themselves."""
    if path[:1] == ("steps",) or not isinstance(mended.get("steps"), list):
        return False
    if path[:1] in {("limits",), ("lists",), ("description",)}:
        mended.pop(str(path[0]), None)
        return path[0] != "lists"
    for key in _TOP if not path else (str(path[0]),):
        if path or key not in mended:
            mended[key] = _TOP.get(key)
    return True


def _step_around(path: ValuePath) -> ValuePath | None:
    """Return the path of the innermost step that a path leads into; None outside of steps."""
    for length in range(len(path), 1, -1):
        if isinstance(path[length - 1], int) and path[length - 2] == "steps":
            return path[:length]
    return None


def _stand_in(given: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a step that stands for one that cannot be read, with its key if that is readable."""
    key = given.get("key")
    readable = isinstance(key, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key)
    step = {"key": key if readable else f"unreadable_{number}", "text": "…"}
    if given.get("kind") in ("say", "end", "do"):  # a tuple: what stands there may not be hashable
        return {**step, "kind": "say"}
    probe = {"probe": {"when": "true", "text": "…"}} if "probe" in given else {}
    return {**step, "kind": "text", **probe}


def _at(value: Any, path: ValuePath) -> Any:
    """Return the value at a path of the file."""
    for part in path:
        value = value[part]
    return value
