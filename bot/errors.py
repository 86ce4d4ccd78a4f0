"""Errors that an operator can mend, each with a remedy. The command line shows each in one line."""

import traceback
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError


class BotError(Exception):
    """The base of the bot's errors that an operator can mend: `message` says what is wrong, `remedy` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


class SettingsError(BotError):
    """A setting is missing or wrong. `key` is its name in the settings file, for example `telegram.token`."""

    def __init__(self, key: str, message: str, remedy: str) -> None:
        super().__init__(f"setting {key}: {message}", remedy)
        self.key = key


class UsageError(BotError):
    """A command of `said` was given something that cannot be done. Nothing was changed."""


def is_of_environment(error: BaseException) -> bool:
    """Return whether an error comes of the machine (no data of a time zone, no file, memory or package), and may end.

    What fails for such a reason is tried again; no message and no follow-up is to blame.
    """
    return isinstance(error, ZoneInfoNotFoundError | OSError | MemoryError | ImportError)


RETRY_SECONDS = 5.0
"""After the database could not be used: a full disk, another process in the way."""


def describe(error: BaseException) -> str:
    """Name the type of an error and where it was raised: never its message, which may hold a participant's words.

    >>> describe(KeyError("said in confidence"))
    'KeyError'
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    place = "/".join(Path(last.filename).parts[-2:])
    return f"{type(error).__name__} at {place}:{last.lineno} in {last.name}"
