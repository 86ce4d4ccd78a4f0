"""The figures of a checkout together, each with what it is made of."""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError
from pathlib import Path

from tests.house.functions import complexity, functions, length, local_imports, parameters, takes_options
from tests.house.imports import import_graph, longest_chain
from tests.house.names import shared_names
from tests.house.source import Module, code_modules, python_lines, read_modules
from tests.house.visits import trace_reply
from tests.house.words import comments, docstring_lines, public

TOO_COMPLEX = 15
"""A function above this is hard to hold in mind."""
TOO_MANY = 5
"""Parameters; constructors and commands may have more."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure. `details` are its worst or all of its parts, one a line; empty where there is nothing to show."""

    name: str
    value: str
    details: tuple[str, ...] = ()


def measure(root: Path, *, traced: bool = True) -> tuple[Figure, ...]:
    """
    Return the figures of the checkout at `root`; `traced` False leaves out what a reply visits.

    Raises:
        RuntimeError: The reply could not be played there.
    """
    modules = read_modules(root)
    sources = tuple(modules.values())
    return (
        *_sizes(modules),
        *_functions(sources),
        _chain(modules),
        _local_imports(sources),
        *_words(sources),
        _shared_names(sources),
        _tests_to_source(root, sources),
        *(_visits(root) if traced else ()),
    )


def table(columns: Mapping[str, Sequence[Figure]]) -> str:
    """Return the figures as a table in Markdown, one column for each checkout."""
    first, *_ = columns.values()
    values = {name: {figure.name: figure.value for figure in figures} for name, figures in columns.items()}
    rows = [["", *columns]]
    rows += [[figure.name, *(found.get(figure.name, "-") for found in values.values())] for figure in first]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    rows.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        text.ljust(width) if not place else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return f"| {' | '.join((first, *others))} |"


def _sizes(modules: Mapping[str, Module]) -> Iterator[Figure]:
    code = code_modules(modules)
    yield Figure("modules, without `__init__`", str(len(code)))
    folders = Counter(name.rpartition(".")[0].replace(".", "/") for name in code)
    details = tuple(f"{number:4} {folder}" for folder, number in folders.most_common(5))
    yield Figure("files in the fullest folder", str(max(folders.values())), details)


def _functions(sources: Iterable[Module]) -> Iterator[Figure]:
    found = list(functions(sources))
    lengths = [length(function) for _, function in found]
    value = f"{statistics.median(lengths):.0f} / {percentile(lengths, 0.9)} / {max(lengths)}"
    yield Figure("function lines, median / p90 / max", value)
    ways = sorted(((complexity(one), f"{module}.{one.name}") for module, one in found), reverse=True)
    over = tuple(f"{number:4} {name}" for number, name in ways if number > TOO_COMPLEX)
    yield Figure(f"functions over complexity {TOO_COMPLEX}", str(len(over)), over)
    many = tuple(
        f"{number:4} {module}.{one.name}"
        for module, one in found
        if (number := parameters(one)) > TOO_MANY and not takes_options(module, one)
    )
    yield Figure(f"functions with over {TOO_MANY} parameters", str(len(many)), many)


def percentile(values: Sequence[int], share: float) -> int:
    """Return the value below which this share lies (nearest rank)."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _chain(modules: Mapping[str, Module]) -> Figure:
    name = "longest import chain, in modules"
    try:
        chain = longest_chain(import_graph(modules))
    except CycleError as error:
        return Figure(name, "a cycle", tuple(error.args[1]))
    return Figure(name, str(len(chain)), chain)


def _local_imports(sources: Iterable[Module]) -> Figure:
    found = tuple(f"{module.name}:{line}" for module in sources for line in local_imports(module))
    return Figure("imports inside functions", str(len(found)), found)


def _words(sources: Sequence[Module]) -> Iterator[Figure]:
    told = [(module, node, docstring_lines(node)) for module in sources for node in public(module)]
    lines = [number for _, _, number in told if number]
    without = tuple(
        f"{module.name} {getattr(node, 'name', '')}".rstrip() for module, node, number in told if not number
    )
    yield Figure("public names with a docstring", f"{100 * len(lines) / len(told):.1f} %", without)
    yield Figure("docstring lines, median", f"{statistics.median(lines):.0f}")
    share = 100 * sum(map(comments, sources)) / sum(module.lines for module in sources)
    yield Figure("comments in 100 lines", f"{share:.1f}")


def _shared_names(sources: Iterable[Module]) -> Figure:
    shared = shared_names(sources)
    details = tuple(f"{name}: {', '.join(places)}" for name, places in shared.items())
    return Figure("class names with two meanings", str(len(shared)), details)


def _tests_to_source(root: Path, sources: Iterable[Module]) -> Figure:
    lines = sum(module.lines for module in sources)
    return Figure("lines of tests : lines of source", f"{python_lines(root, 'tests') / lines:.2f}")


def _visits(root: Path) -> Iterator[Figure]:
    visits = trace_reply(root)
    yield Figure("one reply visits: files", str(len(visits.files)), visits.files)
    yield Figure("one reply visits: functions", str(len(visits.functions)), visits.functions)
    yield Figure("one reply visits: depth", str(len(visits.deepest)), visits.deepest)
