"""Errors of the operator's side, each with what to do about it. The command line shows them in one line."""


class BotError(Exception):
    """The base of all errors of this package that an operator can mend. `remedy` says how."""

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
    """A command was asked for something that cannot be. Nothing was changed."""
