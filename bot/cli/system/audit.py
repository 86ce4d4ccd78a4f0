"""`said audit`: check whether the audit trail holds."""

from typing import Annotated

import typer
from rich.progress import Progress

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, console, print_json
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.database import audit
from storage.database.audit import AuditAnchor, AuditVerification

group = typer.Typer(help="The audit trail: does it hold?", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands `said audit` to an app."""
    app.add_typer(group, name="audit")


@group.callback()
def _audit() -> None:
    """Make `verify` a command under `audit`, alone as it is."""


@group.command("verify")
def verify(
    anchor: Annotated[
        str | None,
        typer.Option(
            "--anchor", metavar="ROWS:HASH", help="What an earlier call printed: shows a tail cut off, too."
        ),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every row of the audit trail against the one before; exit code 1 names the first that is wrong."""
    known = _anchor(anchor)
    with (
        opened(config, database) as (_, found),
        found.reading() as connection,
        Progress(console=console(error=True), transient=True) as bar,
    ):
        task = bar.add_task("audit trail", total=audit.count_rows(connection))
        verdict = audit.verify(connection, anchor=known, progress=lambda rows: bar.advance(task, rows))
    _print(verdict, as_json=as_json)
    raise typer.Exit(1 if verdict.broken else 0)


def _anchor(text: str | None) -> AuditAnchor | None:
    known = None if text is None else AuditAnchor.read(text)
    if text is not None and known is None:
        raise UsageError(
            f"--anchor {text!r} is not an anchor", "give the line that `said audit verify` printed"
        )
    return known


def _print(verdict: AuditVerification, *, as_json: bool) -> None:
    broken = verdict.broken
    if as_json:
        print_json(
            {
                "whole": broken is None,
                "rows": verdict.anchor.rows,
                "anchor": str(verdict.anchor),
                "broken": None if broken is None else {"row": broken.row, "what": broken.what},
            }
        )
    elif broken is None:
        typer.echo(f"The audit trail is whole: {verdict.anchor.rows:,} rows.")
        typer.echo(f"Anchor, to be kept elsewhere and given to --anchor later: {verdict.anchor}")
    else:
        typer.echo(f"The audit trail is broken: row {broken.row} {broken.what}.")
        typer.echo(f"The {verdict.anchor.rows:,} rows before it hold. Compare with a backup.")
