"""Hold the order of the house: who may import whom, what is private, and how large a thing may grow.

The rules are functions in `tests/support/architecture.py`. Each is run here on this repository, where it must find
nothing, and on a small bad tree, where it must find just what is wrong: a rule that cannot fail says nothing.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support import architecture as rules
from tests.support.architecture import Tree

ROOT = Path(__file__).parents[1]
HOUSE = Tree(ROOT)

ORDER = (
    # bot: everything that touches the world
    "bot.__main__",
    "bot.cli",
    "bot.terminal",
    "bot.doctor",
    "bot.simulation",
    "bot.app",
    "bot.listeners",
    "bot.console",
    "bot.health",
    "bot.webhooks",
    "bot.doors",
    "bot.opening",
    "bot.invitations",
    "bot.pages",
    "bot.care",
    "bot.turns",
    "bot.schedule",
    "bot.conversations",
    "bot.mail",
    "bot.inquiries",
    "bot.team",
    "bot.delivery",
    "bot.settings",
    "bot.channels",
    "bot.channel_policy",
    "bot.turn_context",
    "bot.durations",
    "bot.clock",
    "bot.memory",
    "bot.logs",
    "bot.errors",
    # storage: everything that is kept
    "storage.restore",
    "storage.outcomes",
    "storage.export",
    "storage.privacy",
    "storage.reports",
    "storage.team",
    "storage.safety",
    "storage.coding",
    "storage.people",
    "storage.follow_up",
    "storage.conversations",
    "storage.programs",
    "storage.database",
    "storage.schema",
    "storage.enums",
    "storage.redaction",
    "storage.private_files",
    "storage.errors",
    # flows: the scripts and their engine
    "flows.reference",
    "flows.engine",
    "flows.check",
    "flows.coding",
    "flows.inquiries",
    "flows.parsing",
    "flows.i18n",
    "flows.schedule",
    "flows.program",
    "flows.safety",
    "flows.script",
    "flows.formats",
    "flows.text",
    "flows.problem_codes",
    "flows.heavy_packages",
    "flows.errors",
)
"""Highest first: a module imports what stands below its own unit, and its own unit."""

IMPURE = frozenset(
    [
        "asyncio",
        "httpx",
        "os",
        "random",
        "requests",
        "secrets",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "sqlmodel",
        "subprocess",
        "threading",
        "time",
        "urllib",
        "uuid",
    ]
)
"""What the core does not touch: clocks, chance, networks and databases."""
PLATFORMS = ("bot.channels.slack", "bot.channels.telegram", "bot.channels.terminal", "bot.channels.web")
WIRING = ("bot.app", "bot.cli", "bot.terminal")
"""Who may make a channel: the composition root, the commands that start it, and the terminal's own session."""
PAGES = "bot.pages"
"""Who finds what the pages of the web channel show: it knows the contract of that channel, and storage."""
MAIL_DESK = ("bot.mail.desk", "bot.mail.given_addresses")
"""Who look after what the links of mails lead to: pages of the web channel."""
MOST_MODULES = 18
LONGEST_FILE = 450
LONGEST_FUNCTION = 60
MOST_COMPLEX = 15
MOST_PARAMETERS = 5

PRINTERS = ("bot.cli", "bot.cli.root", "bot.cli.system.run")
"""Who else writes to a terminal: an error in one line, the version, and the conversation of `said run`."""
WRITERS = ("bot.cli.reference", "storage.database.migrate")
"""Who else makes files: of this repository, which hold nobody's words (pages of reference, a new migration)."""

Rule = Callable[[Tree], Mapping[str, object]]

