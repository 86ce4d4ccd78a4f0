"""Measure docstrings and comments."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.house.source import Module

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_FOR_TOOLS = re.compile(r"#\s*(noqa|type:|fmt:|pragma|ruff:|!)")
"""Comments that only a tool reads."""


def public(module: Module) -> Iterator[Documented]:
    """Yield the module, its public classes and functions, and the public methods of these classes."""
    yield module.tree
    yield from _public_in(module.tree)


def _public_in(parent: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_"):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_in(node)


def docstring_lines(node: Documented) -> int:
    """Count the lines of a docstring, blank ones included; 0 without one."""
    text = ast.get_docstring(node)
    return 0 if text is None else len(text.splitlines())


def comments(module: Module) -> int:
    """Count the lines that are comments for people: behind code, or for a tool, they do not count."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    return sum(
        token.type == tokenize.COMMENT
        and token.line.lstrip().startswith("#")
        and not _FOR_TOOLS.match(token.string)
        for token in tokens
    )
