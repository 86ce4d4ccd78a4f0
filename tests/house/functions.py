"""Measure functions: their length, their complexity, and what they import."""

import ast
from collections.abc import Iterable, Iterator

from tests.house.source import Module

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.IfExp, ast.ExceptHandler, ast.match_case)


def functions(modules: Iterable[Module]) -> Iterator[tuple[str, Function]]:
    """Yield every function and method, nested ones too, with the name of its module."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, Function):
                yield module.name, node


def length(function: Function) -> int:
    """Return the lines from `def` to the last statement, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def complexity(function: Function) -> int:
    """
    Return 1 and one for each way that leaves the straight line, nested functions included.

    Each `if`, loop, conditional expression, `except`, `case`, and each `for` and `if` of a comprehension is one; `and`
    and `or` are one for each value after the first. So it is stricter than ruff's C901, which knows neither `and` nor
    conditional expressions.
    """
    return 1 + sum(_ways(node) for node in ast.walk(function))


def _ways(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, _BRANCHES))


def parameters(function: Function) -> int:
    """Count the parameters of any kind, `self` and `cls` left out."""
    asked = function.args
    named = [*asked.posonlyargs, *asked.args, *asked.kwonlyargs]
    first = bool(named) and named[0].arg in {"self", "cls"}
    return len(named) - first + (asked.vararg is not None) + (asked.kwarg is not None)


def takes_options(module: str, function: Function) -> bool:
    """Whether it makes a record or is a command: what it takes is named by its caller, one by one."""
    return function.name == "__init__" or module.startswith("bot.cli")


def local_imports(module: Module) -> list[int]:
    """Return the line of each import that stands inside a function."""
    found = {
        node.lineno
        for _, function in functions([module])
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return sorted(found)
