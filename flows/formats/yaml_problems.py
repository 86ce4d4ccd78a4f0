"""Compose YAML 1.2 into nodes, or say where a text is not YAML, and what to do about it.

By ruamel.yaml in its pure form (why: docs/why/yaml-parser.md). `yaml_source` loads this module by name where it needs
it: few files do, see `yaml_events`.
"""

import re
import sys
import warnings

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError

from flows.errors import Problem
from flows.problem_codes import ProblemCode

_LONG_ESCAPE = re.compile(r"\\U([0-9A-Fa-f]{8})")


def compose(text: str, file: str) -> Node | Problem | None:
    """Compose the only document of a text; None where there is none, and a problem where the text is not YAML.

    `file` is its name in the problem. An anchor that is given twice is the author's affair.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            node: Node | None = YAML(typ="safe", pure=True).compose(text)
            return node
    except YAMLError as error:
        return _problem(text, file, error)
    except (ValueError, OverflowError) as error:  # of `chr`, by an escape beyond the last character
        return _beyond_the_last(text, file, error)
    except RecursionError:
        return Problem(file, 1, 1, ProblemCode.TOO_DEEP, "is nested too deeply", "take some levels out")


def _beyond_the_last(text: str, file: str, error: Exception) -> Problem:
    """Return the problem of an escape in double quotes that stands for no character, above 10FFFF."""
    beyond = (found for found in _LONG_ESCAPE.finditer(text) if int(found[1], 16) > sys.maxunicode)
    if (found := next(beyond, None)) is None:
        message, remedy = f"is not YAML: {error}", "look for numbers and escapes that are too large"
        return Problem(file, 1, 1, ProblemCode.SYNTAX, message, remedy)
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    message, remedy = f"has the escape {found[0]}, which is no character", "type the character itself"
    return Problem(file, line, column, ProblemCode.SYNTAX, message, remedy)


def _problem(text: str, file: str, error: YAMLError) -> Problem:
    """Return the problem of a text that is not YAML."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        message, remedy = "has a character that YAML does not allow", "delete it or type it anew"
        return Problem(file, line, column, ProblemCode.SYNTAX, message, remedy)
    if not isinstance(error, MarkedYAMLError) or (mark := error.problem_mark or error.context_mark) is None:
        message, remedy = f"is not YAML: {error}", "correct it as the message says"
        return Problem(file, 1, 1, ProblemCode.SYNTAX, message, remedy)
    lines = text.splitlines()
    line_text = lines[mark.line] if mark.line < len(lines) else ""
    code, message = ProblemCode.SYNTAX, f"is not YAML: {error.problem}"
    if line_text[: mark.column + 1].lstrip(" ").startswith("\t"):
        code, message, remedy = (
            ProblemCode.TAB,
            "has a tab where YAML wants spaces",
            "put spaces in its place",
        )
    elif "mapping values are not allowed" in (error.problem or ""):
        remedy = "put a text that holds ': ' in quotes"
    elif "another document" in (error.problem or ""):
        message, remedy = "has a second document after '---'", "put it in a file of its own"
    else:
        if error.context_mark:
            message += f" (what it belongs to began in line {error.context_mark.line + 1})"
        remedy = "check the indentation, quotes and brackets here"
    return Problem(file, mark.line + 1, mark.column + 1, code, message, remedy)
