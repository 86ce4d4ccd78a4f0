"""Keep each version of a flow whole under its hash, so that a conversation can always go on with its own."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.model import Flow
from storage.database.statements import TupleQuery
from storage.schema import FLOW_VERSION

_KEPT = TupleQuery(sa.select(FLOW_VERSION.c.hash).where(FLOW_VERSION.c.hash == sa.bindparam("version")))


def keep(connection: Connection, flow: Flow, now: datetime) -> None:
    """Store a version of a flow under its hash, if it is not stored yet."""
    if not _KEPT.run(connection, version=flow.hash):
        source = flow.model_dump_json(by_alias=True)
        row = {"hash": flow.hash, "flow": flow.flow, "source": source, "first_used_at": now}
        connection.execute(FLOW_VERSION.insert().values(row))


def load(connection: Connection, flow_hash: str) -> Flow | None:
    """Return the flow whose version has that hash; None if it was never stored."""
    source = connection.scalar(sa.select(FLOW_VERSION.c.source).where(FLOW_VERSION.c.hash == flow_hash))
    return None if source is None else Flow.model_validate_json(source)
