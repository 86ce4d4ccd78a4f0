"""Load by name what is slow to import, or used only where it is configured.

Telegram and Slack bring libraries that take a second to import and that a bot without the channel never needs.
Whoever needs such a module asks `load` for it when it is needed; all other imports stand on top of their file.
`flows.heavy_packages` does the same for the core.
"""

from importlib import import_module
from typing import Any, Final

from bot.errors import BotError

DISTRIBUTIONS: Final = {
    "aiohttp": "aiohttp",
    "httpx": "python-telegram-bot",
    "langdetect": "langdetect",
    "slack_bolt": "slack-bolt",
    "slack_sdk": "slack-bolt",
    "telegram": "python-telegram-bot",
}
"""Package -> the name under which it is installed, where it is not the package's own name."""


class DependencyMissing(BotError):
    """A package that a configured part of the bot needs is not installed."""


def load(module: str) -> Any:
    """
    Import a module by its full name, such as `bot.channels.slack.channel` or `langdetect`.

    Returns the module, which Python keeps: a second call costs nothing.

    Raises:
        DependencyMissing: a package that it imports is not installed; the remedy says how to install it. A module
        of this program that is missing is a mistake in the program, and its `ModuleNotFoundError` is raised.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "bot", "flows", "storage"):
            raise
        name = DISTRIBUTIONS.get(package, package)
        raise DependencyMissing(
            f"the package {package} is not installed, and {module} needs it", f"run `pip install {name}`"
        ) from error
