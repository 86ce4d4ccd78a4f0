"""`said safety flag`: a case for an answer that the rules missed."""

from pathlib import Path

import typer
from sqlalchemy import Connection

from bot.cli.common import console, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import clock_text
from bot.team import alerts
from bot.turn_context import TurnContext
from storage.conversations import outbox
from storage.people import coordinators
from storage.safety import manual_flags
from storage.schema import SafetyKind


def flag(
    code: str, answer: int, by: str, kind: SafetyKind, config: Path | None, database: str | None
) -> None:
    """Run `said safety flag`; `bot.cli.safety.commands` says what each option is."""
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
