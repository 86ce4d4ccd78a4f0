"""Read a tree of source as modules and imports, and check the rules of the house on it.

Each rule takes a `Tree` and returns what breaks it: the module (or folder) -> what was found there; nothing where the
rule holds. `tests/test_architecture.py` runs them on this repository, and on small bad trees, so that each is seen to
fail.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.house.functions import Function, complexity, functions, length
from tests.house.source import PACKAGES, read_modules

Broken = Mapping[str, object]
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One imported name: the module it was taken from, the name there ('' for `import module`), and where it stands."""

    module: str
    name: str
    line: int
    inside_function: bool
    for_types_only: bool


def _imports(node: ast.AST, *, inside_function: bool, for_types_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = inside_function or isinstance(child, _FUNCTIONS | ast.Lambda)
        typed = for_types_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, "", child.lineno, inside, typed) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            source = "." * child.level + (child.module or "")
            yield from (Import(source, alias.name, child.lineno, inside, typed) for alias in child.names)
        else:
            yield from _loaded_by_name(child)
            yield from _imports(child, inside_function=inside, for_types_only=typed)


def _loaded_by_name(node: ast.AST) -> Iterator[Import]:
    """Yield the module that `load("...")` or a command's `runs("...")` loads: later than imports, so in no circle."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("load", "runs"):
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Import(argument.value, "", node.lineno, inside_function=False, for_types_only=True)


class Tree:
    """The modules under these top folders of a checkout; migrations are left out, they are written by a tool."""

    def __init__(self, root: Path, tops: Sequence[str] = PACKAGES) -> None:
        self.tops = tuple(tops)
        self.modules = read_modules(root, self.tops)
        self.imports = {
            name: tuple(_imports(module.tree, inside_function=False, for_types_only=False))
            for name, module in self.modules.items()
        }
        self.functions: dict[str, list[Function]] = {name: [] for name in self.modules}
        for name, function in functions(self.modules.values()):
            self.functions[name].append(function)

    def target(self, imported: Import) -> str:
        """The module that an import loads last: `from a import b` is `a.b` where that is a module, else `a`."""
        full = f"{imported.module}.{imported.name}"
        return full if full in self.modules else imported.module

    def is_ours(self, name: str) -> bool:
        return name.partition(".")[0] in self.tops

    def uses(self, name: str, *, at_load: bool = False) -> set[str]:
        """Our own modules that a module imports; `at_load` leaves out functions and what only type checkers read."""
        taken = (
            one
            for one in self.imports[name]
            if not at_load or not (one.inside_function or one.for_types_only)
        )
        return {used for one in taken if self.is_ours(used := self.target(one))} - {name}

    def exports(self, name: str) -> tuple[str, ...]:
        """The names in the `__all__` of a module; none where there is no such list."""
        for node in self.modules[name].tree.body:
            if isinstance(node, ast.Assign) and any(
                ast.unparse(target) == "__all__" for target in node.targets
            ):
                return tuple(ast.literal_eval(node.value))
        return ()

    def packages_of(self, name: str) -> Iterator[str]:
        """The packages that a module stands in, outermost first; the module itself where it is one."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            package = ".".join(parts[:count])
            if package in self.modules and self.modules[package].is_package:
                yield package


def unit(name: str) -> str:
    """What has a place in the order: a package or module directly in a top folder (`flows.engine`, `bot.app`)."""
    return ".".join(name.split(".")[:2])


def _only(found: Mapping[str, object]) -> Broken:
    return {name: what for name, what in found.items() if what}


def against_the_order(tree: Tree, order: Sequence[str]) -> Broken:
    """Find imports of what stands higher in the order, units without a place in it, and places without a unit."""
    place = {name: number for number, name in enumerate(order)}
    found: dict[str, set[str]] = defaultdict(set)
    for module in tree.modules.values():
        if module.name in tree.tops:
            continue
        if unit(module.name) not in place:
            found[module.name].add("has no place in the order")
            continue
        for used in tree.uses(module.name):
            if used not in tree.tops and place.get(unit(used), len(order)) < place[unit(module.name)]:
                found[module.name].add(used)
    there = {unit(name) for name in tree.modules}
    return _only({**found, **{name: "is not there" for name in order if name not in there}})


def beyond(tree: Tree, inside: str, allowed: Sequence[str]) -> Broken:
    """Find what modules under `inside` import of ours, or of the tests, beyond themselves and `allowed`."""

    def is_allowed(used: str) -> bool:
        return any(used == name or used.startswith(f"{name}.") for name in allowed)

    found = {}
    for module in tree.modules.values():
        if module.name == inside or module.name.startswith(f"{inside}."):
            names = {tree.target(one) for one in tree.imports[module.name]}
            ours = {
                name for name in names if tree.is_ours(name) or name.partition(".")[0] in ("tests", "bench")
            }
            found[module.name] = {name for name in ours if not is_allowed(name)}
    return _only(found)


