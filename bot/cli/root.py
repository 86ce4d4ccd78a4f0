"""The root of the command line: `said` itself, and where each command comes from."""

from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli.data import export, purge
from bot.cli.people import coordinator, invite, participants
from bot.cli.programs import check, program, review, simulate, translate
from bot.cli.safety import safety
from bot.cli.system import audit, db, doctor, identity, run

app = typer.Typer(
    name="said",
    help="A bot that hears patients, asks clinicians what they will change, and comes back to see"
    " whether they did.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

for module in (
    run,
    check,
    translate,
    program,
    invite,
    review,
    participants,
    coordinator,
    safety,
    doctor,
    export,
    audit,
    identity,
    purge,
    db,
    simulate,
):
    module.register(app)


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
    """Options that stand before a command."""
