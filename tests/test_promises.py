"""The page of promises names what proves each: tests and transcripts that are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "promises.md"
ROWS = re.findall(
    r"^\| (?!Promise )(?P<promise>[^|]+) \| (?P<held>[^|]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
)


@cache
def _functions_of(path: Path) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize(("promise", "held"), ROWS)
def test_each_promise_is_held(promise: str, held: str) -> None:
    """Each row names at least one test or transcript, and each that it names is there."""
    named = re.findall(r"`([^`]+)`", held)
    assert named, promise
    assert [one for one in named if not _is_there(one)] == []


def test_no_promise_is_lost() -> None:
    """The page has all parts, and says each promise once."""
    text = PAGE.read_text("utf-8")
    assert re.findall(r"^## (\w+)\.", text, re.MULTILINE) == ["1", "1a", "2", "3", "4", "5", "6"]
    assert (
        len(ROWS) == len({promise for promise, _ in ROWS}) == text.count("\n| ") - text.count("\n| Promise ")
    )


def _is_there(name: str) -> bool:
    file, is_test, function = name.partition("::")
    if not is_test:
        return (ROOT / "tests" / "transcripts" / f"{name}.txt").exists()
    return (ROOT / file).exists() and function in _functions_of(ROOT / file)
