"""Who may import whom, read from the source: also what is imported inside functions."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "storage", "bot")
MAY_IMPORT = {"flows": {"flows"}, "storage": {"storage", "flows"}, "bot": {"bot", "storage", "flows"}}
WIRING = ("bot.app", "bot.cli")
"""The composition root, and the commands that start it."""
IMPURE = {
    "asyncio", "httpx", "os", "random", "requests", "secrets", "socket", "sqlalchemy", "sqlite3", "sqlmodel",
    "subprocess", "threading", "time", "urllib", "uuid",
}  # fmt: skip
"""What the core does not touch: clocks, chance, networks and databases."""
LONGEST_FILE = 450
LONGEST_FUNCTION = 60


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(file): file
    for package in PACKAGES
    for file in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in file.parts
}


def imports(file: Path, *, at_load: bool = False) -> Iterator[str]:
    """Every module that a file imports, wherever in the file; `at_load` leaves out what only type checkers
    read.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = _loaded(tree) if at_load else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide where things come from"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def _loaded(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is loaded: no bodies of functions, nothing under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _loaded(child)


def ours(names: Iterator[str]) -> set[str]:
    return {name for name in names if package(name) in PACKAGES}


def broken(rule: Callable[[str], object], modules: Iterable[str] = MODULES) -> dict[str, object]:
    """The modules that break a rule, with what it found there."""
    found = {module: rule(module) for module in modules}
    return {module: what for module, what in found.items() if what}


def package(name: str) -> str:
    return name.partition(".")[0]


def platform(module: str) -> str | None:
    """The platform that a channel's module belongs to; None for what all share."""
    third = [*module.split("."), "", ""][2]
    return third if third in ("telegram", "slack", "terminal") else None


def test_nobody_imports_upwards():
    """flows imports nothing of ours, storage only flows, bot both; and nothing imports the tests."""

    def upwards(module: str) -> set[str]:
        used = {package(name) for name in imports(MODULES[module])}
        return used & {*PACKAGES, "tests", "bench"} - MAY_IMPORT[package(module)]

    assert broken(upwards) == {}


def test_the_core_is_pure():
    """flows has no clock, no chance, no network and no database of its own."""

    def impure(module: str) -> set[str]:
        return {package(name) for name in imports(MODULES[module])} & IMPURE

    assert broken(impure, [name for name in MODULES if package(name) == "flows"]) == {}


def test_channels_stand_alone():
    """A channel knows flows and the channels' own contract: not storage, nor the rest of bot, nor each
    other.
    """

    def reaches(module: str) -> set[str]:
        used = ours(imports(MODULES[module]))
        foreign = {name for name in used if package(name) != "flows" and not name.startswith("bot.channels")}
        others = {name for name in used - foreign if platform(name) not in (None, platform(module))}
        return foreign | others

    assert broken(reaches, [name for name in MODULES if name.startswith("bot.channels")]) == {}


def test_only_the_root_wires():
    """Telegram and Slack are made in bot.app and the commands alone; nothing imports the commands."""

    def wires(module: str) -> set[str]:
        used = ours(imports(MODULES[module]))
        made = {name for name in used if name.startswith("bot.channels.")}
        return {name for name in made if platform(name) in ("telegram", "slack")} | {
            name for name in used if name.startswith("bot.cli")
        }

    assert broken(wires, [name for name in MODULES if not name.startswith((*WIRING, "bot.channels"))]) == {}


def test_there_are_no_import_cycles():
    """The modules can be put in an order in which each imports only earlier ones when it is loaded."""
    graph = {
        name: ours(imports(file, at_load=True)) & set(MODULES) - {name} for name, file in MODULES.items()
    }
    while graph:
        free = {name for name, needs in graph.items() if not needs & set(graph)}
        assert free, f"these import each other: {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in free}


def test_files_are_read_in_one_sitting():
    """No file is longer than 450 lines. The tables are the exception: one page that holds all of them."""

    def lines(module: str) -> int:
        length = len(MODULES[module].read_text(encoding="utf-8").splitlines())
        return length if length > LONGEST_FILE and module != "storage.schema" else 0

    assert broken(lines) == {}


def test_functions_are_short():
    """No function is longer than 60 lines."""

    def long(module: str) -> list[str]:
        functions = ast.FunctionDef | ast.AsyncFunctionDef
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        return [
            node.name
            for node in ast.walk(tree)
            if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
        ]

    assert broken(long) == {}
