"""The root of the command line: `said` itself, and the table that says where each command is."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from bot.cli.lazy import CommandEntry, lazy_group
from flows.heavy_packages import load

COMMANDS: Final[Mapping[str, CommandEntry]] = {
    "run": CommandEntry(
        "bot.cli.system.commands",
        "Start: the channels in the settings, or with none of them a try in this terminal and a browser.",
    ),
    "check": CommandEntry(
        "bot.cli.programs.commands",
        "Check scripts and programme files: file:line:column, a code, what is wrong, and what to do.",
    ),
    "invite": CommandEntry(
        "bot.cli.people.commands", "Make invitations: a Telegram link, a Slack command and a QR code each."
    ),
    "invitation": CommandEntry(
        "bot.cli.people.invitation_commands",
        "Invitations that were made: list, revoke, extend, replace; and links for a list of people.",
    ),
    "participants": CommandEntry(
        "bot.cli.people.commands", "List participants by code, the one who spoke last first."
    ),
    "participant": CommandEntry("bot.cli.people.commands", "Do something for a participant."),
    "stuck": CommandEntry(
        "bot.cli.people.commands",
        "List conversations in which nobody has said anything for three days, the longest silence first.",
    ),
    "doctor": CommandEntry(
        "bot.cli.system.commands",
        "Check settings, tokens, webhook, database, time zones, scripts and disk, and say what to do.",
    ),
    "why": CommandEntry(
        "bot.cli.people.commands",
        "Tell what was sent to a participant, deferred or not sent, and why; and what is still to come.",
    ),
    "export": CommandEntry(
        "bot.cli.data.commands",
        "Write answers, remarks, one wide table per flow, commitments with their figures, and a codebook.",
    ),
    "report": CommandEntry(
        "bot.cli.data.commands",
        "Write the outcomes report: one page that opens anywhere, and a workbook with the same tables.",
    ),
    "purge": CommandEntry(
        "bot.cli.data.commands", "Let go what its programme keeps no longer: payloads, words, accounts."
    ),
    "simulate": CommandEntry(
        "bot.cli.programs.commands",
        "Rehearse a programme: the real runtime with a moved clock and synthetic people.",
    ),
    "translate": CommandEntry(
        "bot.cli.programs.commands",
        "Translations: gettext PO files, one for each script or programme and language.",
    ),
    "program": CommandEntry("bot.cli.programs.commands", "Programmes: what people are invited to."),
    "review": CommandEntry("bot.cli.programs.commands", "Answer the people who reviewed teaching content."),
    "quote": CommandEntry(
        "bot.cli.programs.commands", "Release people's words to be shown to others: list, withdraw."
    ),
    "codebook": CommandEntry(
        "bot.cli.coding.groups", "The codebook of a programme: load, show, list its versions."
    ),
    "code": CommandEntry(
        "bot.cli.coding.code",
        "Code what people wrote: one excerpt after the other, each by two who do not see each other's codes.",
    ),
    "link": CommandEntry(
        "bot.cli.coding.groups",
        "Link themes to objectives, to what is promised, and to what patients are asked.",
    ),
    "coordinator": CommandEntry(
        "bot.cli.people.commands", "Who of the team gets alerts and may ask in chat."
    ),
    "safety": CommandEntry("bot.cli.safety.safety", "Safety cases: look, do, sample, reconcile."),
    "read": CommandEntry(
        "bot.cli.reading.read",
        "Read what patients and carers write: one text after the other, until nothing is unread.",
    ),
    "audit": CommandEntry("bot.cli.system.commands", "The audit trail: does it hold?"),
    "identity": CommandEntry("bot.cli.system.commands", "The key that seals addresses."),
    "db": CommandEntry("bot.cli.system.commands", "The database: copies, integrity, schema."),
}
"""Every command: its module, and the first sentence of its help."""

app = typer.Typer(
    name="said",
    cls=lazy_group(COMMANDS),
    help="A bot that hears patients, asks clinicians what they will change, and comes back to see"
    " whether they did.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"said {load('importlib.metadata').version('said-and-done')}")
        raise typer.Exit


@app.callback()
def said(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and stop."),
    ] = False,
) -> None:
    """Read the options that stand before a command."""
