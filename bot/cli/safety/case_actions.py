"""`said safety review`, `sent`, `acknowledged`, `not-event`, `clear`: what coordinators do about a case."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import say
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import case_of, plain
from bot.clock import SystemClock
from bot.opening import all_flows
from bot.turns.runtime import Runtime, RuntimeOptions
from storage.people import coordinators
from storage.safety import case_workflow, same_cases
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


def review(number: int, by: str, config: Path | None, database: str | None) -> None:
    """Run `said safety review`; `bot.cli.safety.commands` says what each option is."""
    _take(CaseStep(number, CaseAction.REVIEW, by), config, database)


def sent(number: int, by: str, config: Path | None, database: str | None) -> None:
    """Run `said safety sent`; `bot.cli.safety.commands` says what each option is."""
    _take(CaseStep(number, CaseAction.SENT, by), config, database)


def acknowledged(number: int, by: str, config: Path | None, database: str | None) -> None:
    """Run `said safety acknowledged`; `bot.cli.safety.commands` says what each option is."""
    _take(CaseStep(number, CaseAction.ACKNOWLEDGED, by), config, database)


def not_event(
    number: int, by: str, reason: str, same: bool, config: Path | None, database: str | None
) -> None:
    """Run `said safety not-event`; `bot.cli.safety.commands` says what each option is."""
    step = CaseStep(number, CaseAction.NOT_EVENT, by, reason)
    if same:
        _say_of_all(step, config, database)
    else:
        _take(step, config, database)


def _say_of_all(step: CaseStep, config: Path | None, database: str | None) -> None:
    """Say of a case, and of all open ones with the same words, that they are no event; print what each is now."""
    now = time_now()
    with opened(config, database) as (_, found):
        case = case_of(found, step.number)

        def work(connection: Connection) -> tuple[tuple[int, case_workflow.CaseActionResult], ...]:
            who = coordinators.by_code(connection, step.by)
            decision = case_workflow.CaseDecision(step.action, who, now, step.reason)
            return same_cases.say_no_event(connection, case, decision)

        done = found.write_now(work)
    for number, result in done:
        say(f"Safety case {number} is now: {plain(result.status)}.")
    waiting = sum(result.first is None for _, result in done)
    say(f"With the same words: {len(done) - 1}.")
    if waiting:
        say(f"A second coordinator must say the same of {waiting}; until then they are open.")


def clear(number: int, by: str, reason: str, config: Path | None, database: str | None) -> None:
    """Run `said safety clear`; `bot.cli.safety.commands` says what each option is."""
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
    say(f"Safety case {step.number} is now: {plain(done.status)}.")
    if step.action is CaseAction.NOT_EVENT and done.first is None:
        say("A second coordinator must say the same; until then it is open.")
