"""Find class names that mean more than one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.house.source import Module


def shared_names(modules: Iterable[Module]) -> Mapping[str, tuple[str, ...]]:
    """Return the names that several classes bear, private ones too, with the modules of each.

    `_Place` and `Place` are two names: `_Place` says that it is nobody else's.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module.name)
    return {name: tuple(places) for name, places in sorted(found.items()) if len(places) > 1}
