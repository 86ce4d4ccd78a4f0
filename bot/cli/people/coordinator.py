"""`said coordinator`: choose who of the team gets alerts and a digest, and may ask in chat. Codes only, no names."""

import asyncio
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy import Connection

from bot.cli.common import print_json, print_table, say
from bot.cli.people.team_access import read_roles
from bot.cli.resources import opened, telegram_name
from bot.clock import SystemClock
from bot.errors import UsageError
from bot.invitations.links import invitation_links
from storage.database import audit
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.schema import AuditKind
from storage.team import roles
from storage.team.roles import GivenRole

LANGUAGE_REMEDY = "use one that is reviewed, or allow drafts in the settings; see `said translate report`"
CODE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,19}")


def enrol(
    code: str,
    timezone: str,
    digest_hour: int,
    language: str | None,
    role: list[str] | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said coordinator enrol`; `bot.cli.people.commands` says what each option is."""
    _check(code, timezone)
    now, token = SystemClock().now(), coordinators.new_team_token()
    with opened(config, database) as (settings, found):
        if language is not None and settings.localizations_now().told((language,)) != language:
            raise UsageError(f"the team cannot be told things in {language!r}", LANGUAGE_REMEDY)
        hashed, given = found.identity.token_hash(token), read_roles(found, role or ())

        def work(connection: Connection) -> None:
            coordinators.enrol(
                connection,
                code,
                token_hash=hashed,
                settings=coordinators.CoordinatorSettings(timezone, digest_hour, language),
                now=now,
            )
            who = coordinators.by_code(connection, code)
            if given or not roles.roles_of(connection, who.id):
                roles.give_roles(connection, who, given or [GivenRole(one) for one in roles.FIRST_ROLES], now)
            _audit(connection, code, "enrol", now)

        found.write_now(work)
    name = None if settings.telegram is None else asyncio.run(telegram_name(settings.telegram))
    made = invitation_links(name, token, settings.web.public_url)
    ways = {"telegram": made.telegram, "slack": made.slack, "terminal": made.terminal, "web": made.web}
    if as_json:
        print_json({"code": code, **ways})
        return
    print_table(("way in", "open or write"), [(way, text) for way, text in ways.items() if text])
    say("Good once, for seven days. Keep it now: it is not shown again.", err=True)


def _check(code: str, timezone: str) -> None:
    if CODE.fullmatch(code) is None:
        raise UsageError(
            f"{code!r} is not a code", "write letters, digits and '-', a letter first, at most 20"
        )
    if timezone not in available_timezones():
        raise UsageError(f"{timezone!r} is not an IANA time zone", "write one such as Europe/Vienna")


def _audit(connection: Connection, code: str, command: str, now: datetime) -> None:
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=None, now=now, coordinator=code, command=command
    )


def list_all(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said coordinator list`; `bot.cli.people.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows = found.read_now(coordinators.list_all)
    if as_json:
        print_json(
            [
                {
                    "code": row.code,
                    "reached": row.address_id is not None,
                    "timezone": row.timezone,
                    "digest_hour": row.digest_hour,
                    "language": row.language or row.locale,
                    "status": row.status,
                    "has_link": bool(row.has_link),
                }
                for row in rows
            ]
        )
        return
    print_table(
        ("code", "reached", "time zone", "digest at", "language"),
        [
            (
                *(r.code, _reached(r)),
                *(r.timezone, f"{r.digest_hour:02}:00", r.language or r.locale),
            )
            for r in rows
        ],
    )


def _reached(who: CoordinatorRecord) -> str:
    """Return how somebody of the team is reached, in a word or two; who was removed has no link either."""
    if who.status is not None:
        return who.status.value
    return "link not opened" if who.has_link else "no link"


def remove(code: str, config: Path | None, database: str | None) -> None:
    """Run `said coordinator remove`; `bot.cli.people.commands` says what each option is."""

    def work(connection: Connection) -> None:
        now = SystemClock().now()
        coordinators.remove(connection, code, now)
        _audit(connection, code, "remove", now)

    with opened(config, database) as (_, found):
        found.write_now(work)
    say(f"{code} is no coordinator any more.")
