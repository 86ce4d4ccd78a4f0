"""`said safety review`, `sent`, `acknowledged`, `not-event`, `clear`: what coordinators do about a case."""

from dataclasses import dataclass
from pathlib import Path

import typer
from sqlalchemy import Connection

from bot.cli.common import ConfigOption, DatabaseOption
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import ByOption, NumberArgument, ReasonOption, case_of, plain
from bot.clock import SystemClock
from bot.opening import all_flows
from bot.turns.runtime import Runtime, RuntimeOptions
from storage.people import coordinators
from storage.safety import case_workflow
from storage.safety.case_workflow import CaseAction
from storage.schema import SafetyStatus


@dataclass(frozen=True, slots=True)
class CaseStep:
    """What a coordinator does with a safety case: its number, the action, their code, and why.

    A reason is asked for by some actions only; '' is none.
    """

    number: int
    action: CaseAction
    by: str
    reason: str = ""


def register(app: typer.Typer) -> None:
    """Add the commands that move a safety case on, such as `sent`, to the group `said safety`."""
    app.command("review")(review)
    app.command("sent")(sent)
    app.command("acknowledged")(acknowledged)
    app.command("not-event")(not_event)
    app.command("clear")(clear)


def review(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Take a case on: it is being looked at, and it is this coordinator's."""
    _take(CaseStep(number, CaseAction.REVIEW, by), config, database)


def sent(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Say that the report has been passed on. From now on it is kept, whatever the person has deleted."""
    _take(CaseStep(number, CaseAction.SENT, by), config, database)


def acknowledged(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Say that whoever the report was passed on to has confirmed that they have it."""
    _take(CaseStep(number, CaseAction.ACKNOWLEDGED, by), config, database)


def not_event(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that it is no event. Open until a second coordinator says the same, each with a reason."""
    _take(CaseStep(number, CaseAction.NOT_EVENT, by, reason), config, database)


def clear(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that somebody saw to a person at risk. What was held for them, reminders too, goes on."""
    _take(CaseStep(number, CaseAction.CLEAR, by, reason), config, database)


def _take(step: CaseStep, config: Path | None, database: str | None) -> None:
    """Take a step with a case, and say what its state is now.

    When it clears a participant, their conversation goes on where it was held.
    """
    now = time_now()
    with opened(config, database) as (settings, found):
        case = case_of(found, step.number)

        def work(connection: Connection) -> case_workflow.CaseActionResult:
            who = coordinators.by_code(connection, step.by)
            decision = case_workflow.CaseDecision(step.action, who, now, step.reason)
            done = case_workflow.act_on_case(connection, case, decision)
            if done.status is SafetyStatus.CLEARED:
                runtime = Runtime(
                    found,
                    all_flows(settings),
                    SystemClock(),
                    RuntimeOptions(localizations=settings.localizations_now()),
                )
                runtime.begin_waiting(connection, case.participant_id, now=now)
            return done

        done = found.write_now(work)
    typer.echo(f"Safety case {step.number} is now: {plain(done.status)}.")
    if step.action is CaseAction.NOT_EVENT and done.first is None:
        typer.echo("A second coordinator must say the same; until then it is open.")
