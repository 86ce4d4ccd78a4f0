"""Draw docstrings at random and print them without their code, for a reader who says what each thing does.

    python -m tests.house.docstrings --seed 7 --count 40

Who has read them compares what the reader says with the code. Forty were drawn so when the packages were made; 38 were
to be understood.
"""

import argparse
import ast
import random
from pathlib import Path

from tests.house.source import read_modules


def documented(root: Path) -> list[tuple[str, str]]:
    """Return the name and the docstring of every public function, method and class, in the order of the modules."""
    return [
        (f"{module.name}.{node.name}", text)
        for module in read_modules(root).values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        if (text := ast.get_docstring(node)) is not None
    ]


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
