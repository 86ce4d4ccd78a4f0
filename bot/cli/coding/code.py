"""`said code`: the table that says where each of its commands is. By itself it shows one excerpt after the other."""

from collections.abc import Mapping
from typing import Final

import typer

from bot.cli.coding.commands import next_excerpts
from bot.cli.lazy import CommandEntry, lazy_group

COMMANDS: Final[Mapping[str, CommandEntry]] = {
    "show": CommandEntry(
        "bot.cli.coding.commands",
        "Show words that may be coded, with the codes that are suggested for them: a suggestion is no coding.",
    ),
    "add": CommandEntry("bot.cli.coding.commands", "Give words the codes that fit, or none of them."),
    "list": CommandEntry(
        "bot.cli.coding.commands",
        "List what waits for you, what you coded, and what two have coded; nobody's codes before you gave yours.",
    ),
    "settle": CommandEntry(
        "bot.cli.coding.commands", "Settle what two coded differently: the codes that hold, and why."
    ),
    "agreement": CommandEntry(
        "bot.cli.coding.commands",
        "Show how two coders agree: Cohen's kappa of each code and of all together.",
    ),
    "people": CommandEntry(
        "bot.cli.coding.commands",
        "Count the people whose words were given each code by two: people, not mentions.",
    ),
    "saturation": CommandEntry(
        "bot.cli.coding.commands", "Show which interview brought the last new code, and the curve up to it."
    ),
}
"""Every command about coding: its module, and the first sentence of its help."""


def register(app: typer.Typer) -> None:
    """Add the group of commands `said code` to an app; each is imported when it is used."""
    group = typer.Typer(cls=lazy_group(COMMANDS), invoke_without_command=True)
    group.callback()(next_excerpts)
    app.add_typer(group, name="code")
