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
from flows.script.condition_loops import ADMIT, LoopSteps, counted, shape
from flows.script.condition_loops import MOST_STEPS as MOST_STEPS  # noqa: PLC0414 - the reference names it
from flows.script.time_limit import go_on

cel = load_extension("cel", "cel")

Lookup = Callable[[str], Any]
"""Gives the value (JSON) of a root variable; raises KeyError where there is none of that name."""

FUNCTIONS = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string"})
"""The functions, beside operators and macros, that a condition may call."""

MOST_COMPILED = 5_000
"""Characters of a condition that is compiled at all. The library recurses along a chain of operators, and one of twenty
thousand took the process with it. What an author may write is bounded more closely, see `flows.script.bounds`."""

_OURS_TO_STOP = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What comes from outside of a condition and ends the process."""
_PLACE = re.compile(r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): (?:Syntax error: )?(?P<message>.*)")


class ConditionError(FlowError):
    """A condition cannot be compiled or evaluated. `column` counts from 1, in the condition's own text."""

    def __init__(self, message: str, column: int = 1) -> None:
        self.message = message
        self.column = column
        super().__init__(f"{message} (column {column})")


class CompiledCondition(NamedTuple):
    """A condition ready to run: its text, and as `names` the root variables that it reads.

    `counts` says whether it has macros, whose steps are counted while it runs.
    """

    source: str
    program: Any
    names: tuple[str, ...]
    counts: bool


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> CompiledCondition:
    """Compile a condition, once.

    Raises:
        ConditionError: The syntax is wrong, or it calls a function that is not in `FUNCTIONS`.
    """
    if len(source) > MOST_COMPILED:
        raise ConditionError(f"it has {len(source):,} characters; at most {MOST_COMPILED:,} are read")
    program = _compiled(source)
    _refuse_unknown_functions(source, program.functions())
    found = shape(source)
    # The library counts the variable of a macro (`x` in `list.exists(x, ...)`) among the names.
    bound = {loop.variable for loop in found.loops}
    read = tuple(name for name in program.variables() if name not in bound)
    runs = _compiled(counted(source, found, read)) if found.loops else program
    return CompiledCondition(source, runs, read, bool(found.loops))


def _compiled(source: str) -> Any:
    """Compile a condition by the library.

    Raises:
        ConditionError: The syntax is wrong, or the library fails.
    """
    try:
        return cel.compile(source)
    except ValueError as error:
        raise _syntax_error(str(error), source) from None
    except BaseException as error:  # noqa: BLE001 - see `_failure`
        raise _failure(error, "cannot compile it") from None


def _failure(error: BaseException, what: str) -> ConditionError:
    """Return the error of a condition at which the library failed, in whatever way.

    A panic of the library is no `Exception` to Python, and would end the thread that writes. What ends the process is
    raised on.
    """
    if isinstance(error, _OURS_TO_STOP):
        raise error
    return ConditionError(f"{what}: {str(error) or type(error).__name__}")


def names(source: str) -> frozenset[str]:
    """Return the root variables of a condition: `c2` and `participant` in `c2 == 'x' && participant.role == 'hcp'`.

    Raises:
        ConditionError: The syntax is wrong, or it calls a function that is not in `FUNCTIONS`.
    """
    return frozenset(compile_condition(source).names)


def evaluate(source: str, lookup: Lookup) -> Any:
    """Return the value (JSON) of a condition; `lookup` gives the values of the names that it reads.

    Raises:
        ConditionError: It does not compile, a name is unknown, the types do not fit (`null > 3`), or it takes too many
            steps.
    """
    made = compile_condition(source)
    try:
        known = {name: lookup(name) for name in made.names}
    except KeyError as error:
        raise ConditionError(f"cannot evaluate {source!r}: {error}") from None
    return _run(made, known)


def _run(made: CompiledCondition, known: dict[str, Any]) -> Any:
    """Return the value (JSON) of a compiled condition over the values that are known.

    Raises:
        ConditionError: It cannot be evaluated, or takes too many steps.
    """
    if not made.counts:
        return _executed(made, known)
    steps = LoopSteps(known)
    return _counted(made, cel.Context(variables=known, functions={ADMIT: steps.admit}), steps)


def _counted(made: CompiledCondition, context: Any, steps: LoopSteps) -> Any:
    """Return the value (JSON) of a compiled condition in a context in which its steps are counted.

    Raises:
        ConditionError: It cannot be evaluated, or takes too many steps.
    """
    steps.begin()
    value = _executed(made, context)
    if steps.exceeded:
        raise ConditionError(f"it takes more than {MOST_STEPS:,} steps")
    return value


def _executed(made: CompiledCondition, context: Any) -> Any:
    """Have the library run a condition.

    Raises:
        ConditionError: It fails.
        TurnTooLong: The turn that it is part of took longer than it may.
    """
    go_on()
    try:
        return made.program.execute(context)
    except BaseException as error:  # noqa: BLE001 - see `_failure`
        raise _failure(error, f"cannot evaluate {made.source!r}") from None


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
    steps = LoopSteps(known)
    context = cel.Context(variables=known, functions={ADMIT: steps.admit})
    return {name: _value_or_none(made, context, steps) for name, made in compiled.items()}


def _compiled_or_none(source: str) -> CompiledCondition | None:
    """Compile a condition; None where that fails."""
    try:
        return compile_condition(source)
    except ConditionError:
        return None


def _value_or_none(made: CompiledCondition | None, context: Any, steps: LoopSteps) -> Any:
    """Evaluate a compiled condition; None where there is none, or it cannot be evaluated."""
    if made is None:
        return None
    try:
        return _counted(made, context, steps)
    except ConditionError:
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
        made = compile_condition(source)
    except ConditionError:
        return False
    known = {}
    for name in made.names:
        with suppress(KeyError):
            known[name] = lookup(name)
    try:
        return _run(made, known) is True
    except ConditionError:
        return None if len(known) < len(made.names) else False


def _syntax_error(report: str, source: str) -> ConditionError:
    """Return the parser's first complaint, placed in the whole text even when it has several lines."""
    if "Recursion limit" in report:
        return ConditionError("it is nested too deeply")
    found = _PLACE.search(report)
    if found is None:
        return ConditionError(report.splitlines()[0])
    before = source.splitlines(keepends=True)[: int(found["line"]) - 1]
    column = sum(map(len, before)) + int(found["column"])
    return ConditionError(found["message"].split(" expecting ")[0], column)


def _refuse_unknown_functions(source: str, called: list[str]) -> None:
    """Raise ConditionError for a function that is not in `FUNCTIONS`."""
    for name in called:
        if name.isidentifier() and name not in FUNCTIONS:  # the names of operators, such as `_+_`, are none
            found = re.search(rf"\b{re.escape(name)}\s*\(", source)
            raise ConditionError(f"unknown function '{name}'", found.start() + 1 if found else 1)
