"""Commands are imported when they are run: what starting loads, and that the table tells what the commands say."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import WRONG_USE
from bot.cli.lazy import CommandEntry, CommandTable, lazy_group, load_command, shortened
from bot.cli.root import COMMANDS, app
from bot.cli.safety import safety
from storage.database.connection import Database

HEAVY = {
    "alembic",
    "httpx",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "telegram",
    "uvicorn",
}
"""Packages that take long to import."""
ENTRIES = {**COMMANDS, **safety.COMMANDS}


def loaded_by(arguments: Sequence[str], tmp_path) -> set[str]:
    """The modules that are imported once `said` has done what the arguments say, in a process of its own."""
    file = tmp_path / "modules.json"
    script = (
        "import json, sys\n"
        "from bot.cli import main\n"
        "try:\n    main(sys.argv[2:])\n"
        "except SystemExit:\n    pass\n"
        "open(sys.argv[1], 'w').write(json.dumps(sorted(sys.modules)))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(file), *arguments], check=True, capture_output=True)
    return set(json.loads(file.read_text(encoding="utf-8")))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], [], ["nonsense"]], ids=str)
def test_starting_loads_no_command(arguments, tmp_path):
    """The version, the list of commands and a slip need neither a command nor a library of one."""
    modules = loaded_by(arguments, tmp_path)
    assert packages(modules) & HEAVY == set()
    assert not {entry.module for entry in ENTRIES.values()} & modules


def test_a_command_loads_itself_alone(tmp_path):
    """Checking scripts needs no database, and listing participants no channel."""
    modules = loaded_by(["check", "--help"], tmp_path)
    assert packages(modules) & HEAVY == set()
    assert {entry.module for entry in ENTRIES.values()} & modules == {COMMANDS["check"].module}
    modules = loaded_by(["participants", "--help"], tmp_path)
    assert not {"telegram", "slack_bolt", "starlette", "uvicorn"} & packages(modules)


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["participants"], {"babel", "rapidfuzz"}),
        (["stuck"], {"babel", "rapidfuzz"}),
        (["program", "list"], {"babel", "rapidfuzz"}),
        (["coordinator", "list"], {"babel", "rapidfuzz"}),
        (["why", "P-NOBODY"], {"babel", "rapidfuzz"}),
        (["safety", "list"], {"rapidfuzz"}),
        (["audit", "verify"], {"babel", "rapidfuzz"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else None,
)
def test_a_list_loads_no_scripts_and_no_program_files(arguments, spared, tmp_path):
    """What only shows rows knows neither how a script is made nor a program's file; most need no translations."""
    place = tmp_path / "said.sqlite"
    Database.open(place).close()
    modules = loaded_by([*arguments, "--database", str(place)], tmp_path)
    assert "storage.schema" in modules
    assert not {"flows.program.model", "flows.script.model", "alembic"} & modules
    assert not spared & packages(modules)


def test_run_loads_no_platform_that_is_not_set(tmp_path, monkeypatch):
    """A conversation in the terminal needs neither Telegram's library nor Slack's."""
    monkeypatch.chdir(tmp_path)
    modules = loaded_by(["run", "--role", "hcp"], tmp_path)
    assert "bot.app" in modules
    assert not {"telegram", "slack_bolt", "slack_sdk"} & packages(modules)


@pytest.mark.parametrize(("name", "entry"), ENTRIES.items(), ids=ENTRIES.keys())
def test_the_table_tells_what_the_command_says(name, entry):
    """The list of commands shows the line that the command itself would give, whatever the screen's width."""
    command = load_command(name, entry.module)
    for width in range(20, 140, 7):
        assert shortened(entry.summary, width) == command.get_short_help_str(width)


def test_the_table_names_every_command_of_its_modules():
    """No module registers a command that the table lacks, and a name is imported once."""
    for entries in (COMMANDS, safety.COMMANDS):
        table = CommandTable(entries)
        for name, entry in entries.items():
            assert table[name] is table[name]
            probe = typer.Typer()
            sys.modules[entry.module].register(probe)
            names = {one.name for one in (*probe.registered_commands, *probe.registered_groups)}
            assert names <= {other for other, at in entries.items() if at.module == entry.module}


def test_a_group_of_your_own():
    """A command is found by the table; another one can be added; a slip is answered with what is like it."""
    group = typer.main.get_group(
        typer.Typer(cls=lazy_group({"db": CommandEntry("bot.cli.system.commands", "The file.")}))
    )
    assert list(group.commands) == ["db"]
    group.add_command(group.commands["db"], "more")
    assert list(group.commands) == ["db", "more"]
    assert len(group.commands) == 2
    del group.commands["more"]
    assert "more" not in group.commands
    result = CliRunner().invoke(app, ["exprot"])
    assert result.exit_code == WRONG_USE
    assert "Did you mean 'export'?" in result.output


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["db", "check", "--database", "absent"]], ids=str
)
def test_python_m_bot_works_as_said_does(arguments, tmp_path):
    """`python -m bot` prints what `said` prints, and ends with its exit code."""

    def run(*start: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, *start, *arguments], check=False, cwd=tmp_path, capture_output=True, text=True
        )
        return done.returncode, done.stdout.replace("python -m bot", "said"), done.stderr

    assert run("-m", "bot") == run("-c", "import sys; sys.argv[0] = 'said'; from bot.cli import main; main()")


def signatures() -> Iterator[tuple[str, Callable[..., None]]]:
    """Every signature that `runs` something, with the module of it."""
    for module in sorted({entry.module for entry in ENTRIES.values()}):
        for one in vars(import_module(module)).values():
            if hasattr(one, "runs"):
                yield one.runs, one


@pytest.mark.parametrize(
    ("module", "signature"), [pytest.param(*one, id=f"{one[0]}.{one[1].__name__}") for one in signatures()]
)
def test_a_signature_is_that_of_what_it_runs(module, signature):
    """What a command runs takes just the options that are typed, of the same types."""
    body = getattr(import_module(module), signature.__name__)
    assert get_type_hints(body) == get_type_hints(signature)
    assert {one.default for one in inspect.signature(body).parameters.values()} <= {inspect.Parameter.empty}


@pytest.mark.parametrize("name", [*(f"said {name}" for name in COMMANDS), "said safety show"])
def test_help_loads_nothing_that_is_run(name, tmp_path):
    """The help of a command is made of its signature alone: no library but Typer, no table, no script."""
    modules = loaded_by([*name.split()[1:], "--help"], tmp_path)
    assert packages(modules) & (HEAVY | {"pydantic", "rich", "cryptography", "asyncio"}) == set()
    assert {one for one in modules if one.startswith("bot.cli.")} & {
        module for module, _ in signatures()
    } == set()


def test_what_was_imported_is_not_collected_at_the_end(tmp_path):
    """A process that ran a command leaves nothing to the last collection, and what it had at exit still runs."""
    script = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 1000, len(gc.get_objects()) < 100))\n"
        "from bot.cli import main\n"
        "main(['--version'])\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "True True"
