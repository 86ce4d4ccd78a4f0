"""The modules of a checkout, parsed once."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("flows", "storage", "bot")
"""What is measured."""
NOT_MEASURED = "migrations"
"""Written by a tool, and never edited."""


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file. `name` is as it is imported: `flows.engine` for `flows/engine/__init__.py`."""

    name: str
    file: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is an `__init__.py`."""
        return self.file.name == "__init__.py"

    @property
    def lines(self) -> int:
        """How many lines the file has, blank ones included."""
        return len(self.text.splitlines())

    @property
    def is_surface(self) -> bool:
        """Whether it is an `__init__.py` that defines nothing: it only hands on what its modules define."""
        kept = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
        return self.is_package and all(isinstance(node, kept) for node in self.tree.body)


def read_modules(root: Path, packages: tuple[str, ...] = PACKAGES) -> dict[str, Module]:
    """Return the modules of these packages below `root` by name, migrations left out."""
    return {
        module.name: module
        for package in packages
        for file in sorted((root / package).rglob("*.py"))
        if NOT_MEASURED not in (module := read_module(root, file)).file.parts
    }


def read_module(root: Path, file: Path) -> Module:
    """Parse one file below `root`."""
    parts = file.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = file.read_text(encoding="utf-8")
    return Module(name, file, text, ast.parse(text))


def code_modules(modules: Mapping[str, Module]) -> dict[str, Module]:
    """Return the modules without every `__init__.py`."""
    return {name: module for name, module in modules.items() if not module.is_package}


def python_lines(root: Path, folder: str) -> int:
    """Count the lines of the Python files below a folder; 0 where it is not there."""
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in (root / folder).rglob("*.py"))
