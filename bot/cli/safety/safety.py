"""`said safety`: the table that says where each of its commands is."""

from collections.abc import Mapping
from typing import Final

import typer

from bot.cli.lazy import CommandEntry, lazy_group

COMMANDS: Final[Mapping[str, CommandEntry]] = {
    "list": CommandEntry(
        "bot.cli.safety.commands",
        "List the cases, the one that is due first above the others: codes, states and clocks, nobody's words.",
    ),
    "show": CommandEntry(
        "bot.cli.safety.commands", "Show one case with what was said, without what may tell who somebody is."
    ),
    "review": CommandEntry(
        "bot.cli.safety.commands", "Take a case on: it is being looked at, and it is this coordinator's."
    ),
    "sent": CommandEntry("bot.cli.safety.commands", "Say that the report has been passed on."),
    "acknowledged": CommandEntry(
        "bot.cli.safety.commands",
        "Say that whoever the report was passed on to has confirmed that they have it.",
    ),
    "not-event": CommandEntry("bot.cli.safety.commands", "Say that it is no event."),
    "clear": CommandEntry("bot.cli.safety.commands", "Say that somebody saw to a person at risk."),
    "flag": CommandEntry(
        "bot.cli.safety.commands", "Open a case for an answer, or a remark, that the rules missed."
    ),
    "sample": CommandEntry(
        "bot.cli.safety.commands",
        "Draw words that the rules found nothing in, and show them for somebody to look at.",
    ),
    "looked": CommandEntry(
        "bot.cli.safety.commands",
        "Say that all of a sample was looked at, and that there was nothing in what was not flagged.",
    ),
    "samples": CommandEntry(
        "bot.cli.safety.commands", "List the samples: how much was drawn of how much, looked at, and flagged."
    ),
    "reconcile": CommandEntry(
        "bot.cli.safety.commands",
        "Count the cases of each programme by kind and state, zeros included: what the sponsor compares with theirs.",
    ),
}
"""Every command about safety cases: its module, and the first sentence of its help."""


def register(app: typer.Typer) -> None:
    """Add the group of commands `said safety` to an app; each is imported when it is used."""
    group = typer.Typer(
        cls=lazy_group(COMMANDS),
        no_args_is_help=True,
        help="Safety cases: look, do, sample, reconcile.",
    )
    app.add_typer(group, name="safety")
