"""Promises of `python -m tests.house`: each measure is fed a small tree whose figure can be counted by hand."""

import ast
import json
import subprocess
import sys
from graphlib import CycleError
from pathlib import Path

import pytest

from tests.house.functions import complexity, functions, length, local_imports, parameters, takes_options
from tests.house.imports import defining, import_graph, longest_chain
from tests.house.names import shared_names
from tests.house.report import measure, percentile, table
from tests.house.source import code_modules, python_lines, read_modules
from tests.house.visits import Visits, trace_reply
from tests.house.words import comments, docstring_lines, public

REPOSITORY = Path(__file__).parents[1]


def tree(root, **files):
    """Write files, named with `__` for `/`; the modules found there."""
    for name, text in files.items():
        file = root / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return read_modules(root)


def surface(root, package, text):
    """Write a package's `__init__.py`; the modules found."""
    (root / package).mkdir(parents=True, exist_ok=True)
    (root / package / "__init__.py").write_text(text, encoding="utf-8")
    return read_modules(root)


def function(text):
    found = ast.parse(text).body[0]
    assert isinstance(found, ast.FunctionDef)
    return found


def test_modules_are_found_by_the_name_that_imports_them(tmp_path):
    """Packages by their folder, migrations and what is in no package of ours not at all."""
    modules = tree(tmp_path, flows__a="", storage__migrations__env="", other__b="", bot__cli__c="")
    surface(tmp_path, "flows", "")
    modules = read_modules(tmp_path)
    assert list(modules) == ["flows", "flows.a", "bot.cli.c"]
    assert list(code_modules(modules)) == ["flows.a", "bot.cli.c"]


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("def f(): pass", 1),
        ("def f(a):\n if a: pass\n elif b: pass\n else: pass", 3),
        ("def f(a):\n for b in a: pass\n while a: pass", 3),
        ("def f(a): return 1 if a else 2", 2),
        ("def f(a, b, c): return a and b and c or a", 4),
        ("def f(a): return [b for c in a if c for b in c if b if c]", 6),
        ("def f():\n try: pass\n except A: pass\n except B: pass\n finally: pass", 3),
        ("def f(a):\n match a:\n  case 1: pass\n  case _: pass", 3),
        ("def f():\n def g(a):\n  if a: pass", 2),
    ],
)
def test_complexity(text, ways):
    """Each way that leaves the straight line is one."""
    assert complexity(function(text)) == ways


def test_length_goes_from_def_to_the_last_statement():
    """The docstring counts, a decorator and what is below do not."""
    assert length(function('@one\n@two\ndef f(a):\n    """Say."""\n\n    return a\n\n# below\n')) == 4


def test_all_functions_are_found(tmp_path):
    """Methods, nested and asynchronous ones too."""
    modules = tree(tmp_path, flows__a="class A:\n async def b(self):\n  def c(): pass\ndef d(): pass")
    assert {(module, one.name) for module, one in functions(modules.values())} == {
        ("flows.a", "b"), ("flows.a", "c"), ("flows.a", "d"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("def f(): pass", 0), ("def f(a, /, b, *c, d, e=1, **g): pass", 6), ("def f(self, a, *, b): pass", 2)],
)
def test_parameters_of_any_kind(text, number):
    """Keyword-only ones count, `self` does not."""
    assert parameters(function(text)) == number


def test_constructors_and_commands_may_take_more():
    """They are called with names."""
    assert takes_options("bot.app", function("def __init__(self): pass"))
    assert takes_options("bot.cli.run", function("def run(): pass"))
    assert not takes_options("bot.app", function("def run(): pass"))


def test_an_import_inside_a_function_is_found_once(tmp_path):
    """One in a nested function too; one for type checkers on top is none."""
    text = "import a\nif TYPE_CHECKING:\n import b\ndef f():\n import c\n def g():\n  from d import e\n"
    modules = tree(tmp_path, flows__a=text)
    assert local_imports(modules["flows.a"]) == [5, 7]


# --- the import graph ---


def test_the_longest_chain(tmp_path):
    """The longest way down; what only type checkers read and what functions import makes it no longer."""
    modules = tree(
        tmp_path,
        bot__a="import storage.b\nimport json",
        storage__b="from flows import c\nfrom flows.e import x",
        flows__c="from flows.d import x",
        flows__d="if TYPE_CHECKING:\n import flows.e\ndef f():\n import flows.e",
        flows__e="x = 1",
    )
    assert longest_chain(import_graph(modules)) == ("bot.a", "storage.b", "flows.c", "flows.d")


def test_a_surface_makes_a_chain_no_longer(tmp_path):
    """What a package hands on is found where it is defined, under another name and over two packages too."""
    tree(
        tmp_path, flows__deep__a="class A: pass", bot__b="from flows import Renamed\nfrom flows.deep import a"
    )
    surface(tmp_path, "flows/deep", "from flows.deep.a import A\n__all__ = ['A']")
    modules = surface(tmp_path, "flows", '"""Told."""\nfrom flows.deep import A as Renamed')
    assert defining("flows", "Renamed", modules) == "flows.deep.a"
    assert import_graph(modules) == {"flows.deep.a": frozenset(), "bot.b": {"flows.deep.a"}}


def test_a_package_that_defines_something_is_a_module(tmp_path):
    """It stands in the graph, and what it defines is found there."""
    tree(tmp_path, flows__a="from flows import f", flows__b="")
    modules = surface(tmp_path, "flows", "import flows.b\ndef f(): pass")
    assert longest_chain(import_graph(modules)) == ("flows.a", "flows", "flows.b")