def imported_outside(tree: Tree, target: str, allowed: Sequence[str]) -> Broken:
    """Find who imports something under `target` without standing under `target` or one of `allowed`."""
    found = {}
    for module in tree.modules.values():
        if not any(f"{module.name}.".startswith(f"{name}.") for name in (target, *allowed)):
            found[module.name] = {
                name for name in tree.uses(module.name) if f"{name}.".startswith(f"{target}.")
            }
    return _only(found)


def impure(tree: Tree, top: str, forbidden: frozenset[str]) -> Broken:
    """Find modules under `top` that import something forbidden."""
    return _only(
        {
            module.name: {one.module.partition(".")[0] for one in tree.imports[module.name]} & forbidden
            for module in tree.modules.values()
            if module.name.partition(".")[0] == top
        }
    )


def cycles(tree: Tree) -> Broken:
    """Find modules that import each other, directly or in a circle, when they are loaded."""
    graph = {
        module.name: tree.uses(module.name, at_load=True) & set(tree.modules)
        for module in tree.modules.values()
    }
    for name, needs in graph.items():  # a package is loaded before its modules and may export them
        if tree.modules[name].is_package:
            graph[name] = {need for need in needs if not need.startswith(f"{name}.")}
    while graph:
        free = {name for name, needs in graph.items() if not needs & set(graph)}
        if not free:
            return graph
        graph = {name: needs for name, needs in graph.items() if name not in free}
    return {}


def imports_inside_functions(tree: Tree) -> Broken:
    """Find imports that stand in the body of a function, where a circle could hide."""
    return _only(
        {
            m.name: [one.line for one in tree.imports[m.name] if one.inside_function]
            for m in tree.modules.values()
        }
    )


def relative_imports(tree: Tree) -> Broken:
    """Find imports that do not say in full where a thing comes from."""
    return _only(
        {
            name: [one.line for one in imported if one.module.startswith(".")]
            for name, imported in tree.imports.items()
        }
    )


def full_folders(tree: Tree, most: int) -> Broken:
    """Find folders with more modules than `most`, packages' own files not counted."""
    count: dict[str, int] = defaultdict(int)
    for module in tree.modules.values():
        if not module.is_package:
            count[module.name.rpartition(".")[0]] += 1
    return {folder: number for folder, number in count.items() if number > most}


