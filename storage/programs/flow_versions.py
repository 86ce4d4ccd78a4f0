"""Keep each version of a flow whole under its hash, so that a conversation can always go on with its own."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.bounds import KEPT
from flows.script.model import Flow
from storage.database.statements import TupleQuery
from storage.schema import FLOW_VERSION

MOST_PARSED = 256
"""Versions that are kept in memory once they were parsed."""
_NEWEST = TupleQuery(
    sa.select(FLOW_VERSION.c.hash).order_by(FLOW_VERSION.c.first_used_at.desc()).limit(sa.bindparam("most"))
)
_KEPT = TupleQuery(sa.select(FLOW_VERSION.c.hash).where(FLOW_VERSION.c.hash == sa.bindparam("version")))


def keep(connection: Connection, flow: Flow, now: datetime) -> None:
    """Store a version of a flow under its hash, if it is not stored yet."""
    if not _KEPT.run(connection, version=flow.hash):
        source = flow.model_dump_json(by_alias=True)
        row = {"hash": flow.hash, "flow": flow.flow, "source": source, "first_used_at": now}
        connection.execute(FLOW_VERSION.insert().values(row))


def load(connection: Connection, flow_hash: str) -> Flow | None:
    """Return the flow whose version has that hash; None if it was never stored. Each is parsed once."""
    if flow_hash not in _parsed:
        source = connection.scalar(sa.select(FLOW_VERSION.c.source).where(FLOW_VERSION.c.hash == flow_hash))
        if source is None:
            return None
        if len(_parsed) >= MOST_PARSED:
            _parsed.clear()
        _parsed[flow_hash] = Flow.model_validate_json(source, context=KEPT)
    return _parsed[flow_hash]


def newest(connection: Connection, most: int) -> tuple[str, ...]:
    """Return the hashes of the versions that were first used last, at most so many."""
    return tuple(flow_hash for (flow_hash,) in _NEWEST.run(connection, most=most))


_parsed: dict[str, Flow] = {}
"""Versions by their hash, which never means another flow."""
