"""The import graph of our own modules, as it is when they are loaded, and its longest chain.

An edge leads from a module to what it needs. `from package import name` leads to the module in which `name` is
defined, through as many `__init__.py` as hand it on: a package that has a public surface makes no chain longer, and a
chain tells what must be read, not what Python happens to run. An `__init__.py` that defines nothing is no module of the
graph. What stands inside functions or under TYPE_CHECKING is left out.
"""

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from tests.house.source import Module

Graph = Mapping[str, frozenset[str]]


def import_graph(modules: Mapping[str, Module]) -> dict[str, frozenset[str]]:
    """Return what each module needs of the others when it is loaded."""
    return {
        name: frozenset(needed(module, modules)) - {name}
        for name, module in modules.items()
        if not module.is_surface
    }


def needed(module: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    """Yield our modules that a module needs when it is loaded; one may come twice."""
    for node in loaded(module.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name in modules]
        elif isinstance(node, ast.ImportFrom):
            names = [defining(node.module or "", alias.name, modules) for alias in node.names]
        else:
            continue
        yield from (name for name in names if name in modules and not modules[name].is_surface)


def loaded(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when a module is loaded: no bodies of functions, nothing under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from loaded(child)


def defining(package: str, name: str, modules: Mapping[str, Module]) -> str:
    """Return the module in which `from package import name` finds it: a module, or where it is defined."""
    if f"{package}.{name}" in modules:
        return f"{package}.{name}"
    if package not in modules or not modules[package].is_package:
        return package
    for source, known_as, original in _handed_on(modules[package]):
        if known_as == name and source in modules and source != package:
            return defining(source, original, modules)
    return package


def _handed_on(package: Module) -> Iterator[tuple[str, str, str]]:
    """Yield what an `__init__.py` imports from elsewhere: from where, under which name here, under which there."""
    for node in loaded(package.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.asname or alias.name, alias.name) for alias in node.names)


def longest_chain(graph: Graph) -> tuple[str, ...]:
    """
    Return the longest chain of modules, each of which needs the next.

    Raises:
        graphlib.CycleError: Modules need each other when they are loaded.
    """
    chains: dict[str, tuple[str, ...]] = {}
    for name in TopologicalSorter(graph).static_order():
        below = (chains[needs] for needs in sorted(graph.get(name, ())))
        chains[name] = (name, *max(below, key=len, default=()))
    return max((chains[name] for name in sorted(chains)), key=len, default=())
