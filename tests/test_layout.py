"""Hold where tests and their helpers stand: a test is found from its module, and what tests share is no test.

Each rule is run on this repository, where it must find nothing, and on a small bad tree, where it must find just what
is wrong.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MIRRORED = ("flows", "storage", "bot")
OF_SEVERAL_MODULES = {
    "bot/channels/slack/test_http.py": "signed requests, taken by the channel and by Slack's client",
    "bot/channels/slack/test_manifest.py": "docs/slack-manifest.yaml, against what the channel asks for",
    "bot/channels/telegram/test_polling.py": "the channel without a webhook",
    "bot/cli/test_commands.py": "commands of several groups",
    "bot/console/test_form_fuzz.py": "all forms and addresses of the registry, with what no page would send",
    "bot/console/test_hostile_words.py": "all pages of the registry, with words that try to be more than words",
    "bot/console/test_programs_apart.py": "all pages of the registry, with roles of one program",
    "bot/schedule/test_reminders.py": "timers and the policy, in reminders of what was left unfinished",
    "bot/turns/test_own_accord.py": "the runtime, in what the scheduler begins and plays",
    "bot/turns/test_start_again.py": "coming back after a stop: routing, invitations, consents, waves",
    "bot/turns/test_waiting.py": "the runtime, in messages that wait in the inbox",
    "flows/check/test_mutations.py": "every check, with mistakes put into a shipped script",
    "flows/engine/test_emoji.py": "all of the engine, in replies with emoji",
    "flows/engine/test_plain_replies.py": "the engine with the table of plain replies, and without it",
    "flows/library/test_library.py": "the shipped scripts, which are no modules",
    "flows/library/test_translations.py": "what readers found in all shipped translations",
    "flows/parsing/test_emoji.py": "all of parsing, in replies with emoji",
    "flows/parsing/test_other_languages.py": "all of parsing, in languages other than English",
    "flows/parsing/test_typed_labels.py": "labels of the shipped scripts as people type them",
    "flows/safety/test_bare_feelings.py": "the scan, on bare feelings and what only looks like distress",
    "flows/safety/test_named_reactions.py": "the scan, on reactions that are named and overdoses that were taken",
    "storage/database/test_migrate_numbers.py": "the migrations, in numbers that are given once",
    "storage/export/test_registries.py": "the tables and formats that packages register",
}
"""Tests that bear no module's name, and what they hold. Stories across packages stand in tests/stories."""

Found = Mapping[str, object]


def _files(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield every Python file of tests and benchmarks by its path, parsed."""
    for folder in ("tests", "bench"):
        for file in sorted((root / folder).rglob("*.py")):
            yield file.relative_to(root).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def _is_test(path: str) -> bool:
    return path.rpartition("/")[2].startswith("test_")


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def imported_tests(root: Path) -> Found:
    """Find imports of test modules, or of something in them; what is shared belongs in tests/support."""
    modules = {path.removesuffix(".py").replace("/", ".") for path, _ in _files(root) if _is_test(path)}
    found = {}
    for path, tree in _files(root):
        names = set(_imported(tree))
        found[path] = {name for name in names if {name, name.rpartition(".")[0]} & modules}
    return {path: names for path, names in found.items() if names}


def misplaced_tests(root: Path, exceptions: Mapping[str, str]) -> Found:
    """Find tests that stand where no module of their name stands, and exceptions that are none (any more).

    `tests/flows/parsing/test_dates.py` holds `flows/parsing/dates.py` or a package `flows/parsing/dates/`.
    """
    found = {}
    for top in MIRRORED:
        for file in sorted((root / "tests" / top).rglob("test_*.py")):
            path = file.relative_to(root / "tests")
            tested = root / path.parent / path.stem.removeprefix("test_")
            has_module = tested.with_suffix(".py").is_file() or (tested / "__init__.py").is_file()
            if not has_module and path.as_posix() not in exceptions:
                found[path.as_posix()] = f"no {tested.relative_to(root).as_posix()}.py"
            if has_module and path.as_posix() in exceptions:
                found[path.as_posix()] = "is no exception"
    return found | {path: "is not there" for path in exceptions if not (root / "tests" / path).is_file()}


def hidden_tests(root: Path) -> Found:
    """Find tests under tests/support, where nobody would look for them."""
    found = {}
    for path, tree in _files(root):
        if path.startswith("tests/support/"):
            found[path] = {"itself"} if _is_test(path) else {node.name for node in _tests(tree)}
    return {path: names for path, names in found.items() if names}


def undocumented_tests(root: Path) -> Found:
    """Find tests without a docstring, which states what they promise."""
    found = {}
    for path, tree in _files(root):
        if _is_test(path):
            found[path] = {node.name for node in _tests(tree) if not ast.get_docstring(node)}
    return {path: names for path, names in found.items() if names}


RULES: dict[str, Callable[[Path], Found]] = {
    "no test is imported": imported_tests,
    "tests mirror the packages": partial(misplaced_tests, exceptions=OF_SEVERAL_MODULES),
    "no helper is a test": hidden_tests,
    "tests state their promise": undocumented_tests,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_tests_stand_in_order(rule: str) -> None:
    """Each rule finds nothing in this repository."""
    assert RULES[rule](ROOT) == {}


BAD = {
    "flows/parsing/dates.py": "",
    "flows/parsing/numbers/__init__.py": "",
    "tests/flows/parsing/test_dates.py": 'def test_a():\n    """Promise."""',
    "tests/flows/parsing/test_numbers.py": "class TestIn:\n    async def test_b(self): ...",
    "tests/flows/parsing/test_days.py": "from tests.flows.parsing.test_dates import test_a",
    "tests/flows/parsing/test_all.py": "import tests.flows.parsing.test_numbers as numbers",
    "tests/support/days.py": "def test_c(): ...",
    "tests/support/test_days.py": "from tests.flows.parsing import test_dates",
    "bench/days.py": "from tests.support import days",
}
"""The files of a bad tree."""


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A tree in which each rule is broken."""
    for path, text in BAD.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_an_imported_test_is_found(bad: Path) -> None:
    """However it is imported: the module, something in it, or from its package."""
    assert imported_tests(bad) == {
        "tests/flows/parsing/test_days.py": {"tests.flows.parsing.test_dates.test_a"},
        "tests/flows/parsing/test_all.py": {"tests.flows.parsing.test_numbers"},
        "tests/support/test_days.py": {"tests.flows.parsing.test_dates"},
    }


def test_a_test_out_of_place_is_found(bad: Path) -> None:
    """One without a module, and exceptions that have one, or that are gone."""
    exceptions = {
        "flows/parsing/test_all.py": "of several",
        "flows/parsing/test_dates.py": "has a module",
        "flows/parsing/test_gone.py": "was deleted",
    }
    assert misplaced_tests(bad, exceptions) == {
        "flows/parsing/test_days.py": "no flows/parsing/days.py",
        "flows/parsing/test_dates.py": "is no exception",
        "flows/parsing/test_gone.py": "is not there",
    }


def test_a_test_among_helpers_is_found(bad: Path) -> None:
    """A file that is collected, and a function that never is."""
    assert hidden_tests(bad) == {
        "tests/support/days.py": {"test_c"},
        "tests/support/test_days.py": {"itself"},
    }


def test_a_test_without_promise_is_found(bad: Path) -> None:
    """Also in a class, and where it is asynchronous."""
    assert undocumented_tests(bad) == {"tests/flows/parsing/test_numbers.py": {"test_b"}}
