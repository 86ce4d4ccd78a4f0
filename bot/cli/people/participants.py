"""`said participants`: list codes to look up. No names and no addresses: they are not shown anywhere."""

from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table, when
from bot.cli.resources import opened
from storage.reports import operators


def register(app: typer.Typer) -> None:
    """Add the command `said participants` to an app."""
    app.command("participants")(participants)


def participants(
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Lines of a page.")] = 50,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page, from 1.")] = 1,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List participants by code, the one who spoke last first."""
    with opened(config, database) as (_, found):
        rows = found.read_now(
            lambda connection: operators.list_participants(
                connection, program=program, limit=limit, offset=(page - 1) * limit
            )
        )
        total = found.read_now(lambda connection: operators.count_participants(connection, program))
    if as_json:
        print_json({"total": total, "page": page, "participants": [asdict(row) for row in rows]})
        return
    print_table(
        ("code", "role", "status", "channels", "time zone", "talks", "last turn (UTC)"),
        [
            (
                r.code,
                r.role.value,
                r.status.value,
                r.channels,
                r.timezone or "programme's",
                r.conversations,
                when(r.last_turn_at),
            )
            for r in rows
        ],
        paged=True,
    )
    typer.echo(f"{len(rows)} of {total}" + (f", page {page}" if total > limit else ""), err=True)
