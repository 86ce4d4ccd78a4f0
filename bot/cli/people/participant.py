"""`said participant`: change what is known of a participant, by their code."""

from pathlib import Path
from zoneinfo import available_timezones

from sqlalchemy import Connection

from bot.cli.common import say
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from storage.database import audit
from storage.people import participants
from storage.reports import operators
from storage.schema import AuditKind


def set_participant(code: str, timezone: str, config: Path | None, database: str | None) -> None:
    """Run `said participant set`; `bot.cli.people.commands` says what each option is."""
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
    say(f"{code.upper()} is in {timezone}")
