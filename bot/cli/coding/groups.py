"""The groups `said codebook` and `said link` as they are typed: options, and help. What each runs is loaded then."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.coding.commands import ByOption, ProgramOption, WhyOption
from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption

ProgramArgument = Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")]

_codebook = typer.Typer(
    cls=CommandGroup, no_args_is_help=True, help="The codebook of a programme: load, show, list its versions."
)


@_codebook.command("load")
@runs("bot.cli.coding.codebook")
def load_codebook(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The codebook (YAML).")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a version of a codebook: it is used from now on, and what was coded before stays as it was."""


@_codebook.command("show")
@runs("bot.cli.coding.codebook")
def show_codebook(
    program: ProgramArgument,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="An earlier version; else the one in use."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="CODE", help="Labels in this language, such as de."),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a codebook: each code, what it means, and by which words it is suggested."""


@_codebook.command("list")
@runs("bot.cli.coding.codebook")
def list_codebooks(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions of the codebooks, who loaded them and when; the one in use comes first."""


_link = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Link themes to objectives, to what is promised, and to what patients are asked.",
)
EndHelp = "such as theme:body, objective:spring.plain_plan, suggestion:spring.teach_back, commitment:k7"


@_link.command("add")
@runs("bot.cli.coding.link")
def add_link(
    begin: Annotated[str, typer.Argument(metavar="FROM", help=f"Where it begins, {EndHelp}.")],
    end: Annotated[
        str, typer.Argument(metavar="TO", help="Where it leads, such as behaviour:spring.teach_back.")
    ],
    by: ByOption,
    why: WhyOption,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Link a theme to an objective, an objective to a suggestion or a commitment, and these to what patients see."""


@_link.command("list")
@runs("bot.cli.coding.link")
def list_links(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all links, those of the programme file too, with who made them and why."""


@_link.command("remove")
@runs("bot.cli.coding.link")
def remove_link(
    number: Annotated[int, typer.Argument(metavar="LINK", help="As `said link list` numbers it.")],
    by: ByOption,
    why: WhyOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Remove a link that somebody made; who, when and why is kept."""


def register(app: typer.Typer) -> None:
    """Add these groups to an app."""
    app.add_typer(_codebook, name="codebook")
    app.add_typer(_link, name="link")