RULES: dict[str, Rule] = {
    "imports point down the order": partial(rules.against_the_order, order=ORDER),
    "flows imports nothing of ours but flows": partial(rules.beyond, inside="flows", allowed=("flows",)),
    "storage imports flows": partial(rules.beyond, inside="storage", allowed=("storage", "flows")),
    "bot imports storage and flows": partial(rules.beyond, inside="bot", allowed=("bot", "storage", "flows")),
    "flows is pure": partial(rules.impure, top="flows", forbidden=IMPURE),
    "channels know flows and their contract": partial(
        rules.beyond, inside="bot.channels", allowed=("flows", "bot.channels")
    ),
    "Slack is its own": partial(rules.imported_outside, target=PLATFORMS[0], allowed=WIRING),
    "Telegram is its own": partial(rules.imported_outside, target=PLATFORMS[1], allowed=WIRING),
    "the terminal is its own": partial(rules.imported_outside, target=PLATFORMS[2], allowed=WIRING),
    "the web is its own": partial(
        rules.imported_outside, target=PLATFORMS[3], allowed=(*WIRING, PAGES, *MAIL_DESK)
    ),
    "nobody imports the commands": partial(
        rules.imported_outside, target="bot.cli", allowed=("bot.__main__",)
    ),
    "no import cycle": rules.cycles,
    "no import inside a function": rules.imports_inside_functions,
    "no relative import": rules.relative_imports,
    "no full folder": partial(rules.full_folders, most=MOST_MODULES),
    "what is private stays in its package": rules.private_imports,
    "a package says what it exports": rules.unsaid_surfaces,
    "one class, one name": rules.repeated_class_names,
    "a file is read in one sitting": partial(rules.long_files, most=LONGEST_FILE),
    "a function is short": partial(rules.long_functions, most=LONGEST_FUNCTION),
    "a function is simple": partial(rules.complex_functions, most=MOST_COMPLEX),
    "a function has few parameters": partial(rules.many_parameters, most=MOST_PARAMETERS),
    "one place writes to a terminal": partial(
        rules.prints_by_hand, tops=("bot", "storage"), allowed=(*PRINTERS, "bot.cli.common")
    ),
    "files are private": partial(
        rules.open_files, tops=("bot", "storage"), allowed=(*WRITERS, "storage.private_files")
    ),
    "secrets are compared in constant time": partial(rules.timed_comparisons, tops=("bot", "storage")),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_the_house_keeps_its_rules(rule: Rule):
    """No module of flows, storage and bot breaks a rule."""
    assert rule(HOUSE) == {}


SURFACE = '"""Say things: `speak`."""\n__all__ = ["speak"]\n'
LONG = "def long():\n" + "    x = 1\n" * 60
DEEP = "def deep(a):\n" + "".join(f"    if a == {n}: return {n}\n" for n in range(15))

BAD_TREES: dict[str, tuple[dict[str, str], Callable[[Tree], Any], set[str]]] = {
    "upwards": (
        {"flows/engine.py": "", "flows/text.py": "from flows import engine"},
        lambda tree: rules.against_the_order(tree, ("flows.engine", "flows.text")),
        {"flows.text"},
    ),
    "no place in the order": (
        {"flows/engine.py": "", "flows/new.py": ""},
        lambda tree: rules.against_the_order(tree, ("flows.engine",)),
        {"flows.new"},
    ),
    "a place that is empty": (
        {"flows/engine.py": ""},
        lambda tree: rules.against_the_order(tree, ("flows.engine", "flows.gone")),
        {"flows.gone"},
    ),
    "flows imports storage": (
        {"flows/engine.py": "import storage.rows", "storage/rows.py": ""},
        RULES["flows imports nothing of ours but flows"],
        {"flows.engine"},
    ),
    "storage imports bot": (
        {"storage/rows.py": "def f():\n    from bot import app", "bot/app.py": ""},
        RULES["storage imports flows"],
        {"storage.rows"},
    ),
    "bot imports the tests": (
        {"bot/app.py": "from tests.support import fake_channel"},
        RULES["bot imports storage and flows"],
        {"bot.app"},
    ),
    "a clock in the core": (
        {"flows/engine.py": "from time import time"},
        RULES["flows is pure"],
        {"flows.engine"},
    ),
    "a channel reads storage": (
        {"bot/channels/slack/inbound.py": "from storage import rows", "storage/rows.py": ""},
        RULES["channels know flows and their contract"],
        {"bot.channels.slack.inbound"},
    ),
    "a channel knows another": (
        {
            "bot/channels/slack/inbound.py": "",
            "bot/channels/slack/__init__.py": "",
            "bot/channels/telegram/inbound.py": "from bot.channels.slack import inbound",
        },
        RULES["Slack is its own"],
        {"bot.channels.telegram.inbound"},
    ),
    "a turn makes a channel": (
        {
            "bot/turns/runtime.py": "import bot.channels.telegram.channel",
            "bot/channels/telegram/channel.py": "",
        },
        RULES["Telegram is its own"],
        {"bot.turns.runtime"},
    ),
    "a turn uses the terminal": (
        {"bot/turns/runtime.py": "from bot.channels import terminal", "bot/channels/terminal.py": ""},
        RULES["the terminal is its own"],
        {"bot.turns.runtime"},
    ),
    "a turn reads a page of the web": (
        {"bot/turns/runtime.py": "import bot.channels.web.port", "bot/channels/web/port.py": ""},
        RULES["the web is its own"],
        {"bot.turns.runtime"},
    ),
    "a platform loaded by name": (
        {
            "bot/turns/runtime.py": 'channel = load("bot.channels.slack.channel")',
            "bot/channels/slack/channel.py": "",
        },
        RULES["Slack is its own"],
        {"bot.turns.runtime"},
    ),
    "a private module loaded by name": (
        {
            "flows/text/__init__.py": SURFACE,
            "flows/text/speak.py": "",
            "flows/text/hidden.py": "",
            "flows/engine.py": 'def f():\n    return heavy_packages.load("flows.text.hidden").x',
        },
        rules.private_imports,
        {"flows.engine"},
    ),
    "a command is imported": (
        {"bot/app.py": "from bot.cli import root", "bot/cli/root.py": ""},
        RULES["nobody imports the commands"],
        {"bot.app"},
    ),
    "a circle of three": (
        {"flows/a.py": "import flows.b", "flows/b.py": "import flows.c", "flows/c.py": "import flows.a"},
        rules.cycles,
        {"flows.a", "flows.b", "flows.c"},
    ),
    "a late import": (
        {"flows/a.py": "def f():\n    import json"},
        rules.imports_inside_functions,
        {"flows.a"},
    ),
    "a late import in a method's branch": (
        {"flows/a.py": "class A:\n    def f(self):\n        if self:\n            from json import loads"},
        rules.imports_inside_functions,
        {"flows.a"},
    ),
    "a relative import": ({"flows/a.py": "from . import b"}, rules.relative_imports, {"flows.a"}),
    "a full folder": (
        {f"flows/engine/m{number}.py": "" for number in range(MOST_MODULES + 1)},
        RULES["no full folder"],
        {"flows.engine"},
    ),
    "a private module": (
        {
            "flows/text/__init__.py": SURFACE,
            "flows/text/speak.py": "",
            "flows/text/hidden.py": "",
            "flows/engine.py": "from flows.text import speak\nfrom flows.text.hidden import x",
        },
        rules.private_imports,
        {"flows.engine"},
    ),
    "a private module of a package in a package": (
        {
            "flows/text/__init__.py": SURFACE,
            "flows/text/speak/__init__.py": '"""Nothing."""',
            "flows/text/speak/low.py": "",
            "flows/text/other.py": "from flows.text.speak import low",
        },
        rules.private_imports,
        {"flows.text.other"},
    ),
    "a private name": (
        {"flows/a.py": "_x = 1", "flows/b.py": "from flows.a import _x"},
        rules.private_imports,
        {"flows.b"},
    ),
    "a surface that is not said": (
        {"flows/text/__init__.py": '"""Words."""\n__all__ = ["speak"]\n', "flows/text/speak.py": ""},
        rules.unsaid_surfaces,
        {"flows.text"},
    ),
    "a surface that is not there": (
        {"flows/text/__init__.py": SURFACE},
        rules.unsaid_surfaces,
        {"flows.text"},
    ),
    "a package without a word": ({"flows/text/__init__.py": ""}, rules.unsaid_surfaces, {"flows.text"}),
    "two classes of one name": (
        {"flows/a.py": "class Place: ...", "storage/b.py": "class Place: ..."},
        rules.repeated_class_names,
        {"Place"},
    ),
    "a long file": (
        {"flows/a.py": "x = 1\n" * (LONGEST_FILE + 1)},
        RULES["a file is read in one sitting"],
        {"flows.a"},
    ),
    "a long function": ({"flows/a.py": LONG}, RULES["a function is short"], {"flows.a"}),
    "a function of sixteen ways": ({"flows/a.py": DEEP}, RULES["a function is simple"], {"flows.a"}),
    "six parameters, one of them by keyword": (
        {"flows/a.py": "def f(a, b, c, d, e, *, g): ..."},
        RULES["a function has few parameters"],
        {"flows.a"},
    ),
    "a command that prints": (
        {"bot/cli/show.py": "import typer\ndef f(words):\n    typer.echo(words)"},
        RULES["one place writes to a terminal"],
        {"bot.cli.show"},
    ),
    "a folder for all": (
        {"storage/export.py": "def f(folder):\n    folder.mkdir(parents=True)"},
        RULES["files are private"],
        {"storage.export"},
    ),
    "a secret compared by its letters": (
        {
            "bot/doors.py": "def f(given, self):\n    return given == self.webhook_secret",
            "bot/signed.py": "def f(signature, body):\n    return signature != sign(body)",
            "bot/known.py": "def f(token, tokens):\n    return token in tokens",
            "bot/unset.py": "def f(secret):\n    return secret == ''",
            "storage/rows.py": "def f(TABLE, token):\n    return TABLE.c.token == token",
        },
        RULES["secrets are compared in constant time"],
        {"bot.doors", "bot.signed", "bot.known"},
    ),
}


@pytest.mark.parametrize(("files", "rule", "guilty"), BAD_TREES.values(), ids=BAD_TREES.keys())
def test_each_rule_can_fail(
    tmp_path: Path, files: dict[str, str], rule: Callable[[Tree], Any], guilty: set[str]
):
    """A tree that breaks a rule is found out, at the place that breaks it."""
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert set(rule(Tree(tmp_path))) == guilty


def test_every_rule_has_a_tree_that_breaks_it():
    """No rule stands here without the proof that it can fail."""
    proven = {id(rule) for _, rule, _ in BAD_TREES.values()}
    by_function = {"imports point down the order"}  # shown with orders of its own
    unproven = {name for name, rule in RULES.items() if id(rule) not in proven} - by_function
    assert unproven == set()


def test_what_is_allowed_is_not_found(tmp_path: Path):
    """The rules leave a good tree alone: five parameters, a command's many options, exports, types' imports."""
    files = {
        "flows/text/__init__.py": SURFACE,
        "flows/text/speak.py": "def speak(a, b, c, d, e): ...",
        "flows/engine.py": "from typing import TYPE_CHECKING\nfrom flows.text import speak\n"
        "if TYPE_CHECKING:\n    from flows import text\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    tree = Tree(tmp_path)
    assert [rules.private_imports(tree), rules.cycles(tree), rules.many_parameters(tree, 5)] == [{}, {}, {}]


def test_the_architecture_page_has_the_order():
    """The page for newcomers lists the units of each package as they stand in the order."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    sections = re.findall(
        r"^\*\*`(\w+)/`\*\*, highest first\n(.*?)(?=^\*\*|^## )", page, re.MULTILINE | re.DOTALL
    )
    listed = [
        f"{top}.{name}"
        for top, rows in sections
        for name in re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)
    ]
    assert listed == list(ORDER)
