"""Open what a command works on: settings, the database that they name, the Telegram bot's name, the hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.durations import parse_moment
from bot.errors import UsageError
from bot.opening import open_database
from bot.settings.settings import Settings, TelegramSettings, load_settings
from flows.heavy_packages import load
from storage.database.connection import Database, database_path


def settings_for(config: Path | None, database: str | None) -> Settings:
    """Load the settings from the file `config`, with `database` in place of the database that they name.

    Without `config` they come from where `load_settings` looks; without `database` they stay as they are.
    """
    settings = load_settings(config)
    return settings if database is None else settings.model_copy(update={"database": database})


@contextmanager
def opened(
    config: Path | None, database: str | None, *, create: bool = False
) -> Iterator[tuple[Settings, Database]]:
    """Load the settings and open the database that they name, until the block is left; yield both.

    `config` and `database` are as in `settings_for`. `create` makes a database that is not there.

    Raises:
        UsageError: there is no such database and `create` is not given: reading must not leave an empty one behind.
    """
    settings = settings_for(config, database)
    path = database_path(settings.database)
    if not create:
        existing(path)
    with open_database(settings) as found:
        yield settings, found


def existing(path: Path) -> Path:
    """Return the path of a database as it came, after a look whether there is a file.

    Raises:
        UsageError: there is none.
    """
    if not path.exists():
        raise UsageError(
            f"there is no database at {path}",
            "name one with --database, or make one with `said program load FILE` or `said run`",
        )
    return path


def now() -> datetime:
    """Return the time of the machine's clock, in UTC."""
    return SystemClock().now()


def moment(option: str, text: str | None) -> datetime | None:
    """Read the date or time that was given to an option; None where `text` is None.

    `option` is its name, such as `--since`, for the error.

    Raises:
        UsageError: the text is not a date or a time.
    """
    if text is None:
        return None
    found = parse_moment(text)
    if found is None:
        raise UsageError(f"{option} {text!r} is not a date", "write it as 2026-03-31")
    return found


async def telegram_name(settings: TelegramSettings) -> str | None:
    """Find out the Telegram bot's user name, without the `@`: the one in the settings, else what Telegram answers.

    None where Telegram cannot be asked; the reason is logged.
    """
    assert settings.token is not None  # the settings were checked
    if settings.bot_name is not None:
        return settings.bot_name.removeprefix("@")
    name: str | None = await load("bot.channels.telegram.client").ask_user_name(
        settings.token.get_secret_value(), settings.api_url
    )
    return name


async def with_telegram_name(settings: Settings) -> Settings:
    """Return the settings with the Telegram bot's user name filled in, so that links to it can be made while it runs.

    The settings as they are where Telegram is off, or the name is set already.
    """
    if settings.telegram is None or settings.telegram.bot_name is not None:
        return settings
    name = await telegram_name(settings.telegram)
    return settings.model_copy(update={"telegram": settings.telegram.model_copy(update={"bot_name": name})})
