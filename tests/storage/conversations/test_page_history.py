"""What a page reads: some rows of its address, however much was said there before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage.conversations import page_history
from tests.support.wave_world import World, make_world

OF_ADDRESS = "(address_id=?)"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (page_history._SENT_TO, f"ix_outbox_address_id {OF_ADDRESS}"),
        (page_history._SAID_AT, f"ix_inbox_address_id {OF_ADDRESS}"),
        (page_history._UNANSWERED, f"ix_inbox_unhandled {OF_ADDRESS}"),
        (page_history._ON_ITS_WAY, f"ix_outbox_unsent {OF_ADDRESS}"),
        (page_history._QUESTION, "ix_outbox_conversation_ask (conversation_id=? AND ask=?)"),
    ],
)
def test_no_more_is_read_than_is_shown(world, query, index):
    """Rows come in the order of an index, the newest first, and end with the limit; what is done is not looked at."""

    def plan(connection: Connection) -> list[str]:
        statement = query._plan(connection.dialect).text
        values = (1,) * statement.count("?")
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()]

    [step] = world.database.read_now(plan)
    assert index in step
