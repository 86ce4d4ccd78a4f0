"""The outbox's rows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from storage.conversations import outbox, outbox_edits, outbox_lines, outbox_order
from storage.schema import AddressStatus, Lane, OutboxKind
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def queue(world: World, address: int, payload: str = "{}", **more: object) -> None:
    row = {"address_id": address, "payload": payload, "created_at": MONDAY, **more}
    world.database.write_now(lambda c: outbox.queue(c, [row]))


def heads(world: World, **more: object) -> list[int]:
    asked = {"line": "terminal", "now": MONDAY, **more}
    found = world.database.read_now(lambda c: outbox.heads(c, **asked))  # type: ignore[arg-type]
    return [head.id for head in found.ready]


def test_head_of_each_queue(world: World) -> None:
    """Each address shows its oldest unsent row only; while that is on its way nothing behind it shows."""
    ann, ben = world.person().address, world.person().address
    for address in (ann, ann, ben):
        queue(world, address)
    assert heads(world) == [1, 3]
    assert world.database.write_now(lambda c: outbox.mark_sending(c, [1])) == {1}
    assert heads(world) == [3]
    world.database.write_now(lambda c: outbox.mark_sent(c, 1, message_id="m", now=MONDAY))
    assert heads(world) == [2, 3]


def test_taken_once(world: World) -> None:
    """A row that was taken, or dropped meanwhile, is not taken again."""
    ann = world.person()
    queue(world, ann.address)
    queue(world, ann.address)
    world.database.write_now(lambda c: outbox.mark_dropped(c, 2, "withdrawn"))
    assert world.database.write_now(lambda c: outbox.mark_sending(c, [1, 2])) == {1}
    assert world.database.write_now(lambda c: outbox.mark_sending(c, [1, 2])) == set()


def test_retries_stand_behind_what_may_go_now(world: World) -> None:
    """Of many queues those that may go now are found, so that a heap of retries hides nobody; the next is told."""
    first, second = world.person().address, world.person().address
    later = MONDAY + timedelta(hours=1)
    queue(world, first, not_before=later)
    queue(world, second)
    assert heads(world, limit=1) == [2]
    found = world.database.read_now(lambda c: outbox.heads(c, line="terminal", now=MONDAY))
    assert found.later == later
    assert heads(world, now=later) == [2, 1]


@pytest.mark.parametrize(
    ("row", "lane"),
    [
        ({}, "bulk"),
        ({"kind": OutboxKind.REFRESH}, "bulk"),
        ({"kind": OutboxKind.HELP}, "safety"),
        ({"kind": OutboxKind.TEAM}, "team"),
        ({"kind": OutboxKind.EDIT}, "edit"),
        ({"lane": Lane.REPLY}, "reply"),
    ],
)
def test_a_row_is_in_a_lane(world: World, row: dict[str, object], lane: str) -> None:
    """A row's lane is what it says, else that of its kind, else that of whoever queues it; its channel is kept."""
    ann = world.person().address
    made = {"address_id": ann, "payload": "{}", "created_at": MONDAY, **row}
    world.database.write_now(lambda c: outbox.queue(c, [made], Lane.BULK))
    assert world.rows("SELECT lane, line FROM outbox") == [(lane, "terminal")]


@pytest.mark.parametrize(("asked", "name"), [(0, "m3"), (1, "m2"), (7, None)])
def test_original_of_a_refresh(world: World, asked: int, name: str | None) -> None:
    """A question's message is the latest that was sent for it in that conversation."""
    ann = world.person()
    conversation = ann.commit("x")
    for ask in (0, 1, 0):
        queue(world, ann.address, conversation_id=conversation, ask=ask)
    for row in (1, 2, 3):
        world.database.write_now(
            lambda c, row=row: outbox.mark_sent(c, row, message_id=f"m{row}", now=MONDAY)
        )
    queue(world, ann.address, conversation_id=conversation, ask=asked, kind=OutboxKind.REFRESH)
    [head] = world.database.read_now(lambda c: outbox.heads(c, line="terminal", now=MONDAY)).ready
    assert head.message_id == name


def test_stop_contact_tells_of_each_message(world: World) -> None:
    """Each dropped message has its line in the story, a refresh has none; the address says why."""
    ann = world.person()
    conversation = ann.commit("x")
    queue(world, ann.address)
    queue(world, ann.address, conversation_id=conversation, ask=0, kind=OutboxKind.REFRESH)
    dropped = world.database.write_now(
        lambda c: outbox.stop_contact(c, ann.address, status=AddressStatus.BLOCKED, reason="403", now=MONDAY)
    )
    assert dropped == 2
    assert world.rows("SELECT status, reason FROM address") == [("blocked", "403")]
    assert world.story("timer_kind", "action", "reason") == [(None, "not_sent", "blocked")]
    assert world.database.read_now(outbox.unsent) == 0


def test_what_goes_next_is_found_by_an_index_alone(world: World) -> None:
    """Neither a look at a lane nor the next head of an address sorts, or reads rows that do not go next."""
    for query, index in (
        (outbox._HEADS_IN_LANE, "ix_outbox_head (line=? AND lane=?)"),
        (outbox._HEADS_BUT_REFRESHES, "ix_outbox_head (line=? AND lane=?)"),
        (outbox._WAITING_IN_LANE, "ix_outbox_head (line=? AND lane=?)"),
        (outbox_lines._NEXT_LINE, "ix_outbox_head (line>? AND line<?)"),
    ):
        statement = query._statement.compile(compile_kwargs={"literal_binds": False})
        values = dict.fromkeys(statement.params)
        plan = world.database.read_now(
            lambda c, s=statement, v=values: c.exec_driver_sql("EXPLAIN QUERY PLAN " + str(s), v).all()
        )
        steps = " / ".join(row[3] for row in plan)
        assert index in steps
        assert "TEMP B-TREE" not in steps
        assert "SCAN outbox" not in steps
    update = str(outbox_order._NEXT._statement.compile(dialect=sqlite.dialect()))
    plan = world.database.read_now(
        lambda c: c.exec_driver_sql("EXPLAIN QUERY PLAN " + update, (1,) * update.count("?")).all()
    )
    found = [row[3] for row in plan]
    assert not [step for step in found if step.startswith("SCAN")]
    assert sum("ix_outbox_unsent (address_id=? AND is_head=? AND lane=?)" in step for step in found) == 5


def test_edits_stand_outside_the_queues(world: World) -> None:
    """An edit is no head, is not counted as unsent, and is found by an index of edits alone."""
    ann = world.person().address
    queue(world, ann, kind=OutboxKind.EDIT, ask=0)
    queue(world, ann)
    assert heads(world) == [2]
    assert world.database.read_now(outbox.unsent) == 1
    statement = outbox_edits._EDITS._statement.compile(compile_kwargs={"literal_binds": False})
    values = dict.fromkeys(statement.params)
    plan = world.database.read_now(
        lambda c: c.exec_driver_sql("EXPLAIN QUERY PLAN " + str(statement), values).all()
    )
    assert "SCAN outbox USING INDEX ix_outbox_edit" in {row[3] for row in plan}
