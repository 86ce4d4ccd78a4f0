"""Delete once a day what has been kept for long enough, and log the audit trail's anchor."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from storage.database import audit, periodic_jobs
from storage.database.connection import Database
from storage.people import address_requests, invitation_changes, mail_tokens
from storage.privacy import erasure, retention

EVERY = timedelta(days=1)

log = structlog.get_logger(__name__)


async def purge_if_due(database: Database, now: datetime) -> int:
    """Delete what is past its retention, if a day has passed since the last purge; return how many rows went.

    0 where it is not yet time. Where anything was deleted or erased since, the database file is rewritten so that no
    byte of it stays; then the audit trail's anchor is logged.
    """
    if not await database.read(partial(periodic_jobs.is_due, name=periodic_jobs.PURGE, now=now)):
        return 0
    found = await database.read(partial(retention.due_erasures, now=now))
    gone = 0
    for step in retention.erasure_steps(found, now):
        gone += await database.write(step)
    gone += await database.write(partial(_forget_mailed, now=now))
    gone += await database.write(partial(invitation_changes.forget_old_labels, now=now))
    if gone or await database.read(_erased_since_last):
        # SQLite moves rows between pages: what was deleted may still stand in the unused part of one.
        await database.rewrite()
    await database.write(
        partial(periodic_jobs.mark_done, name=periodic_jobs.PURGE, now=now, next_at=now + EVERY)
    )
    anchor = await database.read(audit.latest_anchor)
    log.info("audit_anchor", anchor=str(anchor))
    return gone


def _forget_mailed(connection: Connection, now: datetime) -> int:
    """Delete secrets of mails that are good no more, and addresses that nobody confirmed; return how many of these.

    Where mails go out these addresses are deleted to the minute; here it is done where they do not any more.
    """
    mail_tokens.forget_over(connection, now)
    return address_requests.forget_unconfirmed(connection, now)


def _erased_since_last(connection: Connection) -> bool:
    last = periodic_jobs.last_done(connection, periodic_jobs.PURGE)
    return erasure.has_erasure_since(connection, last) or retention.has_purge_since(connection, last)


def purge_now(
    database: Database, found: retention.DueErasure, now: datetime, told: Callable[[int], None]
) -> int:
    """Delete rows that are past their retention, for a caller without an event loop; return how many went.

    `found` is what `due_erasures` listed; what has changed meanwhile stays. `told` is called after each transaction
    with the number of rows that it deleted.
    """
    gone = 0
    for step in retention.erasure_steps(found, now):
        went = database.write_now(step)
        gone += went
        told(went)
    database.empty_log()  # also where a bot beside it was reading meanwhile
    return gone
