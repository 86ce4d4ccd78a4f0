"""The outbox's rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite

from storage.conversations import (
    contact_log,
    outbox,
    outbox_edits,
    outbox_in_doubt,
    outbox_lines,
    outbox_order,
)
from storage.conversations.contact_log import ContactEntry
from storage.schema import AddressStatus, ContactAction, Lane, OutboxKind
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
    """Each dropped message has its line in the story, a refresh has none; the address says why. What was sent stays."""
    ann = world.person()
    conversation = ann.commit("x")
    queue(world, ann.address)
    world.database.write_now(lambda c: outbox.mark_sent(c, 1, message_id="m", now=MONDAY))
    queue(world, ann.address)
    queue(world, ann.address, kind=OutboxKind.HELP)
    queue(world, ann.address, conversation_id=conversation, ask=0, kind=OutboxKind.REFRESH)
    dropped = world.database.write_now(
        lambda c: outbox.stop_contact(c, ann.address, status=AddressStatus.BLOCKED, reason="403", now=MONDAY)
    )
    assert dropped == 3
    assert world.rows("SELECT status, reason FROM address") == [("blocked", "403")]
    told = world.story("timer_kind", "action", "reason", "conversation_id", "participant_id")
    assert told == [(None, "not_sent", "blocked", None, ann.id)] * 2
    assert world.rows("SELECT status, reason FROM outbox ORDER BY id") == [
        ("sent", None),
        *[("dropped", "blocked")] * 3,
    ]
    assert world.database.read_now(outbox.unsent) == 0


def test_what_ends_unsent_says_why_and_lets_the_next_go(world: World) -> None:
    """A message that has failed or is not needed is no head any more, nor is one that a newer refresh replaces."""
    ann = world.person()
    conversation = ann.commit("x")
    queue(world, ann.address)
    queue(world, ann.address)
    for _ in range(2):
        queue(world, ann.address, conversation_id=conversation, ask=0, kind=OutboxKind.REFRESH)
    world.database.write_now(lambda c: outbox.mark_failed(c, 1, "too long"))
    assert heads(world) == [2]
    world.database.write_now(lambda c: outbox.mark_dropped(c, 2, "withdrawn"))
    assert heads(world) == [3]
    world.database.write_now(lambda c: outbox.drop_superseded(c, [3, 4]))
    assert heads(world) == [4]
    world.database.write_now(lambda c: outbox.drop_superseded(c, []))
    assert world.rows("SELECT status, reason, is_head FROM outbox ORDER BY id") == [
        ("failed", "too long", 0),
        ("dropped", "withdrawn", 0),
        ("dropped", "superseded", 0),
        ("queued", None, 1),
    ]


def sending(world: World, *ids: int) -> None:
    """These rows are on their way."""
    assert world.database.write_now(lambda c: outbox.mark_sending(c, ids)) == set(ids)


def put_back(world: World, row: int, *, not_before: datetime | None, possibly_duplicate: bool) -> None:
    world.database.write_now(
        lambda c: outbox.put_back(c, row, not_before=not_before, possibly_duplicate=possibly_duplicate)
    )


def test_what_could_not_be_sent_is_queued_again(world: World) -> None:
    """It goes at its new time, or at once, with its attempts counted; that it may have arrived is never forgotten."""
    ann, later = world.person().address, MONDAY + timedelta(hours=1)
    queue(world, ann)
    for duplicate, not_before, marked in ((False, later, 0), (True, None, 1), (False, None, 1)):
        sending(world, 1)
        put_back(world, 1, not_before=not_before, possibly_duplicate=duplicate)
        assert world.rows("SELECT status, possibly_duplicate FROM outbox") == [("queued", marked)]
        assert heads(world) == ([] if not_before else [1])
        assert heads(world, now=later) == [1]
    assert world.column("SELECT attempts FROM outbox") == [3]


def test_only_what_is_on_its_way_is_queued_again(world: World) -> None:
    """What has been sent stays sent, and what its participant withdrew while it was on its way is dropped."""
    ann, ben, cem = (world.person() for _ in range(3))
    for person in (ann, ben, cem):
        queue(world, person.address)
    sending(world, 1, 2, 3)
    world.database.write_now(lambda c: outbox.mark_sent(c, 1, message_id="m", now=MONDAY))
    assert world.database.write_now(lambda c: outbox.drop_for_participant(c, ben.id, "withdrawn")) == 0
    for row in (1, 2, 3):
        put_back(world, row, not_before=None, possibly_duplicate=False)
    assert world.rows("SELECT status, reason, is_head FROM outbox ORDER BY id") == [
        ("sent", None, 0),
        ("dropped", "withdrawn", 0),
        ("queued", None, 1),
    ]


def test_a_start_queues_again_what_was_on_its_way(world: World) -> None:
    """As perhaps delivered. What was in doubt too often, for an hour, has failed; what was withdrawn is dropped.

    What was tried often in a few minutes is tried once more after an hour of downtime.
    """
    people = [world.person() for _ in range(6)]
    for person in people:
        queue(world, person.address)
    sending(world, 1, 2, 3, 4, 6)
    often = f"attempts = {outbox_in_doubt.MOST_IN_DOUBT}"
    doubted = f"UPDATE outbox SET {often}, possibly_duplicate = 1, not_before = '%s' WHERE id = %d"
    world.execute(doubted % ("2026-03-02 15:30:00.000000", 1))
    world.execute(doubted % ("2026-03-02 14:35:00.000000", 6))
    world.execute(f"UPDATE outbox SET {often} WHERE id = 2")
    world.database.write_now(lambda c: outbox.drop_for_participant(c, people[2].id, "withdrawn"))
    later = MONDAY + outbox_in_doubt.IN_DOUBT_FOR
    assert world.database.write_now(lambda c: outbox_in_doubt.recover(c, later)) == 3
    assert world.rows("SELECT status, reason, possibly_duplicate FROM outbox ORDER BY id") == [
        ("failed", "outcome_unknown", 1),
        ("queued", None, 1),
        ("dropped", "withdrawn", 0),
        ("queued", None, 1),
        ("queued", None, 0),
        ("queued", None, 1),
    ]
    assert heads(world) == [4, 5]  # the second and the last were tried often, and wait for a while


def contact_queued(world: World, participant: int, conversation: int | None = None) -> None:
    """The story says of a contact that it is queued."""
    entry = ContactEntry(participant, ContactAction.QUEUED, "due", MONDAY, conversation_id=conversation)
    world.database.write_now(lambda c: contact_log.record(c, entry))


def test_who_leaves_is_sent_nothing_but_help_and_word_to_the_team(world: World) -> None:
    """All that is queued at any of their addresses is dropped with the reason; others keep what is theirs."""
    ann, ben = world.person(), world.person()
    elsewhere = world.address(ann.id, "terminal:elsewhere")
    queue(world, ann.address)
    queue(world, elsewhere)
    for kind in (OutboxKind.TEAM, OutboxKind.HELP):
        queue(world, elsewhere, kind=kind)
    queue(world, ben.address)
    for person in (ann, ben):
        contact_queued(world, person.id)
    assert world.database.write_now(lambda c: outbox.drop_for_participant(c, ann.id, "withdrawn")) == 2
    assert world.story("participant_id", "action") == [(ben.id, "queued")]
    assert world.rows("SELECT status, reason, is_head FROM outbox ORDER BY id") == [
        ("dropped", "withdrawn", 0),
        ("dropped", "withdrawn", 0),
        ("queued", None, 0),
        ("queued", None, 1),  # help goes first
        ("queued", None, 1),
    ]


def test_what_a_conversation_has_queued_is_dropped(world: World) -> None:
    """With the reason; help and what belongs to another conversation stay, and what stands behind comes next."""
    ann = world.person()
    one, two = ann.commit("x"), ann.commit("y")
    for conversation, kind in ((one, "message"), (one, "message"), (two, "message"), (one, "help")):
        queue(world, ann.address, conversation_id=conversation, kind=OutboxKind(kind), lane=Lane.REPLY)
    for conversation in (one, two):
        contact_queued(world, ann.id, conversation)
    assert world.database.write_now(lambda c: outbox.drop_for_conversation(c, one, "ended")) == 2
    assert world.story("conversation_id", "action") == [(two, "queued")]
    assert world.column("SELECT reason FROM outbox ORDER BY id") == ["ended", "ended", None, None]
    assert heads(world) == [3]


def test_rows_are_dropped_by_number_while_they_are_queued(world: World) -> None:
    """What is on its way is not; of no numbers nothing is."""
    ann = world.person()
    queue(world, ann.address)
    queue(world, ann.address)
    sending(world, 1)
    assert world.database.write_now(lambda c: outbox.drop_rows(c, [], "not_wanted")) == 0
    assert world.database.write_now(lambda c: outbox.drop_rows(c, [1, 2], "not_wanted")) == 1
    assert world.rows("SELECT status, reason FROM outbox ORDER BY id") == [
        ("sending", None),
        ("dropped", "not_wanted"),
    ]


def test_what_waits_is_counted_no_further_than_asked(world: World) -> None:
    """By address, with what is on its way; by line and lane, one for each address; each time at most so many."""
    ann, ben = world.person().address, world.person().address
    for address in (ann, ann, ben):
        queue(world, address)
    sending(world, 1)
    count = world.database.read_now
    assert [count(lambda c, most=most: outbox.unsent_at(c, ann, most)) for most in (5, 1)] == [2, 1]
    queued = {"line": "terminal", "lane": Lane.REPLY}
    assert count(lambda c: outbox.waiting(c, **queued, most=5)) == 1
    world.database.write_now(lambda c: outbox.mark_sent(c, 1, message_id="m", now=MONDAY))
    assert [count(lambda c, most=most: outbox.waiting(c, **queued, most=most)) for most in (5, 1)] == [2, 1]
    assert count(lambda c: outbox.waiting(c, line="terminal", lane=Lane.BULK, most=5)) == 0
    assert count(lambda c: outbox.waiting(c, line="slack", lane=Lane.REPLY, most=5)) == 0
    assert count(outbox.unsent) == 2


def test_what_belongs_to_an_opener_goes_with_it(world: World) -> None:
    """Once a conversation's first words go, the rest of them is no opener; another conversation's are still."""
    ann = world.person()
    one, two = ann.commit("x"), ann.commit("y")
    for conversation in (one, one, two):
        queue(world, ann.address, conversation_id=conversation, lane=Lane.BULK)
    queue(world, world.person().address, lane=Lane.BULK)
    found = world.database.read_now(lambda c: outbox.heads(c, line="terminal", now=MONDAY)).ready
    world.database.write_now(lambda c: outbox.complete_openers(c, found))
    assert world.column("SELECT lane FROM outbox ORDER BY id") == ["bulk", "reply", "bulk", "bulk"]


def test_a_look_may_pass_over_what_is_shown_anew(world: World) -> None:
    """Where only messages may go they are found, in the lanes asked for and no more than asked, as in every look."""
    ann, ben, cem, dan = (world.person() for _ in range(4))
    later = MONDAY + timedelta(hours=1)
    queue(world, ann.address, conversation_id=ann.commit("x"), ask=0, kind=OutboxKind.REFRESH)
    queue(world, ben.address)
    queue(world, cem.address, lane=Lane.BULK)
    queue(world, dan.address, not_before=later)

    def found(**more: object) -> list[int]:
        asked = {"line": "terminal", "now": MONDAY, **more}
        looked = world.database.read_now(lambda c: outbox.heads_but_refreshes(c, **asked))  # type: ignore[arg-type]
        return [head.id for head in looked.ready]

    assert found() == [2, 3]
    assert heads(world) == [1, 2, 3]
    for look in (found, partial(heads, world)):
        assert look(lanes=[Lane.BULK]) == [3]
        assert look(line="slack") == []
    assert found(now=later) == [2, 4, 3]
    assert found(limit=1) == [2]
    assert heads(world, limit=2) == [1, 2]


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