def private_imports(tree: Tree) -> Broken:
    """Find imports of what is private: a module or name that is not in its package's `__all__`, or begins with `_`.

    A module of a package uses all that stands in it. Anybody else uses what the package exports; what is exported and
    is a module may be used whole.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for module in tree.modules.values():
        for one in tree.imports[module.name]:
            if not tree.is_ours(one.module):
                continue
            if one.name.startswith("_") and not one.name.endswith("__"):
                found[module.name].add(f"{one.module}.{one.name}")
            full = f"{one.module}.{one.name}".rstrip(".")
            for package in tree.packages_of(one.module):
                next_name = full.removeprefix(f"{package}.").partition(".")[0]
                outside = not f"{module.name}.".startswith(f"{package}.")
                is_top = package in tree.tops
                if outside and not is_top and next_name not in tree.exports(package):
                    found[module.name].add(f"{package}.{next_name}")
    return _only(found)


def unsaid_surfaces(tree: Tree) -> Broken:
    """Find packages whose docstring does not name each thing that they export, or that export what is not there."""
    found: dict[str, object] = {}
    for module in tree.modules.values():
        if not module.is_package:
            continue
        text = ast.get_docstring(module.tree) or ""
        known = {name for node in module.tree.body for name in _bound(node)}
        known |= {name.rpartition(".")[2] for name in tree.modules if name.rpartition(".")[0] == module.name}
        exported = tree.exports(module.name)
        unsaid = (
            {name for name in exported if f"`{name}`" not in text} if len(exported) <= _MOST_NAMED else set()
        )
        found[module.name] = ("" if text else "no docstring") or unsaid or set(exported) - known
    return _only(found)


_MOST_NAMED = 30
"""A package that exports more (the tables) says in its docstring what they are, without their names."""


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return [node.name] if isinstance(node, (*_FUNCTIONS.__args__, ast.ClassDef)) else []


def repeated_class_names(tree: Tree) -> Broken:
    """Find names that two classes bear."""
    places: dict[str, list[str]] = defaultdict(list)
    for module in tree.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module.name)
    return {name: where for name, where in places.items() if len(where) > 1}


def long_files(tree: Tree, most: int) -> Broken:
    """Find files of more lines than `most`."""
    return {module.name: module.lines for module in tree.modules.values() if module.lines > most}


def long_functions(tree: Tree, most: int) -> Broken:
    """Find functions of more lines than `most`."""
    return _only(
        {
            module.name: [node.name for node in tree.functions[module.name] if length(node) > most]
            for module in tree.modules.values()
        }
    )


def complex_functions(tree: Tree, most: int) -> Broken:
    """Find functions above this complexity."""
    return _only(
        {
            module.name: [node.name for node in tree.functions[module.name] if complexity(node) > most]
            for module in tree.modules.values()
        }
    )


_PRINTING = frozenset(
    [
        *("print", "typer.echo", "typer.secho", "click.echo", "sys.stdout.write", "sys.stderr.write"),
        *("sys.stdout.writelines", "sys.stderr.writelines"),
    ]
)
_MAKING = frozenset(["mkdir", "makedirs", "touch", "write_text", "write_bytes"])
_SECRET = re.compile(r"(?<![a-z])(secret|signature|password|hmac|digest|token)(?![a-z])")


def _calls(tree: Tree, module: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree.modules[module].tree):
        if isinstance(node, ast.Call):
            yield node


def prints_by_hand(tree: Tree, tops: Sequence[str], allowed: Sequence[str]) -> Broken:
    """Find what writes to a terminal itself: what people wrote would reach it as it is."""
    return _only(
        {
            name: [node.lineno for node in _calls(tree, name) if ast.unparse(node.func) in _PRINTING]
            for name in tree.modules
            if name.partition(".")[0] in tops and name not in allowed
        }
    )


def open_files(tree: Tree, tops: Sequence[str], allowed: Sequence[str]) -> Broken:
    """Find what makes files or folders with the rights that the system gives by itself: others may read them."""
    return _only(
        {
            name: [
                node.lineno
                for node in _calls(tree, name)
                if isinstance(node.func, ast.Attribute) and node.func.attr in _MAKING
            ]
            for name in tree.modules
            if name.partition(".")[0] in tops and name not in allowed
        }
    )


def timed_comparisons(tree: Tree, tops: Sequence[str]) -> Broken:
    """Find comparisons of secrets by `==` and the like, whose time tells how much was right (`hmac.compare_digest`).

    A comparison with a constant and one that a database makes (`TABLE.c.column`) are none of these.
    """

    def is_secret(node: ast.expr) -> bool:
        name = ast.unparse(node)
        last = name.rpartition(".")[2].partition("(")[0] if isinstance(node, ast.Attribute) else name
        return not re.search(r"\.c\.|^len\(", name) and bool(_SECRET.search(last.lower().replace("_", " ")))

    def is_timed(node: ast.AST) -> bool:
        if not isinstance(node, ast.Compare):
            return False
        sides = [node.left, *node.comparators]
        fixed = any(isinstance(one, ast.Constant) or ".c." in ast.unparse(one) for one in sides)
        by_value = any(isinstance(one, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for one in node.ops)
        return by_value and not fixed and any(is_secret(one) for one in sides)

    return _only(
        {
            module.name: [ast.unparse(node) for node in ast.walk(module.tree) if is_timed(node)]
            for module in tree.modules.values()
            if module.name.partition(".")[0] in tops
        }
    )


def _run_by(signatures: Sequence[Function]) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of what each signature of a command has as its `runs`."""
    for node in signatures:
        for one in node.decorator_list:
            if isinstance(one, ast.Call) and ast.unparse(one.func) == "runs":
                yield ast.literal_eval(one.args[0]), node.name


def many_parameters(tree: Tree, most: int) -> Broken:
    """Find functions with more parameters than `most`, of any kind; commands, whose parameters are options, aside."""

    def count(node: Function) -> int:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        return len([one for one in every if one.arg not in ("self", "cls")])

    def is_command(node: Function) -> bool:
        annotations = [ast.unparse(one.annotation) for one in node.args.args if one.annotation is not None]
        return any("Annotated[" in one or one.endswith("Option") for one in annotations)

    run = {f"{module}.{name}" for one in tree.modules for module, name in _run_by(tree.functions[one])}
    return _only(
        {
            module.name: [
                node.name
                for node in tree.functions[module.name]
                if count(node) > most and not is_command(node) and f"{module.name}.{node.name}" not in run
            ]
            for module in tree.modules.values()
        }
    )
