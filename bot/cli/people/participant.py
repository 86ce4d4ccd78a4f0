"""`said participant`: change what is known of a participant, by their code."""

from typing import Annotated
from zoneinfo import available_timezones

import typer
from sqlalchemy import Connection

from bot.cli.common import ConfigOption, DatabaseOption
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from storage.database import audit
from storage.people import participants
from storage.reports import operators
from storage.schema import AuditKind

app = typer.Typer(help="Change what is known of a participant.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the group of commands `said participant` to an app."""
    root.add_typer(app, name="participant")


@app.callback()
def _group() -> None:
    """Change what is known of a participant."""


@app.command("set")
def set_participant(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A participant's code, see `said participants`.")
    ],
    timezone: Annotated[str, typer.Option("--timezone", help="Theirs: an IANA name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Set a participant's time zone: what is sent of our own accord goes by it, from the next message on."""
    if timezone not in available_timezones():
        raise UsageError(f"{timezone!r} is not an IANA time zone", "write one such as Europe/Vienna")
    now = SystemClock().now()

    def work(connection: Connection) -> bool:
        number = operators.participant_id(connection, code)
        if number is None:
            return False
        participants.update(connection, number, {"timezone": timezone})
        audit.record(
            connection,
            AuditKind.SETTINGS,
            participant_id=number,
            now=now,
            command="participant set",
            timezone=timezone,
        )
        return True

    with opened(config, database) as (_, found):
        is_known = found.write_now(work)
    if not is_known:
        raise UsageError(f"there is no participant {code!r}", "see `said participants`")
    typer.echo(f"{code.upper()} is in {timezone}")
