"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from storage.export.options import ExportAudience, ExportFormat


@runs("bot.cli.data.export")
def export_files(  # noqa: PLR0917 - the options of a command
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="The folder to write to; made if it is not there.")
    ],
    form: Annotated[ExportFormat, typer.Option("--format", help="Of the tables.")] = ExportFormat.CSV,
    audience: Annotated[
        ExportAudience,
        typer.Option("--for", help="For supporters: figures alone, cells of fewer than five people hidden."),
    ] = ExportAudience.TEAM,
    program: Annotated[str | None, typer.Option("--program", help="This programme only.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Begun on this day or later (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Begun before this day (UTC).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="In the JSON Lines, all words as they came: identifiers too.")
    ] = False,
    quotes_only: Annotated[
        bool, typer.Option("--quotes-only", help="Only the words that may be quoted now, redacted.")
    ] = False,
    archive: Annotated[
        bool, typer.Option("--zip", help="One file more that holds all others, to be handed on as one.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="CODE",
            help="Who of the team asks for it, for the audit trail: a coordinator's code.",
        ),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write answers, remarks, one wide table per flow, commitments with their figures, and a codebook. No names and no addresses."""  # noqa: E501 - one line of help


@runs("bot.cli.data.report")
def report(  # noqa: PLR0917 - the options of a command
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="The folder to write to; made if it is not there.")
    ],
    audience: Annotated[
        ExportAudience,
        typer.Option("--for", help="For supporters: numbers alone, those of fewer than five people hidden."),
    ] = ExportAudience.TEAM,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Of those who joined on this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Of those who joined before this day.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            "--people",
            metavar="FILE",
            help="Who planned and taught, as CSV of codes, functions and disclosure.",
        ),
    ] = None,
    term: Annotated[
        str | None,
        typer.Option(
            "--term",
            metavar="DAY..DAY",
            help="The accreditation term: which activities count in T6; all without it.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="CODE", help="Who hands it to supporters: a coordinator's code."),
    ] = None,
    again: Annotated[
        int | None,
        typer.Option("--again", metavar="CUT", help="The very tables of a cut that supporters have."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the outcomes report: one page that opens anywhere, and a workbook with the same tables."""


@runs("bot.cli.data.purge")
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let go what its programme keeps no longer: payloads, words, accounts. `said run` does it daily."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("export")(export_files)
    app.command("report")(report)
    app.command("purge")(purge)
