"""Draw docstrings at random and print them without their code, for a reader who says what each thing does.

    python -m tests.house.docstrings --seed 7 --count 40

Who has read them compares what the reader says with the code. Forty were drawn so when the packages were made; 38 were
to be understood.
"""

import argparse
import ast
import random
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import read_modules

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def documented(root: Path) -> list[tuple[str, str]]:
    """Return the full name and the docstring of every public function, method and class that has one."""
    return [found for module in read_modules(root).values() for found in _below(module.tree, module.name)]


def _below(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Yield the public definitions in a module or class with their docstrings, nested classes' too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Defined) and not child.name.startswith("_"):
            text = ast.get_docstring(child)
            if text is not None:
                yield f"{name}.{child.name}", text
            if isinstance(child, ast.ClassDef):
                yield from _below(child, f"{name}.{child.name}")


def main() -> None:
    """Print as many docstrings as asked for, numbered."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--count", type=int, default=40)
    chosen = options.parse_args()
    print(f"seed {chosen.seed}")
    drawn = random.Random(chosen.seed).sample(documented(Path()), chosen.count)
    for number, (name, text) in enumerate(drawn, 1):
        print(f"\n{number}. {name}\n{text}")


if __name__ == "__main__":
    main()
