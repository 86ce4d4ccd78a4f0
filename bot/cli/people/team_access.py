"""`said coordinator roles`, `console` and `reset-step`: what somebody of the team may do, and how they get in."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import print_json, print_table, say
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.database import audit
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord, new_team_token
from storage.programs import programs
from storage.schema import AuditKind, TeamRole
from storage.team import roles as team_roles
from storage.team import sign_in
from storage.team.roles import GivenRole


def roles(
    code: str, given: list[str] | None, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said coordinator roles`; `bot.cli.people.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        if given:
            give(found, code, read_roles(found, given), now)
        who = found.read_now(lambda connection: coordinators.by_code(connection, code))
        held = found.read_now(lambda connection: team_roles.roles_of(connection, who.id))
    if as_json:
        print_json({"code": who.code, "roles": [{"role": one.role, "program": one.program} for one in held]})
        return
    print_table(("role", "in"), [(one.role.value, one.program or "all programmes") for one in held])
    if given:
        say("It holds from their next page on.", err=True)


def console(code: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said coordinator console`; `bot.cli.people.commands` says what each option is."""
    now, token = time_now(), new_team_token()
    with opened(config, database) as (settings, found):
        if settings.console is None:
            raise UsageError("the settings have no console", "add a table [console]; see config.example.toml")
        if settings.console.url is None:
            raise UsageError(
                "no link can name a port that is taken at the start", "set console.port to a number"
            )
        hashed = found.identity.token_hash(token)

        def work(connection: Connection) -> None:
            who = coordinators.by_code(connection, code)
            if not team_roles.roles_of(connection, who.id):
                raise UsageError(
                    f"{who.code} has no role, so that no page would be shown",
                    f"run `said coordinator roles {who.code} --role viewer`, or another one",
                )
            sign_in.make_link(connection, who.id, hashed, now)
            _audit(connection, who.code, "console link", now)

        found.write_now(work)
    link = f"{settings.console.url}/team/in/{token}"
    if as_json:
        print_json({"code": code, "link": link})
        return
    say(link)
    say("Good once, for a quarter of an hour, while the bot runs. It is not shown again.", err=True)


def reset_step(code: str, config: Path | None, database: str | None) -> None:
    """Run `said coordinator reset-step`; `bot.cli.people.commands` says what each option is."""
    now = time_now()

    def work(connection: Connection) -> CoordinatorRecord:
        who = coordinators.by_code(connection, code)
        if sign_in.second_step_of(connection, who.id) is None:
            raise UsageError(f"{who.code} has no second step", "they set one on their page of the console")
        sign_in.set_second_step(connection, who, None, now)
        _audit(connection, who.code, "second step taken away", now)
        return who

    with opened(config, database) as (_, found):
        who = found.write_now(work)
    say(f"{who.code} has no second step any more, and may set a new one on their page of the console.")


def read_roles(found: Database, given: Sequence[str]) -> tuple[GivenRole, ...]:
    """Read roles as they are typed, `safety` or `safety:myeloma`.

    Raises:
        UsageError: there is no such role, or no such program.
    """
    known = {one.slug for one in found.read_now(programs.list_all)}
    read = []
    for text in given:
        one = GivenRole.of_name(text)
        if one is None:
            raise UsageError(f"{text.partition(':')[0]!r} is no role", f"the roles are {', '.join(TeamRole)}")
        if one.program is not None and one.program not in known:
            raise UsageError(f"there is no programme {one.program!r}", "see `said program list`")
        read.append(one)
    return tuple(read)


def give(found: Database, code: str, given: Sequence[GivenRole], now: datetime) -> None:
    """Give a coordinator just these roles; it is audited.

    Raises:
        StorageError: there is no such coordinator.
    """

    def work(connection: Connection) -> None:
        who = coordinators.by_code(connection, code)
        team_roles.give_roles(connection, who, given, now)
        _audit(connection, who.code, f"roles {' '.join(one.name for one in given)}", now)

    found.write_now(work)


def _audit(connection: Connection, code: str, command: str, now: datetime) -> None:
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=None, now=now, coordinator=code, command=command
    )
