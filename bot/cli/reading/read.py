"""`said read`: the table that says where each of its commands is. By itself it shows one text after the other."""

from collections.abc import Mapping
from typing import Final

import typer

from bot.cli.lazy import CommandEntry, lazy_group
from bot.cli.reading.commands import next_texts

COMMANDS: Final[Mapping[str, CommandEntry]] = {
    "list": CommandEntry(
        "bot.cli.reading.commands",
        "List the texts that nobody has read, in the order in which they are to be read: nobody's words.",
    ),
    "show": CommandEntry(
        "bot.cli.reading.commands", "Show texts whole, without what may tell who somebody is."
    ),
    "mark": CommandEntry("bot.cli.reading.commands", "Say that you have read texts that were shown to you."),
    "uncertain": CommandEntry(
        "bot.cli.reading.commands",
        "List answers that were read out of words with doubt, and remarks beside a choice: nobody's words.",
    ),
    "fix": CommandEntry(
        "bot.cli.reading.commands", "Say what words mean that were read with doubt, or leave them."
    ),
}
"""Every command about unread texts: its module, and the first sentence of its help."""


def register(app: typer.Typer) -> None:
    """Add the group of commands `said read` to an app; each is imported when it is used."""
    group = typer.Typer(cls=lazy_group(COMMANDS), invoke_without_command=True)
    group.callback()(next_texts)
    app.add_typer(group, name="read")
