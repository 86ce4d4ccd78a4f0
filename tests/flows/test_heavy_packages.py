"""Packages that are slow to import are loaded at their first use; one that is missing is named with its remedy."""

import subprocess
import sys

import pytest

from flows.errors import FlowError
from flows.heavy_packages import PackageMissing, load, load_extension


def test_a_module_inside_a_package_is_loaded_by_its_full_name():
    """`dateparser.date` gives that module, and the same one every time."""
    assert load("dateparser.date").__name__ == "dateparser.date"
    assert load("dateparser.date") is load("dateparser.date")


def test_the_engine_starts_without_the_heavy_packages():
    """Importing the engine imports none of the packages that are slow to import."""
    heavy = ("dateparser", "emoji", "holidays", "num2words", "ruamel.yaml", "textstat", "yaml")
    code = f"import flows.engine.advance, sys; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_conditions_come_without_the_command_line_of_their_package():
    """`cel` would import a prompt with history and colours; its compiled module is loaded alone."""
    code = "import flows.script.conditions, sys; print('prompt_toolkit' in sys.modules, 'cel.cel' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False True"


def test_a_compiled_module_is_loaded_once():
    """It is the one that the package itself would import, and where there is none it is the package."""
    alone = load_extension("cel", "cel")
    assert load("cel").compile is alone.compile
    assert load_extension("babel", "no_such") is load("babel")
    with pytest.raises(PackageMissing, match="pip install not_there"):
        load_extension("not_there", "not_there")


@pytest.mark.parametrize(
    ("module", "package", "install"),
    [
        ("bot.channels.telegram.channel", "telegram", "python-telegram-bot"),
        ("bot.channels.slack.channel", "slack_bolt", "slack-bolt"),
        ("a_package_that_is_not_there", "a_package_that_is_not_there", "a_package_that_is_not_there"),
    ],
)
def test_a_missing_package_is_named(module, package, install, monkeypatch):
    """The error says which package is missing, for what, and how it is installed."""
    load.cache_clear()
    for name in [
        one
        for one in sys.modules
        if one.startswith((f"{package}.", "bot.channels.telegram", "bot.channels.slack"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    if package in sys.modules:
        monkeypatch.delitem(sys.modules, package)
    monkeypatch.setattr(sys, "meta_path", [_Absent(package), *sys.meta_path])
    with pytest.raises(PackageMissing) as caught:
        load(module)
    assert isinstance(caught.value, FlowError)
    assert (
        str(caught.value)
        == f"the package {package} is not installed, and {module} needs it; run `pip install {install}`"
    )


def test_a_mistake_of_ours_is_not_hidden():
    """A module of this program that is not there is a mistake, not a missing package."""
    with pytest.raises(ModuleNotFoundError):
        load("bot.channels.carrier_pigeon")


class _Absent:
    """Finds no package of this name, as where it is not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