def test_a_cycle_is_no_chain(tmp_path):
    """Modules that need each other are named."""
    modules = tree(tmp_path, flows__a="import flows.b", flows__b="import flows.a")
    with pytest.raises(CycleError, match=r"flows\.a"):
        longest_chain(import_graph(modules))
    figures = {figure.name: figure for figure in measure(_whole(tmp_path), traced=False)}
    assert figures["longest import chain, in modules"].value == "a cycle"


# --- words and names ---


def test_what_is_public(tmp_path):
    """Module, classes, their methods, functions: not what begins with an underscore, nor what is in it."""
    text = (
        "def a():\n def nested(): pass\ndef _b(): pass\n"
        "class C:\n def d(self): pass\n def _e(self): pass\nclass _F:\n def g(self): pass"
    )
    modules = tree(tmp_path, flows__m=text)
    names = [getattr(node, "name", "module") for node in public(modules["flows.m"])]
    assert names == ["module", "a", "C", "d"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [("def f(): pass", 0), ('def f():\n "One."', 1), ('def f():\n """One.\n\n Two.\n """', 3)],
)
def test_docstring_lines(text, lines):
    """Blank ones between count, the closing quotes do not."""
    assert docstring_lines(function(text)) == lines


def test_comments_are_for_people(tmp_path):
    """A line of its own counts; one for a tool, one behind code and a hash in a text do not."""
    text = "# why\n# noqa: E501\n# fmt: off\nx = 1  # behind\ny = '''\n# none\n'''\ndef f():\n    # why\n    pass\n"
    assert comments(tree(tmp_path, flows__a=text)["flows.a"]) == 2


def test_names_with_two_meanings(tmp_path):
    """Classes of one name in two modules or in one, private and nested ones too."""
    modules = tree(
        tmp_path,
        flows__a="class A: pass\nclass _B: pass\nclass C: pass",
        bot__a="class A:\n class _B: pass\nclass _C: pass",
    )
    assert shared_names(modules.values()) == {"A": ("flows.a", "bot.a"), "_B": ("flows.a", "bot.a")}


def test_lines_of_a_folder(tmp_path):
    """All Python files below it; none where it is not there."""
    tree(tmp_path, tests__a="1\n2\n", tests__b__c="1\n")
    assert python_lines(tmp_path, "tests") == 3
    assert python_lines(tmp_path, "gone") == 0


# --- the report ---


def _whole(root):
    """A tree of which everything can be measured."""
    tree(
        root, bot__cli__x='"""Told."""\nclass A:\n    """Told.\n\n    More.\n    """\n# why\ndef f(): pass\n'
    )
    tree(root, bot__cli__y="class A: pass\n", tests__t="x = 1\n")
    return root


def test_the_figures_of_a_small_tree(tmp_path):
    """Each figure of the table, counted by hand."""
    found = {figure.name: figure.value for figure in measure(_whole(tmp_path), traced=False)}
    assert found == {
        "modules, without `__init__`": "2",
        "files in the fullest folder": "2",
        "function lines, median / p90 / max": "1 / 1 / 1",
        "functions over complexity 15": "0",
        "functions with over 5 parameters": "0",
        "longest import chain, in modules": "1",
        "imports inside functions": "0",
        "public names with a docstring": "40.0 %",
        "docstring lines, median": "2",
        "comments in 100 lines": "11.1",
        "class names with two meanings": "1",
        "lines of tests : lines of source": "0.11",
    }


def test_the_table_has_a_column_a_checkout(tmp_path):
    """Figures stand below each other, the names of the checkouts on top."""
    figures = measure(_whole(tmp_path), traced=False)
    head, _, first, *_ = table({"before": figures, "after": figures}).splitlines()
    assert [cell.strip() for cell in head.split("|")] == ["", "", "before", "after", ""]
    assert [cell.strip() for cell in first.split("|")] == ["", "modules, without `__init__`", "2", "2", ""]


def test_percentile_is_one_of_the_values():
    """The value below which the share lies; the highest for all."""
    assert percentile([3, 1, 2, 4], 0.5) == 3
    assert percentile([3, 1, 2, 4], 1) == 4


def test_the_command_measures_another_checkout(tmp_path):
    """`python -m tests.house ROOT --json` prints its figures under its name."""
    asked = [sys.executable, "-m", "tests.house", str(_whole(tmp_path)), "--no-trace", "--json"]
    done = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    [(name, figures)] = json.loads(done.stdout).items()
    assert name == tmp_path.name
    assert figures[0]["value"] == "2"


# --- what a reply visits ---


def test_files_are_those_of_the_functions():
    """Each file once."""
    assert Visits(("a.py:f", "b.py:A.g", "a.py:A.h"), ()).files == ("a.py", "b.py")


def test_a_reply_is_traced_from_payload_to_commit():
    """The way goes through the reader of updates, the engine, and the writing of the turn; the stack is ours alone."""
    visits = trace_reply(REPOSITORY)
    names = {function.rpartition(":")[2] for function in visits.functions}
    assert {"read_update", "Runtime.receive", "advance", "encode_state", "commit"} <= names
    assert len(visits.deepest) > 5
    assert set(visits.deepest) <= set(visits.functions)


def test_a_checkout_that_cannot_be_played_is_named(tmp_path):
    """Without a bot there is no reply: the message says where, and what was missing."""
    with pytest.raises(RuntimeError, match=tmp_path.name):
        trace_reply(tmp_path)
