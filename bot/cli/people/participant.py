"""`said participant`: do something for a participant, by their code. Each is kept in the audit trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import available_timezones

from sqlalchemy import Connection

from bot.care import changes, leaving, open_question
from bot.care.changes import PersonChange
from bot.care.parts import CareParts
from bot.cli.common import count, print_json, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from bot.opening import all_flows
from bot.settings.settings import Settings
from flows.script.roles import Role
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.account_links import MOVE_LIFE
from storage.people.coordinators import CoordinatorRecord
from storage.privacy import requested_erasures
from storage.privacy.requested_erasures import StandingErasure
from storage.reports import operators

T = TypeVar("T")


def set_participant(
    code: str,
    timezone: str | None,
    language: str | None,
    role: Role | None,
    by: str | None,
    config: Path | None,
    database: str | None,
) -> None:
    """Run `said participant set`; `bot.cli.people.commands` says what each option is."""
    change = PersonChange(timezone, language, role)
    if change == PersonChange():
        raise UsageError("nothing is to be set", "give --timezone, --language or --role")
    if timezone is not None and timezone not in available_timezones():
        raise UsageError(f"{timezone!r} is not an IANA time zone", "write one such as Europe/Vienna")

    def work(connection: Connection, parts: CareParts, number: int, now: datetime) -> int:
        who = None if by is None else coordinators.by_code(connection, by).code
        return changes.change_person(connection, parts, number, replace(change, by=who), now)

    ended = _do(code, work, config, database)
    if timezone is not None:
        say(f"{code.upper()} is in {timezone}")
    if language is not None:
        say(f"{code.upper()} is written to in {language}, from the next talk on")
    if role is not None:
        say(f"{code.upper()} takes part as {role.value}; {count(ended, 'talk')} ended")
    if change != PersonChange(timezone):
        say("It can be set again at any time; a role, while nothing was said.", err=True)


def move(code: str, by: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said participant move`; `bot.cli.people.commands` says what each option is."""

    def work(connection: Connection, parts: CareParts, number: int, now: datetime) -> tuple[str, datetime]:
        who = coordinators.by_code(connection, by)
        return leaving.make_move_code(connection, parts, number, who, now), now + MOVE_LIFE

    made, until = _do(code, work, config, database)
    if as_json:
        print_json({"code": code.upper(), "write": f"link {made}", "until": until})
        return
    say(f"link {made}")
    say(
        f"Good once, until {when(until)} UTC; it is not shown again. Tell it to {code.upper()} once you are sure who"
        " they are: whoever writes it to the bot goes on as them there, and their accounts of before are closed. That"
        " cannot be undone; until then another code, or their own `link`, ends this one.",
        err=True,
    )


def erase(
    code: str,
    by: str,
    confirm: bool,
    withdraw: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said participant erase`; `bot.cli.people.commands` says what each option is."""
    if confirm and withdraw:
        raise UsageError("--confirm and --withdraw at once", "give one of the two")

    def work(
        connection: Connection, parts: CareParts, number: int, now: datetime
    ) -> StandingErasure | bool | None:
        who = coordinators.by_code(connection, by)
        if withdraw:
            requested_erasures.take_back(connection, number, who, now)
            return None
        if confirm:
            return leaving.erase(connection, parts, number, who, now)
        return requested_erasures.ask(connection, number, who, now)

    done = _do(code, work, config, database)
    if as_json:
        until = done.until if isinstance(done, StandingErasure) else None
        report = done if isinstance(done, bool) else None
        print_json({"code": code.upper(), "erased": confirm, "until": until, "report_kept": report})
    elif isinstance(done, StandingErasure):
        say(
            f"Kept. A second coordinator confirms it by `said participant erase {code.upper()} --confirm --by CODE`"
        )
        say(
            f"until {when(done.until)} UTC. Until then it can be taken back by --withdraw; nothing is deleted yet."
        )
    elif done is None:
        say(f"Taken back: nothing of {code.upper()} is deleted.")
    else:
        say(f"Everything of {code.upper()} was deleted, which cannot be undone.")
        if done:
            say("A safety report that had been sent stays.")


def resend(code: str, by: str, config: Path | None, database: str | None) -> None:
    """Run `said participant resend`; `bot.cli.people.commands` says what each option is."""

    def work(connection: Connection, parts: CareParts, number: int, now: datetime) -> str:
        who: CoordinatorRecord = coordinators.by_code(connection, by)
        return open_question.resend(connection, parts, number, by=who.code, now=now)

    channel = _do(code, work, config, database)
    say(f"The open question goes to {code.upper()} once more, by {channel}. That cannot be undone.")


def _do(
    code: str,
    work: Callable[[Connection, CareParts, int, datetime], T],
    config: Path | None,
    database: str | None,
) -> T:
    """Do something for the participant with a code, in one transaction.

    Raises:
        UsageError: there is nobody of that code.
    """
    with opened(config, database) as (settings, found):
        number = found.read_now(lambda connection: operators.participant_id(connection, code))
        if number is None:
            raise UsageError(f"there is no participant {code!r}", "see `said participants`")
        parts, now = _tools(settings, found), time_now()
        return found.write_now(lambda connection: work(connection, parts, number, now))


def _tools(settings: Settings, found: Database) -> CareParts:
    return CareParts(all_flows(settings), settings.localizations_now(), found.identity, settings.policy_now())
