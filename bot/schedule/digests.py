"""Tell coordinators what comes at its time: the daily digest, and what of a wave did not fit into a day."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.schedule.waves import LateWave
from bot.team.alerts import team_row, to_team
from bot.team.messages import Teller, tonight
from bot.turn_context import TurnContext
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import written_out
from flows.i18n.say_to_team import TeamSentence, tell
from flows.schedule.local_time import local
from storage.conversations import outbox
from storage.database import periodic_jobs
from storage.database.connection import Database
from storage.follow_up import due_waves
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.reports.digest import digest_counts
from storage.safety import unread_texts
from storage.safety.unread_texts import UnreadFigures

MANY_LATE = 10
"""Fewer first messages that go on the next day are no news."""
_TOLD_LATE = "goes on later "
_TOLD_ENVIRONMENT = "told that the machine lacks something"


def digest(
    connection: Connection, asker: CoordinatorRecord, language: str, now: datetime, unread: UnreadFigures
) -> str:
    """Return a coordinator's daily digest as text in `language`: how much is due, stuck, open, unread and failed."""
    counts = digest_counts(connection, tonight(asker.timezone, now), now, unread)
    return Teller(asker, language, now).digest(counts)


async def send_digests(database: Database, localizations: Localizations, now: datetime) -> int:
    """Queue the daily digest of each coordinator whose hour for it has come; return how many were due."""
    if not await database.read(partial(coordinators.digests_due, now=now)):
        return 0
    unread = await database.read(partial(unread_texts.figures, now=now))
    return await database.write(partial(_queue_digests, localizations=localizations, now=now, unread=unread))


def _queue_digests(
    connection: Connection, *, localizations: Localizations, now: datetime, unread: UnreadFigures
) -> int:
    due = coordinators.digests_due(connection, now)
    for one in due:
        if one.address_id is not None:
            language = localizations.told(one.wishes)
            text = digest(connection, one, language, now, unread)
            outbox.queue(connection, [team_row(text, language, one.address_id, now)])
        coordinators.schedule_next_digest(connection, one, now)
    return len(due)


async def tell_of_environment(database: Database, localizations: Localizations, now: datetime) -> None:
    """Tell every coordinator that follow-ups wait for the machine to be mended, at most once a day."""
    if await database.read(partial(periodic_jobs.is_due, name=_TOLD_ENVIRONMENT, now=now)):
        await database.write(partial(_queue_environment, localizations=localizations, now=now))


def _queue_environment(connection: Connection, *, localizations: Localizations, now: datetime) -> None:
    periodic_jobs.mark_done(connection, _TOLD_ENVIRONMENT, now=now, next_at=now + timedelta(days=1))
    turn = TurnContext(connection, now)
    to_team(turn, localizations, TeamSentence.ENVIRONMENT_FAULT)
    outbox.queue(connection, turn.writes.outbox)


async def tell_of_late_waves(
    database: Database, localizations: Localizations, late: Collection[LateWave], now: datetime
) -> None:
    """Tell every coordinator how many first messages of a wave go on when, where so many did not fit into today.

    Once for each program and opening of the window. Participants are told nothing.
    """
    many = await database.read(partial(_many_late, late=late, now=now)) if late else {}
    if many:
        await database.write(partial(_queue_late, localizations=localizations, late=many, now=now))


def _many_late(connection: Connection, *, late: Collection[LateWave], now: datetime) -> dict[LateWave, int]:
    """Return how many participants wait for an opening of the window, where those are many and nobody was told yet."""
    untold = [one for one in late if periodic_jobs.is_due(connection, _job_of(one), now)]
    counts = {one: due_waves.put_off_to(connection, one.program_id, one.until) for one in untold}
    return {one: count for one, count in counts.items() if count >= MANY_LATE}


def _job_of(late: LateWave) -> str:
    """Return the name under which it is kept that coordinators were told of this; it is needed until the opening."""
    return f"{_TOLD_LATE}{late.program_id} {late.until.isoformat()}"


def _queue_late(
    connection: Connection, *, localizations: Localizations, late: Mapping[LateWave, int], now: datetime
) -> None:
    periodic_jobs.forget(connection, _TOLD_LATE, now=now)
    for one in late:
        periodic_jobs.mark_done(connection, _job_of(one), now=now, next_at=one.until)
    for coordinator in coordinators.list_reachable(connection):
        language = localizations.told(coordinator.wishes)
        for one, count in late.items():
            text = tell(
                TeamSentence.GOES_ON_LATER,
                language,
                today=local(now, coordinator.timezone),
                program=one.program,
                at=local(one.until, coordinator.timezone),
                count=written_out(count, language),
            )
            if coordinator.address_id is not None:
                outbox.queue(connection, [team_row(text, language, coordinator.address_id, now)])
