"""Compile and evaluate conditions, which are written in CEL: a standard, sandboxed language without side effects.

Nothing is ever `eval`ed. What a condition may name, and where the value of a name comes from, is up to the
caller, who hands in a `lookup`.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

from flows.errors import FlowError
from flows.heavy_packages import load_extension

cel = load_extension("cel", "cel")

Lookup = Callable[[str], Any]
"""Gives the value (JSON) of a root variable; raises KeyError where there is none of that name."""

FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string"})
"""The functions, beside operators and macros, that a condition may call."""

_CANNOT_EVALUATE = (ValueError, TypeError, RuntimeError, KeyError, IndexError, ArithmeticError)
_OPERATOR = re.compile(r"^(_|@|!|-|\[)")
_PLACE = re.compile(r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): (?:Syntax error: )?(?P<message>.*)")
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_BOUND = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*([A-Za-z_]\w*)\s*,")


class ConditionError(FlowError):
    """A condition cannot be compiled or evaluated. `column` counts from 1, in the condition's own text."""

    def __init__(self, message: str, column: int = 1) -> None:
        self.message = message
        self.column = column
        super().__init__(f"{message} (column {column})")


class CompiledCondition(NamedTuple):
    """A condition ready to run; `names` are the root variables that it reads."""

    program: Any
    names: tuple[str, ...]


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> CompiledCondition:
    """Compile a condition, once.

    Raises:
        ConditionError: The syntax is wrong, or it calls a function that is not in `FUNCTIONS`.
    """
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise _syntax_error(str(error), source) from None
    _refuse_unknown_functions(source, program.functions())
    # The library counts the variable of a macro (`x` in `list.exists(x, ...)`) among the names.
    bound = set(_BOUND.findall(_LITERAL.sub("''", source)))
    return CompiledCondition(program, tuple(name for name in program.variables() if name not in bound))


def names(source: str) -> frozenset[str]:
    """Return the root variables of a condition: `c2` and `participant` in `c2 == 'x' && participant.role == 'hcp'`.

    Raises:
        ConditionError: The syntax is wrong, or it calls a function that is not in `FUNCTIONS`.
    """
    return frozenset(compile_condition(source).names)


def evaluate(source: str, lookup: Lookup) -> Any:
    """Return the value (JSON) of a condition; `lookup` gives the values of the names that it reads.

    Raises:
        ConditionError: It does not compile, a name is unknown, or the types do not fit (`null > 3`).
    """
    program, variables = compile_condition(source)
    try:
        return program.execute({name: lookup(name) for name in variables})
    except _CANNOT_EVALUATE as error:
        reason = str(error) or type(error).__name__
        raise ConditionError(f"cannot evaluate {source!r}: {reason}") from None


def evaluate_each(expressions: Mapping[str, str], lookup: Lookup) -> dict[str, Any]:
    """Return the values (JSON) of several expressions, by their keys; None for each that cannot be evaluated.

    `lookup` gives the values of the names that they read. These are converted once for all: for a long list of
    facts that takes longer than to evaluate.
    """
    compiled = {name: _compiled_or_none(source) for name, source in expressions.items()}
    known = {}
    for variable in dict.fromkeys(name for made in compiled.values() if made for name in made.names):
        with suppress(KeyError):
            known[variable] = lookup(variable)
    context = cel.Context(variables=known)
    return {name: _value_or_none(made, context) for name, made in compiled.items()}


def _compiled_or_none(source: str) -> CompiledCondition | None:
    """Compile a condition; None where that fails."""
    try:
        return compile_condition(source)
    except ConditionError:
        return None


def _value_or_none(made: CompiledCondition | None, context: Any) -> Any:
    """Evaluate a compiled condition; None where there is none, or it cannot be evaluated."""
    if made is None:
        return None
    try:
        return made.program.execute(context)
    except _CANNOT_EVALUATE:
        return None


def holds(source: str, lookup: Lookup) -> bool:
    """Tell whether a condition is true; `lookup` gives the values of the names that it reads.

    One that cannot be evaluated is not true: nothing unknown opens a door.
    """
    try:
        return evaluate(source, lookup) is True
    except ConditionError:
        return False


def decided(source: str, lookup: Lookup) -> bool | None:
    """Tell whether a condition is true, as far as is known: names for which `lookup` raises KeyError are unknown.

    None while the result depends on what is unknown; `false && unknown` does not. False for one that cannot be
    compiled, or not be evaluated though all is known.
    """
    try:
        program, variables = compile_condition(source)
    except ConditionError:
        return False
    known = {}
    for name in variables:
        with suppress(KeyError):
            known[name] = lookup(name)
    try:
        return program.execute(known) is True
    except _CANNOT_EVALUATE:
        return None if len(known) < len(variables) else False


def _syntax_error(report: str, source: str) -> ConditionError:
    """Return the parser's first complaint, placed in the whole text even when it has several lines."""
    found = _PLACE.search(report)
    if found is None:
        return ConditionError(report.splitlines()[0])
    before = source.splitlines(keepends=True)[: int(found["line"]) - 1]
    column = sum(map(len, before)) + int(found["column"])
    return ConditionError(found["message"].split(" expecting ")[0], column)


def _refuse_unknown_functions(source: str, called: list[str]) -> None:
    """Raise ConditionError for a function that is not in `FUNCTIONS`."""
    for name in called:
        if name not in FUNCTIONS and not _OPERATOR.match(name):
            found = re.search(rf"\b{re.escape(name)}\s*\(", source)
            raise ConditionError(f"unknown function '{name}'", found.start() + 1 if found else 1)
