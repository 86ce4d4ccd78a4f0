"""Send each coordinator the daily digest when its hour has come."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.team.alerts import team_row
from bot.team.messages import Teller, tonight
from flows.i18n.localized_flow import Localizations
from storage.conversations import outbox
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.reports import team


def digest(connection: Connection, asker: CoordinatorRecord, language: str, now: datetime) -> str:
    """Return a coordinator's daily digest as text in `language`: how much is due, stuck, open and failed."""
    counts = team.digest_counts(connection, tonight(asker.timezone, now), now)
    return Teller(asker, language, now).digest(counts)


async def send_digests(database: Database, localizations: Localizations, now: datetime) -> int:
    """Queue the daily digest of each coordinator whose hour for it has come; return how many were due."""
    if not await database.read(partial(coordinators.digests_due, now=now)):
        return 0
    return await database.write(partial(_queue_digests, localizations=localizations, now=now))


def _queue_digests(connection: Connection, *, localizations: Localizations, now: datetime) -> int:
    due = coordinators.digests_due(connection, now)
    for one in due:
        if one.address_id is not None:
            language = localizations.told(one.wishes)
            text = digest(connection, one, language, now)
            outbox.queue(connection, [team_row(text, language, one.address_id, now)])
        coordinators.schedule_next_digest(connection, one, now)
    return len(due)
