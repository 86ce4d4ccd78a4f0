"""`said safety flag`: a case for an answer that the rules missed."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.cli.common import ConfigOption, DatabaseOption, console, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import ByOption, clock_text
from bot.team import alerts
from bot.turn_context import TurnContext
from storage.conversations import outbox
from storage.people import coordinators
from storage.safety import manual_flags
from storage.schema import SafetyKind


def register(app: typer.Typer) -> None:
    """Add the command `said safety flag` to the group `said safety`."""
    app.command("flag")(flag)


def flag(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Whose answer.")],
    answer: Annotated[
        int, typer.Argument(metavar="ANSWER", help="Its number, from `said safety sample` or an export.")
    ],
    by: ByOption,
    kind: Annotated[SafetyKind, typer.Option("--kind", help="What it tells of.")] = SafetyKind.ADVERSE_EVENT,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Open a case for an answer that the rules missed. Its clock runs from when the answer was stored."""
    now = time_now()
    with opened(config, database) as (settings, found):

        def work(connection: Connection) -> manual_flags.FlaggedCase:
            who = coordinators.by_code(connection, by)
            flagged = manual_flags.flag_answer(
                connection, manual_flags.ManualFlag(code, answer, kind), by=who, now=now
            )
            turn = TurnContext(connection, now)
            alerts.of_case(
                turn,
                settings.localizations_now(),
                flagged.case.id,
                is_new=flagged.is_new,
                apart_from=who,
            )
            outbox.queue(connection, turn.writes.outbox)
            return flagged

        flagged = found.write_now(work)
    case = flagged.case
    what = "is open" if flagged.is_new else "was open; it has these words too"
    typer.echo(f"Safety case {case.id} {what}: stored {when(case.opened_at)}, due {when(case.due_at)} UTC.")
    console().print(clock_text(case, now))
