"""The root of the command line: `said` itself, and the table that says where each command is."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Final

import typer

from bot.cli.lazy import CommandEntry, lazy_group

COMMANDS: Final[Mapping[str, CommandEntry]] = {
    "run": CommandEntry(
        "bot.cli.system.run",
        "Start: the channels in the settings, or with none of them a conversation in this terminal.",
    ),
    "check": CommandEntry(
        "bot.cli.programs.check",
        "Check scripts and programme files: file:line:column, a code, what is wrong, and what to do.",
    ),
    "invite": CommandEntry(
        "bot.cli.people.invite", "Make invitations: a Telegram link, a Slack command and a QR code each."
    ),
    "participants": CommandEntry(
        "bot.cli.people.participants", "List participants by code, the one who spoke last first."
    ),
    "participant": CommandEntry("bot.cli.people.participant", "Change what is known of a participant."),
    "doctor": CommandEntry(
        "bot.cli.system.doctor",
        "Check settings, tokens, webhook, database, time zones, scripts and disk, and say what to do.",
    ),
    "why": CommandEntry(
        "bot.cli.people.why",
        "Tell what was sent to a participant, deferred or not sent, and why; and what is still to come.",
    ),
    "export": CommandEntry(
        "bot.cli.data.export",
        "Write answers, one wide table per flow, commitments with their figures, and a codebook.",
    ),
    "purge": CommandEntry(
        "bot.cli.data.purge", "Let go what its programme keeps no longer: payloads, words, accounts."
    ),
    "simulate": CommandEntry(
        "bot.cli.programs.simulate",
        "Rehearse a programme: the real runtime with a moved clock and synthetic people.",
    ),
    "translate": CommandEntry(
        "bot.cli.programs.translate",
        "Translations: gettext PO files, one for each script or programme and language.",
    ),
    "program": CommandEntry("bot.cli.programs.program", "Programmes: what people are invited to."),
    "review": CommandEntry("bot.cli.programs.review", "Answer the people who reviewed teaching content."),
    "coordinator": CommandEntry(
        "bot.cli.people.coordinator", "Who of the team gets alerts and may ask in chat."
    ),
    "safety": CommandEntry("bot.cli.safety.safety", "Safety cases: look, do, sample, reconcile."),
    "audit": CommandEntry("bot.cli.system.audit", "The audit trail: does it hold?"),
    "identity": CommandEntry("bot.cli.system.identity", "The key that seals addresses."),
    "db": CommandEntry("bot.cli.system.db", "The database: copies, integrity, schema."),
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
        typer.echo(f"said {version('said-and-done')}")
        raise typer.Exit


@app.callback()
def said(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and stop."),
    ] = False,
) -> None:
    """Read the options that stand before a command."""
