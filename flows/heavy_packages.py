"""Load by name what is slow to import, or needed only where it is configured.

dateparser, emoji, holidays, num2words and textstat take 40 to 120 milliseconds each to import, and most replies,
commands and checks need none of them; Telegram and Slack bring libraries that take a second and that a bot without the
channel never needs. Whoever may need such a module asks `load` for it inside the function that does. All other imports
stand on top of their file.
"""

from functools import cache
from importlib import import_module
from typing import Any, Final

from flows.errors import FlowError

DISTRIBUTIONS: Final = {
    "slack_bolt": "slack-bolt",
    "slack_sdk": "slack-bolt",
    "telegram": "python-telegram-bot",
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
