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


def test_pages_read_the_addresses_that_were_taken_to_last(world):
    """Of many: one that was never taken to counts from when it was made; what is no page is left out."""
    person = world.person().id
    made = [
        world.address(person, f"web:{number}", "web") for number in range(page_history.MOST_ADDRESSES + 2)
    ]
    taken = "UPDATE address SET created_at = ?, last_used_at = ? WHERE id = ?"
    early, late, latest = (f"2026-0{month}-01 00:00:00.000000" for month in (1, 2, 3))

    def write(connection: Connection) -> None:
        for number in made:
            connection.exec_driver_sql(taken, (early, None, number))
        connection.exec_driver_sql(taken, (early, latest, made[0]))
        connection.exec_driver_sql(taken, (late, None, made[1]))

    world.database.write_now(write)
    found = world.database.read_now(lambda c: page_history.read_by_pages(c, person))
    assert found == [made[0], made[1], *reversed(made[4:])]
