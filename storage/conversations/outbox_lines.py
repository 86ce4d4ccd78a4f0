"""Name what is paced together on a channel, its line: the channel, or one workspace of it.

Slack counts what an app does for each workspace. So an address there has the keyed hash of its workspace, and a row of
the outbox names the line of its address in `line`: `slack/3f9a0c...`, or the channel alone where there is no
workspace.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations.outbox_order import LINE, UNSENT
from storage.database.address_keys import WITH_WORKSPACES, AddressKeys
from storage.database.statements import TupleQuery, among, numbers
from storage.schema import ADDRESS, OUTBOX

_AT_ONCE = 500
_NEXT_LINE = TupleQuery(
    sa.select(sa.func.min(OUTBOX.c.line)).where(
        sa.text("outbox.is_head AND outbox.status = 'queued'"),
        OUTBOX.c.line > sa.bindparam("after"),
        OUTBOX.c.line < sa.bindparam("end"),
    )
)
"""The next one in the order of the index, and not all that are different: found as fast among 200,000 rows as ten."""
_LINES_OF = TupleQuery(
    sa.select(ADDRESS.c.participant_id, LINE).where(among(ADDRESS.c.participant_id, "people"))
)
_UNNAMED = (
    sa.select(ADDRESS.c.id, ADDRESS.c.sealed)
    .where(
        ADDRESS.c.channel.in_(sorted(WITH_WORKSPACES)), ADDRESS.c.workspace.is_(None), ADDRESS.c.sealed != b""
    )
    .order_by(ADDRESS.c.id)
    .limit(_AT_ONCE)
)


def lines(connection: Connection, channel: str) -> list[str]:
    """Return the lines of a channel on which something is queued: workspaces, and the channel itself."""
    found = [channel]
    after, end = f"{channel}/", f"{channel}0"  # "0" is what comes after "/"
    while True:
        [(line,)] = _NEXT_LINE.run(connection, after=after, end=end)
        if line is None:
            return found
        found.append(line)
        after = line


def lines_of(connection: Connection, participant_ids: Collection[int]) -> dict[int, set[str]]:
    """Return the lines on which each of these participants has an address."""
    found: dict[int, set[str]] = {}
    for number, line in _LINES_OF.run(connection, people=numbers(participant_ids)):
        found.setdefault(number, set()).add(line)
    return found


def channel_of(line: str) -> str:
    """Return the channel of a line."""
    return line.partition("/")[0]


def name_workspaces(connection: Connection, identity: AddressKeys) -> int:
    """Give addresses that an earlier program stored their workspace, and what waits there its line; return how many.

    To be called at start: the migration has no key to open them with.
    """
    last = count = 0
    while rows := connection.execute(_UNNAMED.where(ADDRESS.c.id > last)).all():
        last = rows[-1].id
        for row in rows:
            workspace = identity.workspace(identity.open(row.sealed))
            if workspace is not None:
                here = ADDRESS.update().where(ADDRESS.c.id == row.id)
                connection.execute(here.values(workspace=workspace))
                count += 1
        line = sa.select(LINE).where(ADDRESS.c.id == OUTBOX.c.address_id).scalar_subquery()
        waiting = OUTBOX.update().where(OUTBOX.c.address_id.in_([row.id for row in rows]), UNSENT)
        connection.execute(waiting.values(line=line))
    return count
