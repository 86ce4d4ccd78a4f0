"""What is loaded by name, and what is said when a package is missing."""

import sys

import pytest

from bot import optional
from bot.errors import BotError


def test_a_module_is_loaded_by_name():
    """The module comes back, the same one each time."""
    assert optional.load("bot.clock") is sys.modules["bot.clock"] is optional.load("bot.clock")


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
    for name in [
        one
        for one in sys.modules
        if one.startswith((f"{package}.", "bot.channels.telegram", "bot.channels.slack"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    if package in sys.modules:
        monkeypatch.delitem(sys.modules, package)
    monkeypatch.setattr(sys, "meta_path", [_Absent(package), *sys.meta_path])
    with pytest.raises(optional.DependencyMissing) as caught:
        optional.load(module)
    assert isinstance(caught.value, BotError)
    assert (
        str(caught.value)
        == f"the package {package} is not installed, and {module} needs it; run `pip install {install}`"
    )


def test_a_mistake_of_ours_is_not_hidden():
    """A module of this program that is not there is a mistake, not a missing package."""
    with pytest.raises(ModuleNotFoundError):
        optional.load("bot.channels.carrier_pigeon")


class _Absent:
    """Finds no package of this name, as where it is not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
